/** `pqlRouting` by itself: one workflow an account, absolute instants, answers, channels, and runs that go on where they were. */
import { tsToMs } from '@temporalio/common/lib/time.js';
import { expect, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/client';
import type { Stepped, Told } from '@lockstep/workflows/contracts.ts';
import { paperLead } from '../worker/paper-routing.ts';
import { SOON } from './harness.ts';
import { eventsOf } from './histories.ts';
import { ACCOUNT, closed, open, usePqlScripts } from './pql-script.ts';
import type { PqlScript } from './pql-script.ts';

const scripts = usePqlScripts();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ANSWER = { leadId: 'lead-1', offerId: 'offer-1', by: 'ines' };
const failed = (code: 'Transient' | 'NotFound' | 'OutcomeUnknown' | 'Throttled', retryAfterMs: number | null = null): Told => ({
  ...{ kind: 'told', outcome: 'failed', code, retryAfterMs },
});

const steps = (script: PqlScript): number => script.calls.filter(({ name }) => name === 'step').length;
const told = (script: PqlScript): readonly string[] => script.named().filter((name) => name.startsWith('tell'));
const stepped = (script: PqlScript, count: number) => expect.poll(() => steps(script), SOON).toBeGreaterThanOrEqual(count);
const waits = (script: PqlScript) => expect.poll(async () => (await script.status()).phase, SOON).toBe('waiting');

test('R1 case 10 fifty signals in the same instant are one workflow, and every one of them is seen by a step that begins after it', async () => {
  let evidence = 0;
  let seen = 0;
  const script = await scripts.play({
    stepAccount: async () => {
      seen = evidence;
      return open();
    },
  });
  await Promise.all(
    Array.from({ length: 50 }, () => {
      evidence += 1;
      return script.routing.wake([ACCOUNT]);
    }),
  );
  await expect.poll(() => seen, SOON).toBe(50);
  const runs: string[] = [];
  for await (const { runId } of script.temporal.client.workflow.list({ query: `WorkflowId = '${script.handle.workflowId}'` }))
    runs.push(runId);
  expect(new Set(runs).size).toBeLessThanOrEqual(1);
  expect((await script.handle.describe()).status.name).toBe('RUNNING');
  expect(steps(script)).toBeLessThan(50);
});

test('R2 it wakes at the instant that the store names, and sleeps again until the next', async () => {
  const start = Date.now();
  const due = [start + 4 * HOUR_MS, start + 5 * HOUR_MS];
  const script = await scripts.play({
    stepAccount: async (_, now) => {
      const next = due.find((atMs) => atMs > Date.parse(now));
      return next === undefined ? closed() : open({ wakeAt: new Date(next).toISOString() });
    },
  });
  await script.routing.wake([ACCOUNT]);
  await waits(script);
  await script.skip(3 * HOUR_MS);
  expect(steps(script)).toBe(1);
  await script.skip(3 * HOUR_MS);
  expect(await script.handle.result()).toEqual({ state: 'closed' });
  const instants = script.calls.map(({ atMs }) => atMs);
  expect(instants).toHaveLength(3);
  for (const [index, dueMs] of due.entries()) {
    const lateMs = (instants[index + 1] ?? 0) - dueMs;
    expect(lateMs, `step ${index + 1}`).toBeGreaterThanOrEqual(0);
    expect(lateMs, `step ${index + 1}`).toBeLessThan(10_000);
  }
});

test('01 case 09 an instant that moves to an earlier one is taken: a wake reads it anew, and the old timer says nothing more', async () => {
  const start = Date.now();
  let dueMs = start + 10 * HOUR_MS;
  const script = await scripts.play({
    stepAccount: async (_, now) => (Date.parse(now) >= dueMs ? closed() : open({ wakeAt: new Date(dueMs).toISOString() })),
  });
  await script.routing.wake([ACCOUNT]);
  await waits(script);
  dueMs = start + HOUR_MS;
  await script.routing.wake([ACCOUNT]);
  await stepped(script, 2);
  await waits(script);
  await script.skip(2 * HOUR_MS);
  expect(await script.handle.result()).toEqual({ state: 'closed' });
  expect(steps(script)).toBe(3);
});

test('25 an answer is on record before it is answered, and a step sees it; delivered twice under one key it is said once', async () => {
  let accepted = 0;
  const seen: number[] = [];
  const script = await scripts.play({
    stepAccount: async () => {
      seen.push(accepted);
      return open();
    },
    answer: async () => ({ kind: 'answered', outcome: (accepted += 1) === 1 ? 'taken' : 'already', code: null }),
  });
  await script.routing.wake([ACCOUNT]);
  await waits(script);
  const [one, again] = await Promise.all(['press-1', 'press-1'].map((key) => script.routing.answer({ kind: 'accept', ...ANSWER }, key)));
  expect([one, again]).toEqual([{ kind: 'answered', outcome: 'taken', code: null }, one]);
  await stepped(script, 2);
  expect(seen).toEqual([0, 1]);
  expect(script.named()).toEqual([`step ${ACCOUNT}`, 'answer accept', `step ${ACCOUNT}`]);
});

test('an answer that does not count wakes nobody, and one to a lead that is not there says so', async () => {
  const script = await scripts.play({
    answer: async () => ({ kind: 'answered', outcome: 'refused', code: 'OTHER_OFFER' }),
    lead: async (leadId) => (leadId === 'lead-1' ? paperLead(leadId, { accountId: ACCOUNT }) : null),
  });
  await script.routing.wake([ACCOUNT]);
  await waits(script);
  expect(await script.routing.answer({ kind: 'decline', ...ANSWER })).toMatchObject({ outcome: 'refused', code: 'OTHER_OFFER' });
  expect(await script.routing.answer({ kind: 'decline', ...ANSWER, leadId: 'none' })).toMatchObject({
    outcome: 'refused',
    code: 'NO_SUCH_LEAD',
  });
  expect(steps(script)).toBe(1);
});

test('23 every kind of answer reaches the use case with what it says, and starts the workflow that Temporal has lost', async () => {
  const said: unknown[] = [];
  const script = await scripts.play({
    answer: async (answer) => {
      said.push(answer);
      return { kind: 'answered', outcome: 'taken', code: null };
    },
  });
  const until = '2026-10-23T17:00:00.000Z';
  const answers = [
    { kind: 'accept', ...ANSWER },
    { kind: 'decline', ...ANSWER, offerId: null },
    { kind: 'snooze', ...ANSWER, until },
    { kind: 'reassign', ...ANSWER, to: 'omar' },
    { kind: 'release', ...ANSWER },
    { kind: 'close', ...ANSWER, reason: 'won' },
  ] as const;
  for (const answer of answers) await script.routing.answer(answer);
  expect(said).toEqual(answers);
});

test('R8 case 24 Slack is down: the mail goes within 60 s, the clock goes on meanwhile, and nothing is told twice', async () => {
  const script = await scripts.play({
    stepAccount: async (_, now) => open({ notices: ['n-1'], wakeAt: new Date(Date.parse(now) + 20_000).toISOString() }),
    tell: async (_, channel) => (channel === 'slack' ? failed('Transient') : { kind: 'told', outcome: 'delivered' }),
  });
  await script.routing.wake([ACCOUNT]);
  await expect.poll(() => told(script).length, SOON).toBeGreaterThanOrEqual(1);
  await script.skip(MINUTE_MS);
  await expect.poll(async () => (await script.status()).telling, SOON).toBe(0);
  const tells = script.calls.filter(({ name }) => name === 'tell');
  expect(tells.at(-1)?.about).toBe('n-1 mail');
  expect(tells.filter(({ about }) => about === 'n-1 mail').length).toBeGreaterThanOrEqual(1);
  expect(tells.filter(({ about }) => about === 'n-1 slack').length).toBeGreaterThan(1);
  const mailAfterMs = (tells.find(({ about }) => about === 'n-1 mail')?.atMs ?? Infinity) - (tells[0]?.atMs ?? 0);
  expect(mailAfterMs).toBeLessThanOrEqual(MINUTE_MS);
  const lastTryMs = tells.at(-1)?.atMs ?? 0;
  expect(script.calls.filter(({ name, atMs }) => name === 'step' && atMs < lastTryMs).length, 'the clock does not wait').toBeGreaterThan(1);
});

test('24 who has no Slack and no mail is told by a task in the CRM at once', async () => {
  const script = await scripts.play({
    stepAccount: async () => closed({ notices: ['n-1'] }),
    tell: async (_, channel) => (channel === 'crm-task' ? { kind: 'told', outcome: 'delivered' } : failed('NotFound')),
  });
  await script.routing.wake([ACCOUNT]);
  expect(await script.handle.result()).toEqual({ state: 'closed' });
  expect(told(script)).toEqual(['tell n-1 slack', 'tell n-1 mail', 'tell n-1 crm-task']);
});

test('24 an attempt that breaks, whatever it breaks with, is taken up by the next channel', async () => {
  const script = await scripts.play({
    stepAccount: async () => closed({ notices: ['n-1'] }),
    tell: async (_, channel) => {
      if (channel === 'slack') throw ApplicationFailure.retryable('a defect', 'Defect');
      return { kind: 'told', outcome: 'delivered' };
    },
  });
  await script.routing.wake([ACCOUNT]);
  await expect.poll(() => told(script).length, SOON).toBeGreaterThanOrEqual(1);
  await script.skip(MINUTE_MS);
  expect(await script.handle.result()).toEqual({ state: 'closed' });
  expect(told(script).at(-1)).toBe('tell n-1 mail');
});

test('a CRM that does not answer holds neither the clock nor an answer up; a lead that is closed still waits for its write', async () => {
  const held = Promise.withResolvers<void>();
  let accepted = false;
  const script = await scripts.play({
    stepAccount: async () => (accepted ? closed() : open({ changeSets: ['cs-1'] })),
    startWrite: () => held.promise,
    answer: async () => {
      accepted = true;
      return { kind: 'answered', outcome: 'taken', code: null };
    },
  });
  await script.routing.wake([ACCOUNT]);
  await waits(script);
  expect(await script.routing.answer({ kind: 'accept', ...ANSWER })).toMatchObject({ outcome: 'taken' });
  await stepped(script, 2);
  expect((await script.handle.describe()).status.name).toBe('RUNNING');
  held.resolve();
  expect(await script.handle.result()).toEqual({ state: 'closed' });
  expect(script.named().filter((name) => name === 'write cs-1')).toHaveLength(1);
});

test('a step that names no instant after its own is asked again, and not at once', async () => {
  const script = await scripts.play({ stepAccount: async () => open({ wakeAt: new Date(0).toISOString() }) });
  await script.routing.wake([ACCOUNT]);
  await waits(script);
  const timers = (await eventsOf(script.handle)).flatMap(({ timerStartedEventAttributes: timer }) => timer ?? []);
  expect(timers.map(({ startToFireTimeout }) => tsToMs(startToFireTimeout))).toEqual([5_000]);
  await script.skip(6_000);
  await stepped(script, 2);
});

test('an account that is quiet ends its workflow, and the next evidence starts another', async () => {
  const script = await scripts.play({ stepAccount: async () => ({ ...open(), state: 'quiet' }) });
  await script.routing.wake([ACCOUNT]);
  expect(await script.handle.result()).toEqual({ state: 'quiet' });
  await script.routing.wake([ACCOUNT]);
  await stepped(script, 2);
});

test('C11 the sweeper wakes accounts that have something to do and no workflow, and leaves those alone that have one', async () => {
  const script = await scripts.play({ openAccounts: async ({ after }) => (after === null ? [ACCOUNT] : []) });
  await expect.poll(() => steps(script), SOON).toBe(1);
  expect(await script.routing.sweep()).toBe(0);
  await script.handle.terminate('lost');
  expect(await script.routing.sweep()).toBe(1);
  await stepped(script, 2);
});

test('a run that grows long continues as new with the notices on their way: no patience begins anew, nothing is told by two runs', async () => {
  const start = Date.now();
  let isDown = true;
  const script = await scripts.play({
    stepAccount: async (): Promise<Stepped> =>
      open({ notices: isDown ? ['n-1'] : [], wakeAt: new Date(start + 48 * HOUR_MS).toISOString() }),
    tell: async () => (isDown ? failed('Throttled', 35_000) : { kind: 'told', outcome: 'delivered' }),
  });
  await script.routing.wake([ACCOUNT]);
  const firstRun = (await script.handle.describe()).runId;
  await expect.poll(() => told(script).length, SOON).toBe(1);
  await waits(script);
  // The server suggests it at 4,096 events; a signal and a step are eight.
  const runId = async (): Promise<string> => (await script.handle.describe()).runId;
  for (let signals = 0; signals < 1_000 && (await runId()) === firstRun; signals += 1) {
    const before = steps(script);
    await script.routing.wake([ACCOUNT]);
    await stepped(script, before + 1);
  }
  expect(await runId()).not.toBe(firstRun);
  await expect.poll(async () => (await script.status()).telling, SOON).toBe(1);
  const soFar = told(script).length;
  isDown = false;
  await script.skip(5 * MINUTE_MS + 40_000);
  await expect.poll(async () => (await script.status()).telling, SOON).toBe(0);
  expect(told(script)).toHaveLength(soFar + 1);
  const onSlack = script.calls.filter(({ about }) => about === 'n-1 slack').map(({ atMs }) => atMs);
  expect(onSlack.length).toBeGreaterThanOrEqual(2);
  for (const [index, atMs] of onSlack.slice(1).entries())
    expect(atMs - (onSlack[index] ?? 0), 'Slack has asked for 35 s').toBeGreaterThanOrEqual(35_000);
}, 300_000);
