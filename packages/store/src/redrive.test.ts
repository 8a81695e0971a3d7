/** What waits for a person, read page by page and driven again, on PostgreSQL. */
import { describe, expect, test } from 'vitest';
import { PARKED_KINDS } from '@lockstep/domain/sync/parked.ts';
import type { ParkedKind } from '@lockstep/domain/sync/parked.ts';
import type { ParkedRequest } from '@lockstep/domain/sync/redrive.port.ts';
import type { CommentCopy, CommentRow } from '@lockstep/domain/sync/comments.port.ts';
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import { aConflict, aLink, anItem, aWrite, NOW, recordStatements, run, useTestStore } from './testing.ts';
import { createStore } from './store.ts';

const database = useTestStore();
const LATER = '2026-11-24T10:00:00.000Z';
const REFUSED = { code: 'Invalid', message: 'title: expected another' };
const comment = (commentId: string, itemId: string): Omit<CommentRow, 'version'> => ({
  ...{ commentId, itemId, connectionId: 'notion', remoteCommentId: `n-${commentId}`, kind: 'comment', author: 'Ann' },
  ...{ writtenAt: NOW, body: 'words', removed: false },
});
const copy = (commentId: string, state: CommentCopy['state']): CommentCopy => ({
  ...{ commentId, connectionId: 'jira', remoteCommentId: null, shown: null, state, version: 0 },
});

/** One of every kind on `jira`, beside as much that does not wait. */
async function waiting(store: Store): Promise<void> {
  await run(store, async (tx) => {
    await tx.saveItems([anItem('a'), anItem('b')], NOW);
    await tx.saveLinks([aLink('a'), aLink('b')], NOW);
    await tx.oweWrites([aWrite('a'), aWrite('b'), aWrite('a', { connectionId: 'notion' })], NOW);
    await tx.claimWrites('jira', 10, NOW);
    const parked = { connectionId: 'jira', itemId: 'a', state: 'parked', notBefore: null, countAttempt: true, error: REFUSED } as const;
    await tx.returnWrites([parked, { ...parked, itemId: 'b', state: 'owed', error: null }]);
    const noticed = { kind: 'notice', field: 'priority', itemId: 'a', remoteId: 'remote-a', message: 'priority: no "High"' } as const;
    await tx.raiseConflicts([
      aConflict('c1', noticed),
      aConflict('c2', { ...noticed, state: 'recorded', itemId: 'b' }),
      aConflict('c3', { kind: 'manual', itemId: 'b' }),
      aConflict('c4', { kind: 'notice', itemId: 'a', field: null, message: 'not written: title: expected another' }),
    ]);
    await tx.parkRecords([
      { connectionId: 'jira', remoteId: '10', cause: 'unmapped-kind', message: 'GROW-10: no', attempts: 1, firstSeenAt: NOW },
    ]);
    await tx.saveComments([comment('m1', 'a'), comment('m2', 'b')]);
    await tx.saveCommentCopies([copy('m1', 'owed'), copy('m2', 'owed')]);
    await tx.parkComments([{ connectionId: 'jira', commentId: 'm1', error: REFUSED }], NOW);
  });
}

const page = (store: Store, kind: ParkedKind, change: Partial<ParkedRequest> = {}) =>
  store.snapshot((reader) => reader.parkedPage({ kind, after: null, limit: 100, ...change }));

describe('what waits', () => {
  test('K08 is told by kind, with its reason, and nothing else is', async () => {
    const store = database.store();
    await waiting(store);
    const found = await Promise.all(PARKED_KINDS.map((kind) => page(store, kind)));
    const common = { connectionId: 'jira', itemId: 'a', remoteId: null, field: null, since: NOW, isUnderWay: false };
    expect(found).toEqual([
      [{ ...common, kind: 'write', id: 'a', ...REFUSED, attempts: 1 }],
      [
        {
          ...{ ...common, kind: 'field', id: 'c1', remoteId: 'remote-a', field: 'priority', code: 'FieldLeftOut' },
          ...{ message: 'priority: no "High"', attempts: 0 },
        },
      ],
      [{ ...common, kind: 'record', id: '10', itemId: null, remoteId: '10', code: 'unmapped-kind', message: 'GROW-10: no', attempts: 1 }],
      [{ ...common, kind: 'comment', id: 'm1', ...REFUSED, attempts: 0 }],
    ]);
    for (const kind of PARKED_KINDS) expect(await page(store, kind, { connectionId: 'notion' })).toEqual([]);
    expect(await page(store, 'write', { itemId: 'b' })).toEqual([]);
    expect(await page(store, 'record', { remoteId: '11' })).toEqual([]);
  });

  test('K08 a record that is marked to be read is under way', async () => {
    const store = database.store();
    await waiting(store);
    await run(store, (tx) => tx.markDirty('jira', [{ remoteId: '10', deleted: false }], NOW));
    expect(await page(store, 'record')).toMatchObject([{ id: '10', isUnderWay: true }]);
  });

  test('K08 comes page by page in the order of connection and id, each thing once', async () => {
    const store = database.store();
    const ids = Array.from({ length: 25 }, (_, place) => String(place));
    await run(store, async (tx) => {
      for (const connectionId of ['jira', 'notion'])
        await tx.parkRecords(ids.map((remoteId) => ({ connectionId, remoteId, cause: 'c', message: 'm', attempts: 1, firstSeenAt: NOW })));
    });
    const seen: string[] = [];
    for (let after: ParkedRequest['after'] = null; ;) {
      const things = await page(store, 'record', { after, limit: 7 });
      seen.push(...things.map(({ connectionId, id }) => `${connectionId} ${id}`));
      const last = things.at(-1);
      if (last === undefined) break;
      after = { connectionId: last.connectionId, id: last.id };
    }
    expect(seen).toEqual(['jira', 'notion'].flatMap((connectionId) => ids.toSorted().map((id) => `${connectionId} ${id}`)));
  });

  test('K08 a page of the parked few among many writes goes by its own index', async () => {
    const recording = recordStatements(database.pool);
    const store = createStore({ pool: recording.pool, workspaceId: database.workspaceId() });
    const many = Array.from({ length: 3_000 }, (_, place) => aWrite(`item-${place}`));
    await run(store, (tx) => tx.oweWrites(many, NOW));
    await database.pool.query('analyze lockstep.outbox');
    recording.statements.length = 0;
    await page(store, 'write', { connectionId: 'jira' });
    const [statement] = recording.statements;
    const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(`explain ${statement?.sql ?? ''}`, [
      ...(statement?.parameters ?? []),
    ]);
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('outbox_parked');
  });
});

describe('driving', () => {
  test('K08 a mirror is owed again, once, and only one that is parked', async () => {
    const store = database.store();
    await waiting(store);
    await run(store, (tx) => tx.redriveComments('jira', ['m1', 'm2'], LATER));
    expect(await page(store, 'comment')).toEqual([]);
    expect(await store.snapshot((reader) => reader.redrivenUnderWay(LATER))).toEqual([{ connectionId: 'jira', count: 1 }]);
    await run(store, (tx) =>
      tx.parkComments([{ connectionId: 'jira', commentId: 'm1', error: { code: 'Forbidden', message: 'no' } }], LATER),
    );
    expect(await store.snapshot((reader) => reader.redrivenUnderWay(LATER))).toEqual([]);
    expect(await page(store, 'comment', { redrivenAt: LATER })).toMatchObject([{ id: 'm1', code: 'Forbidden', since: LATER }]);
  });

  test('K08 a record stays parked until it is taken in, and says whether the redrive is through with it', async () => {
    const store = database.store();
    await waiting(store);
    await run(store, async (tx) => {
      await tx.redriveRecords('jira', ['10'], LATER);
      await tx.markDirty('jira', [{ remoteId: '10', deleted: false }], LATER);
    });
    expect(await store.snapshot((reader) => reader.redrivenUnderWay(LATER))).toEqual([{ connectionId: 'jira', count: 1 }]);
    expect(await page(store, 'record', { redrivenAt: LATER })).toEqual([]);
    await run(store, async (tx) => tx.clearDirty('jira', await tx.dirtyRecords('jira', 10)));
    expect(await page(store, 'record', { redrivenAt: LATER })).toMatchObject([{ id: '10' }]);
  });

  test('K08 a write that is owed again counts as under way until it is settled or parked', async () => {
    const store = database.store();
    await waiting(store);
    await run(store, (tx) => tx.oweWrites([aWrite('a')], LATER));
    const underWay = () => store.snapshot((reader) => reader.redrivenUnderWay(LATER));
    expect(await underWay()).toEqual([{ connectionId: 'jira', count: 1 }]);
    const [row] = await run(store, async (tx) => (await tx.claimWrites('jira', 10, LATER)).filter(({ itemId }) => itemId === 'a'));
    expect(await underWay()).toEqual([{ connectionId: 'jira', count: 1 }]);
    await run(store, (tx) => tx.settleWrites(row === undefined ? [] : [row]));
    expect(await underWay()).toEqual([]);
  });

  test('S6 only notices of the given beginning and items are closed, and a field that is left out again is known', async () => {
    const store = database.store();
    await waiting(store);
    await run(store, async (tx) => {
      await tx.closeNotices('jira', ['a'], 'comment not mirrored: ', LATER);
      await tx.closeNotices('jira', ['b'], 'not written: ', LATER);
    });
    const open = () =>
      store.snapshot(async (reader) => (await reader.conflicts({ state: 'open', limit: 10 })).map(({ conflictId }) => conflictId));
    expect((await open()).toSorted()).toEqual(['c1', 'c3', 'c4']);
    await run(store, (tx) => tx.closeNotices('jira', ['a', 'b'], 'not written: ', LATER));
    expect((await open()).toSorted()).toEqual(['c1', 'c3']);
    await run(store, (tx) => tx.resolveConflicts(['c1'], 'redriven', LATER));
    expect(await page(store, 'field', { redrivenAt: LATER })).toEqual([]);
    await run(store, (tx) =>
      tx.raiseConflicts([aConflict('c9', { kind: 'notice', field: 'priority', itemId: 'a', remoteId: 'remote-a' })]),
    );
    expect(await page(store, 'field', { redrivenAt: LATER })).toMatchObject([{ id: 'c9' }]);
    expect(await page(store, 'field', { redrivenAt: NOW })).toEqual([]);
  });
});
