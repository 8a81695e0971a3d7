/** The tree against an oracle: the recursive definitions of RFC 6962, 2.1, as they stand there, on Node's SHA-256. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  consistencyProof,
  EMPTY_EDGE,
  grown,
  inclusionProof,
  leafHashOf,
  rootOf,
  verifiesConsistency,
  verifiesInclusion,
} from '@lockstep/domain/audit/merkle.ts';

const hash = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(createHash('sha256').update(Buffer.concat(parts)).digest());
const powerBelow = (n: number): number => 2 ** Math.floor(Math.log2(n - 1));

/** MTH(D[n]) */
function mth(entries: readonly Uint8Array[]): Uint8Array {
  const [only] = entries;
  if (only === undefined) return hash();
  if (entries.length === 1) return hash(Uint8Array.of(0), only);
  const k = powerBelow(entries.length);
  return hash(Uint8Array.of(1), mth(entries.slice(0, k)), mth(entries.slice(k)));
}

/** PATH(m, D[n]) */
function path(m: number, entries: readonly Uint8Array[]): readonly Uint8Array[] {
  if (entries.length === 1) return [];
  const k = powerBelow(entries.length);
  return m < k ? [...path(m, entries.slice(0, k)), mth(entries.slice(k))] : [...path(m - k, entries.slice(k)), mth(entries.slice(0, k))];
}

/** SUBPROOF(m, D[n], b); PROOF(m, D[n]) is SUBPROOF(m, D[n], true). */
function subproof(m: number, entries: readonly Uint8Array[], b: boolean): readonly Uint8Array[] {
  if (m === entries.length) return b ? [] : [mth(entries)];
  const k = powerBelow(entries.length);
  return m <= k
    ? [...subproof(m, entries.slice(0, k), b), mth(entries.slice(k))]
    : [...subproof(m - k, entries.slice(k), false), mth(entries.slice(0, k))];
}

/** No two alike, as entries carry their place in the log: a proof tells one of two equal leaves from the other nowhere. */
const someEntries = fc
  .array(fc.uint8Array({ maxLength: 12 }), { minLength: 1, maxLength: 70 })
  .map((entries) => entries.map((entry, place) => Uint8Array.of(place, ...entry)));
const twoSizes = someEntries.chain((entries) => fc.tuple(fc.constant(entries), fc.integer({ min: 1, max: entries.length })));

/** Everything a proof may be after one change: a flipped bit, a hash less, a hash twice, one more. */
function spoilt(proof: readonly Uint8Array[], at: number, bit: number): readonly (readonly Uint8Array[])[] {
  const extra = [...proof, new Uint8Array(32)];
  if (proof.length === 0) return [extra];
  const place = at % proof.length;
  const flipped = proof.map((node, index) => (index === place ? flip(node, bit) : node));
  const doubled = [...proof.slice(0, place + 1), ...proof.slice(place)];
  return [flipped, proof.filter((_, index) => index !== place), doubled, extra];
}

function flip(node: Uint8Array, bit: number): Uint8Array {
  return node.map((byte, index) => (index === Math.floor(bit / 8) % node.length ? byte ^ (1 << (bit % 8)) : byte));
}

describe('the tree', () => {
  it('has the root of the definition at every size, however its leaves come', () => {
    fc.assert(
      fc.property(twoSizes, ([entries, cut]) => {
        const leaves = entries.map(leafHashOf);
        const whole = rootOf(grown(EMPTY_EDGE, leaves));
        expect(whole).toEqual(mth(entries));
        expect(rootOf(grown(grown(EMPTY_EDGE, leaves.slice(0, cut)), leaves.slice(cut)))).toEqual(whole);
      }),
    );
  });

  it('proves every leaf at its place and at no other, and no spoilt proof', () => {
    fc.assert(
      fc.property(someEntries, fc.nat(), fc.nat(255), (entries, pick, bit) => {
        const leaves = entries.map(leafHashOf);
        const size = entries.length;
        const root = mth(entries);
        for (const [index, leafHash] of leaves.entries()) {
          const proof = inclusionProof(index, leaves);
          expect(proof).toEqual(path(index, entries));
          expect(verifiesInclusion({ index, size, leafHash, root, proof })).toBe(true);
          expect(verifiesInclusion({ index, size, leafHash: flip(leafHash, bit), root, proof })).toBe(false);
          for (const bad of spoilt(proof, pick, bit)) expect(verifiesInclusion({ index, size, leafHash, root, proof: bad })).toBe(false);
        }
        const elsewhere = { index: size - 1, size, leafHash: leaves[0] ?? root, root, proof: inclusionProof(0, leaves) };
        expect(size > 1 && verifiesInclusion(elsewhere)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  it('case 74 proves that a log goes on from every earlier size of itself, and from no other history', () => {
    fc.assert(
      fc.property(someEntries, fc.nat(), fc.nat(255), fc.nat(), (entries, pick, bit, forkAt) => {
        const leaves = entries.map(leafHashOf);
        const second = entries.length;
        const secondRoot = mth(entries);
        for (let first = 1; first <= second; first += 1) {
          const proof = consistencyProof(first, leaves);
          expect(proof).toEqual(subproof(first, entries, true));
          const firstRoot = mth(entries.slice(0, first));
          expect(verifiesConsistency({ first, second, firstRoot, secondRoot, proof })).toBe(true);
          for (const bad of spoilt(proof, pick, bit))
            expect(verifiesConsistency({ first, second, firstRoot, secondRoot, proof: bad })).toBe(false);
          const other = entries.slice(0, first).map((entry, at) => (at === forkAt % first ? Uint8Array.of(...entry, 1) : entry));
          expect(verifiesConsistency({ first, second, firstRoot: mth(other), secondRoot, proof })).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
  });
});
