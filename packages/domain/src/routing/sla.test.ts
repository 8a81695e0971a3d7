import { describe, expect, it } from 'vitest';
import { hoursOf } from './business-time.ts';
import { dueAt, standingAt } from './clock.ts';
import { acknowledged, after, at, away, BOSS, HOUR_MS, MINUTE_MS, office, rebased, said, sla, started, tick } from './sla.fixture.ts';
import { advance } from './sla.ts';

const PQL = sla('pql');
const DEMO = sla('inbound-demo');

describe('an SLA clock', () => {
  it('R2 in time: warned, reminded, reassigned, escalated to a person by name, all before the deadline', () => {
    const { clock, actions } = started(PQL, '09:00');
    expect(actions).toEqual([]);
    expect(clock).toMatchObject({ state: 'running', deadlineMs: at('13:00') });
    const end = tick(clock, '12:59:59.999');
    expect(said(end.actions)).toEqual(['remind 10:00', 'warn 11:00', 'reassign 11:24', 'warn 12:00', `escalate 12:24 ${BOSS} LADDER`]);
    expect(end.clock.state).toBe('escalated');
    expect(acknowledged(end.clock, '12:59:59.999').clock).toMatchObject({
      state: 'met',
      outcome: { kind: 'met', usedMs: 4 * HOUR_MS - 1 },
    });
  });

  it('R2 what falls due at one instant is said from the mildest to the gravest, in whatever order it is written', () => {
    const rungs = [
      { do: 'escalate', atPercent: 85, to: BOSS } as const,
      { do: 'reassign', atPercent: 85 } as const,
      { do: 'remind', atPercent: 85 } as const,
    ];
    const { clock } = started({ ...PQL, warnings: [{ atPercent: 85 }], ladder: rungs }, '09:00');
    expect(said(tick(clock, '12:24').actions)).toEqual(['warn 12:24', 'remind 12:24', 'reassign 12:24', `escalate 12:24 ${BOSS} LADDER`]);
  });

  it('R2 what is due is woken for, one instant after the other; a wake-up before it does nothing', () => {
    let { clock } = started(PQL, '09:00');
    const wakes: string[] = [];
    for (let due = dueAt(clock); due !== null; due = dueAt(clock)) {
      expect(advance(clock, { kind: 'tick' }, due - 1)).toEqual({ clock, actions: [] });
      const moved = advance(clock, { kind: 'tick' }, due);
      expect(moved.actions.every(({ atMs, lateMs }) => atMs === due && lateMs === 0)).toBe(true);
      wakes.push(...said(moved.actions));
      clock = moved.clock;
    }
    expect(wakes).toEqual([
      'remind 10:00',
      'warn 11:00',
      'reassign 11:24',
      'warn 12:00',
      `escalate 12:24 ${BOSS} LADDER`,
      'report-breach 13:00',
    ]);
    expect(clock.state).toBe('breached');
  });

  it('R2 strict: what comes in the millisecond of the deadline is late, and a breach that ends stays one', () => {
    const { clock } = started(PQL, '09:00');
    const late = acknowledged(clock, '13:00');
    expect(late.clock).toMatchObject({ state: 'closed', outcome: { kind: 'breached', usedMs: 4 * HOUR_MS, wallMs: 4 * HOUR_MS } });
    expect(said(late.actions).slice(-2)).toEqual(['report-breach 13:00', 'report-end 13:00']);
    const later = after(tick(clock, '13:00').clock, { kind: 'withdraw' }, '15:00');
    expect(later.clock.outcome).toEqual({
      kind: 'breached',
      endedAtMs: at('15:00'),
      wallMs: 6 * HOUR_MS,
      usedMs: 4 * HOUR_MS,
      uncoveredMs: 0,
    });
  });

  it('R2 a worker that was down does it late, says by how much, and reports the breach', () => {
    const { actions } = tick(started(PQL, '09:00').clock, '14:00');
    expect(actions.map(({ key, lateMs }) => [key, lateMs / MINUTE_MS])).toEqual([
      ['c1/remind/0', 240],
      ['c1/warn/0', 180],
      ['c1/reassign/1', 156],
      ['c1/warn/1', 120],
      ['c1/escalate/2', 96],
      ['c1/breach', 60],
    ]);
  });

  it('R2 over a night only the hours count', () => {
    const { clock } = started(PQL, '16:00');
    expect(clock.deadlineMs).toBe(at('2026-11-26T12:00'));
    expect(standingAt(clock, at('2026-11-26T09:30'))).toEqual({
      wallMs: 17.5 * HOUR_MS,
      usedMs: 1.5 * HOUR_MS,
      remainingMs: 2.5 * HOUR_MS,
      uncoveredMs: 16 * HOUR_MS,
      isCovered: true,
    });
    expect(tick(clock, '17:00').clock.state).toBe('waiting');
    expect(tick(tick(clock, '17:00').clock, '2026-11-26T09:00').clock.state).toBe('running');
  });

  it('R2 a clock of five minutes runs by the wall while the team is there, past the end of its day', () => {
    const { clock } = started(DEMO, '16:58');
    expect(clock.deadlineMs).toBe(at('17:03'));
    expect(said(tick(clock, '17:02:59').actions)).toEqual([
      'remind 16:59',
      'reassign 17:00',
      'warn 17:01',
      `escalate 17:02 ${BOSS} LADDER`,
    ]);
  });

  it('R2 a clock of five minutes begins with the first covered minute; both figures are reported', () => {
    const { clock, actions } = started(DEMO, '07:00');
    expect(actions).toEqual([]);
    expect(clock).toMatchObject({ state: 'waiting', deadlineMs: at('09:05') });
    expect(acknowledged(clock, '09:00:30').clock.outcome).toEqual({
      kind: 'met',
      endedAtMs: at('09:00:30'),
      wallMs: 120.5 * MINUTE_MS,
      usedMs: 0.5 * MINUTE_MS,
      uncoveredMs: 120 * MINUTE_MS,
    });
  });

  it('15 R2 when all are away a named person hears at once, and the time is uncovered, not met', () => {
    // 25 December 2026 is a Friday.
    const holidays = [{ date: '2026-12-25', region: 'GB', name: 'Christmas Day' }];
    const hours = hoursOf(office({ holidays, absences: [away('2026-12-28T00:00', '2027-01-01T00:00')] }));
    const { clock, actions } = started(PQL, '2026-12-25T10:00', hours);
    expect(said(actions)).toEqual(['report-uncovered 12-25T10:00', `escalate 12-25T10:00 ${BOSS} UNCOVERED`]);
    expect(actions[0]).toMatchObject({ untilMs: at('2027-01-01T09:00') });
    expect(clock.state).toBe('uncovered');
    const quick = acknowledged(clock, '2026-12-25T10:30');
    expect(quick.clock).toMatchObject({ state: 'closed', outcome: { kind: 'uncovered', usedMs: 0, uncoveredMs: 30 * MINUTE_MS } });
    expect(after(clock, { kind: 'withdraw' }, '2026-12-26T10:00').clock.outcome?.kind).toBe('uncovered');
    expect(dueAt(clock)).toBe(at('2027-01-01T09:00'));
    const back = tick(clock, '2027-01-01T09:30');
    expect(back).toMatchObject({ clock: { state: 'running' }, actions: [] });
    expect(said(tick(back.clock, '2027-01-01T12:59').actions).at(-1)).toBe(`escalate 01-01T12:24 ${BOSS} LADDER`);
  });

  it('15 what is stopped in the very millisecond of its start is met where somebody is there, uncovered where nobody is', () => {
    expect(acknowledged(started(PQL, '09:00').clock, '09:00').clock.outcome).toMatchObject({ kind: 'met', usedMs: 0, wallMs: 0 });
    expect(acknowledged(started(PQL, '08:59').clock, '08:59').clock.outcome).toMatchObject({ kind: 'uncovered', usedMs: 0, wallMs: 0 });
  });

  it('15 a night is waited for; a gap that is longer than the service level allows for is told when it begins', () => {
    expect(started(PQL, '17:00').actions).toEqual([]);
    expect(said(started(PQL, '17:00', hoursOf(office({ absences: [away('2026-11-26T00:00', '2026-11-26T09:01')] }))).actions)).toEqual([
      'report-uncovered 17:00',
      `escalate 17:00 ${BOSS} UNCOVERED`,
    ]);
    // Friday to Monday.
    const { clock, actions } = started(PQL, '2026-11-27T15:00');
    expect(actions).toEqual([]);
    const evening = tick(clock, '2026-11-27T17:00');
    expect(said(evening.actions).slice(-2)).toEqual(['report-uncovered 11-27T17:00', `escalate 11-27T17:00 ${BOSS} UNCOVERED`]);
    expect(evening.clock.state).toBe('uncovered');
    expect(acknowledged(evening.clock, '2026-11-28T10:00').clock).toMatchObject({
      state: 'met',
      outcome: { usedMs: 2 * HOUR_MS, uncoveredMs: 17 * HOUR_MS },
    });
  });

  it('15 uncovered ends with the first covered minute, whether anybody looked then or not', () => {
    const friday = tick(started(PQL, '2026-11-27T16:59').clock, '2026-11-27T18:00').clock;
    expect(friday.state).toBe('uncovered');
    const hours = hoursOf(
      office({
        week: [
          { day: 1, from: '09:00', to: '09:01' },
          { day: 1, from: '20:00', to: '23:30' },
        ],
      }),
    );
    const monday = tick(rebased(friday, { hours }, '2026-11-28T10:00').clock, '2026-11-30T12:00').clock;
    expect(monday).toMatchObject({ state: 'waiting' });
    expect(after(monday, { kind: 'withdraw' }, '2026-11-30T12:00').clock.outcome).toMatchObject({
      kind: 'withdrawn',
      usedMs: 2 * MINUTE_MS,
    });
  });

  it('15 where nobody is in sight there is no deadline to meet; the hours are looked at again', () => {
    const { clock, actions } = started(PQL, '10:00', hoursOf(office({ week: [] })));
    expect(said(actions)).toEqual(['report-uncovered 10:00', `escalate 10:00 ${BOSS} UNCOVERED`]);
    expect(clock).toMatchObject({ state: 'uncovered', deadlineMs: null });
    const due = dueAt(clock) ?? 0;
    expect(due - at('10:00')).toBe(400 * 24 * HOUR_MS);
    const looked = advance(clock, { kind: 'tick' }, due);
    expect(looked.actions).toMatchObject([{ kind: 'look-again', atMs: due, lateMs: 0 }]);
    expect(dueAt(looked.clock)).toBeNull();
    const found = rebased(clock, { cause: 'WORKING_HOURS' }, '12:00');
    expect(found.clock).toMatchObject({ state: 'running', deadlineMs: at('16:00'), horizonMs: null });
  });

  it('25 a second acknowledgement, and whatever comes after an end, changes nothing and says nothing', () => {
    const first = acknowledged(started(PQL, '09:00').clock, '09:10');
    expect(said(first.actions)).toEqual(['report-end 09:10']);
    for (const event of [
      { kind: 'happened', what: 'acknowledged' },
      { kind: 'tick' },
      { kind: 'snooze', untilMs: at('09:30') },
      { kind: 'escalate', reason: 'NOBODY' },
      { kind: 'withdraw' },
    ] as const) {
      const again = after(first.clock, event, '14:00');
      expect(again.clock).toBe(first.clock);
      expect(again.actions).toEqual([]);
    }
    expect(rebased(first.clock, { ownerId: 'bob', cause: 'OWNER_CHANGED' }, '14:00')).toEqual({ clock: first.clock, actions: [] });
    expect(dueAt(first.clock)).toBeNull();
  });

  it('25 only what stops this clock stops it', () => {
    const { clock } = started(sla('mql-to-sql'), '09:00');
    expect(acknowledged(clock, '09:10')).toEqual({ clock, actions: [] });
    expect(after(clock, { kind: 'happened', what: 'stage:SQL' }, '09:10').clock.state).toBe('met');
  });

  it('25 an escalation for one reason is said once', () => {
    const first = after(started(PQL, '09:00').clock, { kind: 'escalate', reason: 'NOBODY' }, '09:20');
    expect(said(first.actions)).toEqual([`escalate 09:20 ${BOSS} NOBODY`]);
    expect(first.clock.state).toBe('escalated');
    expect(after(first.clock, { kind: 'escalate', reason: 'NOBODY' }, '09:20')).toEqual({ clock: first.clock, actions: [] });
    expect(said(after(first.clock, { kind: 'escalate', reason: 'DECLINED', to: 'kim' }, '09:30').actions)).toEqual([
      'escalate 09:30 kim DECLINED',
    ]);
    // A person has it: it is not taken away by a rung, and the person is told when it becomes urgent.
    expect(said(tick(first.clock, '12:59').actions)).toEqual(['remind 10:00', 'warn 11:00', 'warn 12:00', `escalate 12:24 ${BOSS} LADDER`]);
  });

  it('28 the server time that is given decides: a worker that is five minutes fast or slow neither fires early nor loses anything', () => {
    const { clock } = started(PQL, '09:00');
    expect(tick(clock, '09:55')).toEqual({ clock, actions: [] });
    expect(said(tick(clock, '10:00').actions)).toEqual(['remind 10:00']);
    const reminded = tick(clock, '10:05').clock;
    const back = tick(reminded, '09:55');
    expect(back).toEqual({ clock: reminded, actions: [] });
    const moved = rebased(clock, { ownerId: 'bob', cause: 'OWNER_CHANGED' }, '09:30').clock;
    expect(acknowledged(moved, '09:26').clock.outcome).toMatchObject({ endedAtMs: at('09:30'), usedMs: 30 * MINUTE_MS });
  });
});

describe('quiet', () => {
  it('R2 a snooze holds reminders and reassignment back; what a named person must hear it does not', () => {
    const quiet = after(started(PQL, '09:00').clock, { kind: 'snooze', untilMs: at('11:30') }, '09:05');
    expect(quiet).toMatchObject({ clock: { state: 'snoozed', snoozedUntilMs: at('11:30') }, actions: [] });
    expect(said(tick(quiet.clock, '11:29').actions)).toEqual(['warn 11:00']);
    expect(said(tick(quiet.clock, '11:30').actions)).toEqual(['warn 11:00', 'remind 11:30', 'reassign 11:30']);
    expect(tick(quiet.clock, '11:30').clock).toMatchObject({ state: 'running', snoozedUntilMs: null });
  });

  it('R2 nobody can be quiet beyond the moment at which a named person hears', () => {
    const quiet = after(started(PQL, '09:00').clock, { kind: 'snooze', untilMs: at('16:00') }, '09:05');
    expect(quiet.clock.snoozedUntilMs).toBe(at('12:24'));
    expect(said(tick(quiet.clock, '12:24').actions).at(-1)).toBe(`escalate 12:24 ${BOSS} LADDER`);
  });

  it('25 a snooze that is pressed twice, or arrives when it is over, changes nothing', () => {
    const { clock } = started(PQL, '09:00');
    const quiet = after(clock, { kind: 'snooze', untilMs: at('09:30') }, '09:05').clock;
    expect(after(quiet, { kind: 'snooze', untilMs: at('09:30') }, '09:06').clock).toBe(quiet);
    expect(after(clock, { kind: 'snooze', untilMs: at('09:30') }, '09:30').clock).toBe(clock);
    expect(after(quiet, { kind: 'snooze', untilMs: at('09:45') }, '09:06').clock.snoozedUntilMs).toBe(at('09:45'));
    expect(acknowledged(quiet, '09:07').clock).toMatchObject({ state: 'met', snoozedUntilMs: null });
    expect(after(quiet, { kind: 'escalate', reason: 'NOBODY' }, '09:07').clock).toMatchObject({ state: 'escalated', snoozedUntilMs: null });
  });

  it('15 a weekend ends it', () => {
    const quiet = after(started(PQL, '2026-11-27T15:00').clock, { kind: 'snooze', untilMs: at('2026-11-30T09:30') }, '2026-11-27T15:10');
    const evening = tick(quiet.clock, '2026-11-27T17:00');
    expect(evening.clock).toMatchObject({ state: 'uncovered', snoozedUntilMs: null });
  });
});
