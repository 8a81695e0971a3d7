/** Evidence on a real PostgreSQL: a message has one effect, however, whenever and with whom it is delivered. */
import type { RoutingStore } from '@lockstep/domain/routing/routing-store.port.ts';
import { expect, test } from 'vitest';
import { anAccount, delivered, inOne, LATER, LONG_AGO } from './routing.fixture.ts';
import { createRoutingStore } from './routing-store.ts';
import { UnstorableText } from './storable.ts';
import { latch, NOW, recordStatements, useTestStore } from './testing.ts';

const database = useTestStore();
const storeOf = (workspaceId: string): RoutingStore => createRoutingStore({ pool: database.pool, workspaceId });
const open = (): RoutingStore => storeOf(database.workspaceId());
const accept = (store: RoutingStore, ...events: readonly ReturnType<typeof delivered>[]) => inOne(store, (tx) => tx.acceptEvents(events));
const evidence = (store: RoutingStore, limit = 100, since = LONG_AGO) => store.snapshot((reader) => reader.events('a', { since, limit }));
const idsOf = async (store: RoutingStore, limit = 100, since = LONG_AGO) =>
  (await evidence(store, limit, since)).map(({ messageId }) => messageId);

async function duplicatesOf(workspaceId: string, messageId: string): Promise<number> {
  const counted = 'select count(*) as count from lockstep.product_event_duplicates where workspace_id = $1 and message_id = $2';
  return (await database.pool.query<{ count: number }>(counted, [workspaceId, messageId])).rows[0]?.count ?? 0;
}

/** An account as it is answered, after however many deliveries. */
const shown = (accountId: string) => ({ ...anAccount(accountId), evidenceVersion: expect.any(Number) as number });

test('R7 case 12 ten deliveries of one event over a day: one row, one account to wake, nine records', async () => {
  const workspaceId = database.workspaceId();
  const store = storeOf(workspaceId);
  const accepted = [];
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const receivedAt = new Date(Date.parse(NOW) + attempt * 8_640_000).toISOString();
    accepted.push(await accept(store, delivered({ messageId: 'm', occurredAt: NOW, receivedAt })));
  }
  expect(accepted[0]).toEqual({ accounts: [shown('a')], fresh: 1, duplicates: 0 });
  for (const later of accepted.slice(1)) expect(later).toEqual({ accounts: [], fresh: 0, duplicates: 1 });
  expect(await evidence(store)).toEqual([delivered({ messageId: 'm', occurredAt: NOW, receivedAt: NOW }).event]);
  expect(await duplicatesOf(workspaceId, 'm')).toBe(9);
});

test('R7 case 12 ten deliveries at once, and two in one batch: one is fresh, every other one is on record', async () => {
  const workspaceId = database.workspaceId();
  const store = storeOf(workspaceId);
  const accepted = await Promise.all(Array.from({ length: 10 }, () => accept(store, delivered({ messageId: 'm' }))));
  expect(accepted.filter(({ fresh }) => fresh === 1)).toHaveLength(1);
  expect(accepted.filter(({ duplicates }) => duplicates === 1)).toHaveLength(9);
  expect(await duplicatesOf(workspaceId, 'm')).toBe(9);
  const twice = await accept(store, delivered({ messageId: 'n' }), delivered({ messageId: 'o' }), delivered({ messageId: 'n' }));
  expect(twice).toEqual({ accounts: [shown('a')], fresh: 2, duplicates: 1 });
  expect(await duplicatesOf(workspaceId, 'n')).toBe(1);
  expect(await idsOf(store)).toEqual(['m', 'n', 'o']);
});

test.each([
  { outcome: 'commits', fresh: 0 },
  { outcome: 'fails', fresh: 1 },
])(
  'R7 12 a delivery that comes while the first is stored waits for it: if that one $outcome, fresh is $fresh',
  async ({ outcome, fresh }) => {
    const store = open();
    const [stored, release] = [latch(), latch()];
    const first = inOne(store, async (tx) => {
      await tx.acceptEvents([delivered({ messageId: 'm' })]);
      stored.open();
      await release.opened;
      if (outcome === 'fails') throw new Error('killed');
    }).catch((error: Error) => error.message);
    await stored.opened;
    const second = accept(store, delivered({ messageId: 'm' }));
    await database.blocked(1);
    release.open();
    expect(await first).toBe(outcome === 'fails' ? 'killed' : undefined);
    expect(await second).toEqual({ accounts: fresh === 1 ? [shown('a')] : [], fresh, duplicates: 1 - fresh });
    expect(await idsOf(store)).toEqual(['m']);
  },
);

test('R7 case 12 batches that hold the same messages in other orders do not end each other', async () => {
  const store = open();
  const batch = Array.from({ length: 50 }, (_, place) => delivered({ messageId: `m${place}` }, anAccount(`a${place % 7}`)));
  const accepted = await Promise.all([batch, batch.toReversed(), batch, batch.toReversed()].map((events) => accept(store, ...events)));
  expect(accepted.reduce((sum, { fresh }) => sum + fresh, 0)).toBe(50);
  expect(accepted.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(150);
});

test('R7 case 29 a live copy takes the place of an imported one and wakes its account; a later or an imported copy changes nothing', async () => {
  const store = open();
  const copy = (minute: number, isBackfill = false) =>
    delivered({ messageId: 'm', occurredAt: `2026-10-01T00:0${minute}:00.000Z`, receivedAt: LATER, isBackfill });
  await accept(store, copy(1, true));
  expect(await accept(store, copy(5))).toEqual({ accounts: [shown('a')], fresh: 0, duplicates: 1 });
  expect(await accept(store, copy(0, true), copy(6))).toEqual({ accounts: [], fresh: 0, duplicates: 2 });
  expect(await evidence(store)).toEqual([copy(5).event]);
});

test('a copy that names another account moves the event there', async () => {
  const store = open();
  await accept(store, delivered({ messageId: 'm', type: 'identify', values: { plan: 'free' }, isBackfill: true }));
  const live = delivered({ messageId: 'm', type: 'identify', values: { plan: 'free' } }, anAccount('b'));
  expect((await accept(store, live)).accounts).toEqual([shown('b')]);
  expect(await evidence(store)).toEqual([]);
  expect(await store.snapshot((reader) => reader.events('b', { since: LONG_AGO, limit: 9 }))).toEqual([live.event]);
});

test('accounts: what is known of one stays when new evidence comes, and comes with it', async () => {
  const store = open();
  const match = { kind: 'matched', accountId: '42', reason: 'DOMAIN', narrowedBy: null } as const;
  const known = anAccount('a', { record: { connectionId: 'hubspot', object: 'companies', recordId: '42' }, match });
  expect(await store.snapshot((reader) => reader.account('a'))).toBeNull();
  await accept(store, delivered({ messageId: 'm' }));
  await inOne(store, (tx) => tx.saveAccount(known));
  const second = await accept(store, delivered({ messageId: 'n' }), delivered({ messageId: 'o' }, anAccount('b')));
  expect(second).toEqual({ accounts: [{ ...known, evidenceVersion: expect.any(Number) }, shown('b')], fresh: 2, duplicates: 0 });
  expect(await store.snapshot((reader) => reader.account('a'))).toEqual({ ...known, evidenceVersion: 2 });
});

test('events: the newest tracks since an instant, and the latest word on each trait whatever its age and however many tracks there are', async () => {
  const store = open();
  const on = (day: number) => `2026-10-${String(day).padStart(2, '0')}T00:00:00.000Z`;
  const said = (messageId: string, day: number, values: Record<string, string>, type: 'identify' | 'group' = 'identify') =>
    delivered({ messageId, type, values, occurredAt: on(day) });
  // The newest first: what is older must not take its place.
  await accept(store, said('i3', 3, { plan: 'team' }), delivered({ messageId: 't9', occurredAt: on(9) }));
  await accept(
    store,
    said('i1', 1, { plan: 'free', country: 'DE' }),
    said('i2', 2, { plan: 'free' }),
    said('g1', 1, { plan: 'x' }, 'group'),
  );
  await accept(store, ...[5, 6, 7, 8].map((day) => delivered({ messageId: `t${day}`, occurredAt: on(day) })));
  expect(await idsOf(store, 2, on(6))).toEqual(['g1', 'i1', 'i3', 't8', 't9']);
  expect(await idsOf(store, 9, on(7))).toEqual(['g1', 'i1', 'i3', 't7', 't8', 't9']);
  // A copy that happened earlier loses the last word to the event that is now the latest; its other traits stay.
  await accept(store, said('i3', 1, { plan: 'team', seats: '9' }));
  expect(await idsOf(store, 1, on(9))).toEqual(['g1', 'i1', 'i3', 'i2', 't9']);
  // And one that is later than that takes it back.
  await accept(store, said('i4', 2, { plan: 'scale' }));
  expect(await idsOf(store, 1, on(9))).toEqual(['g1', 'i1', 'i3', 'i4', 't9']);
});

test('29 a thousand events in two statements, with long trait names, large values and many accounts', async () => {
  const recording = recordStatements(database.pool);
  const store = createRoutingStore({ pool: recording.pool, workspaceId: database.workspaceId() });
  const trait = 'é'.repeat(5_000);
  const batch = Array.from({ length: 1_000 }, (_, place) => {
    const isTrack = place % 10 > 0;
    const values = isTrack ? { text: 'x'.repeat(200) } : { [trait]: 'y'.repeat(10_000) };
    return delivered({ messageId: `m${place}`, type: isTrack ? 'track' : 'identify', values }, anAccount(`a${place % 30}`));
  });
  const accepted = await accept(store, ...batch);
  expect([accepted.fresh, accepted.duplicates, accepted.accounts.length]).toEqual([1_000, 0, 30]);
  expect(recording.statements).toHaveLength(2);
  expect(await accept(store)).toEqual({ accounts: [], fresh: 0, duplicates: 0 });
  expect(recording.statements).toHaveLength(2);
});

test.each([
  ['U+0000 in a value', { values: { a: ['b\0'] } }, 'events[1].values.a[0]'],
  ['half a surrogate pair in a key', { values: { '\ud83d': 1 } }, 'events[1].values, a key'],
  ['U+0000 in an id', { messageId: 'm\0' }, 'events[1].messageId'],
])('I04 %s is refused by its place, and nothing of the batch is stored', async (_name, hostile, place) => {
  const store = open();
  const refusal = accept(store, delivered({ messageId: 'good' }), delivered({ messageId: 'bad', ...hostile }));
  await expect(refusal).rejects.toThrow(UnstorableText);
  await expect(refusal).rejects.toThrow(place);
  expect(await evidence(store)).toEqual([]);
});

test('I04 hostile text that can be stored comes back letter by letter', async () => {
  const store = open();
  const hostile = `'; drop table lockstep.leads; -- \\u0000 \u202e 👩‍👩‍👧 \u0001 __proto__`;
  const { account, event } = delivered({
    messageId: hostile,
    name: hostile,
    userId: hostile,
    values: { [hostile]: [hostile, { a: null }] },
  });
  await accept(store, { account, event });
  expect(await evidence(store)).toEqual([event]);
});
