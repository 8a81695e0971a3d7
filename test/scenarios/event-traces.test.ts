/** A trace from a product event to the write in the CRM, by the worker's own program: real Temporal, real PostgreSQL, the simulator, and a receiver of OTLP over HTTP. */
import { expect, test } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { spansAt } from './spans.ts';
import type { SentSpan } from './spans.ts';
import { startTracedWorker } from './traced-worker.ts';

const database = useTestStore();
const SOON = { timeout: 30_000, interval: 50 };
/** Of the people and companies of the events, and of a vendor's failure. */
const CANARY = /canary|\bines\b/i;
const SEARCH = 'POST HubSpot /crm/objects/2026-09/companies/search';
const WRITES = {
  companies: 'POST HubSpot /crm/objects/2026-09/companies/batch/create',
  tasks: 'POST HubSpot /crm/objects/2026-09/tasks/batch/create',
};

test('78 a product event is one trace: stored, routed, made a change set and written to the CRM, also where the CRM fails in between; lines of the log tell workflow, activity, run and trace; no span and no line names a person', async () => {
  const { collector, secrets, send, stop } = await startTracedWorker(database, {
    paths: ['tasks/search', 'companies/search', 'companies/batch/create'],
    message: 'Ines Canary could not be saved',
  });
  const traits = {
    email: 'ines@canary-gears.example',
    name: 'Ines Canary',
    company: { name: 'Canary Gears' },
    country: 'DE',
    employees: 200,
  };
  const call = { userId: 'u-canary', timestamp: new Date().toISOString(), context: { traits } };
  const identify = { ...call, type: 'identify', messageId: 'canary-1', traits };
  const track = { ...call, type: 'track', messageId: 'canary-2', event: 'Plan Limit Reached', properties: { note: 'Canary asked' } };
  expect(await send([identify, track])).toBe(200);
  await expect.poll(() => spansAt(collector).map(({ name }) => name), SOON).toContain('commitSet');
  const lines = await stop();

  const sent = spansAt(collector);
  const events = sent.find(({ name }) => name === 'product events');
  const ofTrace = sent.filter(({ traceId }) => traceId === events?.traceId);
  const childrenOf = (parents: readonly (SentSpan | undefined)[], name: string) =>
    ofTrace.filter((span) => span.name === name && parents.some((parent) => parent !== undefined && parent.spanId === span.parentSpanId));
  const started = childrenOf([events], 'startChangeSet');
  const applied = childrenOf(started, 'applyBatch');
  const statuses = (parents: readonly SentSpan[], name: string) =>
    childrenOf(parents, name).map(({ attributes }) => attributes['http.response.status_code']);
  expect(statuses(childrenOf([events], 'step'), SEARCH)).toEqual([500]);
  expect(statuses(started, SEARCH)).toEqual([200]);
  expect(statuses(applied, WRITES.companies)).toEqual([500, 201]);
  expect(statuses(applied, WRITES.tasks)).toEqual([201]);

  const waits = lines.find(({ msg }) => msg === 'a change set waits');
  expect(waits).toMatchObject({
    ...{ activity: 'applyBatch', attempt: 1, workflowId: expect.stringMatching(/^change-set\//) as string },
    ...{ traceId: events?.traceId, spanId: applied[0]?.spanId },
  });
  const refused = lines.find(({ msg }) => msg === 'the remote refused');
  const pass = sent.find(({ name, attributes }) => name === 'pullPage' && attributes['lockstep.run'] === refused?.['runId']);
  expect(refused).toMatchObject({
    ...{ activity: 'pullPage', attempt: 1, workflowId: expect.stringMatching(/^sync\//) as string, connectionId: 'hubspot' },
    ...{ runId: expect.any(String) as string, traceId: pass?.traceId, spanId: pass?.spanId },
  });
  for (const text of [JSON.stringify(sent), JSON.stringify(lines)]) {
    expect(text).not.toMatch(CANARY);
    for (const secret of secrets) expect(text).not.toContain(secret);
  }
});
