/**
 * Text of a remote that shows less than the canonical text: cut at its limit, or without what it cannot express. Its author has not seen the rest,
 * so an edit there must neither drop the rest nor drop it in silence (laws S2, S6, S9).
 */
import type { Base } from '../sync/link.ts';
import type { FieldValue } from './item.ts';

/**
 * What an edited clip stands for: itself and the unseen end of the text that both sides had agreed on. Null where the remote did not clip, the
 * author cleared the field, or the edit touched a word that the clip had cut in two.
 */
export function unclipped(base: Base, observed: FieldValue): string | null {
  const { agreed, remote } = base;
  if (typeof agreed !== 'string' || typeof remote !== 'string' || typeof observed !== 'string') return null;
  if (remote === '' || observed === '' || remote === agreed || !agreed.startsWith(remote)) return null;
  const unseen = agreed.slice(remote.length);
  const cutsWord = /\S$/u.test(remote) && /^\S/u.test(unseen);
  return cutsWord && lastWord(observed) !== lastWord(remote) ? null : observed + unseen;
}

/** True where the agreed text has words that the remote's author has neither seen nor written again. */
export function losesUnseenWords(base: Base, observed: FieldValue): boolean {
  const left = new Map<string, number>();
  for (const word of [...words(base.remote), ...words(observed)]) left.set(word, (left.get(word) ?? 0) + 1);
  return words(base.agreed).some((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count <= 0;
  });
}

function words(value: FieldValue): readonly string[] {
  return typeof value === 'string' ? (value.match(/\S+/gu) ?? []) : [];
}

function lastWord(text: string): string {
  return /\S*$/u.exec(text)?.[0] ?? '';
}
