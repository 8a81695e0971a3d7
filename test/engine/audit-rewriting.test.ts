/** Somebody who owns the database, and may sign: the triggers dropped, entries and checkpoints rewritten. What the witness and a consistency proof say. */
import { createHash } from 'node:crypto';
import type { SignedCheckpoint } from '@lockstep/domain/audit/audit.port.ts';
import { checkpointText } from '@lockstep/domain/audit/checkpoint.ts';
import { anEntry } from '@lockstep/domain/audit/entry.fixture.ts';
import { bytesOf, hexOf, leafHashOf, verifiesConsistency, verifiesInclusion } from '@lockstep/domain/audit/merkle.ts';
import { AuditTampered, checkpointAudit } from '@lockstep/engine/audit.ts';
import { proveConsistency, proveInclusion } from '@lockstep/engine/audit-proofs.ts';
import type { ConsistencyAnswer } from '@lockstep/engine/audit-proofs.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { describe, expect, it } from 'vitest';
import { auditDesk, audited, exported, keysOf, later } from './audit-desk.ts';
import type { AuditDesk } from './audit-desk.ts';

const database = useTestStore();
const TABLES = ['audit_entries', 'audit_checkpoints', 'audit_heads'];

/** A log of 90 entries with checkpoints of 40, 60 and 90. */
async function aLog(): Promise<AuditDesk> {
  const desk = auditDesk({ pool: database.pool, workspaceId: database.workspaceId() });
  await desk.fill(40, 20, 30);
  return desk;
}

/** As the owner of the database, without the triggers. */
async function asOwner(statement: string, values: readonly unknown[]): Promise<void> {
  for (const table of TABLES) await database.pool.query(`alter table lockstep.${table} disable trigger user`);
  await database.pool.query(statement, [...values]);
  for (const table of TABLES) await database.pool.query(`alter table lockstep.${table} enable trigger user`);
}

/** Rewrites every entry from a place on, hashes them anew, and takes away the checkpoints that would tell. */
async function rewrite({ log, workspaceId }: AuditDesk, from: number): Promise<void> {
  for (const { seq, canonical } of await log.page({ from, limit: 1_000 })) {
    const text = canonical.replace('assign-owner', 'archive');
    const hash = createHash('sha256').update('\0').update(text).digest();
    const values = [workspaceId, seq, text, hash];
    await asOwner('update lockstep.audit_entries set canonical = $3, leaf_hash = $4 where workspace_id = $1 and seq = $2', values);
  }
  await asOwner('delete from lockstep.audit_checkpoints where workspace_id = $1 and size > $2', [workspaceId, from]);
}

/** The same log as it would be witnessed and signed by whoever has put another history in its place. */
async function resigned(desk: AuditDesk): Promise<AuditDesk> {
  const colluding = auditDesk({ pool: database.pool, workspaceId: desk.workspaceId });
  await colluding.fillUnsigned(1);
  await checkpointAudit(colluding, later());
  return colluding;
}

describe('case 71 one bit flipped in an entry of the database', () => {
  it.each([0, 39, 40, 89])('fails at entry %i, and the rest is proven', async (k) => {
    const desk = await aLog();
    const [row] = await desk.log.page({ from: k, limit: 1 });
    const text = (row?.canonical ?? '').replace('"outcome":"i', '"outcome":"h');
    await asOwner('update lockstep.audit_entries set canonical = $3 where workspace_id = $1 and seq = $2', [desk.workspaceId, k, text]);
    const report = audited(await exported(desk.log), desk.witnessed(), desk.signer);
    expect(report.findings).toMatchObject([{ kind: 'altered', from: k, to: k }]);
    expect(report.provenTo).toBe(90);
  });
});

describe('case 72 the last entries deleted in the database', () => {
  it('is found by the witness, and nothing is signed over it', async () => {
    const desk = await aLog();
    const { workspaceId } = desk;
    await asOwner('delete from lockstep.audit_entries where workspace_id = $1 and seq >= 70', [workspaceId]);
    await asOwner('update lockstep.audit_heads set size = 70 where workspace_id = $1', [workspaceId]);
    expect(audited(await exported(desk.log), desk.witnessed(), desk.signer).findings).toMatchObject([
      { kind: 'truncated', from: 70, to: 89 },
    ]);
    await expect(checkpointAudit(desk, later())).rejects.toThrow(AuditTampered);
    // Also where the checkpoints went with them, and others have come in their place.
    await asOwner('delete from lockstep.audit_checkpoints where workspace_id = $1 and size > 60', [workspaceId]);
    await expect(checkpointAudit(desk, later())).rejects.toThrow(
      'expected at least the 90 entries that the witness has seen, got a log of 70',
    );
    await desk.log.append(Array.from({ length: 30 }, (_, place) => anEntry(70 + place, { action: 'archive' })));
    await expect(checkpointAudit(desk, later())).rejects.toThrow('expected the first 90 entries as the witness has seen them, got others');
    expect(desk.witnessed().map(({ size }) => size)).toEqual([40, 60, 90]);
  });
});

describe('case 73 the whole chain rewritten by the owner of the database', () => {
  it('is sound in itself, and is found by the checkpoints of the witness', async () => {
    const desk = await aLog();
    await rewrite(desk, 0);
    const lines = await exported(desk.log);
    expect(audited(lines, [], desk.signer)).toMatchObject({ ok: true, provenTo: 0 });
    const report = audited(lines, desk.witnessed(), desk.signer);
    expect(report.findings).toMatchObject([{ kind: 'rewritten', from: 0, to: 39 }]);
    expect(report).toMatchObject({ provenTo: 0, checkpoints: { given: 3, matching: 0 } });
  });

  it('is not signed by a worker that has the witness', async () => {
    const desk = await aLog();
    await rewrite(desk, 0);
    await desk.fillUnsigned(5);
    await expect(checkpointAudit(desk, later())).rejects.toThrow('expected the first 90 entries as the witness has seen them, got others');
    expect(await desk.log.latestCheckpoint()).toBeNull();
  });

  it('is found although it was signed with the true key', async () => {
    const desk = await aLog();
    await rewrite(desk, 0);
    const colluding = await resigned(desk);
    const lines = await exported(colluding.log);
    expect(audited(lines, colluding.witnessed(), desk.signer)).toMatchObject({ ok: true, provenTo: 91 });
    expect(audited(lines, [...desk.witnessed(), ...colluding.witnessed()], desk.signer).findings).toMatchObject([
      { kind: 'forked', from: 0, to: 39 },
    ]);
  });

  it.each([1, 45, 89])('is found from entry %i on, between the checkpoints around it', async (from) => {
    const desk = await aLog();
    await rewrite(desk, from);
    const around = [0, 40, 60, 90];
    const [before, after] = [around.findLast((size) => size <= from), around.find((size) => size > from)];
    expect(audited(await exported(desk.log), desk.witnessed(), desk.signer).findings).toMatchObject([
      { kind: 'rewritten', from: before, to: (after ?? 0) - 1 },
    ]);
  });

  it('a forged line in the witness is no checkpoint: it has no signature of ours', async () => {
    const desk = await aLog();
    const lines = await exported(desk.log);
    const [first] = desk.witnessed();
    if (first === undefined) throw new Error('witness: expected a checkpoint');
    const forged = { ...first, root: 'f'.repeat(64) };
    const byAnother = { ...forged, keyId: 'mallory', signature: keysOf('mallory').sign(checkpointText({ ...forged, keyId: 'mallory' })) };
    expect(audited(lines, [forged, ...desk.witnessed()], desk.signer).findings).toMatchObject([{ kind: 'signature', from: null }]);
    expect(audited(lines, [byAnother, ...desk.witnessed()], desk.signer).findings).toMatchObject([{ kind: 'signature', from: null }]);
    expect(audited(lines, [...desk.witnessed(), { ...first, workspaceId: 'other' }], desk.signer).findings).toMatchObject([
      { kind: 'foreign' },
    ]);
  });
});

describe('case 74 a fork shown to two auditors', () => {
  const last = (desk: AuditDesk): SignedCheckpoint => {
    const checkpoint = desk.witnessed().at(-1);
    if (checkpoint === undefined) throw new Error('witness: expected a checkpoint');
    return checkpoint;
  };
  /** What the second auditor computes: the proof from the log, the roots from the two checkpoints. */
  const holds = (first: SignedCheckpoint, second: SignedCheckpoint, { proof }: ConsistencyAnswer): boolean =>
    verifiesConsistency({
      first: first.size,
      second: second.size,
      firstRoot: bytesOf(first.root),
      secondRoot: bytesOf(second.root),
      proof: proof.map(bytesOf),
    });

  it('the consistency proof from the first one’s checkpoint fails, and holds from those before the fork', async () => {
    const desk = await aLog();
    const one = desk.witnessed();
    await rewrite(desk, 50);
    const two = await resigned(desk);
    const answers = await Promise.all(
      one.map(async (first) => holds(first, last(two), await proveConsistency(two.log, first.size, last(two).size))),
    );
    expect(one.map(({ size }) => size)).toEqual([40, 60, 90]);
    expect(answers).toEqual([true, false, false]);
  });

  it('holds where there is no fork, at every checkpoint', async () => {
    const desk = await aLog();
    await desk.fill(1, 17);
    const all = desk.witnessed();
    for (const first of all)
      for (const second of all.filter(({ size }) => size >= first.size))
        expect(holds(first, second, await proveConsistency(desk.log, first.size, second.size))).toBe(true);
    await expect(proveConsistency(desk.log, 40, 109)).rejects.toThrow('size: expected at most 108, got 109');
  });

  it('two checkpoints of one size with two roots are a fork in themselves', async () => {
    const desk = await aLog();
    const forged = { ...last(desk), root: 'f'.repeat(64) };
    const signed = { ...forged, signature: desk.signer.sign(checkpointText(forged)) };
    expect(audited(await exported(desk.log), [...desk.witnessed(), signed], desk.signer).findings).toMatchObject([{ kind: 'forked' }]);
  });
});

it('an entry is proven to be in the log that a checkpoint has signed, without the rest of the log', async () => {
  const desk = await aLog();
  const [checkpoint] = desk.witnessed();
  if (checkpoint === undefined) throw new Error('witness: expected a checkpoint');
  for (const { seq, canonical } of await desk.log.page({ from: 0, limit: 40 })) {
    const { proof, leafHash } = await proveInclusion(desk.log, seq, 40);
    const inclusion = { index: seq, size: 40, root: bytesOf(checkpoint.root), proof: proof.map(bytesOf) };
    expect(leafHash).toBe(hexOf(leafHashOf(Buffer.from(canonical))));
    expect(verifiesInclusion({ ...inclusion, leafHash: leafHashOf(Buffer.from(canonical)) })).toBe(true);
    expect(verifiesInclusion({ ...inclusion, leafHash: leafHashOf(Buffer.from(canonical.replace('rita', 'olaf'))) })).toBe(false);
  }
});
