import type { ConnectionRow } from '@lockstep/domain/sync/store.port.ts';
import { expect, test } from 'vitest';
import { aConflict, aWrite, NOW, run, useTestStore } from './testing.ts';

const database = useTestStore();
const at = (minute: number): string => `2026-11-24T08:${String(minute).padStart(2, '0')}:00.000Z`;
const CONNECTION: Omit<ConnectionRow, 'connectionId' | 'connector' | 'rank'> = {
  ...{ gate: 'open', gateBeforePause: null, mappingHash: 'h', breaker: null },
  ...{ lastPulledAt: null, lastPushedAt: null, lastFullScanAt: null },
};

test('S6 how connections stand: the oldest change on its way, what is parked by code, open conflicts by kind; nothing of another workspace', async () => {
  const [store, other] = [database.store(), database.store()];
  await run(other, async (tx) => {
    await tx.saveConnection({ ...CONNECTION, connectionId: 'jira', connector: 'jira', rank: 0 });
    await tx.oweWrites([aWrite('foreign')], at(0));
    await tx.raiseConflicts([aConflict('foreign')]);
  });
  await run(store, async (tx) => {
    await tx.saveConnection({ ...CONNECTION, connectionId: 'jira', connector: 'jira', rank: 1 });
    await tx.saveConnection({ ...CONNECTION, connectionId: 'notion', connector: 'notion', rank: 0 });
    // Parked since long ago: a person is asked, it is not on its way.
    await tx.oweWrites([aWrite('p1'), aWrite('p2')], at(1));
    await tx.claimWrites('jira', 9, NOW);
    const back = { connectionId: 'jira', state: 'parked', notBefore: null, countAttempt: true } as const;
    await tx.returnWrites([
      { ...back, itemId: 'p1', error: { code: 'Invalid', message: 'of ada@example.com' } },
      { ...back, itemId: 'p2', error: { code: 'Invalid', message: 'of ben@example.com' } },
    ]);
    await tx.oweWrites([aWrite('sending')], at(5));
    await tx.claimWrites('jira', 9, NOW);
    await tx.oweWrites([aWrite('owed')], at(6));
    await tx.markDirty('jira', [{ remoteId: '1', deleted: false }], at(4));
    await tx.parkRecords([
      { connectionId: 'jira', remoteId: '7', cause: 'ambiguous-match', message: 'm', attempts: 1, firstSeenAt: at(1) },
    ]);
    await tx.raiseConflicts([
      aConflict('c1'),
      aConflict('c2', { field: 'owner' }),
      aConflict('c3', { state: 'recorded' }),
      aConflict('left-out', { kind: 'notice', itemId: 'p1', field: 'dueDate' }),
    ]);
  });
  const expected = (await store.snapshot((tx) => tx.conflicts({ limit: 10, state: 'open' }))).find(({ kind }) => kind !== 'notice')?.kind;
  expect(await store.snapshot((tx) => tx.standing())).toEqual([
    { connectionId: 'notion', oldestUnsyncedSince: null, parked: [], conflicts: [] },
    {
      connectionId: 'jira',
      oldestUnsyncedSince: at(4),
      parked: [
        { kind: 'field', code: 'FieldLeftOut', count: 1 },
        { kind: 'record', code: 'ambiguous-match', count: 1 },
        { kind: 'write', code: 'Invalid', count: 2 },
      ],
      conflicts: [
        { kind: expected, count: 2 },
        { kind: 'notice', count: 1 },
      ],
    },
  ]);
});
