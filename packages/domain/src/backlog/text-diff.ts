/**
 * What an edit changed: the shortest way from one list of tokens to another (Myers, "An O(ND) Difference Algorithm", 1986). The cost grows with the size
 * of the edit, not with how often a word repeats: a long text of few words must not hold a worker up.
 */

/** A stretch of the base and what stands in its place: half-open ranges of tokens. */
export interface Hunk {
  readonly baseFrom: number;
  readonly baseTo: number;
  readonly from: number;
  readonly to: number;
}

/** An edit of more tokens is taken as one hunk, from its first change to its last. */
const MOST_EDITS = 1_000;

/** The changes in order; between two of them at least one token stands. */
export function hunksOf(base: readonly string[], edited: readonly string[]): readonly Hunk[] {
  const most = Math.min(base.length, edited.length);
  let head = 0;
  while (head < most && base[head] === edited[head]) head += 1;
  let tail = 0;
  while (tail < most - head && base.at(-1 - tail) === edited.at(-1 - tail)) tail += 1;
  const whole: Hunk = { baseFrom: head, baseTo: base.length - tail, from: head, to: edited.length - tail };
  if (whole.baseFrom === whole.baseTo && whole.from === whole.to) return [];
  if (whole.baseFrom === whole.baseTo || whole.from === whole.to) return [whole];
  const kept = keptPairs(base.slice(head, whole.baseTo), edited.slice(head, whole.to));
  return kept === null ? [whole] : between(kept, whole);
}

/** The hunks between tokens that stand. */
function between(kept: readonly (readonly [number, number])[], whole: Hunk): readonly Hunk[] {
  const hunks: Hunk[] = [];
  let [baseFrom, from] = [whole.baseFrom, whole.from];
  const end = [whole.baseTo - whole.baseFrom, whole.to - whole.from] as const;
  for (const [baseAt, at] of [...kept, end]) {
    const [baseTo, to] = [whole.baseFrom + baseAt, whole.from + at];
    if (baseTo > baseFrom || to > from) hunks.push({ baseFrom, baseTo, from, to });
    [baseFrom, from] = [baseTo + 1, to + 1];
  }
  return hunks;
}

/** Positions of the tokens that stand, in order; null where more than `MOST_EDITS` do not. */
function keptPairs(base: readonly string[], edited: readonly string[]): readonly (readonly [number, number])[] | null {
  const most = Math.min(base.length + edited.length, MOST_EDITS);
  const trace: Int32Array[] = [];
  // Furthest place in the base per diagonal (base − edited), diagonal 0 in the middle.
  const reach = new Int32Array(2 * most + 3);
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(reach.slice(most - edits, most + edits + 3));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const at = most + 1 + diagonal;
      const isDown = diagonal === -edits || (diagonal !== edits && (reach[at - 1] ?? 0) < (reach[at + 1] ?? 0));
      let x = isDown ? (reach[at + 1] ?? 0) : (reach[at - 1] ?? 0) + 1;
      while (x < base.length && x - diagonal < edited.length && base[x] === edited[x - diagonal]) x += 1;
      reach[at] = x;
      if (x >= base.length && x - diagonal >= edited.length) return wayBack(trace, base.length, edited.length);
    }
  }
  return null;
}

/** Walks the trace from its end to the beginning, and notes the steps along a diagonal. */
function wayBack(trace: readonly Int32Array[], baseLength: number, editedLength: number): readonly (readonly [number, number])[] {
  const kept: (readonly [number, number])[] = [];
  let [x, y] = [baseLength, editedLength];
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const reach = trace[edits] ?? new Int32Array();
    const diagonal = x - y;
    // The slice begins one diagonal below −edits.
    const at = diagonal + edits + 1;
    const isDown = diagonal === -edits || (diagonal !== edits && (reach[at - 1] ?? 0) < (reach[at + 1] ?? 0));
    const beforeX = edits === 0 ? 0 : isDown ? (reach[at + 1] ?? 0) : (reach[at - 1] ?? 0);
    const beforeY = edits === 0 ? 0 : beforeX - (isDown ? diagonal + 1 : diagonal - 1);
    const [startX, startY] = edits === 0 ? [0, 0] : isDown ? [beforeX, beforeY + 1] : [beforeX + 1, beforeY];
    while (x > startX && y > startY) {
      x -= 1;
      y -= 1;
      kept.push([x, y]);
    }
    [x, y] = [beforeX, beforeY];
  }
  return kept.toReversed();
}
