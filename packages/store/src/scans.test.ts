import type { Store } from '@lockstep/domain/sync/store.port.ts';
import { expect, test } from 'vitest';
import { aLink, NOW, run, useTestStore } from './testing.ts';

const database = useTestStore();

const seen = (store: Store, scanId: string, ...itemIds: string[]) =>
  run(store, (tx) =>
    tx.markSeen(
      'jira',
      itemIds.map((itemId) => `remote-${itemId}`),
      scanId,
    ),
  );
const count = (store: Store, scanId: string) =>
  run(store, async (tx) => (await tx.countMissed('jira', scanId)).map((link) => `${link.itemId} ${link.missedScans}`));
const link = (store: Store, ...links: ReturnType<typeof aLink>[]) => run(store, (tx) => tx.saveLinks(links, NOW));

test('S12 a scan counts one miss on what it has not seen, and forgets the misses of what it has', async () => {
  const store = database.store();
  await link(store, aLink('b'), aLink('a'), aLink('c', { missedScans: 1 }), aLink('x', { connectionId: 'notion' }));
  await seen(store, 's1', 'c');
  expect(await count(store, 's1')).toEqual(['a 1', 'b 1']);
  await seen(store, 's2', 'c');
  await seen(store, 's2', 'b');
  expect(await count(store, 's2')).toEqual(['a 2']);
  const links = await store.snapshot((tx) => tx.linksByItem(['a', 'b', 'c', 'x']));
  expect(links.map((found) => `${found.itemId} ${found.missedScans}`)).toEqual(['a 2', 'b 0', 'c 0', 'x 0']);
});

test('S12 one scan is one miss, however often it is counted', async () => {
  const store = database.store();
  await link(store, aLink('a'), aLink('b'));
  await seen(store, 's1', 'b');
  expect(await count(store, 's1')).toEqual(['a 1']);
  expect(await count(store, 's1')).toEqual(['a 1']);
});

test('D06 what an abandoned scan has seen counts for no other scan', async () => {
  const store = database.store();
  await link(store, aLink('a'), aLink('b'));
  await seen(store, 'abandoned', 'a', 'b');
  await seen(store, 's2', 'b');
  expect(await count(store, 's2')).toEqual(['a 1']);
});

test('F03 only linked records can be missed', async () => {
  const store = database.store();
  await link(store, aLink('a', { state: 'unreachable' }), aLink('b', { state: 'removed' }), aLink('c', { state: 'vanished' }));
  expect(await count(store, 's1')).toEqual([]);
});

test('a record may be marked before it is linked, and marked twice', async () => {
  const store = database.store();
  await run(store, async (tx) => {
    await tx.markSeen('jira', ['remote-new', 'remote-new'], 's1');
    await tx.markSeen('jira', ['remote-new'], 's1');
    await tx.saveLinks([aLink('new')], NOW);
  });
  expect(await count(store, 's1')).toEqual([]);
});
