import type { Json } from '@lockstep/domain/sync/json.ts';
import { describe, expect, test } from 'vitest';
import type { QueryAnswer, QueryRequest } from './client.ts';
import { advance, parseCursor, requestOf } from './cursor.ts';
import type { Page } from './wire.ts';

interface Row {
  readonly id: string;
  readonly minute: number;
  readonly marker: string;
  readonly inTrash?: boolean;
}

const at = (minute: number): string => new Date(Date.parse('2026-11-24T00:00:00Z') + minute * 60_000).toISOString();
const pageOf = (row: Row): Page => ({
  object: 'page',
  id: row.id,
  created_time: at(row.minute),
  last_edited_time: at(row.minute),
  in_trash: row.inTrash ?? false,
  is_archived: false,
  parent: { type: 'data_source_id' },
  properties: {},
});

interface Condition {
  readonly and?: readonly Condition[];
  readonly last_edited_time?: { readonly on_or_after?: string; readonly before?: string };
  readonly rich_text?: { readonly is_empty?: true; readonly ends_with?: string };
}

function holds(condition: Condition | null, row: Row): boolean {
  if (condition === null) return true;
  if (condition.and !== undefined) return condition.and.every((part) => holds(part, row));
  const { last_edited_time: time, rich_text: text } = condition;
  if (text?.is_empty === true) return row.marker === '';
  if (text?.ends_with !== undefined) return row.marker.endsWith(text.ends_with);
  return at(row.minute) >= (time?.on_or_after ?? '') && (time?.before === undefined || at(row.minute) < time.before);
}

/** A data source that answers in pages of three and stops after `most` results, as Notion does after ten thousand. */
function answer(rows: readonly Row[], request: QueryRequest, most: number): QueryAnswer {
  const found = rows
    .filter((row) => (row.inTrash ?? false) === request.inTrash && holds(request.filter as Condition | null, row))
    .sort((left, right) => left.minute - right.minute);
  const from = Number(request.startCursor ?? 0);
  const end = Math.min(from + 3, most);
  const isIncomplete = end === most && found.length > most;
  return {
    pages: found.slice(from, end).map(pageOf),
    nextCursor: !isIncomplete && end < found.length ? String(end) : null,
    isIncomplete,
    servedAtMs: Date.parse(at(1_000)),
  };
}

function passOver(
  rows: readonly Row[],
  most: number,
  cursor: Json | null = null,
): { seen: Set<string>; calls: number; losses: string[]; cursor: Json } {
  const seen = new Set<string>();
  const losses: string[] = [];
  let next = parseCursor(cursor);
  for (let calls = 1; calls < 10_000; calls += 1) {
    const given = answer(rows, requestOf(next, 'last_edited_time', 'marker'), most);
    for (const page of given.pages) seen.add(page.id);
    const step = advance(next, given, 'last_edited_time', { isChanges: true, isMarked: true });
    if (step.loss !== null) losses.push(step.loss);
    next = step.cursor;
    if (!step.more) return { seen, calls, losses, cursor: next };
  }
  throw new Error('expected the pass to end');
}

const MARKS = '0123456789abcdefghjkmnpqrstvwxyz';
const row = (index: number, minute: number): Row => ({ id: `p${index}`, minute, marker: `m${MARKS[index % MARKS.length] ?? ''}` });

describe('Notion, windows of a listing', () => {
  test('D01: a listing that stops at its limit goes on from the minute that it has reached, and loses no row', () => {
    const rows = Array.from({ length: 100 }, (_, index) => row(index, Math.floor(index / 4)));
    expect(passOver(rows, 10)).toMatchObject({ losses: [] });
    expect(passOver(rows, 10).seen.size).toBe(100);
  });

  test('D01: more rows of one minute than a listing shows are parted by their markers', () => {
    const rows = [...Array.from({ length: 150 }, (_, index) => row(index, 7)), row(150, 3), row(151, 9)];
    const unmarked = { ...row(152, 7), marker: '' };
    const { seen, losses } = passOver([...rows, unmarked], 10);
    expect(seen.size).toBe(153);
    expect(losses).toEqual([]);
  });

  test('S6: rows that no query can part are on record, and those of later minutes are read', () => {
    const rows = [...Array.from({ length: 30 }, (_, index) => ({ ...row(index, 7), marker: '' })), row(31, 9)];
    const { seen, losses } = passOver(rows, 10);
    expect(seen.has('p31')).toBe(true);
    expect(losses).toHaveLength(1);
    expect(losses[0]).toMatch(/got more/);
  });

  test('D05: the next pass begins two minutes before this one, by the server’s clock, and looks into the trash', () => {
    const first = passOver([row(0, 5)], 10);
    expect(first.cursor).toMatchObject({ from: at(998), passFrom: at(998), pageCursor: null });
    const trashed: Row = { ...row(1, 999), inTrash: true };
    const second = passOver([row(0, 5), trashed], 10, first.cursor);
    expect([...second.seen]).toEqual(['p1']);
    expect(second.calls).toBe(2);
  });
});
