import type { Plan } from './plan.ts';

/** How many items of each kind a plan has, under the names of the outcome file (`npm start -- --json`). */
export interface PlanCounts {
  readonly phase: number;
  readonly deliverable: number;
  readonly gate: number;
  readonly task: number;
  readonly ritual: number;
  readonly loop: number;
  readonly check: number;
  readonly motionVariant: number;
  readonly metric: number;
}

/** Counts a plan's items. Epics, groups and subtasks are not among the counted kinds. */
export function countItems(plan: Plan): PlanCounts {
  const count = (kind: keyof PlanCounts): number => plan.items.filter((item) => item.kind === kind).length;
  return {
    phase: count('phase'),
    deliverable: count('deliverable'),
    gate: count('gate'),
    task: count('task'),
    ritual: count('ritual'),
    loop: count('loop'),
    check: count('check'),
    motionVariant: count('motionVariant'),
    metric: count('metric'),
  };
}
