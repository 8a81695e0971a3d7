/** A trace from a webhook to the write at another tool: real workers, real Temporal, and a receiver of OTLP over HTTP. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { createTraceNotes } from '@lockstep/store/traces.ts';
import { createIngress } from '@lockstep/worker/http/ingress.ts';
import { watchAccounts } from '@lockstep/worker/telemetry/accounts.ts';
import { startTraces } from '@lockstep/worker/telemetry/otlp-traces.ts';
import { receiver } from '../conformance/receiver.ts';
import { hooksOf } from './hooks.ts';
import { spansAt } from './spans.ts';
import type { SentSpan } from './spans.ts';
import { createWorld } from './world.ts';
import { settled, useWorkers } from './workers.ts';

const database = useTestStore();
const workers = useWorkers();
const SOON = { timeout: 30_000, interval: 50 };
const TITLE = 'Dig the trenches';
const CANARY = 'Canary McPerson';

test('78 one webhook is one trace: stored, read, owed, and written at the other tool; no span names a person, a record or a text', async () => {
  const collector = await receiver(Date.now);
  const workspaceId = database.workspaceId();
  const log = pino({ level: 'silent' });
  const traces = startTraces({
    ...{ endpoint: `${collector.url}/v1/traces`, headers: { authorization: 'Bearer of-the-collector' }, workspaceId, log },
    ...{ notes: createTraceNotes({ pool: database.pool, workspaceId }), now: () => new Date().toISOString() },
  });
  const accounts = watchAccounts({ now: Date.now, traces });
  const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'notion'], watchOf: accounts.watchOf });
  const hooks = await hooksOf(world, 'jira');
  const [worker] = await workers.start(world, 1, traces);
  if (worker === undefined) throw new Error('workers: expected one, got none');
  await settled(world);
  const record = await world.one('jira', TITLE);
  const page = await world.one('notion', TITLE);
  await hooks.arrived(1);

  await world.people.jira.edit(record.id, { owner: CANARY });
  const [delivery] = (await hooks.arrived(1)).slice(-1);
  if (delivery === undefined) throw new Error('jira: expected a delivery, got none');
  const ingress = createIngress({ workspace: world.workspace, wakes: worker.wakes, log, publicUrl: null, traces });
  const { method, headers, body } = delivery;
  const answer = await ingress.request('/webhooks/jira', { method, headers: { ...headers }, body: Buffer.from(body) });
  expect(answer.status).toBe(202);
  await expect.poll(async () => JSON.stringify(await world.one('notion', TITLE)), SOON).toContain(CANARY);
  await settled(world);
  await worker.stop();
  await traces.close();

  const sent = spansAt(collector);
  const webhook = sent.find(({ name }) => name === 'webhook');
  const ofTrace = sent.filter(({ traceId }) => traceId === webhook?.traceId);
  const childOf = (parent: SentSpan | undefined, name: RegExp, connection: string) =>
    ofTrace.find(
      (span) => span.parentSpanId === parent?.spanId && name.test(span.name) && span.attributes['lockstep.connection'] === connection,
    );
  const read = childOf(webhook, /^pullPage$/, 'jira');
  const fetched = childOf(read, /^POST Jira \/rest\/api\/3\/issue\/bulkfetch$/, 'jira');
  const written = childOf(read, /^pushPage$/, 'notion');
  const write = childOf(written, /^PATCH Notion \/v1\/pages\/\{\}$/, 'notion');
  expect([webhook, read, fetched, written, write].map((span) => span?.name)).toEqual([
    'webhook',
    'pullPage',
    'POST Jira /rest/api/3/issue/bulkfetch',
    'pushPage',
    'PATCH Notion /v1/pages/{}',
  ]);
  expect(write?.attributes).toMatchObject({ 'http.response.status_code': 200, 'lockstep.writes': true });
  expect(collector.deliveries.every(({ headers: of }) => of['authorization'] === 'Bearer of-the-collector')).toBe(true);
  for (const text of [CANARY, 'Canary', TITLE, record.id, page.id, 'GROW-', 'maria', 'ntn_', 'jira-token'])
    expect(JSON.stringify(sent), text).not.toContain(text);
  // The same watch counts what the metrics show.
  expect(accounts.budgets().get('notion')?.requests.answered).toBeGreaterThan(0);
  expect(accounts.budgets().get('document')).toBeUndefined();
});
