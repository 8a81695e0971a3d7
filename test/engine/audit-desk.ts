/** An audit log on a real PostgreSQL with its signer and its witness file, as the worker has them; and what an auditor does with an export. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditLog, SignedCheckpoint } from '@lockstep/domain/audit/audit.port.ts';
import type { SignatureVerdict } from '@lockstep/domain/audit/anchors.ts';
import { checkpointText, readCheckpoint } from '@lockstep/domain/audit/checkpoint.ts';
import { anEntry } from '@lockstep/domain/audit/entry.fixture.ts';
import { canonicalEntry, exportedLine } from '@lockstep/domain/audit/entry-text.ts';
import type { AuditEntry } from '@lockstep/domain/audit/entry.ts';
import { hexOf } from '@lockstep/domain/audit/merkle.ts';
import type { AuditReport } from '@lockstep/domain/audit/report.ts';
import { auditVerifier } from '@lockstep/domain/audit/verify.ts';
import { checkpointAudit } from '@lockstep/engine/audit.ts';
import type { AuditParts } from '@lockstep/engine/audit.ts';
import { createAuditLog } from '@lockstep/store/audit.ts';
import { auditKeys } from '@lockstep/worker/audit-signer.ts';
import type { AuditKeys } from '@lockstep/worker/audit-signer.ts';
import { fileWitness } from '@lockstep/worker/audit-witness.ts';
import type { Pool } from 'pg';

export interface AuditDesk extends AuditParts {
  readonly witnessFile: string;
  readonly signer: AuditKeys;
  /** Appends entries, a batch each, and asks for a checkpoint two minutes after each. */
  fill(...batches: readonly number[]): Promise<void>;
  /** Appends without asking for a checkpoint. */
  fillUnsigned(count: number): Promise<void>;
  /** What the witness file holds. */
  witnessed(): readonly SignedCheckpoint[];
}

let minutes = 0;

/** Later than the last time, by more than a checkpoint waits. */
export function later(): string {
  minutes += 2;
  return new Date(Date.UTC(2026, 10, 24, 9, minutes)).toISOString();
}

export function auditDesk(parts: { readonly pool: Pool; readonly workspaceId: string; readonly signer?: AuditKeys }): AuditDesk {
  const { workspaceId, signer = keysOf('k1') } = parts;
  const log = createAuditLog(parts);
  const witnessFile = join(mkdtempSync(join(tmpdir(), 'lockstep-audit-')), 'audit', 'checkpoints.jsonl');
  const desk = { workspaceId, log, signer, witness: fileWitness(witnessFile, signer.publicKeys) };
  const fillUnsigned = async (count: number): Promise<void> => {
    const from = await log.size();
    await log.append(Array.from({ length: count }, (_, place) => anEntry(from + place)));
  };
  return {
    ...desk,
    witnessFile,
    fillUnsigned,
    async fill(...batches) {
      for (const count of batches) {
        await fillUnsigned(count);
        await checkpointAudit(desk, later());
      }
    },
    witnessed: () => checkpointsOf(readFileSync(witnessFile, 'utf8')),
  };
}

/** Keys whose secret halves follow from their ids; the first signs. */
export function keysOf(...keyIds: readonly string[]): AuditKeys {
  const [current = 'none'] = keyIds;
  return auditKeys({ current, keys: new Map(keyIds.map((keyId) => [keyId, Buffer.alloc(32, keyId)])) });
}

function checkpointsOf(text: string): readonly SignedCheckpoint[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => {
    const checkpoint = readCheckpoint(line);
    if (checkpoint === null) throw new Error(`witness: expected a checkpoint, got ${line}`);
    return checkpoint;
  });
}

/** The export of a log, line by line. */
export async function exported(log: AuditLog): Promise<readonly string[]> {
  const rows = await log.page({ from: 0, limit: 1_000_000 });
  return rows.map(({ canonical, leafHash }) => exportedLine(canonical, hexOf(leafHash)));
}

/** A line whose bytes may be no UTF-8. */
export interface DecodedLine {
  readonly text: string;
  readonly isText: boolean;
}

/** What an auditor finds who has these lines, these checkpoints and these public keys. */
export function audited(lines: readonly (string | DecodedLine)[], checkpoints: readonly SignedCheckpoint[], keys: AuditKeys): AuditReport {
  const verifier = auditVerifier({ checkpoints, verdictOf: (checkpoint) => verdict(checkpoint, keys.publicKeys), signatures: 'checked' });
  for (const line of lines) {
    if (typeof line === 'string') verifier.line(line);
    else verifier.line(line.text, line.isText);
  }
  return verifier.end();
}

/** The line with another entry in it, numbered and hashed so that it is sound in itself. By Node's own SHA-256. */
export function forgedLine(line: string, change: Readonly<Record<string, unknown>>): string {
  const { entry } = JSON.parse(line) as { readonly entry: Readonly<Record<string, unknown>> };
  const canonical = canonicalEntry({ ...entry, ...change } as unknown as AuditEntry);
  return exportedLine(canonical, createHash('sha256').update('\0').update(canonical).digest('hex'));
}

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410, 4). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

function verdict(checkpoint: SignedCheckpoint, keys: ReadonlyMap<string, string>): SignatureVerdict {
  const key = keys.get(checkpoint.keyId);
  if (key === undefined) return 'unknown-key';
  const der = createPublicKey({ key: Buffer.concat([SPKI, Buffer.from(key, 'base64')]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(checkpointText(checkpoint)), der, Buffer.from(checkpoint.signature, 'base64')) ? 'good' : 'bad';
}
