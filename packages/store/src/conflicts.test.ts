import { expect, test } from 'vitest';
import { aConflict, NOW, run, useTestStore } from './testing.ts';

const database = useTestStore();
const LATER = '2026-11-24T10:00:00.000Z';

test('S2 a conflict keeps both values and the base, absent ones included', async () => {
  const store = database.store();
  const conflict = aConflict('c1', { canonicalValue: ['a', 'b'], remoteValue: null, baseValue: '', remoteId: '10' });
  await run(store, (tx) => tx.raiseConflicts([conflict]));
  expect(await store.snapshot((tx) => tx.conflict('c1'))).toEqual(conflict);
  expect(await store.snapshot((tx) => tx.conflict('unknown'))).toBeNull();
});

test('S6 a question that is open already is updated, not doubled, also where item and field are unknown', async () => {
  const store = database.store();
  for (const question of [{}, { itemId: null, field: null, remoteId: '10', kind: 'ambiguous-match' as const }]) {
    const first = aConflict(`first-${question.kind}`, question);
    const again = aConflict(`again-${question.kind}`, { ...question, remoteValue: 'newest', message: 'still', raisedAt: LATER });
    await run(store, (tx) => tx.raiseConflicts([first]));
    await run(store, (tx) => tx.raiseConflicts([{ ...again, conflictId: `between-${question.kind}`, remoteValue: 'newer' }, again]));
    expect(await store.snapshot((tx) => tx.conflict(first.conflictId))).toEqual({ ...first, remoteValue: 'newest', message: 'still' });
  }
  expect(await store.snapshot((tx) => tx.conflicts({ limit: 10 }))).toHaveLength(2);
});

test('A02 recorded losses are all kept', async () => {
  const store = database.store();
  const losses = ['c1', 'c2', 'c3'].map((conflictId) => aConflict(conflictId, { state: 'recorded' }));
  await run(store, (tx) => tx.raiseConflicts([...losses, aConflict('open')]));
  expect(await store.snapshot((tx) => tx.conflicts({ state: 'recorded', limit: 10 }))).toHaveLength(3);
});

test('a resolved question is closed for good, and the same question can be raised anew', async () => {
  const store = database.store();
  await run(store, (tx) => tx.raiseConflicts([aConflict('c1'), aConflict('other', { field: 'owner' })]));
  await run(store, (tx) => tx.resolveConflicts(['c1', 'unknown'], 'kept ours', LATER));
  await run(store, (tx) => tx.resolveConflicts(['c1'], 'kept theirs', NOW));
  expect(await store.snapshot((tx) => tx.conflict('c1'))).toMatchObject({ state: 'resolved', resolution: 'kept ours', resolvedAt: LATER });
  expect(await store.snapshot((tx) => tx.conflict('other'))).toMatchObject({ state: 'open', resolution: null });
  await run(store, (tx) => tx.raiseConflicts([aConflict('c2')]));
  expect(await store.snapshot((tx) => tx.conflict('c2'))).toMatchObject({ state: 'open' });
});

test('conflicts are read newest first, by state, item and connection', async () => {
  const store = database.store();
  await run(store, (tx) =>
    tx.raiseConflicts([
      aConflict('c1', { itemId: 'a' }),
      aConflict('c2', { itemId: 'b', raisedAt: LATER }),
      aConflict('c3', { itemId: 'a', connectionId: 'notion', state: 'recorded' }),
    ]),
  );
  const read = (request: { state?: 'open'; itemId?: string; connectionId?: string; limit?: number }) =>
    store.snapshot(async (tx) => (await tx.conflicts({ limit: 10, ...request })).map((conflict) => conflict.conflictId));
  expect(await read({})).toEqual(['c2', 'c3', 'c1']);
  expect(await read({ limit: 1 })).toEqual(['c2']);
  expect(await read({ itemId: 'a' })).toEqual(['c3', 'c1']);
  expect(await read({ state: 'open', itemId: 'a' })).toEqual(['c1']);
  expect(await read({ connectionId: 'notion' })).toEqual(['c3']);
});
