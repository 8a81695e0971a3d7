/**
 * Imported history, a line at a time: JSON Lines as Segment exports them, and CSV rows that a reader has split (quotes and line breaks in cells are its business).
 * Every event is marked `isBackfill`: no 5-minute alarms, and its own pace (case 29). A bad line loses nothing of the others.
 */
import type { Json } from '../sync/json.ts';
import { readEvent } from './event.ts';
import type { EventReading, ReadingContext } from './event.ts';

type BackfillContext = Omit<ReadingContext, 'isBackfill'>;

const COLUMNS = ['type', 'messageId', 'event', 'userId', 'anonymousId', 'groupId', 'timestamp', 'email'] as const;
const REMEDY = 'mend the line and import the file again: lines that were taken are known by their message ids';

/** Reads a line of a JSONL file. Null for an empty line. `line` counts from 1. */
export function readJsonLine(text: string, line: number, context: BackfillContext): EventReading | null {
  if (text.trim() === '') return null;
  const call = parsed(text);
  return call === undefined ? refused(line, '', 'a JSON object', 'something else') : readHistory(call, line, context);
}

/**
 * Reads a row of a CSV file by the names of its columns: type, messageId, event, userId, anonymousId, groupId, timestamp, email, and any number of
 * `properties.<name>` and `traits.<name>`. An empty cell says nothing. A cell of properties or traits that is a JSON number, true or false is taken as one
 * ('007' is a text). A column that is not known is refused rather than lost.
 */
export function readCsvRow(row: Readonly<Record<string, string>>, line: number, context: BackfillContext): EventReading {
  const call: Record<string, Json> = {};
  const nested: { readonly [group: string]: Record<string, Json> } = { properties: {}, traits: {} };
  for (const [column, cell] of Object.entries(row)) {
    const [, group = '', name = ''] = /^(properties|traits)\.(.+)$/.exec(column) ?? [];
    const values = Object.hasOwn(nested, group) ? nested[group] : undefined;
    if (values === undefined && !COLUMNS.some((known) => known === column))
      return refused(line, column, `a column ${COLUMNS.join(', ')}, properties.<name> or traits.<name>`, JSON.stringify(column));
    if (cell === '') continue;
    if (values !== undefined) values[name] = valueOf(cell);
    else if (column !== 'email') call[column] = cell;
  }
  const email = row['email'] ?? '';
  return readHistory({ ...call, ...nested, ...(email === '' ? {} : { context: { traits: { email } } }) }, line, context);
}

/** History without a time would all have happened today. */
function readHistory(call: unknown, line: number, context: BackfillContext): EventReading {
  const reading = readEvent(call, { ...context, isBackfill: true });
  if (reading.kind === 'refused')
    return { kind: 'refused', problems: reading.problems.map((problem) => ({ ...problem, line, remedy: REMEDY })) };
  const { timestamp, originalTimestamp } = call as Readonly<Record<string, unknown>>;
  const hasTime = typeof timestamp === 'string' || typeof originalTimestamp === 'string';
  return reading.kind === 'event' && !hasTime ? refused(line, 'timestamp', 'when it happened, an ISO 8601 instant', 'nothing') : reading;
}

function refused(line: number, path: string, expected: string, got: string): EventReading {
  return { kind: 'refused', problems: [{ severity: 'error', file: null, line, path, expected, got, remedy: REMEDY }] };
}

function valueOf(cell: string): Json {
  return /^(true|false|-?(0|[1-9]\d*)(\.\d+)?)$/.test(cell) ? (JSON.parse(cell) as Json) : cell;
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value) && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
