/** Proofs that auditors ask for: that an entry is in the log, and that the log of today goes on from that of another day. */
import type { AuditLog } from '@lockstep/domain/audit/audit.port.ts';
import { consistencyProof, EMPTY_EDGE, grown, hexOf, inclusionProof, rootOf } from '@lockstep/domain/audit/merkle.ts';

/** Hashes are lower-case hex, in the order of RFC 6962. */
export interface ConsistencyAnswer {
  readonly first: number;
  readonly second: number;
  readonly firstRoot: string;
  readonly secondRoot: string;
  readonly proof: readonly string[];
}

export interface InclusionAnswer {
  readonly seq: number;
  readonly size: number;
  readonly leafHash: string;
  readonly root: string;
  readonly proof: readonly string[];
}

/** Shows that the first `second` entries begin with the first `first`. Reads all their leaf hashes. @throws RangeError unless 0 < first ≤ second ≤ size. */
export async function proveConsistency(log: AuditLog, first: number, second: number): Promise<ConsistencyAnswer> {
  const leaves = await log.leafHashes({ from: 0, to: second });
  if (leaves.length < second) throw new RangeError(`size: expected at most ${leaves.length}, got ${second}`);
  const proof = consistencyProof(first, leaves).map(hexOf);
  const rootAt = (size: number): string => hexOf(rootOf(grown(EMPTY_EDGE, leaves.slice(0, size))));
  return { first, second, firstRoot: rootAt(first), secondRoot: rootAt(second), proof };
}

/** Shows that an entry is among the first `size`. Reads all their leaf hashes. @throws RangeError for an entry or a size that there is not. */
export async function proveInclusion(log: AuditLog, seq: number, size: number): Promise<InclusionAnswer> {
  const leaves = await log.leafHashes({ from: 0, to: size });
  if (leaves.length < size) throw new RangeError(`size: expected at most ${leaves.length}, got ${size}`);
  const proof = inclusionProof(seq, leaves).map(hexOf);
  const leaf = leaves[seq];
  if (leaf === undefined) throw new RangeError(`entry: expected 0 to ${size - 1}, got ${seq}`);
  return { seq, size, leafHash: hexOf(leaf), root: hexOf(rootOf(grown(EMPTY_EDGE, leaves))), proof };
}
