/** K08: however much waits, it is read and driven a page at a time. */
import { expect, test } from 'vitest';
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import { listParked, redrive } from '@lockstep/engine/redrive.ts';
import { createStore } from '@lockstep/store/store.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { benchOf } from './bench-of-remotes.ts';

const database = useTestStore();
const THINGS = 2_500;
const MOST = 1_000;

/** The store, with the length of every page of parked things noted. */
function watched(store: Store, lengths: number[]): Store {
  const noting = <T extends object>(reader: T): T =>
    new Proxy(reader, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name !== 'parkedPage' || typeof value !== 'function') return value;
        return async (...asked: readonly unknown[]) => {
          const page = (await Reflect.apply(value, target, asked)) as readonly unknown[];
          lengths.push(page.length);
          return page;
        };
      },
    });
  return {
    exclusively: (name, work) => store.exclusively(name, work),
    passReads: store.passReads,
    snapshot: (work) => store.snapshot((reader) => work(noting(reader))),
    transaction: (work) => store.transaction((tx) => work(noting(tx))),
  };
}

test('K08 parked writes in thousands are listed and driven in pages, all of them, and one cause stays one line', async () => {
  const workspaceId = database.workspaceId();
  const lengths: number[] = [];
  const { workspace } = await benchOf(watched(createStore({ pool: database.pool, workspaceId }), lengths), ['jira']);
  await database.pool.query(
    `insert into lockstep.outbox (workspace_id, connection_id, item_id, operation, depth, lane, state, attempts, error, owed_since)
     select $1, 'jira', 'item-' || lpad(n::text, 7, '0'), 'write', 0, 'routine', 'parked', 5,
       jsonb_build_object('code', 'Invalid', 'message', 'GROW-' || n || ': expected another'), '2026-11-20T09:00:00Z'
     from generate_series(1, $2::integer) as n`,
    [workspaceId, THINGS],
  );
  const causes = await listParked(workspace, {});
  expect(causes).toMatchObject([{ count: THINGS, words: '#: expected another', example: { message: 'GROW-1: expected another' } }]);
  const { driven, things } = await redrive(workspace, { causeId: causes[0]?.causeId ?? '' }, { accountId: 'operator', actorKind: 'human' });
  expect([driven, things.length]).toEqual([THINGS, MOST]);
  const { rows } = await database.pool.query<{ state: string; count: number }>(
    `select state, count(*) as count from lockstep.outbox where workspace_id = $1 group by state`,
    [workspaceId],
  );
  expect(rows).toEqual([{ state: 'owed', count: THINGS }]);
  expect(Math.max(...lengths)).toBe(MOST);
  expect(await listParked(workspace, {})).toEqual([]);
});
