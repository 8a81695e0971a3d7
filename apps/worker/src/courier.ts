/** Takes what is owed to people to them: at once when it is woken, and again when the next attempt is due. What is owed is rows, so that a courier that dies loses nothing. */
import type { ToldRound } from '@lockstep/engine/crm/telling.ts';
import type { Logger } from 'pino';

export interface CourierParts {
  readonly tellDue: (now: string) => Promise<ToldRound>;
  readonly now: () => string;
  /** At the latest so long after a round comes the next: what another process has left, or a round that has failed, is found by it. */
  readonly everyMs: number;
  readonly log: Logger;
}

export interface Courier {
  /** Something is owed. */
  readonly wake: () => void;
  readonly stop: () => void;
  /** Resolves when no round is under way. */
  readonly ended: () => Promise<void>;
}

/** Begins at once: what was owed while no worker ran is told with its start. One round at a time. */
export function startCourier({ tellDue, now, everyMs, log }: CourierParts): Courier {
  let running: Promise<void> | null = null;
  let isWoken = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const round = async (): Promise<void> => {
    let waitMs = everyMs;
    try {
      const { untold, nextAt } = await tellDue(now());
      for (const one of untold) log.error({ alert: true, ...one }, 'somebody could not be told of a change set');
      if (nextAt !== null) waitMs = Math.min(everyMs, Math.max(0, Date.parse(nextAt) - Date.parse(now())));
    } catch (error) {
      // Its words may hold what was to be told: it is known by its name.
      log.warn({ error: error instanceof Error ? error.name : typeof error }, 'people could not be told of change sets, it is tried again');
    } finally {
      running = null;
      if (isWoken) begin();
      else if (!isStopped) timer = setTimeout(begin, waitMs);
    }
  };
  const begin = (): void => {
    if (isStopped) return;
    isWoken = running !== null;
    if (isWoken) return;
    clearTimeout(timer);
    running = round();
  };
  begin();
  return {
    wake: begin,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
    ended: async () => void (await running),
  };
}
