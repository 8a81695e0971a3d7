/** What the stand-in for HubSpot tells of changes: signed webhooks and the journal; and the page on which people make them. */
import { Signature } from '@hubspot/api-client';
import { afterEach, expect, test } from 'vitest';
import { hubSpotPortal, NOW, task, TASKS } from './hubspot-portal.ts';
import type { HubSpotPortal } from './hubspot-portal.ts';
import { startListener } from './listener.ts';
import type { Listener } from './listener.ts';

const SECRET = 'hubspot-client-secret';
const JOURNAL = '/webhooks-journal/journal-local/2026-03';

const listeners: Listener[] = [];
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
});

async function subscribed(): Promise<{ portal: HubSpotPortal; listener: Listener; events: () => Promise<Record<string, unknown>[]> }> {
  const [portal, listener] = [await hubSpotPortal(), await startListener()];
  listeners.push(listener);
  expect((await portal.ask('POST', '/ui/webhooks', { url: listener.url })).status).toBe(201);
  const events = async (): Promise<Record<string, unknown>[]> => {
    await portal.webhooks.settled();
    return listener.received.flatMap(({ body }) => JSON.parse(body) as Record<string, unknown>[]);
  };
  return { portal, listener, events };
}

const isGenuine = (listener: Listener, secret: string, index = 0): boolean => {
  const { headers, body } = listener.received[index] ?? { headers: {}, body: '' };
  return Signature.isValid({
    signatureVersion: 'v3',
    signature: String(headers['x-hubspot-signature-v3']),
    method: 'POST',
    clientSecret: secret,
    requestBody: body,
    url: listener.url,
    timestamp: Number(headers['x-hubspot-request-timestamp']),
  });
};

test("C05 a delivery is signed over method, address, exact bytes and time: HubSpot's own SDK accepts it", async () => {
  const { portal, listener, events } = await subscribed();
  portal.clock.freeze(Date.now());
  await portal.task({ hs_task_subject: 'Ünïcode ✓' });
  await events();
  expect(isGenuine(listener, SECRET)).toBe(true);
  expect(isGenuine(listener, 'another secret')).toBe(false);
});

test('each event says what happened; a refused write tells nothing', async () => {
  const { portal, events } = await subscribed();
  const id = await portal.task();
  await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { lockstep_owner: 'CGO', no_such_property: 'x' } });
  await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { lockstep_owner: 'CGO' } });
  await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { lockstep_owner: 'CGO' } });
  await portal.ask('DELETE', `${TASKS}/${id}`);
  await portal.ask('POST', `/ui/tasks/${id}`, 'action=restore', { 'content-type': 'application/x-www-form-urlencoded' });
  const told = (await events()).filter(({ propertyName }) => propertyName === undefined || propertyName === 'lockstep_owner');
  expect(told.map(({ subscriptionType }) => subscriptionType)).toEqual([
    'object.creation',
    'object.propertyChange',
    'object.deletion',
    'object.restore',
  ]);
  expect(told[1]).toMatchObject({
    portalId: 143_553_137,
    objectTypeId: '0-27',
    objectId: Number(id),
    propertyName: 'lockstep_owner',
    propertyValue: 'CGO',
    changeSource: 'INTEGRATION',
    occurredAt: NOW + 1,
    attemptNumber: 0,
  });
  expect(told[3]).toMatchObject({ changeSource: 'CRM_UI', sourceId: 'userId:51430432' });
});

test('F07 a merge is told with the winner and the merged', async () => {
  const { portal, events } = await subscribed();
  const [winner, loser] = (await portal.ask('GET', '/crm/v3/objects/companies')).body.results.map(({ id }) => id);
  await portal.ask('POST', '/crm/objects/2026-09/companies/merge', { primaryObjectId: winner, objectIdToMerge: loser });
  expect((await events()).find(({ subscriptionType }) => subscriptionType === 'company.merge')).toMatchObject({
    primaryObjectId: Number(winner),
    mergedObjectIds: [Number(loser)],
  });
});

test('a call carries at most a hundred events, each with an id of its own', async () => {
  const { portal, listener, events } = await subscribed();
  await portal.ask('POST', `${TASKS}/batch/create`, {
    inputs: Array.from({ length: 40 }, (_, index) => ({ properties: task(`Task ${index}`) })),
  });
  const all = await events();
  expect(all.filter(({ subscriptionType }) => subscriptionType === 'object.creation')).toHaveLength(40);
  expect(listener.received.length).toBeGreaterThan(1);
  for (const { body } of listener.received) expect((JSON.parse(body) as unknown[]).length).toBeLessThanOrEqual(100);
  expect(new Set(all.map(({ eventId }) => eventId)).size).toBe(all.length);
});

test('the journal tells everything in order, as files behind signed addresses, for three days', async () => {
  const portal = await hubSpotPortal();
  expect((await portal.ask('GET', `${JOURNAL}/earliest`)).status).toBe(204);
  const id = await portal.task();
  await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { lockstep_owner: 'CGO', lockstep_metric: '5 %' } });
  await portal.ask('DELETE', `${TASKS}/${id}`);
  const read = async (path: string): Promise<{ status: number; offset: string; url: string; events: unknown }> => {
    const { status, body } = await portal.ask('GET', path);
    if (status !== 200) return { status, offset: '', url: '', events: null };
    const { url, currentOffset } = body as unknown as { url: string; currentOffset: string };
    const file = (await (await fetch(url)).json()) as { journalEvents: unknown };
    return { status, offset: currentOffset, url, events: file.journalEvents };
  };
  const seen: unknown[] = [];
  let entry = await read(`${JOURNAL}/earliest`);
  const { offset: firstOffset, url: firstUrl } = entry;
  for (; entry.status === 200; entry = await read(`${JOURNAL}/offset/${entry.offset}/next`)) seen.push(entry.events);
  expect(entry.status).toBe(204);
  expect(seen).toMatchObject([
    [{ action: 'CREATE', objectTypeId: '0-27', objectId: Number(id) }],
    [{ action: 'UPDATE', propertyChanges: { lockstep_owner: 'CGO', lockstep_metric: '5 %' } }],
    [{ action: 'DELETE' }],
  ]);
  expect((await read(`${JOURNAL}/latest`)).events).toMatchObject([{ action: 'DELETE' }]);
  expect((await fetch(firstUrl.replace(/signature=../, 'signature=00'))).status).toBe(403);
  portal.clock.advance(3_600_000);
  expect((await fetch(firstUrl)).status).toBe(403);
  portal.clock.advance(3 * 86_400_000);
  expect((await portal.ask('GET', `${JOURNAL}/offset/${firstOffset}/next`)).status).toBe(404);
});

test('I05 the page shows what people wrote as inert text, and a person makes, edits and archives tasks as Maria', async () => {
  const portal = await hubSpotPortal();
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const hostile = `"><script>alert(1)</script>`;
  const made = await portal.ask('POST', '/ui', new URLSearchParams({ hs_task_subject: hostile }).toString(), form);
  expect(made.status).toBe(302);
  const path = made.headers.get('location') ?? '';
  for (const page of ['/ui', path]) expect((await portal.ask('GET', page)).text).not.toContain('<script>');
  const id = path.split('/').at(-1) ?? '';
  // An untouched box writes nothing.
  const values = { hs_task_subject: hostile, lockstep_owner: 'CGO', hs_task_status: 'IN_PROGRESS', action: 'save' };
  await portal.ask('POST', path, new URLSearchParams(values).toString(), form);
  const { body } = await portal.ask('GET', `${TASKS}/${id}?properties=lockstep_owner&propertiesWithHistory=lockstep_owner,hs_task_subject`);
  expect(body.properties['lockstep_owner']).toBe('CGO');
  expect(body.propertiesWithHistory['lockstep_owner']).toMatchObject([{ sourceType: 'CRM_UI', updatedByUserId: 51_430_432 }]);
  expect(body.propertiesWithHistory['hs_task_subject']).toHaveLength(1);
  const refused = await portal.ask('POST', path, new URLSearchParams({ hs_timestamp: 'soon', action: 'save' }).toString(), form);
  expect(refused).toMatchObject({ status: 400, text: expect.stringContaining('soon') as unknown });
  await portal.ask('POST', path, 'action=archive', form);
  expect((await portal.ask('GET', `${TASKS}?archived=true`)).body.results.map((each) => each.id)).toEqual([id]);
  expect(portal.log.counts({ account: 'person' })).toMatchObject({ creates: 1, updates: 1, deletes: 1 });
});
