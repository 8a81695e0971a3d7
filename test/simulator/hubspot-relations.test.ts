/** Associations and merges in the stand-in for HubSpot. */
import { expect, test } from 'vitest';
import { hubSpotPortal, task, TASKS } from './hubspot-portal.ts';
import type { HubSpotPortal } from './hubspot-portal.ts';

const firstTwo = async (portal: HubSpotPortal, type: string): Promise<[string, string]> => {
  const [a, b] = (await portal.ask('GET', `/crm/v3/objects/${type}`)).body.results;
  return [a?.id ?? '', b?.id ?? ''];
};
const toContact = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 204 }];

test('a task is made with its associations, which show from both sides; a target that is not there refuses it', async () => {
  const portal = await hubSpotPortal();
  const [contact] = await firstTwo(portal, 'contacts');
  const made = await portal.ask('POST', TASKS, { properties: task('Call'), associations: [{ to: { id: contact }, types: toContact }] });
  expect(made.status).toBe(201);
  const back = await portal.ask('GET', `/crm/v3/objects/contacts/${contact}?associations=tasks,companies`);
  expect(back.body.associations).toEqual({ tasks: { results: [{ id: made.body.id, type: 'contact_to_task' }] } });
  const nobody = await portal.ask('POST', TASKS, { properties: task('Call'), associations: [{ to: { id: '1' }, types: toContact }] });
  expect(nobody).toMatchObject({ status: 400, body: { context: { ids: ['1'] } } });
  // An archived record is associated with nobody until it is restored.
  await portal.ask('DELETE', `${TASKS}/${made.body.id}`);
  expect((await portal.ask('GET', `/crm/v3/objects/contacts/${contact}?associations=tasks`)).body.associations).toBeUndefined();
});

test('the SDK associates by default and by label, reads in batches, removes a label and everything', async () => {
  const portal = await hubSpotPortal();
  const { basicApi, batchApi } = portal.sdk().crm.associations.v4;
  const [contact] = await firstTwo(portal, 'contacts');
  const [near, far] = await firstTwo(portal, 'companies');
  await basicApi.createDefault('contacts', contact, 'companies', near);
  const primary = { associationCategory: 'HUBSPOT_DEFINED' as never, associationTypeId: 1 };
  await batchApi.create('contacts', 'companies', { inputs: [{ _from: { id: contact }, to: { id: far }, types: [primary] }] });
  const page = await basicApi.getPage('contacts', contact, 'companies', undefined, 1);
  expect(page.results).toMatchObject([{ toObjectId: near, associationTypes: [{ typeId: 279, label: null }] }]);
  const read = await portal.ask('POST', '/crm/associations/2026-03/contacts/companies/batch/read', {
    inputs: [{ id: contact }, { id: '1' }],
  });
  expect(read).toMatchObject({
    status: 207,
    body: {
      results: [
        {
          from: { id: contact },
          to: [{ toObjectId: near }, { toObjectId: far, associationTypes: [{ typeId: 1, label: 'Primary' }, { typeId: 279 }] }],
        },
      ],
      errors: [{ subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND', context: { fromObjectId: ['1'] } }],
    },
  });
  await batchApi.archiveLabels('contacts', 'companies', { inputs: [{ _from: { id: contact }, to: { id: far }, types: [primary] }] });
  const inverse = await basicApi.getPage('companies', far, 'contacts');
  expect(inverse.results).toMatchObject([{ toObjectId: contact, associationTypes: [{ typeId: 280 }] }]);
  await batchApi.archive('contacts', 'companies', { inputs: [{ _from: { id: contact }, to: [{ id: near }, { id: far }] }] });
  expect((await basicApi.getPage('contacts', contact, 'companies')).results).toEqual([]);
});

test('the types between two objects are told, and a portal adds its own', async () => {
  const portal = await hubSpotPortal();
  const labels = '/crm/v4/associations/tasks/companies/labels';
  expect((await portal.ask('GET', labels)).body.results).toEqual([{ category: 'HUBSPOT_DEFINED', typeId: 192, label: null }]);
  const made = await portal.ask('POST', labels, { name: 'sponsor', label: 'Sponsor', inverseLabel: 'Sponsored task' });
  expect(made.body.results).toMatchObject([{ category: 'USER_DEFINED', label: 'Sponsor' }, { label: 'Sponsored task' }]);
  expect((await portal.ask('GET', '/crm/associations/2026-09/companies/tasks/labels')).body.results).toMatchObject([
    { typeId: 191 },
    { label: 'Sponsored task' },
  ]);
  const [company] = await firstTwo(portal, 'companies');
  const wrong = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 204 }];
  const path = `/crm/v4/objects/tasks/${await portal.task()}/associations/companies/${company}`;
  expect((await portal.ask('PUT', path, wrong)).status).toBe(400);
});

test('F07 of two merged contacts one goes on with the values and associations of both, and the other id means it', async () => {
  const portal = await hubSpotPortal();
  const [winner, loser] = await firstTwo(portal, 'contacts');
  await portal.ask('PATCH', `/crm/v3/objects/contacts/${loser}`, { properties: { phone: '+49 30 1', firstname: 'Other' } });
  const made = await portal.ask('POST', TASKS, { properties: task('Call'), associations: [{ to: { id: loser }, types: toContact }] });
  await portal.ask('POST', '/crm/v3/objects/contacts/merge', { primaryObjectId: winner, objectIdToMerge: loser });
  for (const id of [winner, loser]) {
    const { body } = await portal.ask(
      'GET',
      `/crm/v3/objects/contacts/${id}?properties=firstname,phone,email,hs_merged_object_ids&associations=tasks`,
    );
    expect(body).toMatchObject({
      id: winner,
      properties: { firstname: 'Ines', phone: '+49 30 1', email: 'ines@northwind.example', hs_merged_object_ids: loser },
      associations: { tasks: { results: [{ id: made.body.id }] } },
    });
  }
  for (const archived of [true, false]) {
    const { body } = await portal.ask('GET', `/crm/v3/objects/contacts?archived=${archived}`);
    expect(body.results.map(({ id }) => id)).toEqual(archived ? [] : [winner]);
  }
  expect((await portal.ask('POST', '/crm/v3/objects/contacts/merge', { primaryObjectId: winner, objectIdToMerge: loser })).status).toBe(
    400,
  );
  // The merged record's e-mail address is free again.
  expect((await portal.ask('POST', '/crm/v3/objects/contacts', { properties: { email: 'tomas@harbour.example' } })).status).toBe(201);
});
