/** The store's part of a redrive: what waits, a page at a time, and how it is driven again. All in the caller's transaction. */
import type { ParkedKind, ParkedThing } from './parked.ts';

/** Where a page ended. */
export interface ParkedCursor {
  readonly connectionId: string;
  readonly id: string;
}

export interface ParkedRequest {
  readonly kind: ParkedKind;
  readonly connectionId?: string;
  /** Things of this item; records have none. */
  readonly itemId?: string;
  /** Of records. */
  readonly remoteId?: string;
  /** Only what the redrive of this instant had driven, and waits again. */
  readonly redrivenAt?: string;
  readonly after: ParkedCursor | null;
  readonly limit: number;
}

export interface ParkedReads {
  /** By connection and id. Fields of several kinds: see `ParkedThing`. */
  parkedPage(request: ParkedRequest): Promise<readonly ParkedThing[]>;
  /** How much of what the redrive of this instant has driven is on its way still, by connection; connections with none are missing. */
  redrivenUnderWay(at: string): Promise<readonly { readonly connectionId: string; readonly count: number }[]>;
}

export interface RedriveWrites {
  /** Parks mirrors of comments with their reason. */
  parkComments(
    rows: readonly {
      readonly connectionId: string;
      readonly commentId: string;
      readonly error: { readonly code: string; readonly message: string };
    }[],
    now: string,
  ): Promise<void>;
  /** Mirrors that are parked are owed again; others stay as they are. */
  redriveComments(connectionId: string, commentIds: readonly string[], now: string): Promise<void>;
  /** Remembers which redrive parked records were driven by. They stay parked until they are taken in. */
  redriveRecords(connectionId: string, remoteIds: readonly string[], now: string): Promise<void>;
  /** Resolves open notices about these items as redriven: those that begin so and are about no field. */
  closeNotices(connectionId: string, itemIds: readonly string[], beginning: string, now: string): Promise<void>;
}

/** How conflicts are resolved that a redrive was about. */
export const REDRIVEN = 'redriven';
