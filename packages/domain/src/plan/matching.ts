/**
 * Pairing what stood in one text with what stands in another, from the surest sign to the least sure.
 */
import { distance } from 'fastest-levenshtein';
import type { Signature } from './identify.ts';

/** From this similarity on (0 to 1), a text counts as an edit of another. */
const SIMILAR = 0.5;
/** By this much the best candidate must be better than the next. */
const MARGIN = 0.1;
/** Comparisons in one place; beyond it a section has been written anew, and a person is asked. */
const MOST_COMPARISONS = 40_000;
/** What could be several things, as indices. */
interface Doubt {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Two different explicit ids are two items, however alike; a row that gets or loses its id stays what it is. */
function compatible(one: Signature | undefined, other: Signature | undefined): boolean {
  return one !== undefined && other !== undefined && (one.explicitId === null || other.explicitId === null);
}

/** One pass over what is open on both sides. Deterministic. */
export class Matching {
  readonly same = new Map<number, number>();
  readonly openBefore: Set<number>;
  readonly openAfter: Set<number>;
  readonly ambiguous: Doubt[] = [];
  readonly before: readonly Signature[];
  readonly after: readonly Signature[];

  /** Earlier items below this index stand in the order of the text. */
  readonly inOrder: number;

  constructor(before: readonly Signature[], after: readonly Signature[], inOrder: number, concerns: (one: Signature) => boolean) {
    this.before = before;
    this.after = after;
    this.inOrder = inOrder;
    this.openBefore = new Set(before.flatMap((one, index) => (concerns(one) ? [index] : [])));
    this.openAfter = new Set(after.flatMap((one, index) => (concerns(one) ? [index] : [])));
  }

  run(): void {
    this.matchInContext();
    this.match((one) => joined(one.kind, one.place, one.text), true);
    this.match((one) => joined(one.kind, one.text));
    this.match((one) => joined(one.kind, one.place, one.title));
    this.match((one) => joined(one.kind, one.title));
    this.matchBetweenNeighbours();
    this.matchSimilar();
    // What is still open here and there under one text or one title was moved, but nobody can say which went where.
    this.parkAlike((one) => joined(one.kind, one.text));
    this.parkAlike((one) => joined(one.kind, one.title));
  }

  /** Rows that are word for word the same are told from each other by what stands before and after them. */
  private matchInContext(): void {
    const then = neighbours(this.before.slice(0, this.inOrder));
    const now = neighbours(this.after);
    const key = (one: Signature, around: string | undefined, index: number): string =>
      joined(one.kind, one.place, one.text, around ?? `waiting ${index}`);
    const left = grouped(this.before, this.openBefore, (one, index) => key(one, then[index], index));
    const right = grouped(this.after, this.openAfter, (one, index) => key(one, now[index], index));
    for (const [context, [one, ...others]] of left) {
      const [found, ...rest] = right.get(context) ?? [];
      if (one === undefined || found === undefined || others.length + rest.length > 0) continue;
      if (compatible(this.before[one], this.after[found])) this.pair(one, found);
    }
  }

  private parkAlike(keyOfOne: (one: Signature) => string): void {
    const left = grouped(this.before, this.openBefore, keyOfOne);
    const right = grouped(this.after, this.openAfter, keyOfOne);
    for (const [key, candidates] of left) {
      const found = right.get(key);
      if (found !== undefined && candidates.some((one) => found.some((other) => compatible(this.before[one], this.after[other]))))
        this.park(candidates, found);
    }
  }

  /** Pairs what has one key on both sides. `inOrder`: rows that are word for word the same, as many as before, are paired in their order. */
  private match(keyOfOne: (one: Signature) => string, inOrder = false): void {
    const left = grouped(this.before, this.openBefore, keyOfOne);
    const right = grouped(this.after, this.openAfter, keyOfOne);
    for (const [key, candidates] of left) {
      const found = right.get(key) ?? [];
      if (found.length === 0 || candidates.some((one) => found.some((other) => !compatible(this.before[one], this.after[other])))) continue;
      if (candidates.length === found.length && (candidates.length === 1 || inOrder)) {
        for (const [index, one] of candidates.entries()) this.pair(one, found[index] ?? 0);
      } else if (inOrder) {
        this.park(candidates, found);
      }
    }
  }

  /** The one row between two known neighbours, then and now, is the same row where its text is still similar. */
  private matchBetweenNeighbours(): void {
    const left = gaps(this.before.slice(0, this.inOrder), this.openBefore, new Map([...this.same.values()].map((one) => [one, one])));
    const right = gaps(this.after, this.openAfter, this.same);
    for (const [key, [one, ...others]] of left) {
      const [found, ...rest] = right.get(key) ?? [];
      if (one === undefined || found === undefined || others.length + rest.length > 0) continue;
      if (this.similarity(one, found) >= SIMILAR) this.pair(one, found);
    }
  }

  /** In each place, pairs what is most similar to each other and to nothing else. */
  private matchSimilar(): void {
    const place = (one: Signature): string => joined(one.kind, one.place);
    const left = grouped(this.before, this.openBefore, place);
    const right = grouped(this.after, this.openAfter, place);
    for (const [key, candidates] of left) this.matchPlace(candidates, right.get(key) ?? []);
  }

  private matchPlace(before: readonly number[], after: readonly number[]): void {
    if (after.length === 0) return;
    if (before.length * after.length > MOST_COMPARISONS) {
      this.park(before, after);
      return;
    }
    const scores = before
      .flatMap((one) => after.map((other) => ({ one, other, score: this.similarity(one, other) })))
      .filter(({ score }) => score >= SIMILAR);
    scores.sort((left, right) => right.score - left.score || left.one - right.one || left.other - right.other);
    for (const { one, other, score } of scores) {
      if (!this.openBefore.has(one) || !this.openAfter.has(other)) continue;
      const rivals = scores.filter(
        (rival) =>
          rival.score > score - MARGIN &&
          (rival.one === one) !== (rival.other === other) &&
          this.openBefore.has(rival.one) &&
          this.openAfter.has(rival.other),
      );
      if (rivals.length === 0) this.pair(one, other);
      else
        this.park([...new Set([one, ...rivals.map((rival) => rival.one)])], [...new Set([other, ...rivals.map((rival) => rival.other)])]);
    }
  }

  private similarity(one: number, other: number): number {
    const earlier = this.before[one];
    const now = this.after[other];
    if (!compatible(earlier, now)) return 0;
    const left = earlier?.text ?? '';
    const right = now?.text ?? '';
    const longest = Math.max(left.length, right.length);
    return longest === 0 ? 1 : 1 - distance(left, right) / longest;
  }

  /** Index before, index after. */
  pair(one: number, other: number): void {
    this.same.set(other, one);
    this.openBefore.delete(one);
    this.openAfter.delete(other);
  }

  private park(before: readonly number[], after: readonly number[]): void {
    this.ambiguous.push({ before, after });
    for (const one of before) this.openBefore.delete(one);
    for (const other of after) this.openAfter.delete(other);
  }
}

/** For each row the texts of the rows before and after it in its place. */
function neighbours(all: readonly Signature[]): readonly string[] {
  const around: [string, string][] = all.map(() => ['first', 'last']);
  const latest = new Map<string, number>();
  for (const [index, one] of all.entries()) {
    const key = joined(one.kind, one.place);
    const previous = latest.get(key);
    latest.set(key, index);
    if (previous === undefined) continue;
    around[index] = [`after ${all[previous]?.text ?? ''}`, 'last'];
    around[previous] = [around[previous]?.[0] ?? 'first', `before ${one.text}`];
  }
  return around.map((both) => joined(...both));
}

/** Open rows by the nearest known rows around them in their place. */
function gaps(
  all: readonly Signature[],
  open: ReadonlySet<number>,
  known: ReadonlyMap<number, number>,
): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [index, one] of all.entries()) {
    const key = joined(one.kind, one.place);
    const place = places.get(key);
    if (place === undefined) places.set(key, [index]);
    else place.push(index);
  }
  const found = new Map<string, number[]>();
  for (const [place, indices] of places) {
    let previous = 'first';
    let waiting: number[] = [];
    const close = (next: string): void => {
      if (waiting.length > 0) found.set(joined(place, previous, next), waiting);
      waiting = [];
    };
    for (const index of indices) {
      const same = known.get(index);
      if (same !== undefined) {
        close(String(same));
        previous = String(same);
      } else if (open.has(index)) waiting.push(index);
    }
    close('last');
  }
  return found;
}

function grouped(
  all: readonly Signature[],
  open: ReadonlySet<number>,
  keyOfOne: (one: Signature, index: number) => string,
): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const index of open) {
    const one = all[index];
    if (one === undefined) continue;
    const key = keyOfOne(one, index);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  }
  return groups;
}

function joined(...parts: readonly string[]): string {
  return parts.join('\n');
}
