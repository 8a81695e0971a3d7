/**
 * Comments and files that people leave on records: read where they were left, mirrored as comments to the other tools that have such
 * (docs/decisions/0013). The document has no place for them.
 */

/** `file`: an attachment. Its bytes are never copied: the mirror says what it is and where it lies. */
export type CommentKind = 'comment' | 'file';

/** A comment or a file on a remote's record, decoded. Our own mirrors are among them. */
export interface RemoteComment {
  /** The remote's id, unique among all comments of the connection. */
  readonly commentId: string;
  readonly kind: CommentKind;
  /** As the remote shows the name; null where it does not say. */
  readonly author: string | null;
  /** ISO instant. */
  readonly writtenAt: string;
  /** The words, or what is known about the file. */
  readonly text: string;
}

/** What people have left on one record. */
export interface Discussion {
  readonly remoteId: string;
  /** Kinds of which all are here: what is missing of these is gone. */
  readonly complete: readonly CommentKind[];
  readonly comments: readonly RemoteComment[];
  /** The answer did not hold all: `list` does. */
  readonly isCut?: boolean;
}

/** Only where the remote has comments. Every call may throw `ConnectorError`. */
export interface Discusses {
  /** The longest comment, in UTF-16 units. */
  readonly mostCharacters: number;
  /** The whole discussions of records, in batches where the vendor has such. Records that are out of reach are left out. */
  list(remoteIds: readonly string[]): Promise<readonly Discussion[]>;
  /** Makes a comment; the answer is as the remote stores it. */
  write(remoteId: string, text: string): Promise<RemoteComment>;
  rewrite(remoteId: string, commentId: string, text: string): Promise<RemoteComment>;
  /** `NotFound` where it is gone already. */
  remove(remoteId: string, commentId: string): Promise<void>;
}

/** A comment of an item, where a person wrote it. */
export interface CommentRow {
  /** Made from the connection and the id there: the same comment has the same id after a store was lost. */
  readonly commentId: string;
  readonly itemId: string;
  readonly connectionId: string;
  readonly remoteCommentId: string;
  readonly kind: CommentKind;
  readonly author: string | null;
  readonly writtenAt: string;
  readonly body: string;
  readonly removed: boolean;
  /** Grows with every change. */
  readonly version: number;
}

/** One mirror of a comment, and the write that it is owed. */
export interface CommentCopy {
  readonly commentId: string;
  readonly connectionId: string;
  readonly remoteCommentId: string | null;
  /** What the remote shows, as it stores it; null before the first write. */
  readonly shown: string | null;
  /** `sending`: handed over, no outcome on record yet. `removed`: gone there, and stays so. `parked`: the remote does not take it, a person was told. */
  readonly state: 'owed' | 'sending' | 'shown' | 'removed' | 'parked';
  /** The comment's version that was written last; 0 for none. */
  readonly version: number;
}

/** A copy with its comment. */
export interface OwedComment {
  readonly copy: CommentCopy;
  readonly comment: CommentRow;
}

/** A copy, as it was before it was claimed, with what is needed to write it. */
export interface ClaimedComment extends OwedComment {
  /** The record that it belongs on. */
  readonly remoteId: string;
}

export interface CommentReads {
  /** Comments of these items, removed ones too. */
  comments(itemIds: readonly string[]): Promise<readonly CommentRow[]>;
  commentCopies(commentIds: readonly string[]): Promise<readonly CommentCopy[]>;
  /** Copies that this connection is owed or being sent, with their comments, in order of their ids. */
  commentsOwed(connectionId: string): Promise<readonly OwedComment[]>;
}

export interface CommentWrites {
  /** Inserts or replaces whole rows; each gets a new version, which is not yet in the argument. */
  saveComments(rows: readonly Omit<CommentRow, 'version'>[]): Promise<void>;
  saveCommentCopies(rows: readonly CommentCopy[]): Promise<void>;
  /** Sets copies that are owed, or were `sending` for longer than a write can take, to `sending`, and returns them as they were, at most `limit`. Skips items without a linked record there. */
  claimComments(connectionId: string, limit: number, now: string): Promise<readonly ClaimedComment[]>;
  /** Marks records whose comments are to be read. */
  noteDiscussed(connectionId: string, remoteIds: readonly string[]): Promise<void>;
  discussed(connectionId: string, limit: number): Promise<readonly { readonly remoteId: string; readonly version: number }[]>;
  clearDiscussed(connectionId: string, records: readonly { readonly remoteId: string; readonly version: number }[]): Promise<void>;
}
