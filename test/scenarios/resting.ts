/** How a world is brought to rest. */
import type { RequestCounts } from '@lockstep/simulator/kernel/request-log.ts';
import type { ConnectionId, World } from './world.ts';

/** Longer than any search index of the simulator lags. */
export const INDEX_LAG_MS = 2_000;
const MOST_ROUNDS = 60;

/** `World.rest` over the parts of a world. */
export function restOf(world: Pick<World, 'workspace' | 'shared' | 'text' | 'pass' | 'admin' | 'advance'>): World['rest'] {
  let atRest: string | null = null;
  return async ({ full = false } = {}) => {
    const { moved, seen } = await standingOf(world);
    if (!full && seen === atRest) return;
    for (let round = 1, quiet = 0, before = moved; round <= MOST_ROUNDS; round += 1) {
      for (const { connectionId } of world.workspace.connections) await world.pass(connectionId as ConnectionId, { full });
      const after = await standingOf(world);
      quiet = after.moved === before ? quiet + 1 : 0;
      if (quiet === 2) {
        atRest = after.seen;
        return;
      }
      if (quiet === 1) await world.advance(INDEX_LAG_MS);
      before = after.moved;
    }
    throw new Error(`rest: expected within ${MOST_ROUNDS} rounds, got none (law S8)`);
  };
}

/** `moved` is another after a round that has written or owes anything; `seen` is another as soon as anybody has asked a tool for anything. */
async function standingOf({
  workspace,
  shared,
  text,
  admin,
}: Parameters<typeof restOf>[0]): Promise<{ readonly moved: string; readonly seen: string }> {
  const { creates, updates, deletes, lastSeq } = await admin<RequestCounts & { readonly lastSeq: number }>('/counts?account=lockstep');
  const counts = await workspace.store.snapshot((reader) => reader.counts());
  const here = [text(), counts.connections.map(({ owed, sending, dirty }) => owed + sending + dirty)];
  return { moved: JSON.stringify([here, creates + updates + deletes]), seen: JSON.stringify([here, lastSeq, shared.offsetMs]) };
}
