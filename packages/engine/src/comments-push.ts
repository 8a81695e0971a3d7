/**
 * Comments, written: every mirror that is owed is made, changed or removed. Before one is made, the record's comments are looked through for our mark: a
 * crash or a lost answer leaves no second one (law S4).
 */
import type { ClaimedComment, CommentCopy, Discusses, RemoteComment } from '@lockstep/domain/sync/comments.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import type { LedgerRow } from '@lockstep/domain/sync/store.port.ts';
import { mirroredId, mirrorText } from './comment-text.ts';
import { COMMENT_NOT_MIRRORED, noticeRow } from './conflict-rows.ts';
import type { Run } from './run.ts';
import { mayPush } from './workspace.ts';

export interface CommentOutcome {
  readonly written: number;
  readonly more: boolean;
  /** The remote asked to be left alone; null where it did not. */
  readonly failure: ConnectorError | null;
}

const PAGE = 50;

/** What becomes of a mirror whose write failed. `wait`: the whole connection; `doubt`: looked for before it is sent again; `park`: a person is told. */
const AFTER_FAILURE: Readonly<Record<ConnectorErrorCode, 'wait' | 'again' | 'doubt' | 'park'>> = {
  Throttled: 'wait',
  Transient: 'wait',
  AuthExpired: 'wait',
  AuthRevoked: 'wait',
  QuotaExhausted: 'wait',
  Conflict: 'again',
  CursorInvalid: 'again',
  OutcomeUnknown: 'doubt',
  NotFound: 'park',
  Forbidden: 'park',
  Invalid: 'park',
};

/** Writes a page of the mirrors that are owed. */
export async function pushComments(run: Run): Promise<CommentOutcome> {
  const { connectionId, connector } = run.connection;
  const { discusses } = connector;
  if (discusses === undefined) return { written: 0, more: false, failure: null };
  const claimed = await run.workspace.store.transaction(async (tx) => {
    const row = await tx.connection(connectionId);
    return row === null || !mayPush(row) ? [] : tx.claimComments(connectionId, PAGE, run.now);
  });
  let written = 0;
  for (const [index, claim] of claimed.entries()) {
    if (run.stopping?.() === true) {
      await giveBack(run, claimed.slice(index));
      return { written, more: true, failure: null };
    }
    try {
      const copy = await send(discusses, claim);
      await record(run, claim, copy, discusses.mostCharacters);
      written += 1;
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const verdict = AFTER_FAILURE[error.code];
      if (verdict === 'park') await park(run, claim, error);
      else if (verdict !== 'doubt') await giveBack(run, verdict === 'wait' ? claimed.slice(index) : [claim]);
      if (verdict === 'wait') return { written, more: false, failure: error };
    }
  }
  return { written, more: claimed.length === PAGE, failure: null };
}

/** Makes it so, and says what the mirror is now. */
async function send(discusses: Discusses, { copy, comment, remoteId }: ClaimedComment): Promise<CommentCopy> {
  const { text } = mirrorText(comment, discusses.mostCharacters);
  const found = copy.remoteCommentId === null ? await findMirror(discusses, remoteId, comment.commentId) : null;
  const mirrorId = copy.remoteCommentId ?? found?.commentId ?? null;
  if (comment.removed) {
    if (mirrorId !== null) await unlessGone(discusses.remove(remoteId, mirrorId));
    return { ...copy, remoteCommentId: mirrorId, state: 'removed', version: comment.version };
  }
  const shown = (answer: RemoteComment): CommentCopy => ({
    ...copy,
    remoteCommentId: answer.commentId,
    ...{ shown: answer.text, state: 'shown', version: comment.version },
  });
  if (mirrorId === null) return shown(await discusses.write(remoteId, text));
  if ((found?.text ?? copy.shown) === text)
    return { ...copy, remoteCommentId: mirrorId, shown: text, state: 'shown', version: comment.version };
  const answer = await unlessGone(discusses.rewrite(remoteId, mirrorId, text));
  // A person has removed it: it stays away.
  return answer === null ? { ...copy, state: 'removed' } : shown(answer);
}

async function findMirror(discusses: Discusses, remoteId: string, id: string): Promise<RemoteComment | null> {
  const [discussion] = await discusses.list([remoteId]);
  return discussion?.comments.find(({ text }) => mirroredId(text) === id) ?? null;
}

async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'NotFound') return null;
    throw error;
  }
}

/** Puts the outcome on record; a comment that was changed meanwhile is owed again. */
async function record(
  run: Run,
  { copy: before, comment, remoteId }: ClaimedComment,
  copy: CommentCopy,
  mostCharacters: number,
): Promise<void> {
  await run.workspace.store.transaction(async (tx) => {
    await tx.lockItems([comment.itemId]);
    const now = (await tx.comments([comment.itemId])).find(({ commentId }) => commentId === comment.commentId);
    const isLater = now !== undefined && now.version > comment.version && copy.state === 'shown';
    await tx.saveCommentCopies([isLater ? { ...copy, state: 'owed' } : copy]);
    await tx.appendLedger([ledgerRow(run, before, copy, comment.itemId, comment.connectionId, remoteId)]);
    if (copy.state !== 'shown' || !mirrorText(comment, mostCharacters).isCut) return;
    const message = `comment: expected at most ${mostCharacters} characters, got more; the rest is not shown here`;
    await tx.raiseConflicts([noticeRow(run, { kind: 'notice', itemId: comment.itemId, remoteId, message, recorded: true })]);
  });
}

function ledgerRow(run: Run, before: CommentCopy, copy: CommentCopy, itemId: string, actor: string, remoteId: string): LedgerRow {
  const operation = copy.state === 'removed' ? 'remove' : before.remoteCommentId === null ? 'create' : 'update';
  return {
    ...{ at: run.now, runId: run.runId, target: run.connection.connectionId, operation, itemId, actor },
    ...{ cause: `comment ${copy.commentId} of ${actor}`, before: {}, after: {}, remoteId },
  };
}

async function giveBack(run: Run, claimed: readonly ClaimedComment[]): Promise<void> {
  await run.workspace.store.transaction((tx) => tx.saveCommentCopies(claimed.map(({ copy }) => ({ ...copy, state: 'owed' }))));
}

async function park(run: Run, { copy, comment, remoteId }: ClaimedComment, error: ConnectorError): Promise<void> {
  await run.workspace.store.transaction(async (tx) => {
    const { connectionId, commentId } = copy;
    await tx.parkComments([{ connectionId, commentId, error: { code: error.code, message: error.message } }], run.now);
    await tx.raiseConflicts([
      noticeRow(run, { kind: 'notice', itemId: comment.itemId, remoteId, message: `${COMMENT_NOT_MIRRORED}${error.message}` }),
    ]);
  });
}
