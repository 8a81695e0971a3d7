/**
 * Comments, read: what people have left on records becomes the item's, and is owed to every other tool that has comments. What is ours there is known by its
 * id or by the mark in its text and never comes back as new (I09). A mirror that a person has changed is put back, one that they have removed stays away.
 */
import type { Item } from '@lockstep/domain/backlog/item.ts';
import type { CommentCopy, CommentRow, Discussion, RemoteComment } from '@lockstep/domain/sync/comments.port.ts';
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { ConflictRow, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { commentId, mirroredId } from './comment-text.ts';
import { noticeRow } from './conflict-rows.ts';
import type { Run } from './run.ts';
import { mayPull } from './workspace.ts';

/** Reads the comments of records of which an event has said that somebody said something. Returns the connections that are owed writes, and whether there are more. */
export async function pullDiscussed(run: Run): Promise<{ readonly owing: readonly string[]; readonly more: boolean }> {
  const { store } = run.workspace;
  const { connectionId, connector } = run.connection;
  if (connector.discusses === undefined) return { owing: [], more: false };
  const { fetch: most } = connector.limits;
  const marked = await store.transaction(async (tx) => {
    const row = await tx.connection(connectionId);
    return row === null || !mayPull(row) ? [] : tx.discussed(connectionId, most);
  });
  if (marked.length === 0) return { owing: [], more: false };
  const discussions = await connector.discusses.list(marked.map(({ remoteId }) => remoteId));
  return store.transaction(async (tx) => {
    const owing = await mergeDiscussions(tx, run, discussions);
    await tx.clearDiscussed(connectionId, marked);
    return { owing, more: marked.length === most };
  });
}

/** Merges what records have shown of their discussions. Returns the connections that are owed writes. */
export async function mergeShown(tx: StoreTransaction, run: Run, records: readonly RemoteRecord[]): Promise<readonly string[]> {
  if (run.connection.connector.discusses === undefined) return [];
  const discussions = records.flatMap(({ discussion }) => discussion ?? []);
  await tx.noteDiscussed(
    run.connection.connectionId,
    discussions.flatMap(({ remoteId, isCut }) => (isCut === true ? [remoteId] : [])),
  );
  return mergeDiscussions(tx, run, discussions);
}

async function mergeDiscussions(tx: StoreTransaction, run: Run, discussions: readonly Discussion[]): Promise<readonly string[]> {
  const links = await tx.linksByRemote(
    run.connection.connectionId,
    discussions.map(({ remoteId }) => remoteId),
  );
  const itemIds = new Map(links.filter(({ state }) => state === 'linked').map(({ remoteId, itemId }) => [remoteId, itemId]));
  const isQuiet = discussions.every(({ comments }) => comments.length === 0);
  if (itemIds.size === 0 || (isQuiet && (await tx.comments([...itemIds.values()])).length === 0)) return [];
  const items = new Map((await tx.lockItems([...itemIds.values()])).map((item) => [item.itemId, item]));
  const known = await tx.comments([...items.keys()]);
  const talk = new Talk(run, known, await tx.commentCopies(known.map((comment) => comment.commentId)));
  for (const discussion of discussions) {
    const item = items.get(itemIds.get(discussion.remoteId) ?? '');
    if (item !== undefined && item.deletedAt === null) talk.read(item, discussion);
  }
  await tx.saveComments([...talk.changed.values()]);
  await tx.saveCommentCopies([...talk.copies.values()]);
  if (talk.conflicts.length > 0) await tx.raiseConflicts(talk.conflicts);
  return [...new Set([...talk.copies.values()].flatMap((copy) => (copy.state === 'owed' ? [copy.connectionId] : [])))];
}

/** What a page of discussions changes. */
class Talk {
  readonly changed = new Map<string, Omit<CommentRow, 'version'>>();
  readonly copies = new Map<string, CommentCopy>();
  readonly conflicts: ConflictRow[] = [];
  private readonly run: Run;
  private readonly known: ReadonlyMap<string, CommentRow>;
  private readonly knownCopies: readonly CommentCopy[];

  constructor(run: Run, known: readonly CommentRow[], copies: readonly CommentCopy[]) {
    this.run = run;
    this.known = new Map(known.map((comment) => [comment.commentId, comment]));
    this.knownCopies = copies;
  }

  read(item: Item, { remoteId, comments, complete }: Discussion): void {
    const seen = new Set(comments.map((comment) => comment.commentId));
    for (const comment of comments) if (!this.isMirror(item, remoteId, comment)) this.take(item, comment);
    for (const comment of this.known.values()) {
      if (comment.itemId !== item.itemId) continue;
      const isHere = comment.connectionId === this.here;
      if (isHere && !comment.removed && complete.includes(comment.kind) && !seen.has(comment.remoteCommentId)) this.forget(comment);
      const mirror = isHere || !complete.includes('comment') ? undefined : this.mirrorHere(({ commentId: id }) => id === comment.commentId);
      if (mirror?.state === 'shown' && !seen.has(mirror.remoteCommentId ?? '')) this.letGo(item, remoteId, mirror);
    }
  }

  private get here(): string {
    return this.run.connection.connectionId;
  }

  private mirrorHere(is: (copy: CommentCopy) => boolean): CommentCopy | undefined {
    return this.knownCopies.find((copy) => copy.connectionId === this.here && is(copy));
  }

  private save(copy: CommentCopy): void {
    this.copies.set(`${copy.commentId} ${copy.connectionId}`, copy);
  }

  /** True where the comment is ours. */
  private isMirror(item: Item, remoteId: string, comment: RemoteComment): boolean {
    const linked = this.mirrorHere((copy) => copy.remoteCommentId === comment.commentId);
    if (linked !== undefined) {
      if (linked.state === 'shown' && linked.shown !== comment.text) this.putBack(item, remoteId, linked, comment);
      return true;
    }
    const marked = mirroredId(comment.text);
    if (marked === null) return false;
    // Made by us, and its id was lost: with a crash, or with the store, whose comments are read again where they were written.
    const waiting = this.mirrorHere((copy) => copy.commentId === marked);
    if (waiting?.remoteCommentId === null && waiting.state !== 'removed')
      this.save({ ...waiting, remoteCommentId: comment.commentId, shown: comment.text, state: 'owed' });
    return waiting?.remoteCommentId === null || !this.known.has(marked);
  }

  private putBack(item: Item, remoteId: string, copy: CommentCopy, { text }: RemoteComment): void {
    this.save({ ...copy, shown: text, state: 'owed' });
    const message = 'comment: changed where it is only a mirror; put back, the words are kept here';
    const row = noticeRow(this.run, { kind: 'put-back', itemId: item.itemId, remoteId, message, recorded: true });
    this.conflicts.push({ ...row, canonicalValue: copy.shown, remoteValue: kept(text) });
  }

  private letGo(item: Item, remoteId: string, copy: CommentCopy): void {
    this.save({ ...copy, state: 'removed' });
    const message = 'comment: its mirror was removed here; it stands where it was written and is not mirrored here again';
    this.conflicts.push(noticeRow(this.run, { kind: 'notice', itemId: item.itemId, remoteId, message, recorded: true }));
  }

  /** A person's comment: new, changed, or as it was. */
  private take(item: Item, comment: RemoteComment): void {
    const id = commentId(this.run.workspace.hash, this.here, comment.commentId);
    const [author, body] = [comment.author === null ? null : kept(comment.author), this.bodyOf(comment)];
    const before = this.known.get(id);
    if (before !== undefined && before.body === body && before.author === author && !before.removed) return;
    this.changed.set(id, {
      ...{ commentId: id, itemId: item.itemId, connectionId: this.here, remoteCommentId: comment.commentId, kind: comment.kind },
      ...{ author, writtenAt: comment.writtenAt, body, removed: false },
    });
    if (before === undefined) this.oweEverywhere(item, id);
    else this.oweCopies(id);
  }

  private bodyOf({ kind, text }: RemoteComment): string {
    const words = kept(text);
    return kind === 'file' ? `${words}\nsha256 of what is known of it: ${this.run.workspace.hash(words).slice(0, 16)}` : words;
  }

  private forget(comment: CommentRow): void {
    this.changed.set(comment.commentId, { ...comment, removed: true });
    this.oweCopies(comment.commentId);
  }

  private oweEverywhere(item: Item, id: string): void {
    for (const { connectionId, connector } of this.run.workspace.connections) {
      if (connectionId === this.here || connector.discusses === undefined || connector.mappedFields(item.kind).length === 0) continue;
      this.save({ commentId: id, connectionId, remoteCommentId: null, shown: null, state: 'owed', version: 0 });
    }
  }

  /** What is under way is written again when it has come back. */
  private oweCopies(id: string): void {
    for (const copy of this.knownCopies)
      if (copy.commentId === id && (copy.state === 'shown' || copy.state === 'parked')) this.save({ ...copy, state: 'owed' });
  }
}

/** Words that every store takes. */
function kept(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}
