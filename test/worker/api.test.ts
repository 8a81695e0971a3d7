/** The HTTP API as its contract says: every route, every refusal. */
import type { z } from 'zod';
import { describe, expect, test } from 'vitest';
import * as routes from '@lockstep/api/routes.ts';
import { problemSchema } from '@lockstep/api/schemas.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { remoteOf } from '../engine/bench-of-remotes.ts';
import { apiDesk, TOKEN } from './api-desk.ts';
import type { ApiDesk } from './api-desk.ts';

const database = useTestStore();

/** What the calls below need: an item with a conflict that waits for a person. */
interface Known {
  readonly itemId: string;
  readonly conflictId: string;
}

interface Call {
  readonly route: (typeof routes)[keyof typeof routes];
  readonly good: (known: Known) => { readonly path: string; readonly body?: unknown };
}

/** One good call of every route: a route that is missing here does not compile. */
const CALLS: Readonly<Record<keyof typeof routes, Call>> = {
  statusRoute: { route: routes.statusRoute, good: () => ({ path: '/v1/status' }) },
  planRoute: { route: routes.planRoute, good: () => ({ path: '/v1/plan?connections=notion' }) },
  applyRoute: { route: routes.applyRoute, good: () => ({ path: '/v1/apply', body: { planId: '' } }) },
  syncRoute: { route: routes.syncRoute, good: () => ({ path: '/v1/sync', body: { fullScan: true } }) },
  itemsRoute: { route: routes.itemsRoute, good: () => ({ path: '/v1/items?limit=1&kind=task' }) },
  findRoute: { route: routes.findRoute, good: () => ({ path: '/v1/items/find?text=one' }) },
  importRoute: {
    route: routes.importRoute,
    good: () => ({ path: '/v1/items/import', body: { items: [{ kind: 'task', fields: { title: 'imported' } }] } }),
  },
  whyRoute: { route: routes.whyRoute, good: ({ itemId }) => ({ path: `/v1/items/${itemId}/why` }) },
  resyncRoute: { route: routes.resyncRoute, good: ({ itemId }) => ({ path: `/v1/items/${itemId}/resync`, body: {} }) },
  conflictsRoute: { route: routes.conflictsRoute, good: () => ({ path: '/v1/conflicts?state=open' }) },
  conflictRoute: { route: routes.conflictRoute, good: ({ conflictId }) => ({ path: `/v1/conflicts/${conflictId}` }) },
  resolveRoute: {
    route: routes.resolveRoute,
    good: ({ conflictId }) => ({ path: `/v1/conflicts/${conflictId}/resolve`, body: { choice: 'remote' } }),
  },
  pauseRoute: { route: routes.pauseRoute, good: () => ({ path: '/v1/connections/notion/pause', body: {} }) },
  resumeRoute: { route: routes.resumeRoute, good: () => ({ path: '/v1/connections/notion/resume', body: {} }) },
  doctorRoute: { route: routes.doctorRoute, good: () => ({ path: '/v1/doctor' }) },
};
const EACH = Object.entries(CALLS);
const NOBODY: Known = { itemId: 'item-0', conflictId: 'conflict-0' };

/** Two remotes in step over one item, but for its owner: both have edited it, and Jira's edit stands. */
async function disagreeing(): Promise<{ readonly desk: ApiDesk; readonly known: Known }> {
  const desk = await apiDesk(database.store(), ['jira', 'notion']);
  const { bench } = desk;
  const [jira, notion] = [remoteOf(bench.remotes, 'jira'), remoteOf(bench.remotes, 'notion')];
  jira.make({ title: 'one', owner: 'Ada', status: 'todo', labels: ['a'], parent: null });
  notion.make({ title: 'two', owner: null, status: 'todo', labels: [], parent: null });
  await bench.rest();
  for (const remote of [jira, notion]) {
    const record = remote.live().find((paper) => paper.fields.title === 'one');
    remote.edit(record?.remoteId ?? '', { owner: remote === jira ? 'Grace' : 'Linus' });
  }
  await bench.rest();
  const [conflict] = await bench.workspace.store.snapshot((reader) => reader.conflicts({ limit: 1 }));
  return { desk, known: { itemId: conflict?.itemId ?? '', conflictId: conflict?.conflictId ?? '' } };
}

test.for(EACH)('%s answers what its schema says, and nothing more', async ([, { route, good }]) => {
  const { desk, known } = await disagreeing();
  const { path, body } = good(known);
  const plan = path === '/v1/apply' ? { planId: ((await desk.call('GET', '/v1/plan')).body as { planId: string }).planId } : body;
  const answer = await desk.call(route.method, path, plan);
  expect(answer).toMatchObject({ status: 200 });
  expect(strictly(route.responses[200].content['application/json'].schema, answer.body)).toEqual(answer.body);
});

test.for(EACH)('%s is refused without the token, and with another', async ([, { route, good }]) => {
  const desk = await apiDesk(database.store(), ['jira', 'notion']);
  const { path, body } = good(NOBODY);
  for (const authorization of ['', 'Bearer ', 'Bearer a-token-of-the-tesT', `Bearer ${TOKEN}x`, TOKEN, `Basic ${TOKEN}`]) {
    const { status, body: problem } = await desk.call(route.method, path, body, { authorization });
    expect([status, problemSchema.parse(problem).code]).toEqual([401, 'unauthorized']);
  }
  expect(desk.woken).toEqual([]);
});

describe('unknown things', () => {
  test.for([
    ['GET', '/v1/items/nope/why', undefined],
    ['POST', '/v1/items/nope/resync', {}],
    ['GET', '/v1/conflicts/nope', undefined],
    ['POST', '/v1/conflicts/nope/resolve', { choice: 'canonical' }],
    ['POST', '/v1/connections/nope/pause', {}],
    ['POST', '/v1/connections/nope/resume', {}],
    ['GET', '/v1/plan?connections=nope', undefined],
    ['POST', '/v1/apply', { planId: 'p', connections: ['nope'] }],
    ['POST', '/v1/sync', { connections: ['nope'] }],
    ['GET', '/v1/nope', undefined],
  ] as const)('%s %s is 404 and says what is not there', async ([method, path, body]) => {
    const desk = await apiDesk(database.store(), ['jira', 'notion']);
    const answer = await desk.call(method, path, body);
    expect(answer.status).toBe(404);
    const { code, message } = problemSchema.parse(answer.body);
    expect(code).toBe('not_found');
    expect(message).toContain('nope');
    expect(message).toContain('expected');
    expect(desk.woken).toEqual([]);
  });
});

describe('requests that are not of the form', () => {
  test.for([
    ['POST', '/v1/apply', {}, 'planId'],
    ['POST', '/v1/apply', { planId: 7 }, 'planId'],
    ['POST', '/v1/sync', { connections: 'jira' }, 'connections'],
    ['POST', '/v1/items/import', { items: [{ kind: 'wish', fields: {} }] }, 'items.0.kind'],
    ['POST', '/v1/items/import', { items: [{ kind: 'task', fields: { colour: 'red' } }] }, 'items.0.fields'],
    ['POST', '/v1/conflicts/c/resolve', { choice: 'value' }, 'value'],
    ['POST', '/v1/conflicts/c/resolve', { choice: 'coin' }, 'choice'],
    ['GET', '/v1/items?limit=0', undefined, 'limit'],
    ['GET', '/v1/items/find', undefined, 'text'],
    ['GET', '/v1/conflicts?state=odd', undefined, 'state'],
    ['POST', '/v1/apply', '{"planId": ', 'body'],
    ['POST', '/v1/sync', [], 'request'],
  ] as const)('%s %s with %j is 400 and names %s', async ([method, path, body, place]) => {
    const desk = await apiDesk(database.store(), ['jira', 'notion']);
    const answer = await desk.call(method, path, body);
    expect(answer.status).toBe(400);
    const { code, message } = problemSchema.parse(answer.body);
    expect(code).toBe('bad_request');
    expect(message).toContain(`${place}:`);
    expect(message).toMatch(/expected|Unrecognized|Invalid/);
  });
});

test('S11 apply lets exactly the planned writes flow, and a plan that does not hold any more is refused', async () => {
  const desk = await apiDesk(database.store(), ['jira', 'notion'], 'plan-first');
  const { bench } = desk;
  const [jira, notion] = [remoteOf(bench.remotes, 'jira'), remoteOf(bench.remotes, 'notion')];
  const remoteId = jira.make({ title: 'one', owner: 'Ada', status: 'todo', labels: [], parent: null });
  await bench.rest();
  const planOf = async () => (await desk.call('GET', '/v1/plan')).body as { planId: string; writes: object[] };
  const stale = await planOf();
  jira.edit(remoteId, { owner: 'Grace' });
  await bench.rest();
  const refused = await desk.call('POST', '/v1/apply', { planId: stale.planId });
  expect([refused.status, problemSchema.parse(refused.body).code]).toEqual([409, 'stale_plan']);
  await bench.rest();
  expect([jira.writes, notion.writes, desk.woken]).toEqual([[], [], []]);

  const plan = await planOf();
  expect(plan.writes).toMatchObject([{ connectionId: 'notion', operation: 'create', title: 'one' }]);
  expect((await desk.call('POST', '/v1/apply', { planId: plan.planId })).status).toBe(200);
  expect(desk.woken.flatMap(({ connectionIds }) => connectionIds)).toEqual(['jira', 'notion']);
  await bench.rest();
  expect([jira.writes.length, notion.writes.length]).toEqual([0, 1]);
});

test('S12 deletes that the breaker holds back are in the plan, and go through only where the operator approves of them', async () => {
  const desk = await apiDesk(database.store(), ['jira', 'notion']);
  const { bench } = desk;
  const [jira, notion] = [remoteOf(bench.remotes, 'jira'), remoteOf(bench.remotes, 'notion')];
  const ids = Array.from({ length: 12 }, (_, index) =>
    jira.make({ title: `task ${index}`, owner: null, status: 'todo', labels: [], parent: null }),
  );
  await bench.rest();
  for (const remoteId of ids.slice(0, 11)) jira.trash(remoteId);
  await bench.rest();
  const plan = (await desk.call('GET', '/v1/plan')).body as { planId: string; heldBack: object[] };
  expect(plan.heldBack).toMatchObject([{ connectionId: 'jira', deletes: 11 }]);
  await desk.call('POST', '/v1/apply', { planId: plan.planId });
  await bench.rest();
  expect(notion.live()).toHaveLength(12);
  expect((await desk.call('POST', '/v1/apply', { planId: plan.planId, approveDeletes: true })).status).toBe(200);
  await bench.rest();
  expect(notion.live()).toHaveLength(1);
});

test('S2 a conflict that is resolved with the value that lost brings it to every remote, once', async () => {
  const { desk, known } = await disagreeing();
  const owners = () => ['jira', 'notion'].map((name) => ownerIn(desk, name));
  expect(owners()).toEqual(['Grace', 'Grace']);
  const answer = await desk.call('POST', `/v1/conflicts/${known.conflictId}/resolve`, { choice: 'remote' });
  expect(answer).toEqual({ status: 200, body: { woken: ['jira', 'notion'] } });
  await desk.bench.rest();
  expect(owners()).toEqual(['Linus', 'Linus']);
  const again = await desk.call('POST', `/v1/conflicts/${known.conflictId}/resolve`, { choice: 'canonical' });
  expect([again.status, problemSchema.parse(again.body).code]).toEqual([409, 'refused']);
});

test('what the worker does not understand is 500, with nothing of it in the answer', async () => {
  const desk = await apiDesk(database.store(), ['jira']);
  Object.assign(desk.bench.workspace.store, { snapshot: () => Promise.reject(new Error('password=hunter2')) });
  expect(await desk.call('GET', '/v1/status')).toEqual({
    status: 500,
    body: { code: 'internal', message: 'the worker failed; its log says why' },
  });
});

test('health and the OpenAPI document need no token; the document names every route, and its references lead somewhere', async () => {
  const desk = await apiDesk(database.store(), ['jira']);
  const open = { authorization: '' };
  expect(await desk.call('GET', '/v1/health', undefined, open)).toEqual({ status: 200, body: { ok: true } });
  const { status, body } = await desk.call('GET', '/v1/openapi.json', undefined, open);
  expect(status).toBe(200);
  const document = body as { openapi: string; paths: Record<string, Record<string, { security: unknown }>>; components: object };
  expect(document.openapi).toBe('3.1.0');
  for (const [, { route }] of EACH) expect(document.paths[route.path]?.[route.method]?.security).toEqual([{ token: [] }]);
  expect(document.components).toMatchObject({ securitySchemes: { token: { type: 'http', scheme: 'bearer' } } });
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
  expect(references.length).toBeGreaterThan(10);
  expect(references.filter((path) => at(document, path.split('/')) === undefined)).toEqual([]);
});

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], value);
}

function ownerIn(desk: ApiDesk, name: string): unknown {
  return remoteOf(desk.bench.remotes, name)
    .live()
    .find((paper) => paper.fields.title === 'one')?.fields.owner;
}

/** The body as the schema understands it: keys that it does not have are gone. */
function strictly(schema: z.ZodType, body: unknown): unknown {
  return schema.parse(body);
}
