/** The clocks as operators see them: open, at risk, breached, uncovered (`lockstep sla`). Ids and figures only. */
import { standingAt } from '@lockstep/domain/routing/clock.ts';
import type { ClockState } from '@lockstep/domain/routing/sla-table.ts';
import type { RoutingEngine } from './environment.ts';

export interface OpenClock {
  readonly leadId: string;
  readonly slaId: string;
  readonly state: ClockState;
  readonly ownerId: string | null;
  /** ISO; null where no hours are in sight. */
  readonly deadline: string | null;
  readonly remainingMs: number;
  readonly usedMs: number;
  readonly wallMs: number;
  readonly uncoveredMs: number;
  /** A warning has fallen due, or a named person has heard of it. */
  readonly isAtRisk: boolean;
}

export interface SlaReport {
  readonly at: string;
  readonly open: readonly OpenClock[];
  /** Ended since the beginning of the report's time, by how. Uncovered time is neither met nor breached. */
  readonly ended: Readonly<Record<'met' | 'breached' | 'uncovered' | 'withdrawn', number>>;
}

const MOST_CLOCKS = 1_000;

/** Those that are due first in front. */
export async function slaReport(engine: RoutingEngine, since: string, now: string): Promise<SlaReport> {
  const { rows, counts } = await engine.store.snapshot(async (reader) => ({
    rows: await reader.openClocks(MOST_CLOCKS),
    counts: await reader.clockCounts(since),
  }));
  const ended = { met: 0, breached: 0, uncovered: 0, withdrawn: 0 };
  for (const { outcome, count } of counts) if (outcome !== null && outcome in ended) ended[outcome as keyof typeof ended] += count;
  return {
    at: now,
    open: rows.map(({ leadId, clock }) => {
      const { remainingMs, usedMs, wallMs, uncoveredMs } = standingAt(clock, Date.parse(now));
      const isWarned = clock.marks.some(({ move, isDone }) => isDone && (move === 'warn' || move === 'escalate'));
      return {
        ...{ leadId, slaId: clock.slaId, state: clock.state, ownerId: clock.ownerId },
        deadline: clock.deadlineMs === null ? null : new Date(clock.deadlineMs).toISOString(),
        ...{ remainingMs, usedMs, wallMs, uncoveredMs },
        isAtRisk: isWarned || clock.state === 'breached' || clock.state === 'escalated',
      };
    }),
    ended,
  };
}
