/** What a replay needs of the engine that runs workflows: looking for them, and setting them back. Confined to one workspace's own. */
import type { HistoryOutline } from './outline.ts';
import type { ReplayableType, Selection, Subject } from './replay.ts';

export interface WorkflowRuntime {
  /**
   * Ids of the workspace's own workflows that a selection names, by id, each once; at most `limit`. What is found by query or range is what the index of the server
   * knows by now, which may be a second behind.
   * @throws BadSelection where the server does not understand the query
   */
  find(selection: Selection, limit: number): Promise<readonly string[]>;
  /** The latest run of a workflow; null where there is none, or it is not of this workspace. */
  latest(workflowId: string): Promise<LatestRun | null>;
  /** What became of one run: the run that it was set back into; null where it was not. */
  resetInto(run: RunRef): Promise<string | null>;
  outline(run: RunRef): Promise<HistoryOutline>;
  /**
   * Sets a run back; what is asked for twice under one request id is done once. Signals that came behind the point come again, updates do not: they are on record.
   * Id of the new run; null where the server refuses the point for good.
   */
  reset(request: ResetRequest): Promise<string | null>;
}

export interface RunRef {
  readonly workflowId: string;
  readonly runId: string;
}

export interface LatestRun extends RunRef {
  /** Null for one that is not replayed. */
  readonly workflowType: ReplayableType | null;
  readonly subject: Subject;
  readonly status: 'running' | 'completed' | 'failed' | 'cancelled' | 'terminated' | 'continued' | 'timed-out' | 'other';
}

export interface ResetRequest extends RunRef {
  readonly eventId: number;
  /** From business identity: replay, workflow run. */
  readonly requestId: string;
  /** Shown by the server's own tools: an id, no words of anybody's. */
  readonly reason: string;
}

/** The server does not take the selection: its message says why. */
export class BadSelection extends Error {
  override readonly name = 'BadSelection';
}
