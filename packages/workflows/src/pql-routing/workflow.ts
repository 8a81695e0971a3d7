/**
 * The leads of one account, one decision at a time (R1): evidence comes in, a decision is made, people are told, and a clock runs until somebody has
 * acknowledged it or a named person knows that nobody has (R2).
 *
 * The workflow holds no truth: leads, decisions, clocks and notices are rows, and a run that is started from the store goes on. What is due when is the
 * store's answer; the workflow sleeps until then, on absolute instants, and is woken by evidence, answers and changes of the roster. Neither a channel nor a CRM
 * that does not answer holds the clock up: notices and writes go their own way beside it.
 */
import {
  ActivityFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Answered, AnswerRequest, PqlRoutingActivities, Told } from './activities.ts';
import { firstTry, nextTry } from './channels.ts';
import type { Delivery } from './channels.ts';
import {
  acceptUpdate,
  closeUpdate,
  declineUpdate,
  evidenceSignal,
  pqlStatusQuery,
  reassignUpdate,
  releaseUpdate,
  snoozeUpdate,
} from './messages.ts';
import type { PqlRoutingInput, PqlRoutingOutcome, PqlRoutingStatus } from './messages.ts';

const { step, answer } = proxyActivities<PqlRoutingActivities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '15 seconds' },
});

/** One attempt, and its end is known in time for the next channel (R8): 40 s of patience and this are less than 60. */
const { tell } = proxyActivities<PqlRoutingActivities>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '18 seconds',
  heartbeatTimeout: '10 seconds',
  retry: { maximumAttempts: 1 },
});

/** A CRM may be away for hours. */
const { startChangeSet } = proxyActivities<PqlRoutingActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** A step that names no instant after its own has not got on: it is asked again, and not at once. */
const STUCK_WAIT_MS = 5_000;

interface Progress {
  readonly input: PqlRoutingInput;
  isWoken: boolean;
  phase: PqlRoutingStatus['phase'];
  wakeAt: string | null;
  /** Of the last step: the instant that it was given. */
  steppedAtMs: number;
  steps: number;
  /** Notices on their way, by id, as they stand before their next attempt. */
  readonly telling: Map<string, Delivery>;
  /** Attempts whose end is not known. */
  attempts: number;
  /** Change sets that are being started. */
  readonly writing: Set<string>;
}

type Answer = Omit<AnswerRequest, 'workspaceId' | 'accountId' | 'at'>;

export async function pqlRouting(input: PqlRoutingInput): Promise<PqlRoutingOutcome> {
  const progress: Progress = {
    ...{ input, isWoken: true, phase: 'stepping', wakeAt: null, steppedAtMs: 0, steps: 0 },
    ...{ telling: new Map(), attempts: 0, writing: new Set() },
  };
  listen(progress);
  for (const delivery of input.telling ?? []) void telling(progress, delivery);
  for (;;) {
    progress.isWoken = false;
    progress.phase = 'stepping';
    progress.steppedAtMs = Date.now();
    const { state, wakeAt, notices, changeSets } = await step(requestOf(input));
    progress.steps += 1;
    progress.wakeAt = wakeAt;
    for (const noticeId of notices) if (!progress.telling.has(noticeId)) void telling(progress, firstTry(noticeId, Date.now()));
    for (const changeSetId of changeSets) if (!progress.writing.has(changeSetId)) void writing(progress, changeSetId);
    progress.phase = 'waiting';
    if (state === 'open') await sleepUntil(progress);
    else if (await isAtRest(progress)) {
      progress.phase = 'ended';
      return { state };
    }
    await continueIfLong(progress);
  }
}

function listen(progress: Progress): void {
  setHandler(evidenceSignal, () => {
    progress.isWoken = true;
  });
  setHandler(pqlStatusQuery, () => {
    const { phase, wakeAt, steps } = progress;
    return { phase, wakeAt, steps, telling: progress.telling.size };
  });
  setHandler(acceptUpdate, (message) => answered(progress, { ...message, kind: 'accept' }));
  setHandler(declineUpdate, (message) => answered(progress, { ...message, kind: 'decline' }));
  setHandler(snoozeUpdate, (message) => answered(progress, { ...message, kind: 'snooze' }));
  setHandler(reassignUpdate, (message) => answered(progress, { ...message, kind: 'reassign' }));
  setHandler(releaseUpdate, (message) => answered(progress, { ...message, kind: 'release' }));
  setHandler(closeUpdate, (message) => answered(progress, { ...message, kind: 'close' }));
}

/** On record before it answers; what follows from it is the next step's. */
async function answered(progress: Progress, message: Answer): Promise<Answered> {
  const result = await answer({ ...message, ...requestOf(progress.input) });
  if (result.outcome === 'taken') progress.isWoken = true;
  return result;
}

/** Until the notice is delivered somewhere: the clock does not wait for it (R8). */
async function telling(progress: Progress, first: Delivery): Promise<void> {
  const { noticeId } = first;
  try {
    for (let delivery = first; ;) {
      progress.telling.set(noticeId, delivery);
      if (delivery.nextMs > Date.now()) await condition(() => false, delivery.nextMs - Date.now());
      progress.attempts += 1;
      const told = await attempt(progress.input, delivery);
      if (told.outcome === 'failed') progress.telling.set(noticeId, (delivery = nextTry(delivery, told, Date.now())));
      else progress.telling.delete(noticeId);
      progress.attempts -= 1;
      if (told.outcome === 'delivered') return;
    }
  } catch (error) {
    // The workflow itself is being cancelled, and says so.
    if (!isCancellation(error)) throw error;
  }
}

/** An attempt that broke, or never came back, may have delivered it. */
async function attempt(input: PqlRoutingInput, { noticeId, channel }: Delivery): Promise<Told> {
  try {
    return await tell({ ...requestOf(input), noticeId, channel });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return { kind: 'told', outcome: 'failed', code: 'OutcomeUnknown', retryAfterMs: null };
  }
}

async function writing(progress: Progress, changeSetId: string): Promise<void> {
  progress.writing.add(changeSetId);
  try {
    await startChangeSet({ ...requestOf(progress.input), changeSetId });
    progress.writing.delete(changeSetId);
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
}

/** Until something is due, or somebody has said something. */
async function sleepUntil(progress: Progress): Promise<void> {
  const isWoken = (): boolean => progress.isWoken || workflowInfo().continueAsNewSuggested;
  if (progress.wakeAt === null) await condition(isWoken);
  else {
    const wakeAtMs = Date.parse(progress.wakeAt);
    await condition(isWoken, wakeAtMs > progress.steppedAtMs ? Math.max(1, wakeAtMs - Date.now()) : STUCK_WAIT_MS);
  }
}

/** Nothing is on its way and nobody has said anything meanwhile. */
async function isAtRest(progress: Progress): Promise<boolean> {
  const isIdle = (): boolean => progress.telling.size === 0 && progress.writing.size === 0 && allHandlersFinished();
  await condition(() => progress.isWoken || isIdle() || workflowInfo().continueAsNewSuggested);
  return !progress.isWoken && isIdle();
}

/**
 * Waits for attempts to come to their end, so that no notice is sent by two runs; notices between two attempts go over to the next run as they stand. A change set
 * that is being started is owed until it is, and started again.
 */
async function continueIfLong(progress: Progress): Promise<void> {
  if (!workflowInfo().continueAsNewSuggested) return;
  await condition(() => allHandlersFinished() && progress.attempts === 0);
  const { workspaceId, accountId } = progress.input;
  await continueAsNew<typeof pqlRouting>({ workspaceId, accountId, telling: [...progress.telling.values()] });
}

function requestOf({ workspaceId, accountId }: PqlRoutingInput): { workspaceId: string; accountId: string; at: string } {
  return { workspaceId, accountId, at: new Date().toISOString() };
}
