/** Routing with Salesforce as its CRM: the same engine and change sets, the connector and the simulator's Salesforce over HTTP. */
import { describe, expect, test } from 'vitest';
import { createSalesforceCrm } from '@lockstep/connectors/salesforce/crm/connector.ts';
import { createSalesforceRouting } from '@lockstep/connectors/salesforce/crm/routing.ts';
import type { Person } from '@lockstep/domain/routing/roster.schema.ts';
import { pullStages } from '@lockstep/engine/routing/stages.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { salesforceCrm } from '../../conformance/crm-salesforce-account.ts';
import type { SalesforceCrmAccount } from '../../conformance/crm-salesforce-account.ts';
import { openRouting } from './bench.ts';
import { documentsOf } from './documents.ts';

const database = useTestStore();
const CONNECTION = 'salesforce';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const STAGES = { MQL: ['Open - Not Contacted'], SQL: ['Working - Contacted'], opportunity: [] };

interface Row {
  readonly Id: string;
  readonly [field: string]: unknown;
}

async function rows({ ask }: SalesforceCrmAccount, soql: string): Promise<readonly Row[]> {
  const { records } = (await ask('GET', `/services/data/v67.0/query/?q=${encodeURIComponent(soql)}`)) as { records: Row[] };
  return records;
}

/** Omar is the only AE who is a user of the organisation; Lena was one, Tom never. */
async function openOrg() {
  const account = await salesforceCrm();
  const { served } = account;
  const auth = { flow: 'client-credentials', clientId: 'lockstep-client', clientSecret: 'lockstep-secret' } as const;
  const options = {
    clock: () => new Date(served.clock.nowMs()),
    requestTimeoutMs: 10_000,
    credentials: { baseUrl: served.url, auth },
  };
  const bench = await openRouting(database, {
    served,
    crm: createSalesforceCrm(options),
    routing: createSalesforceRouting(CONNECTION, options, STAGES),
  });
  const ids = new Map((await rows(account, 'SELECT Id, Email FROM User')).map((row) => [String(row['Email']).split('@')[0] ?? '', row.Id]));
  const owners = (name: string): Partial<Person> => (ids.has(name) ? { owners: { [CONNECTION]: ids.get(name) ?? '' } } : { owners: {} });
  bench.documents = documentsOf(Object.fromEntries(['omar', 'lena', 'tom', 'maria', 'priya'].map((name) => [name, owners(name)])));
  return { account, bench, ids };
}

describe('routing with Salesforce', () => {
  test('R1 R6 case 18 a user who has left is refused and the lead decided anew; the account shows who, why and until when', async () => {
    const { account, bench, ids } = await openOrg();
    const known = await account.person.create('Account', { Name: 'Acme Gears', Website: 'www.acme-gears.de', BillingCountry: 'Germany' });
    await bench.track('Plan Limit Reached');
    await bench.step();
    const [first] = await bench.offers();
    expect(first).toMatchObject({ memberId: 'lena' });
    await bench.step();
    await bench.step();
    expect((await bench.offers()).map(({ memberId, state }) => `${memberId} ${state}`)).toEqual(['lena taken-back', 'omar open']);
    expect(await bench.store.snapshot((reader) => reader.account(bench.accountId))).toMatchObject({
      record: { connectionId: CONNECTION, object: 'Account', recordId: known },
      match: { kind: 'matched', reason: 'DOMAIN' },
    });
    const omar = ids.get('omar');
    expect(await rows(account, `SELECT Id, OwnerId FROM Account WHERE Id = '${known}'`)).toMatchObject([{ OwnerId: omar }]);
    const [task] = await rows(account, `SELECT Id, Subject, Description, OwnerId FROM Task WHERE WhatId = '${known}'`);
    expect(task).toMatchObject({ Subject: 'Lead: Acme Gears', OwnerId: omar });
    const { deadlineMs } = await bench.clock();
    expect(task?.['Description']).toContain(`Due: ${new Date(deadlineMs ?? 0).toISOString().slice(0, 16).replace('T', ' ')} UTC`);
    const inactive = await bench.store.snapshot((reader) => reader.inactiveOwners(new Date(0).toISOString()));
    expect([...inactive]).toEqual([ids.get('lena')]);
  });

  test('23 the owner whom a person has chosen for an account that was made for the lead keeps it', async () => {
    const { account, bench, ids } = await openOrg();
    bench.documents = documentsOf({ ...owner('omar', ids), ...owner('tom', ids, 'maria'), ...owner('lena', new Map()) });
    await bench.track('Plan Limit Reached');
    await bench.step();
    const first = (await bench.offers()).at(-1)?.memberId;
    await bench.step();
    const record = (await bench.store.snapshot((reader) => reader.account(bench.accountId)))?.record;
    expect(record?.object).toBe('Account');
    const other = first === 'tom' ? ['omar', ids.get('omar')] : ['tom', ids.get('maria')];
    await account.person.edit('Account', record?.recordId ?? '', { OwnerId: other[1] ?? '' });
    bench.advance(150 * MINUTE_MS);
    await bench.step();
    expect((await bench.offers()).map(({ memberId, state }) => `${memberId} ${state}`)).toEqual([
      `${first} handed-over`,
      `${other[0]} open`,
    ]);
    // What is shown of the new owner is shown on it: no second account is made.
    expect(await rows(account, "SELECT Id FROM Account WHERE Name = 'Acme Gears'")).toHaveLength(1);
  });

  test('R2 from MQL to SQL to an opportunity, by the status of a lead and its conversion', async () => {
    const { account, bench } = await openOrg();
    bench.documents = documentsOf({
      ...owner('omar', new Map([['omar', account.owner.id]])),
      ...owner('lena', new Map()),
      ...owner('tom', new Map()),
    });
    await bench.track('Plan Limit Reached');
    await bench.step();
    await bench.answer('accept', 'omar');
    await bench.step();
    const follow = async (): Promise<readonly string[]> => {
      bench.advance(5 * MINUTE_MS);
      await pullStages(bench.engine, bench.now());
      await bench.step();
      const { leadId } = await bench.lead();
      const clocks = await bench.store.snapshot((reader) => reader.clocksOf(leadId));
      return clocks.flatMap(({ clock: { slaId, state, outcome } }) => (slaId === 'pql' ? [] : [`${slaId} ${outcome?.kind ?? state}`]));
    };
    const lead = await account.person.create('Lead', { LastName: 'Ann', Company: 'Acme Gears', Email: 'ann@acme-gears.de' });
    expect(await follow()).toEqual(['mql-to-sql running']);
    bench.advance(HOUR_MS);
    await account.person.edit('Lead', lead, { Status: 'Working - Contacted' });
    expect(await follow()).toEqual(['mql-to-sql met', 'sql-to-opportunity running']);
    await account.ask('POST', '/ui/settings/convert', { leadId: lead, opportunity: 'Rollout' });
    // The account that it has become is not the one that was made for ours: it is the lead itself that tells of its opportunity.
    expect(await follow()).toEqual(['mql-to-sql met', 'sql-to-opportunity met']);
  });
});

/** Somebody with a user of Salesforce: their own, or another's; with none where there is none. */
function owner(id: string, ids: ReadonlyMap<string, string>, as = id): Readonly<Record<string, Partial<Person>>> {
  const userId = ids.get(as);
  return { [id]: { owners: userId === undefined ? {} : { [CONNECTION]: userId } } };
}
