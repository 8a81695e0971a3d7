/** Clocks of service levels in numbers: those that run by how they stand now, ends by how they came. */
import type { ClockCount } from './routing-store.port.ts';

/** They do not add up: a clock that is open may be at risk too. */
export interface SlaCounts {
  /** Clocks that have not ended. */
  readonly open: number;
  readonly atRisk: number;
  readonly escalated: number;
  /** A deadline that has passed is a breach before the clock has its end. */
  readonly breached: number;
  /** Neither met nor breached. */
  readonly uncovered: number;
  readonly met: number;
  readonly withdrawn: number;
}

export interface SlaFigures {
  readonly totals: SlaCounts;
  /** By id. */
  readonly slas: readonly (SlaCounts & { readonly slaId: string })[];
}

const NONE: SlaCounts = { open: 0, atRisk: 0, escalated: 0, breached: 0, uncovered: 0, met: 0, withdrawn: 0 };

/** What is counted besides the open ones, by state or outcome. */
const COUNTED: Readonly<Record<string, keyof SlaCounts>> = {
  ...{ breached: 'breached', uncovered: 'uncovered', escalated: 'escalated', met: 'met', withdrawn: 'withdrawn' },
};

export function slaFigures(counts: readonly ClockCount[]): SlaFigures {
  const bySla = new Map<string, SlaCounts>();
  let totals = NONE;
  for (const { slaId, state, outcome, count, atRisk } of counts) {
    const key = COUNTED[outcome ?? state];
    const added: Partial<SlaCounts> = {
      ...(outcome === null ? { open: count, atRisk } : {}),
      ...(key === undefined ? {} : { [key]: count }),
    };
    bySla.set(slaId, sum(bySla.get(slaId) ?? NONE, added));
    totals = sum(totals, added);
  }
  const slas = [...bySla].map(([slaId, own]) => ({ slaId, ...own })).toSorted((one, other) => (one.slaId < other.slaId ? -1 : 1));
  return { totals, slas };
}

function sum(counts: SlaCounts, added: Partial<SlaCounts>): SlaCounts {
  const keys = Object.keys(NONE) as (keyof SlaCounts)[];
  return Object.fromEntries(keys.map((key) => [key, counts[key] + (added[key] ?? 0)])) as unknown as SlaCounts;
}
