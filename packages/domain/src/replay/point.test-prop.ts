import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectsOf } from './effects.ts';
import { anyTasks, outlineOf } from './outline.fixture.ts';
import { resetPointOf } from './point.ts';
import type { Point } from './replay.ts';

const tasksOf = (outline: ReturnType<typeof outlineOf>) => outline.flatMap(({ id, kind }) => (kind === 'task-completed' ? [id] : []));
const anyPoint: fc.Arbitrary<Point> = fc.oneof(
  fc.constantFrom<Point>({ at: 'first-task' }, { at: 'last-good-task' }, { at: 'failing-activity' }),
  fc.integer({ min: 1, max: 80 }).map((eventId): Point => ({ at: 'event', eventId })),
);

describe('the point of a replay', () => {
  it('81 is always a completed task of the history, and there is one wherever a task was completed, but for a failure or an event that is not there', () => {
    fc.assert(
      fc.property(anyTasks, anyPoint, (tasks, point) => {
        const outline = outlineOf(tasks);
        const found = resetPointOf(outline, point);
        const mayBeMissing = tasksOf(outline).length === 0 || point.at === 'failing-activity' || point.at === 'event';
        expect(found === null ? mayBeMissing : tasksOf(outline).includes(found)).toBe(true);
      }),
    );
  });

  it('81 the first task is before every other point, the last good one after it', () => {
    fc.assert(
      fc.property(anyTasks, anyPoint, (tasks, point) => {
        const outline = outlineOf(tasks);
        const found = resetPointOf(outline, point);
        if (found === null) return;
        expect(resetPointOf(outline, { at: 'first-task' })).toBeLessThanOrEqual(found);
        expect(resetPointOf(outline, { at: 'last-good-task' })).toBeGreaterThanOrEqual(found);
      }),
    );
  });

  it('81 an event is undone by the last task at or before it: nothing before that task is', () => {
    fc.assert(
      fc.property(anyTasks, fc.integer({ min: 1, max: 80 }), (tasks, eventId) => {
        const outline = outlineOf(tasks);
        const found = resetPointOf(outline, { at: 'event', eventId }) ?? 0;
        expect(tasksOf(outline).filter((id) => id > found && id <= eventId)).toEqual([]);
        expect(found).toBeLessThanOrEqual(eventId);
      }),
    );
  });

  it('81 before the failing activity: that activity is called again, and no later one has failed', () => {
    fc.assert(
      fc.property(anyTasks, (tasks) => {
        const outline = outlineOf(tasks);
        const failures = outline.flatMap((event) =>
          event.kind === 'activity-failed' || event.kind === 'activity-timed-out' ? [event.scheduledId] : [],
        );
        const found = resetPointOf(outline, { at: 'failing-activity' });
        expect(found === null).toBe(failures.length === 0);
        const failed = outline.find(({ id }) => id === failures.at(-1));
        if (found === null || failed?.kind !== 'activity-scheduled') return;
        expect(failed.taskId).toBe(found);
        expect(effectsOf('changeSet', outline, found, {}).map(({ activity }) => activity)).toContain(failed.activity);
      }),
    );
  });
});
