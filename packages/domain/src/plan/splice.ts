import type { Span } from './plan.ts';

/** A range of the text and what stands there afterwards. */
export interface Splice extends Span {
  readonly text: string;
}

/** Applies splices that do not overlap. Those at one offset are applied in the order given. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = '';
  let from = 0;
  for (const splice of ordered(splices)) {
    result += text.slice(from, splice.start) + splice.text;
    from = splice.end;
  }
  return result + text.slice(from);
}

/** Where an offset of the text before stands after the splices; an insertion at the offset itself moves it. */
export function shifted(offset: number, splices: readonly Splice[]): number {
  let moved = offset;
  for (const splice of splices) {
    const before = splice.start === splice.end ? splice.end <= offset : splice.end <= offset && splice.start < offset;
    if (before) moved += splice.text.length - (splice.end - splice.start);
  }
  return moved;
}

/** True where two splices claim the same text. */
export function overlap(splices: readonly Splice[]): boolean {
  const sorted = ordered(splices);
  return sorted.some((splice, index) => index > 0 && splice.start < (sorted[index - 1]?.end ?? 0));
}

function ordered(splices: readonly Splice[]): readonly Splice[] {
  return splices.toSorted((left, right) => left.start - right.start || left.end - right.end);
}
