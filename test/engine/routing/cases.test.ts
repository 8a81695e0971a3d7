/** Hard cases of routing on the engine: calendars that change, people who come and go, events that come twice, and races. */
import { describe, expect, test } from 'vitest';
import { readEvent } from '@lockstep/domain/routing/event.ts';
import { takeAbsences } from '@lockstep/engine/routing/absences.ts';
import { ingest } from '@lockstep/engine/routing/ingest.ts';
import { stepAccount } from '@lockstep/engine/routing/stepping.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { openRouting } from './bench.ts';
import type { RoutingBench } from './bench.ts';
import { documentsOf } from './documents.ts';

const database = useTestStore();
const MINUTE_MS = 60_000;

const after = (bench: RoutingBench, minutes: number): string => new Date(Date.parse(bench.now()) + minutes * MINUTE_MS).toISOString();
const absence = (bench: RoutingBench, from: number, to: number) => ({
  absences: [{ id: 'away', from: after(bench, from), to: after(bench, to), reason: 'leave' }],
});
const hands = async (bench: RoutingBench, domain?: string): Promise<readonly string[]> =>
  (await bench.offers(domain)).map(({ memberId, state }) => `${memberId} ${state}`);

async function offered(bench: RoutingBench): Promise<string> {
  await bench.track('Plan Limit Reached');
  await bench.step();
  return (await bench.offers())[0]?.memberId ?? '';
}

describe('calendars that change', () => {
  test('01 an absence that appears while the clock runs moves the rest of it to somebody who is there; no reset, both are told', async () => {
    const bench = await openRouting(database);
    const first = await offered(bench);
    bench.advance(20 * MINUTE_MS);
    bench.documents = documentsOf({ [first]: absence(bench, 40, 280) });
    await bench.changed();
    await bench.step();
    const [, second] = await bench.offers();
    expect(await hands(bench)).toEqual([`${first} taken-back`, `${second?.memberId} open`]);
    const clock = await bench.clock();
    expect(clock).toMatchObject({ ownerId: second?.memberId, outcome: null });
    expect(clock.usedMs).toBeGreaterThanOrEqual(20 * MINUTE_MS);
    expect(clock.deadlineMs).toBeLessThanOrEqual(Date.parse(bench.now()) + 220 * MINUTE_MS);
    expect(await bench.notices(first)).toContain('Taken back, somebody else has it now: Acme Gears');
    expect(await bench.notices(second?.memberId ?? '')).toEqual(['New lead for you: Acme Gears']);
  });

  test('02 with everybody else at capacity a lead waits for its owner who is back in time, and is escalated now for one who is not', async () => {
    const full = { capacity: 0 };
    const inTime = await openRouting(database);
    const first = await offered(inTime);
    const { deadlineMs } = await inTime.clock();
    const others = Object.fromEntries(['omar', 'lena', 'tom'].filter((id) => id !== first).map((id) => [id, full]));
    inTime.documents = documentsOf({ ...others, [first]: absence(inTime, 0, 60) });
    await inTime.changed();
    await inTime.step();
    expect(await hands(inTime)).toEqual([`${first} open`]);
    expect(await inTime.lead()).toMatchObject({ state: 'offered' });
    expect((await inTime.clock()).deadlineMs).toBe(deadlineMs);
    // Nor does it buy time later: whatever else changes while its owner is away, and once they are back.
    for (const minutes of [30, 31]) {
      inTime.advance(minutes * MINUTE_MS);
      await inTime.changed('WORKING_HOURS');
      await inTime.changed('HOLIDAY');
      expect((await inTime.clock()).deadlineMs).toBe(deadlineMs);
    }
    const tooLate = await openRouting(database);
    const second = await offered(tooLate);
    const rest = Object.fromEntries(['omar', 'lena', 'tom'].filter((id) => id !== second).map((id) => [id, full]));
    tooLate.documents = documentsOf({ ...rest, [second]: absence(tooLate, 0, 3 * 24 * 60) });
    await tooLate.changed();
    expect(await tooLate.lead()).toMatchObject({ state: 'escalated', escalatedTo: 'maria' });
  });

  test('01 a colleague’s absence moves a clock that runs while anybody of the team is there', async () => {
    const bench = await openRouting(database);
    const { slas } = bench.documents;
    const ofTheTeam = slas.map((sla) => (sla.id === 'pql' ? { ...sla, calendar: 'team' as const } : sla));
    bench.documents = { ...documentsOf(), slas: ofTheTeam };
    const owner = await offered(bench);
    const [one = '', other = ''] = ['omar', 'lena', 'tom'].filter((id) => id !== owner);
    const { deadlineMs } = await bench.clock();
    // The owner and one colleague go at noon; the other one stays, so that somebody is there.
    const noon = { week: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '09:00', to: '12:00' })) };
    const early = { ...documentsOf({ [owner]: noon, [one]: noon }), slas: ofTheTeam };
    bench.documents = early;
    await bench.changed('WORKING_HOURS');
    expect((await bench.clock()).deadlineMs).toBe(deadlineMs);
    // Now the other one is away too: two hours of today, the rest tomorrow morning.
    const away = [{ id: 'a', fromIso: bench.now(), toIso: after(bench, 10 * 60), reason: 'ABSENT' }];
    expect(await takeAbsences(bench.engine, other, 'feed', away)).toEqual([bench.accountId]);
    await bench.changed();
    expect((await bench.clock()).deadlineMs).toBe((deadlineMs ?? 0) + 21 * 60 * MINUTE_MS);
  });

  test('08 who keeps the holiday of their region is left out with its name; a colleague elsewhere takes the lead', async () => {
    const bench = await openRouting(database);
    // A holiday of somewhere on every day of the test: Saint Stephen's, by the clock of the roster.
    const region = 'DE-BY';
    const day = bench.now().slice(0, 10);
    bench.holidays = { holidaysOf: (asked) => (asked === region ? [{ date: day, region, name: 'Holiday' }] : []) };
    bench.documents = documentsOf({ lena: { holidays: region }, tom: { holidays: region } });
    await bench.track('Plan Limit Reached');
    await bench.step();
    const [row] = await bench.store.snapshot(async (reader) => reader.decisionsOf((await bench.lead()).leadId));
    expect(row?.decision.candidates.map(({ memberId, reason }) => [memberId, reason])).toEqual([
      ['omar', null],
      ['lena', 'HOLIDAY:DE-BY'],
      ['tom', 'HOLIDAY:DE-BY'],
    ]);
    expect(await hands(bench)).toEqual(['omar open']);
  });

  test('09 a holiday that is added while the clock runs moves the deadline, and the record says why', async () => {
    const bench = await openRouting(database);
    bench.documents = documentsOf({ lena: { holidays: 'DE-BY' }, omar: { capacity: 0 }, tom: { capacity: 0 } });
    expect(await offered(bench)).toBe('lena');
    // 15:00: two hours of today, the rest tomorrow.
    bench.advance(5 * 60 * MINUTE_MS);
    const before = await bench.clock();
    const tomorrow = after(bench, 24 * 60).slice(0, 10);
    bench.holidays = { holidaysOf: () => [{ date: tomorrow, region: 'DE-BY', name: 'Holiday' }] };
    await bench.changed('HOLIDAY');
    const clock = await bench.clock();
    expect(clock.outcome ?? clock.deadlineMs).toBe(before.deadlineMs);
    const actions = await bench.store.snapshot(async (reader) => reader.slaActions((await bench.lead()).leadId));
    expect(actions.map(({ kind }) => kind)).toContain('escalate');
  });
});

describe('events and races', () => {
  test('R1 case 10 two signals of one account in the same millisecond make one lead with one owner, and both are evidence', async () => {
    const bench = await openRouting(database);
    await Promise.all([bench.track('Plan Limit Reached'), bench.track('Teammate Invited')]);
    const at = bench.now();
    await Promise.all([1, 2, 3].map(() => stepAccount(bench.engine, bench.accountId, at)));
    expect(await bench.store.snapshot((reader) => reader.leadsOf(bench.accountId))).toHaveLength(1);
    expect(await bench.offers()).toHaveLength(1);
    expect((await bench.lead()).score.parts.map(({ evidence }) => evidence.length)).toEqual([1, 1, 0]);
  });

  test('R7 case 12 case 13 the same event ten times, and events in any order, change nothing that they should not', async () => {
    const bench = await openRouting(database);
    const timestamp = bench.now();
    for (let delivery = 0; delivery < 10; delivery += 1) await bench.track('Teammate Invited', { messageId: 'once', timestamp });
    await bench.track('Teammate Invited', { messageId: 'late', timestamp: after(bench, -60) });
    expect(await bench.step()).toMatchObject({ state: 'quiet' });
    const { rows } = await database.pool.query<{ count: number }>(
      'select count(*)::int as count from lockstep.product_event_duplicates where message_id = $1',
      ['once'],
    );
    expect(rows[0]?.count).toBe(9);
    await bench.track('Plan Limit Reached');
    await bench.step();
    expect((await bench.lead()).score.parts[0]?.evidence).toEqual(['late', 'once']);
  });

  test('28 an event that was received by a clock that is five minutes ahead counts at once', async () => {
    const bench = await openRouting(database);
    const received = after(bench, 5);
    const reading = readEvent(
      { type: 'track', messageId: 'ahead', userId: 'ann@acme-gears.de', event: 'Plan Limit Reached', timestamp: received },
      { receivedAt: received, isBackfill: false },
    );
    await ingest(bench.engine, [reading]);
    await stepAccount(bench.engine, bench.accountId, bench.now());
    expect(await bench.store.snapshot((reader) => reader.leadsOf(bench.accountId))).toHaveLength(1);
  });

  test('R5 a capacity is never exceeded: twelve accounts at once, two places each, the rest goes to a named human', async () => {
    const bench = await openRouting(database);
    bench.documents = documentsOf({ omar: { capacity: 2 }, lena: { capacity: 2 }, tom: { capacity: 2 } });
    const domains = Array.from({ length: 12 }, (_, index) => `shop-${index}.de`);
    for (const domain of domains) await bench.track('Plan Limit Reached', {}, domain);
    await Promise.all(domains.map((domain) => stepAccount(bench.engine, bench.engine.accountIdOf(`domain:${domain}`), bench.now())));
    const owners = await Promise.all(domains.map(async (domain) => (await bench.offers(domain))[0]?.memberId));
    const count = (id: string): number => owners.filter((owner) => owner === id).length;
    expect(['omar', 'lena', 'tom', 'maria'].map(count)).toEqual([2, 2, 2, 6]);
  });

  test('R4 leads are shared evenly at every prefix while everybody is there', async () => {
    const bench = await openRouting(database);
    const counts: Record<string, number> = { omar: 0, lena: 0, tom: 0 };
    for (let index = 0; index < 10; index += 1) {
      const domain = `fair-${index}.de`;
      await bench.track('Plan Limit Reached', {}, domain);
      await stepAccount(bench.engine, bench.engine.accountIdOf(`domain:${domain}`), bench.now());
      const owner = (await bench.offers(domain))[0]?.memberId ?? '';
      counts[owner] = (counts[owner] ?? 0) + 1;
      for (const had of Object.values(counts)) expect(Math.abs(had - (index + 1) / 3)).toBeLessThan(1);
    }
  });
});

describe('people who come and go', () => {
  test('R4 a lead that was not taken counts: who lets leads lie is not owed them for it', async () => {
    const bench = await openRouting(database);
    const first = await offered(bench);
    await bench.answer('decline', first);
    await bench.step();
    const credits = await bench.store.snapshot((reader) => reader.credits(['aes']));
    expect(credits['aes']?.members[first]?.assigned).toBe(1);
  });

  test('18 an owner whom the CRM does not take: decided anew, the credit is given back, and nobody tries again', async () => {
    const bench = await openRouting(database);
    bench.documents = documentsOf({ lena: { owners: { hubspot: '999' } } });
    expect(await offered(bench)).toBe('lena');
    await bench.step();
    const [, second] = await bench.offers();
    expect(await hands(bench)).toEqual(['lena taken-back', `${second?.memberId} open`]);
    const credits = await bench.store.snapshot((reader) => reader.credits(['aes']));
    expect(credits['aes']?.members['lena']?.assigned).toBe(0);
    const rows = await bench.store.snapshot(async (reader) => reader.decisionsOf((await bench.lead()).leadId));
    expect(rows.at(-1)?.decision.candidates).toContainEqual({ memberId: 'lena', poolId: 'aes', reason: 'PASSED' });
    await bench.step();
    expect(await bench.offers()).toHaveLength(2);
  });

  test('R2 with the CRM down a lead is decided, told and escalated in time; it is written once the CRM is back', async () => {
    const bench = await openRouting(database);
    await bench.crm.person.create('companies', { name: 'Acme Gears', domain: 'acme-gears.de', country: 'Germany' });
    bench.advance(MINUTE_MS);
    bench.crm.fault('.*', { kind: 'answer', status: 503, headers: {}, body: {} }, { times: 'always' });
    await bench.track('Plan Limit Reached');
    await stepAccount(bench.engine, bench.accountId, bench.now());
    expect(await hands(bench)).toHaveLength(1);
    bench.advance(230 * MINUTE_MS);
    await stepAccount(bench.engine, bench.accountId, bench.now());
    expect(await bench.lead()).toMatchObject({ state: 'escalated' });
    bench.crm.served.faults.clear();
    bench.advance(MINUTE_MS);
    await bench.step();
    expect((await bench.store.snapshot((reader) => reader.account(bench.accountId)))?.record).toMatchObject({ object: 'companies' });
    expect(bench.crm.requests('/companies/batch/create$')).toBe(0);
  });

  test('19 a leaver’s leads are routed again, accepted ones too, and running clocks keep what is left of them', async () => {
    const bench = await openRouting(database);
    const first = await offered(bench);
    bench.advance(30 * MINUTE_MS);
    bench.documents = documentsOf({ [first]: { active: { from: null, to: bench.now() } } });
    await bench.changed('WORKING_HOURS');
    const [, second] = await bench.offers();
    expect(await hands(bench)).toEqual([`${first} taken-back`, `${second?.memberId} open`]);
    expect((await bench.clock()).usedMs).toBeGreaterThanOrEqual(30 * MINUTE_MS);
    await bench.answer('accept', second?.memberId ?? '');
    bench.documents = documentsOf({
      [first]: { active: { from: null, to: bench.now() } },
      [second?.memberId ?? '']: { active: { from: null, to: bench.now() } },
    });
    await bench.changed('WORKING_HOURS');
    expect(await hands(bench)).toHaveLength(3);
    expect(await bench.lead()).toMatchObject({ state: 'offered' });
  });

  test('R8 case 24 with Slack down the failure is told at once, and what was not delivered is still owed; back again it is one message', async () => {
    const bench = await openRouting(database);
    bench.slack.faults.add({
      tool: 'slack',
      match: { path: 'chat.postMessage' },
      action: { kind: 'answer', status: 503, headers: {}, body: {} },
      skip: 0,
      times: 1,
    });
    const first = await offered(bench);
    expect(await bench.notices(first)).toEqual([]);
    await bench.step();
    expect(await bench.notices(first)).toEqual(['New lead for you: Acme Gears']);
    await bench.step();
    expect(await bench.notices(first)).toHaveLength(1);
  });
});
