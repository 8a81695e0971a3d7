/** A tour through HubSpot: every route that the simulator claims in each of its versions, with requests that the contract has. */
import type { Stage } from './stage.ts';
import { call } from './tour.ts';

interface Version {
  readonly name: string;
  readonly objects: string;
  readonly properties: string;
  readonly owners: string;
  readonly associations: string;
  /** Where an object's associations stand. */
  readonly objectAssociations: string;
}

const dated = (name: string): Version => ({
  name,
  objects: `/crm/objects/${name}`,
  properties: `/crm/properties/${name}`,
  owners: `/crm/owners/${name}`,
  associations: `/crm/associations/${name}`,
  objectAssociations: `/crm/objects/${name}`,
});

/** v3 for objects goes with v4 for associations. */
const VERSIONS: readonly Version[] = [
  {
    name: 'v3',
    objects: '/crm/v3/objects',
    properties: '/crm/v3/properties',
    owners: '/crm/v3/owners',
    associations: '/crm/v4/associations',
    objectAssociations: '/crm/v4/objects',
  },
  dated('2026-03'),
  dated('2026-09'),
];

const DUE = { hs_timestamp: '2026-12-01T09:00:00.000Z' };

export async function tourHubSpot(stage: Stage): Promise<void> {
  for (const version of VERSIONS) {
    const task = await objects(stage, version);
    await batches(stage, version);
    await merges(stage, version);
    await properties(stage, version);
    await associations(stage, version, task);
    for (const path of ['', '/', '/77405866']) await call(stage, 'GET', version.owners + path);
    await call(stage, 'GET', `/account-info/${version.name}/details`);
  }
  await labels(stage, '/crm/associations/v4', 'older');
  await call(stage, 'POST', '/oauth/v2/private-apps/get/access-token-info', { body: { tokenKey: 'pat-na1-lockstep' } });
  await journal(stage);
}

async function objects(stage: Stage, { objects: base }: Version): Promise<string> {
  const values = { hs_task_subject: 'A task', hs_task_body: '<p>Words</p>', lockstep_id: `tour ${base}`, ...DUE };
  const { id } = await call(stage, 'POST', `${base}/tasks`, { body: { properties: values } });
  await call(
    stage,
    'GET',
    `${base}/tasks/${id}?properties=hs_task_subject,hs_task_body&propertiesWithHistory=hs_task_subject&associations=contacts`,
  );
  await call(stage, 'PATCH', `${base}/tasks/${id}`, { body: { properties: { hs_task_subject: 'A task, renamed' } } });
  await call(stage, 'PATCH', `${base}/tasks/${encodeURIComponent(values.lockstep_id)}?idProperty=lockstep_id`, {
    body: { properties: { hs_task_status: 'COMPLETED' } },
  });
  await stage.advance(60_000);
  await call(stage, 'GET', `${base}/tasks?limit=2&archived=false&properties=hs_task_subject`);
  const filters = [{ propertyName: 'hs_task_subject', operator: 'CONTAINS_TOKEN', value: 'task' }];
  const sorts = [{ propertyName: 'hs_lastmodifieddate', direction: 'ASCENDING' }];
  await call(stage, 'POST', `${base}/tasks/search`, {
    body: { filterGroups: [{ filters }], sorts, properties: ['hs_task_subject'], limit: 1, query: 'task' },
  });
  const gone = (await call(stage, 'POST', `${base}/tasks`, { body: { properties: DUE } })).id;
  await call(stage, 'DELETE', `${base}/tasks/${gone}`);
  await call(stage, 'GET', `${base}/tasks/${gone}?archived=true`);
  return id;
}

async function batches(stage: Stage, { objects: base }: Version): Promise<void> {
  const batch = (name: string): string => `${base}/tasks/batch/${name}`;
  const input = (subject: string): object => ({ properties: { hs_task_subject: subject, ...DUE }, objectWriteTraceId: subject });
  const made = await call(stage, 'POST', batch('create'), { body: { inputs: [input('one'), input('two')] } });
  const [one, two] = made.results.map(({ id }) => id);
  // One of each batch is refused: a 207.
  const wrong = { hs_task_status: 'NO_SUCH' };
  await call(stage, 'POST', batch('create'), {
    body: { inputs: [input('three'), { properties: { ...DUE, ...wrong }, objectWriteTraceId: 'four' }] },
  });
  const reads = { properties: ['hs_task_subject'], propertiesWithHistory: ['hs_task_status'] };
  await call(stage, 'POST', `${batch('read')}?archived=false`, { body: { inputs: [{ id: one }], ...reads } });
  await call(stage, 'POST', batch('read'), { body: { inputs: [{ id: one }, { id: '999999' }], ...reads } });
  const updates = [{ id: one, properties: { hs_task_subject: 'one, renamed' } }];
  await call(stage, 'POST', batch('update'), { body: { inputs: updates } });
  await call(stage, 'POST', batch('update'), { body: { inputs: [...updates, { id: two, properties: wrong, objectWriteTraceId: 'two' }] } });
  const upsert = { id: `upsert ${base}`, idProperty: 'lockstep_id', properties: { hs_task_subject: 'upserted', ...DUE } };
  await call(stage, 'POST', batch('upsert'), { body: { inputs: [upsert] } });
  await call(stage, 'POST', batch('upsert'), {
    body: { inputs: [upsert, { ...upsert, id: `${upsert.id} 2`, objectWriteTraceId: 'x', properties: { ...DUE, ...wrong } }] },
  });
  await call(stage, 'POST', batch('archive'), { body: { inputs: [{ id: two }] } });
}

async function merges(stage: Stage, { objects: base, name }: Version): Promise<void> {
  const contact = async (first: string): Promise<string> =>
    (await call(stage, 'POST', `${base}/contacts`, { body: { properties: { email: `${first}.${name}@growth.example` } } })).id;
  const body = { primaryObjectId: await contact('kept'), objectIdToMerge: await contact('merged') };
  await call(stage, 'POST', `${base}/contacts/merge`, { body });
}

async function properties(stage: Stage, { properties: base, name: version }: Version): Promise<void> {
  const name = `tour_${version.replace('-', '_')}`;
  const made = { name, label: 'Tour', type: 'string', fieldType: 'text', groupName: 'lockstep' };
  await call(stage, 'GET', `${base}/tasks/groups`);
  await call(stage, 'POST', `${base}/tasks/groups`, { body: { name, label: 'Tour' } });
  await call(stage, 'GET', `${base}/tasks?archived=false`);
  await call(stage, 'POST', `${base}/tasks`, { body: made });
  await call(stage, 'GET', `${base}/tasks/${name}`);
  await call(stage, 'PATCH', `${base}/tasks/${name}`, { body: { label: 'Tour, renamed' } });
  const options = [{ label: 'One', value: 'one', hidden: false }];
  const choice = { ...made, name: `${name}_choice`, type: 'enumeration', fieldType: 'select', options };
  await call(stage, 'POST', `${base}/tasks/batch/create`, { body: { inputs: [choice] } });
  await call(stage, 'POST', `${base}/tasks/batch/read`, { body: { inputs: [{ name: choice.name }], archived: false } });
  await call(stage, 'POST', `${base}/tasks/batch/archive`, { body: { inputs: [{ name: choice.name }] } });
  await call(stage, 'DELETE', `${base}/tasks/${name}`);
}

async function associations(stage: Stage, version: Version, task: string): Promise<void> {
  const contact = (await call(stage, 'GET', `${version.objects}/contacts?limit=1`)).results[0]?.id ?? '';
  const between = `${version.objectAssociations}/tasks/${task}/associations`;
  const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 204 }];
  await call(stage, 'PUT', `${between}/default/contacts/${contact}`);
  await call(stage, 'PUT', `${between}/contacts/${contact}`, { body: types });
  await call(stage, 'GET', `${between}/contacts?limit=10`);
  await call(stage, 'GET', `${version.objects}/tasks/${task}?associations=contacts`);
  const batch = `${version.associations}/tasks/contacts/batch`;
  const pair = { from: { id: task }, to: { id: contact } };
  await call(stage, 'POST', `${batch}/read`, { body: { inputs: [{ id: task }, { id: '999999' }] } });
  await call(stage, 'POST', `${batch}/create`, { body: { inputs: [{ ...pair, types }] } });
  await call(stage, 'POST', `${batch}/associate/default`, { body: { inputs: [pair] } });
  await call(stage, 'POST', `${batch}/labels/archive`, { body: { inputs: [{ ...pair, types }] } });
  await call(stage, 'POST', `${batch}/archive`, { body: { inputs: [{ from: pair.from, to: [pair.to] }] } });
  await call(stage, 'DELETE', `${between}/contacts/${contact}`);
  await labels(stage, version.associations, version.name.replace('-', '_'));
}

async function labels(stage: Stage, base: string, suffix: string): Promise<void> {
  await call(stage, 'POST', `${base}/contacts/companies/labels`, {
    body: { name: `tour_${suffix}`, label: `Tour ${suffix}`, inverseLabel: `Toured ${suffix}` },
  });
  await call(stage, 'GET', `${base}/contacts/companies/labels`);
}

async function journal(stage: Stage): Promise<void> {
  for (const version of ['2026-03', '2026-09']) {
    const base = `/webhooks-journal/journal-local/${version}`;
    const { currentOffset, url } = await call(stage, 'GET', `${base}/earliest`);
    await call(stage, 'GET', `${base}/latest`);
    await call(stage, 'GET', `${base}/offset/${String(currentOffset)}/next`);
    const { pathname, search } = new URL(String(url));
    await call(stage, 'GET', pathname + search);
  }
}
