/** What the stand-in for Salesforce tells of changes: history, getUpdated and getDeleted, the recycle bin; what administrators do; restarts. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { as, ITEM, salesforceOrg } from './salesforce-org.ts';
import type { SalesforceOrg, Shown } from './salesforce-org.ts';

const HISTORY = 'Lockstep_Item__History';
const items = (id: string): string => `/sobjects/${ITEM}/${id}`;
const told = (rows: readonly Shown[]): readonly unknown[] => rows.map(({ Field, OldValue, NewValue }) => [Field, OldValue, NewValue]);

test('history has a row for the making and one for each tracked field that differs, with who and when', async () => {
  const org = await salesforceOrg();
  const id = await org.make(ITEM, { Title__c: 'A', Metric__c: 'ten' });
  org.clock.advance(5_000);
  await org.ask('PATCH', items(id), { Title__c: 'B', Metric__c: 'twenty', Status__c: 'To Do', Due__c: '2026-12-01' }, as('maria'));
  const rows = await org.rows(
    `SELECT Field, OldValue, NewValue, DataType, CreatedDate, CreatedBy.Name FROM ${HISTORY} WHERE ParentId = '${id}' ORDER BY Id`,
  );
  expect(told(rows)).toEqual([
    ['created', null, null],
    ['Title__c', 'A', 'B'],
    ['Due__c', null, '2026-12-01'],
    // A long text is only said to have changed.
    ['Metric__c', null, null],
  ]);
  expect(rows[1]).toMatchObject({ DataType: 'Text', CreatedDate: '2026-11-24T09:30:25.000+0000', CreatedBy: { Name: 'Maria Sommer' } });
});

test('history of a reference has a row of names and one of ids, by the name of the relationship', async () => {
  const org = await salesforceOrg();
  const [contact] = await org.rows('SELECT Id, OwnerId FROM Contact LIMIT 1');
  const [omar] = await org.rows("SELECT Id FROM User WHERE FirstName = 'Omar'");
  const id = String(contact?.['Id']);
  await org.ask('PATCH', `/sobjects/Contact/${id}`, { OwnerId: omar?.['Id'] });
  const rows = await org.rows(
    `SELECT Field, OldValue, NewValue, DataType FROM ContactHistory WHERE ContactId = '${id}' AND Field != 'created' ORDER BY Id`,
  );
  expect(told(rows)).toEqual([
    ['Owner', 'Maria Sommer', 'Omar Haddad'],
    ['Owner', contact?.['OwnerId'], omar?.['Id']],
  ]);
  expect(rows.map((row) => row['DataType'])).toEqual(['Text', 'EntityId']);
  const read = await org.ask('GET', `/query?q=${encodeURIComponent('SELECT Field, (SELECT Id FROM Histories) FROM Contact')}`);
  expect(read.status).toBe(400);
  const [withHistory] = await org.rows(`SELECT Id, (SELECT Field FROM Histories) FROM Contact WHERE Id = '${id}'`);
  expect(withHistory?.['Histories']).toMatchObject({ totalSize: 3 });
});

test('tasks have no history, and an administrator chooses which fields have', async () => {
  const org = await salesforceOrg();
  expect(await org.refusal('GET', '/sobjects/TaskHistory')).toEqual([404, 'NOT_FOUND']);
  const id = await org.make('Account', { Name: 'A' });
  const change = async (site: string): Promise<number> => {
    await org.ask('PATCH', `/sobjects/Account/${id}`, { Site: site });
    return (await org.rows(`SELECT Id FROM AccountHistory WHERE AccountId = '${id}' AND Field = 'Site'`)).length;
  };
  expect(await change('a')).toBe(0);
  await org.ask('POST', '/ui/settings/history', { object: 'Account', field: 'Site', tracked: true });
  expect(await change('b')).toBe(1);
});

const span = (start: string, end: string): string => `?start=${encodeURIComponent(start)}&end=${encodeURIComponent(end)}`;

test('getUpdated and getDeleted work by whole minutes and tell up to when nothing is left out', async () => {
  const org = await salesforceOrg();
  const [a, b] = [await org.make(ITEM, { Title__c: 'A' }), await org.make(ITEM, { Title__c: 'B' })];
  const updated = async (query: string): Promise<unknown> => (await org.ask('GET', `/sobjects/${ITEM}/updated${query}`)).body;
  // Seconds are cut off: the current minute is not covered.
  expect(await updated(span('2026-11-24T09:29:59Z', '2026-11-24T09:30:59Z'))).toEqual({
    ids: [],
    latestDateCovered: '2026-11-24T09:30:00.000+0000',
  });
  expect(await updated(span('2026-11-24T09:30:59+00:00', '2026-11-24T09:35:00+00:00'))).toEqual({
    ...{ ids: [a, b], latestDateCovered: '2026-11-24T09:30:00.000+0000' },
  });
  org.clock.advance(60_000);
  await org.ask('DELETE', items(b));
  org.clock.advance(60_000);
  const now = span('2026-11-24T09:00:00Z', '2026-11-24T09:32:20Z');
  expect(await updated(now)).toEqual({ ids: [a], latestDateCovered: '2026-11-24T09:32:00.000+0000' });
  expect((await org.ask('GET', `/sobjects/${ITEM}/deleted/${now}`)).body).toEqual({
    deletedRecords: [{ id: b, deletedDate: '2026-11-24T09:31:20.000+0000' }],
    earliestDateAvailable: '2026-11-09T09:32:00.000+0000',
    latestDateCovered: '2026-11-24T09:32:00.000+0000',
  });
});

test.for([
  ['updated', '2026-11-24T09:30:00Z', '2026-11-24T09:30:59Z'],
  ['updated', '2026-10-01T00:00:00Z', '2026-11-24T00:00:00Z'],
  ['deleted', '2026-11-08T00:00:00Z', '2026-11-24T00:00:00Z'],
  ['updated', 'yesterday', '2026-11-24T00:00:00Z'],
] as const)('%s from %s to %s is refused: too short, too long ago, no instant', async ([what, start, end]) => {
  const org = await salesforceOrg();
  expect(await org.refusal('GET', `/sobjects/${ITEM}/${what}${span(start, end)}`)).toEqual([400, 'INVALID_REPLICATION_DATE']);
  expect(await org.refusal('GET', `/sobjects/${ITEM}/${what}`)).toEqual([400, 'INVALID_REPLICATION_DATE']);
});

const envelope = (ids: readonly string[], session = 'sf_maria', verb = 'undelete'): string =>
  `<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com"><e:Header><urn:SessionHeader><urn:sessionId>${session}</urn:sessionId></urn:SessionHeader></e:Header><e:Body><urn:${verb}>${ids
    .map((id) => `<urn:ids>${id}</urn:ids>`)
    .join('')}</urn:${verb}></e:Body></e:Envelope>`;
const soap = (org: SalesforceOrg, xml: string) =>
  org.ask('POST', '/services/Soap/u/67.0', xml, { 'content-type': 'text/xml', SOAPAction: '""' });

test('a deleted record lies in the bin for 15 days, is seen by queryAll only, and comes back by SOAP’s undelete with its id', async () => {
  const org = await salesforceOrg();
  const id = await org.make(ITEM, { Title__c: 'A', Lockstep_Id__c: 'a' });
  await org.ask('DELETE', items(id));
  const inBin = async (): Promise<unknown> =>
    (
      (await org.ask('GET', `/queryAll?q=${encodeURIComponent(`SELECT Id, IsDeleted FROM ${ITEM} WHERE IsDeleted = true`)}`)).body as {
        records: unknown;
      }
    ).records;
  expect([await org.rows(`SELECT Id FROM ${ITEM}`), await inBin()]).toMatchObject([[], [{ Id: id, IsDeleted: true }]]);
  const back = await soap(org, envelope([id, 'a005g0000000009AAA']));
  expect([back.status, back.text]).toEqual([200, expect.stringContaining(`<result><id>${id}</id><success>true</success></result>`)]);
  expect(back.text).toContain('<statusCode>INVALID_CROSS_REFERENCE_KEY</statusCode>');
  expect((await org.ask('GET', `/sobjects/${ITEM}/Lockstep_Id__c/a`)).body).toMatchObject({ Id: id, IsDeleted: false });
  await org.ask('DELETE', items(id));
  org.clock.advance(15 * 86_400_000);
  expect([await inBin(), (await soap(org, envelope([id]))).text]).toEqual([[], expect.stringContaining('<success>false</success>')]);
  expect(org.log.counts({ account: 'maria' })).toMatchObject({ updates: 1 });
});

test('undelete refuses a key that has been taken meanwhile, and SOAP knows nothing else', async () => {
  const org = await salesforceOrg();
  const id = await org.make(ITEM, { Title__c: 'A', Lockstep_Id__c: 'a' });
  await org.ask('DELETE', items(id));
  await org.make(ITEM, { Title__c: 'B', Lockstep_Id__c: 'a' });
  expect((await soap(org, envelope([id]))).text).toContain('<statusCode>DUPLICATE_VALUE</statusCode>');
  const strange = [await soap(org, envelope([], 'nonsense')), await soap(org, envelope([], 'sf_maria', 'login'))];
  expect(strange.map(({ status, text }) => [status, /sf:\w+/.exec(text)?.[0]])).toEqual([
    [500, 'sf:INVALID_SESSION_ID'],
    [500, 'sf:UNKNOWN_EXCEPTION'],
  ]);
});

test('what goes with a deleted account comes back with it; items of a deleted parent stay without one', async () => {
  const org = await salesforceOrg();
  const account = await org.make('Account', { Name: 'Fjord' });
  const contact = await org.make('Contact', { LastName: 'Berg', AccountId: account });
  const task = await org.make('Task', { Subject: 'Call', WhoId: contact });
  await org.ask('DELETE', `/sobjects/Account/${account}`);
  const live = async (): Promise<readonly number[]> => [
    (await org.rows(`SELECT Id FROM Contact WHERE Id = '${contact}'`)).length,
    (await org.rows(`SELECT Id FROM Task WHERE Id = '${task}'`)).length,
  ];
  expect(await live()).toEqual([0, 0]);
  await soap(org, envelope([account]));
  expect(await live()).toEqual([1, 1]);
  const parent = await org.make(ITEM, { Title__c: 'Phase' });
  const child = await org.make(ITEM, { Title__c: 'Task', Parent__c: parent });
  await org.ask('DELETE', items(parent));
  expect(await org.rows(`SELECT Parent__c FROM ${ITEM} WHERE Id = '${child}'`)).toMatchObject([{ Parent__c: null }]);
});

test('a merge leaves the master; what referred to the other refers to it, and the other says so in the bin', async () => {
  const org = await salesforceOrg();
  const [master, loser] = [await org.make('Account', { Name: 'A' }), await org.make('Account', { Name: 'B' })];
  const contact = await org.make('Contact', { LastName: 'Berg', AccountId: loser });
  expect((await org.ask('POST', '/ui/settings/merge', { masterId: master, mergedId: loser })).status).toBe(200);
  expect(await org.rows(`SELECT AccountId FROM Contact WHERE Id = '${contact}'`)).toMatchObject([{ AccountId: master }]);
  expect(await org.refusal('GET', `/sobjects/Account/${loser}`)).toEqual([404, 'ENTITY_IS_DELETED']);
  const { body } = await org.ask('GET', `/queryAll?q=${encodeURIComponent(`SELECT MasterRecordId FROM Account WHERE Id = '${loser}'`)}`);
  expect(body).toMatchObject({ records: [{ MasterRecordId: master }] });
});

test('an administrator’s rules refuse writes: of a field, of a record, a number of times', async () => {
  const org = await salesforceOrg();
  const [a, b] = [await org.make(ITEM, { Title__c: 'A' }), await org.make(ITEM, { Title__c: 'B' })];
  const rule = async (settings: object): Promise<string> =>
    ((await org.ask('POST', '/ui/settings/rules', { object: ITEM, ...settings })).body as { id: string }).id;
  const field = await rule({ field: 'Due__c', message: 'No dates.' });
  const dated = await org.ask('PATCH', items(a), { Due__c: '2026-12-01' });
  expect(dated).toMatchObject({
    status: 400,
    body: [{ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'No dates.', fields: ['Due__c'] }],
  });
  expect((await org.ask('PATCH', items(a), { Title__c: 'A2' })).status).toBe(204);
  await org.ask('DELETE', `/ui/settings/rules/${field}`);
  await rule({
    recordId: b,
    errorCode: 'UNABLE_TO_LOCK_ROW',
    message: 'unable to obtain exclusive access to this record',
    times: 2,
    on: ['update', 'delete'],
  });
  expect((await org.ask('PATCH', items(a), { Due__c: '2026-12-01' })).status).toBe(204);
  expect(await org.refusal('PATCH', items(b), { Title__c: 'B2' })).toEqual([400, 'UNABLE_TO_LOCK_ROW']);
  expect(await org.refusal('DELETE', items(b))).toEqual([400, 'UNABLE_TO_LOCK_ROW']);
  expect((await org.ask('DELETE', items(b))).status).toBe(204);
  expect(await org.ask('GET', '/ui/settings/rules')).toMatchObject({ body: { rules: [] } });
});

test('an administrator makes, changes and removes fields; describe, writes and queries follow', async () => {
  const org = await salesforceOrg();
  const field = (settings: object) => org.ask('POST', '/ui/settings/fields', settings);
  expect((await field({ object: 'Account', name: 'Price__c', type: 'currency', scale: 2 })).status).toBe(201);
  const id = await org.make('Account', { Name: 'A', Price__c: 1.005, Rating: 'Hot' });
  expect(await org.rows('SELECT Price__c FROM Account WHERE Price__c > 1')).toMatchObject([{ Price__c: 1.01 }]);
  await field({ object: 'Account', name: 'Rating', options: ['Warm'], restricted: true });
  expect(await org.refusal('PATCH', `/sobjects/Account/${id}`, { Rating: 'Hot' })).toEqual([
    400,
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
  ]);
  await org.ask('POST', '/ui/settings/fields/remove', { object: 'Account', name: 'Price__c' });
  expect(await org.refusal('PATCH', `/sobjects/Account/${id}`, { Price__c: 2 })).toEqual([400, 'INVALID_FIELD']);
  expect((await org.ask('GET', `/sobjects/Account/${id}`)).body).not.toHaveProperty('Price__c');
  for (const wrong of [{ object: 'Account', name: 'Other' }, { object: 'Account', name: 'X__c', type: 'cube' }, {}])
    expect((await field(wrong)).status).toBe(400);
});

test('everything is there again after a restart: records, keys, sessions, rules, fields, the bin', async () => {
  const databaseFile = join(mkdtempSync(join(tmpdir(), 'lockstep-salesforce-')), 'simulator.sqlite');
  const before = await salesforceOrg({ databaseFile });
  const [a, b] = [await before.make(ITEM, { Title__c: 'A', Lockstep_Id__c: 'a' }), await before.make(ITEM, { Title__c: 'B' })];
  await before.ask('DELETE', items(b));
  await before.ask('POST', '/ui/settings/fields', { object: ITEM, name: 'Extra__c', type: 'string' });
  await before.ask('POST', '/ui/settings/rules', { object: ITEM, recordId: a });
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'lockstep-client',
    client_secret: 'lockstep-secret',
  }).toString();
  const given = await before.ask('POST', '/services/oauth2/token', form, { 'content-type': 'application/x-www-form-urlencoded' });
  await before.close();
  const org = await salesforceOrg({ databaseFile });
  const authorization = `Bearer ${(given.body as { access_token: string }).access_token}`;
  expect((await org.ask('GET', `/sobjects/${ITEM}/Lockstep_Id__c/a`, undefined, { authorization })).body).toMatchObject({
    Id: a,
    Extra__c: null,
  });
  expect(await org.refusal('PATCH', items(a), { Title__c: 'C' })).toEqual([400, 'FIELD_CUSTOM_VALIDATION_EXCEPTION']);
  expect((await soap(org, envelope([b]))).text).toContain('<success>true</success>');
  expect(await org.make(ITEM, { Title__c: 'C' })).not.toBe(b);
  expect(await org.rows('SELECT Id FROM User')).toHaveLength(6);
});

test('the page for people shows items, and what is done there is done by Maria', async () => {
  const org = await salesforceOrg();
  const form = (path: string, fields: Readonly<Record<string, string>>) =>
    org.ask('POST', path, new URLSearchParams(fields).toString(), { 'content-type': 'application/x-www-form-urlencoded' });
  const made = await form('/ui', { Title__c: 'From <the> page' });
  const path = String(made.headers.get('location'));
  expect([made.status, path]).toEqual([302, expect.stringMatching(/^\/ui\/items\/a00/)]);
  await form(path, { action: 'save', Title__c: 'From <the> page', Status__c: 'Done' });
  const [row] = await org.rows(`SELECT Status__c, LastModifiedBy.FirstName FROM ${ITEM}`);
  expect(row).toMatchObject({ Status__c: 'Done', LastModifiedBy: { FirstName: 'Maria' } });
  expect((await org.ask('GET', '/ui')).text).toContain('From &lt;the&gt; page');
  expect((await form(path, { action: 'save', Status__c: 'Begun' })).text).toContain('bad value for restricted picklist field');
  await form(path, { action: 'delete' });
  expect((await org.ask('GET', path)).text).toContain('in the recycle bin');
  await form(path, { action: 'undelete' });
  expect(await org.rows(`SELECT Id FROM ${ITEM}`)).toHaveLength(1);
  expect(org.log.counts({ account: 'person' })).toMatchObject({ creates: 1, deletes: 1 });
});
