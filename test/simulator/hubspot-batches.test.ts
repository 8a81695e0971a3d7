/** Batches of the stand-in for HubSpot: 207 and whole refusals, upsert by a unique property, the limits of a call. */
import { expect, test } from 'vitest';
import { hubSpotPortal, task, TASKS } from './hubspot-portal.ts';

const upsertInput = (id: string, properties: Record<string, string>): object => ({ id, idProperty: 'lockstep_id', properties });
const titles = async (portal: Awaited<ReturnType<typeof hubSpotPortal>>): Promise<(string | null | undefined)[]> =>
  (await portal.ask('GET', `${TASKS}?limit=100&properties=hs_task_subject`)).body.results.map(
    ({ properties }) => properties['hs_task_subject'],
  );

test('S4 an upsert sent twice makes each task once and says which were new', async () => {
  const portal = await hubSpotPortal();
  const { batchApi } = portal.sdk().crm.objects.tasks;
  const inputs = ['a', 'b'].map((id) => ({ id, idProperty: 'lockstep_id', properties: task(`Task ${id}`) }));
  const first = await batchApi.upsert({ inputs });
  expect(first.results).toMatchObject([
    { _new: true, properties: { lockstep_id: 'a' } },
    { _new: true, properties: { lockstep_id: 'b' } },
  ]);
  const [, b] = inputs;
  const second = await batchApi.upsert({
    inputs: [{ id: 'c', idProperty: 'lockstep_id', properties: task('Task c') }, ...(b === undefined ? [] : [b])],
  });
  expect(second.results).toMatchObject([{ _new: true }, { _new: false, id: first.results[1]?.id }]);
  expect(await titles(portal)).toEqual(['Task a', 'Task b', 'Task c']);
});

test('a batch read finds by id or by a unique property, and tells in a 207 what it does not find', async () => {
  const portal = await hubSpotPortal();
  const [a, b] = [await portal.task({ lockstep_id: 'a' }), await portal.task({ lockstep_id: 'b' })];
  await portal.ask('DELETE', `${TASKS}/${b}`);
  const byId = await portal.ask('POST', `${TASKS}/batch/read`, {
    inputs: [{ id: a }, { id: b }, { id: '1' }],
    properties: ['lockstep_id'],
  });
  expect(byId.status).toBe(207);
  expect(byId.body).toMatchObject({
    status: 'COMPLETE',
    numErrors: 1,
    results: [{ id: a, properties: { lockstep_id: 'a' } }],
    errors: [{ status: 'error', category: 'OBJECT_NOT_FOUND', context: { ids: [b, '1'] } }],
  });
  const byMarker = await portal.ask('POST', `${TASKS}/batch/read`, {
    idProperty: 'lockstep_id',
    inputs: [{ id: 'a' }],
    propertiesWithHistory: ['lockstep_id'],
  });
  expect(byMarker).toMatchObject({ status: 200, body: { results: [{ id: a, propertiesWithHistory: { lockstep_id: [{ value: 'a' }] } }] } });
  const archived = await portal.ask('POST', `${TASKS}/batch/read?archived=true`, { inputs: [{ id: b }] });
  expect(archived).toMatchObject({ status: 200, body: { results: [{ id: b, archived: true }] } });
});

test('J04 without trace ids one bad input refuses the whole batch and nothing is written', async () => {
  const portal = await hubSpotPortal();
  const id = await portal.task();
  const bad = { ...task('Bad'), hs_task_status: 'Done' };
  expect(await portal.ask('POST', `${TASKS}/batch/create`, { inputs: [{ properties: task('Good') }, { properties: bad }] })).toMatchObject({
    status: 400,
    body: { category: 'VALIDATION_ERROR', errors: [{ code: 'INVALID_OPTION' }] },
  });
  expect(
    (await portal.ask('POST', `${TASKS}/batch/upsert`, { inputs: [upsertInput('a', task('Good')), upsertInput('b', bad)] })).status,
  ).toBe(400);
  expect(
    (await portal.ask('POST', `${TASKS}/batch/update`, { inputs: [{ id, properties: { hs_task_subject: 'New', no_such_property: 'x' } }] }))
      .status,
  ).toBe(400);
  expect(await titles(portal)).toEqual(['A task']);
});

test('J04 with trace ids the good inputs are written and each bad one has its own error', async () => {
  const portal = await hubSpotPortal();
  const inputs = [
    { objectWriteTraceId: 'one', properties: task('One') },
    { objectWriteTraceId: 'two', properties: { hs_task_subject: 'Two' } },
    { objectWriteTraceId: 'three', properties: task('Three') },
  ];
  const { status, body } = await portal.ask('POST', `${TASKS}/batch/create`, { inputs });
  expect(status).toBe(207);
  expect(body.results.map(({ objectWriteTraceId }) => objectWriteTraceId)).toEqual(['one', 'three']);
  expect(body.errors).toMatchObject([
    { category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['two'], properties: ['hs_timestamp'] } },
  ]);
  expect(await titles(portal)).toEqual(['One', 'Three']);
});

test('an update of a record that is not there is told in a 207 and does not hold up the others', async () => {
  const portal = await hubSpotPortal();
  const id = await portal.task();
  const inputs = [
    { id, properties: { hs_task_subject: 'Changed' } },
    { id: '1', properties: { hs_task_subject: 'Nobody' } },
  ];
  const answer = await portal.sdk().crm.objects.tasks.batchApi.update({ inputs });
  expect(answer).toMatchObject({ numErrors: 1, errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['1'] } }], results: [{ id }] });
  expect(await titles(portal)).toEqual(['Changed']);
});

test('a value that must be unique is refused with 409: in another record, and twice in one batch', async () => {
  const portal = await hubSpotPortal();
  const [a, b] = [await portal.task({ lockstep_id: 'a' }), await portal.task()];
  const onto = await portal.ask('POST', `${TASKS}/batch/update`, { inputs: [{ id: b, properties: { lockstep_id: 'a' } }] });
  expect(onto).toMatchObject({ status: 409, body: { category: 'CONFLICT', context: { existingId: [a] } } });
  const twice = { properties: task('Twin', { lockstep_id: 'c' }) };
  expect((await portal.ask('POST', `${TASKS}/batch/create`, { inputs: [twice, twice] })).status).toBe(409);
  const contact = { properties: { email: 'INES@northwind.example ' } };
  expect(await portal.ask('POST', '/crm/v3/objects/contacts/batch/create', { inputs: [contact] })).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('Existing ID') as unknown },
  });
  expect(await titles(portal)).toEqual(['A task', 'A task']);
});

test('one id twice refuses the batch; so do more than a hundred inputs, and more than fifty with history', async () => {
  const portal = await hubSpotPortal();
  const twice = await portal.ask('POST', `${TASKS}/batch/upsert`, { inputs: [upsertInput('a', task('A')), upsertInput('a', task('A'))] });
  expect(twice).toMatchObject({ status: 400, body: { message: 'Duplicate IDs found in batch input: [a]. IDs must be unique' } });
  const inputs = (count: number): object[] => Array.from({ length: count }, (_, index) => ({ id: String(index) }));
  for (const verb of ['read', 'archive'])
    expect((await portal.ask('POST', `${TASKS}/batch/${verb}`, { inputs: inputs(101) })).status).toBe(400);
  expect(
    (await portal.ask('POST', `${TASKS}/batch/create`, { inputs: Array.from({ length: 101 }, () => ({ properties: task('x') })) })).status,
  ).toBe(400);
  expect((await portal.ask('POST', `${TASKS}/batch/read`, { inputs: inputs(51), propertiesWithHistory: ['hs_task_subject'] })).status).toBe(
    400,
  );
  expect((await portal.ask('POST', `${TASKS}/batch/read`, { inputs: inputs(51) })).status).toBe(207);
});

test('an upsert by record id changes a record and makes none', async () => {
  const portal = await hubSpotPortal();
  const id = await portal.task();
  const known = await portal.ask('POST', `${TASKS}/batch/upsert`, { inputs: [{ id, properties: { hs_task_subject: 'Changed' } }] });
  expect(known).toMatchObject({ status: 200, body: { results: [{ id, new: false }] } });
  const unknown = await portal.ask('POST', `${TASKS}/batch/upsert`, { inputs: [{ id: '1', properties: task('Nobody') }] });
  expect(unknown).toMatchObject({ status: 404, body: { category: 'OBJECT_NOT_FOUND' } });
  expect(await titles(portal)).toEqual(['Changed']);
});

test('a batch archive answers 204 whatever it finds; the request log counts what was done', async () => {
  const portal = await hubSpotPortal();
  const [a, b] = [await portal.task(), await portal.task()];
  await portal.ask('POST', `${TASKS}/batch/upsert`, { inputs: [upsertInput('x', task('X')), upsertInput('y', task('Y'))] });
  await portal.ask(
    'POST',
    `${TASKS}/batch/update`,
    { inputs: [{ id: a, properties: { hs_task_subject: 'New' } }] },
    { authorization: 'Bearer pat-na1-maria' },
  );
  const archived = await portal.ask('POST', `${TASKS}/batch/archive`, { inputs: [{ id: a }, { id: b }, { id: '1' }] });
  expect(archived.status).toBe(204);
  expect(await titles(portal)).toEqual(['X', 'Y']);
  expect(portal.log.counts({ account: 'lockstep' })).toMatchObject({ creates: 4, updates: 0, deletes: 2 });
  expect(portal.log.counts({ account: 'maria' })).toMatchObject({ calls: 1, updates: 1 });
});
