/** Checkpoints as text: what is signed, and what the witness keeps. */
import canonicalize from 'canonicalize';
import type { Checkpoint, SignedCheckpoint } from './audit.port.ts';

/** Signed along with it, so that no signature of anything else is one of a checkpoint. */
const FORMAT = 'lockstep-audit-checkpoint/1';

/** The exact text that is signed. */
export function checkpointText({ workspaceId, size, root, at, keyId }: Checkpoint): string {
  return canonicalize({ format: FORMAT, workspaceId, size, root, at, keyId }) ?? '';
}

/** The line that the witness keeps, without its line end. */
export function checkpointLine(checkpoint: SignedCheckpoint): string {
  const { workspaceId, size, root, at, keyId, signature } = checkpoint;
  return canonicalize({ format: FORMAT, workspaceId, size, root, at, keyId, signature }) ?? '';
}

/** The checkpoint of a line; null where it is none. */
export function readCheckpoint(line: string): SignedCheckpoint | null {
  const value = parsed(line);
  if (typeof value !== 'object' || value === null) return null;
  const { format, workspaceId, size, root, at, keyId, signature } = value as Record<string, unknown>;
  if (format !== FORMAT || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 1) return null;
  if (typeof root !== 'string' || !/^[0-9a-f]{64}$/.test(root)) return null;
  if (typeof workspaceId !== 'string' || typeof at !== 'string' || typeof keyId !== 'string' || typeof signature !== 'string') return null;
  const checkpoint = { workspaceId, size, root, at, keyId, signature };
  // Nothing more and nothing else, to the byte.
  return checkpointLine(checkpoint) === line ? checkpoint : null;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
