/**
 * One change set from its judgement to its end: judged, approved, its records leased, applied in batches, verified, committed; or taken back, the latest
 * first (laws C3, C6–C8, C10, C11).
 *
 * The workflow holds no truth: where the set stands lies in the store, and a run that is started from there goes on. Everything runs in a scope that
 * cannot be cancelled; a cancellation is a wish that is looked at between two calls, so that no write is ever cut off and inverses always run.
 */
import { allHandlersFinished, ApplicationFailure, CancellationScope, condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { SetCause } from '@lockstep/domain/crm/change-set.ts';
import type { SetNotice } from '@lockstep/domain/crm/notice.ts';
import type { CauseRequest, ChangeSetActivities, Decided, DecisionRequest, SetRequest } from './activities.ts';
import { approveUpdate, changeSetStatusQuery, rejectUpdate, takeOverUpdate } from './messages.ts';
import type { ChangeSetInput, ChangeSetOutcome, DecisionMessage } from './messages.ts';
import { causeOfStop, continueIfLong, patiently, pause, requestOf, stubbornly } from './patience.ts';
import { beginning, entranceOf, objectionTo, statusOf } from './state.ts';
import type { Progress } from './state.ts';

const set = proxyActivities<ChangeSetActivities>({
  startToCloseTimeout: '10 minutes',
  // How long a batch is lost for when its worker is killed.
  heartbeatTimeout: '10 seconds',
  // What a CRM does is answered with a wait; this is for our own failures, the store's first of all.
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** How often it is looked whether other sets have given their leases back. */
const LEASES_POLL_MS = 5_000;
/** How often an operator is told of a set that needs one (case 37: within 4 h). */
const REMIND_MS = 4 * 3_600_000;

/** Runs until the set has ended. Ends as cancelled when it was cancelled, after the inverses have run. */
export async function changeSet(input: ChangeSetInput): Promise<ChangeSetOutcome> {
  const progress = beginning(input);
  const { cancelRequested } = CancellationScope.current();
  cancelRequested.catch(() => (progress.isCancelled = true));
  setHandler(changeSetStatusQuery, () => statusOf(progress));
  const validator = (message: DecisionMessage): void => {
    // Who answers a run that has just begun, as one that was lost, waits until it knows what it asks for.
    const objection = progress.phase === 'judging' ? null : objectionTo(progress, message, Date.now());
    if (objection === null) return;
    throw ApplicationFailure.nonRetryable('change set: expected one that waits for this answer; look at it again', objection);
  };
  const uncut = CancellationScope.nonCancellable.bind(CancellationScope);
  setHandler(approveUpdate, (message) => uncut(() => decide(progress, 'approve', message)), { validator });
  setHandler(rejectUpdate, (message) => uncut(() => decide(progress, 'reject', message)), { validator });
  setHandler(takeOverUpdate, () => {
    progress.isTakenOver = true;
    return statusOf(progress);
  });
  const outcome = await uncut(() => run(progress));
  await uncut(() => condition(allHandlersFinished));
  return progress.isCancelled && outcome.cause === 'cancelled' ? cancelRequested : outcome;
}

async function run(progress: Progress): Promise<ChangeSetOutcome> {
  const { cleanUp } = progress.input;
  const standing = await set.readSet(requestOf(progress));
  if (standing === null) return { end: 'rolled-back', cause: null };
  progress.deadlineAt = standing.deadlineAt;
  progress.isReviewed = standing.isReviewed;
  const entrance = entranceOf(standing, cleanUp);
  if (entrance === 'nothing') return { end: standing.end ?? 'needs-operator', cause: standing.cause };
  if (entrance === 'compensate') return takeBack(progress, cleanUp ?? standing.cause ?? 'terminated');
  const cause = (entrance === 'judge' ? await admit(progress) : null) ?? (await carryOut(progress, entrance === 'verify'));
  return cause === null ? { end: 'committed', cause: null } : takeBack(progress, cause);
}

/** Judged, approved, leased, and the diff is still the one that was approved. Why it must not be applied, or null. */
async function admit(progress: Progress): Promise<SetCause | null> {
  for (;;) {
    progress.phase = 'judging';
    const judged = await patiently(progress, set.judgeSet);
    if (judged === null) return causeOfStop(progress);
    Object.assign(progress, { ...judged, said: 'nothing' });
    if (judged.verdict === 'deny') return 'policy';
    const cause = judged.verdict === 'review' ? await approval(progress) : null;
    if (cause !== null) return cause;
    if (!(await lease(progress))) return causeOfStop(progress);
    progress.phase = 'refreshing';
    const fresh = await patiently(progress, set.refreshSet);
    if (fresh === null) return causeOfStop(progress);
    if (fresh.outcome === 'same') return null;
  }
}

/** Waits for people until the approval expires (case 60). Why there is none, or null. */
async function approval(progress: Progress): Promise<SetCause | null> {
  progress.isReviewed = true;
  progress.phase = 'awaiting-approval';
  await tell(progress, 'approval-asked');
  const leftMs = Date.parse(progress.approvalExpiresAt ?? '') - Date.now();
  await condition(() => progress.said !== 'nothing' || progress.isCancelled, Math.max(1, leftMs));
  // What came in time counts, also where the store was slow to take it.
  await condition(() => progress.deciding === 0);
  if (progress.isCancelled) return 'cancelled';
  if (progress.said === 'approved') return null;
  return progress.said === 'rejected' ? 'rejected' : 'expired';
}

async function decide(progress: Progress, decision: DecisionRequest['decision'], message: DecisionMessage): Promise<Decided> {
  await condition(() => progress.phase !== 'judging');
  const objection = objectionTo(progress, message, Date.now());
  if (objection !== null) return { kind: 'decided', outcome: 'refused', code: objection };
  progress.deciding += 1;
  try {
    const { approver, diffHash } = message;
    const decided = await set.decideSet({ ...requestOf(progress), approver, decision, diffHash });
    if (decided.outcome === 'approved' || decided.outcome === 'rejected') progress.said = decided.outcome;
    return decided;
  } finally {
    progress.deciding -= 1;
  }
}

/** Waits while other sets hold records of this one (C10). False where its time is up or it was cancelled. */
async function lease(progress: Progress): Promise<boolean> {
  progress.phase = 'waiting-for-records';
  for (;;) {
    const acquired = await patiently(progress, set.acquireLeases);
    if (acquired === null) return false;
    if (acquired.heldByOthers === 0) return true;
    await pause(progress, LEASES_POLL_MS);
    await continueIfLong(progress);
  }
}

/** Batches, then the verifying reads, then the commit. Why it has to be taken back, or null. */
async function carryOut(progress: Progress, isApplied: boolean): Promise<SetCause | null> {
  progress.phase = 'applying';
  for (let more = !isApplied; more;) {
    const applied = await patiently(progress, set.applyBatch);
    if (applied === null) return causeOfStop(progress);
    if (applied.stop !== null) return applied.stop;
    ({ more } = applied);
    if (more) await continueIfLong(progress);
  }
  progress.phase = 'verifying';
  const verified = await patiently(progress, set.verifySet);
  if (verified === null) return causeOfStop(progress);
  if (verified.stop !== null) return verified.stop;
  if ((await patiently(progress, set.commitSet)) === null) return causeOfStop(progress);
  progress.phase = 'ended';
  return null;
}

/** Inverses until there are none left, however long the CRM is away; then the end, and the people who have to know it. */
async function takeBack(progress: Progress, cause: SetCause): Promise<ChangeSetOutcome> {
  progress.phase = 'compensating';
  const because = <A>(call: (request: CauseRequest) => Promise<A>) => {
    return (request: SetRequest): Promise<A> => call({ ...request, cause });
  };
  for (let more = true; more;) {
    ({ more } = await stubbornly(progress, because(set.compensateBatch)));
    await continueIfLong(progress, cause);
  }
  const { end } = await stubbornly(progress, because(set.endSet));
  await tell(progress, NOTICES[cause] ?? 'rolled-back');
  if (end !== 'needs-operator' && (cause === 'drift' || (cause === 'deadline' && progress.isReviewed))) await again(progress);
  if (end === 'needs-operator') await callOperator(progress);
  progress.phase = 'ended';
  return { end, cause };
}

/** People, or the policy, are asked for the diff of today. */
async function again(progress: Progress): Promise<void> {
  const { changeSetId } = await stubbornly(progress, set.askAgain);
  if (changeSetId !== null) await tell(progress, 'asked-again');
}

const NOTICES: Readonly<Partial<Record<SetCause, SetNotice>>> = {
  expired: 'approval-expired',
  rejected: 'rejected',
  policy: 'denied',
  deadline: 'out-of-time',
};

/** The set has its end; its leases stay until a person has looked (C7). */
async function callOperator(progress: Progress): Promise<void> {
  progress.phase = 'needs-operator';
  await tell(progress, 'needs-operator');
  while (!(await condition(() => progress.isTakenOver, REMIND_MS))) await tell(progress, 'needs-operator-still');
}

async function tell(progress: Progress, notice: SetNotice): Promise<void> {
  await set.tellPeople({ ...requestOf(progress), notice });
}
