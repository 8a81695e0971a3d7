/** Routing on its way through the house: events in, a decision, people told, the CRM shown, clocks kept. */
import { describe, expect, test } from 'vitest';
import { decide } from '@lockstep/domain/routing/decide.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { documentsOf } from './documents.ts';
import { ACCOUNT, openRouting } from './bench.ts';

const database = useTestStore();
const MINUTE_MS = 60_000;
const OUT_OF_OFFICE = 'leave';

describe('a lead that is taken', () => {
  test('R1 R2 R6 from a product event to an acknowledgement: one lead, one offer, the CRM shows who, why and until when', async () => {
    const bench = await openRouting(database);
    await bench.track('Pricing Viewed');
    expect(await bench.step()).toMatchObject({ state: 'quiet', notices: [], changeSets: [] });
    await bench.track('Plan Limit Reached');
    expect(await bench.step()).toMatchObject({ state: 'open' });
    const [offer] = await bench.offers();
    expect(offer).toMatchObject({ memberId: 'lena', state: 'open', poolId: 'aes' });
    expect(await bench.notices('lena')).toEqual(['New lead for you: Acme Gears']);
    const { results } = (await bench.crm.person.ask('POST', '/crm/objects/2026-09/companies/search', {
      filterGroups: [{ filters: [{ propertyName: 'domain', operator: 'EQ', value: 'acme-gears.de' }] }],
      properties: ['name', 'hubspot_owner_id'],
    })) as { results: readonly { properties: Readonly<Record<string, string>> }[] };
    expect(results.map(({ properties }) => properties)).toMatchObject([{ name: 'Acme Gears', hubspot_owner_id: '77405868' }]);
    expect(await bench.answer('accept', 'lena')).toEqual({ outcome: 'taken', code: null });
    expect(await bench.answer('accept', 'lena')).toEqual({ outcome: 'already', code: null });
    expect(await bench.lead()).toMatchObject({ state: 'accepted' });
    const clocks = await bench.store.snapshot(async (reader) => reader.clocksOf((await bench.lead()).leadId));
    expect(clocks.map(({ clock }) => clock.outcome?.kind)).toEqual(['met']);
  });

  test('R6 a decision is replayed from its row, bit for bit', async () => {
    const bench = await openRouting(database);
    await bench.track('Plan Limit Reached');
    await bench.step();
    const [row] = await bench.store.snapshot(async (reader) => reader.decisionsOf((await bench.lead()).leadId));
    if (row === undefined) throw new Error('expected a decision');
    const { policy, roster } = bench.documents;
    expect(JSON.stringify(decide(policy, roster, row.input))).toBe(JSON.stringify(row.decision));
  });
});
