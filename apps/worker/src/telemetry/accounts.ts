/** What this process knows of the calls to each connection's vendor: in memory, since no other place does. Other workers know what they have seen. */
import { outcomeOf, REQUEST_OUTCOMES } from '@lockstep/domain/sync/account-watch.port.ts';
import type { AccountWatch, Allowance, AllowanceScope, RequestOutcome } from '@lockstep/domain/sync/account-watch.port.ts';
import type { ApiBudget } from '@lockstep/engine/figures.ts';
import type { Traces } from './traces.ts';

export interface Accounts {
  /** The watch of a connection; the same one for all that speaks to it. */
  readonly watchOf: (connectionId: string) => AccountWatch;
  /** Of connections to which something was sent. */
  readonly budgets: () => ReadonlyMap<string, ApiBudget>;
}

interface Known {
  readonly allowances: Map<AllowanceScope, Allowance>;
  readonly requests: Record<RequestOutcome, number>;
  heldUntilMs: number;
}

const MS_PER_SECOND = 1_000;

/** `now` is epoch milliseconds. */
export function watchAccounts({ now, traces }: { readonly now: () => number; readonly traces: Pick<Traces, 'sending'> }): Accounts {
  const accounts = new Map<string, Known>();
  const knownOf = (connectionId: string): Known => {
    const known = accounts.get(connectionId) ?? { allowances: new Map(), requests: noRequests(), heldUntilMs: 0 };
    accounts.set(connectionId, known);
    return known;
  };
  return {
    watchOf: (connectionId) => ({
      sending(request) {
        const told = traces.sending(connectionId, request);
        return (status) => {
          knownOf(connectionId).requests[outcomeOf(status)] += 1;
          told(status);
        };
      },
      allowance: (said) => void knownOf(connectionId).allowances.set(said.scope, said),
      held(untilMs) {
        const known = knownOf(connectionId);
        known.heldUntilMs = Math.max(known.heldUntilMs, untilMs);
      },
    }),
    budgets: () =>
      new Map(
        [...accounts].map(([connectionId, { allowances, requests, heldUntilMs }]) => {
          const heldSeconds = Math.max(0, heldUntilMs - now()) / MS_PER_SECOND;
          return [connectionId, { allowances: [...allowances.values()], heldSeconds, requests: { ...requests } }];
        }),
      ),
  };
}

function noRequests(): Record<RequestOutcome, number> {
  return Object.fromEntries(REQUEST_OUTCOMES.map((outcome) => [outcome, 0])) as Record<RequestOutcome, number>;
}
