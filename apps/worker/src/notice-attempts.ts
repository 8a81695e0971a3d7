/** Counts what came of every attempt to tell somebody, since this process began: what a row does not keep. */
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import type { Channel } from '@lockstep/workflows/contracts.ts';
import type { RoutingCases } from './routing-cases.ts';

/** `Broken`: the attempt threw, which is a fault of ours. */
type AttemptOutcome = 'delivered' | ConnectorErrorCode | 'Broken';

export interface AttemptCount {
  readonly channel: Channel;
  readonly outcome: AttemptOutcome;
  readonly count: number;
}

const CHANNELS: readonly Channel[] = ['slack', 'mail', 'crm-task'];

/** The same use cases, their attempts counted. Every channel begins with 0 deliveries, so that a rate is known from the first one on. */
export function withCountedAttempts(cases: RoutingCases): { readonly cases: RoutingCases; readonly counts: () => readonly AttemptCount[] } {
  const counts = new Map<string, AttemptCount>();
  const add = (channel: Channel, outcome: AttemptOutcome, more = 1): void => {
    const key = `${channel} ${outcome}`;
    counts.set(key, { channel, outcome, count: (counts.get(key)?.count ?? 0) + more });
  };
  for (const channel of CHANNELS) add(channel, 'delivered', 0);
  return {
    counts: () => [...counts.values()],
    cases: {
      ...cases,
      async tell(noticeId, channel, now) {
        try {
          const told = await cases.tell(noticeId, channel, now);
          add(channel, told.outcome === 'delivered' ? 'delivered' : told.code);
          return told;
        } catch (error) {
          add(channel, 'Broken');
          throw error;
        }
      },
    },
  };
}
