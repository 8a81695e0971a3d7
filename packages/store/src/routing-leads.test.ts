/** Leads and offers on a real PostgreSQL: what the database itself holds, and what its locks hold in races. */
import type { Lead, Offer } from '@lockstep/domain/routing/lead.ts';
import type { RoutingStore } from '@lockstep/domain/routing/routing-store.port.ts';
import { expect, test } from 'vitest';
import { aCrmWrite, aLead, aNotice, anOffer, inOne, LATER } from './routing.fixture.ts';
import { createPool } from './pool.ts';
import { createRoutingStore } from './routing-store.ts';
import { latch, NOW, useTestStore } from './testing.ts';

const database = useTestStore();
const storeOf = (workspaceId: string): RoutingStore => createRoutingStore({ pool: database.pool, workspaceId });
const open = (): RoutingStore => storeOf(database.workspaceId());
const saveLeads = (store: RoutingStore, ...leads: readonly Lead[]) =>
  inOne(store, async (tx) => {
    for (const lead of leads) await tx.saveLead(lead);
  });
const saveOffers = (store: RoutingStore, ...offers: readonly Offer[]) =>
  inOne(store, async (tx) => {
    for (const offer of offers) await tx.saveOffer(offer);
  });

/** A lead in a state, with what that state asks for. */
function standing(leadId: string, state: Lead['state'], rest: Partial<Lead> = {}): Lead {
  const holds = state === 'offered' || state === 'accepted' ? { offerId: `offer-of-${leadId}` } : {};
  const ends = state === 'closed' ? { closedAt: LATER, closeReason: 'won' as const } : state === 'followed' ? { followedBy: 'ann' } : {};
  return aLead(leadId, { state, ...holds, ...ends, ...(state === 'escalated' ? { escalatedTo: 'nora' } : {}), ...rest });
}

test('leads and offers come back as they were saved, nulls and fractions included, and as they are saved again', async () => {
  const store = open();
  const lead = standing('l', 'escalated', { offerId: 'o', decisions: 2, isChosen: true, isBackfill: true });
  const over = standing('over', 'closed', { closeReason: 'lost', closedBy: 'ann' });
  const offer = anOffer('o', { leadId: 'l' });
  const bare = anOffer('p', { leadId: 'other', poolId: null, assignment: null });
  await saveLeads(store, aLead('l'), lead, over);
  await saveOffers(store, anOffer('o', { leadId: 'l', memberId: 'zoe' }), offer, bare);
  await store.snapshot(async (reader) => {
    expect([await reader.lead('l'), await reader.lead('over')]).toEqual([lead, over]);
    expect([await reader.offer('o'), await reader.offer('p')]).toEqual([offer, bare]);
    expect([await reader.lead('x'), await reader.offer('x')]).toEqual([null, null]);
  });
});

test('leads, the newest first: of an account, and by state', async () => {
  const store = open();
  const at = (minute: number) => `2026-11-24T09:${String(minute).padStart(2, '0')}:00.000Z`;
  const states = ['closed', 'offered', 'closed', 'deciding', 'escalated', 'offered'] as const;
  const leads = states.map((state, place) => standing(`l${place}`, state, { openedAt: at(place), accountId: `a${place}` }));
  await saveLeads(
    store,
    ...leads,
    standing('same', 'closed', { openedAt: at(0), accountId: 'a5' }),
    standing('old', 'closed', { accountId: 'a5' }),
  );
  const found = (wanted: readonly Lead['state'][], limit = 10) =>
    store.snapshot(async (reader) => (await reader.leads({ states: wanted, limit })).map(({ leadId }) => leadId));
  expect(await found(['offered', 'closed'], 4)).toEqual(['l5', 'l2', 'l1', 'same']);
  expect(await found(['deciding', 'escalated', 'deciding'])).toEqual(['l4', 'l3']);
  expect(await found([])).toEqual([]);
  const ofAccount = await store.snapshot((reader) => reader.leadsOf('a5'));
  expect(ofAccount.map(({ leadId }) => leadId)).toEqual(['l5', 'same', 'old']);
});

test('R1 the database itself refuses a second open lead of an account; one that is closed makes room', async () => {
  const store = open();
  const of = (leadId: string, state: Lead['state']) => standing(leadId, state, { accountId: 'a' });
  await saveLeads(store, of('l', 'accepted'));
  await expect(saveLeads(store, of('m', 'deciding'))).rejects.toThrow('leads_one_open');
  await saveLeads(store, of('l', 'closed'), of('m', 'deciding'));
  await saveLeads(open(), of('l', 'deciding'));
});

test('R2 the database itself refuses a lead that is escalated to nobody, offered to nobody, or closed at no time or for no reason', async () => {
  const store = open();
  for (const wrong of [
    standing('l', 'escalated', { escalatedTo: null }),
    standing('l', 'offered', { offerId: null }),
    standing('l', 'accepted', { offerId: null }),
    standing('l', 'deciding', { offerId: 'o' }),
    standing('l', 'closed', { closedAt: null }),
    standing('l', 'closed', { closeReason: null }),
    standing('l', 'offered', { closeReason: 'won' }),
    standing('l', 'offered', { closedBy: 'ann' }),
    standing('l', 'followed', { followedBy: null }),
    standing('l', 'followed', { offerId: 'o' }),
    standing('l', 'accepted', { followedBy: 'ann' }),
    standing('l', 'deciding', { closedAt: NOW }),
  ])
    await expect(saveLeads(store, wrong)).rejects.toThrow('check');
});

test('23 one person has a lead: a second offer that is open or accepted is refused until the first is over', async () => {
  const store = open();
  const of = (offerId: string, state: Offer['state'], answeredAt: string | null = LATER) =>
    anOffer(offerId, { leadId: 'l', state, answeredAt: state === 'open' ? null : answeredAt });
  await saveOffers(store, of('z', 'accepted'));
  await expect(saveOffers(store, of('y', 'open'))).rejects.toThrow('lead_offers_one_held');
  await saveOffers(store, of('z', 'handed-over'), of('y', 'open'), of('y', 'taken-back', null), of('x', 'open'));
  const made = await store.snapshot((reader) => reader.offersOf('l'));
  expect(made.map(({ offerId, state }) => `${offerId} ${state}`)).toEqual(['z handed-over', 'y taken-back', 'x open']);
  await expect(saveOffers(store, of('w', 'accepted', null))).rejects.toThrow('check');
});

test('R5 case 19 open leads are offers that are open or accepted, by member; their accounts are found', async () => {
  const store = open();
  const states = ['open', 'accepted', 'declined', 'taken-back', 'released', 'handed-over', 'closed'] as const;
  for (const memberId of ['ann', 'ben'])
    for (const state of states) {
      const offerId = `${memberId}-${state}`;
      await saveOffers(store, anOffer(offerId, { memberId, state, answeredAt: state === 'open' ? null : LATER }));
      await saveLeads(store, aLead(`lead-of-${offerId}`, { accountId: `account-of-${offerId}` }));
    }
  await store.snapshot(async (reader) => {
    expect(await reader.openLeads(['ann', 'zoe'])).toEqual(new Map([['ann', 2]]));
    expect(await reader.openLeads([])).toEqual(new Map());
    expect(await reader.accountsOfMembers(['ann', 'zoe'])).toEqual(['account-of-ann-accepted', 'account-of-ann-open']);
    expect(await reader.accountsOfMembers([])).toEqual([]);
  });
});

test('accounts with something to do: a lead that nobody has acknowledged, an owed notice, a write that has not ended; a page at a time, each once', async () => {
  const store = open();
  const lead = (leadId: string, state: Lead['state'] = 'closed') => standing(leadId, state, { accountId: `a-${leadId}` });
  await saveLeads(store, lead('1', 'offered'), lead('0', 'accepted'), lead('2'), lead('3'), lead('4', 'deciding'), lead('5'), lead('6'));
  await inOne(store, async (tx) => {
    const told = { deliveredAt: NOW };
    await tx.oweNotices([aNotice('2', { leadId: '2' }), aNotice('4', { leadId: '4' }), aNotice('5', { leadId: '5', ...told })]);
    await tx.oweWrite(aCrmWrite('3', { leadId: '3' }));
    await tx.oweWrite(aCrmWrite('6', { leadId: '6', startedAt: NOW, end: 'committed' }));
  });
  const page = (after: string | null, limit: number) => store.snapshot((reader) => reader.openAccounts({ after, limit }));
  expect(await page(null, 10)).toEqual(['a-1', 'a-2', 'a-3', 'a-4']);
  expect(await page(null, 2)).toEqual(['a-1', 'a-2']);
  expect(await page('a-2', 10)).toEqual(['a-3', 'a-4']);
  expect(await page('a-4', 10)).toEqual([]);
});

test('R1 case 10 two transactions on one account serialise; another account, another workspace and the roster do not wait', async () => {
  const [one, other] = [open(), open()];
  const [isIn, mayLeave] = [latch(), latch()];
  const order: string[] = [];
  const first = inOne(one, async (tx) => {
    await tx.lockAccount('a');
    isIn.open();
    await mayLeave.opened;
    await tx.saveLead(aLead('l', { accountId: 'a' }));
    order.push('first');
  });
  await isIn.opened;
  const second = inOne(one, async (tx) => {
    await tx.lockAccount('a');
    order.push('second');
    return (await tx.leadsOf('a')).length;
  });
  await database.blocked(1);
  await inOne(one, async (tx) => {
    await tx.lockAccount('b');
    await tx.lockRoster();
  });
  await inOne(other, (tx) => tx.lockAccount('a'));
  mayLeave.open();
  await first;
  // And the second sees what the first has done: its evidence is for that lead.
  expect(await second).toBe(1);
  expect(order).toEqual(['first', 'second']);
});

test('R5 twenty transactions race for the last place of a member: one has it, whoever fails in between', async () => {
  const workspaceId = database.workspaceId();
  const pool = createPool(database.url, { max: 20 });
  const store = createRoutingStore({ pool, workspaceId });
  const capacity = 3;
  await saveOffers(store, anOffer('held-1'), anOffer('held-2', { state: 'accepted', answeredAt: LATER }));
  let entered = 0;
  const race = Array.from({ length: 20 }, (_, place) =>
    inOne(store, async (tx) => {
      await tx.lockRoster();
      entered += 1;
      // Whoever is in first stays until all others stand before the lock: nobody is early or late.
      if (entered === 1) await database.blocked(19);
      const held = (await tx.openLeads(['ann'])).get('ann') ?? 0;
      if (held >= capacity) return 'full';
      await tx.saveOffer(anOffer(`raced-${place}`));
      // A worker that dies here has taken nothing.
      if (entered <= 2) throw new Error('killed');
      return 'taken';
    }).catch((error: Error) => error.message),
  );
  const outcomes = await Promise.all(race);
  await pool.end();
  const count = (wanted: string) => outcomes.filter((outcome) => outcome === wanted).length;
  expect({ killed: count('killed'), taken: count('taken'), full: count('full') }).toEqual({ killed: 2, taken: 1, full: 17 });
  expect(await storeOf(workspaceId).snapshot((reader) => reader.openLeads(['ann']))).toEqual(new Map([['ann', capacity]]));
});
