/**
 * The activities of `backlogSync`: thin adapters. Engine call in, failure out; a page at a time, with the wake of other connections after the commit.
 */
import { randomUUID } from 'node:crypto';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { openAuthBreaker, pauseConnection, resumeConnection } from '@lockstep/engine/commands.ts';
import { settleDeletes } from '@lockstep/engine/deletes.ts';
import { readPages, writePage } from '@lockstep/engine/pass.ts';
import type { Run } from '@lockstep/engine/run.ts';
import { connectionOf } from '@lockstep/engine/workspace.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import type { BacklogSyncActivities, PassRequest, PullAnswer, PushAnswer } from '@lockstep/workflows/contracts.ts';
import type { Logger } from 'pino';
import { withLogFields } from '../telemetry/log-fields.ts';
import { markedTraces, owedTraces } from '../telemetry/subjects.ts';
import type { Traces } from '../telemetry/traces.ts';
import type { AnsweredWakes } from '../wakes.ts';
import { afterError } from '../failures.ts';

export interface ActivityParts {
  readonly workspace: Workspace;
  readonly wakes: AnsweredWakes;
  readonly log: Logger;
  readonly traces: Traces;
}

/** How often a running page says that it lives; well under the heartbeat time-out of the workflow. */
export const HEARTBEAT_MS = 3_000;
/** For how long one activity goes on reading: long enough that its own cost does not count, short enough that its workflow hears of a pause soon. */
const PULL_MS = 2_000;

/** The activities, over one workspace. */
export function backlogSyncActivities(parts: ActivityParts): BacklogSyncActivities {
  const { workspace, wakes, traces } = parts;
  return {
    async pullPage(request) {
      return attempt(
        parts,
        request,
        { name: 'pullPage', subject: markedTraces(request.connectionId) },
        async (run): Promise<PullAnswer> => {
          wakes.passed(request.connectionId, 'marked');
          let owesItself = false;
          const wakeOwing = async (owing: readonly string[]): Promise<void> => {
            for (const connectionId of owing) await traces.leave(owedTraces(connectionId));
            owesItself ||= owing.includes(request.connectionId);
            const others = owing.filter((connectionId) => connectionId !== request.connectionId);
            if (others.length > 0) await wakes.wake(others, { reason: 'owed' });
          };
          const endMs = performance.now() + PULL_MS;
          const { more, changedItems, records, isFeedRead } = await readPages(
            run,
            { fullScan: request.fullScan, markedOnly: request.markedOnly ?? false },
            ({ owing }) => wakeOwing(owing),
            () => performance.now() > endMs,
          );
          if (!more) await wakeOwing((await settleDeletes(run)).owing);
          return { changedItems, records, more, waitMs: null, isFeedRead, owesItself };
        },
      );
    },
    async pushPage(request) {
      return attempt(parts, request, { name: 'pushPage', subject: owedTraces(request.connectionId) }, async (run): Promise<PushAnswer> => {
        wakes.passed(request.connectionId, 'owed');
        const { written, more, owing, failure } = await writePage(run);
        for (const connectionId of owing) await traces.leave(owedTraces(connectionId));
        const others = owing.filter((connectionId) => connectionId !== request.connectionId);
        if (others.length > 0) await wakes.wake(others, { reason: 'owed' });
        if (failure !== null) return { written, more: false, waitMs: await giveWay(parts, request, failure) };
        return { written, more: more || owing.includes(request.connectionId), waitMs: null };
      });
    },
    pauseConnection: (request) => pauseConnection(workspace, request.connectionId),
    resumeConnection: (request) => resumeConnection(workspace, request.connectionId),
  };
}

async function attempt<A extends { readonly waitMs: number | null; readonly more: boolean }>(
  parts: ActivityParts,
  request: PassRequest,
  traced: { readonly name: string; readonly subject: string },
  work: (run: Run) => Promise<A>,
): Promise<A | (PullAnswer & PushAnswer)> {
  const signal = cancellationSignal();
  const run: Run = {
    runId: randomUUID(),
    workspace: parts.workspace,
    connection: connectionOf(parts.workspace, request.connectionId),
    now: parts.workspace.now(),
    stopping: () => signal.aborted,
  };
  const pulse = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    const attributes = { 'lockstep.connection': request.connectionId, 'lockstep.run': run.runId };
    // What there is more of, and what has to wait, goes on with the same traces.
    const settles = ({ more, waitMs }: A): boolean => !more && waitMs === null;
    return await parts.traces.doing({ ...traced, attributes, settles }, () =>
      withLogFields({ connectionId: request.connectionId, runId: run.runId }, async () => {
        try {
          return await work(run);
        } catch (error) {
          // Here, so that the line has the run and the trace.
          if (error instanceof ConnectorError) logRefusal(parts, request, error);
          throw error;
        }
      }),
    );
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const waitMs = await waitAfter(parts, request, error);
    return { changedItems: 0, written: 0, more: false, waitMs, isFeedRead: false, owesItself: true };
  } finally {
    clearInterval(pulse);
  }
}

/** Says that the remote has refused, and what `waitAfter` says. */
async function giveWay(parts: ActivityParts, request: PassRequest, error: ConnectorError): Promise<number | null> {
  logRefusal(parts, request, error);
  return waitAfter(parts, request, error);
}

function logRefusal({ log }: ActivityParts, { connectionId }: PassRequest, { code, status, retryAfterMs }: ConnectorError): void {
  log.warn({ connectionId, code, status, retryAfterMs }, 'the remote refused');
}

/** What the connection does after an error of its remote. Returns how long to leave the remote alone, or null; throws what Temporal should retry. */
async function waitAfter(parts: ActivityParts, request: PassRequest, error: ConnectorError): Promise<number | null> {
  const next = afterError(error);
  if (next.how === 'retry') throw error;
  if (next.how === 'wait') return next.waitMs;
  const isNews = await openAuthBreaker(parts.workspace, request.connectionId, error.message);
  if (isNews)
    parts.log.error(
      { alert: true, connectionId: request.connectionId, code: error.code },
      'credentials are refused: the connection is paused',
    );
  return null;
}
