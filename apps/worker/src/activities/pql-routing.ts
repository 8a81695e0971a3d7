/** The activities of `pqlRouting`: thin adapters. Use case in, codes out; whatever fails is thrown for Temporal to try again. */
import { activityInfo, heartbeat } from '@temporalio/activity';
import type { AccountRequest, PqlRoutingActivities } from '@lockstep/workflows/contracts.ts';
import type { RoutingCases } from '../routing-cases.ts';
import { HEARTBEAT_MS } from './backlog-sync.ts';

/** The activities, over one workspace. */
export function pqlRoutingActivities(cases: RoutingCases): PqlRoutingActivities {
  return {
    step: (request) => attempt(request, (now) => cases.stepAccount(request.accountId, now)),
    answer: (request) =>
      attempt(request, (now) => {
        const { kind, leadId, offerId, by, until, to, reason } = request;
        const more = {
          ...(until === undefined ? {} : { until }),
          ...(to === undefined ? {} : { to }),
          ...(reason === undefined ? {} : { reason }),
        };
        return cases.answer({ kind, leadId, offerId, by, ...more }, now);
      }),
    tell: (request) => attempt(request, (now) => cases.tell(request.noticeId, request.channel, now)),
    startChangeSet: (request) => attempt(request, (now) => cases.startWrite(request.changeSetId, now)),
  };
}

async function attempt<A>({ at }: AccountRequest, work: (now: string) => Promise<A>): Promise<A> {
  const pulse = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    return await work(nowOf(at));
  } finally {
    clearInterval(pulse);
  }
}

/**
 * Temporal's clock, never ours: a worker that is five minutes off changes nothing (case 28). The later one of when the workflow asked and when this attempt was
 * handed out: the first runs ahead where time is skipped, the second where an attempt comes long after it was asked for.
 */
function nowOf(at: string): string {
  const handedOut = new Date(activityInfo().currentAttemptScheduledTimestampMs).toISOString();
  return at > handedOut ? at : handedOut;
}
