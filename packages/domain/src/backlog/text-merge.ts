/**
 * Three-way merge of text, by words and blanks: two people who edit different places of one cell lose nothing.
 */
import { hunksOf } from './text-diff.ts';
import type { Hunk } from './text-diff.ts';

/** Words and the blanks between them: joined, they give back the text. */
function tokens(text: string): string[] {
  return text.match(/\s+|[^\s]+/gu) ?? [];
}

/** Merges `left` and `right`, both made from `base`. Null where they changed the same place: the caller's rule decides then. */
export function mergeText(left: string, base: string, right: string): string | null {
  if (left === right || right === base) return left;
  if (left === base) return right;
  const origin = tokens(base);
  const sides = [sideOf(origin, tokens(left)), sideOf(origin, tokens(right))] as const;
  const merged: string[] = [];
  let at = 0;
  for (const { from, to } of places(sides.flatMap(({ hunks }) => hunks))) {
    merged.push(...origin.slice(at, from));
    const touching = sides.filter((side) => isTouched(side, from, to)).map((side) => wordsAt(side, from, to));
    const [one, other] = touching;
    if (one === undefined || (other !== undefined && one !== other)) return null;
    merged.push(one);
    at = to;
  }
  return [...merged, ...origin.slice(at)].join('');
}

interface Side {
  readonly tokens: readonly string[];
  readonly hunks: readonly Hunk[];
}

function sideOf(base: readonly string[], edited: readonly string[]): Side {
  return { tokens: edited, hunks: hunksOf(base, edited) };
}

/** Stretches of the base that somebody changed, in order; changes that overlap or touch are one place. */
function places(hunks: readonly Hunk[]): readonly { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const { baseFrom, baseTo } of hunks.toSorted((one, other) => one.baseFrom - other.baseFrom || one.baseTo - other.baseTo)) {
    const last = found.at(-1);
    if (last === undefined || baseFrom > last.to) found.push({ from: baseFrom, to: baseTo });
    else last.to = Math.max(last.to, baseTo);
  }
  return found;
}

function within({ hunks }: Side, from: number, to: number): readonly Hunk[] {
  return hunks.filter((hunk) => hunk.baseFrom >= from && hunk.baseTo <= to);
}

function isTouched(side: Side, from: number, to: number): boolean {
  return within(side, from, to).length > 0;
}

/** What the side has in place of this stretch, which it has changed. */
function wordsAt(side: Side, from: number, to: number): string {
  const hunks = within(side, from, to);
  const [first, last] = [hunks[0], hunks.at(-1)];
  if (first === undefined || last === undefined) return '';
  return side.tokens.slice(first.from - (first.baseFrom - from), last.to + (to - last.baseTo)).join('');
}
