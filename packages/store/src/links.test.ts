import { aLink, NOW, run, useTestStore } from './testing.ts';
import { expect, test } from 'vitest';

const database = useTestStore();
const TWIN = { code: '23505', constraint: 'links_one_twin' };

test('a link survives whole, with bases of every shape', async () => {
  const store = database.store();
  const link = aLink('a', {
    remoteKey: 'GROW-1',
    url: 'https://example.test/GROW-1',
    revision: '7',
    missedScans: 1,
    bases: {
      title: { remote: 'Ship it ', agreed: 'Ship it', overwrote: null, flips: 2 },
      owner: { remote: null, agreed: '', held: ['x'] },
    },
  });
  await run(store, (tx) => tx.saveLinks([link], NOW));
  expect(await store.snapshot((tx) => tx.linksByItem(['a']))).toEqual([link]);
});

test('S4 a remote record that is linked to another item is refused, and nothing of the statement stays', async () => {
  const store = database.store();
  await run(store, (tx) => tx.saveLinks([aLink('a', { remoteId: '10' })], NOW));
  await expect(
    run(store, (tx) => tx.saveLinks([aLink('b', { remoteId: '11' }), aLink('c', { remoteId: '10' })], NOW)),
  ).rejects.toMatchObject(TWIN);
  expect((await store.snapshot((tx) => tx.linksByRemote('jira', ['10', '11']))).map((link) => link.itemId)).toEqual(['a']);
});

test('S4 the same remote id at another connection is another record', async () => {
  const store = database.store();
  await run(store, (tx) => tx.saveLinks([aLink('a', { remoteId: '10' }), aLink('b', { remoteId: '10', connectionId: 'notion' })], NOW));
  expect((await store.snapshot((tx) => tx.linksByRemote('notion', ['10']))).map((link) => link.itemId)).toEqual(['b']);
});

test('F01 a removed link is found by its remote id as a tombstone, until another item takes the record over', async () => {
  const store = database.store();
  const byRemote = () => store.snapshot((tx) => tx.linksByRemote('jira', ['10']));
  await run(store, (tx) =>
    tx.saveLinks([aLink('old', { remoteId: '10', state: 'removed' }), aLink('older', { remoteId: '10', state: 'removed' })], NOW),
  );
  await run(store, (tx) => tx.saveLinks([aLink('old', { remoteId: '10', state: 'removed' })], '2026-11-24T10:00:00.000Z'));
  expect(await byRemote()).toEqual([aLink('old', { remoteId: '10', state: 'removed' })]);
  await run(store, (tx) => tx.saveLinks([aLink('new', { remoteId: '10' })], NOW));
  expect(await byRemote()).toEqual([aLink('new', { remoteId: '10' })]);
  expect(await store.snapshot((tx) => tx.linksByItem(['old']))).toMatchObject([{ state: 'removed' }]);
});

test('F07 one statement can bury a link and give its remote record to another item', async () => {
  const store = database.store();
  await run(store, (tx) => tx.saveLinks([aLink('a', { remoteId: '1' }), aLink('z', { remoteId: '2' })], NOW));
  await run(store, (tx) => tx.saveLinks([aLink('a', { remoteId: '2' }), aLink('z', { remoteId: '2', state: 'removed' })], NOW));
  expect(await store.snapshot((tx) => tx.linksByRemote('jira', ['2']))).toMatchObject([{ itemId: 'a', state: 'linked' }]);
});

test('unreachable and vanished records keep their place: they are not free for a twin', async () => {
  const store = database.store();
  await run(store, (tx) =>
    tx.saveLinks([aLink('a', { remoteId: '1', state: 'unreachable' }), aLink('b', { remoteId: '2', state: 'vanished' })], NOW),
  );
  for (const remoteId of ['1', '2']) {
    await expect(run(store, (tx) => tx.saveLinks([aLink('c', { remoteId })], NOW))).rejects.toMatchObject(TWIN);
  }
});

test('links by item are those of all connections, or of one', async () => {
  const store = database.store();
  await run(store, (tx) => tx.saveLinks([aLink('b'), aLink('a', { connectionId: 'notion' }), aLink('a'), aLink('c')], NOW));
  const named = (connectionId?: string) =>
    store.snapshot(async (tx) => (await tx.linksByItem(['a', 'b'], connectionId)).map((link) => `${link.itemId} ${link.connectionId}`));
  expect(await named()).toEqual(['a jira', 'a notion', 'b jira']);
  expect(await named('jira')).toEqual(['a jira', 'b jira']);
});

test('pages of links run in item order, of any state or of one', async () => {
  const store = database.store();
  await run(store, (tx) =>
    tx.saveLinks([aLink('c'), aLink('a'), aLink('b', { state: 'vanished' }), aLink('x', { connectionId: 'notion' })], NOW),
  );
  const ids = (after: string | null, limit: number, state?: 'vanished') =>
    store.snapshot(async (tx) =>
      (await tx.linksPage('jira', { after, limit, ...(state === undefined ? {} : { state }) })).map((link) => link.itemId),
    );
  expect(await ids(null, 2)).toEqual(['a', 'b']);
  expect(await ids('b', 2)).toEqual(['c']);
  expect(await ids(null, 9, 'vanished')).toEqual(['b']);
});
