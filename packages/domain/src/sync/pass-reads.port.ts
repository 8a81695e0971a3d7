/** What a pass asks before it works. Each question is one statement, which sees one snapshot by itself, so that a pass over a tool at rest costs little. */
import type { Checkpoint, CheckpointName, ConnectionRow } from './store.port.ts';

/** Whether anything waits for a connection, kind by kind. */
export interface WaitingWork {
  /** Null for one that is not on record. */
  readonly connection: ConnectionRow | null;
  /** Records that a hint or an operator has marked to be read, counted up to what was asked for. */
  readonly marked: number;
  /** The last version that a hint has drawn: what is marked from now on draws higher ones. */
  readonly lastVersion: number;
  /** Records whose comments are to be read. */
  readonly discussed: boolean;
  /** Records that are gone, whose items are not dealt with yet. */
  readonly vanished: boolean;
  /** Writes: owed, under way or parked. */
  readonly owed: boolean;
  /** Mirrors of comments: owed or under way. */
  readonly comments: boolean;
}

export interface PageStartRequest {
  readonly connectionId: string;
  readonly checkpoint: CheckpointName;
  /** Listings may lag behind writes that are younger than this instant. */
  readonly writtenSince: string;
  readonly mostWritten: number;
  readonly mostMarks: number;
}

/** What has to be known before a page is read. */
export interface PageStart {
  readonly connection: ConnectionRow | null;
  /** The one that was asked for. */
  readonly checkpoint: Checkpoint;
  readonly changes: Checkpoint;
  /** Remote ids of links that were pushed since, newest first. */
  readonly written: readonly string[];
  /** Counted up to the most; and the last version that a hint has drawn: later hints draw higher ones. */
  readonly marks: { readonly count: number; readonly lastVersion: number };
}

export interface PassReads {
  /** Counts marked records up to `mostMarks`, one where it is left out. */
  waitingWork(connectionId: string, mostMarks?: number): Promise<WaitingWork>;
  pageStart(request: PageStartRequest): Promise<PageStart>;
  /** The revisions, by remote id, that the links of these records were left with, as far as they were pushed since. */
  writtenRevisions(connectionId: string, remoteIds: readonly string[], since: string): Promise<ReadonlyMap<string, string | null>>;
}
