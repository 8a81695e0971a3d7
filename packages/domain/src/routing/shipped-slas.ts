/** The service levels that ship, as data; a workspace's own file takes their place. */
import type { SlaSpec } from './sla.schema.ts';

const SHARED = { stop: 'acknowledged', longestWaitMinutes: 960, onHandOver: 'continue' } as const;

/** Six clocks, escalating to one person by id. */
export function shippedSlas(escalateTo: string): readonly SlaSpec[] {
  const ladder = (remind: number, reassign: number, escalate: number): SlaSpec['ladder'] => [
    { do: 'remind', atPercent: remind },
    { do: 'reassign', atPercent: reassign },
    { do: 'escalate', atPercent: escalate, to: escalateTo },
  ];
  return [
    {
      ...SHARED,
      id: 'inbound-demo',
      name: 'Inbound demo request',
      start: 'demo-requested',
      clock: 'elapsed',
      calendar: 'team',
      budgetMinutes: 5,
      bufferMinutes: 1,
      warnings: [{ minutesBefore: 2 }],
      ladder: ladder(20, 40, 80),
    },
    {
      ...SHARED,
      id: 'form',
      name: 'Contact form',
      start: 'form-submitted',
      clock: 'business',
      calendar: 'team',
      budgetMinutes: 120,
      bufferMinutes: 20,
      warnings: [{ atPercent: 50 }, { minutesBefore: 30 }],
      ladder: ladder(33, 60, 80),
    },
    {
      ...SHARED,
      id: 'pql',
      name: 'Product-qualified lead',
      start: 'pql',
      clock: 'business',
      calendar: 'owner',
      budgetMinutes: 240,
      bufferMinutes: 30,
      warnings: [{ atPercent: 50 }, { minutesBefore: 60 }],
      ladder: ladder(25, 60, 85),
    },
    {
      ...SHARED,
      id: 'mql-to-sql',
      name: 'MQL to SQL',
      start: 'stage:MQL',
      stop: 'stage:SQL',
      clock: 'elapsed',
      calendar: 'team',
      budgetMinutes: 1_440,
      bufferMinutes: 120,
      warnings: [{ atPercent: 50 }],
      ladder: ladder(50, 75, 90),
    },
    {
      ...SHARED,
      id: 'sql-to-opportunity',
      name: 'SQL to opportunity',
      start: 'stage:SQL',
      stop: 'stage:opportunity',
      clock: 'elapsed',
      calendar: 'owner',
      budgetMinutes: 1_440,
      bufferMinutes: 120,
      warnings: [{ atPercent: 50 }],
      ladder: ladder(50, 75, 90),
    },
    {
      ...SHARED,
      id: 'escalated-hand-over',
      name: 'Escalated hand-over',
      start: 'escalated',
      clock: 'business',
      calendar: 'team',
      budgetMinutes: 240,
      bufferMinutes: 30,
      warnings: [{ minutesBefore: 60 }],
      ladder: [
        { do: 'remind', atPercent: 50 },
        { do: 'escalate', atPercent: 85, to: escalateTo },
      ],
    },
  ];
}
