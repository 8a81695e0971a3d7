/** Looking, again and again, for what the store knows and Temporal has lost. */
import type { Worker } from '@temporalio/worker';
import type { Logger } from 'pino';

export interface Sweeping {
  /** Returns how many were found. */
  readonly sweepOnce: () => Promise<number>;
  readonly everyMs: number;
  readonly log: Logger;
  /** What is looked for, for the log. */
  readonly what: string;
}

export interface Sweeper {
  stop(): void;
  /** Resolves when no round is under way. */
  ended(): Promise<void>;
}

/** Begins at once: what was orphaned while no worker ran is found with its start. One round at a time; a round that fails is followed by the next. */
export function keepSweeping({ sweepOnce, everyMs, log, what }: Sweeping): Sweeper {
  let running: Promise<void> | null = null;
  const round = async (): Promise<void> => {
    try {
      const orphans = await sweepOnce();
      if (orphans > 0) log.warn({ orphans }, `${what} whose workflow was gone have one again`);
    } catch (error) {
      log.warn({ err: error }, `the sweep for ${what} without a workflow failed`);
    } finally {
      running = null;
    }
  };
  const begin = (): void => void (running ??= round());
  const timer = setInterval(begin, everyMs);
  begin();
  return {
    stop: () => clearInterval(timer),
    ended: async () => void (await running),
  };
}

/** What ends with the first, once the second has come to its end too. */
export async function afterBoth(first: Promise<void>, second: () => Promise<void>): Promise<void> {
  try {
    await first;
  } finally {
    await second();
  }
}

export interface RunningWorker {
  shutdown(): void;
  /** Settles when all of it has ended: no task is under way, and no round of a sweeper beside it. Rejects where it failed. */
  readonly ended: Promise<void>;
}

/** Runs a worker, with a sweeper beside it that ends with it. */
export function runSwept(worker: Worker, sweeping: Sweeping): RunningWorker {
  const shutdown = (): void => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return swept({ shutdown, ended: worker.run() }, sweeping);
}

/** Keeps sweeping beside a worker that runs, or will; the sweeper ends with it. */
export function swept(worker: RunningWorker, sweeping: Sweeping): RunningWorker {
  const sweeper = keepSweeping(sweeping);
  return {
    shutdown() {
      sweeper.stop();
      worker.shutdown();
    },
    ended: afterBoth(worker.ended, () => sweeper.ended()),
  };
}
