/**
 * Reading tasks. Changes come from the search, which lags and stops at 10,000 hits: it is read by windows of modification time that overlap. Archived
 * tasks are in no search: a delete is learnt from a webhook and a read by id, and from the full scan, which lists live and archived tasks.
 */
import type { FetchOutcome, PullPage, PullRequest } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { z } from 'zod';
import type { Filter, HubSpotClient } from './client.ts';
import { decodeTask, isInScope, MODIFIED } from './mapping.ts';
import type { Layout } from './mapping.ts';
import type { WireObject } from './wire.ts';

const SEARCH_PAGE = 200;
const LIST_PAGE = 100;
const READ_BATCH = 100;
/** HubSpot says "a few moments" until a change can be found; what is younger than this is read again. */
const INDEX_LAG_MS = 60_000;

export interface Reading {
  readonly client: HubSpotClient;
  readonly layout: Layout;
}

/**
 * `sinceMs`: modification times from here on are to be read. `tie`: more tasks than a page share `sinceMs` (an import), and are read by id from here.
 * `sweepMs`: HubSpot's time when this round of pages began, `newestMs` the latest change seen in it.
 */
const changesSchema = z.strictObject({
  version: z.literal(1),
  sinceMs: z.number(),
  tie: z.string().nullable(),
  sweepMs: z.number().nullable(),
  newestMs: z.number(),
});
type ChangesCursor = z.infer<typeof changesSchema>;

const fullSchema = z.strictObject({ version: z.literal(1), archived: z.boolean(), after: z.string().nullable() });

export async function pullTasks(reading: Reading, request: PullRequest): Promise<PullPage> {
  return request.mode === 'full' ? pullFull(reading, request) : pullChanges(reading, request);
}

const BEGINNING: ChangesCursor = { version: 1, sinceMs: 0, tie: null, sweepMs: null, newestMs: 0 };

async function pullChanges({ client, layout }: Reading, request: PullRequest): Promise<PullPage> {
  const cursor = request.cursor === null ? BEGINNING : cursorOf(changesSchema, request.cursor);
  const isFirst = cursor.sweepMs === null;
  const page = await client.search({
    groups: groupsOf(layout, cursor),
    sortBy: cursor.tie === null ? MODIFIED : 'hs_object_id',
    properties: layout.properties,
    limit: SEARCH_PAGE,
  });
  const tasks = page.results.filter((task) => isInScope(layout, task));
  // What we wrote lately may not be in the index yet: it is read from the primary store, once a round (D04).
  const missing = isFirst ? request.recentlyWrittenIds.filter((id) => !tasks.some((task) => task.id === id)) : [];
  const written = missing.length === 0 ? [] : await client.read({ ids: missing.slice(0, READ_BATCH), properties: layout.properties });
  const sweepMs = cursor.sweepMs ?? page.answeredAtMs ?? 0;
  const { next, more } = following(cursor, page.results, sweepMs);
  return pageOf(
    [...tasks, ...written].map((task) => decodeTask(layout, task)),
    next,
    more,
  );
}

/** In scope by any of the scope's properties, and modified in the window. */
function groupsOf(layout: Layout, { sinceMs, tie }: ChangesCursor): readonly (readonly Filter[])[] {
  const window: readonly Filter[] =
    tie === null
      ? [{ propertyName: MODIFIED, operator: 'GTE', value: String(sinceMs) }]
      : [
          { propertyName: MODIFIED, operator: 'EQ', value: String(sinceMs) },
          { propertyName: 'hs_object_id', operator: 'GT', value: tie },
        ];
  return layout.scopeProperties.map((propertyName) => [...window, { propertyName, operator: 'HAS_PROPERTY' }]);
}

/**
 * The next window. A full page is followed from its last modification time, not by an offset: tasks that change meanwhile move to the end and would
 * shift others past it. At the end of a round the cursor stays behind what the index may not show yet, by HubSpot's own clock;
 * once the newest change is older than that, nothing is shown twice.
 */
function following(
  cursor: ChangesCursor,
  tasks: readonly WireObject[],
  sweepMs: number,
): { readonly next: ChangesCursor; readonly more: boolean } {
  const isFull = tasks.length === SEARCH_PAGE;
  const lastMs = tasks.reduce((latest, task) => Math.max(latest, modifiedMs(task)), 0);
  const newestMs = Math.max(cursor.newestMs, lastMs);
  const within = { ...cursor, sweepMs, newestMs };
  if (cursor.tie !== null) {
    const next = isFull ? { ...within, tie: tasks.at(-1)?.id ?? cursor.tie } : { ...within, tie: null, sinceMs: cursor.sinceMs + 1 };
    return { next, more: true };
  }
  if (isFull) return { next: lastMs > cursor.sinceMs ? { ...within, sinceMs: lastMs } : { ...within, tie: '0' }, more: true };
  const sinceMs = Math.max(0, Math.min(newestMs + 1, sweepMs - INDEX_LAG_MS));
  return { next: { version: 1, sinceMs, tie: null, sweepMs: null, newestMs }, more: false };
}

function modifiedMs(task: WireObject): number {
  const value = task.properties[MODIFIED] ?? '';
  const atMs = /^\d+$/.test(value) ? Number(value) : Date.parse(value);
  return Number.isNaN(atMs) ? 0 : atMs;
}

/** Every task of the account, page by page, live ones first. Archived ones are shown where they carry our marker: that is HubSpot saying so. */
async function pullFull({ client, layout }: Reading, request: PullRequest): Promise<PullPage> {
  const cursor = request.cursor === null ? { version: 1, archived: false, after: null } : cursorOf(fullSchema, request.cursor);
  const page = await client
    .list({ after: cursor.after, archived: cursor.archived, properties: layout.properties, limit: LIST_PAGE })
    .catch((error: unknown) => {
      const isStale = error instanceof ConnectorError && error.code === 'Invalid' && error.status === 400 && cursor.after !== null;
      throw isStale ? new ConnectorError('CursorInvalid', error.message, { status: 400 }) : error;
    });
  const records = page.results
    .map((task) => ({ task, record: decodeTask(layout, cursor.archived ? { ...task, archived: true } : task) }))
    .filter(({ task, record }) => (cursor.archived ? record.marker !== null : isInScope(layout, task)))
    .map(({ record }) => record);
  const after = page.paging?.next?.after ?? null;
  if (after !== null) return pageOf(records, { version: 1, archived: cursor.archived, after }, true);
  return pageOf(records, { version: 1, archived: true, after: null }, !cursor.archived);
}

function pageOf(records: PullPage['records'], nextCursor: PullPage['nextCursor'], more: boolean): PullPage {
  return { records, nextCursor, more, deletedIds: [], notices: [] };
}

function cursorOf<S extends z.ZodType>(schema: S, cursor: unknown): z.infer<S> {
  const result = schema.safeParse(cursor);
  if (result.success) return result.data;
  throw new ConnectorError('CursorInvalid', 'HubSpot cursor: expected one of version 1, got another');
}

/**
 * Reads by id from the primary store. An archived task is found and says so. A live one out of scope is somebody's own: `forbidden`, so that nothing is
 * made of it and nothing is deleted for it.
 */
export async function fetchTasks({ client, layout }: Reading, ids: readonly string[]): Promise<readonly FetchOutcome[]> {
  const found = new Map<string, WireObject>();
  const collect = async (wanted: readonly string[], archived: boolean): Promise<void> => {
    for (let start = 0; start < wanted.length; start += READ_BATCH) {
      const chunk = wanted.slice(start, start + READ_BATCH);
      for (const task of await client.read({ ids: chunk, properties: layout.properties, archived }))
        found.set(task.id, archived ? { ...task, archived } : task);
    }
  };
  await collect([...new Set(ids)], false);
  await collect(
    [...new Set(ids)].filter((id) => !found.has(id)),
    true,
  );
  // One by one: the answer for a record that was merged into another is that other record, under an id of its own.
  for (const id of [...new Set(ids)].filter((wanted) => !found.has(wanted)))
    for (const task of await client.read({ ids: [id], properties: layout.properties })) found.set(id, task);
  return ids.map((remoteId) => {
    const task = found.get(remoteId);
    if (task === undefined) return { found: false, remoteId, reason: 'absent' };
    if (task.archived !== true && !isInScope(layout, task)) return { found: false, remoteId, reason: 'forbidden' };
    return { found: true, record: decodeTask(layout, task) };
  });
}

/** Finds tasks by our unique property, from the primary store. */
export async function findTasks({ client, layout }: Reading, markers: readonly string[]): Promise<PullPage['records']> {
  const found: PullPage['records'][number][] = [];
  for (let start = 0; start < markers.length; start += READ_BATCH) {
    const ids = markers.slice(start, start + READ_BATCH);
    const tasks = await client.read({ ids, properties: layout.properties, idProperty: layout.markerProperty });
    found.push(...tasks.map((task) => decodeTask(layout, task)));
  }
  return found;
}
