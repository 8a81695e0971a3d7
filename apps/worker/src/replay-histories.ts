/** Where `replay verify` gets histories from: the server, by a visibility query, or files. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import {
  BACKLOG_RECONCILE,
  BACKLOG_SYNC,
  CHANGE_SET,
  changeSetTaskQueue,
  PQL_ROUTING,
  REPLAY,
  replayTaskQueue,
  routingTaskQueue,
  syncTaskQueue,
} from '@lockstep/workflows/contracts.ts';
import { ConfigError } from './config.ts';
import type { HistoryToVerify } from './replay-verify.ts';

const TYPES = [BACKLOG_SYNC, BACKLOG_RECONCILE, CHANGE_SET, PQL_ROUTING, REPLAY];

/** A visibility query for every open workflow of a workspace. */
export function openWorkflows(workspaceId: string): string {
  const oneOf = (values: readonly string[]): string => `(${values.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')})`;
  const queues = [syncTaskQueue, changeSetTaskQueue, routingTaskQueue, replayTaskQueue].map((queueOf) => queueOf(workspaceId));
  return `ExecutionStatus = 'Running' AND WorkflowType IN ${oneOf(TYPES)} AND TaskQueue IN ${oneOf(queues)}`;
}

/** Histories of the runs that a query finds, fetched a few at a time while others are replayed. */
export async function* queriedHistories(client: Client, query: string, most: number): AsyncGenerator<HistoryToVerify> {
  let left = most;
  if (left <= 0) return;
  for await (const found of client.workflow.list({ query }).intoHistories()) {
    yield found as HistoryToVerify;
    left -= 1;
    if (left === 0) return;
  }
}

/** Histories of files, as `temporal workflow show --output json` or test/replay writes them. A file that is none throws `ConfigError`. */
export async function* filedHistories(files: readonly string[]): AsyncGenerator<HistoryToVerify> {
  for (const file of files) {
    let history: HistoryToVerify['history'];
    try {
      history = historyFromJSON(JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>);
    } catch (error) {
      const got = error instanceof Error ? error.message : String(error);
      throw new ConfigError(`${file}: expected a history as JSON (\`temporal workflow show --output json\`), got: ${got}`);
    }
    yield { workflowId: basename(file, '.json'), history };
  }
}
