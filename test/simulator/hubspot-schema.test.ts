/** Properties and owners of the stand-in for HubSpot. */
import {
  PropertyCreateFieldTypeEnum,
  PropertyCreateTypeEnum,
} from '@hubspot/api-client/lib/codegen/crm/properties/models/PropertyCreate.js';
import { expect, test } from 'vitest';
import { hubSpotPortal, task, TASKS } from './hubspot-portal.ts';

const PROPERTIES = '/crm/properties/2026-09/tasks';
const described = {
  name: 'size',
  label: 'Size',
  groupName: 'task',
  options: [{ label: 'Small', value: 's', hidden: false, displayOrder: 0 }],
};
const size = { ...described, type: 'enumeration', fieldType: 'select' };

test('the SDK makes, reads, changes and archives a property; values follow its options', async () => {
  const portal = await hubSpotPortal();
  const { coreApi } = portal.sdk().crm.properties;
  expect(
    await coreApi.create('tasks', {
      ...described,
      type: PropertyCreateTypeEnum.Enumeration,
      fieldType: PropertyCreateFieldTypeEnum.Select,
    }),
  ).toMatchObject({
    name: 'size',
    hubspotDefined: false,
  });
  expect((await portal.ask('POST', PROPERTIES, size)).body).toMatchObject({ category: 'OBJECT_ALREADY_EXISTS' });
  const id = await portal.task({ size: 's' });
  expect((await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { size: 'm' } })).status).toBe(400);
  const options = [...size.options, { label: 'Medium', value: 'm', hidden: false }];
  await coreApi.update('tasks', 'size', { options });
  expect((await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { size: 'm' } })).status).toBe(200);
  await coreApi.archive('tasks', 'size');
  await expect(coreApi.getByName('tasks', 'size')).rejects.toMatchObject({ code: 404 });
  expect((await portal.read(id, 'size')).properties).not.toHaveProperty('size');
  expect((await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { size: 's' } })).status).toBe(400);
});

test('an object has at most ten unique properties; uniqueness is given when a property is made', async () => {
  const portal = await hubSpotPortal();
  const unique = (name: string): object => ({
    name,
    label: name,
    type: 'string',
    fieldType: 'text',
    groupName: 'task',
    hasUniqueValue: true,
  });
  // The scenario's marker and step key are the first two.
  const more = Array.from({ length: 8 }, (_, index) => unique(`key_${index}`));
  expect((await portal.ask('POST', `${PROPERTIES}/batch/create`, { inputs: [...more, unique('key_9')] })).status).toBe(400);
  expect((await portal.ask('POST', `${PROPERTIES}/batch/create`, { inputs: more })).status).toBe(201);
  expect((await portal.ask('POST', PROPERTIES, unique('key_9'))).status).toBe(400);
  expect((await portal.ask('PATCH', `${PROPERTIES}/lockstep_owner`, { hasUniqueValue: true })).status).toBe(400);
  const made = await portal.ask('POST', `${TASKS}/batch/upsert`, { inputs: [{ id: 'k', idProperty: 'key_0', properties: task('Keyed') }] });
  expect(made.body.results).toMatchObject([{ new: true, properties: { key_0: 'k' } }]);
});

test.each([
  ['a group that is not there', { groupName: 'nowhere' }],
  ['a field type that does not go with the type', { fieldType: 'text' }],
  ['a name that is none', { name: '1st size' }],
  ['an option twice', { options: [...size.options, ...size.options] }],
  ['a field that properties do not have', { colour: 'red' }],
])('refuses a property with %s', async (_, change) => {
  const portal = await hubSpotPortal();
  expect(await portal.ask('POST', PROPERTIES, { ...size, ...change })).toMatchObject({
    status: 400,
    body: { category: 'VALIDATION_ERROR' },
  });
});

test("HubSpot's own properties cannot be archived; several options are joined by semicolons", async () => {
  const portal = await hubSpotPortal();
  expect((await portal.ask('DELETE', `${PROPERTIES}/hs_task_subject`)).status).toBe(400);
  const options = ['a', 'b', 'c'].map((value) => ({ label: value, value, hidden: false }));
  await portal.ask('POST', PROPERTIES, { ...size, name: 'tags', fieldType: 'checkbox', options });
  const id = await portal.task({ tags: 'a;b' });
  await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { tags: ';c' } });
  expect((await portal.read(id, 'tags')).properties['tags']).toBe('a;b;c');
});

test('owners are listed by pages, found by e-mail, by id and by user', async () => {
  const portal = await hubSpotPortal();
  const { ownersApi } = portal.sdk().crm.owners;
  const first = await ownersApi.getPage(undefined, undefined, 1);
  const second = await ownersApi.getPage(undefined, first.paging?.next?.after, 1);
  expect([...first.results, ...second.results].map(({ email }) => email)).toEqual(['maria@growth.example', 'omar@growth.example']);
  expect((await ownersApi.getPage('omar@growth.example')).results).toMatchObject([{ firstName: 'Omar' }]);
  expect(await ownersApi.getById(51_430_432, 'userId')).toMatchObject({ id: '77405866', firstName: 'Maria' });
});
