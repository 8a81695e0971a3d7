/** What stands around activities: fields of the log, and spans for those of workflows that are about one thing (a change set, an account, a replay). What such a workflow was started or woken by is gone on with. */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { withLogFields } from './log-fields.ts';
import { workflowTraces } from './subjects.ts';
import type { Traces } from './traces.ts';

/** Every line of the log that an activity writes bears which one it was. */
export const loggedActivities: ActivityInterceptorsFactory = ({ info: { activityType, workflowExecution, attempt } }) => ({
  inbound: {
    execute: (input, next) =>
      withLogFields(
        { activity: activityType, attempt, ...(workflowExecution === undefined ? {} : { workflowId: workflowExecution.workflowId }) },
        () => next(input),
      ),
  },
});

/** Ids of workflows hold those of change sets, and digests of accounts: no person. */
export function tracedActivities(traces: Traces): ActivityInterceptorsFactory {
  return ({ info: { activityType, workflowExecution, attempt } }) => ({
    inbound: {
      execute: (input, next) => {
        const workflowId = workflowExecution?.workflowId ?? null;
        const attributes = { 'temporal.attempt': attempt, ...(workflowId === null ? {} : { 'temporal.workflow_id': workflowId }) };
        const subject = workflowId === null ? null : workflowTraces(workflowId);
        return traces.doing({ name: activityType, subject, attributes }, () => next(input));
      },
    },
  });
}
