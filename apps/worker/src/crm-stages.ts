/**
 * The CRM, asked again and again which records have come into another stage. How far it was read is a row of the store: whoever goes on misses nothing, and
 * clocks go by the CRM's own instants, however late it is asked.
 */
import type { Logger } from 'pino';
import type { RoutingCases } from './routing-cases.ts';

export interface StageParts {
  readonly pull: RoutingCases['pullStages'];
  readonly wake: (accountIds: readonly string[]) => Promise<void>;
  readonly everyMs: number;
  readonly log: Logger;
}

/** Asks at once, then at the interval, one round at a time; on and on while there is more. Returns how to stop. */
export function watchStages({ pull, wake, everyMs, log }: StageParts): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const read = async (): Promise<void> => {
    try {
      for (let more = true; more && !stopping.signal.aborted;) {
        const pulled = await pull(new Date().toISOString());
        if (pulled.accounts.length > 0) await wake(pulled.accounts);
        ({ more } = pulled);
      }
    } catch (error) {
      // What was read is on record; who was not woken is found by the sweeper.
      log.warn({ err: error }, 'stages could not be read from the CRM; clocks go by what was seen before');
    }
  };
  let running: Promise<void> | null = null;
  const begin = (): void => {
    running ??= read().finally(() => {
      running = null;
    });
  };
  const timer = setInterval(begin, everyMs);
  begin();
  return {
    async stop() {
      stopping.abort();
      clearInterval(timer);
      await running;
    },
  };
}
