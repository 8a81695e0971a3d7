/** A point in words → the workflow task to set a run back to. Pure, over the history's outline. */
import type { HistoryOutline } from './outline.ts';
import type { Point } from './replay.ts';

/**
 * Id of the completed workflow task that is decided again: events before it stay, it and all behind it are as if they had not been. Null where history has no
 * such point: no task was ever completed, no activity has failed, or the event stands before the first task.
 */
export function resetPointOf(outline: HistoryOutline, point: Point): number | null {
  const tasks = outline.flatMap(({ id, kind }) => (kind === 'task-completed' ? [id] : []));
  switch (point.at) {
    case 'first-task':
      return tasks[0] ?? null;
    case 'last-good-task':
      return tasks.at(-1) ?? null;
    case 'failing-activity':
      return taskOfFailure(outline);
    case 'event':
      return tasks.findLast((id) => id <= point.eventId) ?? null;
  }
}

/** The task in which the activity was asked for that failed, or timed out, last. */
function taskOfFailure(outline: HistoryOutline): number | null {
  const failure = outline.findLast(({ kind }) => kind === 'activity-failed' || kind === 'activity-timed-out');
  if (failure === undefined || !('scheduledId' in failure)) return null;
  const scheduled = outline.find(({ id }) => id === failure.scheduledId);
  return scheduled?.kind === 'activity-scheduled' ? scheduled.taskId : null;
}
