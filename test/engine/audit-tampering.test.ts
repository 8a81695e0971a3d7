/** What somebody can do to an exported audit log, and what its verification says of it. The log is a real one, appended and signed as the worker does it. */
import { isUtf8 } from 'node:buffer';
import type { SignedCheckpoint } from '@lockstep/domain/audit/audit.port.ts';
import type { AuditReport } from '@lockstep/domain/audit/report.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { auditDesk, audited, exported, forgedLine, keysOf } from './audit-desk.ts';

const database = useTestStore();
const KEYS = keysOf('k1');
fc.configureGlobal({ numRuns: 30 });
/** Entries 0 to 119 are signed for, in five parts; 20 more came after the last checkpoint. */
const BATCHES = [1, 7, 40, 12, 60];
const SIGNED = 120;
const ALL = 140;
let lines: readonly string[];
let checkpoints: readonly SignedCheckpoint[];

beforeAll(async () => {
  const desk = auditDesk({ pool: database.pool, workspaceId: 'growth' });
  await desk.fill(...BATCHES);
  checkpoints = desk.witnessed();
  await desk.fillUnsigned(ALL - SIGNED);
  lines = await exported(desk.log);
});

const isSound = (report: AuditReport): boolean => report.ok && report.findings.length === 0;
const kinds = (report: AuditReport): readonly string[] => report.findings.map(({ kind }) => kind);
const place = fc.nat(ALL - 1);
const signedPlace = fc.nat(SIGNED - 1);
/** Places between checkpoints: an alteration that is consistent in itself is found between the last checkpoint that holds and the first that does not. */
const bracket = (at: number): { readonly from: number; readonly to: number } => {
  const to = checkpoints.find(({ size }) => size > at)?.size ?? ALL;
  return { from: checkpoints.findLast(({ size }) => size <= at)?.size ?? 0, to: to - 1 };
};

describe('a log that nobody has touched', () => {
  it('verifies, to the last checkpoint', () => {
    expect(checkpoints.map(({ size }) => size)).toEqual([1, 8, 48, 60, 120]);
    const report = audited(lines, checkpoints, KEYS);
    expect(report).toMatchObject({
      ok: true,
      entries: ALL,
      provenTo: SIGNED,
      checkpoints: { given: 5, matching: 5 },
      findings: [],
      more: 0,
    });
    expect(audited(lines.slice(0, SIGNED), checkpoints, KEYS).root).toBe(checkpoints.at(-1)?.root);
  });
});

describe('case 71 one bit flipped in entry k', () => {
  const flipped = (line: string, bit: number): Buffer => {
    const bytes = Buffer.from(`${line}\n`);
    const at = Math.floor(bit / 8) % bytes.length;
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
    return bytes;
  };
  const verifiedBytes = (k: number, bytes: Buffer, against: readonly SignedCheckpoint[]): AuditReport => {
    const before = Buffer.from(
      lines
        .slice(0, k)
        .map((line) => `${line}\n`)
        .join(''),
    );
    const after = Buffer.from(
      lines
        .slice(k + 1)
        .map((line) => `${line}\n`)
        .join(''),
    );
    return audited(linesOf(Buffer.concat([before, bytes, after])), against, KEYS);
  };
  const linesOf = (file: Buffer): readonly { readonly text: string; readonly isText: boolean }[] => {
    const all = file.toString('latin1').split('\n');
    const whole = all.at(-1) === '' ? all.slice(0, -1) : all;
    return whole.map((line) => Buffer.from(line, 'latin1')).map((bytes) => ({ text: bytes.toString('utf8'), isText: isUtf8(bytes) }));
  };

  it('fails at k, for every entry k, whichever bit it is', () => {
    for (let k = 0; k < ALL; k += 1)
      fc.assert(
        fc.property(fc.nat(8 * 1_200), fc.boolean(), (bit, hasCheckpoints) => {
          const report = verifiedBytes(k, flipped(lines[k] ?? '', bit), hasCheckpoints ? checkpoints : []);
          expect(report.ok).toBe(false);
          expect(report.findings[0]).toMatchObject({ from: k, to: k, kind: expect.stringMatching(/^(unreadable|altered)$/) as unknown });
        }),
        { numRuns: 3 },
      );
  });

  it('fails at k for every bit of one entry', () => {
    const k = 1;
    const bits = 8 * Buffer.byteLength(`${lines[k]}\n`);
    for (let bit = 0; bit < bits; bit += 1) {
      const report = audited([...lines.slice(0, k), ...linesOf(flipped(lines[k] ?? '', bit)), ...lines.slice(k + 1, k + 3)], [], KEYS);
      expect(report.findings[0], `bit ${bit}`).toMatchObject({ from: k });
    }
  });

  it('fails at k where the end of its line is hit, also just before a checkpoint: two entries on one line are not taken for the second', () => {
    for (const { size } of checkpoints) {
      const [k, line] = [size - 1, lines[size - 1] ?? ''];
      for (let bit = 0; bit < 8; bit += 1) {
        const report = verifiedBytes(k, flipped(line, 8 * Buffer.byteLength(line) + bit), checkpoints);
        expect(report.ok).toBe(false);
        expect(report.findings[0], `entry ${k}, bit ${bit} of its line end`).toMatchObject({ from: k, to: k, kind: 'unreadable' });
      }
    }
  });

  it('is the only finding where the line still says which leaf it was: the checkpoints after it prove the rest', () => {
    fc.assert(
      fc.property(signedPlace, (k) => {
        const altered = (lines[k] ?? '').replace('assign-owner', 'assign-owned');
        const report = audited(lines.with(k, altered), checkpoints, KEYS);
        expect(report.findings).toEqual([
          { kind: 'altered', from: k, to: k, message: `entry ${k}: expected the text that its leaf hash is of, got another` },
        ]);
        expect(report.provenTo).toBe(SIGNED);
      }),
    );
  });

  it('is found where its leaf hash was made to match', () => {
    fc.assert(
      fc.property(signedPlace, (k) => {
        const report = audited(lines.with(k, forgedLine(lines[k] ?? '', { action: 'assign-owned' })), checkpoints, KEYS);
        expect(report.findings).toMatchObject([{ kind: 'rewritten', ...bracket(k) }]);
        expect(report.provenTo).toBe(bracket(k).from);
      }),
    );
  });
});

describe('case 72 a tail cut off', () => {
  it('of 100 entries is found by the checkpoint', () => {
    const report = audited(lines.slice(0, -100), checkpoints, KEYS);
    expect(report.findings).toEqual([
      {
        kind: 'truncated',
        from: 40,
        to: 119,
        message: 'entries 40 to 119: expected by the checkpoint of 120 entries, got a log that ends after 40',
      },
    ]);
    expect(report.provenTo).toBe(8);
  });

  it('of any length is found as far as the last checkpoint reaches, and the report says how far that is', () => {
    fc.assert(
      fc.property(fc.nat(ALL), (left) => {
        const report = audited(lines.slice(0, left), checkpoints, KEYS);
        expect(kinds(report)).toEqual(left < SIGNED ? ['truncated'] : []);
        expect(report.findings.map(({ from }) => from)).toEqual(left < SIGNED ? [left] : []);
        expect(report.provenTo).toBe(checkpoints.findLast(({ size }) => size <= left)?.size ?? 0);
      }),
    );
  });
});

describe('entries left out, put in or moved', () => {
  it('a part left out is named from its first to its last entry', () => {
    fc.assert(
      fc.property(fc.nat(ALL - 2), fc.integer({ min: 1, max: 40 }), (from, count) => {
        const to = Math.min(from + count, ALL - 1);
        expect(audited([...lines.slice(0, from), ...lines.slice(to)], [], KEYS).findings).toMatchObject([
          { kind: 'missing', from, to: to - 1 },
        ]);
      }),
    );
  });

  it('an entry put in a second time is named', () => {
    fc.assert(
      fc.property(place, place, (k, at) => {
        const report = audited([...lines.slice(0, at), lines[k] ?? '', ...lines.slice(at)], [], KEYS);
        const isMoved = k > at;
        expect(kinds(report)).toContain(isMoved ? 'reordered' : 'inserted');
        expect(report.findings.some(({ from, to }) => (from ?? 0) <= Math.max(k, at) && Math.min(k, at) <= (to ?? 0))).toBe(true);
      }),
    );
  });

  it('two entries changed about are named from the first that is out of place', () => {
    fc.assert(
      fc.property(place, place, (one, two) => {
        fc.pre(one !== two);
        const [first, second] = [Math.min(one, two), Math.max(one, two)];
        const report = audited(lines.with(first, lines[second] ?? '').with(second, lines[first] ?? ''), checkpoints, KEYS);
        expect(report.findings[0]).toMatchObject({ kind: 'reordered', from: first });
      }),
    );
  });

  it('any order but the right one is found', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(40).keys()], { minLength: 40 }), (order) => {
        const report = audited(
          order.map((k) => lines[k] ?? ''),
          [],
          KEYS,
        );
        expect(isSound(report)).toBe(order.every((k, at) => k === at));
      }),
    );
  });

  it('is found where all that follows was numbered and hashed anew', () => {
    fc.assert(
      fc.property(signedPlace, fc.boolean(), (k, isInsertion) => {
        const other = forgedLine(lines[k] ?? '', { action: 'archive' });
        const after = isInsertion ? [other, ...lines.slice(k)] : lines.slice(k + 1);
        const forged = [...lines.slice(0, k), ...after].map((line, seq) => (seq < k ? line : forgedLine(line, { seq })));
        expect(isSound(audited(forged, [], KEYS)), 'in itself the forgery is sound').toBe(true);
        expect(audited(forged, checkpoints, KEYS).findings[0]).toMatchObject({ kind: 'rewritten', ...bracket(k) });
      }),
    );
  });

  it('an entry of another workspace is named', () => {
    const report = audited(lines.with(5, forgedLine(lines[5] ?? '', { workspaceId: 'other' })), [], KEYS);
    expect(report.findings).toMatchObject([{ kind: 'foreign', from: 5, to: 5 }]);
  });

  it('a number that was forged to be immense takes no time to tell', () => {
    const report = audited(lines.with(9, forgedLine(lines[9] ?? '', { seq: Number.MAX_SAFE_INTEGER - 1 })), [], KEYS);
    expect(report.findings[0]).toMatchObject({ from: 9 });
    expect(report.findings.length + report.more).toBeGreaterThan(0);
  });
});
