/** Everything that has been started, in order; stopped in the reverse order. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Console } from './console.ts';
import { LaunchError } from './errors.ts';

interface Part {
  readonly name: string;
  stop(): Promise<void>;
  kill?(): Promise<void>;
}

export interface Running {
  /** Adds something to stop; `lost` is told if it ends by itself. Returns a function that forgets it. */
  add(part: Part, lost?: Promise<string>): () => void;
  stop(console: Console): Promise<void>;
  kill(): Promise<void>;
  /** Rejects when something that is needed ends by itself. */
  readonly lost: Promise<never>;
  /** Rejects with what has been lost where that explains the failure, else with the failure. */
  explain(failure: unknown): Promise<never>;
}

/** Who asks a process that has died may hear of it before we do. */
const LOSS_FOLLOWS_MS = 1_000;

export function createRunning(): Running {
  const parts: Part[] = [];
  const loss = Promise.withResolvers<never>();
  // Nobody may be waiting for it any more.
  loss.promise.catch(() => undefined);
  return {
    lost: loss.promise,
    explain: (failure) => Promise.race([loss.promise, delay(LOSS_FOLLOWS_MS).then(() => Promise.reject(failure))]),
    add(part, lost) {
      parts.push(part);
      void lost?.then((message) => loss.reject(new LaunchError(message)));
      return () => void parts.splice(parts.indexOf(part), 1);
    },
    async stop(console) {
      for (const part of parts.splice(0).toReversed()) {
        console.progress(`stopping ${part.name}`);
        await part.stop();
      }
      console.say('');
    },
    async kill() {
      await Promise.all(parts.map(async (part) => part.kill?.()));
    },
  };
}
