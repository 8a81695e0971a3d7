/**
 * Workflows as a replay meets them, over Temporal's client: found, looked at, set back. Only those of one workspace, whatever is asked for: a query is joined with
 * the workspace's own, and what is found is looked through again, as a query can be written that gets out of it.
 *
 * Reset: https://docs.temporal.io/develop/typescript/workflows/reset, `ResetWorkflowExecutionRequest` of
 * https://github.com/temporalio/api/blob/master/temporal/api/workflowservice/v1/request_response.proto
 */
import { isGrpcServiceError, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowExecutionDescription, WorkflowExecutionStatusName } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { HistoryEvent, HistoryOutline } from '@lockstep/domain/replay/outline.ts';
import type { ReplayedStatus, Selection } from '@lockstep/domain/replay/replay.ts';
import { BadSelection } from '@lockstep/domain/replay/runtime.port.ts';
import type { LatestRun, ResetRequest, RunRef, WorkflowRuntime } from '@lockstep/domain/replay/runtime.port.ts';
import { ownPrefixes, subjectOf } from '@lockstep/workflows/replay/subjects.ts';
import type { TemporalLinks } from './temporal.ts';

const { ResetWorkflowExecutionRequest } = proto.temporal.api.workflowservice.v1;
const { ResetReapplyExcludeType } = proto.temporal.api.enums.v1;

type RawEvent = proto.temporal.api.history.v1.IHistoryEvent;

/** gRPC codes by which the server refuses a request for good: what is asked for, not when. */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const REFUSED = new Set([INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION]);

const STATUSES: Readonly<Record<ReplayedStatus, string>> = { failed: 'Failed', 'timed-out': 'TimedOut', terminated: 'Terminated' };

const LATEST: Readonly<Partial<Record<WorkflowExecutionStatusName, LatestRun['status']>>> = {
  RUNNING: 'running',
  PAUSED: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  CONTINUED_AS_NEW: 'continued',
  TIMED_OUT: 'timed-out',
};

/** The workspace's workflows. Calls that the server does not serve now reject with the client's errors. */
export function temporalRuntime({ client, namespace }: Pick<TemporalLinks, 'client' | 'namespace'>, workspaceId: string): WorkflowRuntime {
  const describe = async (workflowId: string, runId?: string): Promise<WorkflowExecutionDescription | null> => {
    try {
      return await client.workflow.getHandle(workflowId, runId).describe();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  };
  return {
    async find(selection, limit) {
      if (selection.by === 'ids') return [...new Set(selection.workflowIds)].toSorted().slice(0, limit);
      const found = new Set<string>();
      try {
        for await (const { workflowId } of client.workflow.list({ query: visibilityQuery(workspaceId, selection) })) {
          if (subjectOf(workspaceId, workflowId) !== null) found.add(workflowId);
          if (found.size >= limit) break;
        }
      } catch (error) {
        const grpc = grpcErrorOf(error);
        if (grpc?.code !== INVALID_ARGUMENT) throw error;
        throw new BadSelection(`query: expected one that Temporal understands, got: ${grpc.details}`, { cause: error });
      }
      return [...found].toSorted();
    },
    async latest(workflowId) {
      const own = subjectOf(workspaceId, workflowId);
      const found = own === null ? null : await describe(workflowId);
      if (own === null || found === null) return null;
      const { type, runId, status } = found;
      const workflowType = type === own.type ? own.type : null;
      return { workflowId, runId, workflowType, subject: own.subject, status: LATEST[status.name] ?? 'other' };
    },
    async resetInto({ workflowId, runId }) {
      const into = (await describe(workflowId, runId))?.raw.workflowExtendedInfo?.resetRunId ?? '';
      return into === '' ? null : into;
    },
    async outline(run) {
      try {
        return await readOutline({ client, namespace }, run);
      } catch (error) {
        // Its retention is over: there is nothing left to go back to.
        if (grpcErrorOf(error)?.code === NOT_FOUND) return [];
        throw error;
      }
    },
    reset: (request) => reset({ client, namespace }, request),
  };
}

async function readOutline({ client, namespace }: Pick<TemporalLinks, 'client' | 'namespace'>, execution: RunRef): Promise<HistoryOutline> {
  const events: HistoryEvent[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({ namespace, execution, nextPageToken });
    events.push(...(page.history?.events ?? []).flatMap(eventOf));
    nextPageToken = page.nextPageToken ?? new Uint8Array();
  } while (nextPageToken.length > 0);
  return events;
}

/** Confined to the workspace; what the caller wrote stands in parentheses. */
function visibilityQuery(workspaceId: string, selection: Exclude<Selection, { readonly by: 'ids' }>): string {
  const own = ownPrefixes(workspaceId).map((prefix) => `WorkflowId STARTS_WITH ${quoted(prefix)}`);
  const asked = selection.by === 'query' ? selection.query : rangeQuery(selection);
  return `(${own.join(' OR ')}) AND (${asked})`;
}

function rangeQuery({ from, to, type, status }: Extract<Selection, { readonly by: 'range' }>): string {
  const statuses = (status === null ? Object.values(STATUSES) : [STATUSES[status]]).map(quoted);
  return [
    `CloseTime >= ${quoted(from)} AND CloseTime < ${quoted(to)}`,
    `ExecutionStatus IN (${statuses.join(', ')})`,
    ...(type === null ? [] : [`WorkflowType = ${quoted(type)}`]),
  ].join(' AND ');
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}

/** Ids are Longs on the wire; a history has some 50,000 events at most. */
const idOf = (id: { toString(): string } | null | undefined): number => Number(id?.toString() ?? 0);

/** What decides nothing here is left out; payloads are not looked at. */
function eventOf(event: RawEvent): readonly HistoryEvent[] {
  const id = idOf(event.eventId);
  const scheduled = event.activityTaskScheduledEventAttributes;
  const ended = {
    'activity-completed': event.activityTaskCompletedEventAttributes,
    'activity-failed': event.activityTaskFailedEventAttributes,
    'activity-timed-out': event.activityTaskTimedOutEventAttributes,
    'activity-cancelled': event.activityTaskCanceledEventAttributes,
  } as const;
  if (event.workflowTaskCompletedEventAttributes) return [{ id, kind: 'task-completed' }];
  if (scheduled)
    return [
      {
        id,
        kind: 'activity-scheduled',
        activity: scheduled.activityType?.name ?? '',
        taskId: idOf(scheduled.workflowTaskCompletedEventId),
      },
    ];
  for (const kind of Object.keys(ended) as (keyof typeof ended)[]) {
    const attributes = ended[kind];
    if (attributes) return [{ id, kind, scheduledId: idOf(attributes.scheduledEventId) }];
  }
  return isClosing(event) ? [{ id, kind: 'closed' }] : [];
}

function isClosing(event: RawEvent): boolean {
  return [
    event.workflowExecutionCompletedEventAttributes,
    event.workflowExecutionFailedEventAttributes,
    event.workflowExecutionTimedOutEventAttributes,
    event.workflowExecutionCanceledEventAttributes,
    event.workflowExecutionTerminatedEventAttributes,
    event.workflowExecutionContinuedAsNewEventAttributes,
  ].some(Boolean);
}

async function reset({ client, namespace }: Pick<TemporalLinks, 'client' | 'namespace'>, request: ResetRequest): Promise<string | null> {
  const { workflowId, runId, eventId, requestId, reason } = request;
  try {
    const { runId: newRunId } = await client.workflowService.resetWorkflowExecution(
      ResetWorkflowExecutionRequest.fromObject({
        ...{ namespace, workflowExecution: { workflowId, runId } satisfies RunRef, reason, requestId },
        workflowTaskFinishEventId: eventId,
        // An answer that came behind the point is on record; given again it would come late.
        resetReapplyExcludeTypes: [ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE],
      }),
    );
    return newRunId;
  } catch (error) {
    if (REFUSED.has(grpcErrorOf(error)?.code ?? -1)) return null;
    throw error;
  }
}

function grpcErrorOf(error: unknown): { readonly code: number; readonly details: string } | null {
  const found = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(found) ? found : null;
}
