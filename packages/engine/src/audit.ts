/**
 * Checkpoints of the audit log: what makes a cut or rewritten log visible. The witness gets one before our own database does, and nothing is signed that
 * does not go on from what the witness has: a key must not vouch for a history that somebody has put in the place of the first.
 */
import type { AuditLog, AuditWitness, CheckpointSigner, SignedCheckpoint } from '@lockstep/domain/audit/audit.port.ts';
import { checkpointText } from '@lockstep/domain/audit/checkpoint.ts';
import { bytesOf, EMPTY_EDGE, grown, hexOf, rootOf } from '@lockstep/domain/audit/merkle.ts';
import type { Edge } from '@lockstep/domain/audit/merkle.ts';

export interface AuditParts {
  readonly workspaceId: string;
  readonly log: AuditLog;
  readonly witness: AuditWitness;
  readonly signer: CheckpointSigner;
}

/** A checkpoint is due after this long, or after this many entries. */
const CHECKPOINT_MS = 60_000;
const CHECKPOINT_ENTRIES = 1_000;
/** Leaf hashes that are read at a time: 320 kB. */
const PAGE = 10_000;

/** The log is not the one that was signed. Nothing is signed any more until a person has looked; the message says where to begin. */
export class AuditTampered extends Error {
  override readonly name = 'AuditTampered';
}

/**
 * Signs and keeps a checkpoint where one is due; null where none is. Call it every few seconds; a call costs one or two small reads while nothing is due.
 * @throws AuditTampered where the log does not go on from its last checkpoint here, or from the witness's.
 */
export async function checkpointAudit(parts: AuditParts, now: string): Promise<SignedCheckpoint | null> {
  const { workspaceId, log, witness, signer } = parts;
  const size = await log.size();
  const last = await log.latestCheckpoint();
  const from = last?.size ?? 0;
  if (size < from) throw tampered(parts, `entries up to the checkpoint of ${from}`, `a log of ${size}`);
  if (size === from) return null;
  if (last !== null && size - from < CHECKPOINT_ENTRIES && Date.parse(now) - Date.parse(last.at) < CHECKPOINT_MS) return null;

  const kept: Edge = last === null ? EMPTY_EDGE : { size: last.size, roots: last.edge.map(bytesOf) };
  if (last !== null && rootHex(kept) !== last.root) throw tampered(parts, `the edge of the checkpoint of ${from} entries`, 'another one');
  const seen = await heldAgainst(parts, await witness.latest(), kept, size);
  const edge = await grownTo(parts, seen.size >= kept.size ? seen : kept, size);
  const checkpoint = { workspaceId, size, root: rootHex(edge), at: now, keyId: signer.keyId };
  const signed = { ...checkpoint, signature: signer.sign(checkpointText(checkpoint)) };
  await witness.append(signed);
  await log.saveCheckpoint({ ...signed, edge: edge.roots.map(hexOf) });
  return signed;
}

/** The edge at the witness's size, whose root is the witness's. */
async function heldAgainst(parts: AuditParts, witnessed: SignedCheckpoint | null, kept: Edge, size: number): Promise<Edge> {
  if (witnessed === null) return EMPTY_EDGE;
  if (witnessed.workspaceId !== parts.workspaceId)
    throw tampered(parts, `a witness of workspace ${parts.workspaceId}`, `one of ${witnessed.workspaceId}`);
  if (witnessed.size > size) throw tampered(parts, `at least the ${witnessed.size} entries that the witness has seen`, `a log of ${size}`);
  const there = await grownTo(parts, kept.size <= witnessed.size ? kept : EMPTY_EDGE, witnessed.size);
  if (rootHex(there) !== witnessed.root)
    throw tampered(parts, `the first ${witnessed.size} entries as the witness has seen them`, 'others');
  return there;
}

async function grownTo(parts: AuditParts, edge: Edge, size: number): Promise<Edge> {
  let at = edge;
  while (at.size < size) {
    const to = Math.min(size, at.size + PAGE);
    const leaves = await parts.log.leafHashes({ from: at.size, to });
    if (leaves.length !== to - at.size) throw tampered(parts, `entries ${at.size} to ${to - 1}`, `${leaves.length} of them`);
    at = grown(at, leaves);
  }
  return at;
}

function rootHex(edge: Edge): string {
  return hexOf(rootOf(edge));
}

function tampered({ workspaceId }: AuditParts, expected: string, got: string): AuditTampered {
  return new AuditTampered(
    `audit log of workspace ${workspaceId}: expected ${expected}, got ${got}. No checkpoint is signed any more. ` +
      'Export the log and hold it against the witness (`lockstep audit export`, `lockstep audit verify --checkpoints`); ' +
      'where the database was restored from an older copy, keep the old witness file and let the worker begin another one',
  );
}
