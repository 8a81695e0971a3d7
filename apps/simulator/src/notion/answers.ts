/** Bodies in and out: JSON of at most 500 KB, lists in Notion's shape, a request id in the body and in its header. */
import { createHash, randomUUID } from 'node:crypto';
import type { NotionContext } from './access.ts';
import { type Json, objectAt, refuse, stringAt } from './check.ts';
import { errorBody, invalid, NotionError } from './errors.ts';

const MOST_BYTES = 500_000;
const MOST_RESULTS = 100;

/** The JSON object of a request; an empty body is an empty object. */
export async function bodyOf(c: NotionContext): Promise<Json> {
  const text = await c.req.text();
  if (Buffer.byteLength(text) > MOST_BYTES) throw invalid(`Request body too large: expected at most ${MOST_BYTES} bytes.`);
  if (text === '') return {};
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new NotionError(400, 'invalid_json', 'Error parsing JSON body.');
  }
  return objectAt(json, 'body');
}

/** Answers with a body and the request's id. */
export function answer(c: NotionContext, body: Json): Response {
  const requestId = randomUUID();
  c.header('x-notion-request-id', requestId);
  return c.json({ ...body, request_id: requestId });
}

/** Answers with a refusal. */
export function answerError(c: NotionContext, error: NotionError): Response {
  const body = errorBody(error);
  c.header('x-notion-request-id', String(body['request_id']));
  return c.json(body, error.status as 400);
}

/** The members that ask for a part of a list; from the query of a GET, from the body of a POST. */
export interface ListRequest {
  readonly size: number;
  readonly cursor: string | undefined;
}

/** Reads `page_size` (1 to 100) and `start_cursor` of a body. */
export function listOfBody(body: Json): ListRequest {
  return listRequest(body['page_size'], body['start_cursor'] ?? undefined, 'body');
}

/** Reads `page_size` (1 to 100) and `start_cursor` of a query string. */
export function listOfQuery(c: NotionContext): ListRequest {
  const size = c.req.query('page_size');
  return listRequest(size === undefined ? undefined : Number(size), c.req.query('start_cursor'), 'query');
}

function listRequest(size: unknown, cursor: unknown, path: string): ListRequest {
  const wanted = size === undefined ? MOST_RESULTS : size;
  if (typeof wanted !== 'number' || !Number.isInteger(wanted)) refuse(`${path}.page_size`, 'a number', size);
  if (wanted < 1) refuse(`${path}.page_size`, '≥ `1`', size);
  if (wanted > MOST_RESULTS) refuse(`${path}.page_size`, `≤ \`${MOST_RESULTS}\``, size);
  return { size: wanted, cursor: cursor === undefined ? undefined : stringAt(cursor, `${path}.start_cursor`) };
}

/** A part of a list in the vendor's shape. */
export function listAnswer(type: string, results: readonly unknown[], nextCursor: string | null): Json {
  return { object: 'list', results, next_cursor: nextCursor, has_more: nextCursor !== null, type, [type]: {} };
}

/** A cursor that holds a place in one list only: `scope` says which. */
export function cursorOf(scope: unknown, place: readonly unknown[]): string {
  return Buffer.from(JSON.stringify([scopeMark(scope), ...place])).toString('base64url');
}

/** The place of a cursor, or the vendor's refusal where it is none of this list. */
export function placeOf(cursor: string, scope: unknown): unknown[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    parts = null;
  }
  if (!Array.isArray(parts) || parts[0] !== scopeMark(scope)) throw invalid(`The start_cursor provided is invalid: ${cursor}`);
  return parts.slice(1);
}

function scopeMark(scope: unknown): string {
  return createHash('sha256').update(JSON.stringify(scope)).digest('base64url').slice(0, 8);
}

/** A part of a list whose places are numbers: `results` and the cursor of the next part. */
export function sliceOf<T>(items: readonly T[], request: ListRequest, scope: unknown): { part: readonly T[]; nextCursor: string | null } {
  const from = request.cursor === undefined ? 0 : Number(placeOf(request.cursor, scope)[0]);
  const to = from + request.size;
  return { part: items.slice(from, to), nextCursor: to < items.length ? cursorOf(scope, [to]) : null };
}
