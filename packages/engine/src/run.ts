import type { Workspace, Connection } from './workspace.ts';

/** One pass over one connection: who does it and why, for the ledger. */
export interface Run {
  readonly runId: string;
  readonly workspace: Workspace;
  readonly connection: Connection;
  readonly now: string;
  /** True when the process is to stop: a page then ends between two batches. */
  readonly stopping?: () => boolean;
}
