import type { LedgerRow } from '@lockstep/domain/sync/store.port.ts';
import { expect, test } from 'vitest';
import { NOW, run, useTestStore } from './testing.ts';

const database = useTestStore();

function row(itemId: string, rest: Partial<LedgerRow> = {}): LedgerRow {
  return {
    at: NOW,
    runId: 'run',
    target: 'canonical',
    operation: 'update',
    itemId,
    actor: 'jira',
    cause: 'page',
    before: {},
    after: {},
    remoteId: null,
    ...rest,
  };
}

test('S6 a write is on record with actor, cause, before and after', async () => {
  const store = database.store();
  const written = row('a', {
    before: { owner: null, labels: ['x'] },
    after: { owner: '', labels: [] },
    remoteId: '10',
    target: 'notion',
    operation: 'create',
  });
  await run(store, (tx) => tx.appendLedger([written]));
  expect(await store.snapshot((tx) => tx.ledger({ limit: 10 }))).toEqual([written]);
});

test('rows are read newest first, in the order in which they were written, by item and run', async () => {
  const store = database.store();
  const rows = Array.from({ length: 12 }, (_, place) =>
    row(place % 2 === 0 ? 'even' : 'odd', { cause: `${place}`, runId: place < 6 ? 'r1' : 'r2' }),
  );
  await run(store, (tx) => tx.appendLedger(rows.slice(0, 6)));
  await run(store, (tx) => tx.appendLedger(rows.slice(6)));
  const causes = (request: { itemId?: string; runId?: string; limit: number }) =>
    store.snapshot(async (tx) => (await tx.ledger(request)).map((found) => found.cause));
  expect(await causes({ limit: 3 })).toEqual(['11', '10', '9']);
  expect(await causes({ itemId: 'odd', limit: 9 })).toEqual(['11', '9', '7', '5', '3', '1']);
  expect(await causes({ itemId: 'even', runId: 'r1', limit: 9 })).toEqual(['4', '2', '0']);
});
