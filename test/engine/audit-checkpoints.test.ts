/** When checkpoints are signed, in which order they are kept, and by which keys. */
import { appendFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { anEntry } from '@lockstep/domain/audit/entry.fixture.ts';
import { checkpointAudit } from '@lockstep/engine/audit.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { keepCheckpoints } from '@lockstep/worker/audit.ts';
import { fileWitness } from '@lockstep/worker/audit-witness.ts';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { auditDesk, audited, exported, keysOf, later } from './audit-desk.ts';

const database = useTestStore();
const aDesk = () => auditDesk({ pool: database.pool, workspaceId: database.workspaceId() });
const plus = (instant: string, ms: number): string => new Date(Date.parse(instant) + ms).toISOString();

describe('a checkpoint', () => {
  it('is signed of the first entry, then after 60 s or 1,000 entries, and of nothing new never', async () => {
    const desk = aDesk();
    const start = later();
    expect(await checkpointAudit(desk, start)).toBeNull();
    await desk.fillUnsigned(1);
    expect(await checkpointAudit(desk, start)).toMatchObject({ size: 1, at: start, keyId: 'k1', workspaceId: desk.workspaceId });
    expect(await checkpointAudit(desk, plus(start, 3_600_000))).toBeNull();
    await desk.fillUnsigned(999);
    expect(await checkpointAudit(desk, plus(start, 59_999))).toBeNull();
    await desk.fillUnsigned(1);
    expect(await checkpointAudit(desk, plus(start, 1))).toMatchObject({ size: 1_001 });
    await desk.fillUnsigned(1);
    expect(await checkpointAudit(desk, plus(start, 60_000))).toBeNull();
    expect(await checkpointAudit(desk, plus(start, 60_001))).toMatchObject({ size: 1_002 });
    expect(desk.witnessed()).toEqual(await desk.log.checkpoints({ after: 0, limit: 10 }));
    expect(audited(await exported(desk.log), desk.witnessed(), desk.signer)).toMatchObject({ ok: true, provenTo: 1_002 });
  });

  it('goes to the witness first: what the witness does not take is nowhere', async () => {
    const desk = aDesk();
    await desk.fillUnsigned(3);
    const broken = { ...desk, witness: { latest: desk.witness.latest, append: () => Promise.reject(new Error('no space left')) } };
    await expect(checkpointAudit(broken, later())).rejects.toThrow('no space left');
    expect(await desk.log.latestCheckpoint()).toBeNull();
    expect(await checkpointAudit(desk, later())).toMatchObject({ size: 3 });
  });

  it('that the witness has and the store has not, after a crash, is gone on from', async () => {
    const desk = aDesk();
    await desk.fill(5);
    await desk.fillUnsigned(4);
    const broken = { ...desk, log: { ...desk.log, saveCheckpoint: () => Promise.reject(new Error('the process was killed')) } };
    await expect(checkpointAudit(broken, later())).rejects.toThrow('killed');
    expect(desk.witnessed().map(({ size }) => size)).toEqual([5, 9]);
    await desk.fill(3);
    expect(desk.witnessed().map(({ size }) => size)).toEqual([5, 9, 12]);
    expect(audited(await exported(desk.log), desk.witnessed(), desk.signer)).toMatchObject({ ok: true, provenTo: 12 });
  });

  it('is signed by a new witness too, from the beginning', async () => {
    const desk = aDesk();
    await desk.fill(5);
    const moved = { ...desk, witness: fileWitness(join(dirname(desk.witnessFile), 'second.jsonl'), desk.signer.publicKeys) };
    await desk.fillUnsigned(5);
    expect(await checkpointAudit(moved, later())).toMatchObject({ size: 10 });
  });

  it('is of the tree of all entries: its root is the one of a verifier that has read each of them', async () => {
    const desk = aDesk();
    for (const count of [1, 2, 3, 5, 8, 13]) {
      await desk.fill(count);
      expect(audited(await exported(desk.log), [], desk.signer).root).toBe(desk.witnessed().at(-1)?.root);
    }
    const edge = (await desk.log.latestCheckpoint())?.edge ?? [];
    // 32 entries are one complete subtree.
    expect(edge).toEqual([desk.witnessed().at(-1)?.root]);
  });
});

describe('the upkeep of a worker', () => {
  it('signs what is due as soon as it begins, says once why it could not, and signs nothing without the lease', async () => {
    const desk = aDesk();
    const said: string[] = [];
    const log = pino(
      { level: 'error' },
      { write: (line: string) => void said.push((JSON.parse(line) as { err: { message: string } }).err.message) },
    );
    await desk.fillUnsigned(3);
    await keepCheckpoints(desk, { isHeld: () => false }, log).stop();
    expect(await desk.log.latestCheckpoint()).toBeNull();
    await keepCheckpoints(desk, { isHeld: () => true }, log).stop();
    expect(desk.witnessed().map(({ size }) => size)).toEqual([3]);
    expect(said).toEqual([]);

    await desk.fillUnsigned(1_000);
    const full = { ...desk, witness: { latest: desk.witness.latest, append: () => Promise.reject(new Error('no space left')) } };
    await keepCheckpoints(full, { isHeld: () => true }, log).stop();
    expect(said).toEqual(['no space left']);
    expect((await desk.log.latestCheckpoint())?.size).toBe(3);
  });
});

describe('the witness file', () => {
  it('is gone on with after a restart, and a line that a crash has broken off was no checkpoint', async () => {
    const desk = aDesk();
    await desk.fill(4);
    const whole = readFileSync(desk.witnessFile, 'utf8');
    appendFileSync(desk.witnessFile, whole.slice(0, 40));
    const restarted = { ...desk, witness: fileWitness(desk.witnessFile, desk.signer.publicKeys) };
    await desk.fillUnsigned(1);
    expect(await checkpointAudit(restarted, later())).toMatchObject({ size: 5 });
    expect(desk.witnessed().map(({ size }) => size)).toEqual([4, 5]);
    expect(readFileSync(desk.witnessFile, 'utf8').startsWith(whole)).toBe(true);
  });

  it('that somebody has altered is not appended to', async () => {
    const desk = aDesk();
    await desk.fill(4);
    appendFileSync(desk.witnessFile, '{"format":"lockstep-audit-checkpoint/1","size":9}\n');
    const restarted = { ...desk, witness: fileWitness(desk.witnessFile, desk.signer.publicKeys) };
    await desk.fillUnsigned(1);
    await expect(checkpointAudit(restarted, later())).rejects.toThrow('expected a checkpoint in its last line, got something else');
  });

  it('of another workspace is not gone on with', async () => {
    const [desk, other] = [aDesk(), aDesk()];
    await desk.fill(4);
    await other.fillUnsigned(4);
    await expect(checkpointAudit({ ...other, witness: desk.witness }, later())).rejects.toThrow(
      `expected a witness of workspace ${other.workspaceId}, got one of ${desk.workspaceId}`,
    );
  });
});

describe('keys of checkpoints (case 80)', () => {
  it('case 80 after a rotation the new key signs, and what the old one has signed still verifies', async () => {
    const workspaceId = database.workspaceId();
    const before = auditDesk({ pool: database.pool, workspaceId, signer: keysOf('k1') });
    await before.fill(10);
    const rotated = keysOf('k2', 'k1');
    const witness = fileWitness(before.witnessFile, rotated.publicKeys);
    await before.fillUnsigned(10);
    await checkpointAudit({ ...before, signer: rotated, witness }, later());
    const checkpoints = before.witnessed();
    expect(checkpoints.map(({ keyId }) => keyId)).toEqual(['k1', 'k2']);
    const lines = await exported(before.log);
    expect(audited(lines, checkpoints, rotated)).toMatchObject({ ok: true, provenTo: 20 });
    expect(audited(lines, checkpoints, keysOf('k1')).findings).toMatchObject([
      {
        kind: 'signature',
        message: 'checkpoint of 20 entries: expected a signature by key k2, got one whose key is not among the keys given',
      },
    ]);
    const published = readFileSync(join(dirname(before.witnessFile), 'public-keys'), 'utf8');
    expect(published).toBe(['k1', 'k2'].map((keyId) => `${keyId}:${rotated.publicKeys.get(keyId)}\n`).join(''));
  });

  it('a signature by the wrong key under a known name is none', async () => {
    const desk = aDesk();
    await desk.log.append([anEntry(0)]);
    const impostor = { keyId: 'k1', sign: keysOf('k9').sign };
    await checkpointAudit({ ...desk, signer: impostor }, later());
    expect(audited(await exported(desk.log), desk.witnessed(), desk.signer).findings).toMatchObject([{ kind: 'signature' }]);
  });
});
