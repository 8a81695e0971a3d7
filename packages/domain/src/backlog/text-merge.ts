/**
 * Three-way merge of text, by words and blanks: two people who edit different places of one cell lose nothing.
 */
import { diff3Merge } from 'node-diff3';

/** Words and the blanks between them: joined, they give back the text. */
function tokens(text: string): string[] {
  return text.match(/\s+|[^\s]+/gu) ?? [];
}

/** Merges `left` and `right`, both made from `base`. Null where they changed the same place: the caller's rule decides then. */
export function mergeText(left: string, base: string, right: string): string | null {
  if (left === right || right === base) return left;
  if (left === base) return right;
  const merged: string[] = [];
  for (const region of diff3Merge(tokens(left), tokens(base), tokens(right), { excludeFalseConflicts: true })) {
    if (region.conflict !== undefined) return null;
    merged.push(...(region.ok ?? []));
  }
  return merged.join('');
}
