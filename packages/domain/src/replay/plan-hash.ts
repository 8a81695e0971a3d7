/** What is approved of a replay, as one hash. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import type { PlannedTarget } from './replay.ts';

/** SHA-256 in hex over the canonical JSON (RFC 8785) of the targets in order: runs, points and effects. What is not in them does not change it. */
export function planHash(targets: readonly PlannedTarget[]): string {
  const rows = targets.map(({ workflowId, workflowType, runId, resetEventId, effects }) => ({
    ...{ workflowId, workflowType, runId, resetEventId },
    effects: effects.map(({ activity, shown, doneByKey, willRun, unsafe }) => ({ activity, shown, doneByKey, willRun, unsafe })),
  }));
  return bytesToHex(sha256(utf8ToBytes(canonicalize(rows) ?? '')));
}
