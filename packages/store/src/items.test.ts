import { createStore } from './store.ts';
import { anItem, latch, NOW, run, useTestStore } from './testing.ts';
import { describe, expect, test } from 'vitest';

const database = useTestStore();

describe('items', () => {
  test('G10 absent, null and empty stay three different things', async () => {
    const store = database.store();
    const item = anItem(
      'a',
      { title: 'Ship it', owner: null, description: '', labels: [], dependsOn: ['b'] },
      { stamps: { title: { version: 2, source: 'jira' } } },
    );
    await run(store, (tx) => tx.saveItems([item], NOW));
    const read = await store.snapshot((tx) => tx.items(['a']));
    expect(read).toEqual([item]);
    expect(Object.keys(read[0]?.fields ?? {})).not.toContain('status');
  });

  test('a saved item replaces the whole row; a field that is gone is gone', async () => {
    const store = database.store();
    await run(store, (tx) => tx.saveItems([anItem('a', { title: 'one', owner: 'Ann' })], NOW));
    const replaced = anItem('a', { title: 'two' }, { kind: 'gate', deletedAt: NOW, deletedBy: 'jira' });
    await run(store, (tx) => tx.saveItems([replaced], NOW));
    expect(await store.snapshot((tx) => tx.items(['a', 'unknown']))).toEqual([replaced]);
  });

  test('workspaces do not see each other', async () => {
    const [one, other] = [database.store(), database.store()];
    await run(one, (tx) => tx.saveItems([anItem('a', { title: 'mine' })], NOW));
    expect(await other.snapshot((tx) => tx.items(['a']))).toEqual([]);
    await run(other, (tx) => tx.saveItems([anItem('a', { title: 'theirs' })], NOW));
    expect(await one.snapshot((tx) => tx.items(['a']))).toEqual([anItem('a', { title: 'mine' })]);
  });

  test('pages run in id order by code point, over live items unless asked', async () => {
    const store = database.store();
    const dead = anItem('b', {}, { deletedAt: NOW, deletedBy: 'operator' });
    await run(store, (tx) => tx.saveItems([anItem('a'), anItem('Z'), dead, anItem('c', {}, { kind: 'phase' }), anItem('d')], NOW));
    const page = (request: Parameters<Parameters<Parameters<typeof store.snapshot>[0]>[0]['itemsPage']>[0]) =>
      store.snapshot(async (tx) => (await tx.itemsPage(request)).map((item) => item.itemId));
    expect(await page({ after: null, limit: 2 })).toEqual(['Z', 'a']);
    expect(await page({ after: 'a', limit: 5 })).toEqual(['c', 'd']);
    expect(await page({ after: null, limit: 5, kind: 'phase' })).toEqual(['c']);
    expect(await page({ after: 'a', limit: 5, deleted: true })).toEqual(['b', 'c', 'd']);
  });

  test('E08 titles are found after NFC, whole and live only', async () => {
    const store = database.store();
    const long = 'x'.repeat(5000);
    await run(store, (tx) =>
      tx.saveItems(
        [
          anItem('composed', { title: 'Caf\u00e9' }),
          anItem('decomposed', { title: 'Cafe\u0301' }),
          anItem('other', { title: 'Cafe' }),
          anItem('dead', { title: 'Caf\u00e9' }, { deletedAt: NOW, deletedBy: 'jira' }),
          anItem('long', { title: `${long}1` }),
          anItem('longer', { title: `${long}2` }),
          anItem('untitled'),
        ],
        NOW,
      ),
    );
    const found = (titles: string[]) => store.snapshot(async (tx) => (await tx.itemsByTitle(titles)).map((item) => item.itemId));
    expect(await found(['Cafe\u0301'])).toEqual(['composed', 'decomposed']);
    expect(await found([`${long}2`, 'Cafe'])).toEqual(['longer', 'other']);
    expect(await found([])).toEqual([]);
  });

  test('F09 references are found in parent and in dependsOn, from live items only', async () => {
    const store = database.store();
    await run(store, (tx) =>
      tx.saveItems(
        [
          anItem('a'),
          anItem('child', { parent: 'a' }),
          anItem('waits', { dependsOn: ['x', 'a'] }),
          anItem('both', { parent: 'a', dependsOn: ['a'] }),
          anItem('dead', { parent: 'a' }, { deletedAt: NOW, deletedBy: 'jira' }),
          anItem('null', { parent: null, dependsOn: null }),
          anItem('near', { parent: 'aa', dependsOn: ['aa'], title: 'a' }),
        ],
        NOW,
      ),
    );
    const referencing = await store.snapshot((tx) => tx.itemsReferencing(['a', 'nobody']));
    expect(referencing.map((item) => item.itemId)).toEqual(['both', 'child', 'waits']);
  });

  test('H02 the edges are those of live items, references outside the backlog included (H06)', async () => {
    const store = database.store();
    await run(store, (tx) =>
      tx.saveItems(
        [
          anItem('b', { dependsOn: ['a', 'remote:jira:10'] }),
          anItem('a', { dependsOn: [] }),
          anItem('c', { dependsOn: null }),
          anItem('dead', { dependsOn: ['a'] }, { deletedAt: NOW, deletedBy: 'jira' }),
        ],
        NOW,
      ),
    );
    expect(await store.snapshot((tx) => tx.dependencyEdges())).toEqual([
      { from: 'b', to: 'a' },
      { from: 'b', to: 'remote:jira:10' },
    ]);
  });
});

describe('locks', () => {
  test('S7 locked items are locked in id order, whatever the order of the request: the second waits and sees what the first wrote', async () => {
    const store = database.store();
    await run(store, (tx) => tx.saveItems([anItem('a', { title: 'old' }), anItem('b', { title: 'old' })], NOW));
    const [locked, release] = [latch(), latch()];
    const first = run(store, async (tx) => {
      expect((await tx.lockItems(['b', 'a'])).map((item) => item.itemId)).toEqual(['a', 'b']);
      locked.open();
      await release.opened;
      await tx.saveItems([anItem('a', { title: 'new' })], NOW);
    });
    await locked.opened;
    const second = run(store, (tx) => tx.lockItems(['a', 'b']));
    await database.blocked(1);
    release.open();
    await first;
    expect((await second).map((item) => item.fields.title)).toEqual(['new', 'old']);
  });

  test('S4 creation is one at a time in a workspace, and no other workspace waits', async () => {
    const workspaceId = database.workspaceId();
    const [one, two] = [createStore({ pool: database.pool, workspaceId }), createStore({ pool: database.pool, workspaceId })];
    const [locked, release] = [latch(), latch()];
    const order: string[] = [];
    const first = run(one, async (tx) => {
      await tx.lockItemCreation();
      locked.open();
      await release.opened;
      await tx.saveItems([anItem('twin', { title: 'Same' })], NOW);
      order.push('first');
    });
    await locked.opened;
    const second = run(two, async (tx) => {
      await tx.lockItemCreation();
      order.push('second');
      return tx.itemsByTitle(['Same']);
    });
    await database.blocked(1);
    await run(database.store(), (tx) => tx.lockItemCreation());
    release.open();
    await first;
    expect((await second).map((item) => item.itemId)).toEqual(['twin']);
    expect(order).toEqual(['first', 'second']);
  });
});
