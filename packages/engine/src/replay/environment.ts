/** What the use cases of replays work on: one workspace's store and workflows, its policy and its people. Wired by apps/worker; in tests by hand. */
import type { Replay, ReplayTarget } from '@lockstep/domain/replay/replay.ts';
import type { ReplayPolicy } from '@lockstep/domain/replay/policy.schema.ts';
import type { ReplayReader, ReplayStore } from '@lockstep/domain/replay/replay-store.port.ts';
import type { WorkflowRuntime } from '@lockstep/domain/replay/runtime.port.ts';
import type { Policies } from '../crm/environment.ts';

export interface ReplayEngine {
  readonly store: ReplayStore;
  readonly runtime: WorkflowRuntime;
  /** Who may approve, by the people of this moment. */
  readonly people: Pick<Policies, 'principals'>;
  readonly policy: ReplayPolicy;
  /** Whether every channel to people can be looked through for a notice that may have been delivered. Mail cannot. */
  readonly canLookUpNotices: boolean;
}

/** Nothing is on record under this id. */
export class ReplayNotOnRecord extends Error {
  override readonly name = 'ReplayNotOnRecord';
}

export async function replayOf(reader: Pick<ReplayReader, 'replay'>, replayId: string): Promise<Replay> {
  const replay = await reader.replay(replayId);
  if (replay === null)
    throw new ReplayNotOnRecord(`replay ${replayId}: expected one on record, found none; list them with \`lockstep replay list\``);
  return replay;
}

/** Targets that are read or put on record at a time. */
export const PAGE = 1_000;

/** All targets, a page at a time. */
export async function allTargets(reader: Pick<ReplayReader, 'targets'>, replayId: string): Promise<readonly ReplayTarget[]> {
  const all: ReplayTarget[] = [];
  for (let from = 0; ; from += PAGE) {
    const page = await reader.targets(replayId, { from, limit: PAGE });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

/** How many calls to Temporal are under way at a time. */
export const CALLS_AT_A_TIME = 16;

/** Works on all, some at a time; answers in their order. After a failure nothing more is begun, and what is under way is waited for before it is thrown. */
export async function inParts<T, A>(all: readonly T[], work: (one: T) => Promise<A>, atATime = CALLS_AT_A_TIME): Promise<readonly A[]> {
  const answers: A[] = [];
  const left = all.entries();
  let isFailed = false;
  const carry = async (): Promise<void> => {
    for (const [place, one] of left) {
      if (isFailed) return;
      try {
        answers[place] = await work(one);
      } catch (error) {
        isFailed = true;
        throw error;
      }
    }
  };
  // One that waits for its answer keeps no other from its next.
  const ends = await Promise.allSettled(Array.from({ length: atATime }, carry));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return answers;
}
