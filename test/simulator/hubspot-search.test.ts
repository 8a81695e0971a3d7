/** Search of the stand-in for HubSpot: operators, order, the cap, the lag behind writes. */
import { expect, test } from 'vitest';
import { hubSpotPortal, NOW, task, TASKS } from './hubspot-portal.ts';
import type { Answer, HubSpotPortal } from './hubspot-portal.ts';

const search = (portal: HubSpotPortal, body: object): Promise<Answer> => portal.ask('POST', `${TASKS}/search`, body);
const filtered = (filter: object): object => ({ filterGroups: [{ filters: [filter] }], properties: ['hs_task_subject'], limit: 100 });
const subjects = ({ body }: Answer): (string | null | undefined)[] => body.results.map(({ properties }) => properties['hs_task_subject']);

async function threeTasks(): Promise<HubSpotPortal> {
  const portal = await hubSpotPortal();
  await portal.task({ hs_task_subject: 'Alpha launch', hs_timestamp: '2026-12-01', hs_task_priority: 'HIGH', lockstep_owner: 'CGO' });
  await portal.task({
    hs_task_subject: 'Beta launch',
    hs_timestamp: '2026-12-05T10:00:00Z',
    hs_task_priority: 'LOW',
    lockstep_owner: 'CMO',
  });
  await portal.task({ hs_task_subject: 'Gamma', hs_timestamp: '2026-12-10', hs_task_body: '<p>Pre-flight <b>checks</b></p>' });
  portal.index();
  return portal;
}

test.each([
  [{ propertyName: 'lockstep_owner', operator: 'EQ', value: 'cgo' }, ['Alpha launch']],
  [{ propertyName: 'lockstep_owner', operator: 'NEQ', value: 'CGO' }, ['Beta launch']],
  [{ propertyName: 'lockstep_owner', operator: 'HAS_PROPERTY' }, ['Alpha launch', 'Beta launch']],
  [{ propertyName: 'lockstep_owner', operator: 'NOT_HAS_PROPERTY' }, ['Gamma']],
  [{ propertyName: 'lockstep_owner', operator: 'IN', values: ['CGO', 'CMO'] }, ['Alpha launch', 'Beta launch']],
  [{ propertyName: 'hs_task_priority', operator: 'NOT_IN', values: ['HIGH'] }, ['Beta launch', 'Gamma']],
  [{ propertyName: 'hs_timestamp', operator: 'LT', value: '2026-12-05T10:00:00.000Z' }, ['Alpha launch']],
  [{ propertyName: 'hs_timestamp', operator: 'LTE', value: String(Date.parse('2026-12-05T10:00:00Z')) }, ['Alpha launch', 'Beta launch']],
  [{ propertyName: 'hs_timestamp', operator: 'GT', value: '2026-12-05T10:00:00.000Z' }, ['Gamma']],
  [{ propertyName: 'hs_timestamp', operator: 'GTE', value: '2026-12-05T10:00:00.000Z' }, ['Beta launch', 'Gamma']],
  [{ propertyName: 'hs_timestamp', operator: 'BETWEEN', value: '2026-12-02', highValue: '2026-12-10' }, ['Beta launch', 'Gamma']],
  [{ propertyName: 'hs_task_subject', operator: 'CONTAINS_TOKEN', value: 'LAUNCH' }, ['Alpha launch', 'Beta launch']],
  [{ propertyName: 'hs_task_subject', operator: 'CONTAINS_TOKEN', value: 'gam*' }, ['Gamma']],
  [{ propertyName: 'hs_task_subject', operator: 'CONTAINS_TOKEN', value: 'gam' }, []],
  [{ propertyName: 'hs_task_subject', operator: 'NOT_CONTAINS_TOKEN', value: 'launch' }, ['Gamma']],
])('filters as documented: %o', async (filter, expected) => {
  expect(subjects(await search(await threeTasks(), filtered(filter)))).toEqual(expected);
});

test('groups are alternatives, the filters of one hold together; words are looked for in titles and notes', async () => {
  const portal = await threeTasks();
  const high = { propertyName: 'hs_task_priority', operator: 'EQ', value: 'HIGH' };
  const cmo = { propertyName: 'lockstep_owner', operator: 'EQ', value: 'CMO' };
  const properties = ['hs_task_subject'];
  expect(subjects(await search(portal, { properties, filterGroups: [{ filters: [high] }, { filters: [cmo] }] }))).toEqual([
    'Alpha launch',
    'Beta launch',
  ]);
  expect(subjects(await search(portal, { properties, filterGroups: [{ filters: [high, cmo] }] }))).toEqual([]);
  expect(subjects(await search(portal, { properties, query: 'flight chec' }))).toEqual(['Gamma']);
});

test('sorted pages show each hit once, in either of the forms that clients send', async () => {
  const portal = await threeTasks();
  const properties = ['hs_task_subject'];
  const sorts = [{ propertyName: 'hs_timestamp', direction: 'DESCENDING' }];
  const first = await search(portal, { properties, sorts, limit: 2 });
  expect(first.body.total).toBe(3);
  const second = await search(portal, { properties, sorts, limit: 2, after: first.body.paging?.next?.after });
  expect([...subjects(first), ...subjects(second)]).toEqual(['Gamma', 'Beta launch', 'Alpha launch']);
  expect(second.body.paging).toBeUndefined();
  const sdk = await portal
    .sdk()
    .crm.objects.tasks.searchApi.doSearch({ properties, sorts: ['-hs_timestamp'], limit: 100, filterGroups: [] });
  expect(sdk.results.map((result) => result.properties['hs_task_subject'])).toEqual(['Gamma', 'Beta launch', 'Alpha launch']);
});

test('D04 a search is behind the writes: new tasks come later, changed ones are shown as they were, archived ones are gone at once', async () => {
  const portal = await hubSpotPortal();
  const id = await portal.task({ hs_task_subject: 'Old' });
  const found = async (): Promise<unknown> => (await search(portal, { properties: ['hs_task_subject'] })).body.results;
  expect(await found()).toEqual([]);
  portal.index();
  await portal.ask('PATCH', `${TASKS}/${id}`, { properties: { hs_task_subject: 'New' } });
  expect(await found()).toMatchObject([{ id, updatedAt: new Date(NOW).toISOString(), properties: { hs_task_subject: 'Old' } }]);
  expect((await portal.read(id, 'hs_task_subject')).properties['hs_task_subject']).toBe('New');
  portal.index();
  expect(await found()).toMatchObject([{ id, properties: { hs_task_subject: 'New' } }]);
  await portal.ask('DELETE', `${TASKS}/${id}`);
  expect(await found()).toEqual([]);
});

test('paging stops at ten thousand hits with a 400, ten thousand tasks with one time stamp are paged by id', async () => {
  const portal = await hubSpotPortal();
  for (let batch = 0; batch < 101; batch += 1)
    await portal.ask('POST', `${TASKS}/batch/create`, {
      inputs: Array.from({ length: 100 }, (_, index) => ({ properties: task(`Task ${batch} ${index}`) })),
    });
  portal.index();
  expect((await search(portal, { limit: 200, after: '9800' })).body).toMatchObject({ total: 10_100, paging: { next: { after: '10000' } } });
  const beyond = await search(portal, { limit: 200, after: '10000' });
  expect(beyond).toMatchObject({ status: 400, body: { category: 'VALIDATION_ERROR' } });
  const seen = new Set<string>();
  const stamp = { propertyName: 'hs_lastmodifieddate', operator: 'EQ', value: String(NOW) };
  for (let after = '0'; ;) {
    const filters = [stamp, { propertyName: 'hs_object_id', operator: 'GT', value: after }];
    const { body } = await search(portal, { limit: 200, filterGroups: [{ filters }], sorts: [{ propertyName: 'hs_object_id' }] });
    const last = body.results.at(-1);
    if (last === undefined) break;
    for (const { id } of body.results) seen.add(id);
    after = last.id;
  }
  expect(seen.size).toBe(10_100);
});

test.each([
  ['more than 200 on a page', { limit: 201 }],
  ['a query beyond 3000 characters', { query: 'x'.repeat(3_001) }],
  ['two sorts', { sorts: [{ propertyName: 'hs_timestamp' }, { propertyName: 'hs_object_id' }] }],
  ['six groups', { filterGroups: Array.from({ length: 6 }, () => ({ filters: [] })) }],
  [
    'seven filters in a group',
    { filterGroups: [{ filters: Array.from({ length: 7 }, () => ({ propertyName: 'hs_timestamp', operator: 'HAS_PROPERTY' })) }] },
  ],
  [
    'nineteen filters',
    {
      filterGroups: [6, 6, 6, 1].map((count) => ({
        filters: Array.from({ length: count }, () => ({ propertyName: 'hs_timestamp', operator: 'HAS_PROPERTY' })),
      })),
    },
  ],
  ['an unknown property', filtered({ propertyName: 'no_such_property', operator: 'HAS_PROPERTY' })],
  ['an unknown operator', filtered({ propertyName: 'hs_timestamp', operator: 'LIKE', value: 'x' })],
  ['a field that search does not have', { archived: true }],
  ['an operator without its value', filtered({ propertyName: 'hs_timestamp', operator: 'GT' })],
])('refuses %s', async (_, body) => {
  expect(await search(await hubSpotPortal(), body)).toMatchObject({ status: 400, body: { status: 'error', category: 'VALIDATION_ERROR' } });
});
