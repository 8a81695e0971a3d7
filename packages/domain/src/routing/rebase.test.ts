import { describe, expect, it } from 'vitest';
import { hoursOf } from './business-time.ts';
import { standingAt } from './clock.ts';
import { decideRemaining } from './remaining.ts';
import { after, at, BOSS, MINUTE_MS, office, rebased, said, sla, started, tick } from './sla.fixture.ts';

const PQL = sla('pql');
const DEMO = sla('inbound-demo');

describe('a clock under other hours', () => {
  it('01 a timed absence moves what is left to the next one, without a reset; both are told', () => {
    const { clock } = started(PQL, '10:00');
    const moved = rebased(clock, { ownerId: 'bob', cause: 'OWNER_CHANGED' }, '10:20');
    expect(moved.actions).toEqual([
      {
        key: 'c1/owner/bob/1',
        kind: 'tell-owners',
        atMs: at('10:20'),
        lateMs: 0,
        from: 'ann',
        to: 'bob',
        remainingMs: 220 * MINUTE_MS,
        deadlineMs: at('14:00'),
      },
    ]);
    expect(moved.clock).toMatchObject({ ownerId: 'bob', usedMs: 20 * MINUTE_MS, deadlineMs: at('14:00'), startedAtMs: at('10:00') });
    expect(said(tick(moved.clock, '13:59').actions)).toEqual([
      'remind 11:00',
      'warn 12:00',
      'reassign 12:24',
      'warn 13:00',
      `escalate 13:24 ${BOSS} LADDER`,
    ]);
  });

  it('01 what is left runs by the hours of the new owner', () => {
    const late = office({ week: [3, 4].map((day) => ({ day, from: '13:00', to: '15:00' })) });
    const moved = rebased(started(PQL, '10:00').clock, { ownerId: 'bob', cause: 'OWNER_CHANGED', hours: hoursOf(late) }, '10:20');
    expect(moved.clock).toMatchObject({ state: 'waiting', usedMs: 20 * MINUTE_MS, deadlineMs: at('2026-11-26T14:40') });
    expect(standingAt(moved.clock, at('14:00'))).toMatchObject({ usedMs: 80 * MINUTE_MS, uncoveredMs: 160 * MINUTE_MS });
    // A second change while it waits: the wait goes on from where it began.
    const again = rebased(moved.clock, { hours: hoursOf(office({ week: [{ day: 4, from: '09:00', to: '17:00' }] })) }, '12:00');
    expect(again.actions.map(({ kind }) => kind)).toEqual(['rebased', 'report-uncovered', 'escalate']);
    expect(again.actions[1]).toMatchObject({ atMs: at('12:00'), untilMs: at('2026-11-26T09:00') });
    expect(again.clock).toMatchObject({ state: 'uncovered', uncoveredSinceMs: at('10:20') });
    // Said once, however often the hours change in that wait.
    const third = rebased(again.clock, { hours: hoursOf(office({ week: [{ day: 4, from: '10:00', to: '17:00' }] })) }, '12:30');
    expect(third.actions.map(({ kind }) => kind)).toEqual(['rebased']);
  });

  it('15 a gap is reported once, though hours change within it and a named person has the lead', () => {
    const { clock } = started(PQL, '2026-11-27T15:00');
    const given = after(clock, { kind: 'escalate', reason: 'NOBODY' }, '2026-11-27T16:00');
    const friday = tick(given.clock, '2026-11-27T18:00');
    expect(said(friday.actions)).toEqual(['warn 11-27T17:00', 'report-uncovered 11-27T17:00']);
    const later = rebased(friday.clock, { hours: hoursOf(office({ week: [{ day: 2, from: '09:00', to: '17:00' }] })) }, '2026-11-28T10:00');
    expect(later.actions.map(({ kind }) => kind)).toEqual(['rebased']);
    expect(later.clock.state).toBe('escalated');
  });

  it('09 a holiday that is added moves the deadline of a running clock, and the audit hears why', () => {
    const { clock } = started(PQL, '16:00');
    const holidays = [{ date: '2026-11-26', region: 'US', name: 'Thanksgiving Day' }];
    const moved = rebased(clock, { cause: 'HOLIDAY', hours: hoursOf(office({ holidays })) }, '16:30');
    expect(moved.actions).toEqual([
      {
        key: 'c1/rebased/1',
        kind: 'rebased',
        atMs: at('16:30'),
        lateMs: 0,
        cause: 'HOLIDAY',
        fromMs: at('2026-11-26T12:00'),
        toMs: at('2026-11-27T12:00'),
      },
    ]);
    // That gap is longer than a night.
    expect(said(tick(moved.clock, '17:00').actions)).toContain(`escalate 17:00 ${BOSS} UNCOVERED`);
  });

  it('09 hours that are as they were change nothing that can be seen; newer time-zone data are noted', () => {
    const { clock } = started(PQL, '09:00');
    const same = rebased(clock, { cause: 'TZ_DATA', tzVersion: '2027a' }, '09:30');
    expect(same.actions).toEqual([]);
    expect(same.clock).toMatchObject({ deadlineMs: clock.deadlineMs, tzVersion: '2027a', usedMs: 30 * MINUTE_MS });
  });

  it('01 a five-minute clock that has begun does not stop for anybody; one that has not waits for the new hours', () => {
    const later = { hours: hoursOf(office({ week: [{ day: 4, from: '10:00', to: '12:00' }] })) };
    const { clock } = started(DEMO, '10:00');
    expect(rebased(clock, { ...later, ownerId: 'bob', cause: 'OWNER_CHANGED' }, '10:00').clock.deadlineMs).toBe(at('10:05'));
    expect(rebased(clock, later, '10:01').clock).toMatchObject({ deadlineMs: at('10:05'), usedMs: MINUTE_MS });
    expect(rebased(started(DEMO, '18:00').clock, later, '20:00').clock).toMatchObject({ deadlineMs: at('2026-11-26T10:05'), usedMs: 0 });
  });

  it('23 an owner whom a person has chosen keeps it: no rung takes it away, the clock goes on', () => {
    const { clock } = started(PQL, '09:00');
    const moved = rebased(clock, { ownerId: 'cleo', cause: 'OWNER_CHANGED_BY_PERSON' }, '11:00');
    expect(moved.clock).toMatchObject({ ownerId: 'cleo', deadlineMs: at('13:00') });
    expect(said(tick(moved.clock, '13:00').actions)).toEqual(['warn 12:00', `escalate 12:24 ${BOSS} LADDER`, 'report-breach 13:00']);
  });

  it('23 … or is closed, where the policy says so', () => {
    const { clock } = started({ ...PQL, onHandOver: 'close' }, '09:00');
    const moved = rebased(clock, { ownerId: 'cleo', cause: 'OWNER_CHANGED_BY_PERSON' }, '09:30');
    expect(said(moved.actions)).toEqual(['report-end 09:30']);
    expect(moved.clock).toMatchObject({ state: 'closed', outcome: { kind: 'withdrawn', usedMs: 30 * MINUTE_MS } });
    // Ours is not a person's.
    expect(rebased(clock, { ownerId: 'cleo', cause: 'OWNER_CHANGED' }, '09:30').clock.state).toBe('running');
  });

  it('23 a new owner has not asked for quiet, and a breach is not undone by giving it on', () => {
    const quiet = after(started(PQL, '09:00').clock, { kind: 'snooze', untilMs: at('11:00') }, '09:05').clock;
    expect(rebased(quiet, { ownerId: 'bob', cause: 'OWNER_CHANGED' }, '09:30').clock).toMatchObject({
      state: 'running',
      snoozedUntilMs: null,
    });
    expect(rebased(quiet, {}, '09:30').clock).toMatchObject({ state: 'snoozed', snoozedUntilMs: at('11:00') });
    const late = rebased(quiet, { ownerId: 'bob', cause: 'OWNER_CHANGED' }, '13:30');
    expect(late.clock).toMatchObject({ state: 'breached', ownerId: 'bob', deadlineMs: at('13:00') });
    expect(said(late.actions).slice(-2)).toEqual(['report-breach 13:00', 'tell-owners 13:30']);
  });
});

describe('what is left of a clock whose owner is called away', () => {
  const request = { deadlineMs: at('14:00'), bufferMs: 30 * MINUTE_MS, returnMs: at('13:30'), hasOthers: false };

  it.each([
    ['01 somebody else takes it', { hasOthers: true }, { kind: 'move' }],
    ['02 all others are capped and the owner is back in time', {}, { kind: 'wait', untilMs: at('13:30') }],
    ['02 … is back a millisecond too late', { returnMs: at('13:30') + 1 }, { kind: 'escalate', reason: 'RETURN_TOO_LATE' }],
    ['02 … is not back in sight', { returnMs: null }, { kind: 'escalate', reason: 'NO_RETURN' }],
  ])('%s', (_, change, wanted) => {
    expect(decideRemaining({ ...request, ...change })).toEqual(wanted);
  });
});
