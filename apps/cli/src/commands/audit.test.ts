/** `lockstep audit`, as the real program. Logs and checkpoints are made here from the definitions alone: Node's SHA-256 and Ed25519, RFC 6962's recursion. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditCheckpoint, AuditPage } from '@lockstep/api/audit-schemas.ts';
import type { AuditReport } from '@lockstep/api/audit-verification.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cannedAnswers } from '../canned.ts';
import { emptyDirectory, lockstep } from '../program-run.ts';
import { startStandIn, TOKEN } from '../stand-in.ts';
import type { StandIn } from '../stand-in.ts';

const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** MTH of RFC 6962, 2.1. */
function treeHash(texts: readonly string[]): Buffer {
  const [only] = texts;
  if (only === undefined) return sha256();
  if (texts.length === 1) return sha256('\0', only);
  const split = 2 ** Math.floor(Math.log2(texts.length - 1));
  return sha256('\u0001', treeHash(texts.slice(0, split)), treeHash(texts.slice(split)));
}

type Entry = AuditPage['entries'][number];

const entryOf = (seq: number, action = 'assign-owner'): Entry => {
  const canonical = `{"action":"${action}","actor":"ava","seq":${seq},"version":1,"workspaceId":"growth"}`;
  return { seq, canonical, leaf: sha256('\0', canonical).toString('hex') };
};

const keys = generateKeyPairSync('ed25519');
const others = generateKeyPairSync('ed25519');
const publicHalf = (key: KeyObject): string => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');

function checkpointOf(entries: readonly Entry[], size: number, key = keys.privateKey): AuditCheckpoint {
  const root = treeHash(entries.slice(0, size).map(({ canonical }) => canonical)).toString('hex');
  const at = '2026-11-24T09:00:00.000Z';
  const text = `{"at":"${at}","format":"lockstep-audit-checkpoint/1","keyId":"k1","root":"${root}","size":${size},"workspaceId":"growth"}`;
  return { workspaceId: 'growth', size, root, at, keyId: 'k1', signature: sign(null, Buffer.from(text), key).toString('base64') };
}

const checkpointText = ({ workspaceId, size, root, at, keyId, signature }: AuditCheckpoint): string =>
  `{"at":"${at}","format":"lockstep-audit-checkpoint/1","keyId":"${keyId}","root":"${root}","signature":"${signature}","size":${size},"workspaceId":"${workspaceId}"}`;

const linesOf = (entries: readonly Entry[]): readonly string[] =>
  entries.map(({ canonical, leaf }) => `{"entry":${canonical},"leaf":"${leaf}"}`);
const LOG = Array.from({ length: 120 }, (_, seq) => entryOf(seq));
const CHECKPOINTS = [40, 100].map((size) => checkpointOf(LOG, size));

/** A folder with the files of an audit; a text is written as it is. */
function anAudit(
  log: readonly string[] | string,
  checkpoints: readonly AuditCheckpoint[] = CHECKPOINTS,
  keyFile = `k1:${publicHalf(keys.publicKey)}\n`,
) {
  const folder = emptyDirectory();
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const text = typeof log === 'string' ? log : log.map((line) => `${line}\n`).join('');
  return {
    log: put('log.jsonl', text),
    checkpoints: put('checkpoints.jsonl', checkpoints.map((checkpoint) => `${checkpointText(checkpoint)}\n`).join('')),
    keys: put('public-keys', keyFile),
  };
}

/** Verifies without a worker: its address is one where nobody listens. */
async function verified(files: ReturnType<typeof anAudit>, ...more: readonly string[]) {
  const args = ['audit', 'verify', files.log, '--checkpoints', files.checkpoints, '--key', files.keys, '--json', ...more];
  const { code, stdout, stderr } = await lockstep(args, { env: { LOCKSTEP_API_URL: 'http://127.0.0.1:1' } });
  return { code, stderr, report: JSON.parse(stdout) as AuditReport };
}

describe('audit verify', () => {
  it('says of a log that nobody has touched how far it is proven, without a worker', async () => {
    const { code, report, stderr } = await verified(anAudit(linesOf(LOG)));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(report).toEqual({
      ok: true,
      entries: 120,
      root: treeHash(LOG.map(({ canonical }) => canonical)).toString('hex'),
      provenTo: 100,
      checkpoints: { given: 2, matching: 2 },
      signatures: 'checked',
      findings: [],
      more: 0,
    });
  });

  const moved = linesOf(LOG)
    .with(7, linesOf(LOG)[8] ?? '')
    .with(8, linesOf(LOG)[7] ?? '');
  const flipped = Buffer.from(
    linesOf(LOG)
      .map((line) => `${line}\n`)
      .join(''),
  );
  const at = flipped.indexOf('"seq":63') + 6;
  flipped[at] = (flipped[at] ?? 0) ^ 1;
  const forked = [...LOG.slice(0, 90), ...Array.from({ length: 30 }, (_, place) => entryOf(90 + place, 'archive'))];
  const rewritten = Array.from({ length: 120 }, (_, seq) => entryOf(seq, 'archive'));
  const FORGERIES = [
    ['a flipped bit', flipped.toString('latin1').split('\n').slice(0, -1), CHECKPOINTS, 'altered', 63, 63],
    ['the last 100 entries cut off', linesOf(LOG).slice(0, -100), CHECKPOINTS, 'truncated', 20, 99],
    ['the whole chain rewritten', linesOf(rewritten), CHECKPOINTS, 'rewritten', 0, 39],
    ['a fork, by the checkpoint of another auditor', linesOf(forked), [...CHECKPOINTS, checkpointOf(forked, 110)], 'forked', 40, 99],
    ['an entry left out', linesOf(LOG).toSpliced(50, 1), CHECKPOINTS, 'missing', 50, 50],
    ['an entry put in', linesOf(LOG).toSpliced(50, 0, linesOf(LOG)[49] ?? ''), CHECKPOINTS, 'inserted', 49, 49],
    ['two entries changed about', moved, CHECKPOINTS, 'reordered', 7, 7],
    ['a line that is no entry', linesOf(LOG).with(3, '{}'), CHECKPOINTS, 'unreadable', 3, 3],
    ['a checkpoint that somebody else has signed', linesOf(LOG), [checkpointOf(LOG, 60, others.privateKey)], 'signature', null, null],
  ] as const;
  it.each(FORGERIES)('case 71 case 72 case 73 case 74 %s is named, and ends in 6', async (_, log, checkpoints, kind, from, to) => {
    const { code, report } = await verified(anAudit(log, checkpoints));
    expect(code).toBe(6);
    expect(report.findings).toMatchObject([{ kind, from, to }]);
  });

  it('says to people what is wrong, and what it could not see', async () => {
    const { log } = anAudit(linesOf(LOG).toSpliced(50, 2));
    const { code, stdout } = await lockstep(['audit', 'verify', log]);
    expect(code).toBe(6);
    expect(stdout).toBe(
      `${log}: 118 entries\n` +
        '  no checkpoints given: damage is found, a tail that was cut off or a log that was rewritten as a whole is not\n' +
        '  missing: entries 50 to 51: expected before entry 52, got nothing\n' +
        'NOT VERIFIED\n',
    );
  });

  it('says that signatures were not checked', async () => {
    const { log, checkpoints } = anAudit(linesOf(LOG));
    const { code, stdout } = await lockstep(['audit', 'verify', log, '--checkpoints', checkpoints]);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(1, -1)).toEqual([
      '  2 of 2 checkpoints match: the first 100 entries are those that were signed; 20 beyond them are vouched for by none',
      '  signatures are not checked: name the public keys with --key',
      'verified',
    ]);
  });

  it('takes checkpoints of several auditors, and names a line that is none', async () => {
    const files = anAudit(linesOf(LOG));
    const second = anAudit(linesOf(LOG), [checkpointOf(LOG, 120)]);
    expect((await verified(files, '--checkpoints', second.checkpoints)).report).toMatchObject({
      ok: true,
      provenTo: 120,
      checkpoints: { given: 3 },
    });
    writeFileSync(second.checkpoints, `${checkpointText(checkpointOf(LOG, 120))} \n`);
    const { code, report } = await verified(files, '--checkpoints', second.checkpoints);
    expect(code).toBe(6);
    expect(report.findings).toMatchObject([
      { kind: 'checkpoint', message: `${second.checkpoints}:1: expected a checkpoint, got another line` },
    ]);
  });

  it('fails where a file cannot be read or is no key', async () => {
    const files = anAudit(linesOf(LOG), CHECKPOINTS, 'k1:c2hvcnQ=\n');
    const badKey = await lockstep(['audit', 'verify', files.log, '--key', files.keys]);
    expect(badKey).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('key 1: expected id:base64 of an Ed25519 public key') as unknown,
    });
    const nowhere = await lockstep(['audit', 'verify', join(emptyDirectory(), 'nothing')]);
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('expected a readable file, got: ENOENT') as unknown });
  });
});

describe('audit export', () => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn(
      cannedAnswers({ audit: { entries: LOG.slice(0, 7), checkpoints: [1, 3, 5, 6, 7].map((size) => checkpointOf(LOG, size)) } }),
    );
  });
  afterAll(() => standIn.close());

  it('writes all pages, and what it writes verifies', async () => {
    const folder = emptyDirectory();
    const [log, checkpoints] = [join(folder, 'log.jsonl'), join(folder, 'checkpoints.jsonl')];
    const reach = ['--url', standIn.url, '--token', TOKEN];
    const done = await lockstep(['audit', 'export', log, '--checkpoints', checkpoints, ...reach]);
    expect(done).toEqual({ code: 0, stdout: `7 entries written to ${log}, and 5 checkpoints to ${checkpoints}\n`, stderr: '' });
    expect(readFileSync(log, 'utf8')).toBe(
      linesOf(LOG.slice(0, 7))
        .map((line) => `${line}\n`)
        .join(''),
    );
    const report = await lockstep(['audit', 'verify', log, '--checkpoints', checkpoints, '--json']);
    expect(JSON.parse(report.stdout)).toMatchObject({ ok: true, entries: 7, provenTo: 7, checkpoints: { given: 5, matching: 5 } });

    const again = await lockstep(['audit', 'export', log, ...reach]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('expected to make a new file there') as unknown });
  });

  it('leaves no half of a log behind', async () => {
    const log = join(emptyDirectory(), 'log.jsonl');
    const { code } = await lockstep(['audit', 'export', log, '--url', 'http://127.0.0.1:1', '--token', TOKEN]);
    expect(code).toBe(4);
    expect(() => readFileSync(log)).toThrow('ENOENT');
  });
});
