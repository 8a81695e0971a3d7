/** Faults around requests, and what the request log says of them: what was done counts, whatever became of the answer. */
import { Hono } from 'hono';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { faultSchema } from './faults.ts';
import type { Fault } from './faults.ts';
import { serveVendor } from './testing.ts';
import type { ServedVendor } from './testing.ts';
import type { VendorEnv, VendorFactory } from './vendor.ts';

/** A vendor whose only act is to add one to a counter. */
let done = 0;
const counting: VendorFactory = () => {
  const app = new Hono<VendorEnv>();
  app.post('/things/:id', (c) => {
    done += 1;
    Object.assign(c.env.trace, { operation: 'make thing', account: 'maria', effect: 'create', records: 3 });
    return c.json({ done }, 201);
  });
  app.post('/refused', (c) => {
    Object.assign(c.env.trace, { effect: 'create', records: 1 });
    return c.json({}, 400);
  });
  app.post('/broken', () => {
    throw new Error('a defect of the stand-in');
  });
  return { tool: 'jira', app };
};

let served: ServedVendor;
beforeEach(async () => {
  done = 0;
  served = await serveVendor('jira', counting);
});
afterEach(() => served.close());

const post = (path = '/things/1?a=b'): Promise<Response> => fetch(`${served.url}${path}`, { method: 'POST' });
const fault = (action: Fault['action'], more: object = {}): void => served.faults.add(faultSchema.parse({ tool: 'jira', action, ...more }));
const lastLogged = (): unknown => served.log.list({}, 100).at(-1);

test('a request is logged with what it did; one that was refused or broke did nothing', async () => {
  served.clock.freeze(Date.parse('2026-11-24T09:00:00Z'));
  expect((await post()).status).toBe(201);
  expect(lastLogged()).toMatchObject({
    tool: 'jira',
    at: '2026-11-24T09:00:00.000Z',
    method: 'POST',
    path: '/things/1?a=b',
    operation: 'make thing',
    account: 'maria',
    status: 201,
    effect: 'create',
    records: 3,
    fault: null,
  });
  // A defect is for whoever mends the stand-in to see: it is printed.
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect([(await post('/refused')).status, (await post('/broken')).status, (await post('/nowhere')).status]).toEqual([400, 500, 404]);
  expect(printed).toHaveBeenCalledOnce();
  printed.mockRestore();
  expect(served.log.counts({})).toEqual({ calls: 4, creates: 3, updates: 0, deletes: 0 });
});

test('answer: the vendor is not asked, and the answer is what the test says', async () => {
  fault({ kind: 'answer', status: 429, headers: { 'retry-after': '30' }, body: { slow: 'down' } });
  const answer = await post();
  expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([429, '30', { slow: 'down' }]);
  expect([done, lastLogged()]).toEqual([0, expect.objectContaining({ status: 429, effect: 'none', records: 0, fault: 'answer' })]);
});

test('lose-request: nothing was done; lose-answer: it was done; the client cannot tell them apart', async () => {
  fault({ kind: 'lose-request' });
  await expect(post()).rejects.toThrow('fetch failed');
  expect([done, lastLogged()]).toEqual([0, expect.objectContaining({ status: 0, effect: 'none', fault: 'lose-request' })]);
  fault({ kind: 'lose-answer' });
  await expect(post()).rejects.toThrow('fetch failed');
  expect([done, lastLogged()]).toEqual([1, expect.objectContaining({ status: 201, effect: 'create', records: 3, fault: 'lose-answer' })]);
  expect((await post()).status).toBe(201);
});

test('delay: done at once, answered later', async () => {
  fault({ kind: 'delay', ms: 120 });
  const startedMs = performance.now();
  const answer = post();
  await expect.poll(() => done).toBe(1);
  expect((await answer).status).toBe(201);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(119);
});

test('hold: done at once, answered when the test lets go', async () => {
  fault({ kind: 'hold' });
  const answer = post();
  await expect.poll(() => served.faults.status()).toEqual({ waiting: 0, holding: 1 });
  expect(done).toBe(1);
  served.faults.clear();
  expect((await answer).status).toBe(201);
  expect(served.faults.status()).toEqual({ waiting: 0, holding: 0 });
});

test('a fault waits for its method and path, lets the first ones pass, is used up, and takes its turn', async () => {
  fault({ kind: 'answer', status: 503, headers: {} }, { match: { method: 'POST', path: '^/things/2' }, skip: 1, times: 2 });
  fault({ kind: 'answer', status: 409, headers: {} }, { match: { path: '/things/' } });
  const statuses: number[] = [];
  for (const path of ['/refused', '/things/1', '/things/2', '/things/2', '/things/2', '/things/2'])
    statuses.push((await post(path)).status);
  expect(statuses).toEqual([400, 409, 201, 503, 503, 201]);
});

test('a fault for another tool is not ours', async () => {
  served.faults.add(faultSchema.parse({ tool: 'notion', action: { kind: 'answer', status: 500 } }));
  expect((await post()).status).toBe(201);
});
