/** What is measured of a lead, Lockstep's or the bare workflow's: the same instants of both, and how they are driven. */

/** Instants of one lead, epoch milliseconds. */
export interface LeadTiming {
  /** Its events are accepted; of the bare workflow: signal-with-start is asked for. */
  readonly acceptedMs: number;
  /** The message is there. */
  readonly toldMs: number;
  /** The owner is written. */
  readonly writtenMs: number;
  /** The person has pressed accept, and the press is answered. */
  readonly pressedMs: number;
  readonly acknowledgedMs: number;
}

/** Somebody who takes one lead from its events to its acknowledgement. */
export type Drive = (index: number) => Promise<void>;

/** As many as it can, a few at a time. Returns the seconds that it took. */
export async function closedLoop(count: number, atATime: number, drive: Drive): Promise<number> {
  const startedMs = performance.now();
  const left = Array.from({ length: count }, (_, index) => index).values();
  await Promise.all(
    Array.from({ length: Math.min(atATime, count) }, async () => {
      for (const index of left) await drive(index);
    }),
  );
  return (performance.now() - startedMs) / 1_000;
}

/** One every so often, whatever the others do: who is slow is not waited for. */
export async function openLoop(count: number, perSecond: number, drive: Drive): Promise<void> {
  const startedMs = performance.now();
  const driven: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1) {
    const dueMs = startedMs + (1_000 * index) / perSecond - performance.now();
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    driven.push(drive(index));
  }
  await Promise.all(driven);
}

/** The smallest value that so many of a hundred do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export const untilBoth = ({ acceptedMs, toldMs, writtenMs }: LeadTiming): number => Math.max(toldMs, writtenMs) - acceptedMs;
export const untilTold = ({ acceptedMs, toldMs }: LeadTiming): number => toldMs - acceptedMs;
export const untilAnswered = ({ pressedMs, acknowledgedMs }: LeadTiming): number => acknowledgedMs - pressedMs;
