/**
 * The leads of one account, one decision at a time (R1): evidence comes in, a decision is made, people are told, and a clock runs until somebody has
 * acknowledged it or a named person knows that nobody has (R2).
 *
 * The workflow holds no truth: leads, decisions, clocks and notices are rows, and a run that is started from the store goes on. What is due when is the
 * store's answer; the workflow sleeps until then, on absolute instants, and is woken by evidence, answers and changes of the roster.
 */
import { allHandlersFinished, condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Answered, AnswerRequest, PqlRoutingActivities } from './activities.ts';
import { firstTry, nextTry } from './delivery.ts';
import { acceptUpdate, declineUpdate, evidenceSignal, pqlStatusQuery, reassignUpdate, releaseUpdate, snoozeUpdate } from './messages.ts';
import type { PqlRoutingInput, PqlRoutingOutcome, PqlRoutingStatus } from './messages.ts';

const routing = proxyActivities<PqlRoutingActivities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '15 seconds' },
});

interface Progress {
  readonly input: PqlRoutingInput;
  isWoken: boolean;
  phase: PqlRoutingStatus['phase'];
  wakeAt: string | null;
  steps: number;
  /** Notices on their way, by id. */
  readonly telling: Set<string>;
}

export async function pqlRouting(input: PqlRoutingInput): Promise<PqlRoutingOutcome> {
  const progress: Progress = { input, isWoken: true, phase: 'stepping', wakeAt: null, steps: 0, telling: new Set() };
  listen(progress);
  for (;;) {
    progress.isWoken = false;
    progress.phase = 'stepping';
    const { state, wakeAt, notices, changeSets } = await routing.step(requestOf(input));
    progress.steps += 1;
    progress.wakeAt = wakeAt;
    for (const noticeId of notices) if (!progress.telling.has(noticeId)) void tell(progress, noticeId);
    await Promise.all(changeSets.map((changeSetId) => routing.startChangeSet({ ...requestOf(input), changeSetId })));
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
  const answered = (request: Omit<AnswerRequest, 'workspaceId' | 'accountId' | 'at'>): Promise<Answered> => answer(progress, request);
  setHandler(evidenceSignal, () => {
    progress.isWoken = true;
  });
  setHandler(pqlStatusQuery, () => {
    const { phase, wakeAt, telling, steps } = progress;
    return { phase, wakeAt, telling: telling.size, steps };
  });
  setHandler(acceptUpdate, (message) => answered({ ...message, kind: 'accept' }));
  setHandler(declineUpdate, (message) => answered({ ...message, kind: 'decline' }));
  setHandler(snoozeUpdate, (message) => answered({ ...message, kind: 'snooze' }));
  setHandler(reassignUpdate, (message) => answered({ ...message, kind: 'reassign' }));
  setHandler(releaseUpdate, (message) => answered({ ...message, kind: 'release' }));
}

/** On record before it answers; what follows from it is the next step's. */
async function answer(progress: Progress, message: Omit<AnswerRequest, 'workspaceId' | 'accountId' | 'at'>): Promise<Answered> {
  const answered = await routing.answer({ ...requestOf(progress.input), ...message });
  if (answered.outcome === 'taken') progress.isWoken = true;
  return answered;
}

/** Until the notice is delivered somewhere: the clock does not wait for it (R8). */
async function tell(progress: Progress, noticeId: string): Promise<void> {
  progress.telling.add(noticeId);
  for (let delivery = firstTry(Date.now()); ;) {
    const told = await routing.tell({ ...requestOf(progress.input), noticeId, channel: delivery.channel });
    if (told.outcome === 'delivered') break;
    delivery = nextTry(delivery, told, Date.now());
    if (delivery.waitMs > 0) await condition(() => false, delivery.waitMs);
  }
  progress.telling.delete(noticeId);
}

/** Until something is due, or somebody has said something. */
async function sleepUntil(progress: Progress): Promise<void> {
  const isWoken = (): boolean => progress.isWoken || workflowInfo().continueAsNewSuggested;
  if (progress.wakeAt === null) await condition(isWoken);
  else await condition(isWoken, Math.max(1, Date.parse(progress.wakeAt) - Date.now()));
}

/** Nothing is on its way and nobody has said anything meanwhile. */
async function isAtRest(progress: Progress): Promise<boolean> {
  await condition(() => progress.isWoken || (progress.telling.size === 0 && allHandlersFinished()));
  return !progress.isWoken;
}

/** Notices on their way are rows: the next run takes them up. */
async function continueIfLong(progress: Progress): Promise<void> {
  if (!workflowInfo().continueAsNewSuggested) return;
  await condition(allHandlersFinished);
  await continueAsNew<typeof pqlRouting>(progress.input);
}

function requestOf({ workspaceId, accountId }: PqlRoutingInput): { workspaceId: string; accountId: string; at: string } {
  return { workspaceId, accountId, at: new Date().toISOString() };
}
