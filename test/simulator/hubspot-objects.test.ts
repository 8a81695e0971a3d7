/** One record at a time in the stand-in for HubSpot: through the SDK on v3 and by plain HTTP on the dated paths. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hubSpotPortal, NOW, task, TASKS } from './hubspot-portal.ts';
import type { ShownObject } from './hubspot-portal.ts';

test('the SDK makes, reads, changes and archives a task; the dated paths show the same one', async () => {
  const portal = await hubSpotPortal();
  const { basicApi } = portal.sdk().crm.objects.tasks;
  const made = await basicApi.create({ properties: task('Call Ines', { hubspot_owner_id: '77405866' }), associations: [] });
  expect(made).toMatchObject({ archived: false, properties: { hs_task_status: 'NOT_STARTED', hs_task_type: 'TODO' } });
  await basicApi.update(made.id, { properties: { hs_task_status: 'COMPLETED' } });
  for (const path of ['/crm/v3/objects/tasks', '/crm/objects/2026-03/0-27', '/crm/objects/2026-09/task']) {
    const { body } = await portal.ask('GET', `${path}/${made.id}?properties=hs_task_status,hs_task_completion_date,no_such_property`);
    // What the object does not have is left out of a read, and everything else is a string or null.
    expect(body.properties).toEqual({
      hs_task_status: 'COMPLETED',
      hs_task_completion_date: new Date(NOW + 1).toISOString(),
      hs_object_id: made.id,
      hs_createdate: new Date(NOW).toISOString(),
      hs_lastmodifieddate: new Date(NOW + 1).toISOString(),
    });
  }
  await basicApi.archive(made.id);
  await expect(basicApi.getById(made.id)).rejects.toMatchObject({ code: 404, body: { category: 'OBJECT_NOT_FOUND' } });
  const gone = await basicApi.getById(made.id, undefined, undefined, undefined, true);
  expect(gone).toMatchObject({ id: made.id, archived: true });
});

test('paging shows every task exactly once, live and archived apart, whatever is archived meanwhile', async () => {
  const portal = await hubSpotPortal();
  const inputs = Array.from({ length: 95 }, (_, index) => ({ properties: task(`Task ${index}`) }));
  const made = (await portal.ask('POST', `${TASKS}/batch/create`, { inputs })).body.results.map(({ id }) => id);
  const seen: string[] = [];
  let path: string | undefined = `${TASKS}?limit=10`;
  while (path !== undefined) {
    const { body } = await portal.ask('GET', path);
    seen.push(...body.results.map(({ id }) => id));
    // The cursor is an id: what is behind it may go without shifting what is before it.
    if (seen.length === 30) await portal.ask('DELETE', `${TASKS}/${seen[0]}`);
    path = body.paging?.next?.link?.slice(portal.url.length);
  }
  expect(seen).toEqual(made);
  expect((await portal.ask('GET', `${TASKS}?archived=true`)).body.results.map(({ id }) => id)).toEqual([seen[0]]);
  const bySdk = await portal.sdk().crm.objects.tasks.basicApi.getPage(100);
  expect(bySdk.results.map(({ id }) => id)).toEqual(made.slice(1));
});

test('values are kept in one form: times as ISO, texts trimmed, words of options checked, markup without what could run', async () => {
  const portal = await hubSpotPortal();
  const id = await portal.task({ hs_timestamp: '1790000000000', hs_task_subject: '  A title ', lockstep_metric: '5 %' });
  const body = `<p onclick="steal()">Hi <a href="javascript:steal()">there</a><script>steal()</script></p>`;
  await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { hs_task_body: body, lockstep_metric: '' } });
  expect(
    (await portal.read(id, 'hs_timestamp', 'hs_task_subject', 'hs_task_body', 'lockstep_metric', 'hs_body_preview')).properties,
  ).toMatchObject({
    hs_timestamp: '2026-09-21T14:13:20.000Z',
    hs_task_subject: 'A title',
    hs_task_body: '<p>Hi <a>there</a></p>',
    hs_body_preview: 'Hi there',
    lockstep_metric: null,
  });
});

test.each([
  [{ hs_task_status: 'Done' }, 'INVALID_OPTION'],
  [{ hubspot_owner_id: '1' }, 'INVALID_OPTION'],
  [{ hs_timestamp: 'tomorrow' }, 'INVALID_DATE'],
  [{ hs_timestamp: '2026-02-30' }, 'INVALID_DATE'],
  [{ no_such_property: 'x' }, 'PROPERTY_DOESNT_EXIST'],
  [{ hs_createdate: '2026-01-01' }, 'READ_ONLY_VALUE'],
  [{ hs_task_subject: 'x'.repeat(65_537) }, 'INVALID_LENGTH'],
])('a value that a property refuses is a 400 that names it, and nothing is written: %o', async (properties, code) => {
  const portal = await hubSpotPortal();
  const [name] = Object.keys(properties);
  const made = await portal.ask('POST', TASKS, { properties: { ...task('A task'), ...properties } });
  expect(made).toMatchObject({ status: 400, body: { status: 'error', category: 'VALIDATION_ERROR', errors: [{ code }] } });
  expect(made.body.errors[0]?.context).toEqual({ propertyName: [name] });
  expect((await portal.ask('GET', TASKS)).body.results).toEqual([]);
});

test('a task needs a due date, when it is made and ever after', async () => {
  const portal = await hubSpotPortal();
  const made = await portal.ask('POST', TASKS, { properties: { hs_task_subject: 'No date' } });
  expect(made).toMatchObject({ status: 400, body: { context: { properties: ['hs_timestamp'] } } });
  const id = await portal.task();
  const cleared = await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { hs_timestamp: '' } });
  expect(cleared).toMatchObject({ status: 400, body: { context: { properties: ['hs_timestamp'] } } });
});

test('a write that changes nothing leaves the modified date, one that does moves it by milliseconds', async () => {
  const portal = await hubSpotPortal();
  const id = await portal.task({ lockstep_owner: 'CGO' });
  portal.clock.advance(5_000);
  await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { lockstep_owner: ' CGO ' } });
  await portal.ask('POST', `${TASKS}/batch/update`, { inputs: [{ id, properties: { lockstep_owner: 'CGO' } }] });
  expect((await portal.read(id)).updatedAt).toBe(new Date(NOW).toISOString());
  await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { lockstep_owner: 'CMO' } });
  const { updatedAt, properties } = await portal.read(id);
  expect(updatedAt).toBe(new Date(NOW + 5_000).toISOString());
  expect(properties['hs_lastmodifieddate']).toBe(updatedAt);
});

test('the history of a property tells each value, when and by whom, newest first', async () => {
  const portal = await hubSpotPortal();
  const id = await portal.task({ lockstep_owner: 'CGO' });
  portal.clock.advance(1_000);
  await portal.sdk('maria').crm.objects.tasks.basicApi.update(id, { properties: { lockstep_owner: 'CMO' } });
  portal.clock.advance(1_000);
  await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { lockstep_owner: '' } });
  const { body } = await portal.ask('GET', `${TASKS}/${id}?propertiesWithHistory=lockstep_owner`);
  expect(body.propertiesWithHistory['lockstep_owner']).toMatchObject([
    { value: '', timestamp: new Date(NOW + 2_000).toISOString(), sourceType: 'INTEGRATION', sourceId: '2633736' },
    { value: 'CMO', timestamp: new Date(NOW + 1_000).toISOString(), sourceId: '2633737', updatedByUserId: 51_430_432 },
    { value: 'CGO', timestamp: new Date(NOW).toISOString() },
  ]);
});

test('a record is found and changed by a unique property, and by no other', async () => {
  const portal = await hubSpotPortal();
  const id = await portal.task({ lockstep_id: 'item-1', lockstep_owner: 'CGO' });
  const changed = await portal.ask('PATCH', `${TASKS}/item-1?idProperty=lockstep_id`, { properties: { lockstep_owner: 'CMO' } });
  expect(changed).toMatchObject({ status: 200, body: { id } });
  const found = await portal.ask('GET', `${TASKS}/item-1?idProperty=lockstep_id&properties=lockstep_owner`);
  expect(found.body).toMatchObject({ id, properties: { lockstep_owner: 'CMO' } });
  expect((await portal.ask('GET', `${TASKS}/CMO?idProperty=lockstep_owner`)).status).toBe(400);
  const twin = await portal.ask('POST', TASKS, { properties: task('A twin', { lockstep_id: 'item-1' }) });
  expect(twin).toMatchObject({ status: 409, body: { category: 'CONFLICT', context: { existingId: [id] } } });
  // An archived record holds its value no longer.
  await portal.ask('DELETE', `${TASKS}/${id}`);
  expect((await portal.ask('POST', TASKS, { properties: task('A twin', { lockstep_id: 'item-1' }) })).status).toBe(201);
});

test('everything is still there after a restart: records, history, custom properties, associations, webhooks, the next id', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hubspot-'));
  const databaseFile = join(folder, 'simulator.db');
  const state = async (portal: Awaited<ReturnType<typeof hubSpotPortal>>, id: string): Promise<ShownObject[]> => [
    (await portal.ask('GET', `${TASKS}/${id}?properties=lockstep_owner,effort&propertiesWithHistory=lockstep_owner&associations=contacts`))
      .body,
    ...(await portal.ask('GET', `${TASKS}?archived=true`)).body.results,
    ...(await portal.ask('GET', '/crm/v3/objects/contacts')).body.results,
  ];
  try {
    const first = await hubSpotPortal({ databaseFile });
    const effort = { name: 'effort', label: 'Effort', type: 'number', fieldType: 'number', groupName: 'task' };
    expect((await first.ask('POST', '/crm/v3/properties/tasks', effort)).status).toBe(201);
    const contact = (await first.ask('GET', '/crm/v3/objects/contacts')).body.results[0]?.id ?? '';
    const associations = [{ to: { id: contact }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 204 }] }];
    const made = await first.ask('POST', TASKS, { properties: task('Kept', { effort: '3', lockstep_owner: 'CGO' }), associations });
    await first.ask('PATCH', `${TASKS}/${made.body.id}`, { properties: { lockstep_owner: 'CMO' } });
    await first.ask('DELETE', `${TASKS}/${await first.task()}`);
    await first.ask('POST', '/ui/webhooks', { url: 'http://127.0.0.1:9/hook' });
    const before = await state(first, made.body.id);
    expect(before[0]?.associations).toMatchObject({ contacts: { results: [{ id: contact, type: 'task_to_contact' }] } });
    await first.close();
    const second = await hubSpotPortal({ databaseFile });
    expect(await state(second, made.body.id)).toEqual(before);
    expect((await second.ask('GET', '/ui')).text).toContain('http://127.0.0.1:9/hook');
    expect(Number(await second.task())).toBe(Number(made.body.id) + 2);
    await second.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
