/** CRMs as routing needs them, through their connectors against the simulator: one table of laws for every vendor. */
import { createHubSpotRouting } from '@lockstep/connectors/hubspot/crm/routing.ts';
import { createSalesforceRouting } from '@lockstep/connectors/salesforce/crm/routing.ts';
import type { CrmFields, Operation, RecordRef } from '@lockstep/domain/crm/change-set.ts';
import type { AccountKeys } from '@lockstep/domain/routing/match.ts';
import { matchAccount } from '@lockstep/domain/routing/match.ts';
import type { RoutingCrm, ShownAssignment } from '@lockstep/domain/routing/routing-crm.port.ts';
import { describe, expect, test } from 'vitest';
import { hubspotSubject } from './crm-hubspot-account.ts';
import { salesforceSubject } from './crm-salesforce-account.ts';
import { done, newKey, readOne } from './crm-subject.ts';
import type { CrmAccount, CrmSubject } from './crm-subject.ts';

const CONNECTION = 'crm';
const NOTHING: AccountKeys = { groupIds: [], domains: [], phones: [], names: [] };

interface RoutingSubject extends CrmSubject {
  readonly routing: (account: CrmAccount) => RoutingCrm;
  /** The vendor's fields of a company. */
  readonly company: (company: Company) => CrmFields;
  readonly owners: {
    readonly field: string;
    readonly omar: (account: CrmAccount) => string;
    readonly hasLeft: (account: CrmAccount) => Promise<string>;
  };
  readonly taskShows: { readonly title: string; readonly text: string; readonly owner: string; readonly due: string };
  readonly dueShown: string;
  /** A word of "O'Brien", as the vendor's search cuts it. */
  readonly quoted: string;
  /** Too many calls: HubSpot's are of a moment, Salesforce's of a day. */
  readonly throttled: 'Throttled' | 'QuotaExhausted';
  /** Requests that look for accounts. */
  readonly search: string;
}

interface Company {
  readonly name: string;
  readonly domain?: string;
  readonly phone?: string;
  readonly country?: string;
  readonly parent?: string;
}

const given = (fields: Readonly<Record<string, string | undefined>>): CrmFields =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

const SUBJECTS: readonly RoutingSubject[] = [
  {
    ...hubspotSubject,
    routing: ({ served }) =>
      createHubSpotRouting(CONNECTION, {
        clock: () => new Date(served.clock.nowMs()),
        requestTimeoutMs: 5_000,
        credentials: { baseUrl: served.url, accessToken: 'pat-na1-lockstep' },
      }),
    company: ({ name, domain, phone, country, parent }) => given({ name, domain, phone, country, hs_parent_company_id: parent }),
    owners: { field: 'hubspot_owner_id', omar: () => '77405867', hasLeft: async () => '99999999' },
    taskShows: { title: 'hs_task_subject', text: 'hs_task_body', owner: 'hubspot_owner_id', due: 'hs_timestamp' },
    dueShown: '2026-12-01T11:30:00Z',
    quoted: 'brien',
    throttled: 'Throttled',
    search: '/companies/search',
  },
  {
    ...salesforceSubject,
    routing: ({ served }) =>
      createSalesforceRouting(CONNECTION, {
        clock: () => new Date(served.clock.nowMs()),
        requestTimeoutMs: 5_000,
        credentials: {
          baseUrl: served.url,
          auth: { flow: 'client-credentials', clientId: 'lockstep-client', clientSecret: 'lockstep-secret' },
        },
      }),
    company: ({ name, domain, phone, country, parent }) =>
      given({
        Name: name,
        Website: domain === undefined ? undefined : `https://www.${domain}/de`,
        Phone: phone,
        BillingCountry: country,
        ParentId: parent,
      }),
    owners: {
      field: 'OwnerId',
      omar: ({ owner }) => owner.id,
      hasLeft: async ({ served }) => {
        const soql = encodeURIComponent("SELECT Id FROM User WHERE Email = 'lena@growth.example'");
        const response = await fetch(`${served.url}/services/data/v67.0/query/?q=${soql}`, {
          headers: { authorization: 'Bearer sf_maria' },
        });
        return ((await response.json()) as { records: { Id: string }[] }).records[0]?.Id ?? '';
      },
    },
    taskShows: { title: 'Subject', text: 'Description', owner: 'OwnerId', due: 'ActivityDate' },
    dueShown: '2026-12-01',
    quoted: "o'brien",
    throttled: 'QuotaExhausted',
    search: '/query/',
  },
];

for (const subject of SUBJECTS)
  describe(`${subject.name} as routing needs it`, () => {
    const open = async () => {
      const account = await subject.open();
      const make = (company: Company) => account.person.create(companies, subject.company(company));
      return { account, crm: subject.routing(account), make, settle: () => account.served.clock.advance(60_000) };
    };
    const companies = subject.association.to;

    test('32 accounts are found by domain, by phone however it is written, and by name; with their parents, once each', async () => {
      const { crm, make, settle } = await open();
      const parent = await make({ name: 'Acme Holding', country: 'Germany' });
      const acme = await make({ name: 'Acme Gears', domain: 'acme-gears.de', phone: '+493012345678', country: 'Germany', parent });
      const other = await make({ name: 'Other Wheels', domain: 'other-wheels.de', phone: '+493087654321' });
      settle();
      const found = async (keys: Partial<AccountKeys>): Promise<readonly string[]> =>
        (await crm.accounts({ ...NOTHING, ...keys })).map(({ accountId }) => accountId);
      expect(await found({ domains: ['acme-gears.de'] })).toEqual([acme, parent]);
      expect(await found({ phones: ['+493087654321'] })).toEqual([other]);
      expect(await found({ names: ['acme gears', 'gears'] })).toEqual([acme, parent]);
      expect(new Set(await found({ domains: ['acme-gears.de', 'other-wheels.de'], phones: ['+493012345678'] }))).toEqual(
        new Set([acme, other, parent]),
      );
      const accounts = await crm.accounts({ ...NOTHING, domains: ['acme-gears.de'] });
      const lead = { groupId: null, email: 'ann@acme-gears.de', website: null, companyName: null, phone: null, country: null };
      expect(matchAccount(lead, accounts)).toMatchObject({ kind: 'matched', accountId: acme, reason: 'DOMAIN' });
      expect(accounts[0]).toMatchObject({ name: 'Acme Gears', country: 'Germany', parentId: parent });
    });

    test('I05 what people write finds what has it in it, and is nothing of the query; without keys nothing is asked', async () => {
      const { account, crm, make, settle } = await open();
      await make({ name: 'Plain Company', domain: 'plain.de' });
      const quotes = await make({ name: "O'Brien" });
      settle();
      const named = async (name: string) => (await crm.accounts({ ...NOTHING, names: [name] })).map(({ accountId }) => accountId);
      expect(await named(subject.quoted)).toEqual([quotes]);
      for (const hostile of ["x'orname!='", '100%', 'p_ain', '\\']) expect(await named(hostile)).toEqual([]);
      const asked = () =>
        account.served.log.list({ tool: subject.tool }, 10_000).filter(({ path }) => path.includes(subject.search)).length;
      const before = asked();
      expect(await crm.accounts(NOTHING)).toEqual([]);
      expect(asked()).toBe(before);
    });

    test('23 who has an account is told by their id, also of one that was merged; nobody has one that is not there', async () => {
      const { account, crm, make } = await open();
      const omar = subject.owners.omar(account);
      const [kept, gone] = [await make({ name: 'Kept' }), await make({ name: 'Gone' })];
      await account.person.edit(companies, kept, { [subject.owners.field]: omar });
      expect(await crm.ownerOf(crm.recordOf(kept))).toBe(omar);
      await account.person.merge(companies, kept, gone);
      expect(await crm.ownerOf(crm.recordOf(gone))).toBe(omar);
      const lost = await make({ name: 'Lost' });
      await account.person.archive(companies, lost);
      expect(await crm.ownerOf(crm.recordOf(lost))).toBeNull();
      expect(await crm.ownerOf(crm.recordOf('no record'))).toBeNull();
    });

    test('R6 a decision is shown by its owner, its reasons and its due time, on the account that there is or on a new one', async () => {
      const { account, crm, make } = await open();
      const omar = subject.owners.omar(account);
      const known = await make({ name: 'Acme Gears' });
      const shown = {
        domain: 'new-gears.de',
        companyName: 'New Gears',
        ownerId: omar,
        title: 'Lead: Acme Gears',
        why: ['limit: 1 ×', 'smb'],
      };
      for (const record of [crm.recordOf(known), null]) {
        const { companyId, taskId } = await carryOut(account, crm, { ...shown, record, deadlineIso: '2026-12-01T11:30:00.000Z' });
        const company = await readOne(account.connect(), companies, companyId, [
          ...Object.keys(subject.company({ name: '', domain: '' })),
          subject.owners.field,
        ]);
        expect(company.image.fields[subject.owners.field]).toBe(omar);
        expect(Object.values(company.image.fields)).toContain(record === null ? 'New Gears' : 'Acme Gears');
        const { title, text, owner, due } = subject.taskShows;
        const { image } = await readOne(account.connect(), subject.task.object, taskId, [title, text, owner, due]);
        expect(image.fields).toMatchObject({ [title]: 'Lead: Acme Gears', [owner]: omar });
        expect(String(image.fields[due]).replace('.000Z', 'Z')).toBe(subject.dueShown);
        for (const line of shown.why) expect(image.fields[text]).toContain(line);
      }
    });

    test('18 an owner who has left is refused, and the refusal names the owner', async () => {
      const { account, crm, make } = await open();
      const known = await make({ name: 'Acme Gears' });
      const hasLeft = await subject.owners.hasLeft(account);
      const operations = crm.operationsFor({
        ...{ record: crm.recordOf(known), domain: null, companyName: null, ownerId: hasLeft, title: 'Lead', why: [], deadlineIso: null },
      });
      const outcomes = await account.connect().write(operations.slice(0, 1).map((operation) => write(operation)));
      expect(outcomes).toMatchObject([{ ok: false, fields: [subject.owners.field], error: { code: 'Invalid' } }]);
    });

    test('what fails on the way is named by its consequence', async () => {
      const { account, crm } = await open();
      account.served.faults.add({
        tool: subject.tool,
        match: { path: subject.search },
        action: { kind: 'throttle', status: 429, retryAfterSeconds: 7 },
        skip: 0,
        times: 1,
      });
      await expect(crm.accounts({ ...NOTHING, domains: ['acme-gears.de'] })).rejects.toMatchObject({
        code: subject.throttled,
        retryAfterMs: 7_000,
      });
    });
  });

type Bound = Parameters<ReturnType<CrmAccount['connect']>['write']>[0][number];

/** Of an operation whose records are all there. */
const write = (operation: Operation): Bound => ({ key: newKey(), operation: operation as Bound['operation'], before: null });

/** As a change set does it: one after the other, what the first has made known to the second. */
async function carryOut(
  account: CrmAccount,
  crm: RoutingCrm,
  shown: ShownAssignment,
): Promise<{ readonly companyId: string; readonly taskId: string }> {
  const writer = account.connect();
  const [first, task] = crm.operationsFor(shown);
  if (first === undefined || task?.kind !== 'create-task') throw new Error('expected an owner and a task');
  const companyId = done((await writer.write([write(first)]))[0]).recordId;
  const to: RecordRef = crm.recordOf(companyId);
  const bound = { ...task, associations: task.associations.map(({ label }) => ({ to, label })) };
  return { companyId, taskId: done((await writer.write([write(bound)]))[0]).recordId };
}
