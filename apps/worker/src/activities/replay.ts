/** The activities of `replay`: thin adapters. Use case in, codes out; whatever fails is thrown for Temporal to try again. */
import { heartbeat } from '@temporalio/activity';
import { InvalidEntry } from '@lockstep/domain/audit/entry.schema.ts';
import type { Replay } from '@lockstep/domain/replay/replay.ts';
import { decideReplay } from '@lockstep/engine/replay/deciding.ts';
import { replayOf, ReplayNotOnRecord } from '@lockstep/engine/replay/environment.ts';
import type { ReplayEngine } from '@lockstep/engine/replay/environment.ts';
import { holdReplay } from '@lockstep/engine/replay/moving.ts';
import { runBatch } from '@lockstep/engine/replay/running.ts';
import { openReplay } from '@lockstep/engine/replay/starting.ts';
import type { ReplayActivities, ReplayRequest, ReplayStanding } from '@lockstep/workflows/contracts.ts';
import { HEARTBEAT_MS } from './backlog-sync.ts';

/** The activities, over one workspace. */
export function replayActivities(engine: ReplayEngine): ReplayActivities {
  const standing = async ({ replayId }: Pick<Replay, 'replayId'>): Promise<ReplayStanding> => {
    const { replay, counts } = await engine.store.snapshot(async (reader) => ({
      replay: await replayOf(reader, replayId),
      counts: await reader.targetCounts(replayId),
    }));
    const { state, end, approvalExpiresAt, planHash, targets, perSecond } = replay;
    const settled = targets - (counts.planned ?? 0) - (counts.resetting ?? 0);
    return { state, end, approvalExpiresAt, planHash, targets, settled, perSecond };
  };
  return {
    openReplay: (request) =>
      attempt(request, async (now) => {
        try {
          return await standing(await openReplay(engine, request.replayId, now));
        } catch (error) {
          if (error instanceof ReplayNotOnRecord) return null;
          throw error;
        }
      }),
    decideReplay: (request) =>
      attempt(request, async (now) => {
        const { replayId, approver, decision, planHash, accepts } = request;
        try {
          return await decideReplay(engine, replayId, { approver, decision, planHash, accepts }, now);
        } catch (error) {
          // Who answers under an id that cannot be put on record, as an e-mail, is nobody that we know.
          if (error instanceof InvalidEntry) return { outcome: 'refused', code: 'UNKNOWN' };
          throw error;
        }
      }),
    holdReplay: (request) =>
      attempt(request, async (now) => standing(await holdReplay(engine, request.replayId, request.event, request.by, now))),
    replayBatch: (request) => attempt(request, (now) => runBatch(engine, request.replayId, now)),
  };
}

async function attempt<A>({ at }: ReplayRequest, work: (now: string) => Promise<A>): Promise<A> {
  const pulse = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    const now = new Date().toISOString();
    // The workflow's clock runs ahead where time is skipped, ours where a call was tried again.
    return await work(at > now ? at : now);
  } finally {
    clearInterval(pulse);
  }
}
