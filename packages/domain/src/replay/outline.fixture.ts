/** For tests: histories as a workflow may have them, outlined. */
import fc from 'fast-check';
import type { HistoryEvent, HistoryOutline } from './outline.ts';

/** What a workflow does in one task: calls activities, which end as it says. */
export type Task = readonly { readonly activity: string; readonly ends: 'completed' | 'failed' | 'timed-out' | 'cancelled' | 'open' }[];

/** The outline of a run that goes through these tasks. Ids rise with gaps, as of events that are left out. */
export function outlineOf(tasks: readonly Task[]): HistoryOutline {
  const events: HistoryEvent[] = [];
  let id = 1;
  const next = (gap: number): number => (id += gap);
  for (const task of tasks) {
    const taskId = next(3);
    events.push({ id: taskId, kind: 'task-completed' });
    const calls = task.map(({ activity, ends }) => {
      const scheduledId = next(1);
      events.push({ id: scheduledId, kind: 'activity-scheduled', activity, taskId });
      return { scheduledId, ends };
    });
    for (const { scheduledId, ends } of calls) if (ends !== 'open') events.push({ id: next(2), kind: `activity-${ends}`, scheduledId });
  }
  return events;
}

const calls = fc.record({
  activity: fc.constantFrom('readSet', 'judgeSet', 'applyBatch', 'compensateBatch', 'tellPeople', 'ofAnotherVersion', 'constructor'),
  ends: fc.constantFrom('completed' as const, 'failed' as const, 'timed-out' as const, 'cancelled' as const, 'open' as const),
});

export const anyTasks: fc.Arbitrary<readonly Task[]> = fc.array(fc.array(calls, { maxLength: 3 }), { maxLength: 8 });
