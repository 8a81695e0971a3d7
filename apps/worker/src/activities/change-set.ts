/**
 * The activities of `changeSet`: thin adapters. Use case in, codes out; a CRM that does not serve now, or an audit log that takes no entries, is answered
 * with a wait (C8), and whatever else fails is thrown for Temporal to try again.
 */
import { activityInfo, heartbeat } from '@temporalio/activity';
import { InvalidEntry } from '@lockstep/domain/audit/entry.schema.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { applyBatch } from '@lockstep/engine/crm/apply.ts';
import { AuditUnavailable } from '@lockstep/engine/crm/audit-entries.ts';
import { compensateBatch } from '@lockstep/engine/crm/compensating.ts';
import { endSet } from '@lockstep/engine/crm/ending.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import { decide, judgeSet } from '@lockstep/engine/crm/judging.ts';
import { acquire } from '@lockstep/engine/crm/leasing.ts';
import { refreshSet } from '@lockstep/engine/crm/refreshing.ts';
import { commitSet, verifySet } from '@lockstep/engine/crm/verifying.ts';
import type { ChangeSetActivities, SetRequest, Wait } from '@lockstep/workflows/contracts.ts';
import type { Logger } from 'pino';
import type { Notifies } from '../notices.ts';
import { HEARTBEAT_MS } from './backlog-sync.ts';

export interface ChangeSetActivityParts {
  readonly engine: CrmEngine;
  readonly notifies: Notifies;
  /** Plans the set anew under an id that follows from the old one's and starts its workflow; null where that was done often enough. */
  readonly askAgain: (changeSetId: string, now: string) => Promise<string | null>;
  readonly log: Logger;
}

/** The activities, over one workspace. */
export function changeSetActivities(parts: ChangeSetActivityParts): ChangeSetActivities {
  const { engine } = parts;
  const serve = <R extends SetRequest, A>(work: (changeSetId: string, now: string, request: R) => Promise<A>) => {
    return (request: R): Promise<A | Wait> => attempt(parts, request, work);
  };
  return {
    async readSet({ changeSetId }) {
      return engine.store.snapshot(async (reader) => {
        const set = await reader.changeSet(changeSetId);
        if (set === null) return null;
        const { state, end, cause, deadlineAt } = set;
        const isReviewed = (await reader.approvals(changeSetId)).some(({ decision }) => decision === 'approve');
        return { kind: 'standing', state, end, cause, deadlineAt, isReviewed };
      });
    },
    judgeSet: serve(async (changeSetId, now) => {
      const { decision, diffHash, approvalExpiresAt, deadlineAt } = await judgeSet(engine, changeSetId, now);
      return { kind: 'judged', verdict: decision, diffHash, approvalExpiresAt, deadlineAt };
    }),
    async decideSet({ changeSetId, approver, decision, diffHash, at }) {
      try {
        const { outcome, code } = await decide(engine, changeSetId, { approver, decision, diffHash }, nowOf(at));
        return { kind: 'decided', outcome, code };
      } catch (error) {
        // Who answers under an id that cannot be put on record, as an e-mail, is nobody that we know.
        if (error instanceof InvalidEntry) return { kind: 'decided', outcome: 'refused', code: 'UNKNOWN' };
        throw error;
      }
    },
    acquireLeases: serve(async (changeSetId, now) => {
      const { heldBy } = await acquire(engine, changeSetId, now);
      return { kind: 'acquired', heldByOthers: heldBy.length };
    }),
    refreshSet: serve(async (changeSetId, now) => ({ kind: 'refreshed', outcome: (await refreshSet(engine, changeSetId, now)).outcome })),
    applyBatch: serve(async (changeSetId, now) => {
      const { outcome, cause } = await applyBatch(engine, changeSetId, now);
      return { kind: 'applied', more: outcome === 'more', stop: outcome === 'refused' ? (cause ?? 'refused') : null };
    }),
    verifySet: serve(async (changeSetId, now) => {
      const { outcome, cause } = await verifySet(engine, changeSetId, now);
      return { kind: 'verified', stop: outcome === 'refused' ? (cause ?? 'refused') : null };
    }),
    commitSet: serve(async (changeSetId, now) => {
      await commitSet(engine, changeSetId, now);
      return { kind: 'done' };
    }),
    compensateBatch: serve(async (changeSetId, now, { cause }) => {
      const { outcome } = await compensateBatch(engine, changeSetId, cause, now);
      return { kind: 'compensated', more: outcome === 'more' };
    }),
    endSet: serve(async (changeSetId, now, { cause }) => ({ kind: 'ended', end: await endSet(engine, changeSetId, cause, now) })),
    askAgain: serve(async (changeSetId, now) => ({ kind: 'asked-again', changeSetId: await parts.askAgain(changeSetId, now) })),
    async tellPeople({ changeSetId, notice, at }) {
      await parts.notifies.notify({ changeSetId, notice, askedAt: at, at: nowOf(at) });
    },
  };
}

async function attempt<R extends SetRequest, A>(
  parts: ChangeSetActivityParts,
  request: R,
  work: (changeSetId: string, now: string, request: R) => Promise<A>,
): Promise<A | Wait> {
  const { changeSetId } = request;
  const pulse = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    return await work(changeSetId, nowOf(request.at), request);
  } catch (error) {
    const wait = waitAfter(error);
    if (wait === null) throw error;
    parts.log.warn({ changeSetId, activity: activityInfo().activityType, code: wait.code, waitMs: wait.waitMs }, 'a change set waits');
    return wait;
  } finally {
    clearInterval(pulse);
  }
}

function waitAfter(error: unknown): Wait | null {
  if (error instanceof ConnectorError) return { kind: 'wait', waitMs: error.retryAfterMs, code: error.code };
  return error instanceof AuditUnavailable ? { kind: 'wait', waitMs: null, code: 'AuditUnavailable' } : null;
}

/** The workflow's clock or ours, whichever is later: the workflow's runs ahead where time is skipped, ours where a call was tried again. */
function nowOf(at: string): string {
  const now = new Date().toISOString();
  return at > now ? at : now;
}
