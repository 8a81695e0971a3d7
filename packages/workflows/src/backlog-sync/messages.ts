import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

/** Everything that a run carries on to the next: ids and numbers, never bodies. */
export interface BacklogSyncInput {
  readonly workspaceId: string;
  readonly connectionId: string;
  /** How long to wait for a hint before polling. */
  readonly pollIntervalMs: number;
  /** Start with a pass instead of waiting for a hint. */
  readonly passAtOnce: boolean;
  /** Read everything once in the next pass. */
  readonly fullScan: boolean;
  /** Pages per run before it continues as new, so that histories stay short. */
  readonly mostPagesPerRun: number;
  /** When the feed of changes was read last, epoch milliseconds of the workflow's clock. Left out by whoever starts it. */
  readonly feedReadAtMs?: number;
}

/** A hint carries no content: the pass reads what there is. */
export interface WakeHint {
  /**
   * `marked`: records are marked, `owed`: writes are owed. Nothing else has happened, and the pass does no more than this needs, unless the feed is due.
   * Left out: a whole pass.
   */
  readonly reason?: 'marked' | 'owed';
  /** Read every record, not only what has changed. */
  readonly fullScan?: boolean;
  /** From now on wait for so long before polling: a worker that starts says what its configuration has. */
  readonly pollIntervalMs?: number;
}

export interface BacklogSyncStatus {
  readonly phase: 'waiting' | 'pulling' | 'pushing' | 'backing-off';
  readonly passes: number;
  readonly pagesThisRun: number;
}

/** Something may have changed: pass soon. Coalesced: many wakes while a pass runs are one more pass. */
export const wakeSignal = defineSignal<[WakeHint]>('wake');
/** Stops reading and writing until `resume`; answers when it is on record. */
export const pauseUpdate = defineUpdate<BacklogSyncStatus, [Record<string, never>]>('pause');
export const resumeUpdate = defineUpdate<BacklogSyncStatus, [Record<string, never>]>('resume');
export const statusQuery = defineQuery<BacklogSyncStatus>('status');
