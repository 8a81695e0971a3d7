/**
 * One replay from its judgement to its end: approved where it must be, carried out in batches, paused and resumed by people.
 *
 * The workflow holds no truth: where the replay stands, and what became of each target, lies in the store, and a run that is started from there goes on.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  ReplayActivities,
  ReplayAnswer,
  ReplayDecisionRequest,
  ReplayHoldRequest,
  ReplayRequest,
  ReplayStanding,
} from './activities.ts';
import {
  approveReplayUpdate,
  pauseReplayUpdate,
  rejectReplayUpdate,
  replayProgressQuery,
  resumeReplayUpdate,
  stopReplayUpdate,
} from './messages.ts';
import type { ReplayDecisionMessage, ReplayHoldMessage, ReplayInput, ReplayOutcome, ReplayProgress } from './messages.ts';

const calls = proxyActivities<ReplayActivities>({
  startToCloseTimeout: '5 minutes',
  // How long a batch is lost for when its worker is killed.
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** Of one run. Nothing in it is the only place that knows something. */
interface Progress {
  readonly input: ReplayInput;
  /** As the store said last; null before it was asked. */
  standing: ReplayStanding | null;
  settled: number;
}

/** Runs until the replay has ended. */
export async function replay(input: ReplayInput): Promise<ReplayOutcome> {
  const progress: Progress = { input, standing: null, settled: 0 };
  listen(progress);
  const opened = await calls.openReplay(requestOf(input));
  if (opened === null) return { end: null };
  take(progress, opened);
  for (;;) {
    const { state, end } = standingOf(progress);
    if (state === 'ended') {
      await condition(allHandlersFinished);
      return { end };
    }
    if (state === 'running') await runBatches(progress);
    else await waitForPeople(progress);
    await continueIfLong(progress);
  }
}

function listen(progress: Progress): void {
  setHandler(replayProgressQuery, () => progressOf(progress));
  const validator = ({ planHash }: ReplayDecisionMessage): void => {
    const { standing } = progress;
    // Who answers a run that has just begun, as one that was lost, waits until it knows what it asks for.
    if (standing === null) return;
    const objection = standing.state !== 'awaiting-approval' ? 'NOT_WAITING' : planHash === standing.planHash ? null : 'OTHER_PLAN';
    if (objection !== null)
      throw ApplicationFailure.nonRetryable('replay: expected one that waits for this answer; look at it again', objection);
  };
  setHandler(approveReplayUpdate, (message) => decide(progress, 'approve', message), { validator });
  setHandler(rejectReplayUpdate, (message) => decide(progress, 'reject', message), { validator });
  const holding = (event: ReplayHoldRequest['event']) => {
    return async ({ by }: ReplayHoldMessage): Promise<ReplayStanding> => {
      await condition(() => progress.standing !== null);
      return take(progress, await calls.holdReplay({ ...requestOf(progress.input), event, by }));
    };
  };
  const notEnded = (_message: ReplayHoldMessage): void => {
    if (progress.standing?.state === 'ended')
      throw ApplicationFailure.nonRetryable('replay: expected one that has not ended, got one that has; plan another one', 'NOT_WAITING');
  };
  setHandler(pauseReplayUpdate, holding('paused'), { validator: notEnded });
  setHandler(resumeReplayUpdate, holding('resumed'), { validator: notEnded });
  setHandler(stopReplayUpdate, holding('stopped'), { validator: notEnded });
}

async function decide(
  progress: Progress,
  decision: ReplayDecisionRequest['decision'],
  { approver, planHash, accepts }: ReplayDecisionMessage,
): Promise<ReplayAnswer> {
  await condition(() => progress.standing !== null);
  const answer = await calls.decideReplay({ ...requestOf(progress.input), approver, decision, planHash, accepts });
  if (answer.outcome !== 'refused') await refresh(progress);
  return answer;
}

/** Batches at the rate that was asked for, until it is paused, stopped or done. */
async function runBatches(progress: Progress): Promise<void> {
  const isLong = (): boolean => workflowInfo().continueAsNewSuggested;
  while (standingOf(progress).state === 'running' && !isLong()) {
    const begunAtMs = Date.now();
    const { outcome, settled } = await calls.replayBatch(requestOf(progress.input));
    progress.settled += settled;
    if (outcome !== 'more') return refresh(progress);
    // A pause or a stop cuts the wait short; what is due next is looked at anyway.
    const waitMs = Math.floor((settled * 1_000) / standingOf(progress).perSecond) - (Date.now() - begunAtMs);
    if (waitMs > 0) await condition(() => standingOf(progress).state !== 'running', waitMs);
  }
}

/** While it is paused, or people are asked, until they answer or the time is up. */
async function waitForPeople(progress: Progress): Promise<void> {
  const { state, approvalExpiresAt } = standingOf(progress);
  const isMoved = (): boolean => standingOf(progress).state !== state;
  if (approvalExpiresAt === null) return condition(isMoved);
  const leftMs = Date.parse(approvalExpiresAt) - Date.now();
  if (await condition(isMoved, Math.max(1, leftMs))) return;
  // What came in time counts, also where the store was slow to take it.
  await condition(allHandlersFinished);
  if (!isMoved()) take(progress, await calls.holdReplay({ ...requestOf(progress.input), event: 'expired', by: 'system' }));
}

async function refresh(progress: Progress): Promise<void> {
  const standing = await calls.openReplay(requestOf(progress.input));
  if (standing !== null) take(progress, standing);
}

function take(progress: Progress, standing: ReplayStanding): ReplayStanding {
  progress.standing = standing;
  progress.settled = standing.settled;
  return standing;
}

function standingOf({ standing }: Progress): ReplayStanding {
  if (standing === null) throw new Error('replay: expected to know where it stands, got a look before it was opened');
  return standing;
}

function progressOf({ standing, settled }: Progress): ReplayProgress {
  if (standing === null) return { phase: 'opening', targets: 0, settled: 0, approvalExpiresAt: null };
  const { state, targets, approvalExpiresAt } = standing;
  return { phase: state === 'planned' ? 'opening' : state, targets, settled, approvalExpiresAt };
}

/** Goes on in a new run where this one's history has become long. The store knows all that this run does. */
async function continueIfLong({ input, standing }: Progress): Promise<void> {
  if (!workflowInfo().continueAsNewSuggested || standing?.state === 'ended') return;
  await condition(allHandlersFinished);
  await continueAsNew<typeof replay>(input);
}

function requestOf({ workspaceId, replayId }: ReplayInput): ReplayRequest {
  return { workspaceId, replayId, at: new Date().toISOString() };
}
