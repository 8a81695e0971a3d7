/** The activities of `backlogSync`, as the workflow sees them: ids in, counts out. apps/worker implements them. */
export interface BacklogSyncActivities {
  /** Reads a page: marked records first, then the feed of changes (or the full scan), then applies deletes when there is nothing more. */
  pullPage(request: PassRequest & { readonly fullScan: boolean }): Promise<PullAnswer>;
  /** Writes a page of what is owed. */
  pushPage(request: PassRequest): Promise<PushAnswer>;
  pauseConnection(request: PassRequest): Promise<void>;
  resumeConnection(request: PassRequest): Promise<void>;
}

export interface PassRequest {
  readonly workspaceId: string;
  readonly connectionId: string;
}

export interface PullAnswer {
  readonly changedItems: number;
  readonly more: boolean;
  /** The remote asked to be left alone for so long; null where it did not. */
  readonly waitMs: number | null;
}

export interface PushAnswer {
  readonly written: number;
  readonly more: boolean;
  readonly waitMs: number | null;
}
