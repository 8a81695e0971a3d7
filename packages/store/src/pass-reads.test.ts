import type { ConnectionRow } from '@lockstep/domain/sync/store.port.ts';
import { expect, test } from 'vitest';
import { createStore } from './store.ts';
import { aLink, anItem, aWrite, NOW, recordStatements, run, useTestStore } from './testing.ts';

const database = useTestStore();
const at = (minute: number): string => `2026-11-24T09:${String(minute).padStart(2, '0')}:00.000Z`;
const CONNECTION: ConnectionRow = {
  ...{ connectionId: 'jira', connector: 'jira', rank: 0, gate: 'open', gateBeforePause: null, mappingHash: 'hash', breaker: null },
  ...{ lastPulledAt: null, lastPushedAt: NOW, lastFullScanAt: null },
};
const IDLE = { marked: 0, discussed: false, vanished: false, owed: false, comments: false };

test('S3 what waits for a connection is told kind by kind, and of no other connection', async () => {
  const store = database.store();
  const waiting = (most?: number) => store.passReads.waitingWork('jira', most);
  expect(await waiting()).toEqual({ connection: null, lastVersion: expect.any(Number), ...IDLE });
  await run(store, (tx) => tx.saveConnection(CONNECTION));
  await run(store, (tx) => tx.saveConnection({ ...CONNECTION, connectionId: 'notion' }));
  expect(await waiting()).toEqual({ connection: CONNECTION, lastVersion: expect.any(Number), ...IDLE });
  const hints = ['1', '2', '3'].map((remoteId) => ({ remoteId, deleted: false }));
  await run(store, (tx) => tx.markDirty('jira', hints, NOW));
  expect([(await waiting()).marked, (await waiting(2)).marked, (await waiting(9)).marked]).toEqual([1, 2, 3]);
  await run(store, (tx) => tx.noteDiscussed('jira', ['1']));
  expect(await waiting()).toMatchObject({ discussed: true, vanished: false });
  await run(store, (tx) => tx.saveLinks([aLink('a'), aLink('b', { state: 'removed' })], NOW));
  expect(await waiting()).toMatchObject({ vanished: false });
  await run(store, (tx) => tx.saveLinks([aLink('a', { state: 'vanished' })], NOW));
  expect(await waiting()).toMatchObject({ vanished: true, owed: false });
  await run(store, (tx) => tx.oweWrites([aWrite('a')], NOW));
  expect(await waiting()).toMatchObject({ owed: true, comments: false });
  const comment = { commentId: 'c', itemId: 'a', connectionId: 'notion', remoteCommentId: '7', kind: 'comment' } as const;
  const copy = { commentId: 'c', connectionId: 'jira', remoteCommentId: null, shown: null, state: 'owed', version: 0 } as const;
  await run(store, async (tx) => {
    await tx.saveItems([anItem('a')], NOW);
    await tx.saveComments([{ ...comment, author: 'Ann', writtenAt: NOW, body: 'Dig', removed: false }]);
    await tx.saveCommentCopies([copy]);
  });
  expect(await waiting()).toMatchObject({ comments: true });
  await run(store, (tx) => tx.saveCommentCopies([{ ...copy, state: 'parked' }]));
  expect(await waiting()).toMatchObject({ comments: false });
  expect(await store.passReads.waitingWork('notion')).toMatchObject(IDLE);
});

test('C08 records are told that were marked up to a version: what is marked later, and anew, comes after it', async () => {
  const store = database.store();
  const mark = (...ids: readonly string[]) =>
    run(store, (tx) =>
      tx.markDirty(
        'jira',
        ids.map((remoteId) => ({ remoteId, deleted: false })),
        NOW,
      ),
    );
  await mark('1', '2');
  const { lastVersion } = await store.passReads.waitingWork('jira');
  await mark('2', '3');
  const dirty = async (upTo?: number) => (await run(store, (tx) => tx.dirtyRecords('jira', 9, upTo))).map(({ remoteId }) => remoteId);
  expect([await dirty(lastVersion), await dirty()]).toEqual([['1'], ['1', '2', '3']]);
});

test('S7 a page begins with the checkpoints that were saved last, also the one of another name', async () => {
  const store = database.store();
  const start = (checkpoint: 'changes' | 'full') =>
    store.passReads.pageStart({ connectionId: 'jira', checkpoint, writtenSince: NOW, mostWritten: 9, mostMarks: 9 });
  const nothing = { cursor: null, version: 0 };
  expect(await start('full')).toMatchObject({ connection: null, checkpoint: nothing, changes: nothing, written: [], marks: { count: 0 } });
  await run(store, async (tx) => {
    await tx.saveConnection(CONNECTION);
    await tx.saveCheckpoint('jira', 'changes', { since: '“today”', text: ['a', null, 1e21] }, 0);
    await tx.saveCheckpoint('jira', 'full', null, 0);
  });
  const changes = { cursor: { since: '“today”', text: ['a', null, 1e21] }, version: 1 };
  expect(await start('full')).toMatchObject({ connection: CONNECTION, checkpoint: { cursor: null, version: 1 }, changes });
  expect(await start('changes')).toMatchObject({ checkpoint: changes, changes });
});

test('C08 a page begins with the number of marks, and a version that later hints go beyond', async () => {
  const store = database.store();
  const marks = async () =>
    (await store.passReads.pageStart({ connectionId: 'jira', checkpoint: 'changes', writtenSince: NOW, mostWritten: 9, mostMarks: 2 }))
      .marks;
  await run(store, (tx) =>
    tx.markDirty(
      'jira',
      ['1', '2', '3'].map((remoteId) => ({ remoteId, deleted: false })),
      NOW,
    ),
  );
  const before = await marks();
  expect(before.count).toBe(2);
  await run(store, (tx) => tx.markDirty('jira', [{ remoteId: '1', deleted: false }], NOW));
  await run(store, (tx) => tx.clearListed('jira', ['1', '2', '3'], before.lastVersion));
  expect((await run(store, (tx) => tx.dirtyRecords('jira', 9))).map(({ remoteId }) => remoteId)).toEqual(['1']);
});

test('D04 recently written records are told by remote id, newest first, and saving a link does not forget the push', async () => {
  const store = database.store();
  await run(store, async (tx) => {
    await tx.saveLinks([...['a', 'b', 'c', 'gone'].map((itemId) => aLink(itemId)), aLink('a', { connectionId: 'notion' })], NOW);
    await tx.touchPushed('jira', ['a'], at(1));
    await tx.touchPushed('jira', ['b', 'c', 'gone'], at(2));
    await tx.touchPushed('jira', ['c'], at(3));
    await tx.saveLinks([aLink('c', { revision: '2' }), aLink('gone', { state: 'removed' })], at(4));
  });
  const written = async (writtenSince: string, mostWritten: number, connectionId = 'jira') =>
    (await store.passReads.pageStart({ connectionId, checkpoint: 'changes', writtenSince, mostWritten, mostMarks: 9 })).written;
  expect(await written(at(1), 9)).toEqual(['remote-c', 'remote-b']);
  expect(await written(at(0), 1)).toEqual(['remote-c']);
  expect(await written(at(0), 9, 'notion')).toEqual([]);
  const revisions = (remoteIds: readonly string[]) => store.passReads.writtenRevisions('jira', remoteIds, at(1));
  expect(await revisions(['remote-c', 'remote-a', 'remote-gone', 'another'])).toEqual(new Map([['remote-c', '2']]));
  expect(await revisions([])).toEqual(new Map());
});

test('a page that was read is noted, and the last one of a full scan as that; nothing else of the connection is another then', async () => {
  const store = database.store();
  await run(store, (tx) => tx.saveConnection({ ...CONNECTION, gate: 'paused' }));
  await run(store, (tx) => tx.notePulled('jira', at(1), true));
  await run(store, (tx) => tx.notePulled('jira', at(2), false));
  const noted = { ...CONNECTION, gate: 'paused', lastPulledAt: at(2), lastFullScanAt: at(1) };
  expect(await store.snapshot((tx) => tx.connection('jira'))).toEqual(noted);
  await run(store, (tx) => tx.notePulled('notion', at(2), false));
  expect(await store.snapshot((tx) => tx.connections())).toEqual([noted]);
});

test('what was pushed is noted with its connection; nothing else of it is another then', async () => {
  const store = database.store();
  await run(store, async (tx) => {
    await tx.saveConnection({ ...CONNECTION, gate: 'paused' });
    await tx.saveConnection({ ...CONNECTION, connectionId: 'notion' });
    await tx.touchPushed('jira', [], at(1));
  });
  expect(await store.snapshot((tx) => tx.connection('jira'))).toEqual({ ...CONNECTION, gate: 'paused', lastPushedAt: at(1) });
  expect(await store.snapshot((tx) => tx.connection('notion'))).toMatchObject({ lastPushedAt: NOW });
});

const MANY = 10_000;
const INDEXES = {
  waitingWork: ['links_vanished'],
  pageStart: ['links_by_push'],
  writtenRevisions: ['links_'],
} as const;

test(`each is one statement, and goes by indexes with ${MANY} links`, async () => {
  const { pool, statements } = recordStatements(database.pool);
  const store = createStore({ pool, workspaceId: database.workspaceId() });
  const ids = Array.from({ length: MANY }, (_, place) => `item-${place}`);
  await run(store, async (tx) => {
    await tx.saveLinks(
      ids.map((itemId) => aLink(itemId)),
      NOW,
    );
    await tx.touchPushed('jira', ids, at(1));
    await tx.oweWrites(
      ids.map((itemId) => aWrite(itemId)),
      NOW,
    );
  });
  await database.pool.query('analyze');
  const asked = {
    waitingWork: () => store.passReads.waitingWork('jira'),
    pageStart: () =>
      store.passReads.pageStart({ connectionId: 'jira', checkpoint: 'full', writtenSince: at(2), mostWritten: 50, mostMarks: 9 }),
    writtenRevisions: () => store.passReads.writtenRevisions('jira', ['remote-item-7', 'remote-item-4711'], at(0)),
  };
  for (const name of ['waitingWork', 'pageStart', 'writtenRevisions'] as const) {
    statements.length = 0;
    await asked[name]();
    const [statement] = statements;
    expect(statements, name).toHaveLength(1);
    const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(`explain ${statement?.sql ?? ''}`, [
      ...(statement?.parameters ?? []),
    ]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan, name).not.toContain('Seq Scan on links');
    for (const index of INDEXES[name]) expect(plan, name).toContain(index);
  }
});
