/** How leads come to their end, on a real PostgreSQL: the CRM shows it, or a person says it; and when their accounts make another one. */
import { describe, expect, test } from 'vitest';
import type { StageRecord } from '@lockstep/domain/routing/stage.ts';
import { pullStages } from '@lockstep/engine/routing/stages.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { CRM } from '../crm/bench.ts';
import { openRouting } from './bench.ts';
import type { RoutingBench } from './bench.ts';
import { documentsOf } from './documents.ts';

const database = useTestStore();
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const holder = async (bench: RoutingBench): Promise<string> => (await bench.offers()).at(-1)?.memberId ?? '';
const hands = async (bench: RoutingBench, domain?: string): Promise<readonly string[]> =>
  (await bench.offers(domain)).map(({ memberId, state }) => `${memberId} ${state}`);
const ends = async (bench: RoutingBench): Promise<readonly string[]> => {
  const { leadId } = await bench.lead();
  const rows = await bench.store.snapshot((reader) => reader.clocksOf(leadId));
  return rows.map(({ clock }) => `${clock.slaId} ${clock.outcome?.kind ?? clock.state}`);
};

async function offered(): Promise<RoutingBench> {
  const bench = await openRouting(database);
  await bench.track('Plan Limit Reached');
  await bench.step();
  return bench;
}

async function accepted(): Promise<RoutingBench> {
  const bench = await offered();
  await bench.answer('accept', await holder(bench));
  await bench.step();
  return bench;
}

/** The CRM shows this of Ann, who is at the account, a minute from now. */
async function show(bench: RoutingBench, ...stages: readonly StageRecord['entries'][number]['stage'][]): Promise<void> {
  const { engine } = bench;
  if (engine.crm === null) throw new Error('expected a CRM');
  const entries = stages.map((stage, index) => ({ stage, at: new Date(Date.parse(bench.now()) + (index + 1) * 1_000).toISOString() }));
  const sighting = {
    record: { connectionId: CRM, object: 'contacts', recordId: '1' },
    related: [],
    email: 'ann@acme-gears.de',
    ownerId: null,
    entries,
  };
  bench.advance(MINUTE_MS);
  await pullStages(
    { ...engine, crm: { ...engine.crm, stages: async () => ({ sightings: [sighting], cursor: '1', more: false }) } },
    bench.now(),
  );
  await bench.step();
}

describe('R5 the end of a lead gives its place back', () => {
  test('R5 whoever is full is asked again once the CRM shows an opportunity of what they had; it is closed once (R7)', async () => {
    const bench = await openRouting(database);
    bench.documents = documentsOf({ omar: { capacity: 1 }, lena: { capacity: 0 }, tom: { capacity: 0 } });
    await bench.track('Plan Limit Reached');
    await bench.step();
    await bench.answer('accept', 'omar');
    await bench.step();
    await bench.track('Plan Limit Reached', {}, 'second-wheels.de');
    await bench.step('second-wheels.de');
    expect(await hands(bench, 'second-wheels.de')).toEqual(['maria open']);
    await show(bench, 'opportunity');
    expect(await bench.lead()).toMatchObject({ state: 'closed', closeReason: 'opportunity', closedBy: null, offerId: null });
    expect(await hands(bench)).toEqual(['omar closed']);
    // Omar has accepted it and knows.
    expect(await bench.notices('omar')).toEqual(['New lead for you: Acme Gears']);
    const closed = await bench.lead();
    await bench.step();
    expect(await bench.lead()).toEqual(closed);
    await bench.track('Plan Limit Reached', {}, 'third-bolts.de');
    await bench.step('third-bolts.de');
    expect(await hands(bench, 'third-bolts.de')).toEqual(['omar open']);
  });

  test('R2 a lead that nobody has acknowledged ends with the opportunity too: nothing of it is met, its owner hears, and nobody else is asked', async () => {
    const bench = await offered();
    const owner = await holder(bench);
    await show(bench, 'MQL', 'opportunity');
    expect(await bench.lead()).toMatchObject({ state: 'closed', closeReason: 'opportunity' });
    expect((await ends(bench))[0]).toBe('pql withdrawn');
    expect(await bench.notices(owner)).toEqual(['New lead for you: Acme Gears', 'Closed, nothing is left to do: Acme Gears']);
    bench.advance(DAY_MS);
    await bench.step();
    expect(await hands(bench)).toEqual([`${owner} closed`]);
  });

  test('23 one that was given back is not offered again where an opportunity has been made meanwhile', async () => {
    const bench = await accepted();
    await bench.answer('release', await holder(bench));
    await show(bench, 'opportunity');
    expect(await bench.lead()).toMatchObject({ state: 'closed', closeReason: 'opportunity' });
    expect(await bench.offers()).toHaveLength(1);
  });

  test('what was an opportunity before the lead, or has only gone back, ends nothing; who is disqualified does', async () => {
    const bench = await openRouting(database);
    await show(bench, 'opportunity');
    await bench.track('Plan Limit Reached');
    await bench.step();
    expect(await bench.lead()).toMatchObject({ state: 'offered' });
    const other = await accepted();
    await show(other, 'MQL', null);
    expect(await other.lead()).toMatchObject({ state: 'accepted' });
    await show(other, 'MQL', 'disqualified');
    expect(await other.lead()).toMatchObject({ state: 'closed', closeReason: 'disqualified' });
    expect(await ends(other)).toEqual(['pql met', 'mql-to-sql withdrawn', 'mql-to-sql withdrawn']);
  });

  test('with a service level that begins at the opportunity it is open until that has ended', async () => {
    const bench = await accepted();
    const [sla] = bench.documents.slas;
    if (sla === undefined) throw new Error('expected a service level');
    const first = { ...sla, id: 'first-meeting', start: 'stage:opportunity', stop: 'first-touch' };
    bench.documents = { ...bench.documents, slas: [...bench.documents.slas, first] };
    await show(bench, 'opportunity');
    expect([(await bench.lead()).state, (await ends(bench)).at(-1)]).toEqual(['accepted', 'first-meeting running']);
    bench.documents = { ...bench.documents, slas: bench.documents.slas.slice(0, -1) };
    await bench.step();
    expect(await bench.lead()).toMatchObject({ state: 'closed' });
  });
});

describe('a person closes a lead', () => {
  test('25 its owner, once: said again it is the same, said otherwise it comes too late; clocks are withdrawn, a breach stays one', async () => {
    const bench = await offered();
    bench.advance(DAY_MS);
    await bench.step();
    expect(await ends(bench)).toEqual(['pql breached']);
    const owner = await holder(bench);
    expect(await bench.close('lost', owner)).toEqual({ outcome: 'taken', code: null });
    expect(await bench.lead()).toMatchObject({ state: 'closed', closeReason: 'lost', closedBy: owner });
    expect(await bench.clock()).toMatchObject({ state: 'closed', outcome: { kind: 'breached' } });
    expect(await bench.close('lost', owner)).toEqual({ outcome: 'already', code: null });
    expect(await bench.close('won', owner)).toEqual({ outcome: 'refused', code: 'ALREADY_CLOSED' });
    const offerId = (await bench.offers()).at(-1)?.offerId ?? '';
    expect(await bench.answer('accept', owner, { offerId })).toMatchObject({ outcome: 'refused', code: 'NOT_CURRENT' });
  });

  test('23 a manager or RevOps may, whoever has it, who hears of it; a colleague and a stranger may not', async () => {
    const bench = await accepted();
    const owner = await holder(bench);
    const colleague = ['omar', 'lena', 'tom'].find((id) => id !== owner) ?? '';
    expect(await bench.close('won', colleague)).toEqual({ outcome: 'refused', code: 'NOT_YOURS' });
    expect(await bench.close('won', 'nobody')).toEqual({ outcome: 'refused', code: 'UNKNOWN_MEMBER' });
    expect(await bench.lead()).toMatchObject({ state: 'accepted' });
    expect(await bench.close('won', 'priya')).toEqual({ outcome: 'taken', code: null });
    await bench.step();
    expect(await bench.notices(owner)).toContain('Closed, nothing is left to do: Acme Gears');
  });
});

describe('R1 another lead of an account whose last one has ended', () => {
  const reached = async (bench: RoutingBench, days: number): Promise<string> => {
    bench.advance(days * DAY_MS);
    await bench.track('Plan Limit Reached');
    await bench.step();
    return (await bench.lead()).state;
  };

  test('R1 not while sales has it, however much happens; afterwards by what has happened since, and not by what the last one was made of', async () => {
    const bench = await accepted();
    await show(bench, 'opportunity');
    expect(await reached(bench, 1)).toBe('closed');
    expect(await reached(bench, 80)).toBe('closed');
    // Nothing of then is worth a lead any more.
    expect(await reached(bench, 10)).toBe('offered');
    expect((await bench.store.snapshot((reader) => reader.leadsOf(bench.accountId))).map(({ state }) => state)).toEqual([
      'offered',
      'closed',
    ]);
  });

  const lost = async (days: number): Promise<RoutingBench> => {
    const bench = await accepted();
    bench.documents = { ...bench.documents, policy: { ...bench.documents.policy, quietDays: { lost: days } } };
    await bench.close('lost', await holder(bench));
    return bench;
  };

  test('R1 for as many days as the policy says', async () => {
    const bench = await lost(2);
    expect(await reached(bench, 1)).toBe('closed');
    expect(await reached(bench, 2)).toBe('offered');
  });

  test('R1 what the last one was made of still counts for the score, and not for another lead', async () => {
    const bench = await lost(0);
    bench.advance(MINUTE_MS);
    await bench.track('Teammate Invited');
    await bench.step();
    expect((await bench.lead()).state).toBe('closed');
    expect(await reached(bench, 0)).toBe('offered');
  });
});
