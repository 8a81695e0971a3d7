import { describe, expect, it } from 'vitest';
import { readCsvRow, readJsonLine } from './backfill.ts';
import type { EventReading } from './event.ts';
import { problemText } from './problem.ts';

const CONTEXT = { receivedAt: '2026-11-01T00:00:00.000Z' };
const ROW = { type: 'track', event: 'Teammate Invited', userId: 'u1', timestamp: '2026-03-01T09:00:00Z' };

const words = (reading: EventReading | null): readonly string[] => (reading?.kind === 'refused' ? reading.problems.map(problemText) : []);
const json = (value: unknown): EventReading | null => readJsonLine(JSON.stringify(value), 3, CONTEXT);

describe('29 imported history', () => {
  it('29 every event of a JSONL file carries the flag, at the time at which it happened', () => {
    expect(json({ ...ROW, messageId: 'm1' })).toMatchObject({
      kind: 'event',
      event: { isBackfill: true, occurredAt: '2026-03-01T09:00:00.000Z', receivedAt: '2026-11-01T00:00:00.000Z' },
    });
  });

  it('29 sentAt of long ago does not move an event to the day of the import', () => {
    const sent = { ...ROW, messageId: 'm1', sentAt: '2026-03-01T10:00:00Z' };
    expect(json(sent)).toMatchObject({ event: { occurredAt: '2026-03-01T09:00:00.000Z' } });
    expect(json({ ...sent, receivedAt: '2026-03-01T09:30:00Z' })).toMatchObject({ event: { occurredAt: '2026-03-01T08:30:00.000Z' } });
  });

  it('29 a line imported twice is the same event', () => {
    const [first, again] = [json(ROW), json({ ...ROW })];
    expect(again).toEqual(first);
    expect(first).toMatchObject({ event: { messageId: expect.stringMatching(/^derived:/) } });
  });

  it('29 a CSV row says the same as the JSON line', () => {
    const row = {
      ...ROW,
      messageId: 'm1',
      email: 'Ines@Acme.com',
      groupId: '',
      'properties.seats': '12',
      'properties.code': '007',
      'traits.trial': 'true',
    };
    expect(readCsvRow(row, 2, CONTEXT)).toMatchObject({
      event: { isBackfill: true, accountKey: 'domain:acme.com', email: 'ines@acme.com', values: { seats: 12, code: '007' } },
    });
    expect(readCsvRow({ ...row, type: 'identify' }, 2, CONTEXT)).toMatchObject({ event: { type: 'identify', values: { trial: true } } });
  });

  it('29 a line that cannot be read says which and why', () => {
    expect(words(readJsonLine('{"type":', 3, CONTEXT))).toEqual([expect.stringContaining('expected a JSON object, got something else')]);
    expect(words(readJsonLine('[]', 3, CONTEXT))).toHaveLength(1);
    expect(json({ ...ROW, type: 'x' })).toMatchObject({ kind: 'refused', problems: [{ line: 3, path: 'type' }] });
    expect(words(json({ ...ROW, messageId: 'm', timestamp: undefined }))[0]).toContain('timestamp: expected when it happened');
    expect(words(readCsvRow({ ...ROW, plan: 'x' }, 9, CONTEXT))[0]).toContain('expected a column type, messageId,');
    expect(readCsvRow({ ...ROW, 'properties.': 'x' }, 9, CONTEXT)).toMatchObject({ problems: [{ line: 9 }] });
  });

  it('29 an empty line is none, and page views are ignored as they are live', () => {
    expect(readJsonLine('  ', 1, CONTEXT)).toBeNull();
    expect(json({ ...ROW, type: 'page', messageId: 'm' })).toEqual({ kind: 'ignored', type: 'page' });
  });
});
