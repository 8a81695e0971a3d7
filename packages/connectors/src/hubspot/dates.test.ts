import { describe, expect, it } from 'vitest';
import { decodeDay, encodeDay, isTimeZone, NO_DUE_DATE } from './dates.ts';

const day = (value: string | null, zone = 'UTC') => decodeDay(value, zone);

describe('days and instants', () => {
  it.each(['UTC', 'America/Los_Angeles', 'Europe/Berlin', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Pacific/Niue'])(
    'S9 PutGet in %s: every day of two years reads back, clock changes included',
    (zone) => {
      for (let atMs = Date.UTC(2026, 0, 1); atMs < Date.UTC(2028, 0, 1); atMs += 24 * 3_600_000) {
        const wanted = new Date(atMs).toISOString().slice(0, 10);
        expect(day(encodeDay(wanted, null, zone), zone)).toBe(wanted);
        expect(day(encodeDay(wanted, '2026-03-10T00:30:00Z', zone), zone)).toBe(wanted);
      }
    },
  );

  it('a new day is noon, so that readers in other zones see the same day', () => {
    expect(encodeDay('2026-12-01', null, 'UTC')).toBe('2026-12-01T12:00:00.000Z');
    expect(encodeDay('2026-12-01', null, 'America/New_York')).toBe('2026-12-01T17:00:00.000Z');
    expect(day('2026-12-01T12:00:00Z', 'America/New_York')).toBe('2026-12-01');
  });

  it('S9 the time of day that a person chose stays', () => {
    expect(encodeDay('2026-12-01', '2026-12-01T07:45:00.000Z', 'UTC')).toBe('2026-12-01T07:45:00.000Z');
    expect(encodeDay('2026-12-24', '2026-12-01T07:45:00.000Z', 'UTC')).toBe('2026-12-24T07:45:00.000Z');
    // 08:00 in Berlin, before and after the clocks change.
    expect(encodeDay('2026-11-02', '2026-10-20T06:00:00.000Z', 'Europe/Berlin')).toBe('2026-11-02T07:00:00.000Z');
  });

  it('an evening in one zone is the next day in another: the zone of the mapping decides', () => {
    expect(day('2026-12-02T04:00:00Z', 'America/New_York')).toBe('2026-12-01');
    expect(day('2026-12-02T04:00:00Z', 'UTC')).toBe('2026-12-02');
  });

  it('no due date is an instant of its own and reads as none, in every zone and form', () => {
    expect(encodeDay(null, '2026-12-01T07:45:00.000Z', 'UTC')).toBe(NO_DUE_DATE);
    expect(day(NO_DUE_DATE, 'Pacific/Kiritimati')).toBeNull();
    expect(day(String(Date.parse(NO_DUE_DATE)))).toBeNull();
    expect(encodeDay('2026-12-01', NO_DUE_DATE, 'UTC')).toBe('2026-12-01T12:00:00.000Z');
    expect(day(null)).toBeNull();
    expect(day('')).toBeNull();
  });

  it('reads instants as text and as milliseconds, and plain days', () => {
    expect(day('2026-12-01T23:59:59.999Z')).toBe('2026-12-01');
    expect(day(String(Date.UTC(2026, 11, 1)))).toBe('2026-12-01');
    expect(day('2026-12-01')).toBe('2026-12-01');
  });

  it('what is no day and no instant is refused, not guessed', () => {
    expect(day('soon')).toBeUndefined();
    expect(day('9'.repeat(30))).toBeUndefined();
    expect(encodeDay('2026-02-30', null, 'UTC')).toBeNull();
    expect(encodeDay('next week', null, 'UTC')).toBeNull();
  });

  it('knows which time zones there are', () => {
    expect(isTimeZone('Europe/Berlin')).toBe(true);
    expect(isTimeZone('Middle/Earth')).toBe(false);
  });
});
