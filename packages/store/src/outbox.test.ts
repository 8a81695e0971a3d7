import type { Lane, OutboxRow, Store } from '@lockstep/domain/sync/store.port.ts';
import { describe, expect, test } from 'vitest';
import { aWrite, latch, NOW, run, useTestStore } from './testing.ts';

const database = useTestStore();
const LATER = '2026-11-24T10:00:00.000Z';

const owe = (store: Store, ...itemIds: string[]) =>
  run(store, (tx) =>
    tx.oweWrites(
      itemIds.map((itemId) => aWrite(itemId)),
      NOW,
    ),
  );
const claim = (store: Store, limit = 100, now = NOW) => run(store, (tx) => tx.claimWrites('jira', limit, now));
const all = (store: Store) => store.snapshot((tx) => tx.outbox({ limit: 100 }));
const ids = (rows: readonly OutboxRow[]) => rows.map((row) => row.itemId);
const failure = { code: 'Transient', message: 'no answer' };

async function only(store: Store): Promise<OutboxRow> {
  const rows = await all(store);
  if (rows[0] === undefined || rows.length > 1) throw new Error(`outbox: expected one row, got ${rows.length}`);
  return rows[0];
}

describe('owing', () => {
  test('E05 a write is on record as owed before anything is sent', async () => {
    const store = database.store();
    await run(store, (tx) => tx.oweWrites([aWrite('a', { depth: 2, lane: 'live', operation: 'remove' })], NOW));
    expect(await only(store)).toEqual({
      connectionId: 'jira',
      itemId: 'a',
      operation: 'remove',
      version: expect.any(Number) as number,
      depth: 2,
      lane: 'live',
      state: 'owed',
      attempts: 0,
      notBefore: null,
      error: null,
      owedSince: NOW,
    });
  });

  test('owed again: a newer version, the new operation, the more urgent lane, no memory of failures', async () => {
    const store = database.store();
    await run(store, (tx) => tx.oweWrites([aWrite('a', { lane: 'live' })], NOW));
    const before = await only(store);
    await claim(store);
    await run(store, (tx) => tx.returnWrites([{ ...before, state: 'owed', notBefore: LATER, countAttempt: true, error: failure }]));
    await run(store, (tx) => tx.oweWrites([aWrite('a', { lane: 'backfill', operation: 'remove', depth: 3 })], LATER));
    const after = await only(store);
    expect(after).toMatchObject({
      lane: 'live',
      operation: 'remove',
      depth: 3,
      state: 'owed',
      attempts: 0,
      error: null,
      notBefore: null,
      owedSince: NOW,
    });
    expect(after.version).toBeGreaterThan(before.version);
    await run(store, (tx) => tx.oweWrites([aWrite('a', { lane: 'person' })], LATER));
    expect(await only(store)).toMatchObject({ lane: 'person', operation: 'write' });
  });

  test('one call may owe a write twice: the last operation and the most urgent lane count', async () => {
    const store = database.store();
    const lanes: Lane[] = ['routine', 'person', 'backfill'];
    await run(store, (tx) => tx.oweWrites([...lanes.map((lane) => aWrite('a', { lane })), aWrite('a', { operation: 'remove' })], NOW));
    expect(await only(store)).toMatchObject({ lane: 'person', operation: 'remove' });
  });

  test('a parked write that is owed again is due at once', async () => {
    const store = database.store();
    await owe(store, 'a');
    const [row] = await claim(store);
    if (row === undefined) throw new Error('nothing claimed');
    await run(store, (tx) => tx.returnWrites([{ ...row, state: 'parked', notBefore: null, countAttempt: true, error: failure }]));
    expect(await claim(store)).toEqual([]);
    await run(store, (tx) => tx.oweWrites([aWrite('a')], LATER));
    expect(await claim(store)).toMatchObject([{ state: 'owed', owedSince: LATER, attempts: 0 }]);
  });
});

describe('claiming', () => {
  test('H01 the order is lane, depth, waiting time, id; the limit holds', async () => {
    const store = database.store();
    await run(store, (tx) =>
      tx.oweWrites(
        [
          aWrite('f', { lane: 'backfill' }),
          aWrite('e', { lane: 'routine' }),
          aWrite('d', { lane: 'live', depth: 1 }),
          aWrite('c', { lane: 'live' }),
          aWrite('b', { lane: 'live' }),
          aWrite('z', { lane: 'person', depth: 9 }),
          aWrite('other', { connectionId: 'notion', lane: 'person' }),
        ],
        LATER,
      ),
    );
    await run(store, (tx) => tx.oweWrites([aWrite('y', { lane: 'live' })], NOW));
    expect(ids(await claim(store, 3, LATER))).toEqual(['z', 'y', 'b']);
    await run(store, (tx) => tx.dropWrites('jira', ['z', 'y', 'b']));
    expect(ids(await claim(store, 100, LATER))).toEqual(['c', 'd', 'e', 'f']);
  });

  test('E06 rows left sending by a crash are claimed again and say so', async () => {
    const store = database.store();
    await owe(store, 'a');
    expect(await claim(store)).toMatchObject([{ itemId: 'a', state: 'owed' }]);
    expect(await only(store)).toMatchObject({ state: 'sending' });
    expect(await claim(store)).toMatchObject([{ itemId: 'a', state: 'sending' }]);
  });

  test('E03 two workers that claim at the same time never get the same row', async () => {
    const store = database.store();
    await owe(store, 'a', 'b', 'c', 'd', 'e');
    const [claimed, release] = [latch(), latch()];
    const first = run(store, async (tx) => {
      const rows = await tx.claimWrites('jira', 3, NOW);
      claimed.open();
      await release.opened;
      return rows;
    });
    await claimed.opened;
    const second = await claim(store);
    release.open();
    expect([ids(await first), ids(second)]).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
  });

  test('J01 a row that waits is not claimed before its instant', async () => {
    const store = database.store();
    await owe(store, 'a', 'b');
    const rows = await claim(store);
    const wait = { notBefore: '2026-11-24T09:30:00.000Z', countAttempt: false, error: null };
    await run(store, (tx) =>
      tx.returnWrites(rows.map((row) => ({ ...row, ...wait, state: row.itemId === 'a' ? ('owed' as const) : ('sending' as const) }))),
    );
    expect(await claim(store, 9, '2026-11-24T09:29:59.999Z')).toEqual([]);
    expect(await claim(store, 9, '2026-11-24T09:30:00.000Z')).toMatchObject([
      { itemId: 'a', state: 'owed' },
      { itemId: 'b', state: 'sending' },
    ]);
  });
});

describe('settling', () => {
  test('a settled write is gone', async () => {
    const store = database.store();
    await owe(store, 'a', 'b');
    const rows = await claim(store);
    await run(store, (tx) => tx.settleWrites(rows.slice(0, 1)));
    expect(ids(await all(store))).toEqual(['b']);
  });

  test('A06 a write that was owed again in flight goes back to owed instead', async () => {
    const store = database.store();
    await owe(store, 'a');
    const rows = await claim(store);
    await owe(store, 'a');
    const inFlight = await only(store);
    expect(inFlight).toMatchObject({ state: 'sending' });
    expect(inFlight.version).toBeGreaterThan(rows[0]?.version ?? Infinity);
    await run(store, (tx) => tx.settleWrites(rows));
    expect(await only(store)).toMatchObject({ state: 'owed', version: inFlight.version });
  });

  test('A06 … also when it is owed while the settling transaction waits for the row', async () => {
    const store = database.store();
    await owe(store, 'a');
    const rows = await claim(store);
    const [owed, release] = [latch(), latch()];
    const editing = run(store, async (tx) => {
      await tx.oweWrites([aWrite('a')], NOW);
      owed.open();
      await release.opened;
    });
    await owed.opened;
    const settling = run(store, (tx) => tx.settleWrites(rows));
    await database.blocked(1);
    release.open();
    await Promise.all([editing, settling]);
    expect(await only(store)).toMatchObject({ state: 'owed' });
  });

  test('E04 a late worker cannot settle a write that was owed anew after its own was settled', async () => {
    const store = database.store();
    await owe(store, 'a');
    const rows = await claim(store);
    await run(store, (tx) => tx.settleWrites(rows));
    await owe(store, 'a');
    await run(store, (tx) => tx.settleWrites(rows));
    expect(await only(store)).toMatchObject({ state: 'owed' });
  });

  test('of another connection or workspace nothing is settled', async () => {
    const [store, other] = [database.store(), database.store()];
    await owe(store, 'a');
    const rows = await claim(store);
    await run(other, (tx) => tx.settleWrites(rows));
    await run(store, (tx) => tx.settleWrites(rows.map((row) => ({ ...row, connectionId: 'notion' }))));
    expect(await only(store)).toMatchObject({ state: 'sending' });
  });
});

describe('returning', () => {
  test('K08 attempts grow only where they count, and the error is kept', async () => {
    const store = database.store();
    await owe(store, 'a', 'b');
    const rows = await claim(store);
    await run(store, (tx) =>
      tx.returnWrites(
        rows.map((row) => ({
          ...row,
          state: 'owed',
          notBefore: null,
          countAttempt: row.itemId === 'a',
          error: row.itemId === 'a' ? failure : null,
        })),
      ),
    );
    expect(await all(store)).toMatchObject([
      { itemId: 'a', attempts: 1, error: failure, state: 'owed' },
      { itemId: 'b', attempts: 0, error: null, state: 'owed' },
    ]);
  });

  test('a row that is not claimed any more is left alone', async () => {
    const store = database.store();
    await owe(store, 'a');
    const rows = await claim(store);
    await run(store, (tx) => tx.settleWrites(rows));
    await owe(store, 'a');
    await run(store, (tx) =>
      tx.returnWrites(rows.map((row) => ({ ...row, state: 'parked', notBefore: null, countAttempt: true, error: failure }))),
    );
    expect(await only(store)).toMatchObject({ state: 'owed', attempts: 0 });
  });
});

test('dropped writes are gone, at that connection only', async () => {
  const store = database.store();
  await run(store, (tx) => tx.oweWrites([aWrite('a'), aWrite('a', { connectionId: 'notion' }), aWrite('b')], NOW));
  await run(store, (tx) => tx.dropWrites('jira', ['a', 'unknown']));
  expect((await all(store)).map((row) => `${row.itemId} ${row.connectionId}`)).toEqual(['a notion', 'b jira']);
});

test('the outbox is read by connection, items, state and page; a page never ends within an item', async () => {
  const store = database.store();
  await run(store, (tx) =>
    tx.oweWrites(
      ['a', 'b', 'c'].flatMap((itemId) => [aWrite(itemId), aWrite(itemId, { connectionId: 'notion' })]),
      NOW,
    ),
  );
  await claim(store, 1);
  const read = (request: Partial<Parameters<Parameters<Parameters<Store['snapshot']>[0]>[0]['outbox']>[0]>) =>
    store.snapshot(async (tx) => (await tx.outbox({ limit: 100, ...request })).map((row) => `${row.itemId} ${row.connectionId}`).sort());
  expect(await read({ connectionId: 'jira', limit: 2 })).toEqual(['a jira', 'b jira']);
  expect(await read({ connectionId: 'jira', after: 'b' })).toEqual(['c jira']);
  expect(await read({ itemIds: ['c', 'x'] })).toEqual(['c jira', 'c notion']);
  expect(await read({ state: 'sending' })).toEqual(['a jira']);
  expect(await read({ limit: 1 })).toEqual(['a jira', 'a notion']);
});
