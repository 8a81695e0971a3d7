import { expect, test } from 'vitest';
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import { NOW, run, useTestStore } from './testing.ts';

const database = useTestStore();
const LATER = '2026-11-24T10:00:00.000Z';
const record = (remoteId: string, rest: object = {}) => ({
  connectionId: 'jira',
  remoteId,
  cause: 'unmapped-kind',
  message: 'epic',
  attempts: 1,
  firstSeenAt: NOW,
  ...rest,
});
const parked = (store: Store, connectionId?: string) =>
  store.snapshot((reader) =>
    reader.parkedPage({ kind: 'record', after: null, limit: 10, ...(connectionId === undefined ? {} : { connectionId }) }),
  );

test('K08 a record that is parked again counts its attempts and keeps its first instant', async () => {
  const store = database.store();
  await run(store, (tx) => tx.parkRecords([record('10'), record('10', { message: 'same page' })]));
  await run(store, (tx) => tx.parkRecords([record('10', { cause: 'cycle', message: 'newest', firstSeenAt: LATER })]));
  expect(await parked(store)).toMatchObject([{ id: '10', code: 'cycle', message: 'newest', attempts: 2, since: NOW }]);
  await run(store, (tx) => tx.parkRecords([record('10', { attempts: 7 })]));
  expect(await parked(store)).toMatchObject([{ attempts: 7 }]);
});

test('S10 parked records are listed by connection, and unparked by id', async () => {
  const store = database.store();
  await run(store, (tx) => tx.parkRecords([record('11'), record('10', { firstSeenAt: LATER }), record('12', { connectionId: 'notion' })]));
  const ids = async (connectionId?: string) => (await parked(store, connectionId)).map(({ id }) => id);
  expect(await ids()).toEqual(['10', '11', '12']);
  expect(await ids('jira')).toEqual(['10', '11']);
  await run(store, (tx) => tx.unparkRecords('jira', ['11', '12']));
  expect(await ids()).toEqual(['10', '12']);
});
