import { expect, test } from 'vitest';
import { aConflict, aLink, anItem, aWrite, NOW, run, useTestStore } from './testing.ts';

const database = useTestStore();
const EARLIER = '2026-11-24T08:00:00.000Z';

test('S6 the status page counts items, links, writes and conflicts, by connection', async () => {
  const store = database.store();
  const connection = {
    gate: 'open',
    gateBeforePause: null,
    mappingHash: 'h',
    breaker: null,
    lastPulledAt: null,
    lastPushedAt: null,
    lastFullScanAt: null,
  } as const;
  await run(store, async (tx) => {
    await tx.saveConnection({ ...connection, connectionId: 'jira', connector: 'jira', rank: 1 });
    await tx.saveConnection({ ...connection, connectionId: 'notion', connector: 'notion', rank: 0 });
    await tx.saveItems(
      [anItem('a'), anItem('b'), anItem('p', {}, { kind: 'phase' }), anItem('dead', {}, { deletedAt: NOW, deletedBy: 'jira' })],
      NOW,
    );
    await tx.saveLinks([aLink('a'), aLink('b', { state: 'vanished' }), aLink('dead', { state: 'removed' })], NOW);
    await tx.oweWrites([aWrite('sent')], EARLIER);
    await tx.claimWrites('jira', 1, NOW);
    await tx.oweWrites(
      ['parked', 'late'].map((itemId) => aWrite(itemId)),
      NOW,
    );
    const error = { code: 'Invalid', message: 'no' };
    await tx.claimWrites('jira', 9, NOW);
    await tx.returnWrites([
      { connectionId: 'jira', itemId: 'parked', state: 'parked', notBefore: null, countAttempt: true, error },
      { connectionId: 'jira', itemId: 'late', state: 'owed', notBefore: null, countAttempt: false, error: null },
    ]);
    await tx.markDirty('jira', [{ remoteId: '1', deleted: false }], NOW);
    await tx.raiseConflicts([
      aConflict('c1'),
      aConflict('c2', { field: 'owner' }),
      aConflict('c3', { state: 'recorded' }),
      aConflict('c4', { state: 'resolved' }),
    ]);
  });
  expect(await store.snapshot((tx) => tx.counts())).toEqual({
    itemsByKind: { task: 2, phase: 1 },
    connections: [
      { connectionId: 'notion', links: 0, owed: 0, sending: 0, parked: 0, dirty: 0, openConflicts: 0, oldestOwedSince: null },
      { connectionId: 'jira', links: 2, owed: 1, sending: 1, parked: 1, dirty: 1, openConflicts: 2, oldestOwedSince: NOW },
    ],
    openConflicts: 2,
    recordedConflicts: 1,
  });
});
