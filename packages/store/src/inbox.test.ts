import type { Store } from '@lockstep/domain/sync/store.port.ts';
import { expect, test } from 'vitest';
import { latch, NOW, run, useTestStore } from './testing.ts';

const database = useTestStore();
const LATER = '2026-11-24T10:00:00.000Z';

const delivery = (deliveryId: string, ...remoteIds: string[]) => ({
  connectionId: 'jira',
  deliveryId,
  receivedAt: NOW,
  body: new TextEncoder().encode('{"a":"\0"}'),
  hints: remoteIds.map((remoteId) => ({ remoteId, deleted: false })),
});
const dirty = (store: Store, limit = 100) => run(store, (tx) => tx.dirtyRecords('jira', limit));
const dirtyIds = async (store: Store, limit = 100) => (await dirty(store, limit)).map((record) => record.remoteId);

test('C01 a delivery counts once, by its id and connection', async () => {
  const store = database.store();
  expect(await run(store, (tx) => tx.acceptDelivery(delivery('d1', '10')))).toBe(true);
  await run(store, async (tx) => tx.clearDirty('jira', await tx.dirtyRecords('jira', 9)));
  expect(await run(store, (tx) => tx.acceptDelivery(delivery('d1', '10', '11')))).toBe(false);
  expect(await dirty(store)).toEqual([]);
  expect(await run(store, (tx) => tx.acceptDelivery({ ...delivery('d1', '10'), connectionId: 'notion' }))).toBe(true);
  expect(await run(store, (tx) => tx.acceptDelivery(delivery('d2')))).toBe(true);
});

test('C01 C08 deliveries that come together are answered for one by one, and mark a record once', async () => {
  const store = database.store();
  await run(store, (tx) => tx.acceptDelivery(delivery('known', '1')));
  await run(store, async (tx) => tx.clearDirty('jira', await tx.dirtyRecords('jira', 9)));
  const gone = { ...delivery('gone'), hints: [{ remoteId: '10', deleted: true }] };
  const together = [delivery('known', '1'), delivery('a', '10', '11'), delivery('a', '10', '12'), gone, delivery('none')];
  expect(await run(store, (tx) => tx.acceptDeliveries([...together, { ...delivery('a', '13'), connectionId: 'notion' }]))).toEqual([
    ...[false, true, false, true, true],
    true,
  ]);
  const marked = (await dirty(store)).map(({ remoteId, deleted }) => [remoteId, deleted]);
  expect(marked.toSorted((one, other) => (one < other ? -1 : 1))).toEqual([
    ['10', true],
    ['11', false],
    ['12', false],
  ]);
});

test('C01 the raw body is kept byte for byte', async () => {
  const store = database.store();
  const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  await run(store, (tx) => tx.acceptDelivery({ ...delivery('raw-body'), body }));
  const { rows } = await database.pool.query<{ body: Buffer }>(`select body from lockstep.inbox where delivery_id = 'raw-body'`);
  expect(new Uint8Array(rows[0]?.body ?? [])).toEqual(body);
});

test.each([
  { outcome: 'commits', accepted: false },
  { outcome: 'fails', accepted: true },
])(
  'C01 a duplicate that comes while the first is stored waits for it: if that one $outcome, accepted is $accepted',
  async ({ outcome, accepted }) => {
    const store = database.store();
    const [stored, release] = [latch(), latch()];
    const first = run(store, async (tx) => {
      await tx.acceptDelivery(delivery('d1', '10'));
      stored.open();
      await release.opened;
      if (outcome === 'fails') throw new Error('killed');
    }).catch((error: Error) => error.message);
    await stored.opened;
    const second = run(store, (tx) => tx.acceptDelivery(delivery('d1', '10')));
    await database.blocked(1);
    release.open();
    expect(await first).toBe(outcome === 'fails' ? 'killed' : undefined);
    expect(await second).toBe(accepted);
    expect(await dirtyIds(store)).toEqual(['10']);
  },
);

test('C08 a record is dirty once however many events name it, and keeps its place in the queue', async () => {
  const store = database.store();
  await run(store, (tx) => tx.markDirty('jira', [{ remoteId: 'b', deleted: false }], NOW));
  await run(store, (tx) =>
    tx.markDirty(
      'jira',
      ['a', 'b', 'a'].map((remoteId) => ({ remoteId, deleted: false })),
      LATER,
    ),
  );
  await run(store, (tx) => tx.acceptDelivery(delivery('d1', 'c', 'c', 'b')));
  expect(await dirtyIds(store)).toEqual(['b', 'c', 'a']);
  expect(await dirtyIds(store, 2)).toEqual(['b', 'c']);
});

test('F01 a reported delete stays reported until the record is read', async () => {
  const store = database.store();
  await run(store, (tx) =>
    tx.markDirty(
      'jira',
      [
        { remoteId: 'a', deleted: true },
        { remoteId: 'a', deleted: false },
      ],
      NOW,
    ),
  );
  await run(store, (tx) => tx.markDirty('jira', [{ remoteId: 'a', deleted: false }], LATER));
  expect(await dirty(store)).toMatchObject([{ remoteId: 'a', deleted: true }]);
});

test('C02 clearing a record keeps it dirty if a newer hint has come in, also after it was cleared and marked anew', async () => {
  const store = database.store();
  const mark = () => run(store, (tx) => tx.markDirty('jira', [{ remoteId: 'a', deleted: false }], NOW));
  await mark();
  const taken = await dirty(store);
  await mark();
  await run(store, (tx) => tx.clearDirty('jira', taken));
  const again = await dirty(store);
  expect(again[0]?.version).toBeGreaterThan(taken[0]?.version ?? Infinity);
  await run(store, (tx) => tx.clearDirty('jira', again));
  expect(await dirty(store)).toEqual([]);
  await mark();
  await run(store, (tx) => tx.clearDirty('jira', [...taken, ...again]));
  expect(await dirtyIds(store)).toEqual(['a']);
});
