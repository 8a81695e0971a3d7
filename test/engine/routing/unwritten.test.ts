/** Leads that are not written to the CRM, because no policy allows it. */
import { describe, expect, test } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { openRouting } from './bench.ts';
import type { RoutingBench } from './bench.ts';

const database = useTestStore();
const MINUTE_MS = 60_000;

const hands = async (bench: RoutingBench): Promise<readonly string[]> =>
  (await bench.offers()).map(({ memberId, state }) => `${memberId} ${state}`);

async function offered(bench: RoutingBench): Promise<string> {
  await bench.track('Plan Limit Reached');
  await bench.step();
  return (await bench.offers())[0]?.memberId ?? '';
}

describe('a lead that is not written to the CRM', () => {
  test('65 with no approval policy nothing is written to the CRM; the lead stays with whoever has it, and the clock runs', async () => {
    const bench = await openRouting(database);
    bench.crm.governing.policy = null;
    const first = await offered(bench);
    await bench.step();
    expect(await hands(bench)).toEqual([`${first} open`]);
    expect(bench.crm.requests('/(companies|tasks)/batch/(create|update)$')).toBe(0);
    expect(await bench.clock()).toMatchObject({ outcome: null, ownerId: first });
    expect(await bench.answer('accept', first)).toMatchObject({ outcome: 'taken' });
  });

  test('23 case 65 what is not written leaves its owner in the CRM: no person’s choice, until somebody else is set there', async () => {
    const bench = await openRouting(database);
    bench.crm.governing.policy = null;
    const owners = { omar: '77405867', lena: '77405868', tom: '77405869' };
    const maria = '77405866';
    const company = await bench.crm.person.create('companies', { name: 'Acme Gears', domain: 'acme-gears.de', hubspot_owner_id: maria });
    bench.advance(MINUTE_MS);
    const first = await offered(bench);
    await bench.step();
    bench.advance(150 * MINUTE_MS);
    await bench.step();
    const [, second] = await bench.offers();
    // By the ladder, to a colleague of the pool, and not to whoever had the company before.
    expect(await hands(bench)).toEqual([`${first} taken-back`, `${second?.memberId} open`]);
    expect(Object.keys(owners)).toContain(second?.memberId);
    await bench.step();
    const [third = '', owner = ''] = Object.entries(owners).find(([id]) => id !== first && id !== second?.memberId) ?? [];
    await bench.crm.person.edit('companies', company, { hubspot_owner_id: owner });
    bench.advance(60 * MINUTE_MS);
    await bench.step();
    expect(await hands(bench)).toEqual([`${first} taken-back`, `${second?.memberId} handed-over`, `${third} open`]);
  });
});
