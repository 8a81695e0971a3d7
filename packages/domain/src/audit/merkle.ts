/**
 * The Merkle tree of RFC 6962, 2.1: its hashes, its roots, and proofs that an entry is in it and that one tree goes on from another.
 * Verification follows the algorithms of RFC 9162, 2.1.3.2 and 2.1.4.2, which is the same tree.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';

/** SHA-256, 32 bytes. */
export type Hash = Uint8Array;

/** Lower-case hex. */
export function hexOf(hash: Hash): string {
  return bytesToHex(hash);
}

/** @throws Error for what is not hex. */
export function bytesOf(hex: string): Hash {
  return hexToBytes(hex);
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Hash of an entry's bytes: SHA-256(0x00 || entry). */
export function leafHashOf(entry: Uint8Array): Hash {
  return sha256(concatBytes(LEAF, entry));
}

function nodeHashOf(left: Hash, right: Hash): Hash {
  return sha256(concatBytes(NODE, left, right));
}

/** Roots of the complete subtrees at the right edge, largest first: all that a tree must remember to grow. */
export interface Edge {
  readonly size: number;
  readonly roots: readonly Hash[];
}

export const EMPTY_EDGE: Edge = { size: 0, roots: [] };

/** The edge after these leaves. */
export function grown(edge: Edge, leafHashes: readonly Hash[]): Edge {
  const roots = [...edge.roots];
  let size = edge.size;
  for (const leaf of leafHashes) {
    let node = leaf;
    // As many subtrees are completed as the size has ones at its end.
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = roots.pop();
      if (left === undefined) throw new RangeError(`edge: expected a root for each one of the size ${edge.size} in binary, got fewer`);
      node = nodeHashOf(left, node);
    }
    roots.push(node);
    size += 1;
  }
  return { size, roots };
}

/** The tree's root; of no leaves SHA-256 of nothing. */
export function rootOf({ roots }: Edge): Hash {
  const last = roots.at(-1);
  if (last === undefined) return sha256(new Uint8Array());
  return roots.slice(0, -1).reduceRight((right, left) => nodeHashOf(left, right), last);
}

/** Hashes that lead from leaf `index` to the root of all these leaves. @throws RangeError for a leaf that there is not. */
export function inclusionProof(index: number, leafHashes: readonly Hash[]): readonly Hash[] {
  const size = leafHashes.length;
  if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError(`leaf: expected 0 to ${size - 1}, got ${index}`);
  if (size === 1) return [];
  const split = splitOf(size);
  return index < split
    ? [...inclusionProof(index, leafHashes.slice(0, split)), rootOf(grown(EMPTY_EDGE, leafHashes.slice(split)))]
    : [...inclusionProof(index - split, leafHashes.slice(split)), rootOf(grown(EMPTY_EDGE, leafHashes.slice(0, split)))];
}

/** Hashes that show that the tree of the first `first` leaves is the beginning of the tree of all. @throws RangeError unless 0 < first ≤ all. */
export function consistencyProof(first: number, leafHashes: readonly Hash[]): readonly Hash[] {
  const size = leafHashes.length;
  if (!Number.isInteger(first) || first < 1 || first > size) throw new RangeError(`size: expected 1 to ${size}, got ${first}`);
  return consistencyPath(first, leafHashes, true);
}

/** SUBPROOF of the RFC: `isWhole` while the older tree's own root, which the verifier has, would be the hash to send. */
function consistencyPath(first: number, leafHashes: readonly Hash[], isWhole: boolean): readonly Hash[] {
  const size = leafHashes.length;
  if (first === size) return isWhole ? [] : [rootOf(grown(EMPTY_EDGE, leafHashes))];
  const split = splitOf(size);
  const [left, right] = [leafHashes.slice(0, split), leafHashes.slice(split)];
  return first <= split
    ? [...consistencyPath(first, left, isWhole), rootOf(grown(EMPTY_EDGE, right))]
    : [...consistencyPath(first - split, right, false), rootOf(grown(EMPTY_EDGE, left))];
}

/** The largest power of two below the size. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** What `verifiesInclusion` is asked. */
export interface Inclusion {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Hash;
  readonly root: Hash;
  readonly proof: readonly Hash[];
}

/** Whether the proof leads from the leaf at its place to the root of a tree of that size. */
export function verifiesInclusion({ index, size, leafHash, root, proof }: Inclusion): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= size) return false;
  let [node, place, last] = [leafHash, index, size - 1];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      node = nodeHashOf(sibling, node);
      // A node without a right sibling goes up as it is.
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else node = nodeHashOf(node, sibling);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isEqual(node, root);
}

/** What `verifiesConsistency` is asked. */
export interface Consistency {
  readonly first: number;
  readonly second: number;
  readonly firstRoot: Hash;
  readonly secondRoot: Hash;
  readonly proof: readonly Hash[];
}

/** Whether the proof shows that the second tree begins with the first. */
export function verifiesConsistency({ first, second, firstRoot, secondRoot, proof }: Consistency): boolean {
  if (!Number.isInteger(first) || first < 1 || first > second) return false;
  if (first === second) return proof.length === 0 && isEqual(firstRoot, secondRoot);
  let [place, last] = [first - 1, second - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  // The older tree is one complete subtree: the verifier has its root.
  const [start, ...rest] = place === 0 ? [firstRoot, ...proof] : proof;
  if (start === undefined) return false;
  let [old, all] = [start, start];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      [old, all] = [nodeHashOf(sibling, old), nodeHashOf(sibling, all)];
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else all = nodeHashOf(all, sibling);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isEqual(old, firstRoot) && isEqual(all, secondRoot);
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isEqual(left: Hash, right: Hash): boolean {
  return left.length === right.length && left.every((byte, place) => byte === right[place]);
}
