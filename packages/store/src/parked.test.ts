import { expect, test } from 'vitest';
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

test('K08 a record that is parked again counts its attempts and keeps its first instant', async () => {
  const store = database.store();
  await run(store, (tx) => tx.parkRecords([record('10'), record('10', { message: 'same page' })]));
  await run(store, (tx) => tx.parkRecords([record('10', { cause: 'cycle', message: 'newest', firstSeenAt: LATER })]));
  const parked = () => store.snapshot((tx) => tx.parkedRecords('jira'));
  expect(await parked()).toEqual([record('10', { cause: 'cycle', message: 'newest', attempts: 2 })]);
  await run(store, (tx) => tx.parkRecords([record('10', { attempts: 7 })]));
  expect(await parked()).toMatchObject([{ attempts: 7 }]);
});

test('S10 parked records are listed by connection, longest first, and unparked by id', async () => {
  const store = database.store();
  await run(store, (tx) => tx.parkRecords([record('10', { firstSeenAt: LATER }), record('11'), record('12', { connectionId: 'notion' })]));
  const ids = (connectionId?: string) =>
    store.snapshot(async (tx) => (await tx.parkedRecords(connectionId)).map((parked) => parked.remoteId));
  expect(await ids()).toEqual(['11', '12', '10']);
  expect(await ids('jira')).toEqual(['11', '10']);
  await run(store, (tx) => tx.unparkRecords('jira', ['11', '12']));
  expect(await ids()).toEqual(['12', '10']);
});
