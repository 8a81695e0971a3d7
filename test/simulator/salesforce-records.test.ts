/** Single records of the stand-in for Salesforce: ids, values, refusals, external ids, conditions in headers. */
import { expect, test } from 'vitest';
import { as, ITEM, NOW, salesforceOrg } from './salesforce-org.ts';
import type { Result, SalesforceOrg, Shown } from './salesforce-org.ts';

const read = async (org: SalesforceOrg, object: string, id: string): Promise<Shown> =>
  (await org.ask('GET', `/sobjects/${object}/${id}`)).body as Shown;
const items = (id: string): string => `/sobjects/${ITEM}/${id}`;
const byKey = (key: string): string => `/sobjects/${ITEM}/Lockstep_Id__c/${key}`;

test('a record has an id of 18 characters, is found by 15, and carries who made it and when, in whole seconds', async () => {
  const org = await salesforceOrg();
  const made = await org.ask('POST', `/sobjects/${ITEM}`, { Title__c: 'Call the five', Due__c: '2026-12-01' });
  const { id } = made.body as Result;
  expect(made).toMatchObject({ status: 201, body: { id, success: true, errors: [] } });
  expect([id, made.headers.get('location')]).toEqual([expect.stringMatching(/^a00\w{15}$/), `/services/data/v67.0/sobjects/${ITEM}/${id}`]);
  const record = await read(org, ITEM, id.slice(0, 15));
  const stamp = '2026-11-24T09:30:20.000+0000';
  expect(record).toMatchObject({
    attributes: { type: ITEM, url: `/services/data/v67.0/sobjects/${ITEM}/${id}` },
    ...{ Id: id, Name: 'LI-00001', Title__c: 'Call the five', Due__c: '2026-12-01', Status__c: 'To Do', Metric__c: null },
    ...{ CreatedDate: stamp, LastModifiedDate: stamp, SystemModstamp: stamp, IsDeleted: false },
  });
  expect(record['CreatedById']).toBe(record['OwnerId']);
  expect((await org.ask('GET', `${items(id)}?fields=Name,Title__c`)).body).toEqual({
    attributes: record['attributes'],
    Name: 'LI-00001',
    Title__c: 'Call the five',
  });
});

test('the checksum of an id says which letters are capitals: one that does not fit is refused', async () => {
  const org = await salesforceOrg();
  // The example of Salesforce's own documentation: 001A0000006Vm9r is 001A0000006Vm9rIAC.
  expect(await org.refusal('GET', '/sobjects/Account/001A0000006Vm9rIAC')).toEqual([404, 'NOT_FOUND']);
  expect(await org.refusal('DELETE', '/sobjects/Account/001A0000006Vm9rIAC')).toEqual([404, 'INVALID_CROSS_REFERENCE_KEY']);
  expect(await org.refusal('DELETE', '/sobjects/Account/001A0000006Vm9rIAD')).toEqual([400, 'MALFORMED_ID']);
  expect(await org.refusal('GET', '/sobjects/Account/12')).toEqual([404, 'NOT_FOUND']);
});

test.for([
  ['POST', `/sobjects/${ITEM}`, { Title__c: 'A', Nope__c: 1 }, 400, 'INVALID_FIELD'],
  ['POST', `/sobjects/${ITEM}`, { Title__c: 'A', Id: 'a005g0000000001AAA' }, 400, 'INVALID_FIELD'],
  ['POST', `/sobjects/${ITEM}`, {}, 400, 'REQUIRED_FIELD_MISSING'],
  ['POST', `/sobjects/${ITEM}`, { Title__c: 'x'.repeat(256) }, 400, 'STRING_TOO_LONG'],
  ['POST', `/sobjects/${ITEM}`, { Title__c: 'A', Status__c: 'Begun' }, 400, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'],
  ['POST', `/sobjects/${ITEM}`, { Title__c: 'A', CreatedDate: '2026-01-01T00:00:00Z' }, 400, 'INVALID_FIELD_FOR_INSERT_UPDATE'],
  ['POST', `/sobjects/${ITEM}`, { Title__c: 'A', Due__c: '31.12.2026' }, 400, 'JSON_PARSER_ERROR'],
  ['POST', `/sobjects/${ITEM}`, { Title__c: 'A', Due__c: '2026-02-30' }, 400, 'JSON_PARSER_ERROR'],
  ['POST', `/sobjects/${ITEM}`, { Title__c: 5 }, 400, 'JSON_PARSER_ERROR'],
  ['POST', `/sobjects/${ITEM}`, { Title__c: 'A', Parent__c: '0015g0000000001AAA' }, 400, 'MALFORMED_ID'],
  ['POST', `/sobjects/${ITEM}`, { Title__c: 'A', Parent__c: 'a005g0000000009AAA' }, 400, 'INVALID_CROSS_REFERENCE_KEY'],
  ['POST', `/sobjects/${ITEM}`, { Title__c: 'A', Parent__r: { Lockstep_Id__c: 'none' } }, 400, 'INVALID_FIELD'],
  ['POST', `/sobjects/${ITEM}`, '{"Title__c":', 400, 'JSON_PARSER_ERROR'],
  ['POST', `/sobjects/${ITEM}`, [], 400, 'JSON_PARSER_ERROR'],
  ['POST', '/sobjects/Contact', { LastName: 'A', Email: 'no address' }, 400, 'INVALID_EMAIL_ADDRESS'],
  [
    'POST',
    '/sobjects/Opportunity',
    { Name: 'A', StageName: 'Prospecting', CloseDate: '2027-01-01', Amount: 1e17 },
    400,
    'NUMBER_OUTSIDE_VALID_RANGE',
  ],
  ['POST', '/sobjects/AccountHistory', { Field: 'Name' }, 403, 'INSUFFICIENT_ACCESS_OR_READONLY'],
  ['POST', '/sobjects/Nothing', { Name: 'A' }, 404, 'NOT_FOUND'],
] as const)('%s %s of %o is refused: %i %s', async ([method, path, body, status, code]) => {
  const org = await salesforceOrg();
  expect(await org.refusal(method, path, body)).toEqual([status, code]);
  expect(org.log.counts({})).toMatchObject({ creates: 0, updates: 0 });
});

test('a refusal names every missing field, and the field whose text is too long', async () => {
  const org = await salesforceOrg();
  expect((await org.ask('POST', '/sobjects/Opportunity', {})).body).toEqual([
    {
      message: 'Required fields are missing: [Name, StageName, CloseDate]',
      errorCode: 'REQUIRED_FIELD_MISSING',
      fields: ['Name', 'StageName', 'CloseDate'],
    },
  ]);
  const long = await org.ask('POST', `/sobjects/${ITEM}`, { Title__c: 'x'.repeat(256) });
  expect(long.body).toMatchObject([{ fields: ['Title__c'], message: expect.stringContaining('(max length=255)') }]);
});

test('an update changes what it names, also to nothing, and is a new modification even where nothing differs', async () => {
  const org = await salesforceOrg();
  const id = await org.make(ITEM, { Title__c: ' A ', Metric__c: 'ten calls', Labels__c: 'b;a;b' });
  expect(await read(org, ITEM, id)).toMatchObject({ Title__c: 'A', Labels__c: 'b;a' });
  org.clock.advance(2_000);
  const changed = await org.ask('PATCH', items(id), { metric__C: '', status__c: 'done' }, as('maria'));
  expect([changed.status, changed.text]).toEqual([204, '']);
  const after = await read(org, ITEM, id);
  expect(after).toMatchObject({ Metric__c: null, Status__c: 'Done', LastModifiedDate: '2026-11-24T09:30:22.000+0000' });
  expect(after['LastModifiedById']).not.toBe(after['CreatedById']);
  org.clock.advance(2_000);
  await org.ask('PATCH', items(id), { Title__c: 'A' });
  expect(await read(org, ITEM, id)).toMatchObject({ SystemModstamp: '2026-11-24T09:30:24.000+0000' });
  expect(await org.refusal('PATCH', items(id), { Title__c: null })).toEqual([400, 'REQUIRED_FIELD_MISSING']);
});

test('a deleted record is gone for reads and writes, and a second delete says so', async () => {
  const org = await salesforceOrg();
  const id = await org.make(ITEM, { Title__c: 'A' });
  expect((await org.ask('DELETE', items(id))).status).toBe(204);
  for (const [method, body] of [['GET'], ['DELETE'], ['PATCH', { Title__c: 'B' }]] as const)
    expect(await org.refusal(method, items(id), body)).toEqual([404, 'ENTITY_IS_DELETED']);
  expect(await org.refusal('POST', `/sobjects/${ITEM}`, { Title__c: 'C', Parent__c: id })).toEqual([400, 'ENTITY_IS_DELETED']);
  expect(org.log.counts({ account: 'lockstep' })).toMatchObject({ creates: 1, updates: 0, deletes: 1 });
});

test('S4 an upsert by external id makes a record once: 201, then 200, with a body that says which', async () => {
  const org = await salesforceOrg();
  const first = await org.ask('PATCH', byKey('k%2F1'), { Title__c: 'A' });
  expect(first).toMatchObject({ status: 201, body: { success: true, created: true } });
  const { id } = first.body as Result;
  expect(await org.ask('PATCH', byKey('K%2F1'), { Title__c: 'B' })).toMatchObject({ status: 200, body: { id, created: false } });
  expect((await org.ask('GET', byKey('k%2F1'))).body).toMatchObject({ Id: id, Title__c: 'B', Lockstep_Id__c: 'k/1' });
  expect(await org.rows(`SELECT Id FROM ${ITEM}`)).toHaveLength(1);
  // Before version 46 an update had no body.
  const old = await org.ask('PATCH', `/services/data/v45.0${byKey('k%2F1')}`, { Title__c: 'C' });
  expect([old.status, old.text]).toEqual([204, '']);
  expect(org.log.counts({ account: 'lockstep' })).toMatchObject({ creates: 1, updates: 2 });
});

test('an upsert refuses the key in the body, a field that is no key, and a new record where only an update is wanted', async () => {
  const org = await salesforceOrg();
  expect(await org.refusal('PATCH', byKey('a'), { Title__c: 'A', Lockstep_Id__c: 'a' })).toEqual([400, 'INVALID_FIELD']);
  expect(await org.refusal('PATCH', `/sobjects/${ITEM}/Title__c/a`, {})).toEqual([404, 'NOT_FOUND']);
  expect(await org.refusal('PATCH', `${byKey('a')}?updateOnly=true`, { Title__c: 'A' })).toEqual([404, 'NOT_FOUND']);
  expect(await org.rows(`SELECT Id FROM ${ITEM}`)).toEqual([]);
});

test('where several records have the key, 300 lists them and nothing is written', async () => {
  const org = await salesforceOrg();
  const ids = [
    await org.make('Account', { Name: 'A', External_Ref__c: 'x' }),
    await org.make('Account', { Name: 'B', External_Ref__c: 'X' }),
  ];
  const addresses = ids.map((id) => `/services/data/v67.0/sobjects/Account/${id}`);
  for (const [method, body] of [['GET'], ['PATCH', { Name: 'C' }], ['DELETE']] as const)
    expect(await org.ask(method, '/sobjects/Account/External_Ref__c/x', body)).toMatchObject({ status: 300, body: addresses });
  expect(await org.rows("SELECT Name FROM Account WHERE External_Ref__c = 'x'")).toMatchObject([{ Name: 'A' }, { Name: 'B' }]);
});

test('a unique value is held by one live record, whatever its case, and is free again when that is deleted', async () => {
  const org = await salesforceOrg();
  const id = await org.make(ITEM, { Title__c: 'A', Lockstep_Id__c: 'a' });
  const twice = await org.ask('POST', `/sobjects/${ITEM}`, { Title__c: 'B', Lockstep_Id__c: 'A' });
  expect(twice).toMatchObject({ status: 400, body: [{ errorCode: 'DUPLICATE_VALUE', message: expect.stringContaining(id.slice(0, 15)) }] });
  const other = await org.make(ITEM, { Title__c: 'B', Lockstep_Id__c: 'b' });
  expect(await org.refusal('PATCH', items(other), { Lockstep_Id__c: 'a' })).toEqual([400, 'DUPLICATE_VALUE']);
  await org.ask('DELETE', items(id));
  expect((await org.ask('PATCH', items(other), { Lockstep_Id__c: 'a' })).status).toBe(204);
  expect(await org.ask('PATCH', byKey('a'), { Title__c: 'C' })).toMatchObject({ status: 200, body: { id: other } });
});

test('a reference may be written by the other record’s external id', async () => {
  const org = await salesforceOrg();
  const parent = await org.make(ITEM, { Title__c: 'Phase', Lockstep_Id__c: 'p' });
  const id = await org.make(ITEM, { Title__c: 'Task', Parent__r: { Lockstep_Id__c: 'P' } });
  expect(await read(org, ITEM, id)).toMatchObject({ Parent__c: parent });
  await org.ask('PATCH', items(id), { Parent__r: null });
  expect(await read(org, ITEM, id)).toMatchObject({ Parent__c: null });
});

test('an owner is a user who is there, or a queue that takes the object', async () => {
  const org = await salesforceOrg();
  const [lena] = await org.rows('SELECT Id FROM User WHERE IsActive = false');
  const [queue] = await org.rows("SELECT Id FROM Group WHERE DeveloperName = 'Inbound_Leads' AND Type = 'Queue'");
  const lead = { LastName: 'Berg', Company: 'Fjord' };
  expect(await org.refusal('POST', '/sobjects/Lead', { ...lead, OwnerId: lena?.['Id'] })).toEqual([400, 'INACTIVE_OWNER_OR_USER']);
  const id = await org.make('Lead', { ...lead, OwnerId: queue?.['Id'] });
  expect(await org.refusal('PATCH', `/sobjects/Lead/${id}`, { OwnerId: null })).toEqual([400, 'INVALID_CROSS_REFERENCE_KEY']);
  expect(await org.rows(`SELECT Owner.Name FROM Lead WHERE Id = '${id}'`)).toMatchObject([{ Owner: { Name: 'Inbound Leads' } }]);
  const [account] = await org.rows('SELECT Id FROM Account LIMIT 1');
  expect(await org.refusal('PATCH', `/sobjects/Account/${String(account?.['Id'])}`, { OwnerId: queue?.['Id'] })).toEqual([
    400,
    'MALFORMED_ID',
  ]);
});

test('what Salesforce derives: names, stages, closed tasks and their accounts', async () => {
  const org = await salesforceOrg();
  const account = await org.make('Account', { Name: 'Fjord' });
  const contact = await org.make('Contact', { FirstName: 'Ada', LastName: 'Berg', AccountId: account });
  expect(await read(org, 'Contact', contact)).toMatchObject({ Name: 'Ada Berg' });
  const deal = await org.make('Opportunity', { Name: 'D', StageName: 'Closed Won', CloseDate: '2026-12-01', Amount: 99.999 });
  expect(await read(org, 'Opportunity', deal)).toMatchObject({
    Amount: 100,
    Probability: 100,
    IsClosed: true,
    IsWon: true,
    ExpectedRevenue: 100,
  });
  const task = await org.make('Task', { Subject: 'Call', WhoId: contact, Status: 'Completed', Priority: 'High' });
  expect(await read(org, 'Task', task)).toMatchObject({
    ...{ AccountId: account, IsClosed: true, IsHighPriority: true, CompletedDateTime: '2026-11-24T09:30:20.000+0000' },
  });
});

const http = (atMs: number): string => new Date(atMs).toUTCString();

test('conditions: a write of what has changed since is 412, to the second; a read of what has not is 304', async () => {
  const org = await salesforceOrg();
  const id = await org.make(ITEM, { Title__c: 'A', Lockstep_Id__c: 'a' });
  const unmodified = (atMs: number): Record<string, string> => ({ 'If-Unmodified-Since': http(atMs) });
  expect((await org.ask('GET', items(id))).headers.get('last-modified')).toBe(http(NOW));
  expect(await org.refusal('PATCH', items(id), { Title__c: 'B' }, unmodified(NOW - 1_000))).toEqual([412, 'PRECONDITION_FAILED']);
  expect(await org.refusal('PATCH', byKey('a'), { Title__c: 'B' }, unmodified(NOW - 1_000))).toEqual([412, 'PRECONDITION_FAILED']);
  // Two writes in one second: the second one is not seen.
  expect((await org.ask('PATCH', items(id), { Title__c: 'B' }, as('maria'))).status).toBe(204);
  expect((await org.ask('PATCH', items(id), { Title__c: 'C' }, unmodified(NOW))).status).toBe(204);
  org.clock.advance(1_000);
  expect((await org.ask('PATCH', items(id), { Title__c: 'D' }, as('maria'))).status).toBe(204);
  expect(await org.refusal('PATCH', items(id), { Title__c: 'E' }, unmodified(NOW))).toEqual([412, 'PRECONDITION_FAILED']);
  expect(await read(org, ITEM, id)).toMatchObject({ Title__c: 'D' });
  const since = (atMs: number): Record<string, string> => ({ 'If-Modified-Since': http(atMs) });
  expect((await org.ask('GET', items(id), undefined, since(NOW + 1_000))).status).toBe(304);
  expect((await org.ask('GET', items(id), undefined, since(NOW))).status).toBe(200);
  expect(await org.refusal('PATCH', items(id), { Title__c: 'E' }, since(NOW + 1_000))).toEqual([412, 'PRECONDITION_FAILED']);
  expect((await org.refusal('PATCH', items(id), { Title__c: 'E' }, { 'If-Unmodified-Since': 'yesterday' }))[0]).toBe(400);
  expect((await org.ask('DELETE', items(id), undefined, unmodified(NOW))).status).toBe(204);
});

test('describe tells lengths, keys, picklists and references; the list of objects has ours', async () => {
  const org = await salesforceOrg();
  const { body } = await org.ask('GET', `/sobjects/${ITEM}/describe`);
  const { fields } = body as { readonly fields: readonly Shown[] };
  const named = (name: string): Shown | undefined => fields.find((field) => field['name'] === name);
  expect(named('Lockstep_Id__c')).toMatchObject({ externalId: true, unique: true, idLookup: true, length: 255, custom: true });
  expect(named('Description__c')).toMatchObject({ type: 'textarea', length: 131_072, filterable: false, sortable: false });
  expect(named('Parent__c')).toMatchObject({ type: 'reference', referenceTo: [ITEM], relationshipName: 'Parent__r' });
  expect(named('Status__c')).toMatchObject({
    restrictedPicklist: true,
    picklistValues: expect.arrayContaining([expect.objectContaining({ value: 'Blocked' })]),
  });
  expect(named('SystemModstamp')).toMatchObject({ createable: false, updateable: false, nillable: true });
  const list = (await org.ask('GET', '/sobjects')).body as { sobjects: readonly Shown[] };
  expect(list.sobjects.find(({ name }) => name === ITEM)).toMatchObject({ custom: true, keyPrefix: 'a00', queryable: true });
});
