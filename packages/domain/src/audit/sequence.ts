/** Whether numbers come as 0, 1, 2 …, and if not, what has happened: left out, put in, or out of order. */
import type { AuditFinding } from './report.ts';

/** Numbers that were jumped over, and those of them that came later. */
interface Gap {
  readonly from: number;
  readonly to: number;
  readonly late: Set<number>;
}

export interface Sequence {
  /** Takes the next number. False where it is not the expected one: from there on places and numbers differ. */
  next(seq: number): boolean;
  /** One number that cannot be read; it is taken for the expected one. */
  skip(): void;
  /** The number that would be next. */
  readonly expected: number;
  findings(): readonly AuditFinding[];
}

export function sequence(): Sequence {
  const gaps: Gap[] = [];
  const inserted: AuditFinding[] = [];
  let expected = 0;
  /** `expected` before the numbers since then could not be read: one damaged line may have been two, or half of one. */
  let certain = 0;
  return {
    get expected() {
      return expected;
    },
    skip: () => {
      expected += 1;
    },
    next(seq) {
      if (certain <= seq && seq <= expected) {
        const isExpected = seq === expected;
        expected = seq + 1;
        certain = expected;
        return isExpected;
      }
      if (seq > expected) {
        gaps.push({ from: expected, to: seq - 1, late: new Set() });
        expected = seq + 1;
        certain = expected;
        return false;
      }
      const gap = gapOf(gaps, seq);
      if (gap === undefined || gap.late.has(seq)) inserted.push(insertedAt(seq, expected));
      else gap.late.add(seq);
      return false;
    },
    findings: () => [...gaps.flatMap(findingsOf), ...inserted],
  };
}

function insertedAt(seq: number, expected: number): AuditFinding {
  return { kind: 'inserted', from: seq, to: seq, message: `entry ${seq}: expected once, got another one before entry ${expected}` };
}

/** Gaps are in order and apart from each other. */
function gapOf(gaps: readonly Gap[], seq: number): Gap | undefined {
  let [low, high] = [0, gaps.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((gaps[middle]?.to ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  const gap = gaps[low];
  return gap !== undefined && gap.from <= seq ? gap : undefined;
}

/** By what came late, never number by number: a forged number can make a gap of any width. */
function findingsOf({ from, to, late }: Gap): readonly AuditFinding[] {
  const came = [...late].toSorted((left, right) => left - right);
  const [first, last] = [came[0], came.at(-1)];
  const reordered: readonly AuditFinding[] =
    first === undefined || last === undefined
      ? []
      : [{ kind: 'reordered', from: first, to: last, message: `entry ${first}: expected before entry ${to + 1}, got it after` }];
  const left = [...came, to + 1].map((end, place) => ({ start: place === 0 ? from : (came[place - 1] ?? 0) + 1, end: end - 1 }));
  return [...reordered, ...left.filter(({ start, end }) => start <= end).map(({ start, end }) => missing(start, end))];
}

function missing(from: number, to: number): AuditFinding {
  const which = from === to ? `entry ${from}` : `entries ${from} to ${to}`;
  return { kind: 'missing', from, to, message: `${which}: expected before entry ${to + 1}, got nothing` };
}
