/**
 * Stages of a sale as CRMs show them, and when a service level between two of them runs. Pure; instants are ISO. Several records make one account: its clock
 * starts with the first that comes into the stage, and stops with the first that goes beyond.
 */

/** In the order of a sale. */
export const STAGES = ['MQL', 'SQL', 'opportunity'] as const;
export type Stage = (typeof STAGES)[number];

/** A record has come into a stage. Null: into one that stands before the first, or outside of them (disqualified). */
export interface StageEntry {
  readonly stage: Stage | null;
  readonly at: string;
}

/** A record with all that is known of its stages. */
export interface StageRecord {
  /** Tells it from the account's others; the same for good. */
  readonly key: string;
  readonly entries: readonly StageEntry[];
}

const PREFIX = 'stage:';

/** The stage that starts or stops a service level (`stage:MQL`); null where something else does. */
export function stageOf(event: string): Stage | null {
  return STAGES.find((stage) => event === PREFIX + stage) ?? null;
}

/** Whether what starts or stops a service level is meant to be a stage. */
export function namesStage(event: string): boolean {
  return event.startsWith(PREFIX);
}

const rankOf = (stage: Stage | null): number => (stage === null ? -1 : STAGES.indexOf(stage));

/**
 * What is known of a record after it was looked at again: each entry once, in the order of time. Of one stage that was seen many times in a row the first and
 * the last stay: CRMs without a history show where a record stands, and not since when.
 */
export function mergeEntries(known: readonly StageEntry[], seen: readonly StageEntry[]): readonly StageEntry[] {
  const all = new Map([...known, ...seen].map((entry) => [`${entry.at}/${rankOf(entry.stage)}`, entry]));
  const sorted = [...all.values()].sort(inOrder);
  return sorted.filter(({ stage }, index) => sorted[index - 1]?.stage !== stage || sorted[index + 1]?.stage !== stage);
}

/** What came into two stages at one instant stands in the higher one. */
function inOrder(left: StageEntry, right: StageEntry): number {
  return Date.parse(left.at) - Date.parse(right.at) || rankOf(left.stage) - rankOf(right.stage);
}

/** A time in which an account was at a stage. */
export interface StageRun {
  readonly startedAt: string;
  /** `reached`: the stage that was to be reached, or one beyond it. `left`: every record went back or out. Null: it goes on. */
  readonly end: { readonly kind: 'reached' | 'left'; readonly at: string } | null;
}

/**
 * The times in which an account was at `from`, or beyond it and not yet at `to`, in their order. `to` null: nothing is to be reached. The same whatever the
 * order in which records and entries come (R7).
 */
export function stageRuns(records: readonly StageRecord[], from: Stage, to: Stage | null): readonly StageRun[] {
  const [low, high] = [rankOf(from), to === null ? Infinity : rankOf(to)];
  const entries = records
    .flatMap(({ key, entries: own }) => own.map((entry) => ({ key, ...entry })))
    .sort((left, right) => inOrder(left, right) || (left.key < right.key ? -1 : Number(left.key > right.key)));
  const inside = new Set<string>();
  const runs: StageRun[] = [];
  let startedAt: string | null = null;
  const end = (kind: 'reached' | 'left', at: string): void => {
    if (startedAt !== null) runs.push({ startedAt, end: { kind, at } });
    startedAt = null;
  };
  for (const { key, stage, at } of entries) {
    const rank = rankOf(stage);
    const wasInside = inside.has(key);
    if (low <= rank && rank < high) {
      inside.add(key);
      // Who is still there after another record went beyond does not come in again.
      if (!wasInside) startedAt ??= at;
      continue;
    }
    inside.delete(key);
    if (rank >= high) end('reached', at);
    else if (inside.size === 0) end('left', at);
  }
  return startedAt === null ? runs : [...runs, { startedAt, end: null }];
}

/** When any record reached a stage, or one beyond it, after an instant; null while none has. */
export function reachedAfter(records: readonly StageRecord[], stage: Stage, after: string): string | null {
  const reached = records.flatMap(({ entries }) =>
    entries.filter((entry) => rankOf(entry.stage) >= rankOf(stage) && Date.parse(entry.at) > Date.parse(after)),
  );
  return reached.sort(inOrder)[0]?.at ?? null;
}

/** The id of a clock that a stage has started: the same however often the stage is seen. Forever: clocks on record are told by it. */
export function stageClockId(leadId: string, slaId: string, startedAtMs: number): string {
  return `${leadId}/${slaId}/at-${startedAtMs}`;
}

/** Whether a clock was started by a stage, and not by an offer. */
export function isStageClock(clockId: string): boolean {
  return /\/at-\d+$/.test(clockId);
}
