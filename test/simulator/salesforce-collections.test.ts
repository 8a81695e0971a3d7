/** Many records or many requests in one call at the stand-in for Salesforce: collections, composite, batch; jsforce at all of it. */
import { expect, test } from 'vitest';
import { as, ITEM, NOW, salesforceOrg } from './salesforce-org.ts';
import type { Result, SalesforceOrg } from './salesforce-org.ts';

const COLLECTION = '/composite/sobjects';
const UPSERT = `${COLLECTION}/${ITEM}/Lockstep_Id__c`;
const item = (values: object): object => ({ attributes: { type: ITEM }, ...values });
const titles = async (org: SalesforceOrg): Promise<readonly unknown[]> =>
  (await org.rows(`SELECT Title__c FROM ${ITEM}`)).map((row) => row['Title__c']);

test('a collection has a result for each record in its order; what is refused does not keep the others', async () => {
  const org = await salesforceOrg();
  const { status, body } = await org.ask('POST', COLLECTION, {
    records: [item({ Title__c: 'A' }), item({}), item({ Title__c: 'C', Nope__c: 1 }), { attributes: { type: 'Account' }, Name: 'D' }],
  });
  expect(status).toBe(200);
  expect(body).toEqual([
    { id: expect.stringMatching(/^a00/), success: true, errors: [] },
    { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', message: expect.any(String), fields: ['Title__c'] }] },
    { success: false, errors: [{ statusCode: 'INVALID_FIELD', message: expect.any(String), fields: [] }] },
    { id: expect.stringMatching(/^001/), success: true, errors: [] },
  ]);
  expect(await titles(org)).toEqual(['A']);
  expect(org.log.counts({ account: 'lockstep' })).toMatchObject({ creates: 2 });
});

test('all or none: one refused record rolls back the others, and none of it is counted', async () => {
  const org = await salesforceOrg();
  const kept = await org.make(ITEM, { Title__c: 'Kept', Lockstep_Id__c: 'k' });
  const lastSeq = org.log.lastSeq();
  const { body } = await org.ask('PATCH', UPSERT, {
    allOrNone: true,
    records: [
      item({ Lockstep_Id__c: 'k', Title__c: 'Changed' }),
      item({ Lockstep_Id__c: 'new', Title__c: 'New' }),
      item({ Lockstep_Id__c: 'bad' }),
    ],
  });
  expect((body as readonly Result[]).map(({ success, errors }) => [success, errors[0]?.statusCode])).toEqual([
    [false, 'ALL_OR_NONE_OPERATION_ROLLED_BACK'],
    [false, 'ALL_OR_NONE_OPERATION_ROLLED_BACK'],
    [false, 'REQUIRED_FIELD_MISSING'],
  ]);
  expect(await org.rows(`SELECT Id, Title__c FROM ${ITEM}`)).toMatchObject([{ Id: kept, Title__c: 'Kept' }]);
  // The history of the change that was not is gone too, and the key is free.
  expect(await org.rows(`SELECT Field FROM ${ITEM.replace('__c', '__History')}`)).toMatchObject([{ Field: 'created' }]);
  expect(org.log.counts({ account: 'lockstep', after: lastSeq })).toMatchObject({ creates: 0, updates: 0 });
  expect(await org.ask('PATCH', UPSERT, { records: [item({ Lockstep_Id__c: 'new', Title__c: 'New' })] })).toMatchObject({
    body: [{ created: true }],
  });
});

test('S4 an upsert of many says which it made; a key that comes twice in one call is refused both times', async () => {
  const org = await salesforceOrg();
  const records = ['a', 'b'].map((key) => item({ Lockstep_Id__c: key, Title__c: key }));
  expect((await org.ask('PATCH', UPSERT, { records })).body).toMatchObject([{ created: true }, { created: true }]);
  const again = [
    ...records,
    item({ Lockstep_Id__c: 'c', Title__c: 'c' }),
    item({ Lockstep_Id__c: 'C', Title__c: 'C' }),
    item({ Title__c: 'd' }),
  ];
  expect((await org.ask('PATCH', UPSERT, { records: again })).body).toMatchObject([
    { success: true, created: false },
    { success: true, created: false },
    { success: false, errors: [{ statusCode: 'DUPLICATE_VALUE' }] },
    { success: false, errors: [{ statusCode: 'DUPLICATE_VALUE' }] },
    { success: false, errors: [{ statusCode: 'MISSING_ARGUMENT' }] },
  ]);
  expect(await titles(org)).toEqual(['a', 'b']);
});

test('200 records are taken, 201 are refused as a whole', async () => {
  const org = await salesforceOrg();
  const records = Array.from({ length: 201 }, (_, index) => item({ Title__c: `T${index}` }));
  expect(await org.refusal('POST', COLLECTION, { records })).toEqual([400, 'EXCEEDED_ID_LIMIT']);
  const { body } = await org.ask('POST', COLLECTION, { records: records.slice(1) });
  const ids = (body as readonly Result[]).map(({ id }) => id);
  expect(await titles(org)).toHaveLength(200);
  expect(await org.refusal('DELETE', `${COLLECTION}?ids=${[...ids, ids[0]].join(',')}`)).toEqual([400, 'EXCEEDED_ID_LIMIT']);
  await org.ask('DELETE', `${COLLECTION}?ids=${ids.join(',')}`);
  expect(await titles(org)).toEqual([]);
  expect(org.log.counts({ account: 'lockstep' })).toMatchObject({ creates: 200, deletes: 200 });
});

test('updates, deletes and reads of many name what is not there, and reads have null in its place', async () => {
  const org = await salesforceOrg();
  const [a, b] = [await org.make(ITEM, { Title__c: 'A' }), await org.make(ITEM, { Title__c: 'B' })];
  await org.ask('DELETE', `/sobjects/${ITEM}/${b}`);
  const none = 'a005g0000000009AAA';
  const changed = await org.ask('PATCH', COLLECTION, {
    records: [
      item({ id: a, Title__c: 'A2' }),
      item({ id: b, Title__c: 'B2' }),
      item({ id: none }),
      item({ Title__c: 'C' }),
      item({ id: 'x' }),
    ],
  });
  const codes = (body: unknown): readonly unknown[] =>
    (body as readonly Result[]).map(({ success, errors }) => (success ? true : errors[0]?.statusCode));
  expect(codes(changed.body)).toEqual([true, 'ENTITY_IS_DELETED', 'INVALID_CROSS_REFERENCE_KEY', 'MISSING_ARGUMENT', 'MALFORMED_ID']);
  const read = { ids: [a, b, none], fields: ['Title__c'] };
  const expected = [{ attributes: { type: ITEM }, Title__c: 'A2' }, null, null];
  expect(await org.ask('POST', `${COLLECTION}/${ITEM}`, read)).toMatchObject({ status: 200, body: expected });
  const address = `${COLLECTION}/${ITEM}?ids=${read.ids.join(',')}&fields=Title__c`;
  expect(await org.ask('GET', address)).toMatchObject({ status: 200, body: expected });
  const deleted = await org.ask('DELETE', `${COLLECTION}?ids=${a},${none}&allOrNone=true`);
  expect(codes(deleted.body)).toEqual(['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'INVALID_CROSS_REFERENCE_KEY']);
  expect(await titles(org)).toEqual(['A2']);
});

const data = '/services/data/v67.0';
const sub = (method: string, url: string, referenceId: string, body?: object, httpHeaders?: object): object => ({
  ...{ method, url: `${data}${url}`, referenceId },
  ...(body === undefined ? {} : { body }),
  ...(httpHeaders === undefined ? {} : { httpHeaders }),
});

test('a composite runs in order, and later requests refer to earlier answers', async () => {
  const org = await salesforceOrg();
  const { body } = await org.ask('POST', '/composite', {
    compositeRequest: [
      sub('POST', '/sobjects/Account', 'account', { Name: 'Fjord' }),
      sub('POST', '/sobjects/Contact', 'contact', { LastName: 'Berg', AccountId: '@{account.id}' }),
      sub('GET', "/query?q=SELECT+Id,Name+FROM+Contact+WHERE+AccountId='@{account.id}'", 'query'),
      sub('PATCH', '/sobjects/Contact/@{query.records[0].Id}', 'patch', { Title: 'of @{query.records[0].Name}' }),
      sub('GET', '/sobjects/Contact/@{contact.id}?fields=Title', 'read'),
    ],
  });
  const answers = (body as { readonly compositeResponse: readonly Record<string, unknown>[] }).compositeResponse;
  expect(answers.map(({ httpStatusCode, referenceId }) => [referenceId, httpStatusCode])).toEqual([
    ['account', 201],
    ['contact', 201],
    ['query', 200],
    ['patch', 204],
    ['read', 200],
  ]);
  expect(answers[0]).toMatchObject({
    httpHeaders: { Location: expect.stringContaining('/sobjects/Account/001') },
    body: { success: true },
  });
  expect(answers[3]).toMatchObject({ body: null, httpHeaders: {} });
  expect(answers[4]).toMatchObject({ body: { Title: 'of Berg' } });
  // What was made counts; the change beside it does not.
  expect(org.log.counts({ account: 'lockstep' })).toMatchObject({ calls: 1, creates: 2, updates: 0 });
});

test('a composite: a failure halts what refers to it and nothing else; all or none undoes everything', async () => {
  const org = await salesforceOrg();
  const compositeRequest = [
    sub('POST', `/sobjects/${ITEM}`, 'a', { Title__c: 'A' }),
    sub('POST', `/sobjects/${ITEM}`, 'b', {}),
    sub('POST', `/sobjects/${ITEM}`, 'c', { Title__c: 'C', Parent__c: '@{b.id}' }),
    sub('POST', `/sobjects/${ITEM}`, 'd', { Title__c: 'D' }),
  ];
  const statuses = async (allOrNone: boolean): Promise<readonly unknown[]> => {
    const { body } = await org.ask('POST', '/composite', { allOrNone, compositeRequest });
    const { compositeResponse } = body as { compositeResponse: readonly { httpStatusCode: number; body: unknown }[] };
    return compositeResponse.map((one) =>
      one.httpStatusCode < 300 ? one.httpStatusCode : (one.body as { errorCode: string }[])[0]?.errorCode,
    );
  };
  expect(await statuses(true)).toEqual(['PROCESSING_HALTED', 'REQUIRED_FIELD_MISSING', 'PROCESSING_HALTED', 'PROCESSING_HALTED']);
  expect(await titles(org)).toEqual([]);
  expect(org.log.counts({ account: 'lockstep' })).toMatchObject({ creates: 0 });
  expect(await statuses(false)).toEqual([201, 'REQUIRED_FIELD_MISSING', 'PROCESSING_HALTED', 201]);
  expect(await titles(org)).toEqual(['A', 'D']);
  expect(org.log.counts({ account: 'lockstep' })).toMatchObject({ creates: 2 });
});

test('a composite may guard its writes by the headers of a subrequest', async () => {
  const org = await salesforceOrg();
  const id = await org.make(ITEM, { Title__c: 'A' });
  org.clock.advance(1_000);
  await org.ask('PATCH', `/sobjects/${ITEM}/${id}`, { Title__c: 'hers' }, as('maria'));
  const guarded = sub(
    'PATCH',
    `/sobjects/${ITEM}/${id}`,
    'a',
    { Title__c: 'ours' },
    { 'If-Unmodified-Since': new Date(NOW).toUTCString() },
  );
  const { body } = await org.ask('POST', '/composite', { compositeRequest: [guarded] });
  expect(body).toMatchObject({ compositeResponse: [{ httpStatusCode: 412 }] });
  expect(await titles(org)).toEqual(['hers']);
});

test('a composite refuses more than 25 requests, equal names, names of other characters and composites inside', async () => {
  const org = await salesforceOrg();
  const gets = (count: number): object[] => Array.from({ length: count }, (_, index) => sub('GET', '/limits', `r${index}`));
  expect((await org.ask('POST', '/composite', { compositeRequest: gets(25) })).status).toBe(200);
  for (const compositeRequest of [gets(26), [...gets(1), ...gets(1)], [sub('GET', '/limits', 'a-b')], [], 'all', [{ method: 'GET' }]])
    expect((await org.ask('POST', '/composite', { compositeRequest })).status).toBe(400);
  const nested = await org.ask('POST', '/composite', { compositeRequest: [sub('POST', '/composite', 'a', { compositeRequest: gets(1) })] });
  expect(nested.body).toMatchObject({ compositeResponse: [{ httpStatusCode: 404 }] });
});

test('a batch runs each of its requests by itself, counts each, and halts at a failure where it is told to', async () => {
  const org = await salesforceOrg({ rateLimits: 'documented' });
  const batchRequests = [
    { method: 'POST', url: `v67.0/sobjects/${ITEM}`, richInput: { Title__c: 'A' } },
    { method: 'POST', url: `v67.0/sobjects/${ITEM}`, richInput: {} },
    { method: 'GET', url: 'v67.0/limits' },
  ];
  const first = await org.ask('POST', '/composite/batch', { batchRequests });
  expect(first.body).toMatchObject({ hasErrors: true, results: [{ statusCode: 201 }, { statusCode: 400 }, { statusCode: 200 }] });
  expect(first.headers.get('sforce-limit-info')).toBe('api-usage=4/15000');
  const halted = await org.ask('POST', '/composite/batch', { haltOnError: true, batchRequests });
  expect(halted.body).toMatchObject({ results: [{ statusCode: 201 }, { statusCode: 400 }, { statusCode: 412 }] });
  expect(await titles(org)).toEqual(['A', 'A']);
});

test('jsforce: client credentials, identity, single records and collections, query, describe, limits', async () => {
  const org = await salesforceOrg({ rateLimits: 'documented' });
  const oauth2 = { loginUrl: org.url, clientId: 'lockstep-client', clientSecret: 'lockstep-secret' };
  const conn = org.jsforce({ accessToken: undefined, oauth2 });
  const { organizationId } = await conn.authorize({ grant_type: 'client_credentials' });
  expect(organizationId).toMatch(/^00D/);
  expect(await conn.identity()).toMatchObject({ username: 'lockstep@growth.example' });
  const sobject = conn.sobject(ITEM);
  const { id } = await sobject.create({ Title__c: 'A', Lockstep_Id__c: 'a' });
  expect(await sobject.upsert({ Title__c: 'B', Lockstep_Id__c: 'a' }, 'Lockstep_Id__c')).toMatchObject({ id, created: false });
  const many = await sobject.upsert(
    [
      { Title__c: 'C', Lockstep_Id__c: 'c' },
      { Title__c: 'B2', Lockstep_Id__c: 'a' },
    ],
    'Lockstep_Id__c',
  );
  expect(many).toMatchObject([{ created: true }, { id, created: false }]);
  expect(await sobject.update({ Id: id, Title__c: 'B3' })).toMatchObject({ success: true });
  expect(await sobject.retrieve([id])).toMatchObject([{ Id: id, Title__c: 'B3' }]);
  expect(await conn.query(`SELECT Title__c FROM ${ITEM} ORDER BY Title__c`)).toMatchObject({
    ...{ totalSize: 2, done: true, records: [{ Title__c: 'B3' }, { Title__c: 'C' }] },
  });
  expect((await sobject.describe()).fields.find(({ name }) => name === 'Lockstep_Id__c')).toMatchObject({ externalId: true });
  expect((await conn.describeGlobal()).sobjects.map(({ name }) => name)).toContain(ITEM);
  expect(await sobject.destroy(id)).toMatchObject({ success: true });
  await expect(sobject.create({ Status__c: 'Begun', Title__c: 'D' })).rejects.toMatchObject({
    errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
  });
  await expect(sobject.destroy(id)).rejects.toMatchObject({ errorCode: 'ENTITY_IS_DELETED' });
  org.clock.advance(120_000);
  const span = ['2026-11-24T09:00:00Z', '2026-11-24T09:32:00Z'] as const;
  expect((await sobject.deleted(...span)).deletedRecords).toMatchObject([{ id }]);
  expect((await sobject.updated(...span)).ids).toEqual([many[0]?.id]);
  expect(conn.limitInfo.apiUsage).toMatchObject({ limit: 15_000 });
});
