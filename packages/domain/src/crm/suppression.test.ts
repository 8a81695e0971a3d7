import { describe, expect, it } from 'vitest';
import type { DueSend, Sender, SuppressionList } from './sending.port.ts';
import { at } from './step.fixture.ts';
import { maySend, sendDue, staggered } from './suppression.ts';
import type { SendQuestion, SendRound } from './suppression.ts';

const HOUR_MS = 3_600_000;

const DUE: SendQuestion = { send: { dueAt: at(10) }, isSuppressed: false, isStopped: false, sentToday: 0, mostPerDay: 50, now: at(10) };

describe('may a send go now', () => {
  it.each<[Partial<SendQuestion>, string]>([
    [{}, 'send'],
    [{ now: at(9) }, 'not-due'],
    [{ isSuppressed: true }, 'suppressed'],
    [{ isSuppressed: true, now: at(9), isStopped: true }, 'suppressed'],
    [{ isStopped: true }, 'stopped'],
    [{ sentToday: 49 }, 'send'],
    [{ sentToday: 50 }, 'day-full'],
    [{ sentToday: Number.NaN }, 'day-full'],
    [{ mostPerDay: 0 }, 'day-full'],
    [{ now: 'soon' }, 'not-due'],
    [{ send: { dueAt: 'soon' } }, 'not-due'],
  ])('case 67 %j: %s', (rest, expected) => {
    expect(maySend({ ...DUE, ...rest })).toBe(expected);
  });
});

/** 60 sends over 5 h: to 30 people, two each. */
function world() {
  const stopped = new Set<string>();
  const sent: { readonly key: string; readonly subject: string; readonly seconds: number }[] = [];
  const dueAt = staggered(60, at(0), 5 * HOUR_MS);
  const all = dueAt.map((due, index): DueSend => ({ key: `send-${index}`, sentBy: 'agent-1', subject: `p${index % 30}`, dueAt: due }));
  let seconds = 0;
  let isStopped = false;
  const sender: Sender = {
    send: ({ key, subject }) => {
      sent.push({ key, subject, seconds });
      return Promise.resolve();
    },
  };
  const suppressions: SuppressionList = { suppressed: (subjects) => Promise.resolve(new Set(subjects.filter((one) => stopped.has(one)))) };
  /** A round a minute, as the queue is worked; what is sent or will never be is taken off. */
  const play = async (rounds: number, before: (minute: number) => void, rest: Partial<SendRound> = {}) => {
    const verdicts = new Map<string, string>();
    const closed = new Set<string>();
    for (let minute = 0; minute < rounds; minute += 1) {
      seconds = minute * 60;
      before(minute);
      const queue = all.filter(({ key }) => !closed.has(key));
      const round = {
        queue,
        sender,
        suppressions,
        isStopped: () => Promise.resolve(isStopped),
        sentToday: 0,
        mostPerDay: 100,
        now: at(seconds),
        ...rest,
      };
      for (const { key, verdict } of await sendDue(round)) {
        verdicts.set(key, verdict);
        if (verdict === 'send' || verdict === 'suppressed') closed.add(key);
      }
    }
    return verdicts;
  };
  return { sent, stopped, all, play, stopAll: () => (isStopped = true), suppressions };
}

describe('60 sends that are staggered over 5 hours', () => {
  it('case 67 lie 5 minutes apart', () => {
    const instants = staggered(60, at(0), 5 * HOUR_MS).map((instant) => Date.parse(instant));
    expect(new Set(instants.slice(1).map((instant, index) => instant - (instants[index] ?? 0)))).toEqual(new Set([300_000]));
    expect(instants[0]).toBe(Date.parse(at(0)));
    expect(staggered(0, at(0), HOUR_MS)).toEqual([]);
  });

  it('case 67 go out one by one where nobody objects', async () => {
    const { sent, play } = world();
    await play(301, () => undefined);
    expect(sent).toHaveLength(60);
    expect(new Set(sent.map(({ key }) => key)).size).toBe(60);
    expect(sent.map(({ seconds }) => seconds)).toEqual(Array.from({ length: 60 }, (_, index) => index * 300));
  });

  it('case 67 a STOP at two and a half hours: nothing more to that person, and the queue shows it as suppressed', async () => {
    const { sent, stopped, play } = world();
    // p10 has had its first; its second is due at 200 minutes.
    const verdicts = await play(301, (minute) => (minute === 150 ? stopped.add('p10') : undefined));
    expect(sent.filter(({ subject }) => subject === 'p10').map(({ key }) => key)).toEqual(['send-10']);
    expect(verdicts.get('send-40')).toBe('suppressed');
    expect(sent).toHaveLength(59);
  });

  it('case 67 a STOP in the midst of a round holds from the next send on', async () => {
    const { sent, stopped, all, suppressions } = world();
    const sender: Sender = {
      send: ({ key, subject }) => {
        sent.push({ key, subject, seconds: 0 });
        stopped.add('p1');
        return Promise.resolve();
      },
    };
    const queue = all.slice(0, 3);
    const round = { queue, sender, suppressions, isStopped: () => Promise.resolve(false), sentToday: 0, mostPerDay: 100, now: at(1_000) };
    expect((await sendDue(round)).map(({ verdict }) => verdict)).toEqual(['send', 'suppressed', 'send']);
  });

  it('case 69 our own list decides alone: no CRM is asked', async () => {
    const { sent, stopped, play } = world();
    stopped.add('p0');
    // Nothing here knows a CRM: there is none to be down.
    await play(301, () => undefined);
    expect(sent.some(({ subject }) => subject === 'p0')).toBe(false);
    expect(sent).toHaveLength(58);
  });

  it('case 69 where our own list does not answer, nothing is sent', async () => {
    const { sent, all } = world();
    const suppressions: SuppressionList = { suppressed: () => Promise.reject(new Error('no answer')) };
    const sender: Sender = { send: ({ key, subject }) => Promise.resolve(void sent.push({ key, subject, seconds: 0 })) };
    const round = { queue: all, sender, suppressions, isStopped: () => Promise.resolve(false), sentToday: 0, mostPerDay: 100, now: at(0) };
    await expect(sendDue(round)).rejects.toThrow('no answer');
    expect(sent).toEqual([]);
  });

  it('case 70 the kill switch holds from the next send on', async () => {
    const { sent, play, stopAll } = world();
    const verdicts = await play(301, (minute) => (minute === 11 ? stopAll() : undefined));
    expect(sent.map(({ key }) => key)).toEqual(['send-0', 'send-1', 'send-2']);
    expect(verdicts.get('send-3')).toBe('stopped');
  });

  it('no more than a day’s number goes out, however many are due', async () => {
    const { sent, play } = world();
    const verdicts = await play(1, () => undefined, { now: at(6 * 3_600), sentToday: 10, mostPerDay: 50 });
    expect(sent).toHaveLength(40);
    expect(verdicts.get('send-40')).toBe('day-full');
  });
});
