/** The audit log after a restore: by `lockstep audit verify`, with the checkpoints of the old witness and of the one that the runbook has people begin. */
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lockstep } from '@lockstep/cli/program-run.ts';
import type { SignedCheckpoint } from '@lockstep/domain/audit/audit.port.ts';
import { anEntry } from '@lockstep/domain/audit/entry.fixture.ts';
import { bytesOf, verifiesConsistency } from '@lockstep/domain/audit/merkle.ts';
import type { AuditReport } from '@lockstep/domain/audit/report.ts';
import { AuditTampered, checkpointAudit } from '@lockstep/engine/audit.ts';
import { proveConsistency } from '@lockstep/engine/audit-proofs.ts';
import { writeBackup } from '@lockstep/store/backup.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { expect, test } from 'vitest';
import { auditDesk, audited, exported, later } from './audit-desk.ts';
import type { AuditDesk } from './audit-desk.ts';
import { restoredStore } from './restored-store.ts';

const database = useTestStore();

/** What an auditor sees who has the log of a desk and these witness files. */
async function verified({ log, witnessFile }: AuditDesk, ...witnessFiles: readonly string[]) {
  const file = join(mkdtempSync(join(tmpdir(), 'lockstep-audit-')), 'log.jsonl');
  writeFileSync(file, (await exported(log)).map((line) => `${line}\n`).join(''));
  const named = witnessFiles.flatMap((one) => ['--checkpoints', one]);
  const { code, stdout } = await lockstep([
    ...['audit', 'verify', file, ...named],
    ...['--key', join(dirname(witnessFile), 'public-keys'), '--json'],
  ]);
  return { code, report: JSON.parse(stdout) as AuditReport };
}

/** By a consistency proof from the log itself, held against the roots of two signed checkpoints. */
async function isContinued({ log }: AuditDesk, first: SignedCheckpoint | undefined, second: SignedCheckpoint | undefined) {
  if (first === undefined || second === undefined) throw new Error('witness: expected two checkpoints');
  const { proof } = await proveConsistency(log, first.size, second.size);
  const [firstRoot, secondRoot] = [bytesOf(first.root), bytesOf(second.root)];
  return verifiesConsistency({ first: first.size, second: second.size, firstRoot, secondRoot, proof: proof.map(bytesOf) });
}

test('a restored log goes on under a new witness, proven from its first entry; all of the old witness tells what is gone since the backup', async () => {
  const lost = auditDesk({ pool: database.pool, workspaceId: database.workspaceId() });
  await lost.fill(40, 20);
  await lost.fillUnsigned(5);
  const folder = join(mkdtempSync(join(tmpdir(), 'lockstep-backup-')), 'backup');
  await writeBackup(database.url, folder);
  const untilBackup = join(dirname(lost.witnessFile), 'until-backup.jsonl');
  copyFileSync(lost.witnessFile, untilBackup);
  await lost.fill(30);

  const pool = await restoredStore(folder);
  const desk = auditDesk({ pool, workspaceId: lost.workspaceId });
  // Nothing is signed against the old witness: it has seen more.
  await expect(checkpointAudit({ ...desk, witness: lost.witness }, later())).rejects.toThrow(AuditTampered);
  await expect(pool.query(`update lockstep.audit_entries set canonical = ''`)).rejects.toThrow('expected an append, got UPDATE');
  // The new one signs the whole of what was restored, and what comes after, which is another history than the lost one.
  for (const count of [7, 12]) {
    const from = await desk.log.size();
    await desk.log.append(Array.from({ length: count }, (_, place) => anEntry(from + place, { action: 'archive' })));
    await checkpointAudit(desk, later());
  }
  expect(desk.witnessed().map(({ size }) => size)).toEqual([72, 84]);
  expect(await verified(desk, untilBackup, desk.witnessFile)).toMatchObject({
    code: 0,
    report: { ok: true, entries: 84, provenTo: 84, checkpoints: { given: 4, matching: 4 }, signatures: 'checked', findings: [] },
  });
  expect(await isContinued(desk, lost.witnessed()[1], desk.witnessed()[1])).toBe(true);
  // Whoever has all of the old witness sees what is gone, and once the log is as long again, that there were two.
  expect(await verified(desk, lost.witnessFile, desk.witnessFile)).toMatchObject({
    code: 6,
    report: { provenTo: 84, findings: [{ kind: 'truncated', from: 84, to: 94 }] },
  });
  await desk.fill(30);
  const findings = [{ kind: 'forked', from: 84, to: 94 }];
  expect(audited(await exported(desk.log), [...lost.witnessed(), ...desk.witnessed()], desk.signer)).toMatchObject({ findings });
});
