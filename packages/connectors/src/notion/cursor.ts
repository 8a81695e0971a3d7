/**
 * Where a listing goes on. A query is sorted by time, oldest first; times are rounded down to the minute, answers stop at a limit of results, and the
 * index may lag. So a pass is a row of windows, each beginning at a minute that was reached before, and the next pass begins a little before this one.
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { z } from 'zod';
import type { QueryAnswer, QueryRequest } from './client.ts';

const MINUTE_MS = 60_000;
/** How long an edit may be missing from the index, and how far a pass reaches back behind the beginning of the one before. */
const OVERLAP_MS = 2 * MINUTE_MS;
/** Last characters of markers (ULIDs), and none: they part the records of one minute, should these be too many for one answer. */
const BUCKETS: readonly (string | null)[] = [null, ...'0123456789abcdefghjkmnpqrstvwxyz'.split('')];

const cursorSchema = z.strictObject({
  version: z.literal(1),
  /** The minute at which the pass began; null where everything is read. */
  passFrom: z.iso.datetime().nullable(),
  /** The server's clock at the first answer of the pass. */
  servedAt: z.iso.datetime().nullable(),
  /** What lies in the trash is read after what does not. */
  inTrash: z.boolean(),
  /** The minute at which the window begins. */
  from: z.iso.datetime().nullable(),
  /** Which part of the minute `from` alone is read; null for all from `from` on. */
  bucket: z.number().int().min(0).nullable(),
  pageCursor: z.string().nullable(),
  /** See `Names` in catalogue.ts. */
  names: z.record(z.string(), z.string()),
});
export type Cursor = z.infer<typeof cursorSchema>;

/** Reads a cursor of ours; null is the beginning. Throws `CursorInvalid` for anything else. */
export function parseCursor(cursor: Json | null): Cursor {
  if (cursor === null) return begin(null);
  const parsed = cursorSchema.safeParse(cursor);
  if (parsed.success) return parsed.data;
  throw new ConnectorError('CursorInvalid', 'Notion cursor: expected one of version 1, got another');
}

/** The names that a cursor remembers; none for what is no cursor of ours. */
export function namesIn(cursor: Json | null): Cursor['names'] {
  return cursorSchema.safeParse(cursor).data?.names ?? {};
}

function begin(from: string | null): Cursor {
  return { version: 1, passFrom: from, servedAt: null, inTrash: false, from, bucket: null, pageCursor: null, names: {} };
}

export type Sort = QueryRequest['sort'];

/** What the window asks for. */
export function requestOf(cursor: Cursor, sort: Sort, markerId: string | null): QueryRequest {
  const { from, bucket } = cursor;
  const time = (condition: string, at: string): unknown => ({ timestamp: sort, [sort]: { [condition]: at } });
  const since = from === null ? null : time('on_or_after', from);
  const request = { sort, startCursor: cursor.pageCursor, inTrash: cursor.inTrash };
  if (from === null || bucket === null || markerId === null) return { ...request, filter: since };
  const end = BUCKETS[bucket] ?? null;
  const marked = { property: markerId, rich_text: end === null ? { is_empty: true } : { ends_with: end } };
  return { ...request, filter: { and: [since, time('before', minuteAfter(from)), marked] } };
}

export interface Advance {
  readonly cursor: Cursor;
  readonly more: boolean;
  /** Records that no query can show, in words; null where there are none. */
  readonly loss: string | null;
}

/** Where to go on after an answer. `changes` passes look into the trash too and begin again where they began. */
export function advance(
  cursor: Cursor,
  answer: QueryAnswer,
  sort: Sort,
  options: { readonly isChanges: boolean; readonly isMarked: boolean },
): Advance {
  const at = { ...cursor, servedAt: cursor.servedAt ?? (answer.servedAtMs === null ? null : new Date(answer.servedAtMs).toISOString()) };
  const go = (next: Partial<Cursor>, loss: string | null = null): Advance => ({
    cursor: { ...at, pageCursor: null, ...next },
    more: true,
    loss,
  });
  if (answer.nextCursor !== null) return go({ pageCursor: answer.nextCursor });
  const last = answer.pages.at(-1)?.[sort];
  const reached = last === undefined ? at.from : minuteOf(last);
  if (at.bucket !== null && at.from !== null) {
    const loss = answer.isIncomplete
      ? `expected fewer records of one minute than Notion lists, got more (${sort} ${at.from}); those beyond are not seen until they change again`
      : null;
    return at.bucket + 1 < BUCKETS.length ? go({ bucket: at.bucket + 1 }, loss) : go({ bucket: null, from: minuteAfter(at.from) }, loss);
  }
  if (answer.isIncomplete && reached !== null) {
    if (reached !== at.from) return go({ from: reached });
    if (options.isMarked) return go({ bucket: 0 });
    return go(
      { from: minuteAfter(reached) },
      `expected fewer records of one minute than Notion lists, got more (${sort} ${reached}), and no marker property to part them by`,
    );
  }
  if (options.isChanges && !at.inTrash && at.passFrom !== null) return go({ inTrash: true, from: at.passFrom });
  return { cursor: { ...begin(options.isChanges ? nextPassFrom(at, reached) : null), names: at.names }, more: false, loss: null };
}

/** By the server's own clock, never by ours (D05); by the newest record where it shows none. Never earlier than before. */
function nextPassFrom(cursor: Cursor, reached: string | null): string | null {
  const until = cursor.servedAt ?? reached;
  const from = until === null ? null : minuteOf(new Date(Date.parse(until) - OVERLAP_MS).toISOString());
  if (from === null || cursor.passFrom === null) return from ?? cursor.passFrom;
  return from > cursor.passFrom ? from : cursor.passFrom;
}

function minuteOf(instant: string): string {
  return new Date(Math.floor(Date.parse(instant) / MINUTE_MS) * MINUTE_MS).toISOString();
}

function minuteAfter(minute: string): string {
  return new Date(Date.parse(minute) + MINUTE_MS).toISOString();
}
