/** The simulator's own API: what it takes, what it refuses, and that it moves what it says. */
import { beforeEach, expect, test } from 'vitest';
import { createAdmin } from './admin.ts';
import type { Knobs } from './admin.ts';
import { createClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { openDatabase } from './database.ts';
import { createFaultLog } from './fault-log.ts';
import { createFaults } from './faults.ts';
import type { Faults } from './faults.ts';
import { createRequestLog } from './request-log.ts';
import { NO_KNOBS } from './vendor.ts';
import { createWebhookQueue } from './webhooks.ts';
import type { WebhookQueue } from './webhooks.ts';

let admin: ReturnType<typeof createAdmin>;
let clock: Clock;
let faults: Faults;
let webhooks: WebhookQueue;
let knobs: Knobs;
let resets: number;

beforeEach(() => {
  const log = createRequestLog(openDatabase(':memory:'));
  for (const account of ['lockstep', 'maria'])
    log.record({
      tool: 'jira',
      at: '',
      method: 'POST',
      path: '/',
      operation: null,
      account,
      status: 201,
      effect: 'create',
      records: 2,
      durationMs: 0,
      fault: null,
    });
  clock = createClock();
  const faultLog = createFaultLog(clock);
  faults = createFaults(clock, faultLog);
  webhooks = createWebhookQueue(faultLog);
  knobs = { ...NO_KNOBS, rateLimits: 'documented', latencyMs: 0 };
  resets = 0;
  admin = createAdmin({ clock, faults, faultLog, log, webhooks, knobs, vendors: () => [], reset: () => (resets += 1) });
});

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await admin.request(`/_simulator${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test('requests and counts, by account and from a place on', async () => {
  expect((await ask('GET', '/counts?account=maria')).body).toEqual({ calls: 1, creates: 2, updates: 0, deletes: 0, lastSeq: 2 });
  expect((await ask('GET', '/counts?after=2')).body).toMatchObject({ calls: 0 });
  expect((await ask('GET', '/requests?after=1&limit=5')).body).toMatchObject({ requests: [{ seq: 2, account: 'maria' }], lastSeq: 2 });
});

test('faults are added, listed and ended', async () => {
  const fault = { tool: 'jira', action: { kind: 'lose-answer' } };
  expect((await ask('POST', '/faults', fault)).body).toEqual({ waiting: 1, holding: 0 });
  expect(faults.take({ tool: 'jira', method: 'GET', path: '/' })?.fault.action).toEqual({ kind: 'lose-answer' });
  await ask('POST', '/faults', fault);
  expect((await ask('DELETE', '/faults')).body).toEqual({ waiting: 0, holding: 0 });
});

test('the clock stands, moves and runs again', async () => {
  expect((await ask('POST', '/clock', { freeze: '2026-11-24T09:00:00.000Z' })).body).toEqual({ now: '2026-11-24T09:00:00.000Z' });
  expect((await ask('POST', '/clock', { advanceMs: 60_000 })).body).toEqual({ now: '2026-11-24T09:01:00.000Z' });
  expect(clock.nowMs()).toBe(Date.parse('2026-11-24T09:01:00.000Z'));
  expect((await ask('POST', '/clock', { freeze: null })).status).toBe(200);
});

test('settings, webhooks and reset', async () => {
  expect((await ask('POST', '/settings', { rateLimits: 'off', latencyMs: 150, indexLagMs: 60_000 })).body).toEqual({
    ...{ rateLimits: 'off', latencyMs: 150, indexLagMs: 60_000, mostResults: null, dailyCalls: null },
  });
  expect(knobs).toMatchObject({ rateLimits: 'off', latencyMs: 150 });
  expect((await ask('POST', '/webhooks', { hold: true, copies: 2 })).body).toMatchObject({
    hold: true,
    copies: 2,
    reversed: false,
    delivered: 0,
  });
  expect(webhooks.faults).toMatchObject({ hold: true, copies: 2 });
  await ask('POST', '/reset');
  expect(resets).toBe(1);
});

test.for([
  ['/faults', { tool: 'trello', action: { kind: 'hold' } }, 'tool'],
  ['/faults', { tool: 'jira', action: { kind: 'explode' } }, 'action.kind'],
  ['/faults', { tool: 'jira', action: { kind: 'delay' } }, 'action.ms'],
  ['/faults', { tool: 'jira', action: { kind: 'hold' }, times: 0 }, 'times'],
  ['/faults', { tool: 'jira', action: { kind: 'hold' }, match: { path: '(' } }, 'match.path'],
  ['/clock', { freeze: 'noon' }, 'freeze'],
  ['/clock', { advanceMs: 1.5 }, 'advanceMs'],
  ['/clock', {}, 'expected one of'],
  ['/clock', { freeze: null, advanceMs: 1 }, 'expected one of'],
  ['/settings', { latencyMs: -1 }, 'latencyMs'],
  ['/settings', { latency: 1 }, 'latency'],
  ['/webhooks', { copies: 0 }, 'copies'],
] as const)('%s refuses %o by its place', async ([path, body, place]) => {
  const answer = await ask('POST', path, body);
  expect([answer.status, answer.body['error']]).toEqual([400, expect.stringContaining(place)]);
  expect(faults.status()).toEqual({ waiting: 0, holding: 0 });
});
