/**
 * A worker that begins when there is something for it to do. Each of them has a thread of its own, with the SDK and the workflows in it: half a second of a
 * processor at every start, and some 40 MB, for change sets and replays that may not come for days.
 */
import type { Worker } from '@temporalio/worker';
import type { RunningWorker } from './sweeper.ts';

export interface LateWorker extends RunningWorker {
  /** There is something to do. The first time the worker is made and runs; after that, and after `shutdown`, nothing happens. */
  readonly begin: () => void;
  /** Settles too where it has never begun. Rejects where it cannot be made, and where it fails. */
  readonly ended: Promise<void>;
}

/** Begins with `begin`, and by itself after `latestMs`. */
export function lateWorker(make: () => Promise<Worker>, latestMs: number): LateWorker {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  let state: 'waiting' | 'begun' | 'over' = 'waiting';
  let worker: Worker | null = null;
  const run = async (): Promise<void> => {
    worker = await make();
    const running = worker.run();
    // It was told to end while it was made.
    if (state === 'over') worker.shutdown();
    await running;
  };
  const begin = (): void => {
    if (state !== 'waiting') return;
    state = 'begun';
    clearTimeout(latest);
    run().then(resolve, reject);
  };
  const latest = setTimeout(begin, latestMs);
  return {
    begin,
    shutdown() {
      clearTimeout(latest);
      if (state === 'waiting') resolve();
      state = 'over';
      if (worker?.getState() === 'RUNNING') worker.shutdown();
    },
    ended,
  };
}
