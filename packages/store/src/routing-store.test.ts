/** The rest of the store of routing, on a real PostgreSQL: decisions, documents, credits, clocks, notices and writes. */
import { readFileSync } from 'node:fs';
import { anEntry } from '@lockstep/domain/audit/entry.fixture.ts';
import { InvalidEntry } from '@lockstep/domain/audit/entry.schema.ts';
import type { RoutingStore } from '@lockstep/domain/routing/routing-store.port.ts';
import { expect, test } from 'vitest';
import { createAuditLog } from './audit.ts';
import { aClock, aCrmWrite, aDecision, aLead, anAction, aNotice, anOffer, inOne, LATER, metAt } from './routing.fixture.ts';
import { createRoutingStore } from './routing-store.ts';
import { UnstorableText } from './storable.ts';
import { NOW, useTestStore } from './testing.ts';

const database = useTestStore();
const open = (): RoutingStore => createRoutingStore({ pool: database.pool, workspaceId: database.workspaceId() });
const minute = (place: number) => `2026-11-24T09:${String(place).padStart(2, '0')}:00.000Z`;

test('R6 decisions come back as they were made, a lead at a time and a page at a time, in the order of their making', async () => {
  const store = open();
  const rows = [
    aDecision('z', { leadId: 'l', decidedAt: minute(1) }),
    aDecision('y', { leadId: 'l', ordinal: 2, decidedAt: minute(2) }),
    aDecision('x', { decidedAt: minute(2) }),
    aDecision('w', { decidedAt: minute(3) }),
  ];
  await inOne(store, async (tx) => {
    for (const row of rows) await tx.addDecision(row);
  });
  await store.snapshot(async (reader) => {
    expect(await reader.decisionsOf('l')).toEqual(rows.slice(0, 2));
    const page = (after: string | null, limit = 10, to = minute(9)) => reader.decisions({ from: minute(1), to, after, limit });
    expect(await page(null)).toEqual(rows);
    expect(await page(null, 2)).toEqual(rows.slice(0, 2));
    expect(await page('y', 2)).toEqual(rows.slice(2));
    expect(await page('w')).toEqual([]);
    expect(await page(null, 10, minute(2))).toEqual(rows.slice(0, 1));
    expect(await reader.decisions({ from: minute(3), to: minute(9), after: null, limit: 9 })).toEqual(rows.slice(3));
  });
});

test('R6 a lead that does not know of its last decision (before release 0019) counts on from it; one that does is left alone', async () => {
  const store = open();
  await inOne(store, async (tx) => {
    await tx.saveLead(aLead('torn', { decisions: 1 }));
    await tx.saveLead(aLead('whole', { accountId: 'other', decisions: 1 }));
    await tx.addDecision(aDecision('t1', { leadId: 'torn' }));
    await tx.addDecision(aDecision('t2', { leadId: 'torn', ordinal: 2 }));
    await tx.addDecision(aDecision('w1', { leadId: 'whole' }));
  });
  await database.pool.query(readFileSync(new URL('../migrations/0019_torn_leads.sql', import.meta.url), 'utf8'));
  const counted = await store.snapshot(async (reader) => [(await reader.lead('torn'))?.decisions, (await reader.lead('whole'))?.decisions]);
  expect(counted).toEqual([2, 1]);
});

test('R6 past leads come as they were, by their first decisions, a page at a time: who was asked, how the clock ended, when a named person was told', async () => {
  const store = open();
  const lead = aLead('l', { state: 'accepted', escalatedTo: 'nora', offerId: 'l/2', openedAt: minute(1) });
  const escalated = { ...anAction('e'), kind: 'escalate', to: 'nora', reason: 'LADDER' } as const;
  await inOne(store, async (tx) => {
    for (const leadId of ['k', 'l', 'm']) await tx.saveLead(leadId === 'l' ? lead : aLead(leadId));
    await tx.addDecision(aDecision('l1', { leadId: 'l', decidedAt: minute(1) }));
    await tx.addDecision(aDecision('l2', { leadId: 'l', ordinal: 2, decidedAt: minute(2) }));
    await tx.addDecision(aDecision('k1', { leadId: 'k', decidedAt: minute(3) }));
    await tx.addDecision(aDecision('m1', { leadId: 'm', decidedAt: minute(4) }));
    await tx.saveOffer(anOffer('l/1', { leadId: 'l', state: 'taken-back', offeredAt: minute(1), answeredAt: minute(2) }));
    await tx.saveOffer(
      anOffer('l/2', { leadId: 'l', memberId: 'ben', poolId: null, state: 'accepted', offeredAt: minute(2), answeredAt: minute(5) }),
    );
    await tx.saveClock(aClock('c', metAt(minute(5)), 'l'));
    await tx.addSlaActions('l', [anAction('r'), escalated]);
  });
  await store.snapshot(async (reader) => {
    const page = (after: string | null, limit = 10) => reader.pastLeads({ from: minute(1), to: minute(9), after, limit });
    const [first, ...more] = await page(null);
    const { at: _at, passed: _passed, members: _members, credits: _credits, ...facts } = aDecision('l1').input;
    expect(first).toEqual({
      ...{ leadId: 'l', decisionId: 'l1', decidedAt: minute(1), policyHash: 'p', rosterHash: 'r', facts, outcome: 'escalated' },
      ...{ state: 'accepted', closedAt: null, escalatedTo: 'nora', escalatedAtMs: Date.parse(NOW) },
      offers: [
        { memberId: 'ann', poolId: 'emea', state: 'taken-back', offeredAtMs: Date.parse(minute(1)), answeredAtMs: Date.parse(minute(2)) },
        { memberId: 'ben', poolId: null, state: 'accepted', offeredAtMs: Date.parse(minute(2)), answeredAtMs: Date.parse(minute(5)) },
      ],
      clock: { slaId: 'pql', stopsOn: 'acknowledged', ...metAt(minute(5)) },
    });
    expect(more.map(({ leadId, offers, clock, escalatedAtMs }) => [leadId, offers, clock, escalatedAtMs])).toEqual([
      ['k', [], null, null],
      ['m', [], null, null],
    ]);
    expect((await page('l1', 1)).map(({ leadId }) => leadId)).toEqual(['k']);
    expect(await page('m1')).toEqual([]);
  });
});

test('R1 R6 a decision that is made twice is refused, and nobody makes another of the same ordinal', async () => {
  const store = open();
  await inOne(store, (tx) => tx.addDecision(aDecision('d', { leadId: 'l' })));
  await expect(inOne(store, (tx) => tx.addDecision(aDecision('d', { leadId: 'm' })))).rejects.toThrow('routing_decisions_pkey');
  await expect(inOne(store, (tx) => tx.addDecision(aDecision('e', { leadId: 'l' })))).rejects.toThrow('routing_decisions_of');
});

test('R6 a document stays as it is under its hash and kind', async () => {
  const store = open();
  const document = { kind: 'policy', hash: 'h', version: '1', body: { rules: [1e21, null, ''], __proto__: null } } as const;
  await inOne(store, async (tx) => {
    await tx.saveDocument(document);
    await tx.saveDocument({ ...document, version: '2', body: {} });
    await tx.saveDocument({ ...document, kind: 'roster', body: [] });
  });
  await store.snapshot(async (reader) => {
    expect(await reader.document('policy', 'h')).toEqual({ ...document, body: { rules: [1e21, null, ''] } });
    expect(await reader.document('roster', 'h')).toEqual({ ...document, kind: 'roster', body: [] });
    expect(await reader.document('slas', 'h')).toBeNull();
  });
});

test('R4 credits of pools are what was saved last', async () => {
  const store = open();
  const credit = (assigned: number) => ({
    epoch: 2,
    unitsPerLead: '2',
    members: { ann: { weight: '1/3', units: '2', assigned, entitledUnits: '7' } },
  });
  await inOne(store, async (tx) => {
    await tx.saveCredit('emea', credit(1));
    await tx.saveCredit('emea', credit(2));
    await tx.saveCredit('apac', credit(3));
  });
  expect(await store.snapshot((reader) => reader.credits(['emea', 'none']))).toEqual({ emea: credit(2) });
  expect(await store.snapshot((reader) => reader.credits([]))).toEqual({});
});

test('R2 clocks: of a lead by their start, open ones by when they are due, counts of those that stand and have ended since', async () => {
  const store = open();
  const ms = (place: number) => Date.parse(minute(place));
  const rows = [
    aClock('second', { startedAtMs: ms(2), deadlineMs: ms(5) }),
    aClock('first', { startedAtMs: ms(1), deadlineMs: ms(9), state: 'breached' }),
    aClock('never', { startedAtMs: ms(3), deadlineMs: null }, 'other'),
    aClock('old', { ...metAt(minute(1)), startedAtMs: ms(4) }, 'other'),
    aClock('new', { ...metAt(minute(2)), startedAtMs: ms(5) }, 'other'),
  ];
  const [second, first, never] = rows;
  await inOne(store, async (tx) => {
    await tx.saveClock(aClock('second', { revision: 7 }, 'elsewhere'));
    for (const row of rows) await tx.saveClock(row);
  });
  await store.snapshot(async (reader) => {
    expect(await reader.clocksOf('lead')).toEqual([first, second]);
    expect(await reader.openClocks(10)).toEqual([second, first, never]);
    expect(await reader.openClocks(1)).toEqual([second]);
    expect(await reader.clockCounts({ since: minute(2), now: NOW })).toEqual([
      { slaId: 'pql', state: 'breached', outcome: null, count: 1, atRisk: 0 },
      { slaId: 'pql', state: 'met', outcome: 'met', count: 1, atRisk: 0 },
      { slaId: 'pql', state: 'running', outcome: null, count: 2, atRisk: 2 },
    ]);
  });
});

test('R2 the database itself refuses a clock that has ended without an outcome, one that runs with one, and one that is due when it has ended', async () => {
  const store = open();
  const { outcome } = metAt(NOW);
  for (const wrong of [aClock('c', { state: 'met' }), aClock('c', { outcome }), { ...aClock('c', metAt(NOW)), dueAt: LATER }])
    await expect(inOne(store, (tx) => tx.saveClock(wrong))).rejects.toThrow('check');
});

test('R7 case 25 what a clock sets off is on record once by its key and lead, in order', async () => {
  const store = open();
  await inOne(store, async (tx) => {
    await tx.addSlaActions('lead', [anAction('z'), anAction('a'), anAction('z')]);
    await tx.addSlaActions('lead', [{ ...anAction('a'), lateMs: 5 }, anAction('m')]);
    await tx.addSlaActions('other', [anAction('a')]);
    await tx.addSlaActions('lead', []);
  });
  expect(await store.snapshot((reader) => reader.slaActions('lead'))).toEqual([anAction('z'), anAction('a'), anAction('m')]);
});

test('R8 case 24 a notice that is owed again stays as it is; it is owed until it is delivered', async () => {
  const store = open();
  const tried = aNotice('lead/offer/o', { triedSince: NOW });
  await inOne(store, async (tx) => {
    await tx.oweNotices([aNotice('lead/offer/o'), aNotice('lead/escalate/1', { owedSince: LATER, purpose: 'escalate' })]);
    await tx.saveNotice(tried);
    await tx.oweNotices([aNotice('lead/offer/o', { owedSince: LATER }), aNotice('lead/offer/o'), aNotice('other', { leadId: 'other' })]);
    await tx.oweNotices([]);
  });
  const owed = () => store.snapshot((reader) => reader.owedNotices('lead'));
  expect(await owed()).toEqual([tried, aNotice('lead/escalate/1', { owedSince: LATER, purpose: 'escalate' })]);
  const receipt = { channel: 'slack', conversation: 'D1', message: '17.5', wasThere: false } as const;
  const delivered = { ...tried, deliveredAt: LATER, receipt };
  await inOne(store, (tx) => tx.saveNotice(delivered));
  expect((await owed()).map(({ noticeId }) => noticeId)).toEqual(['lead/escalate/1']);
  expect(await store.snapshot((reader) => reader.notice('lead/offer/o'))).toEqual(delivered);
  expect(await store.snapshot((reader) => reader.notice('none'))).toBeNull();
  await expect(inOne(store, (tx) => tx.saveNotice({ ...delivered, deliveredAt: null }))).rejects.toThrow('check');
});

test('what stands open is counted: leads by state, notices with the oldest of them, writes', async () => {
  const store = open();
  await inOne(store, async (tx) => {
    await tx.saveLead(aLead('one', { accountId: 'a' }));
    await tx.saveLead(aLead('two', { accountId: 'b', state: 'escalated', escalatedTo: 'maria' }));
    await tx.saveLead(aLead('three', { accountId: 'c', state: 'closed', closedAt: NOW, closeReason: 'lost' }));
    await tx.oweNotices([
      aNotice('n-1', { owedSince: minute(2) }),
      aNotice('n-2', { owedSince: minute(1) }),
      aNotice('n-3', { owedSince: minute(0), deliveredAt: minute(1) }),
    ]);
    await tx.oweWrite(aCrmWrite('open', { startedAt: NOW }));
    for (const place of [4, 3]) await tx.saveClock(aClock(`due-${place}`, { deadlineMs: Date.parse(minute(place)) }));
    await tx.saveClock(aClock('ended', metAt(NOW)));
    await tx.oweWrite(aCrmWrite('ended', { startedAt: NOW, end: 'committed' }));
  });
  expect(await store.snapshot((reader) => reader.standing())).toEqual({
    ...{ owedNotices: 2, oldestOwedAt: minute(1), openWrites: 1, oldestDueAt: minute(3) },
    leads: {
      followed: 0,
      deciding: 0,
      offered: 0,
      escalated: 1,
      accepted: 0,
      [(await store.snapshot((reader) => reader.lead('one')))?.state ?? '']: 1,
    },
  });
});

test('a write to the CRM is owed once, and open until its change set has ended', async () => {
  const store = open();
  await inOne(store, async (tx) => {
    await tx.oweWrite(aCrmWrite('one'));
    await tx.oweWrite(aCrmWrite('one', { motion: null, owedSince: LATER }));
    await tx.oweWrite(aCrmWrite('two', { motion: null, owedSince: LATER }));
  });
  const stillOpen = () => store.snapshot((reader) => reader.openWrites('lead'));
  expect(await stillOpen()).toEqual([aCrmWrite('one'), aCrmWrite('two', { motion: null, owedSince: LATER })]);
  await inOne(store, async (tx) => {
    await tx.saveWrite(aCrmWrite('one', { startedAt: NOW }));
    await tx.oweWrite(aCrmWrite('one'));
  });
  expect(await stillOpen()).toHaveLength(2);
  await inOne(store, (tx) => tx.saveWrite(aCrmWrite('one', { startedAt: NOW, end: 'committed' })));
  expect((await stillOpen()).map(({ changeSetId }) => changeSetId)).toEqual(['two']);
  expect(await store.snapshot((reader) => reader.crmWrite('one'))).toEqual(aCrmWrite('one', { startedAt: NOW, end: 'committed' }));
  expect(await store.snapshot((reader) => reader.crmWrite('none'))).toBeNull();
});

test('18 members whom the CRM does not take as owners', async () => {
  const store = open();
  expect(await store.snapshot((reader) => reader.inactiveOwners(NOW))).toEqual(new Set());
  await inOne(store, async (tx) => {
    await tx.markInactiveOwner('zoe', NOW);
    await tx.markInactiveOwner('ann', NOW);
    await tx.markInactiveOwner('zoe', LATER);
  });
  expect(await store.snapshot((reader) => reader.inactiveOwners(NOW))).toEqual(new Set(['ann', 'zoe']));
  expect(await store.snapshot((reader) => reader.inactiveOwners(LATER))).toEqual(new Set(['zoe']));
});

test('no entry, no write: the audit log is appended to in the same transaction or nothing is saved', async () => {
  const workspaceId = database.workspaceId();
  const store = createRoutingStore({ pool: database.pool, workspaceId });
  const log = createAuditLog({ pool: database.pool, workspaceId });
  await inOne(store, async (tx) => {
    await tx.saveLead(aLead('l'));
    await tx.appendAudit([anEntry(0)]);
  });
  const refused = inOne(store, async (tx) => {
    await tx.saveLead(aLead('m'));
    await tx.appendAudit([{ ...anEntry(1), action: 'a person, in prose' }]).catch(() => undefined);
  });
  await expect(refused).rejects.toThrow(InvalidEntry);
  expect(await log.size()).toBe(1);
  expect(await store.snapshot((reader) => reader.lead('m'))).toBeNull();
});

test.each<[string, string, (store: RoutingStore) => Promise<void>]>([
  ['saveLead', 'leads[0].source', (store) => inOne(store, (tx) => tx.saveLead(aLead('l', { source: 'a\0' })))],
  ['addDecision', 'decisions[0].leadId', (store) => inOne(store, (tx) => tx.addDecision(aDecision('d', { leadId: '\ud83d' })))],
  ['saveDocument', 'documents[0].body.a', (store) => inOne(store, (tx) => tx.saveDocument(documentOf({ a: '\ude00' })))],
  ['oweNotices', 'notices[1].noticeId', (store) => inOne(store, (tx) => tx.oweNotices([aNotice('n'), aNotice('\0')]))],
  ['replaceAbsences', 'absences[0].reason', (store) => inOne(store, (tx) => tx.replaceAbsences('ann', 'ics', [absent('\0')]))],
  ['replaceAbsences', 'feed.memberId', (store) => inOne(store, (tx) => tx.replaceAbsences('\0', 'ics', []))],
  ['markInactiveOwner', 'owner', (store) => inOne(store, (tx) => tx.markInactiveOwner('\0', NOW))],
])('I04 %s refuses text that cannot be stored at %s', async (_name, place, save) => {
  const refusal = save(open());
  await expect(refusal).rejects.toThrow(UnstorableText);
  await expect(refusal).rejects.toThrow(place);
});

function documentOf(body: unknown) {
  return { kind: 'policy', hash: 'h', version: '1', body } as const;
}

function absent(reason: string) {
  return { id: 'x', fromIso: NOW, toIso: LATER, reason };
}
