/**
 * How a comment is shown where it was not written: who, where and when in the first line, with our mark, then the words. The mark is how a mirror is known
 * again after a crash or a lost store; never by who wrote it, since a person may use the same account (law S5).
 */
import type { CommentRow } from '@lockstep/domain/sync/comments.port.ts';

const MARK = /^[^\n]*\[lockstep:([0-9a-f]{16})\]/;
const ID_LENGTH = 16;
const CUT = '\n… the rest stands where it was written';

/** From business identity: the same comment has the same id in every store. */
export function commentId(hash: (text: string) => string, connectionId: string, remoteCommentId: string): string {
  return hash(JSON.stringify([connectionId, remoteCommentId])).slice(0, ID_LENGTH);
}

/** The id of the comment that this text mirrors; null where it is nobody's mirror. */
export function mirroredId(text: string): string | null {
  return MARK.exec(text)?.[1] ?? null;
}

/** The mirror's text, within the limit; a cut is said. */
export function mirrorText(comment: CommentRow, mostCharacters: number): { readonly text: string; readonly isCut: boolean } {
  const { author, connectionId, writtenAt, body } = comment;
  const at = `${writtenAt.slice(0, 10)} ${writtenAt.slice(11, 16)} UTC`;
  const whole = `${author ?? 'Somebody'} in ${connectionId}, ${at} [lockstep:${comment.commentId}]\n${body}`;
  if (whole.length <= mostCharacters) return { text: whole, isCut: false };
  const room = mostCharacters - CUT.length;
  const end = whole.slice(0, room).isWellFormed() ? room : room - 1;
  return { text: `${whole.slice(0, end)}${CUT}`, isCut: true };
}
