/** Waiting for a state that others bring about. */
import type { ApiClient } from '@lockstep/api/client.ts';
import type { Status } from '@lockstep/api/schemas.ts';
import { LaunchError } from './errors.ts';

const POLL_MS = 200;

/** Asks until the answer is not null. Throws `LaunchError` with what was last known when the time is over. */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | null>,
  lastKnown: () => string = () => '',
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > deadline) throw new LaunchError(`waited ${timeoutMs / 1_000} s for ${what}${lastKnown()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export interface InStepOptions {
  readonly timeoutMs: number;
  readonly onStatus?: (status: Status) => void;
  /** Every connection must have been read again after this instant (of our machine). */
  readonly readAfter?: string;
  /** As `readAfter`, for complete scans. */
  readonly scannedAfter?: string;
}

/** Waits until the worker says that everything is in step. */
export async function untilInStep(api: ApiClient, options: InStepOptions): Promise<Status> {
  let last: Status | undefined;
  return eventually(
    'everything to be in step',
    options.timeoutMs,
    async () => {
      const status = await api.status();
      last = status;
      options.onStatus?.(status);
      const isRecent = (instant: string | null, after: string | undefined): boolean =>
        after === undefined || (instant !== null && instant > after);
      const isRead = status.connections.every(
        (connection) => isRecent(connection.lastPulledAt, options.readAfter) && isRecent(connection.lastFullScanAt, options.scannedAfter),
      );
      return status.inStep && isRead ? status : null;
    },
    () => (last === undefined ? '' : `; now: ${last.connections.map(summary).join(', ')}`),
  );
}

/** "jira: 79 linked, 4 owed" */
export function summary(connection: Status['connections'][number]): string {
  const parts = [`${connection.links} linked`];
  const owed = connection.owed + connection.sending;
  if (owed > 0) parts.push(`${owed} owed`);
  if (connection.parked > 0) parts.push(`${connection.parked} parked`);
  if (connection.dirty > 0) parts.push(`${connection.dirty} to read again`);
  if (connection.gate !== 'open') parts.push(connection.gate);
  if (connection.breaker !== null) parts.push(`stopped: ${connection.breaker.message}`);
  return `${connection.connectionId}: ${parts.join(', ')}`;
}
