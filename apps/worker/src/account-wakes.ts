/**
 * Waking accounts' workflows: signal-with-start, so that a signal finds one workflow or makes it (case 10). A wake carries no content: those of an account that come
 * while one has not gone out yet are that one. What happens now goes before imported history, of which few are on their way at a time (case 29).
 */
export type Urgency = 'now' | 'background';

export interface AccountWakes {
  /** Resolves when signals that were sent after this call are with Temporal; rejects where one is not, after all have been tried. */
  readonly wake: (accountIds: readonly string[], urgency?: Urgency) => Promise<void>;
}

interface Waiting {
  readonly accountId: string;
  urgency: Urgency;
  readonly done: Promise<void>;
  readonly start: () => void;
}

/** Signals on their way at a time. */
export const MOST_AT_ONCE: Readonly<Record<Urgency, number>> = { now: 64, background: 8 };

/** `send` signals one account. */
export function createAccountWakes(send: (accountId: string) => Promise<void>, most = MOST_AT_ONCE): AccountWakes {
  /** Not sent yet, in the order of coming. */
  const waiting = new Map<string, Waiting>();
  const sending: Record<Urgency, number> = { now: 0, background: 0 };
  const next = (urgency: Urgency): Waiting | undefined => {
    for (const one of waiting.values()) if (one.urgency === urgency) return one;
    return undefined;
  };
  const drain = (): void => {
    for (const urgency of ['now', 'background'] as const)
      for (let one = next(urgency); one !== undefined && sending[urgency] < most[urgency]; one = next(urgency)) {
        waiting.delete(one.accountId);
        one.start();
      }
  };
  const wakeOne = (accountId: string, urgency: Urgency): Promise<void> => {
    const known = waiting.get(accountId);
    if (known !== undefined) {
      if (urgency === 'now') known.urgency = 'now';
      return known.done;
    }
    const { promise: done, resolve, reject } = Promise.withResolvers<void>();
    const one: Waiting = {
      ...{ accountId, urgency, done },
      start: () => {
        const as = one.urgency;
        sending[as] += 1;
        send(accountId)
          .then(resolve, reject)
          .finally(() => {
            sending[as] -= 1;
            drain();
          });
      },
    };
    waiting.set(accountId, one);
    return done;
  };
  return {
    async wake(accountIds, urgency = 'now') {
      const wakes = [...new Set(accountIds)].map((accountId) => wakeOne(accountId, urgency));
      drain();
      const failed = (await Promise.allSettled(wakes)).find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}
