/** SOQL of the stand-in for Salesforce: conditions, orders, relationships, sums, pages, refusals. */
import { expect, test } from 'vitest';
import { as, ITEM, NOW, salesforceOrg } from './salesforce-org.ts';
import type { SalesforceOrg, Shown } from './salesforce-org.ts';

interface Page {
  readonly totalSize: number;
  readonly done: boolean;
  readonly nextRecordsUrl?: string;
  readonly records: readonly Shown[];
}

const query = (soql: string): string => `/query?q=${encodeURIComponent(soql)}`;
const names = async (org: SalesforceOrg, rest: string): Promise<readonly unknown[]> =>
  (await org.rows(`SELECT Name FROM Account ${rest}`)).map((row) => row['Name']);

/** Five accounts beside the two of the scenario, which are deleted. */
async function accounts(): Promise<SalesforceOrg> {
  const org = await salesforceOrg();
  for (const row of await org.rows('SELECT Id FROM Account')) await org.ask('DELETE', `/sobjects/Account/${String(row['Id'])}`);
  const rows = [
    { Name: 'alpha', Industry: 'Banking', AnnualRevenue: 10, Website: 'a.example' },
    { Name: 'Beta', Industry: 'Energy', AnnualRevenue: 20 },
    { Name: 'gamma_1', Industry: 'Energy', AnnualRevenue: 30 },
    { Name: 'Delta%', NumberOfEmployees: 5 },
    { Name: "O'Hara", Industry: 'Retail', AnnualRevenue: 30 },
  ];
  for (const row of rows) {
    org.clock.advance(86_400_000);
    await org.make('Account', row);
  }
  return org;
}

test.for([
  ["WHERE Name = 'ALPHA'", ['alpha']],
  ["WHERE Industry != 'energy'", ['alpha', 'Delta%', "O'Hara"]],
  ['WHERE Industry = null', ['Delta%']],
  ['WHERE Website != NULL', ['alpha']],
  ['WHERE AnnualRevenue > 10 AND AnnualRevenue <= 30', ['Beta', 'gamma_1', "O'Hara"]],
  ["WHERE Industry IN ('Banking', 'Retail')", ['alpha', "O'Hara"]],
  ["WHERE Industry NOT IN ('Banking', 'Energy')", ['Delta%', "O'Hara"]],
  ["WHERE Name LIKE '%A'", ['alpha', 'Beta', "O'Hara"]],
  ["WHERE Name LIKE 'delta\\%'", ['Delta%']],
  ["WHERE Name LIKE 'gamma\\_%'", ['gamma_1']],
  ["WHERE Name LIKE '%\\%%'", ['Delta%']],
  ["WHERE Name LIKE '%\\\\%'", []],
  ["WHERE Name LIKE 'b_ta'", ['Beta']],
  ["WHERE Name = 'O\\'Hara'", ["O'Hara"]],
  ["WHERE NOT (Industry = 'Energy' OR Industry = 'Retail')", ['alpha', 'Delta%']],
  ["WHERE Industry = 'Banking' OR (Industry = 'Energy' AND AnnualRevenue = 30)", ['alpha', 'gamma_1']],
  ['WHERE CreatedDate = TODAY', ["O'Hara"]],
  ['WHERE CreatedDate = YESTERDAY', ['Delta%']],
  ['WHERE CreatedDate >= 2026-11-27T09:30:20Z', ['gamma_1', 'Delta%', "O'Hara"]],
  ['WHERE CreatedDate > 2026-11-27T10:30:20.000+01:00', ['Delta%', "O'Hara"]],
  ['WHERE CreatedDate < LAST_N_DAYS:3', ['alpha']],
  ["WHERE Owner.Username LIKE 'lockstep@%' LIMIT 2", ['alpha', 'Beta']],
  ['ORDER BY AnnualRevenue DESC NULLS LAST, Name DESC', ["O'Hara", 'gamma_1', 'Beta', 'alpha', 'Delta%']],
  ['ORDER BY AnnualRevenue', ['Delta%', 'alpha', 'Beta', 'gamma_1', "O'Hara"]],
  ['ORDER BY Name LIMIT 2 OFFSET 1', ['Beta', 'Delta%']],
  ['FOR VIEW', ['alpha', 'Beta', 'gamma_1', 'Delta%', "O'Hara"]],
] as const)('SELECT Name FROM Account %s', async ([rest, expected]) => {
  expect(await names(await accounts(), rest)).toEqual(expected);
});

test('relationships go up over several steps and down one, and are null where there is none', async () => {
  const org = await salesforceOrg();
  const parent = await org.make(ITEM, { Title__c: 'Phase', Lockstep_Id__c: 'p' });
  await org.make(ITEM, { Title__c: 'Task', Parent__c: parent });
  const found = await org.rows(`SELECT Title__c, Parent__r.Title__c, Parent__r.CreatedBy.Name FROM ${ITEM} ORDER BY Title__c`);
  expect(found).toMatchObject([
    { Title__c: 'Phase', Parent__r: null },
    { Title__c: 'Task', Parent__r: { Title__c: 'Phase', attributes: { type: ITEM }, CreatedBy: { Name: 'Lockstep Integration' } } },
  ]);
  const [down] = await org.rows(
    `SELECT Id, (SELECT Title__c FROM Children__r WHERE Title__c LIKE 't%') FROM ${ITEM} WHERE Id = '${parent.slice(0, 15)}'`,
  );
  expect(down?.['Children__r']).toMatchObject({ totalSize: 1, done: true, records: [{ Title__c: 'Task' }] });
  expect(await org.rows(`SELECT Id FROM ${ITEM} WHERE Id IN (SELECT Parent__c FROM ${ITEM})`)).toMatchObject([{ Id: parent }]);
});

test('sums: COUNT() has no records, groups have their values and named sums', async () => {
  const org = await accounts();
  expect((await org.ask('GET', query('SELECT COUNT() FROM Account WHERE AnnualRevenue > 10'))).body).toEqual({
    totalSize: 3,
    done: true,
    records: [],
  });
  expect(
    await org.rows('SELECT Industry, COUNT(Id), SUM(AnnualRevenue) revenue FROM Account WHERE Industry != null GROUP BY Industry'),
  ).toEqual([
    { attributes: { type: 'AggregateResult' }, Industry: 'Banking', expr0: 1, revenue: 10 },
    { attributes: { type: 'AggregateResult' }, Industry: 'Energy', expr0: 2, revenue: 50 },
    { attributes: { type: 'AggregateResult' }, Industry: 'Retail', expr0: 1, revenue: 30 },
  ]);
  expect(await org.rows('SELECT MAX(CreatedDate) last, MIN(Name) first, AVG(NumberOfEmployees) size FROM Account')).toMatchObject([
    { last: '2026-11-29T09:30:20.000+0000', first: 'alpha', size: 5 },
  ]);
});

test('multi-select picklists: INCLUDES asks for all of a group and for one of several groups', async () => {
  const org = await salesforceOrg();
  for (const labels of ['red;blue', 'blue', null]) await org.make(ITEM, { Title__c: labels ?? 'none', Labels__c: labels });
  const titles = async (condition: string): Promise<readonly unknown[]> =>
    (await org.rows(`SELECT Title__c FROM ${ITEM} WHERE Labels__c ${condition}`)).map((row) => row['Title__c']);
  expect(await titles("INCLUDES ('red;blue', 'green')")).toEqual(['red;blue']);
  expect(await titles("INCLUDES ('blue')")).toEqual(['red;blue', 'blue']);
  expect(await titles("EXCLUDES ('red')")).toEqual(['blue', 'none']);
});

test.for([
  ['SELECT Nope FROM Account', 'INVALID_FIELD'],
  ['SELECT Nope.Name FROM Account', 'INVALID_FIELD'],
  ['SELECT Id FROM Nothing', 'INVALID_TYPE'],
  ['SELECT Id, (SELECT Id FROM Nothing) FROM Account', 'INVALID_TYPE'],
  ["SELECT Id FROM Account WHERE Description = 'x'", 'INVALID_FIELD'],
  ['SELECT Id FROM Account ORDER BY Description', 'INVALID_FIELD'],
  ["SELECT Id FROM Account WHERE AnnualRevenue = '5'", 'INVALID_FIELD'],
  ['SELECT Id FROM Account WHERE Name = 5', 'INVALID_FIELD'],
  ["SELECT Id FROM Account WHERE CreatedDate > '2026-11-24T00:00:00Z'", 'INVALID_FIELD'],
  ['SELECT Id FROM Account WHERE CreatedDate > 2026-11-24', 'INVALID_FIELD'],
  ["SELECT Id FROM Account WHERE Id = 'abc'", 'INVALID_QUERY_FILTER_OPERATOR'],
  ["SELECT Id FROM Account WHERE AnnualRevenue LIKE '5'", 'INVALID_QUERY_FILTER_OPERATOR'],
  ["SELECT Id FROM ContactHistory WHERE NewValue = 'x'", 'INVALID_FIELD'],
  ['SELECT Id FROM', 'MALFORMED_QUERY'],
  ['SELECT FROM Account', 'MALFORMED_QUERY'],
  ["SELECT Id FROM Account WHERE Name = 'a", 'MALFORMED_QUERY'],
  ['SELECT Id FROM Account WHERE', 'MALFORMED_QUERY'],
  ['SELECT Id FROM Account LIMIT x', 'MALFORMED_QUERY'],
  ['SELECT Id FROM Account; DROP', 'MALFORMED_QUERY'],
  ['SELECT Name, COUNT(Id) FROM Account', 'MALFORMED_QUERY'],
  ['SELECT FIELDS(ALL) FROM Account', 'MALFORMED_QUERY'],
  ['SELECT Id FROM Account OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE'],
] as const)('%s is refused: %s', async ([soql, code]) => {
  const org = await salesforceOrg();
  expect(await org.refusal('GET', query(soql))).toEqual([400, code]);
});

test('a query that is missing is refused, and FIELDS(ALL) has every field', async () => {
  const org = await salesforceOrg();
  expect(await org.refusal('GET', '/query')).toEqual([400, 'MALFORMED_QUERY']);
  const [row] = await org.rows('SELECT FIELDS(ALL) FROM Lead LIMIT 1');
  expect(row).toMatchObject({ Company: 'Cedar Labs', Status: 'Open - Not Contacted', Lockstep_Id__c: null });
});

test('pages: as many rows as asked for between 200 and 2,000, each once, as they were when the query ran', async () => {
  const org = await salesforceOrg();
  for (let start = 0; start < 450; start += 150) {
    const records = Array.from({ length: 150 }, (_, index) => ({ attributes: { type: ITEM }, Title__c: `T${start + index}` }));
    await org.ask('POST', '/composite/sobjects', { records });
  }
  const soql = query(`SELECT Id, Title__c FROM ${ITEM}`);
  expect((await org.ask('GET', soql)).body).toMatchObject({ totalSize: 450, done: true });
  const headers = { 'Sforce-Query-Options': 'batchSize=1' };
  const pages: Page[] = [(await org.ask('GET', soql, undefined, headers)).body as Page];
  const [first] = pages[0]?.records ?? [];
  await org.ask('DELETE', `/sobjects/${ITEM}/${String(pages[0]?.records.at(-1)?.['Id'])}`);
  for (let next = pages[0]?.nextRecordsUrl; next !== undefined; next = pages.at(-1)?.nextRecordsUrl)
    pages.push((await org.ask('GET', next, undefined, headers)).body as Page);
  expect(pages.map(({ records, done }) => [records.length, done])).toEqual([
    [200, false],
    [200, false],
    [50, true],
  ]);
  expect(new Set(pages.flatMap(({ records }) => records.map(({ Id }) => Id))).size).toBe(450);
  expect(first).toMatchObject({ Title__c: 'T0' });
  const [, second] = pages;
  const stranger = await org.refusal('GET', String(second?.nextRecordsUrl), undefined, as('maria'));
  expect(stranger).toEqual([400, 'INVALID_QUERY_LOCATOR']);
});

test('a cursor closes when ten others of the same user have been opened', async () => {
  const org = await salesforceOrg();
  const records = Array.from({ length: 200 }, (_, index) => ({ attributes: { type: ITEM }, Title__c: `T${index}` }));
  for (let round = 0; round < 2; round += 1) await org.ask('POST', '/composite/sobjects', { records });
  const openOne = async (): Promise<string> =>
    String(
      ((await org.ask('GET', query(`SELECT Id FROM ${ITEM}`), undefined, { 'Sforce-Query-Options': 'batchSize=200' })).body as Page)
        .nextRecordsUrl,
    );
  const oldest = await openOne();
  for (let count = 0; count < 9; count += 1) await openOne();
  expect((await org.ask('GET', oldest)).status).toBe(200);
  await openOne();
  expect(await org.refusal('GET', oldest)).toEqual([400, 'INVALID_QUERY_LOCATOR']);
});

test('SystemModstamp and Id make a keyset that loses nobody whose stamps are equal', async () => {
  const org = await salesforceOrg();
  const ids = new Set<string>();
  for (let index = 0; index < 7; index += 1) ids.add(await org.make(ITEM, { Title__c: `T${index}` }));
  const at = new Date(NOW).toISOString().replace('.500Z', 'Z');
  const seen: string[] = [];
  for (;;) {
    const after = seen.length === 0 ? '' : `AND Id > '${seen.at(-1) ?? ''}'`;
    const rows = await org.rows(`SELECT Id FROM ${ITEM} WHERE SystemModstamp >= ${at} ${after} ORDER BY SystemModstamp, Id LIMIT 3`);
    if (rows.length === 0) break;
    seen.push(...rows.map((row) => String(row['Id'])));
  }
  expect(seen).toEqual([...ids]);
});
