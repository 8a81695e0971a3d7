/** Stages that people set in the CRM for accounts of which the product has made no lead: HubSpot over HTTP, a real PostgreSQL. */
import { describe, expect, test } from 'vitest';
import { hoursChanged } from '@lockstep/engine/routing/absences.ts';
import { pullStages } from '@lockstep/engine/routing/stages.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { openRouting } from './bench.ts';
import type { RoutingBench } from './bench.ts';
import { documentsOf } from './documents.ts';

const database = useTestStore();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const OWNERS = { omar: '77405867', lena: '77405868', tom: '77405869' };
const MQL = 'marketingqualifiedlead';

interface Followed {
  readonly bench: RoutingBench;
  /** The id of the contact. */
  readonly ann: string;
  readonly edit: (fields: Readonly<Record<string, string>>) => Promise<void>;
}

async function follow(bench: RoutingBench): Promise<readonly string[]> {
  // HubSpot's search lags behind.
  bench.advance(MINUTE_MS);
  const { accounts } = await pullStages(bench.engine, bench.now());
  if (accounts.includes(bench.accountId)) await bench.step();
  return accounts;
}

/** Ann is made an MQL, by whoever works on HubSpot, after Lockstep has begun to read it. */
async function openFollowed(fields: Readonly<Record<string, string>> = { hubspot_owner_id: OWNERS.lena }): Promise<Followed> {
  const bench = await openRouting(database);
  await pullStages(bench.engine, bench.now());
  bench.advance(MINUTE_MS);
  const ann = await bench.crm.person.create('contacts', { email: 'ann@acme-gears.de', lifecyclestage: MQL, ...fields });
  expect(await follow(bench)).toEqual([bench.accountId]);
  return {
    ...{ bench, ann },
    async edit(changed) {
      await bench.crm.person.edit('contacts', ann, changed);
      await follow(bench);
    },
  };
}

const clocks = async (bench: RoutingBench): Promise<readonly string[]> => {
  const { leadId } = await bench.lead();
  const rows = await bench.store.snapshot((reader) => reader.clocksOf(leadId));
  return rows.map(({ clock }) => `${clock.slaId} ${clock.ownerId} ${clock.outcome?.kind ?? clock.state}`);
};

describe('an MQL that marketing has set, and no product event has made a lead', () => {
  test('R2 its clock runs from the CRM’s instant for the owner of the contact, who is warned; a named person hears before the deadline', async () => {
    const { bench } = await openFollowed();
    expect(await bench.lead()).toMatchObject({ state: 'followed', followedBy: 'lena', offerId: null, source: 'crm', decisions: 0 });
    expect(await clocks(bench)).toEqual(['mql-to-sql lena running']);
    // Nobody's place is taken, and the CRM is not written to.
    expect(await bench.store.snapshot((reader) => reader.openLeads(['lena']))).toEqual(new Map());
    bench.advance(13 * HOUR_MS);
    const stepped = await bench.step();
    expect(stepped).toMatchObject({ state: 'open', changeSets: [] });
    expect(await bench.notices('lena')).toEqual(['Time is running out, not yet sales-qualified: acme-gears.de']);
    bench.advance(9 * HOUR_MS);
    await bench.step();
    expect(await bench.notices('maria')).toEqual(['Not yet sales-qualified: acme-gears.de']);
    bench.advance(3 * HOUR_MS);
    await bench.step();
    expect(await clocks(bench)).toEqual(['mql-to-sql lena breached']);
  });

  test('23 whoever has the contact in the CRM now is told; for an owner who has left their manager is, for one whom nobody knows the named human', async () => {
    const { bench, edit } = await openFollowed();
    await edit({ hubspot_owner_id: OWNERS.omar });
    expect(await clocks(bench)).toEqual(['mql-to-sql omar running']);
    bench.documents = documentsOf({ omar: { active: { from: null, to: bench.now() } } });
    bench.advance(MINUTE_MS);
    await hoursChanged(bench.engine, bench.accountId, 'WORKING_HOURS', bench.now());
    await bench.step();
    expect(await clocks(bench)).toEqual(['mql-to-sql maria running']);
    bench.documents = documentsOf({ tom: { owners: { hubspot: '1' } } });
    await edit({ hubspot_owner_id: OWNERS.tom });
    expect(await bench.lead()).toMatchObject({ followedBy: 'priya' });
  });

  test('nobody has the contact: the named human for what nobody has is told', async () => {
    const { bench } = await openFollowed({});
    expect(await clocks(bench)).toEqual(['mql-to-sql priya running']);
  });

  test('R1 once the product makes it a lead, that is decided as any other: one lead, and the clock goes on for whoever gets it', async () => {
    const { bench } = await openFollowed({});
    const { leadId } = await bench.lead();
    bench.advance(HOUR_MS);
    await bench.track('Plan Limit Reached');
    await bench.step();
    const lead = await bench.lead();
    expect(lead).toMatchObject({ leadId, state: 'offered', followedBy: null, source: 'product', decisions: 1 });
    const owner = (await bench.offers()).at(-1)?.memberId;
    expect((await clocks(bench)).toSorted()).toEqual([`mql-to-sql ${owner} running`, `pql ${owner} running`]);
    expect(await bench.store.snapshot((reader) => reader.leadsOf(bench.accountId))).toHaveLength(1);
  });

  test('SQL in time is met, and the next clock runs; the deal ends it, and a later stage begins anew', async () => {
    const { bench, ann, edit } = await openFollowed();
    await edit({ lifecyclestage: 'salesqualifiedlead' });
    expect(await clocks(bench)).toEqual(['mql-to-sql lena met', 'sql-to-opportunity lena running']);
    await edit({ lifecyclestage: 'opportunity' });
    expect(await clocks(bench)).toEqual(['mql-to-sql lena met', 'sql-to-opportunity lena met']);
    expect(await bench.lead()).toMatchObject({ state: 'closed', closeReason: 'opportunity', followedBy: null });
    await bench.crm.person.edit('contacts', ann, { lifecyclestage: 'lead' });
    bench.advance(HOUR_MS);
    await edit({ lifecyclestage: MQL });
    expect((await bench.lead()).leadId).toBe(`${bench.accountId}-2`);
    expect(await clocks(bench)).toEqual(['mql-to-sql lena running']);
  });

  test('R7 seen again nothing changes; its owner may close it, and nobody can accept it', async () => {
    const { bench } = await openFollowed();
    const before = await clocks(bench);
    expect(await follow(bench)).toEqual([]);
    await bench.step();
    expect(await clocks(bench)).toEqual(before);
    expect(await bench.answer('accept', 'lena')).toMatchObject({ outcome: 'refused' });
    expect(await bench.close('disqualified', 'omar')).toMatchObject({ outcome: 'refused', code: 'NOT_YOURS' });
    expect(await bench.close('disqualified', 'lena')).toMatchObject({ outcome: 'taken' });
    expect(await clocks(bench)).toEqual(['mql-to-sql lena withdrawn']);
    await bench.step();
    expect(await bench.lead()).toMatchObject({ state: 'closed', closedBy: 'lena' });
  });

  test('a contact without a mail address is an account by itself', async () => {
    const bench = await openRouting(database);
    await pullStages(bench.engine, bench.now());
    bench.advance(MINUTE_MS);
    const id = await bench.crm.person.create('contacts', { lastname: 'Moss', lifecyclestage: MQL, hubspot_owner_id: OWNERS.omar });
    const own = bench.engine.accountIdOf(`record:${bench.engine.crm?.connectionId}/contacts/${id}`);
    expect(await follow(bench)).toEqual([own]);
  });
});
