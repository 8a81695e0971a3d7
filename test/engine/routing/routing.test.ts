/** Routing on its way through the house: events in, a decision, people told, the CRM shown, clocks kept. */
import { describe, expect, test } from 'vitest';
import { decide } from '@lockstep/domain/routing/decide.ts';
import { fateOf, playPast } from '@lockstep/domain/routing/past-simulation.ts';
import { answer } from '@lockstep/engine/routing/answering.ts';
import { pastPage, routingContext } from '@lockstep/engine/routing/past.ts';
import { stepAccount } from '@lockstep/engine/routing/stepping.ts';
import { startWrite } from '@lockstep/engine/routing/writing.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { documentsOf } from './documents.ts';
import { openRouting } from './bench.ts';
import type { RoutingBench } from './bench.ts';

const database = useTestStore();
const MINUTE_MS = 60_000;
const OUT_OF_OFFICE = 'leave';

/** What HubSpot finds by the domain. */
async function companies(bench: RoutingBench): Promise<readonly Readonly<Record<string, string>>[]> {
  const { results } = (await bench.crm.person.ask('POST', '/crm/objects/2026-09/companies/search', {
    filterGroups: [{ filters: [{ propertyName: 'domain', operator: 'EQ', value: 'acme-gears.de' }] }],
    properties: ['name', 'hubspot_owner_id'],
  })) as { results: readonly { properties: Readonly<Record<string, string>> }[] };
  return results.map(({ properties }) => properties);
}

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
    // HubSpot's search lags behind.
    bench.advance(MINUTE_MS);
    expect(await companies(bench)).toMatchObject([{ name: 'Acme Gears', hubspot_owner_id: '77405868' }]);
    expect(await bench.answer('accept', 'lena')).toEqual({ outcome: 'taken', code: null });
    expect(await bench.answer('accept', 'lena')).toEqual({ outcome: 'already', code: null });
    expect(await bench.lead()).toMatchObject({ state: 'accepted' });
    const clocks = await bench.store.snapshot(async (reader) => reader.clocksOf((await bench.lead()).leadId));
    expect(clocks.map(({ clock }) => clock.outcome?.kind)).toEqual(['met']);
  });

  test('case 23 a company that HubSpot does not have is made once, whoever gets the lead after its first owner', async () => {
    const bench = await openRouting(database);
    await bench.track('Plan Limit Reached');
    await bench.step();
    for (const asked of ['lena', 'omar']) {
      expect((await bench.offers()).at(-1)).toMatchObject({ memberId: asked, state: 'open' });
      expect(await bench.answer('decline', asked)).toMatchObject({ outcome: 'taken' });
      await bench.step();
    }
    expect((await bench.offers()).at(-1)).toMatchObject({ memberId: 'tom', state: 'open' });
    // HubSpot's search lags behind.
    bench.advance(MINUTE_MS);
    expect(await companies(bench)).toMatchObject([{ name: 'Acme Gears', hubspot_owner_id: '77405869' }]);
    expect(bench.crm.requests('companies/batch/create')).toBe(1);
  });

  test('case 23 the set of a new owner waits for the one before it, which may be making the company', async () => {
    const bench = await openRouting(database);
    await bench.track('Plan Limit Reached');
    const first = await stepAccount(bench.engine, bench.accountId, bench.now());
    const [one = ''] = first.changeSets;
    const { changeSets: sets } = bench.engine;
    // The first is under way, and its end is not known yet.
    const engine = { ...bench.engine, changeSets: { ...sets, endOf: async () => null } };
    await startWrite(engine, one, bench.now());
    expect(await bench.answer('decline', 'lena')).toMatchObject({ outcome: 'taken' });
    const { changeSets } = await stepAccount(engine, bench.accountId, bench.now());
    expect(changeSets).toHaveLength(1);
    await expect(startWrite(engine, changeSets[0] ?? '', bench.now())).rejects.toMatchObject({ code: 'Transient' });
    await startWrite(bench.engine, changeSets[0] ?? '', bench.now());
    bench.advance(MINUTE_MS);
    expect(await companies(bench)).toMatchObject([{ hubspot_owner_id: '77405867' }]);
  });

  test('R6 a decision is replayed from its row, bit for bit', async () => {
    const bench = await openRouting(database);
    await bench.track('Plan Limit Reached');
    await bench.step();
    const [row] = await bench.store.snapshot(async (reader) => reader.decisionsOf((await bench.lead()).leadId));
    if (row === undefined) throw new Error('expected a decision');
    const { policy, roster } = bench.documents;
    expect(decide(policy, roster, row.input)).toStrictEqual(row.decision);
  });
});

describe('leads of the past', () => {
  test('R6 played by the documents of then they are as they were: who, in time, and after how long', async () => {
    const bench = await openRouting(database);
    const from = bench.now();
    for (const [domain, minutes] of [
      ['acme-gears.de', 30],
      ['other-gears.de', 45],
    ] as const) {
      await bench.track('Plan Limit Reached', {}, domain);
      await bench.step(domain);
      bench.advance(minutes * MINUTE_MS);
      const offer = (await bench.offers(domain)).at(-1);
      const { accountId } = await bench.lead(domain);
      const said = { accountId, kind: 'accept', offerId: offer?.offerId ?? '', by: offer?.memberId ?? '' } as const;
      expect(await answer(bench.engine, said, bench.now())).toEqual({ outcome: 'taken', code: null });
    }
    bench.advance(MINUTE_MS);
    const { leads, credits } = await pastPage(bench.engine, { from, to: bench.now(), after: null, limit: 10 });
    expect(leads.map(({ outcome, state }) => [outcome, state])).toEqual([
      ['assigned', 'accepted'],
      ['assigned', 'accepted'],
    ]);
    const { documents, holidays, absences } = await routingContext(bench.engine, {
      from,
      to: bench.now(),
      regions: ['DE-BY'],
      members: [],
    });
    expect(holidays['DE-BY']?.length).toBeGreaterThan(20);
    const world = { holidays, absences, credits: credits ?? {}, until: bench.now(), tzVersion: bench.engine.tzVersion };
    const { fates } = playPast(leads, documents, world, 'none');
    expect(fates).toEqual(leads.map(fateOf));
    expect(fates.map(({ outcome, acknowledgedAfterMs }) => [outcome, Math.floor((acknowledgedAfterMs ?? 0) / MINUTE_MS)])).toEqual([
      ['met', 30],
      ['met', 45],
    ]);
    expect((await pastPage(bench.engine, { from, to: bench.now(), after: leads[0]?.decisionId ?? '', limit: 10 })).leads).toHaveLength(1);
  });
});

describe('a lead that is not taken', () => {
  test('R2 case 23 case 25 declined, then left lying, then nobody is left: each is asked once, and a named person hears before the deadline', async () => {
    const bench = await openRouting(database);
    await bench.track('Plan Limit Reached');
    await bench.step();
    const asked: string[] = [];
    const holder = async (): Promise<string> => (await bench.offers()).at(-1)?.memberId ?? '';
    asked.push(await holder());
    expect(await bench.answer('decline', asked[0] ?? '')).toEqual({ outcome: 'taken', code: null });
    await bench.step();
    asked.push(await holder());
    // 60 % of four hours.
    bench.advance(150 * MINUTE_MS);
    await bench.step();
    asked.push(await holder());
    expect(new Set(asked)).toEqual(new Set(['lena', 'omar', 'tom']));
    expect(await bench.notices(asked[1] ?? '')).toContain('Taken back, somebody else has it now: Acme Gears');
    bench.advance(55 * MINUTE_MS);
    await bench.step();
    expect(await bench.lead()).toMatchObject({ state: 'escalated', escalatedTo: 'maria' });
    expect(await bench.notices('maria')).toEqual(['Nobody has taken this lead: Acme Gears']);
    const [row] = await bench.store.snapshot(async (reader) => reader.clocksOf((await bench.lead()).leadId));
    expect(Date.parse(bench.now())).toBeLessThan(row?.clock.deadlineMs ?? 0);
    expect(await bench.answer('accept', 'maria')).toEqual({ outcome: 'taken', code: null });
    expect((await bench.offers()).map(({ memberId, state }) => `${memberId} ${state}`)).toEqual([
      `${asked[0]} declined`,
      `${asked[1]} taken-back`,
      `${asked[2]} handed-over`,
      'maria accepted',
    ]);
  });

  test('R2 R6 case 25 an answer that comes when its offer should have gone on is refused, and the lead goes on: the decision, its offer and its clock are one', async () => {
    for (const kind of ['accept', 'decline', 'snooze'] as const) {
      const bench = await openRouting(database);
      await bench.track('Plan Limit Reached');
      await bench.step();
      const [first] = await bench.offers();
      // Past the rung that takes it back, before any step has seen it.
      bench.advance(150 * MINUTE_MS);
      const late = { offerId: first?.offerId ?? '', until: new Date(Date.parse(bench.now()) + MINUTE_MS).toISOString() };
      expect(await bench.answer(kind, first?.memberId ?? '', late)).toEqual({ outcome: 'refused', code: 'NOT_CURRENT' });
      const [, second] = await bench.offers();
      expect(await bench.lead()).toMatchObject({ state: 'offered', decisions: 2, offerId: second?.offerId });
      expect((await bench.offers()).map(({ state }) => state)).toEqual(['taken-back', 'open']);
      const [row] = await bench.store.snapshot(async (reader) => reader.clocksOf((await bench.lead()).leadId));
      expect(row?.clock.ownerId).toBe(second?.memberId);
      // Nothing is decided twice, and both hear of it.
      await bench.step();
      expect(await bench.lead()).toMatchObject({ decisions: 2, offerId: second?.offerId });
      expect(await bench.notices(first?.memberId ?? '')).toContain('Taken back, somebody else has it now: Acme Gears');
      expect(await bench.notices(second?.memberId ?? '')).toContain('New lead for you: Acme Gears');
      expect(await bench.answer('accept', second?.memberId ?? '')).toEqual({ outcome: 'taken', code: null });
    }
  });

  test('14 case 15 everybody is away: a named human has it at once, and the time is uncovered, not met', async () => {
    const bench = await openRouting(database);
    const away = { absences: [{ id: 'a', from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z', reason: OUT_OF_OFFICE }] };
    bench.documents = documentsOf({ omar: away, lena: away, tom: away, maria: away });
    await bench.track('Plan Limit Reached');
    await bench.step();
    expect(await bench.lead()).toMatchObject({ state: 'escalated', escalatedTo: 'maria' });
    // That nobody is on duty is on record; she hears of both at once.
    expect(await bench.notices('maria')).toEqual(['Nobody has taken this lead: Acme Gears']);
    const actions = await bench.store.snapshot(async (reader) => reader.slaActions((await bench.lead()).leadId));
    expect(actions.flatMap((action) => ('reason' in action ? [action.reason] : []))).toEqual(['UNCOVERED', 'NOBODY_AVAILABLE']);
    bench.advance(MINUTE_MS);
    expect(await bench.answer('accept', 'maria')).toMatchObject({ outcome: 'taken' });
    const [row] = await bench.store.snapshot(async (reader) => reader.clocksOf((await bench.lead()).leadId));
    expect(row?.clock.outcome?.kind).toBe('uncovered');
  });

  test('R2 after a break in which all of it fell due, each hears what counts now: the first that it is gone, the next that it is theirs, a named person', async () => {
    const bench = await openRouting(database);
    await bench.track('Plan Limit Reached');
    await bench.step();
    // 90 % of four hours: reminded, warned, to the next one, warned again and escalated in one step.
    bench.advance(216 * MINUTE_MS);
    await bench.step();
    expect((await bench.offers()).map(({ memberId, state }) => `${memberId} ${state}`)).toEqual(['lena taken-back', 'omar open']);
    expect(await bench.notices('lena')).toEqual(['New lead for you: Acme Gears', 'Taken back, somebody else has it now: Acme Gears']);
    expect(await bench.notices('omar')).toEqual(['New lead for you: Acme Gears']);
    expect(await bench.notices('maria')).toEqual(['Nobody has taken this lead: Acme Gears']);
    const actions = await bench.store.snapshot(async (reader) => reader.slaActions((await bench.lead()).leadId));
    expect(actions.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['remind', 'warn', 'reassign', 'escalate']));
  });

  test('16 a country that nobody can tell goes to the named human for gaps', async () => {
    const bench = await openRouting(database);
    await bench.track('Plan Limit Reached', { context: { traits: { email: 'ann@acme-gears.de', country: 'Atlantis' } } });
    const { policy, roster } = bench.documents;
    await bench.step();
    const [row] = await bench.store.snapshot(async (reader) => reader.decisionsOf((await bench.lead()).leadId));
    const outcome = row === undefined ? null : decide(policy, roster, { ...row.input, country: 'Atlantis' }).outcome;
    expect(outcome).toEqual({ kind: 'escalated', personId: 'priya', reason: 'TERRITORY_GAP' });
  });

  test('31 a competitor is not routed, however high the score; the reason is on record', async () => {
    const bench = await openRouting(database);
    bench.documents = {
      ...bench.documents,
      policy: { ...bench.documents.policy, excluded: { ...bench.documents.policy.excluded, competitors: ['acme-gears.de'] } },
    };
    await bench.track('Plan Limit Reached');
    expect(await bench.step()).toMatchObject({ state: 'closed', notices: [], changeSets: [] });
    const [row] = await bench.store.snapshot(async (reader) => reader.decisionsOf((await bench.lead()).leadId));
    expect(row?.decision.outcome).toEqual({ kind: 'excluded', reason: 'COMPETITOR' });
    await bench.track('Plan Limit Reached');
    await bench.step();
    expect(await bench.store.snapshot((reader) => reader.leadsOf(bench.accountId))).toHaveLength(1);
  });
});

describe('people win', () => {
  test('23 an owner whom a person has set in the CRM keeps the lead: no rung takes it away, and the clock goes on', async () => {
    const bench = await openRouting(database);
    const company = await bench.crm.person.create('companies', { name: 'Acme Gears', domain: 'acme-gears.de', country: 'Germany' });
    bench.advance(MINUTE_MS);
    await bench.track('Plan Limit Reached');
    await bench.step();
    const [first] = await bench.offers();
    await bench.step();
    const chosen = first?.memberId === 'tom' ? ['omar', '77405867'] : ['tom', '77405869'];
    await bench.crm.person.edit('companies', company, { hubspot_owner_id: chosen[1] ?? '' });
    bench.advance(150 * MINUTE_MS);
    await bench.step();
    expect((await bench.offers()).map(({ memberId, state }) => `${memberId} ${state}`)).toEqual([
      `${first?.memberId} handed-over`,
      `${chosen[0]} open`,
    ]);
    const [row] = await bench.store.snapshot(async (reader) => reader.clocksOf((await bench.lead()).leadId));
    expect(row?.clock).toMatchObject({ ownerId: chosen[0], outcome: null });
    expect(row?.clock.usedMs).toBeGreaterThan(149 * MINUTE_MS);
    expect(await bench.lead()).toMatchObject({ state: 'offered', isChosen: true });
  });
});
