/** What holds for every method of the store of routing: the workspace, the round trips, and the indexes that it goes by where tables grow. */
import { anEntry } from '@lockstep/domain/audit/entry.fixture.ts';
import type { RoutingReader, RoutingStore, RoutingTransaction } from '@lockstep/domain/routing/routing-store.port.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  aClock,
  aCrmWrite,
  aDecision,
  aLead,
  anAccount,
  anAction,
  aNotice,
  anOffer,
  aStageRow,
  delivered,
  inOne,
  LATER,
  LONG_AGO,
} from './routing.fixture.ts';
import { createRoutingStore } from './routing-store.ts';
import { NOW, recordStatements, useTestStore } from './testing.ts';
import type { Statement } from './testing.ts';

const database = useTestStore();
const many = Array.from({ length: 150 }, (_, place) => `new-${place}`);
const contact = (recordId: string) => ({ connectionId: 'crm', object: 'contacts', recordId });
const absence = (id: string) => ({ id, fromIso: NOW, toIso: LATER, reason: 'ABSENT' });

/** Every method that reads, with what a workspace in which nothing has happened answers. */
const READS: {
  readonly [Name in keyof RoutingReader]: { readonly call: (tx: RoutingReader) => Promise<unknown>; readonly empty: unknown };
} = {
  account: { call: (tx) => tx.account('a'), empty: null },
  events: { call: (tx) => tx.events('a', { since: LONG_AGO, limit: 1_000 }), empty: [] },
  eventsBefore: { call: (tx) => tx.eventsBefore('a', { since: LONG_AGO, before: LATER, limit: 1_000 }), empty: [] },
  lead: { call: (tx) => tx.lead('lead'), empty: null },
  leadsOf: { call: (tx) => tx.leadsOf('a'), empty: [] },
  leads: {
    call: (tx) => tx.leads({ states: ['followed', 'deciding', 'offered', 'escalated', 'accepted', 'closed'], limit: 10 }),
    empty: [],
  },
  offer: { call: (tx) => tx.offer('offer'), empty: null },
  offersOf: { call: (tx) => tx.offersOf('lead'), empty: [] },
  decisionsOf: { call: (tx) => tx.decisionsOf('lead'), empty: [] },
  decisions: { call: (tx) => tx.decisions({ from: LONG_AGO, to: LATER, after: null, limit: 10 }), empty: [] },
  pastLeads: { call: (tx) => tx.pastLeads({ from: LONG_AGO, to: LATER, after: null, limit: 10 }), empty: [] },
  document: { call: (tx) => tx.document('policy', 'h'), empty: null },
  clocksOf: { call: (tx) => tx.clocksOf('lead'), empty: [] },
  openClocks: { call: (tx) => tx.openClocks(10), empty: [] },
  clockCounts: { call: (tx) => tx.clockCounts({ since: LONG_AGO, now: NOW }), empty: [] },
  openLeads: { call: (tx) => tx.openLeads(['ann', ...many]), empty: new Map() },
  credits: { call: (tx) => tx.credits(['emea', ...many]), empty: {} },
  absences: { call: (tx) => tx.absences(['ann', ...many], LONG_AGO), empty: new Map() },
  inactiveOwners: { call: (tx) => tx.inactiveOwners(NOW), empty: new Set() },
  notice: { call: (tx) => tx.notice('new-0'), empty: null },
  owedNotices: { call: (tx) => tx.owedNotices('lead'), empty: [] },
  openWrites: { call: (tx) => tx.openWrites('lead'), empty: [] },
  crmWrite: { call: (tx) => tx.crmWrite('set'), empty: null },
  openAccounts: { call: (tx) => tx.openAccounts({ after: null, limit: 10 }), empty: [] },
  accountsOfMembers: { call: (tx) => tx.accountsOfMembers(['ann', ...many]), empty: [] },
  standing: {
    call: (tx) => tx.standing(),
    empty: {
      leads: { followed: 0, deciding: 0, offered: 0, escalated: 0, accepted: 0 },
      owedNotices: 0,
      oldestOwedAt: null,
      openWrites: 0,
      oldestDueAt: null,
    },
  },
  slaActions: { call: (tx) => tx.slaActions('lead'), empty: [] },
  accountsOfRecords: { call: (tx) => tx.accountsOfRecords(many.map(contact)), empty: [] },
  stagesOf: { call: (tx) => tx.stagesOf('a'), empty: [] },
  stageRows: { call: (tx) => tx.stageRows(many.map(contact)), empty: [] },
  stageCursor: { call: (tx) => tx.stageCursor('crm'), empty: null },
};

type Write = Exclude<keyof RoutingTransaction, keyof RoutingReader>;

/** Every method that writes, lists with 150 rows, and its round trips; after them, each of the reads finds something. */
const WRITES: { readonly [Name in Write]: { readonly call: (tx: RoutingTransaction) => Promise<unknown>; readonly trips: number } } = {
  lockAccount: { call: (tx) => tx.lockAccount('a'), trips: 1 },
  lockRoster: { call: (tx) => tx.lockRoster(), trips: 1 },
  acceptEvents: { call: (tx) => tx.acceptEvents(many.map((messageId) => delivered({ messageId }))), trips: 2 },
  saveAccount: { call: (tx) => tx.saveAccount(anAccount('a')), trips: 1 },
  lockStages: { call: (tx) => tx.lockStages(), trips: 1 },
  saveStages: { call: (tx) => tx.saveStages(many.map((id) => aStageRow(contact(id)))), trips: 1 },
  saveStageCursor: { call: (tx) => tx.saveStageCursor('crm', 'there', NOW), trips: 1 },
  markUnseen: { call: (tx) => tx.markUnseen(['a', ...many]), trips: 1 },
  saveLead: { call: (tx) => tx.saveLead(aLead('lead', { accountId: 'a' })), trips: 1 },
  saveOffer: { call: (tx) => tx.saveOffer(anOffer('offer', { leadId: 'lead' })), trips: 1 },
  addDecision: { call: (tx) => tx.addDecision(aDecision('decision', { leadId: 'lead' })), trips: 1 },
  saveDocument: { call: (tx) => tx.saveDocument({ kind: 'policy', hash: 'h', version: '1', body: {} }), trips: 1 },
  saveCredit: { call: (tx) => tx.saveCredit('emea', { epoch: 1, unitsPerLead: '1', members: {} }), trips: 1 },
  saveClock: { call: (tx) => tx.saveClock(aClock('clock')), trips: 1 },
  addSlaActions: { call: (tx) => tx.addSlaActions('lead', many.map(anAction)), trips: 1 },
  oweNotices: { call: (tx) => tx.oweNotices(many.map((id) => aNotice(id, { deliveredAt: NOW }))), trips: 1 },
  saveNotice: { call: (tx) => tx.saveNotice(aNotice('new-0')), trips: 1 },
  oweWrite: { call: (tx) => tx.oweWrite(aCrmWrite('set')), trips: 1 },
  saveWrite: { call: (tx) => tx.saveWrite(aCrmWrite('another set', { startedAt: NOW, end: 'committed' })), trips: 1 },
  replaceAbsences: { call: (tx) => tx.replaceAbsences('ann', 'ics', many.map(absence)), trips: 2 },
  markInactiveOwner: { call: (tx) => tx.markInactiveOwner('ann', NOW), trips: 1 },
  appendAudit: { call: (tx) => tx.appendAudit(many.map((_, place) => anEntry(place))), trips: 2 },
};

async function fill(store: RoutingStore): Promise<void> {
  await inOne(store, async (tx) => {
    for (const { call } of Object.values(WRITES)) await call(tx);
  });
}

/** Text that names the workspace: itself, or the name of a lock within it. */
const names = ({ parameters }: Statement, workspaceId: string): boolean =>
  parameters.some((value) => value === workspaceId || (typeof value === 'string' && value.startsWith(`lockstep ${workspaceId} `)));

test.each(Object.entries(WRITES))(
  'every statement names the workspace, any number of rows in few round trips: %s',
  async (_name, { call, trips }) => {
    const recording = recordStatements(database.pool);
    const workspaceId = database.workspaceId();
    await inOne(createRoutingStore({ pool: recording.pool, workspaceId }), call);
    expect(recording.statements.map((statement) => names(statement, workspaceId))).toEqual(Array.from({ length: trips }, () => true));
  },
);

test.each(Object.entries(READS))('every statement names the workspace, one round trip: %s', async (_name, { call }) => {
  const recording = recordStatements(database.pool);
  const workspaceId = database.workspaceId();
  await createRoutingStore({ pool: recording.pool, workspaceId }).snapshot(call);
  expect(recording.statements.map((statement) => names(statement, workspaceId))).toEqual([true]);
});

test('workspaces do not see each other, and what is in one is not in the way of the other', async () => {
  const [one, other] = [database.workspaceId(), database.workspaceId()].map((workspaceId) =>
    createRoutingStore({ pool: database.pool, workspaceId }),
  );
  if (one === undefined || other === undefined) throw new Error('workspaces: expected two');
  await fill(one);
  for (const [name, { call, empty }] of Object.entries(READS)) {
    expect(await other.snapshot(call), name).toEqual(empty);
    expect(await one.snapshot(call), name).not.toEqual(empty);
  }
  await fill(other);
});

describe('where tables grow', () => {
  const EVENTS = 10_000;
  const ROWS = 3_000;
  let store: RoutingStore;
  let statements: Statement[];

  beforeAll(async () => {
    const recording = recordStatements(database.pool);
    statements = recording.statements;
    store = createRoutingStore({ pool: recording.pool, workspaceId: database.workspaceId() });
    for (let first = 0; first < EVENTS; first += 1_000) {
      const batch = Array.from({ length: 1_000 }, (_, offset) => eventAt(first + offset));
      await inOne(store, (tx) => tx.acceptEvents(batch));
    }
    await inOne(store, async (tx) => {
      for (let place = 0; place < ROWS; place += 1) await saveRow(tx, place);
    });
    await database.pool.query('analyze');
  });

  const secondsOn = (place: number) => new Date(Date.parse(NOW) + place * 1_000).toISOString();
  function eventAt(place: number): ReturnType<typeof delivered> {
    const type = place % 10 > 0 ? 'track' : 'identify';
    const values = { plan: 'free', [`trait-${place % 970}`]: place };
    return delivered({ messageId: `m${place}`, type, occurredAt: secondsOn(place), values }, anAccount(`a${Math.floor(place / 10) % 200}`));
  }
  async function saveRow(tx: RoutingTransaction, place: number): Promise<void> {
    const leadId = `l${place}`;
    const times = { openedAt: secondsOn(place), closedAt: NOW, closeReason: 'won' as const };
    await tx.saveLead(aLead(leadId, { accountId: `a${place % 200}`, state: 'closed', ...times }));
    await tx.saveOffer(anOffer(`o${place}`, { leadId, memberId: `member-${place % 500}` }));
    await tx.saveClock(aClock(`c${place}`, { deadlineMs: Date.parse(secondsOn(place)) }, leadId));
    await tx.addDecision(aDecision(`d${place}`, { leadId, decidedAt: secondsOn(place) }));
    await tx.oweNotices([aNotice(`n${place}`, { leadId, deliveredAt: place % 100 > 0 ? NOW : null })]);
    const related = [{ connectionId: 'crm', object: 'companies', recordId: `c${place % 500}` }];
    await tx.saveStages([aStageRow(contact(`r${place}`), { mailAccountId: `a${place % 200}`, related })]);
    await tx.oweWrite(aCrmWrite(`s${place}`, { leadId, startedAt: NOW, end: place % 100 > 0 ? 'committed' : null }));
  }

  test.each<[string, (tx: RoutingTransaction) => Promise<unknown>, readonly string[]]>([
    [
      'eventsBefore',
      (tx) => tx.eventsBefore('a7', { since: secondsOn(9_000), before: secondsOn(9_500), limit: 50 }),
      ['product_events_of_account'],
    ],
    ['events', (tx) => tx.events('a7', { since: secondsOn(9_000), limit: 50 }), ['product_events_of_account', 'product_events_pkey']],
    ['leadsOf', (tx) => tx.leadsOf('a7'), ['leads_by_account']],
    ['leads', (tx) => tx.leads({ states: ['offered', 'closed'], limit: 50 }), ['leads_by_state']],
    ['offersOf', (tx) => tx.offersOf('l7'), ['lead_offers_of']],
    ['openLeads', (tx) => tx.openLeads(['member-7']), ['lead_offers_held_by']],
    ['accountsOfMembers', (tx) => tx.accountsOfMembers(['member-7']), ['lead_offers_held_by']],
    ['openAccounts', (tx) => tx.openAccounts({ after: 'a1', limit: 50 }), ['leads_one_open', 'lead_notices_owed', 'lead_writes_open']],
    ['openWrites', (tx) => tx.openWrites('l7'), ['lead_writes_open']],
    ['decisionsOf', (tx) => tx.decisionsOf('l7'), ['routing_decisions_of']],
    [
      'decisions',
      (tx) => tx.decisions({ from: secondsOn(100), to: secondsOn(200), after: 'd150', limit: 10 }),
      ['routing_decisions_in_order', 'routing_decisions_pkey'],
    ],
    ['stagesOf', (tx) => tx.stagesOf('a7'), ['crm_stages_by_mail', 'crm_stage_links_to', 'crm_stages_by_key']],
    ['accountsOfRecords', (tx) => tx.accountsOfRecords([contact('r7')]), ['crm_stage_links_pkey', 'crm_stages_by_key']],
    ['stageRows', (tx) => tx.stageRows([contact('r7')]), ['crm_stages_by_key']],
    [
      'pastLeads',
      (tx) => tx.pastLeads({ from: secondsOn(100), to: secondsOn(200), after: 'd150', limit: 10 }),
      ['routing_decisions_in_order', 'lead_offers_of', 'lead_clocks_of', 'sla_actions'],
    ],
    ['clocksOf', (tx) => tx.clocksOf('l7'), ['lead_clocks_of']],
    ['openClocks', (tx) => tx.openClocks(50), ['lead_clocks_due']],
    ['owedNotices', (tx) => tx.owedNotices('l7'), ['lead_notices_owed']],
    ['standing', (tx) => tx.standing(), ['leads_one_open', 'lead_notices_owed', 'lead_writes_open', 'lead_clocks_due']],
  ])('%s goes by an index', async (_name, call, indexes) => {
    statements.length = 0;
    await inOne(store, call);
    const [statement] = statements;
    const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(`explain ${statement?.sql ?? ''}`, [
      ...(statement?.parameters ?? []),
    ]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    for (const index of indexes) expect(plan).toContain(index);
    // Accounts and their traits are few here, and the planner reads few rows as they lie.
    expect(plan).not.toMatch(/Seq Scan on (product_events|lead|routing_decisions|crm_stage)/);
  });
});
