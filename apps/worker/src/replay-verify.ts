/**
 * `replay verify`: histories against the workflows of this checkout, before a deploy (docs/decisions/0021). It compares the order and the kind of what
 * the code asks for with what history holds, as Temporal itself does; values of payloads are not compared.
 */
import type { DataConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import type { ReplayWorkerOptions, WorkflowBundle } from '@temporalio/worker';

export type History = temporal.api.history.v1.IHistory;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

export interface HistoryToVerify {
  readonly workflowId: string;
  readonly history: History;
}

export interface VerifiedHistory {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly events: number;
  /** `different`: the code asks for something else than history holds. `failed`: it could not be replayed, which proves nothing. */
  readonly verdict: 'same' | 'different' | 'failed';
  /** The event at which the code leaves the history; null where it is the same, or nobody can tell. */
  readonly eventId: number | null;
  /** What history holds there, as `ActivityTaskScheduled pullPage`. */
  readonly held: string | null;
  /** What the code wanted, in the words of Temporal's SDK; of a failed one, why. */
  readonly said: string | null;
}

export interface ReplayedCode {
  readonly workflowBundle: WorkflowBundle;
  readonly dataConverter: DataConverter;
}

const { EventType } = proto.temporal.api.enums.v1;
const LONGEST_WORDS = 500;

/** Replays each history once and says how it went, in the order in which they come to an end. Memory: the histories in flight. */
export async function* verifyHistories(
  code: ReplayedCode,
  histories: AsyncIterable<HistoryToVerify> | Iterable<HistoryToVerify>,
): AsyncGenerator<VerifiedHistory> {
  const underWay = new Map<string, HistoryToVerify[]>();
  const unreadable: VerifiedHistory[] = [];
  const options = replayOptions(code);
  for await (const { runId, error } of Worker.runReplayHistories(options, noted(histories, underWay, unreadable))) {
    yield* unreadable.splice(0);
    const given = underWay.get(runId)?.shift();
    if (given !== undefined) yield await verdictOn(options, given, error);
  }
  yield* unreadable;
}

function replayOptions({ workflowBundle, dataConverter }: ReplayedCode): ReplayWorkerOptions {
  return { workflowBundle, dataConverter, replayName: 'replay-verify' };
}

/** Hands histories on and remembers them; what is no history of a run is set aside. */
async function* noted(
  histories: AsyncIterable<HistoryToVerify> | Iterable<HistoryToVerify>,
  underWay: Map<string, HistoryToVerify[]>,
  unreadable: VerifiedHistory[],
): AsyncGenerator<HistoryToVerify> {
  for await (const given of histories) {
    const runId = startOf(given.history)?.originalExecutionRunId ?? '';
    if (runId === '' || !eventsOf(given.history).some(isTaskStart)) {
      const said = 'expected a history from its WorkflowExecutionStarted on, with at least one workflow task; fetch it whole';
      unreadable.push({ ...described(given), verdict: 'failed', eventId: null, held: null, said });
      continue;
    }
    underWay.set(runId, [...(underWay.get(runId) ?? []), given]);
    yield given;
  }
}

async function verdictOn(options: ReplayWorkerOptions, given: HistoryToVerify, error: Error | undefined): Promise<VerifiedHistory> {
  const about = described(given);
  if (error === undefined) return { ...about, verdict: 'same', eventId: null, held: null, said: null };
  const said = wordsOf(error);
  if (!isDifference(error)) return { ...about, verdict: 'failed', eventId: null, held: null, said };
  const event = await firstDifference(options, given, said);
  return {
    ...about,
    verdict: 'different',
    eventId: event === null ? null : Number(event.eventId),
    held: event === null ? null : nameOf(event),
    said,
  };
}

/** By its name: the class is the workflow package's, which only workflows import. */
const isDifference = (error: Error): boolean => error.name === 'DeterminismViolationError';

/**
 * The SDK does not say at which event. The shortest beginning of the history that the code does not replay ends behind the commands of the workflow task
 * that differs; among those, the one that the SDK's words name counts.
 */
async function firstDifference(
  options: ReplayWorkerOptions,
  { workflowId, history }: HistoryToVerify,
  said: string,
): Promise<HistoryEvent | null> {
  const events = eventsOf(history);
  const starts = events.flatMap((event, index) => (isTaskStart(event) ? [index] : []));
  let [same, different] = [0, starts.length];
  while (different - same > 1) {
    const middle = (same + different) >>> 1;
    const end = starts[middle] ?? 0;
    const error = await replayError(options, workflowId, { events: events.slice(0, end + 1) });
    if (error !== null && isDifference(error)) different = middle;
    else same = middle;
  }
  const commands = events.slice((starts[same] ?? 0) + 1, starts[different] ?? events.length).filter((event) => nameOf(event) !== null);
  return commands.find((event) => said.includes(subjectOf(event) ?? '\0')) ?? commands[0] ?? null;
}

async function replayError(options: ReplayWorkerOptions, workflowId: string, history: History): Promise<Error | null> {
  try {
    await Worker.runReplayHistory(options, history, workflowId);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function described({ workflowId, history }: HistoryToVerify): Pick<VerifiedHistory, 'workflowId' | 'runId' | 'workflowType' | 'events'> {
  const start = startOf(history);
  return {
    workflowId,
    runId: start?.originalExecutionRunId ?? '',
    workflowType: start?.workflowType?.name ?? '',
    events: eventsOf(history).length,
  };
}

const eventsOf = ({ events }: History): readonly HistoryEvent[] => events ?? [];
const startOf = (history: History): temporal.api.history.v1.IWorkflowExecutionStartedEventAttributes | null | undefined =>
  eventsOf(history)[0]?.workflowExecutionStartedEventAttributes;
const isTaskStart = ({ eventType }: HistoryEvent): boolean => eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED;

/** Of an event that a command of the code made: which kind, and of what; null for any other event. */
function nameOf(event: HistoryEvent): string | null {
  const isCommand = Object.entries(event).some(
    ([name, value]) =>
      name.endsWith('EventAttributes') && typeof value === 'object' && value !== null && 'workflowTaskCompletedEventId' in value,
  );
  if (!isCommand) return null;
  const kind = EventType[event.eventType ?? 0]
    ?.replace('EVENT_TYPE_', '')
    .toLowerCase()
    .replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return [kind, subjectOf(event)].filter((part) => part !== null && part !== undefined).join(' ');
}

function subjectOf(event: HistoryEvent): string | null {
  return (
    event.activityTaskScheduledEventAttributes?.activityType?.name ??
    event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name ??
    event.markerRecordedEventAttributes?.markerName ??
    event.timerStartedEventAttributes?.timerId ??
    null
  );
}

/** The sentence of the SDK's core in what it wraps it in. */
function wordsOf({ message }: Error): string {
  const inner = /\[TMPRL1100\] (?:Nondeterminism error: )?([^"]+)"/.exec(message)?.[1];
  return (inner ?? message).slice(0, LONGEST_WORDS);
}
