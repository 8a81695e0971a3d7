/** Calls that are put off while a CRM does not serve, without losing sight of the set's deadline, of its cancellation and of the length of the history. */
import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { SetCause } from '@lockstep/domain/crm/change-set.ts';
import type { SetRequest, Wait } from './activities.ts';
import type { ChangeSetInput } from './messages.ts';
import { patienceMs } from './state.ts';
import type { Progress } from './state.ts';

/** Of a cancelled run, whose next one would not end as cancelled: Temporal allows 51,200. */
const MOST_EVENTS = 40_000;

type Call<A> = (request: SetRequest) => Promise<A | Wait>;

export function requestOf({ input }: Progress): SetRequest {
  return { workspaceId: input.workspaceId, changeSetId: input.changeSetId, at: new Date().toISOString() };
}

/** Calls until it is served (C8). Null where its time is up or it was cancelled: both are looked at before each call. */
export async function patiently<A extends { readonly kind: string }>(progress: Progress, call: Call<A>): Promise<A | null> {
  while (causeToStop(progress) === null) {
    const answer = await call(requestOf(progress));
    if (!isWait(answer)) {
      progress.putOff = 0;
      return answer;
    }
    progress.putOff += 1;
    await pause(progress, patienceMs(progress.putOff, answer.waitMs));
    await continueIfLong(progress);
  }
  progress.putOff = 0;
  return null;
}

/** Calls until it is served, whatever has happened: what is done has to be taken back. */
export async function stubbornly<A extends { readonly kind: string }>(progress: Progress, call: Call<A>): Promise<A> {
  for (;;) {
    const answer = await call(requestOf(progress));
    if (!isWait(answer)) {
      progress.putOff = 0;
      return answer;
    }
    progress.putOff += 1;
    await condition(() => false, patienceMs(progress.putOff, answer.waitMs));
  }
}

/** Waits for so long, or until the set's time is up or it is cancelled. */
export async function pause(progress: Progress, ms: number): Promise<void> {
  const leftMs = progress.deadlineAt === null ? ms : Date.parse(progress.deadlineAt) - Date.now();
  await condition(() => progress.isCancelled, Math.max(1, Math.min(ms, leftMs)));
}

/** Why `patiently` has given up. */
export function causeOfStop(progress: Progress): SetCause {
  return causeToStop(progress) ?? 'deadline';
}

function causeToStop({ isCancelled, deadlineAt }: Progress): SetCause | null {
  if (isCancelled) return 'cancelled';
  return deadlineAt !== null && Date.now() >= Date.parse(deadlineAt) ? 'deadline' : null;
}

/** Goes on in a new run where this one's history has become long. Only where the store knows all that this run does. */
export async function continueIfLong({ input, isCancelled }: Progress, cleanUp?: SetCause): Promise<void> {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  if (!continueAsNewSuggested || (isCancelled && historyLength < MOST_EVENTS)) return;
  await condition(allHandlersFinished);
  await continueAsNew<(next: ChangeSetInput) => Promise<unknown>>({ ...input, ...(cleanUp === undefined ? {} : { cleanUp }) });
}

function isWait(answer: { readonly kind: string } | Wait): answer is Wait {
  return answer.kind === 'wait';
}
