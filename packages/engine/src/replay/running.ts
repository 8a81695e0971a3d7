/**
 * Setting runs back, a batch at a time. Each target is looked at again, put on record as `resetting` together with its audit entry, and only then set back; what a
 * crash left `resetting` is asked for again under the same request id. No transaction is open while Temporal is called.
 */
import type { NewAuditEntry } from '@lockstep/domain/audit/entry.ts';
import type { Replay, ReplayTarget, SkipCode } from '@lockstep/domain/replay/replay.ts';
import { audit } from '../crm/audit-entries.ts';
import { hasExpired } from './deciding.ts';
import { entryOfReplay, entryOfTarget } from './entries.ts';
import { CALLS_AT_A_TIME, inParts, replayOf } from './environment.ts';
import type { ReplayEngine } from './environment.ts';
import { moved } from './moving.ts';
import { objectionTo, storeWord } from './standing.ts';

export interface Batch {
  /** `more`: call again. `held`: it waits for people. `ended`: nothing is left. */
  readonly outcome: 'more' | 'held' | 'ended';
  /** Targets that were settled now. */
  readonly settled: number;
}

/**
 * A large batch is settled in pieces, some side by side: while one is looked at or put on record, which Temporal has no part in, another is set back. A batch of the
 * shipped size is one piece.
 */
const PIECE = 25;
const PIECES_AT_A_TIME = 2;

/** What is to be done about a target: set back, left alone, or it was set back already. */
type Look = { readonly target: ReplayTarget } & (
  | { readonly how: 'reset' }
  | { readonly how: 'skip'; readonly code: SkipCode }
  | { readonly how: 'found'; readonly newRunId: string }
);

/** Settles the next batch of a replay that runs. Idempotent. @throws AuditUnavailable: nothing was set back; and whatever Temporal fails with: call again. */
export async function runBatch(engine: ReplayEngine, replayId: string, now: string): Promise<Batch> {
  const { replay, next } = await engine.store.snapshot(async (reader) => {
    const found = await replayOf(reader, replayId);
    return { replay: found, next: await reader.targetsIn(replayId, ['planned', 'resetting'], found.batchSize) };
  });
  if (replay.state !== 'running') return { outcome: replay.state === 'ended' ? 'ended' : 'held', settled: 0 };
  if (next.length === 0 || hasExpired(replay, now)) return end(engine, replayId, next.length === 0 ? 'finished' : 'expired', now);
  const pieces = Array.from({ length: Math.ceil(next.length / PIECE) }, (_, place) => next.slice(place * PIECE, (place + 1) * PIECE));
  const counts = await inParts(pieces, (piece) => settlePiece(engine, replay, piece, now), PIECES_AT_A_TIME);
  const settled = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return { outcome: counts.includes(null) ? 'held' : 'more', settled };
}

/** How many were settled; null where somebody has paused or ended the replay meanwhile, and nothing was. */
async function settlePiece(engine: ReplayEngine, replay: Replay, piece: readonly ReplayTarget[], now: string): Promise<number | null> {
  const looks = await lookAtAll(engine, piece);
  const due = looks.flatMap((look) => (look.how === 'reset' ? [look.target] : []));
  const settled = looks.flatMap((look) => settledBy(look, now));
  if (!(await markResetting(engine, replay.replayId, due, settled, now))) return null;
  const after = await inParts(due, (target) => resetOne(engine, replay, target, now), CALLS_AT_A_TIME / PIECES_AT_A_TIME);
  await record(engine, replay, after, now);
  return settled.length + after.length;
}

async function end(engine: ReplayEngine, replayId: string, event: 'finished' | 'expired', now: string): Promise<Batch> {
  await engine.store.transaction(async (tx) => {
    const replay = (await tx.lockReplay(replayId)) ?? (await replayOf(tx, replayId));
    const after = moved(replay, event, now);
    if (after === replay) return;
    await tx.saveReplay(after);
    const action = event === 'finished' ? 'finish' : 'expire';
    await audit(tx, [entryOfReplay(after, { at: now, action, outcome: 'done', by: 'system' })]);
  });
  return { outcome: 'ended', settled: 0 };
}

async function lookAtAll(engine: ReplayEngine, targets: readonly ReplayTarget[]): Promise<readonly Look[]> {
  const latests = await inParts(targets, ({ workflowId }) => engine.runtime.latest(workflowId));
  const word = await storeWord(
    engine,
    latests.flatMap((latest) => (latest === null ? [] : [latest.subject])),
  );
  return inParts(
    targets.map((target, index) => ({ target, latest: latests[index] ?? null })),
    async ({ target, latest }): Promise<Look> => {
      const isPlanned = latest?.runId === target.runId;
      const into = isPlanned && target.state === 'planned' ? null : await engine.runtime.resetInto(target);
      // Before it was marked it had not been set back: it was us.
      if (into !== null && target.state === 'resetting') return { target, how: 'found', newRunId: into };
      if (latest !== null && !isPlanned) return { target, how: 'skip', code: into === null ? 'MOVED' : 'RESET_BEFORE' };
      const code = objectionTo(latest) ?? (latest !== null && word.isOver(latest.subject) ? 'DONE' : null);
      return code === null ? { target, how: 'reset' } : { target, how: 'skip', code };
    },
  );
}

function settledBy(look: Look, now: string): readonly ReplayTarget[] {
  if (look.how === 'reset') return [];
  const { target } = look;
  if (look.how === 'found') return [{ ...target, state: 'reset', newRunId: look.newRunId, settledAt: now }];
  return [{ ...target, state: 'skipped', code: look.code, settledAt: now }];
}

/** False where somebody has paused or ended it meanwhile: nothing is set back then. */
async function markResetting(
  engine: ReplayEngine,
  replayId: string,
  due: readonly ReplayTarget[],
  settled: readonly ReplayTarget[],
  now: string,
): Promise<boolean> {
  return engine.store.transaction(async (tx) => {
    const replay = (await tx.lockReplay(replayId)) ?? (await replayOf(tx, replayId));
    if (replay.state !== 'running') return false;
    await tx.saveTargets([...due.map((target) => ({ ...target, state: 'resetting' as const })), ...settled]);
    // What was on record as `resetting` has its entry.
    const fresh = due.filter(({ state }) => state === 'planned');
    await audit(tx, [
      ...fresh.map((target) => entryOfTarget(replay, target, { at: now, outcome: 'intended' })),
      ...ends(replay, settled, now),
    ]);
    return true;
  });
}

async function resetOne(engine: ReplayEngine, { replayId }: Replay, target: ReplayTarget, now: string): Promise<ReplayTarget> {
  const { workflowId, runId, resetEventId: eventId } = target;
  const newRunId = await engine.runtime.reset({
    ...{ workflowId, runId, eventId },
    requestId: `${replayId}/${runId}`,
    reason: `lockstep replay ${replayId}`,
  });
  if (newRunId === null) return { ...target, state: 'refused', code: 'NOT_RESETTABLE', settledAt: now };
  return { ...target, state: 'reset', newRunId, settledAt: now };
}

async function record(engine: ReplayEngine, replay: Replay, targets: readonly ReplayTarget[], now: string): Promise<void> {
  if (targets.length === 0) return;
  await engine.store.transaction(async (tx) => {
    await tx.saveTargets(targets);
    await audit(tx, ends(replay, targets, now));
  });
}

function ends(replay: Replay, targets: readonly ReplayTarget[], now: string): readonly NewAuditEntry[] {
  return targets.map((target) => {
    const { state, code } = target;
    const outcome = state === 'reset' ? 'done' : state === 'skipped' ? 'skipped' : 'refused';
    return entryOfTarget(replay, target, { at: now, outcome, reasons: code === null ? [] : [code] });
  });
}
