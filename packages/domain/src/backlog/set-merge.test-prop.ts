import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSet } from './set-merge.ts';

const set = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e')).map((members) => members.sort());

describe('the three-way merge of sets', () => {
  it('gives back the side that changed where the other did not', () => {
    fc.assert(
      fc.property(set, set, (base, edited) => {
        expect(mergeSet(edited, base, base)).toEqual(edited);
        expect(mergeSet(base, base, edited)).toEqual(edited);
      }),
    );
  });

  it('S1 does not care in which order two edits arrive', () => {
    fc.assert(
      fc.property(set, set, set, (left, base, right) => {
        expect(mergeSet(left, base, right)).toEqual(mergeSet(right, base, left));
      }),
    );
  });

  it('S2 holds every addition, every member that nobody removed, and nothing else', () => {
    fc.assert(
      fc.property(set, set, set, (canonical, base, observed) => {
        const added = [...canonical, ...observed].filter((member) => !base.includes(member));
        const kept = base.filter((member) => canonical.includes(member) && observed.includes(member));
        expect(mergeSet(canonical, base, observed)).toEqual([...new Set([...added, ...kept])].sort());
      }),
    );
  });
});
