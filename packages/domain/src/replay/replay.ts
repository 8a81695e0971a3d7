/**
 * A replay: runs of workflows that went wrong, set back to a point and run on from there with the code of today. Planned, judged, approved where it must be, and carried
 * out in batches (docs/decisions/0021).
 *
 * Rows of the store have these shapes. They hold ids, counts and codes; a reason in words stays in PostgreSQL.
 */

/** Workflow types that may be replayed: those that carry on from the store whatever their history says. A replay itself is none of them. */
export const REPLAYABLE = ['backlogSync', 'backlogReconcile', 'changeSet', 'pqlRouting'] as const;
export type ReplayableType = (typeof REPLAYABLE)[number];

/** How a run must have ended to be replayed. What runs on, was completed or was cancelled is left alone. */
export const REPLAYED_STATUSES = ['failed', 'timed-out', 'terminated'] as const;
export type ReplayedStatus = (typeof REPLAYED_STATUSES)[number];

/** Which workflows; always of the own workspace alone. */
export type Selection =
  | { readonly by: 'ids'; readonly workflowIds: readonly string[] }
  /** Temporal's visibility query. */
  | { readonly by: 'query'; readonly query: string }
  /** Ended from an instant on and before another, ISO. */
  | {
      readonly by: 'range';
      readonly from: string;
      readonly to: string;
      readonly type: ReplayableType | null;
      readonly status: ReplayedStatus | null;
    };

/** Where a run goes on from. */
export type Point =
  /** Everything is decided again. */
  | { readonly at: 'first-task' }
  /** What the last completed workflow task saw stays; what it decided, such as to fail, is decided again. */
  | { readonly at: 'last-good-task' }
  /** The activity that failed last is called again. */
  | { readonly at: 'failing-activity' }
  /** This event, and all behind it, are as if they had not been. */
  | { readonly at: 'event'; readonly eventId: number };

/** What a workflow works on, by which the store knows what it has done already. */
export interface Subject {
  readonly kind: 'connection' | 'change-set' | 'account';
  readonly id: string;
}

/** What an activity that runs again would do, by its type. Counts are of things (writes, notices), not of calls. */
export interface Effect {
  readonly activity: string;
  /** How often history shows it behind the point. */
  readonly shown: number;
  /** Will be attempted, and recognised by its key: it is not done twice. */
  readonly doneByKey: number;
  /** Has not happened, and will. */
  readonly willRun: number;
  /** May have happened, and nothing can tell: people may get it twice. */
  readonly unsafe: number;
}

/** A workflow run that is to be replayed, as it was planned. */
export interface PlannedTarget {
  readonly workflowId: string;
  readonly workflowType: ReplayableType;
  readonly runId: string;
  /** Id of the completed workflow task that the run is set back to: everything before it stays. */
  readonly resetEventId: number;
  /** By name of activity. */
  readonly effects: readonly Effect[];
}

/** `resetting`: asked for, its outcome is not on record yet. */
export type TargetState = 'planned' | 'resetting' | 'reset' | 'skipped' | 'refused';

/**
 * Why a workflow is not replayed. `OPEN` it runs · `DONE` completed, or the store says that its work has ended · `CANCELLED` somebody wanted that · `CONTINUED` the
 * latest run has gone over to a next one · `GONE` Temporal knows it no more · `FOREIGN` not of this workspace, or of a type that is not replayed · `NO_POINT` history has
 * no such point · `MOVED` the latest run is not the one that was planned · `RESET_BEFORE` it was set back already · `NOT_RESETTABLE` Temporal refuses it.
 */
export type SkipCode =
  | 'OPEN'
  | 'DONE'
  | 'CANCELLED'
  | 'CONTINUED'
  | 'GONE'
  | 'FOREIGN'
  | 'NO_POINT'
  | 'MOVED'
  | 'RESET_BEFORE'
  | 'NOT_RESETTABLE';

export interface ReplayTarget extends PlannedTarget {
  readonly replayId: string;
  /** Place in the replay, from 0. */
  readonly ordinal: number;
  readonly state: TargetState;
  /** Of a run that was skipped or refused. */
  readonly code: SkipCode | null;
  /** The run that goes on; null before. */
  readonly newRunId: string | null;
  /** ISO; null before. */
  readonly settledAt: string | null;
}

export type ReplayState = 'planned' | 'awaiting-approval' | 'running' | 'paused' | 'ended';
/** `done`: every target was set back or skipped. `stopped`: somebody ended it in mid-way. */
export type ReplayEnd = 'done' | 'stopped' | 'rejected' | 'expired';

export interface Replay {
  readonly replayId: string;
  /** Id of an account. */
  readonly requestedBy: string;
  readonly actorKind: 'human' | 'agent' | 'system';
  readonly requestedAt: string;
  /** For a person; never leaves PostgreSQL. */
  readonly reason: string;
  readonly selection: Selection;
  readonly point: Point;
  /** Resets at a time, and how many a second at most. */
  readonly batchSize: number;
  readonly perSecond: number;
  readonly targets: number;
  readonly state: ReplayState;
  readonly end: ReplayEnd | null;
  /** Of exactly these targets, points and effects: what is approved. */
  readonly planHash: string;
  /** Why people were asked; empty where nobody was. */
  readonly reasons: readonly string[];
  /** After it no approval counts, ISO; null where nobody was asked. */
  readonly approvalExpiresAt: string | null;
  /** Who has said yes or no; null for nobody. */
  readonly approver: string | null;
  readonly decidedAt: string | null;
  /** Activities whose unsafe effects the approval has named. */
  readonly acceptedUnsafe: readonly string[];
  readonly updatedAt: string;
}
