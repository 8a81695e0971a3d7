/** What the statements cost: round trips whatever the length of a list, and the indexes that they go by at 10,000 items. */
import type { Store, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import { createStore } from './store.ts';
import { aConflict, aLink, anItem, aWrite, NOW, recordStatements, run, useTestStore } from './testing.ts';
import type { Statement } from './testing.ts';

const database = useTestStore();
const ITEMS = 10_000;
const PAGE = 500;
const CONNECTIONS = ['hubspot', 'jira', 'notion'];

const many = Array.from({ length: 150 }, (_, place) => `new-${place}`);
const write = { state: 'owed', notBefore: null, countAttempt: false, error: null } as const;
const ledgerRow = {
  at: NOW,
  runId: 'r',
  target: 't',
  operation: 'update',
  actor: 'a',
  cause: 'c',
  before: {},
  after: {},
  remoteId: null,
} as const;

/** Every list method of the port, with a list of 150. */
const LISTS: Record<string, (tx: StoreTransaction) => Promise<unknown>> = {
  items: (tx) => tx.items(many),
  itemsByTitle: (tx) => tx.itemsByTitle(many),
  itemsReferencing: (tx) => tx.itemsReferencing(many),
  linksByRemote: (tx) => tx.linksByRemote('jira', many),
  linksByItem: (tx) => tx.linksByItem(many),
  outbox: (tx) => tx.outbox({ itemIds: many, limit: 1000 }),
  lockItems: (tx) => tx.lockItems(many),
  saveItems: (tx) =>
    tx.saveItems(
      many.map((itemId) => anItem(itemId)),
      NOW,
    ),
  saveLinks: (tx) =>
    tx.saveLinks(
      many.map((itemId) => aLink(itemId)),
      NOW,
    ),
  touchPushed: (tx) => tx.touchPushed('jira', many, NOW),
  oweWrites: (tx) =>
    tx.oweWrites(
      many.map((itemId) => aWrite(itemId)),
      NOW,
    ),
  claimWrites: (tx) => tx.claimWrites('jira', 150, NOW),
  settleWrites: (tx) => tx.settleWrites(many.map((itemId) => ({ connectionId: 'jira', itemId, version: 0 }))),
  returnWrites: (tx) => tx.returnWrites(many.map((itemId) => ({ connectionId: 'jira', itemId, ...write }))),
  dropWrites: (tx) => tx.dropWrites('jira', many),
  raiseConflicts: (tx) => tx.raiseConflicts(many.map((id) => aConflict(id, { itemId: id }))),
  resolveConflicts: (tx) => tx.resolveConflicts(many, 'ours', NOW),
  appendLedger: (tx) => tx.appendLedger(many.map((itemId) => ({ ...ledgerRow, itemId }))),
  acceptDeliveries: (tx) =>
    tx.acceptDeliveries(
      many.map((deliveryId) => ({ connectionId: 'jira', deliveryId, receivedAt: NOW, body: new Uint8Array(), hints: hints() })),
    ),
  acceptDelivery: (tx) =>
    tx.acceptDelivery({ connectionId: 'jira', deliveryId: 'd', receivedAt: NOW, body: new Uint8Array(), hints: hints() }),
  markDirty: (tx) => tx.markDirty('jira', hints(), NOW),
  clearDirty: (tx) =>
    tx.clearDirty(
      'jira',
      hints().map((hint) => ({ ...hint, version: 1 })),
    ),
  markSeen: (tx) => tx.markSeen('jira', many, 's'),
  countMissed: (tx) => tx.countMissed('jira', 's'),
  parkRecords: (tx) =>
    tx.parkRecords(many.map((remoteId) => ({ connectionId: 'jira', remoteId, cause: 'c', message: 'm', attempts: 1, firstSeenAt: NOW }))),
  unparkRecords: (tx) => tx.unparkRecords('jira', many),
  parkComments: (tx) =>
    tx.parkComments(
      many.map((commentId) => ({ connectionId: 'jira', commentId, error: { code: 'Invalid', message: 'm' } })),
      NOW,
    ),
  redriveComments: (tx) => tx.redriveComments('jira', many, NOW),
  redriveRecords: (tx) => tx.redriveRecords('jira', many, NOW),
  closeNotices: (tx) => tx.closeNotices('jira', many, 'not written: ', NOW),
};

function hints() {
  return many.map((remoteId) => ({ remoteId, deleted: false }));
}

test.each(Object.entries(LISTS))('one round trip: %s', async (_name, call) => {
  const recording = recordStatements(database.pool);
  await run(createStore({ pool: recording.pool, workspaceId: database.workspaceId() }), call);
  expect(recording.statements).toHaveLength(1);
});

describe(`with ${ITEMS} items`, () => {
  let store: Store;
  let statements: Statement[];
  const idOf = (place: number) => `item-${String(place).padStart(5, '0')}`;

  beforeAll(async () => {
    const recording = recordStatements(database.pool);
    statements = recording.statements;
    store = createStore({ pool: recording.pool, workspaceId: database.workspaceId() });
    for (let first = 0; first < ITEMS; first += PAGE) await run(store, (tx) => loadPage(tx, first));
    await database.pool.query('analyze');
  });

  async function loadPage(tx: StoreTransaction, first: number): Promise<void> {
    const places = Array.from({ length: PAGE }, (_, offset) => first + offset);
    const items = places.map((place) =>
      anItem(idOf(place), {
        title: `Title ${place}`,
        parent: idOf(Math.floor(place / 20)),
        dependsOn: place === 0 ? [] : [idOf(place - 1)],
      }),
    );
    const ids = items.map((item) => item.itemId);
    await tx.saveItems(items, NOW);
    await tx.saveLinks(
      CONNECTIONS.flatMap((connectionId) => ids.map((itemId) => aLink(itemId, { connectionId }))),
      NOW,
    );
    await tx.oweWrites(
      CONNECTIONS.flatMap((connectionId) => ids.map((itemId) => aWrite(itemId, { connectionId }))),
      NOW,
    );
  }

  test.each<[string, (tx: StoreTransaction) => Promise<unknown>, readonly string[]]>([
    ['itemsByTitle', (tx) => tx.itemsByTitle(['Title 7', 'Title 4711']), ['items_by_title']],
    ['itemsReferencing', (tx) => tx.itemsReferencing([idOf(7), idOf(4711)]), ['items_by_parent', 'items_by_dependency']],
    ['itemsPage', (tx) => tx.itemsPage({ after: idOf(5000), limit: 200 }), ['items_pkey']],
    ['linksByRemote', (tx) => tx.linksByRemote('jira', ['remote-item-00007', 'remote-item-04711']), ['links_by_remote']],
    ['linksByItem', (tx) => tx.linksByItem([idOf(7), idOf(4711)]), ['links_by_item']],
    ['linksPage', (tx) => tx.linksPage('jira', { after: idOf(5000), limit: 200 }), ['links_pkey']],
    ['claimWrites', (tx) => tx.claimWrites('jira', 200, NOW), ['outbox_due']],
  ])('%s goes by an index', async (_name, call, indexes) => {
    statements.length = 0;
    await run(store, call);
    const [statement] = statements;
    const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(`explain ${statement?.sql ?? ''}`, [
      ...(statement?.parameters ?? []),
    ]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    for (const index of indexes) expect(plan).toContain(index);
    expect(plan).not.toContain('Seq Scan on items');
    expect(plan).not.toContain('Seq Scan on links');
  });
});
