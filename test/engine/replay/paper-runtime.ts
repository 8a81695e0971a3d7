/** Workflows on paper: runs that failed, and what resetting has made of them. The server's own rule about request ids is kept. */
import type { HistoryOutline } from '@lockstep/domain/replay/outline.ts';
import type { LatestRun, ResetRequest, WorkflowRuntime } from '@lockstep/domain/replay/runtime.port.ts';

export interface PaperWorkflow {
  readonly workflowId: string;
  readonly subject: LatestRun['subject'];
  /** Run ids, the latest last. */
  readonly runs: string[];
  status: LatestRun['status'];
}

export interface PaperRuntime extends WorkflowRuntime {
  readonly workflows: Map<string, PaperWorkflow>;
  /** Resets that made a run, in order. */
  readonly resets: ResetRequest[];
  readonly refused: Set<string>;
}

/** Judged, then an activity that failed. */
const OUTLINE: HistoryOutline = [
  { id: 4, kind: 'task-completed' },
  { id: 5, kind: 'activity-scheduled', activity: 'judgeSet', taskId: 4 },
  { id: 7, kind: 'activity-completed', scheduledId: 5 },
  { id: 10, kind: 'task-completed' },
  { id: 11, kind: 'activity-scheduled', activity: 'pushPage', taskId: 10 },
  { id: 13, kind: 'activity-failed', scheduledId: 11 },
  { id: 16, kind: 'task-completed' },
  { id: 17, kind: 'closed' },
];

/** So many connections whose workflows have failed. */
export function paperRuntime(count: number): PaperRuntime {
  const workflows = new Map<string, PaperWorkflow>();
  for (let index = 0; index < count; index += 1) {
    const workflowId = `sync/w/c${index}`;
    workflows.set(workflowId, { workflowId, subject: { kind: 'connection', id: `c${index}` }, runs: [`run-${index}`], status: 'failed' });
  }
  const resets: ResetRequest[] = [];
  const refused = new Set<string>();
  const made = new Map<string, string>();
  const latestOf = ({ runs }: PaperWorkflow): string => runs.at(-1) ?? '';
  return {
    ...{ workflows, resets, refused },
    find: async (selection, limit) =>
      (selection.by === 'ids' ? [...selection.workflowIds] : [...workflows.keys()]).toSorted().slice(0, limit),
    async latest(workflowId) {
      const found = workflows.get(workflowId);
      if (found === undefined) return null;
      return { workflowId, runId: latestOf(found), workflowType: 'backlogSync', subject: found.subject, status: found.status };
    },
    async resetInto({ workflowId, runId }) {
      return resets.some((one) => one.workflowId === workflowId && one.runId === runId)
        ? (made.get(`${workflowId} ${runId}`) ?? null)
        : null;
    },
    outline: async () => OUTLINE,
    async reset(request) {
      const found = workflows.get(request.workflowId);
      if (found === undefined || refused.has(request.workflowId)) return null;
      const again = made.get(request.requestId);
      if (again !== undefined && again === latestOf(found)) return again;
      const newRunId = `${request.runId}-again-${resets.length}`;
      found.runs.push(newRunId);
      found.status = 'running';
      resets.push(request);
      made.set(request.requestId, newRunId);
      made.set(`${request.workflowId} ${request.runId}`, newRunId);
      return newRunId;
    },
  };
}
