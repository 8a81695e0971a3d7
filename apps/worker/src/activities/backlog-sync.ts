/**
 * The activities of `backlogSync`: thin adapters. Engine call in, failure out; a page at a time, with the wake of other connections after the commit.
 */
import { randomUUID } from 'node:crypto';
import { heartbeat } from '@temporalio/activity';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { openAuthBreaker, pauseConnection, resumeConnection } from '@lockstep/engine/commands.ts';
import { settleDeletes } from '@lockstep/engine/deletes.ts';
import { pullChanges, pullDirty, pullFull } from '@lockstep/engine/pull.ts';
import type { PullOutcome } from '@lockstep/engine/pull.ts';
import { pushPage } from '@lockstep/engine/push.ts';
import type { Run } from '@lockstep/engine/run.ts';
import { connectionOf } from '@lockstep/engine/workspace.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import type { BacklogSyncActivities, PassRequest, PullAnswer, PushAnswer } from '@lockstep/workflows/contracts.ts';
import type { Logger } from 'pino';
import type { Wakes } from '../wakes.ts';
import { toFailure, waitMsOf } from '../failures.ts';

export interface ActivityParts {
  readonly workspace: Workspace;
  readonly wakes: Wakes;
  readonly log: Logger;
}

/** How often a running page says that it lives; well under the heartbeat time-out of the workflow. */
const HEARTBEAT_MS = 5_000;

/** The activities, over one workspace. */
export function backlogSyncActivities(parts: ActivityParts): BacklogSyncActivities {
  const { workspace, wakes } = parts;
  return {
    async pullPage(request) {
      return attempt(parts, request, async (run): Promise<PullAnswer> => {
        const outcome = await readPage(run, request.fullScan);
        const deletes = outcome.more ? { owing: [] } : await settleDeletes(run);
        await wakes.wake([...outcome.owing, ...deletes.owing].filter((connectionId) => connectionId !== request.connectionId));
        return { changedItems: outcome.changedItems, more: outcome.more, waitMs: null };
      });
    },
    async pushPage(request) {
      return attempt(parts, request, async (run): Promise<PushAnswer> => {
        const outcome = await pushPage(run);
        await wakes.wake(outcome.owing.filter((connectionId) => connectionId !== request.connectionId));
        if (outcome.failure !== null)
          return { written: outcome.written, more: false, waitMs: await giveWay(parts, request, outcome.failure) };
        return { written: outcome.written, more: outcome.more || outcome.owing.includes(request.connectionId), waitMs: null };
      });
    },
    pauseConnection: (request) => pauseConnection(workspace, request.connectionId),
    resumeConnection: (request) => resumeConnection(workspace, request.connectionId),
  };
}

/** Marked records first: someone is waiting for those. */
async function readPage(run: Run, fullScan: boolean): Promise<PullOutcome> {
  const dirty = await pullDirty(run);
  const page = fullScan ? await pullFull(run) : await pullChanges(run);
  return {
    changedItems: dirty.changedItems + page.changedItems,
    records: dirty.records + page.records,
    owing: [...new Set([...dirty.owing, ...page.owing])],
    more: dirty.more || page.more,
  };
}

async function attempt<A extends { readonly waitMs: number | null }>(
  parts: ActivityParts,
  request: PassRequest,
  work: (run: Run) => Promise<A>,
): Promise<A | (PullAnswer & PushAnswer)> {
  const pulse = setInterval(() => heartbeat(), HEARTBEAT_MS);
  const run: Run = {
    runId: randomUUID(),
    workspace: parts.workspace,
    connection: connectionOf(parts.workspace, request.connectionId),
    now: parts.workspace.now(),
  };
  try {
    return await work(run);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw toFailure(error);
    const waitMs = await giveWay(parts, request, error);
    return { changedItems: 0, written: 0, more: false, waitMs };
  } finally {
    clearInterval(pulse);
  }
}

/** What the connection does after an error of its remote. Returns how long to wait; rethrows what Temporal should retry. */
async function giveWay(parts: ActivityParts, request: PassRequest, error: ConnectorError): Promise<number> {
  parts.log.warn(
    { connectionId: request.connectionId, code: error.code, status: error.status, retryAfterMs: error.retryAfterMs },
    'the remote refused',
  );
  if (error.code === 'AuthRevoked' || error.code === 'AuthExpired')
    await openAuthBreaker(parts.workspace, request.connectionId, error.message);
  const waitMs = waitMsOf(error);
  if (waitMs === null) throw toFailure(error);
  return waitMs;
}
