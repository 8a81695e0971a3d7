/**
 * Reading issues: by JQL for changes and full scans, by id from the primary store, by our marker.
 *
 * A search shows writes late, to the minute, and in the zone of whoever asks. So a scan of changes begins before the last one ended, its end is told
 * by the site's clock and never by ours, and issues are listed in the order of their creation: an edit during the scan moves none of them.
 */
import type { FetchOutcome, PullPage, PullRequest, Pulls, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { z } from 'zod';
import { projectOf } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import { MARKER_PROPERTY, markerLabel, markerOf, neededFields } from './mapping.ts';
import type { JiraSite } from './site.ts';
import { instantOf, jqlTime } from './time.ts';
import type { WireIssue } from './wire.ts';

/** How late the search index may be. Jira says "a few seconds to minutes". */
const INDEX_LAG_MS = 120_000;
const PAGE_SIZE = 100;
const MOST_RECONCILED = 50;
/** As many as `issue/bulkfetch` takes. */
export const MOST_FETCHED = 100;
/** Issues below the newest one in the index whose keys are read too: the index does not fill in order. */
const UNSORTED_KEYS = 100;
/** Where a search for new keys ends that finds no end. */
const MOST_NEW_KEYS = 10_000;
const ORDER = 'ORDER BY created ASC, key ASC';

const scanSchema = z.object({
  jql: z.string(),
  token: z.string(),
  /** The site's time at the beginning of the scan; null for a full one. */
  startedAt: z.string().nullable(),
  /** The same on every page, as Jira asks. */
  reconcile: z.array(z.string()),
});
const cursorSchema = z.object({
  version: z.literal(1),
  /** Everything that was updated before this instant (less the lag of the index) has been shown. */
  since: z.string().nullable(),
  scan: scanSchema.nullable(),
});
type Cursor = z.infer<typeof cursorSchema>;

export function jiraPulls(site: JiraSite): Pulls {
  return {
    pull: (request) => pull(site, request),
    fetch: (remoteIds) => fetchIssues(site, remoteIds),
    findByMarker: (markers) => findByMarker(site, markers),
  };
}

/** Jira answers alike for what is deleted and for what may not be seen: who may not browse the project has learnt nothing (F03). */
async function fetchIssues(site: JiraSite, remoteIds: readonly string[]): Promise<readonly FetchOutcome[]> {
  const catalogue = await site.catalogue();
  const found = await site.read(remoteIds);
  const reason = found.size === new Set(remoteIds).size || (await mayBrowse(site)) ? 'absent' : 'forbidden';
  return remoteIds.map((remoteId): FetchOutcome => {
    const issue = found.get(remoteId);
    return issue === undefined ? { found: false, remoteId, reason } : { found: true, record: site.record(catalogue, issue) };
  });
}

async function mayBrowse(site: JiraSite): Promise<boolean> {
  try {
    return (await site.client.permissions(projectOf(site.mapping), ['BROWSE_PROJECTS']))['BROWSE_PROJECTS']?.havePermission === true;
  } catch (error) {
    if (error instanceof ConnectorError && (error.code === 'NotFound' || error.code === 'Forbidden')) return false;
    throw error;
  }
}

async function pull(site: JiraSite, request: PullRequest): Promise<PullPage> {
  const cursor = readCursor(request.cursor);
  const catalogue = await site.catalogue(request.mode === 'full' && cursor.scan === null);
  const since = request.mode === 'full' ? null : cursor.since;
  const isFirstScan = request.mode === 'changes' && since === null && cursor.scan === null;
  const startedAt = isFirstScan ? (await site.client.serverTime()).toISOString() : (cursor.scan?.startedAt ?? null);
  const reconcile = cursor.scan?.reconcile ?? request.recentlyWrittenIds.filter((id) => /^\d+$/.test(id)).slice(0, MOST_RECONCILED);
  const jql = cursor.scan?.jql ?? jqlOf(site, catalogue, since);
  const page = await site.client.search({
    jql,
    nextPageToken: cursor.scan?.token ?? null,
    fields: neededFields(site.mapping, catalogue),
    properties: [MARKER_PROPERTY],
    maxResults: PAGE_SIZE,
    reconcileIssues: reconcile,
  });
  const token = page.isLast === true ? null : (page.nextPageToken ?? null);
  const next: Cursor =
    token !== null
      ? { version: 1, since, scan: { jql, token, startedAt: startedAt ?? (await startOf(site, request)), reconcile } }
      : {
          version: 1,
          since: request.mode === 'full' ? null : await nextSince(site, { since, startedAt, issues: page.issues }),
          scan: null,
        };
  return {
    records: page.issues.map((issue) => site.record(catalogue, issue)),
    nextCursor: next satisfies Json,
    more: token !== null,
    deletedIds: [],
    notices: [],
  };
}

function readCursor(cursor: Json | null): Cursor {
  if (cursor === null) return { version: 1, since: null, scan: null };
  const parsed = cursorSchema.safeParse(cursor);
  if (parsed.success) return parsed.data;
  throw new ConnectorError('CursorInvalid', 'Jira cursor: expected one of version 1, got another');
}

function jqlOf(site: JiraSite, catalogue: Catalogue, since: string | null): string {
  const scope = `project = ${quoted(projectOf(site.mapping))}`;
  if (since === null) return `${scope} ${ORDER}`;
  return `${scope} AND updated >= "${jqlTime(Date.parse(since) - INDEX_LAG_MS, catalogue.timeZone)}" ${ORDER}`;
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;

/** A scan of several pages ends where it began: what changed on pages that were read already is shown by the next one. */
async function startOf(site: JiraSite, request: PullRequest): Promise<string | null> {
  return request.mode === 'full' ? null : (await site.client.serverTime()).toISOString();
}

/**
 * Where the next scan of changes begins. A scan that showed nothing new moves it to the site's present, so that a quiet project is not read over and
 * over; an empty one moves nothing and costs nothing.
 */
async function nextSince(
  site: JiraSite,
  scan: { readonly since: string | null; readonly startedAt: string | null; readonly issues: readonly WireIssue[] },
): Promise<string | null> {
  if (scan.startedAt !== null) return scan.startedAt;
  if (scan.issues.length === 0) return scan.since;
  const newest = scan.issues
    .flatMap((issue) => instantOf(issue.fields['updated'])?.toISOString() ?? [])
    .reduce((latest, at) => (at > latest ? at : latest), scan.since ?? '');
  return scan.since !== null && newest <= scan.since ? (await site.client.serverTime()).toISOString() : newest;
}

/**
 * Issues that carry the markers. The label is found by search, which may be late; issues newer than the index are found by their keys, which Jira
 * gives in order, read from the primary store until a whole page of keys is not there.
 */
async function findByMarker(site: JiraSite, markers: readonly string[]): Promise<readonly RemoteRecord[]> {
  if (markers.length === 0) return [];
  const catalogue = await site.catalogue();
  const wanted = new Set(markers);
  const found = new Map<string, WireIssue>();
  const keep = (issues: Iterable<WireIssue>): void => {
    for (const issue of issues) if (wanted.has(markerOf(issue) ?? '')) found.set(issue.id, issue);
  };
  for (let start = 0; start < markers.length; start += PAGE_SIZE) {
    const labels = markers.slice(start, start + PAGE_SIZE).map((marker) => quoted(markerLabel(marker)));
    const listed = await listAll(site, catalogue, `labels IN (${labels.join(', ')}) ${ORDER}`);
    // The index may show them as they were.
    for (let from = 0; from < listed.length; from += MOST_FETCHED)
      keep((await site.read(listed.slice(from, from + MOST_FETCHED))).values());
  }
  const marked = new Set([...found.values()].map(markerOf));
  if (markers.some((marker) => !marked.has(marker))) for await (const issues of unindexed(site)) keep(issues);
  return [...found.values()].sort((a, b) => Number(a.id) - Number(b.id)).map((issue) => site.record(catalogue, issue));
}

async function listAll(site: JiraSite, catalogue: Catalogue, condition: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let nextPageToken: string | null = null;
  do {
    const page: Awaited<ReturnType<JiraSite['client']['search']>> = await site.client.search({
      jql: `project = ${quoted(projectOf(site.mapping))} AND ${condition}`,
      nextPageToken,
      fields: ['id'],
      properties: [],
      maxResults: PAGE_SIZE,
      reconcileIssues: [],
    });
    ids.push(...page.issues.map((issue) => issue.id));
    nextPageToken = page.isLast === true ? null : (page.nextPageToken ?? null);
  } while (nextPageToken !== null);
  return ids;
}

async function* unindexed(site: JiraSite): AsyncGenerator<Iterable<WireIssue>> {
  const project = projectOf(site.mapping);
  const newest = await site.client.search({
    jql: `project = ${quoted(project)} ORDER BY key DESC`,
    nextPageToken: null,
    fields: ['summary'],
    properties: [],
    maxResults: 1,
    reconcileIssues: [],
  });
  const last = Number(/-(\d+)$/.exec(newest.issues[0]?.key ?? '')?.[1] ?? 0);
  const from = Math.max(1, last - UNSORTED_KEYS + 1);
  for (let number = from; number < last + MOST_NEW_KEYS; number += MOST_FETCHED) {
    const issues = await site.read(Array.from({ length: MOST_FETCHED }, (_, offset) => `${project}-${number + offset}`));
    yield issues.values();
    if (issues.size === 0 && number > last) return;
  }
}
