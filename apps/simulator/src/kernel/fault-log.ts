/** What was done to whom: every fault that has met a request or a delivery, and every setting that was changed. In memory, the oldest forgotten first. */
import type { Clock } from './clock.ts';

export interface LoggedFault {
  readonly seq: number;
  /** ISO instant of the simulator's clock. */
  readonly at: string;
  /** Null where it is no tool's alone: a setting, a webhook. */
  readonly tool: string | null;
  /** The kind of the fault, `webhook-…` or `setting`. */
  readonly fault: string;
  readonly method: string | null;
  /** The path with its query, the address of a delivery without it, or what was set. */
  readonly path: string;
}

export interface FaultLog {
  record(entry: Omit<LoggedFault, 'seq' | 'at'>): void;
  /** In order; only those after this sequence number. */
  list(after?: number): readonly LoggedFault[];
  clear(): void;
}

const MOST_KEPT = 10_000;

export function createFaultLog(clock: Clock): FaultLog {
  let entries: LoggedFault[] = [];
  let seq = 0;
  return {
    record: (entry) => {
      seq += 1;
      entries.push({ seq, at: new Date(clock.nowMs()).toISOString(), ...entry });
      if (entries.length > MOST_KEPT) entries = entries.slice(-MOST_KEPT / 2);
    },
    list: (after = 0) => entries.filter((entry) => entry.seq > after),
    clear: () => {
      entries = [];
    },
  };
}
