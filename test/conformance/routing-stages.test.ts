/** Stages of a sale, as the CRMs' connectors read them from the simulator: one table of laws for every vendor. */
import { createHubSpotRouting } from '@lockstep/connectors/hubspot/crm/routing.ts';
import { createSalesforceRouting } from '@lockstep/connectors/salesforce/crm/routing.ts';
import type { CrmFields } from '@lockstep/domain/crm/change-set.ts';
import type { RoutingCrm, StagePage, StageSighting } from '@lockstep/domain/routing/routing-crm.port.ts';
import type { ShownStage, StageValues } from '@lockstep/domain/routing/stage.ts';
import { describe, expect, test } from 'vitest';
import { hubspotSubject } from './crm-hubspot-account.ts';
import { salesforceCrm, salesforceSubject } from './crm-salesforce-account.ts';
import { creation, done, newKey, ref } from './crm-subject.ts';
import type { CrmAccount, CrmSubject } from './crm-subject.ts';

const CONNECTION = 'crm';
const MINUTE_MS = 60_000;

interface StagesSubject extends CrmSubject {
  readonly routing: (account: CrmAccount) => RoutingCrm;
  /** A person who has stages. */
  readonly person: { readonly object: string; readonly email: string; readonly stage: string; readonly required: CrmFields };
  /** The vendor's value of a stage; null: before the first. */
  readonly value: (stage: ShownStage) => string;
  readonly deal: { readonly object: string; readonly fields: CrmFields };
  /** Makes a deal of a company. */
  readonly makeDeal: (account: CrmAccount, companyId: string) => Promise<string>;
}

const HUBSPOT_VALUES = { MQL: 'marketingqualifiedlead', SQL: 'salesqualifiedlead', opportunity: 'opportunity', disqualified: 'other' };
const SALESFORCE_VALUES = {
  MQL: 'Open - Not Contacted',
  SQL: 'Working - Contacted',
  opportunity: 'In Negotiation',
  disqualified: 'Closed - Not Converted',
};
const OPPORTUNITY = { Name: 'Rollout', StageName: 'Prospecting', CloseDate: '2027-01-31' };

const listed = (values: Readonly<Record<Exclude<ShownStage, null>, string>>): StageValues => ({
  MQL: [values.MQL],
  SQL: [values.SQL],
  opportunity: [values.opportunity],
  disqualified: [values.disqualified],
});

const salesforceRouting = ({ served }: Pick<CrmAccount, 'served'>): RoutingCrm =>
  createSalesforceRouting(
    CONNECTION,
    {
      clock: () => new Date(served.clock.nowMs()),
      requestTimeoutMs: 5_000,
      credentials: {
        baseUrl: served.url,
        auth: { flow: 'client-credentials', clientId: 'lockstep-client', clientSecret: 'lockstep-secret' },
      },
    },
    listed(SALESFORCE_VALUES),
  );

const SUBJECTS: readonly StagesSubject[] = [
  {
    ...hubspotSubject,
    routing: ({ served }) =>
      createHubSpotRouting(
        CONNECTION,
        {
          clock: () => new Date(served.clock.nowMs()),
          requestTimeoutMs: 5_000,
          credentials: { baseUrl: served.url, accessToken: 'pat-na1-lockstep' },
        },
        listed(HUBSPOT_VALUES),
      ),
    person: { object: 'contacts', email: 'email', stage: 'lifecyclestage', required: {} },
    value: (stage) => (stage === null ? 'lead' : HUBSPOT_VALUES[stage]),
    deal: { object: 'deals', fields: { dealname: 'Rollout' } },
    makeDeal: async (account, companyId) => {
      const id = await account.person.create('deals', { dealname: 'Rollout' });
      await associate(account, ref('deals', id), ref('companies', companyId));
      return id;
    },
  },
  {
    ...salesforceSubject,
    routing: salesforceRouting,
    person: { object: 'Lead', email: 'Email', stage: 'Status', required: { LastName: 'Person', Company: 'Acme' } },
    value: (stage) => (stage === null ? 'Nurturing' : SALESFORCE_VALUES[stage]),
    deal: { object: 'Opportunity', fields: OPPORTUNITY },
    makeDeal: (account, companyId) => account.person.create('Opportunity', { ...OPPORTUNITY, AccountId: companyId }),
  },
];

async function associate(account: CrmAccount, target: ReturnType<typeof ref>, to: ReturnType<typeof ref>): Promise<void> {
  const operation = { kind: 'associate', target, association: { to, label: null } } as const;
  done((await account.connect().write([{ key: newKey(), operation, before: null }]))[0]);
}

/** All pages from a cursor on. */
async function readAll(crm: RoutingCrm, from: string | null): Promise<StagePage & { readonly pages: number }> {
  const sightings: StageSighting[] = [];
  let cursor = from;
  for (let pages = 1; ; pages += 1) {
    const page: StagePage | undefined = await crm.stages?.(cursor);
    if (page === undefined) throw new Error('expected stages, got none');
    sightings.push(...page.sightings);
    ({ cursor } = page);
    if (!page.more) return { sightings, cursor: page.cursor, more: false, pages };
  }
}

for (const subject of SUBJECTS)
  describe(`${subject.name} and the stages of a sale`, () => {
    const { object, email, stage: field, required } = subject.person;
    const open = async () => {
      const account = await subject.open();
      const { clock } = account.served;
      const at = (stage: ShownStage) => ({ [field]: subject.value(stage) });
      return {
        ...{ account, crm: subject.routing(account), wait: (ms = MINUTE_MS) => clock.advance(ms) },
        now: () => clock.nowMs(),
        make: (address: string, stage: ShownStage) => account.person.create(object, { ...required, [email]: address, ...at(stage) }),
        move: (id: string, stage: ShownStage) => account.person.edit(object, id, at(stage)),
      };
    };
    const of = ({ sightings }: StagePage, id: string) => sightings.filter(({ record }) => record.recordId === id);

    test('R7 every stage that a record has come into, with its instant, however late it is looked at; back is a stage too', async () => {
      const { crm, wait, make, move, now } = await open();
      const instants: number[] = [];
      const id = await make('ann@acme-gears.de', null);
      for (const stage of ['MQL', 'SQL', 'disqualified', 'MQL', null] as const) {
        wait(7 * MINUTE_MS);
        instants.push(now());
        await move(id, stage);
      }
      wait();
      const [ann] = of(await readAll(crm, null), id);
      expect(ann).toMatchObject({ record: { connectionId: CONNECTION, object, recordId: id }, email: 'ann@acme-gears.de' });
      const changes = ann?.entries.slice(1) ?? [];
      expect(ann?.entries.map(({ stage }) => stage)).toEqual([null, 'MQL', 'SQL', 'disqualified', 'MQL', null]);
      for (const [index, atMs] of instants.entries()) {
        // Salesforce keeps seconds.
        expect(Math.abs(Date.parse(changes[index]?.at ?? '') - atMs)).toBeLessThan(1_000);
      }
    });

    test('a record that was never in a stage that counts is passed over', async () => {
      const { crm, wait, make } = await open();
      const id = await make('nobody@acme-gears.de', null);
      wait();
      expect(of(await readAll(crm, null), id)).toEqual([]);
    });

    test('a deal is an opportunity from its making on, of its company', async () => {
      const { account, crm, wait, now } = await open();
      const { toId } = await account.ends();
      wait();
      const madeMs = now();
      const id = await subject.makeDeal(account, toId);
      wait(5 * MINUTE_MS);
      const [deal] = of(await readAll(crm, null), id);
      expect(deal).toMatchObject({ related: [ref(subject.association.to, toId)], email: null, entries: [{ stage: 'opportunity' }] });
      expect(Math.abs(Date.parse(deal?.entries[0]?.at ?? '') - madeMs)).toBeLessThan(1_000);
    });

    test('R7 what is changed after a reading is in the next, also in the moment of that reading; what is older is not told for ever', async () => {
      const { crm, wait, make, move } = await open();
      const early = await make('early@acme-gears.de', 'MQL');
      wait(10 * MINUTE_MS);
      const late = await make('late@acme-gears.de', 'MQL');
      const first = await readAll(crm, null);
      expect(of(first, early)).toHaveLength(1);
      wait(MINUTE_MS / 2);
      const second = await readAll(crm, first.cursor);
      expect(of(second, late)).toHaveLength(1);
      expect(of(second, early)).toEqual([]);
      wait(10 * MINUTE_MS);
      await move(early, 'SQL');
      wait();
      const third = await readAll(crm, second.cursor);
      expect(of(third, early)[0]?.entries.map(({ stage }) => stage)).toEqual(['MQL', 'SQL']);
      wait(10 * MINUTE_MS);
      expect(
        (await readAll(crm, (await readAll(crm, third.cursor)).cursor)).sightings.filter(({ record }) => record.recordId === late),
      ).toEqual([]);
    });

    test('R7 more than a page is read page by page, and nobody is left out, also where many were changed at one instant', async () => {
      const { account, crm, wait } = await open();
      const fields = { ...required, [field]: subject.value('MQL') };
      const made = Array.from({ length: 230 }, (_, index) => creation(object, { ...fields, [email]: `p${index}@acme-gears.de` }));
      const writer = account.connect();
      const ids: string[] = [];
      for (let start = 0; start < made.length; start += subject.limits.write)
        ids.push(...(await writer.write(made.slice(start, start + subject.limits.write))).map((outcome) => done(outcome).recordId));
      wait();
      const { sightings, pages } = await readAll(crm, null);
      const seen = new Set(sightings.map(({ record }) => record.recordId));
      expect(ids.filter((id) => !seen.has(id))).toEqual([]);
      expect(pages).toBeGreaterThan(1);
    });

    test('a cursor of another kind is refused as one', async () => {
      const { crm } = await open();
      for (const cursor of ['', '{}', '{"version":2}']) await expect(crm.stages?.(cursor)).rejects.toMatchObject({ code: 'CursorInvalid' });
    });
  });

describe('HubSpot alone', () => {
  test('a contact belongs to its companies, a deal to its contacts too; a customer is beyond an opportunity', async () => {
    const account = await hubspotSubject.open();
    const options = { clock: () => new Date(account.served.clock.nowMs()), requestTimeoutMs: 5_000 };
    // HubSpot's own stages.
    const crm = createHubSpotRouting(CONNECTION, {
      ...options,
      credentials: { baseUrl: account.served.url, accessToken: 'pat-na1-lockstep' },
    });
    const { toId } = await account.ends();
    const ann = await account.person.create('contacts', { email: 'ann@acme-gears.de', lifecyclestage: 'customer' });
    await associate(account, ref('contacts', ann), ref('companies', toId));
    const deal = await account.person.create('deals', { dealname: 'Rollout' });
    await associate(account, ref('deals', deal), ref('contacts', ann));
    account.served.clock.advance(MINUTE_MS);
    const { sightings } = await readAll(crm, null);
    const own = sightings.filter(({ record }) => [ann, deal].includes(record.recordId));
    expect(own).toMatchObject([
      { record: ref('contacts', ann), related: [ref('companies', toId)], entries: [{ stage: 'opportunity' }] },
      { record: ref('deals', deal), related: [ref('contacts', ann)] },
    ]);
  });
});

describe('Salesforce alone', () => {
  const opened = async () => {
    const account = await salesforceCrm();
    const { clock } = account.served;
    const id = await account.person.create('Lead', { LastName: 'Ann', Company: 'Acme', Status: SALESFORCE_VALUES.MQL });
    clock.advance(5 * MINUTE_MS);
    return { account, clock, id, crm: salesforceRouting(account) };
  };
  const leadIn = async (crm: RoutingCrm, id: string) =>
    (await readAll(crm, null)).sightings.find(({ record }) => record.recordId === id) ?? null;

  test('without a history of the status a lead is where it was last seen to be touched', async () => {
    const { account, clock, id, crm } = await opened();
    await account.ask('POST', '/ui/settings/history', { object: 'Lead', field: 'Status', tracked: false });
    await account.person.edit('Lead', id, { Status: SALESFORCE_VALUES.SQL });
    const at = new Date(Math.floor(clock.nowMs() / 1_000) * 1_000).toISOString();
    expect((await leadIn(crm, id))?.entries).toEqual([{ stage: 'SQL', at }]);
  });

  test('a lead that was converted is one that sales has taken, and belongs to the account that it became', async () => {
    const { account, id, crm } = await opened();
    const made = (await account.ask('POST', '/ui/settings/convert', { leadId: id, opportunity: 'Rollout' })) as Record<string, string>;
    const lead = await leadIn(crm, id);
    expect(lead?.entries.map(({ stage }) => stage)).toEqual(['MQL', 'opportunity']);
    expect(lead?.related).toEqual([ref('Account', made['accountId'] ?? '')]);
    const [opportunity] = (await readAll(crm, null)).sightings.filter(({ record }) => record.recordId === made['opportunityId']);
    expect(opportunity).toMatchObject({ related: lead?.related, entries: [{ stage: 'opportunity' }] });
  });

  test('… also where no opportunity was made with it', async () => {
    const { account, id, crm } = await opened();
    await account.ask('POST', '/ui/settings/convert', { leadId: id });
    expect((await leadIn(crm, id))?.entries.map(({ stage }) => stage)).toEqual(['MQL', 'SQL']);
  });

  test('where nobody has said which status is which stage nothing is read', async () => {
    const account = await salesforceCrm();
    const auth = { flow: 'client-credentials', clientId: 'lockstep-client', clientSecret: 'lockstep-secret' } as const;
    const options = { clock: () => new Date(), requestTimeoutMs: 5_000, credentials: { baseUrl: account.served.url, auth } };
    expect(createSalesforceRouting(CONNECTION, options).stages).toBeNull();
  });
});
