/** What a replay would do: which runs, from which point, and what would happen again outside. Reads only: this is the dry run. */
import { effectsOf, sumOfEffects, unsafeActivities } from '@lockstep/domain/replay/effects.ts';
import { planHash } from '@lockstep/domain/replay/plan-hash.ts';
import { resetPointOf } from '@lockstep/domain/replay/point.ts';
import { judgeReplay } from '@lockstep/domain/replay/policy.ts';
import type { ReplayVerdict } from '@lockstep/domain/replay/policy.ts';
import type { Effect, PlannedTarget, Point, Replay, Selection, SkipCode } from '@lockstep/domain/replay/replay.ts';
import type { LatestRun } from '@lockstep/domain/replay/runtime.port.ts';
import { CommandRefused } from '../commands.ts';
import { inParts } from './environment.ts';
import type { ReplayEngine } from './environment.ts';
import { objectionTo, storeWord } from './standing.ts';
import type { StoreWord } from './standing.ts';

/** Workflows of one replay. */
const MOST_TARGETS = 5_000;

export interface ReplayPlan {
  readonly point: Point;
  /** By workflow id. */
  readonly targets: readonly PlannedTarget[];
  /** Of the selection, and left alone. */
  readonly skipped: readonly { readonly workflowId: string; readonly code: SkipCode }[];
  /** Of all targets, by activity. */
  readonly effects: readonly Effect[];
  /** What an approval has to name. */
  readonly unsafe: readonly string[];
  readonly verdict: ReplayVerdict;
  readonly hash: string;
}

export interface PlanRequest {
  readonly selection: Selection;
  readonly point: Point;
  readonly actorKind: Replay['actorKind'];
}

/**
 * Resolves the selection and looks at every workflow of it. Nothing is put on record and nothing is written anywhere (case 81).
 * @throws BadSelection; CommandRefused where the selection is too large
 */
export async function planReplay(engine: ReplayEngine, { selection, point, actorKind }: PlanRequest): Promise<ReplayPlan> {
  const workflowIds = await engine.runtime.find(selection, MOST_TARGETS + 1);
  if (workflowIds.length > MOST_TARGETS)
    throw new CommandRefused(`selection: expected at most ${MOST_TARGETS} workflows, got more; narrow it, by type or by time`);
  const looked = await inParts(workflowIds, async (workflowId) => ({ workflowId, latest: await engine.runtime.latest(workflowId) }));
  const word = await storeWord(
    engine,
    looked.flatMap(({ latest }) => (latest === null ? [] : [latest.subject])),
  );
  const answers = await inParts(looked, ({ workflowId, latest }) => targetOf(engine, point, word, workflowId, latest));
  const targets = answers.flatMap((answer) => ('code' in answer ? [] : [answer]));
  return {
    point,
    targets,
    skipped: answers.flatMap((answer) => ('code' in answer ? [answer] : [])),
    effects: sumOfEffects(targets),
    unsafe: unsafeActivities(targets),
    verdict: judgeReplay(targets, engine.policy, actorKind),
    hash: planHash(targets),
  };
}

type Answer = PlannedTarget | { readonly workflowId: string; readonly code: SkipCode };

async function targetOf(
  engine: ReplayEngine,
  point: Point,
  word: StoreWord,
  workflowId: string,
  latest: LatestRun | null,
): Promise<Answer> {
  const code = objectionTo(latest);
  if (code !== null || latest === null || latest.workflowType === null) return { workflowId, code: code ?? 'GONE' };
  const { runId, workflowType, subject } = latest;
  if (word.isOver(subject)) return { workflowId, code: 'DONE' };
  const outline = await engine.runtime.outline({ workflowId, runId });
  const resetEventId = resetPointOf(outline, point);
  if (resetEventId === null) return { workflowId, code: 'NO_POINT' };
  const effects = effectsOf(workflowType, outline, resetEventId, word.settled(subject));
  return { workflowId, workflowType, runId, resetEventId, effects };
}
