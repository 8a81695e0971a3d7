/**
 * Waking connections' workflows. A wake carries no content, so many of them are one: those that come within a few milliseconds go out as one signal, and
 * while one is on its way that no pass has answered yet, others like it add nothing.
 */
import type { Client } from '@temporalio/client';
import { BACKLOG_SYNC, backlogSyncId, syncTaskQueue, wakeSignal } from '@lockstep/workflows/contracts.ts';
import type { BacklogSyncInput, WakeHint } from '@lockstep/workflows/contracts.ts';

type Reason = NonNullable<WakeHint['reason']>;

export interface Wakes {
  /** Resolves when the signals are with Temporal, or others like them that no pass has answered yet. */
  wake(connectionIds: readonly string[], hint?: WakeHint): Promise<void>;
}

export interface AnsweredWakes extends Wakes {
  /** A pass begins to look for what such wakes are about: whatever was on record before is seen by it. */
  passed(connectionId: string, reason: Reason): void;
}

/** How long wakes of one connection are collected. */
const COLLECT_MS = 10;
/**
 * Hints in numbers, as the echoes of a first load, are read together: from so many within that time on, those of one connection are collected for longer.
 * Nobody whose hint comes alone waits.
 */
const MANY = 10;
const WITHIN_MS = 2_000;
const COLLECT_MANY_MS = 2_000;
/** For how long a signal counts as unanswered: another worker's pass may have answered it, which nobody tells us. */
const UNANSWERED_MS = 1_000;

/** `inputOf` makes the workflow's input, so that a wake also starts a workflow that Temporal has lost. */
export function createWakes(client: Client, workspaceId: string, inputOf: (connectionId: string) => BacklogSyncInput): AnsweredWakes {
  const pending = new Map<string, Promise<void>>();
  /** Key of a wake → when it was sent, by a clock that only goes forward. */
  const unanswered = new Map<string, number>();
  const keyOf = (connectionId: string, { reason }: WakeHint): string => `${reason ?? 'all'} ${connectionId}`;
  const send = async (connectionId: string, hint: WakeHint): Promise<void> => {
    await client.workflow.signalWithStart(BACKLOG_SYNC, {
      workflowId: backlogSyncId(workspaceId, connectionId),
      taskQueue: syncTaskQueue(workspaceId),
      args: [inputOf(connectionId)],
      signal: wakeSignal,
      signalArgs: [hint],
    });
  };
  /** Wakes that stand behind one that is unanswered. */
  const waiting = new Set<string>();
  const sendOnce = async (connectionId: string, hint: WakeHint): Promise<void> => {
    if (hint.reason !== undefined) unanswered.set(keyOf(connectionId, hint), performance.now());
    await send(connectionId, hint);
  };
  const sendUnlessAnswered = async (connectionId: string, hint: WakeHint, sentAtMs: number): Promise<void> => {
    const key = keyOf(connectionId, hint);
    waiting.add(key);
    await wait(Math.max(0, sentAtMs + UNANSWERED_MS - performance.now()));
    // Answered meanwhile: that pass has seen what this wake is about.
    if (unanswered.get(key) !== sentAtMs) return;
    waiting.delete(key);
    await sendOnce(connectionId, hint);
  };
  const countOf = latelyCounted();
  /** Key of a wake → passes that have begun. */
  const passes = new Map<string, number>();
  const collect = async (connectionId: string, hint: WakeHint): Promise<void> => {
    const key = keyOf(connectionId, hint);
    const pass = passes.get(key);
    await wait(hint.reason === 'marked' && countOf(key) >= MANY ? COLLECT_MANY_MS : COLLECT_MS);
    // A pass has begun meanwhile, and sees what this is about.
    if (passes.get(key) !== pass) return;
    pending.delete(key);
    const sentAtMs = unanswered.get(key);
    if (sentAtMs === undefined) await sendOnce(connectionId, hint);
    // A signal that is lost here is made up for by the next poll.
    else if (!waiting.has(key)) sendUnlessAnswered(connectionId, hint, sentAtMs).catch(() => undefined);
  };
  return {
    async wake(connectionIds, hint = {}) {
      await Promise.all(
        [...new Set(connectionIds)].map((connectionId) => {
          if (hint.fullScan === true || hint.pollIntervalMs !== undefined) return send(connectionId, hint);
          const key = keyOf(connectionId, hint);
          countOf(key, 1);
          const collecting = pending.get(key) ?? collect(connectionId, hint);
          pending.set(key, collecting);
          return collecting;
        }),
      );
    },
    passed(connectionId, reason) {
      const key = keyOf(connectionId, { reason });
      passes.set(key, (passes.get(key) ?? 0) + 1);
      unanswered.delete(key);
      // Who wakes from now on is not answered by it.
      pending.delete(key);
      waiting.delete(key);
    },
  };
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Counts by key: how many have come within the last `WITHIN_MS`, or the span before it, which is enough to know many from few. */
function latelyCounted(): (key: string, more?: number) => number {
  const spans = new Map<string, { readonly sinceMs: number; count: number; readonly before: number }>();
  return (key, more = 0) => {
    const [nowMs, known] = [performance.now(), spans.get(key)];
    const age = known === undefined ? Number.POSITIVE_INFINITY : nowMs - known.sinceMs;
    const before = known === undefined || age > 2 * WITHIN_MS ? 0 : known.count;
    const span = known === undefined || age > WITHIN_MS ? { sinceMs: nowMs, count: 0, before } : known;
    span.count += more;
    spans.set(key, span);
    return span.count + span.before;
  };
}
