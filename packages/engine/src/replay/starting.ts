/** A replay is put on record as it was planned, and judged: from then on its workflow carries it. */
import type { PlannedTarget, Replay, ReplayTarget } from '@lockstep/domain/replay/replay.ts';
import { APPROVAL_EXPIRES_AFTER_MS, judgeReplay } from '@lockstep/domain/replay/policy.ts';
import { CommandRefused } from '../commands.ts';
import { audit } from '../crm/audit-entries.ts';
import { entryOfReplay } from './entries.ts';
import { allTargets, PAGE, replayOf } from './environment.ts';
import type { ReplayEngine } from './environment.ts';
import { moved } from './moving.ts';
import { planReplay } from './planning.ts';
import type { PlanRequest, ReplayPlan } from './planning.ts';

export interface StartRequest extends PlanRequest {
  readonly replayId: string;
  readonly requestedBy: string;
  readonly reason: string;
  /** Of the plan that was seen: another one is refused. Null: whatever the plan is now. */
  readonly expectedHash: string | null;
  /** The policy's where they are left out. */
  readonly batchSize?: number;
  readonly perSecond?: number;
}

/**
 * Plans anew and puts exactly that on record, with its audit entry; nothing is set back yet.
 * @throws CommandRefused where there is nothing to replay, or the plan is not the one that was seen
 */
export async function startReplay(engine: ReplayEngine, request: StartRequest, now: string): Promise<ReplayPlan> {
  const plan = await planReplay(engine, request);
  if (plan.targets.length === 0)
    throw new CommandRefused(`replay: expected workflows that failed, got none among ${plan.skipped.length}; nothing was started`);
  if (request.expectedHash !== null && request.expectedHash !== plan.hash)
    throw new CommandRefused('replay: expected the plan that was seen, got another one: something has moved since; look at it again');
  const { replayId, requestedBy, actorKind, reason, selection, point } = request;
  const replay: Replay = {
    ...{ replayId, requestedBy, actorKind, reason, selection, point, requestedAt: now },
    batchSize: request.batchSize ?? engine.policy.batchSize,
    perSecond: request.perSecond ?? engine.policy.perSecond,
    targets: plan.targets.length,
    ...{ state: 'planned', end: null, planHash: plan.hash, reasons: [] },
    ...{ approvalExpiresAt: null, approver: null, decidedAt: null, acceptedUnsafe: [], updatedAt: now },
  };
  const targets = plan.targets.map((target, ordinal) => plannedRow(replayId, target, ordinal));
  await engine.store.transaction(async (tx) => {
    await tx.saveReplay(replay);
    for (let from = 0; from < targets.length; from += PAGE) await tx.saveTargets(targets.slice(from, from + PAGE));
    await audit(tx, [entryOfReplay(replay, { at: now, action: 'plan', outcome: 'done' })]);
  });
  return plan;
}

function plannedRow(replayId: string, target: PlannedTarget, ordinal: number): ReplayTarget {
  return { ...target, replayId, ordinal, state: 'planned', code: null, newRunId: null, settledAt: null };
}

/** Judges a planned replay by the policy of now: it runs, or people are asked. One that was judged stands where it stands. Idempotent. */
export async function openReplay(engine: ReplayEngine, replayId: string, now: string): Promise<Replay> {
  return engine.store.transaction(async (tx) => {
    const replay = (await tx.lockReplay(replayId)) ?? (await replayOf(tx, replayId));
    if (replay.state !== 'planned') return replay;
    const { decision, reasons } = judgeReplay(await allTargets(tx, replayId), engine.policy, replay.actorKind);
    const expires = new Date(Date.parse(now) + APPROVAL_EXPIRES_AFTER_MS).toISOString();
    const judged = { ...replay, reasons, approvalExpiresAt: decision === 'review' ? expires : null };
    const placed = moved(judged, decision === 'go' ? 'go' : 'asked', now);
    await tx.saveReplay(placed);
    const outcome = decision === 'go' ? 'done' : 'escalated';
    await audit(tx, [entryOfReplay(placed, { at: now, action: 'judge', outcome, reasons })]);
    return placed;
  });
}
