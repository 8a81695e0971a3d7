import { describe, expect, it } from 'vitest';
import { instantOf, jqlTime } from './time.ts';

describe("Jira's times", () => {
  it('are read with their offset, to the millisecond', () => {
    expect(instantOf('2026-04-28T15:55:26.678+0200')?.toISOString()).toBe('2026-04-28T13:55:26.678Z');
    expect(instantOf('2026-04-28T15:55:26.678-0930')?.toISOString()).toBe('2026-04-29T01:25:26.678Z');
    for (const nothing of [null, undefined, 5, '', 'yesterday']) expect(instantOf(nothing)).toBeNull();
  });

  it('D01 are asked for in the zone of whoever asks, rounded down to the minute', () => {
    const atMs = Date.parse('2026-01-31T23:59:59.999Z');
    expect(jqlTime(atMs, 'UTC')).toBe('2026-01-31 23:59');
    expect(jqlTime(atMs, 'Europe/Berlin')).toBe('2026-02-01 00:59');
    expect(jqlTime(atMs, 'America/New_York')).toBe('2026-01-31 18:59');
  });

  it('D05 in the hour that a zone shows twice an earlier time is given, whichever of the two it is', () => {
    // Berlin goes from 03:00 back to 02:00 at 01:00 UTC.
    expect(jqlTime(Date.parse('2026-10-25T00:15:00Z'), 'Europe/Berlin')).toBe('2026-10-25 01:45');
    expect(jqlTime(Date.parse('2026-10-25T01:15:00Z'), 'Europe/Berlin')).toBe('2026-10-25 02:15');
    expect(jqlTime(Date.parse('2026-10-25T02:15:00Z'), 'Europe/Berlin')).toBe('2026-10-25 03:15');
    // Lord Howe goes back by half an hour, from 02:00 to 01:30, at 15:00 UTC.
    expect(jqlTime(Date.parse('2026-04-04T14:45:00Z'), 'Australia/Lord_Howe')).toBe('2026-04-05 01:15');
  });
});
