/**
 * A workflow's history with everything left out that could be anybody's data: types of events, their ids, names of activities. Never a payload.
 * Events: https://docs.temporal.io/references/events
 */

/** Ids rise, not always by one: what decides nothing here is left out. */
export type HistoryEvent =
  /** A workflow task was completed: what the workflow decided in it is commanded by the events behind, which name it as their `taskId`. */
  | { readonly id: number; readonly kind: 'task-completed' }
  | { readonly id: number; readonly kind: 'activity-scheduled'; readonly activity: string; readonly taskId: number }
  | {
      readonly id: number;
      readonly kind: 'activity-completed' | 'activity-failed' | 'activity-timed-out' | 'activity-cancelled';
      readonly scheduledId: number;
    }
  | { readonly id: number; readonly kind: 'closed' };

/** Of one run, in the order of its ids. */
export type HistoryOutline = readonly HistoryEvent[];
