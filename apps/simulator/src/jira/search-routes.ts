/** Search by JQL, and the history of issues. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { userOf } from './access.ts';
import { bodyOf, listParameter, numberParameter } from './body.ts';
import type { JiraContext } from './body.ts';
import { badRequest, JiraError } from './errors.ts';
import { parseJql } from './jql.ts';
import { isBounded, matchingIssues } from './matching.ts';
import { issueView } from './rendering.ts';
import type { Rendering } from './rendering.ts';
import type { Site } from './site.ts';

const MOST_RESULTS = 5_000;
const MOST_RESULTS_WITH_FIELDS = 100;
const DEFAULT_RESULTS = 50;
const MOST_RECONCILED = 50;
const TOKEN_LIFE_MS = 7 * 86_400_000;

const searchSchema = z.strictObject({
  jql: z.string().optional(),
  nextPageToken: z.string().optional(),
  maxResults: z.number().int().min(1).max(MOST_RESULTS).optional(),
  fields: z.array(z.string()).optional(),
  expand: z.string().optional(),
  properties: z.array(z.string()).optional(),
  fieldsByKeys: z.boolean().optional(),
  reconcileIssues: z.array(z.number().int()).optional(),
});
const changelogSchema = z.strictObject({
  issueIdsOrKeys: z.array(z.string()).min(1).max(1_000),
  fieldIds: z.array(z.string()).max(10).optional(),
  maxResults: z.number().int().min(1).max(10_000).optional(),
  nextPageToken: z.string().optional(),
});

interface PageToken {
  readonly jql: string;
  readonly start: number;
  readonly madeMs: number;
}

export function searchRoutes(app: Hono<VendorEnv>, site: Site, rendering: Rendering): void {
  app.post('/rest/api/3/search/jql', async (c) => search(c, await bodyOf(c, searchSchema)));
  app.get('/rest/api/3/search/jql', (c) => {
    const known = ['jql', 'nextPageToken', 'maxResults', 'fields', 'expand', 'properties', 'fieldsByKeys', 'failFast', 'reconcileIssues'];
    const unknown = Object.keys(c.req.query()).find((name) => !known.includes(name));
    if (unknown !== undefined) throw badRequest(`Unknown parameter '${unknown}'.`);
    return search(c, {
      maxResults: Math.max(1, numberParameter(c, 'maxResults', DEFAULT_RESULTS)),
      fields: listParameter(c, 'fields'),
      properties: listParameter(c, 'properties'),
      reconcileIssues: listParameter(c, 'reconcileIssues').map(Number),
      ...(c.req.query('jql') === undefined ? {} : { jql: c.req.query('jql') }),
      ...(c.req.query('nextPageToken') === undefined ? {} : { nextPageToken: c.req.query('nextPageToken') }),
      ...(c.req.query('expand') === undefined ? {} : { expand: c.req.query('expand') }),
    });
  });

  function search(c: JiraContext, request: z.infer<typeof searchSchema>): Response {
    const user = userOf(c);
    const reconcile = request.reconcileIssues ?? [];
    if (reconcile.length > MOST_RECONCILED) throw badRequest(`The maximum number of issues to reconcile is ${MOST_RECONCILED}.`);
    const token = request.nextPageToken === undefined ? null : readToken(request.nextPageToken, site.nowMs());
    const jql = request.jql ?? token?.jql ?? '';
    if (token !== null && token.jql !== jql) throw badRequest('The next page token is not valid for this query.');
    const query = parseJql(jql);
    if (!isBounded(query)) throw badRequest('Unbounded JQL queries are not allowed here. Please add a search restriction to your query.');
    const fields = request.fields ?? [];
    const onlyIds = fields.every((field) => field === 'id' || field === 'key');
    const size = Math.min(request.maxResults ?? DEFAULT_RESULTS, onlyIds ? MOST_RESULTS : MOST_RESULTS_WITH_FIELDS);
    const matching = matchingIssues(site, query, { user, reconcile: new Set(reconcile.map(String)) });
    const start = token?.start ?? 0;
    const page = matching.slice(start, start + size);
    const isLast = start + page.length >= matching.length;
    const view = issueView(fields, request.properties ?? [], request.expand ?? '');
    Object.assign(c.env.trace, { operation: 'search issues', effect: 'read', records: page.length });
    return c.json({
      issues: page.map((issue) => (fields.length === 0 ? { id: issue.id } : rendering.issue(issue, user, view))) as object[],
      isLast,
      ...(isLast ? {} : { nextPageToken: writeToken({ jql, start: start + page.length, madeMs: site.nowMs() }) }),
    });
  }

  app.post('/rest/api/3/search/approximate-count', async (c) => {
    const user = userOf(c);
    const { jql } = await bodyOf(c, z.strictObject({ jql: z.string() }));
    const query = parseJql(jql);
    if (!isBounded(query)) throw badRequest('Unbounded JQL queries are not allowed here. Please add a search restriction to your query.');
    Object.assign(c.env.trace, { operation: 'count issues', effect: 'read', records: 0 });
    return c.json({ count: matchingIssues(site, query, { user, reconcile: new Set() }).length });
  });

  for (const path of ['/rest/api/3/search', '/rest/api/2/search']) {
    app.all(path, () => {
      throw new JiraError(410, [
        'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046',
      ]);
    });
  }

  app.get('/rest/api/3/issue/:id/changelog', (c) => {
    const user = userOf(c);
    const issue = site.issue(user, c.req.param('id'));
    const startAt = numberParameter(c, 'startAt', 0);
    const maxResults = Math.min(numberParameter(c, 'maxResults', 100), 100);
    const values = issue.changes.slice(startAt, startAt + maxResults).map((change) => rendering.change(change, user));
    Object.assign(c.env.trace, { operation: 'get changelog', effect: 'read', records: 1 });
    return c.json({ startAt, maxResults, total: issue.changes.length, isLast: startAt + values.length >= issue.changes.length, values });
  });

  app.post('/rest/api/3/changelog/bulkfetch', async (c) => {
    const user = userOf(c);
    const body = await bodyOf(c, changelogSchema);
    const wanted = new Set(body.fieldIds ?? []);
    const issues = new Set(body.issueIdsOrKeys.map((id) => (user.isMember ? site.find(id) : undefined)));
    const all = [...issues].flatMap((issue) =>
      (issue?.changes ?? [])
        .filter((change) => wanted.size === 0 || change.items.some((item) => wanted.has(item.fieldId)))
        .map((change) => ({ issueId: issue?.id ?? '', change })),
    );
    all.sort((a, b) => a.change.atMs - b.change.atMs || Number(a.issueId) - Number(b.issueId) || Number(a.change.id) - Number(b.change.id));
    const start = body.nextPageToken === undefined ? 0 : Number(Buffer.from(body.nextPageToken, 'base64url').toString('utf8'));
    const size = body.maxResults ?? 1_000;
    const page = all.slice(start, start + size);
    const byIssue = Map.groupBy(page, (entry) => entry.issueId);
    Object.assign(c.env.trace, { operation: 'bulk fetch changelogs', effect: 'read', records: byIssue.size });
    return c.json({
      issueChangeLogs: [...byIssue].map(([issueId, entries]) => ({
        issueId,
        // In bulk, times are epoch milliseconds.
        changeHistories: entries.map(({ change }) => ({ ...(rendering.change(change, user) as object), created: change.atMs })),
      })),
      ...(start + size < all.length ? { nextPageToken: Buffer.from(String(start + size)).toString('base64url') } : {}),
    });
  });
}

function writeToken(token: PageToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string, nowMs: number): PageToken {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as PageToken;
    if (typeof token.start === 'number' && nowMs - token.madeMs < TOKEN_LIFE_MS) return token;
  } catch {
    // Not one of ours: the same answer as for one that is too old.
  }
  throw badRequest('The next page token is invalid or has expired.');
}
