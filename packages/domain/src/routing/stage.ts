/**
 * Stages of a sale as CRMs show them, and when a service level between two of them runs. Pure; instants are ISO. Several records make one account: its clock
 * starts with the first that comes into the stage, and stops with the first that goes beyond.
 */

/** In the order of a sale. */
export const STAGES = ['MQL', 'SQL', 'opportunity'] as const;
export type Stage = (typeof STAGES)[number];

/** What a record may show. `disqualified`: it is no sale any more. Null: it stands before the first stage, or outside of them. */
export type ShownStage = Stage | 'disqualified' | null;

/** The CRM's own values that mean a stage, or that a record is disqualified; what is named nowhere stands before the first, or outside. */
export type StageValues = Readonly<Record<Stage, readonly string[]>> & { readonly disqualified?: readonly string[] };

/** What a value of the CRM means. */
export function stageShownBy(values: StageValues, value: unknown): ShownStage {
  const isMeant = (meant: readonly string[] | undefined): boolean => typeof value === 'string' && (meant?.includes(value) ?? false);
  return STAGES.find((stage) => isMeant(values[stage])) ?? (isMeant(values.disqualified) ? 'disqualified' : null);
}

/** A record has come into a stage, or out of them. */
export interface StageEntry {
  readonly stage: ShownStage;
  readonly at: string;
}

/** A record with all that is known of its stages. */
export interface StageRecord {
  /** Tells it from the account's others; the same for good. */
  readonly key: string;
  readonly entries: readonly StageEntry[];
}

/** A record as it was read last. */
export interface SeenRecord extends StageRecord {
  /** The CRM's id of who has it; null for nobody. */
  readonly ownerId: string | null;
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

/** Behind all stages stands what is disqualified. */
const rankOf = (stage: ShownStage): number => (stage === 'disqualified' ? -2 : stage === null ? -1 : STAGES.indexOf(stage));

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

/**
 * When an account was disqualified after an instant: the last of its records that stood in a stage has been, and none stands in one. Null while one does, or
 * where all have only gone back.
 */
export function disqualifiedAfter(records: readonly StageRecord[], after: string): string | null {
  if (records.some(isInStage)) return null;
  const out = records.flatMap(lastEntry).filter(({ stage, at }) => stage === 'disqualified' && Date.parse(at) > Date.parse(after));
  return out.sort(inOrder).at(-1)?.at ?? null;
}

/** Whether a record stands in a stage now. */
export function isInStage(record: StageRecord): boolean {
  return lastEntry(record).some(({ stage }) => rankOf(stage) >= 0);
}

const lastEntry = ({ entries }: StageRecord): readonly StageEntry[] => entries.toSorted(inOrder).slice(-1);

/** The id of a clock that a stage has started: the same however often the stage is seen. Forever: clocks on record are told by it. */
export function stageClockId(leadId: string, slaId: string, startedAtMs: number): string {
  return `${leadId}/${slaId}/at-${startedAtMs}`;
}

/** Whether a clock was started by a stage, and not by an offer. */
export function isStageClock(clockId: string): boolean {
  return /\/at-\d+$/.test(clockId);
}
