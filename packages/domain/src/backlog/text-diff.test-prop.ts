import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hunksOf } from './text-diff.ts';

const tokens = fc.array(fc.constantFrom('a', 'b', ' ', 'c'), { maxLength: 14 });

/** How many tokens go and come at least: by the plain table of all pairs. */
function fewestEdits(base: readonly string[], edited: readonly string[]): number {
  let row = Array.from({ length: edited.length + 1 }, (_, index) => index);
  for (const [index, token] of base.entries()) {
    const next = [index + 1];
    for (const [at, other] of edited.entries()) next.push(token === other ? (row[at] ?? 0) : 1 + Math.min(row[at + 1] ?? 0, next[at] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}

describe('what an edit changed', () => {
  it('gives the edited text back, with the fewest changes, and a token that stands between any two', () => {
    fc.assert(
      fc.property(tokens, tokens, (base, edited) => {
        const hunks = hunksOf(base, edited);
        const played = hunks
          .toReversed()
          .reduce<readonly string[]>(
            (text, { baseFrom, baseTo, from, to }) => text.toSpliced(baseFrom, baseTo - baseFrom, ...edited.slice(from, to)),
            base,
          );
        expect(played).toEqual(edited);
        const size = hunks.reduce((sum, { baseFrom, baseTo, from, to }) => sum + (baseTo - baseFrom) + (to - from), 0);
        expect(size).toBe(fewestEdits(base, edited));
        for (const [index, hunk] of hunks.slice(1).entries()) expect(hunk.baseFrom).toBeGreaterThan(hunks[index]?.baseTo ?? -1);
      }),
      { numRuns: 2_000 },
    );
  });
});
