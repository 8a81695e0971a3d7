/** The activities of `backlogSync`, as the workflow sees them: ids in, counts out. apps/worker implements them. */
export interface BacklogSyncActivities {
  /** Reads a page: marked records first, then the feed of changes (or the full scan), then applies deletes when there is nothing more. */
  pullPage(request: PullRequest): Promise<PullAnswer>;
  /** Writes a page of what is owed. */
  pushPage(request: PassRequest): Promise<PushAnswer>;
  pauseConnection(request: PassRequest): Promise<void>;
  resumeConnection(request: PassRequest): Promise<void>;
}

export interface PassRequest {
  readonly workspaceId: string;
  readonly connectionId: string;
}

export interface PullRequest extends PassRequest {
  readonly fullScan: boolean;
  /** Only what is marked: the feed of changes is not due. */
  readonly markedOnly?: boolean;
}

export interface PageAnswer {
  /** Call again at once. */
  readonly more: boolean;
  /** The remote asked to be left alone for so long; null where it did not. */
  readonly waitMs: number | null;
}

export interface PullAnswer extends PageAnswer {
  readonly changedItems: number;
  /** Records that were listed or marked. Histories of before lack it. */
  readonly records?: number;
  /** The feed (or the scan) has been read to its end. Histories of before lack it. */
  readonly isFeedRead?: boolean;
  /** This connection is owed writes because of what was read. Histories of before lack it. */
  readonly owesItself?: boolean;
}

export interface PushAnswer extends PageAnswer {
  readonly written: number;
}
