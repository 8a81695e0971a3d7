/** The service levels that ship, as data; a workspace's own file takes their place. */
import { SLA_OF_PEOPLE } from './sla-of-people.ts';
import type { SlaSpec } from './sla.schema.ts';

interface Shipped extends Pick<SlaSpec, 'id' | 'name' | 'start' | 'clock' | 'calendar' | 'budgetMinutes' | 'bufferMinutes' | 'warnings'> {
  /** Left out: a person's acknowledgement. */
  readonly stop?: string;
  /** At which shares of the budget, in per cent, its owner is reminded, another one gets it, and a person by name hears. */
  readonly rungs: readonly [remind: number, reassign: number | null, escalate: number];
}

const SIX: readonly Shipped[] = [
  {
    id: 'inbound-demo',
    name: 'Inbound demo request',
    start: 'demo-requested',
    clock: 'elapsed',
    calendar: 'team',
    budgetMinutes: 5,
    bufferMinutes: 1,
    warnings: [{ minutesBefore: 2 }],
    rungs: [20, 40, 80],
  },
  {
    id: 'form',
    name: 'Contact form',
    start: 'form-submitted',
    clock: 'business',
    calendar: 'team',
    budgetMinutes: 120,
    bufferMinutes: 20,
    warnings: [{ atPercent: 50 }, { minutesBefore: 30 }],
    rungs: [33, 60, 80],
  },
  {
    id: 'pql',
    name: 'Product-qualified lead',
    start: 'pql',
    clock: 'business',
    calendar: 'owner',
    budgetMinutes: 240,
    bufferMinutes: 30,
    warnings: [{ atPercent: 50 }, { minutesBefore: 60 }],
    rungs: [25, 60, 85],
  },
  {
    id: 'mql-to-sql',
    name: 'MQL to SQL',
    start: 'stage:MQL',
    stop: 'stage:SQL',
    clock: 'elapsed',
    calendar: 'team',
    budgetMinutes: 1_440,
    bufferMinutes: 120,
    warnings: [{ atPercent: 50 }],
    rungs: [50, 75, 90],
  },
  {
    id: 'sql-to-opportunity',
    name: 'SQL to opportunity',
    start: 'stage:SQL',
    stop: 'stage:opportunity',
    clock: 'elapsed',
    calendar: 'owner',
    budgetMinutes: 1_440,
    bufferMinutes: 120,
    warnings: [{ atPercent: 50 }],
    rungs: [50, 75, 90],
  },
  {
    id: SLA_OF_PEOPLE,
    name: 'Escalated hand-over',
    start: 'escalated',
    clock: 'business',
    calendar: 'team',
    budgetMinutes: 240,
    bufferMinutes: 30,
    warnings: [{ minutesBefore: 60 }],
    rungs: [50, null, 85],
  },
];

/** Six clocks, escalating to one person by id. */
export function shippedSlas(escalateTo: string): readonly SlaSpec[] {
  return SIX.map(({ rungs: [remind, reassign, escalate], ...sla }) => ({
    stop: 'acknowledged',
    longestWaitMinutes: 960,
    onHandOver: 'continue',
    ...sla,
    ladder: [
      { do: 'remind', atPercent: remind },
      ...(reassign === null ? [] : [{ do: 'reassign' as const, atPercent: reassign }]),
      { do: 'escalate', atPercent: escalate, to: escalateTo },
    ],
  }));
}
