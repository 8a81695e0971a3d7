import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FALL_BACK_WITHIN_MS, NEXT_ROUND_MS, PATIENCE_MS } from '@lockstep/domain/routing/delivery.ts';
import { firstTry, nextTry } from './channels.ts';
import type { Delivery } from './channels.ts';

const down = { code: 'Transient', retryAfterMs: null } as const;
/** The longest that one attempt may take (workflow.ts). */
const ATTEMPT_MS = 18_000;

/** Attempts that all fail: when each began, and where. */
function tries(count: number, failed: Parameters<typeof nextTry>[1], attemptMs: number): readonly { channel: string; atMs: number }[] {
  const made: { channel: string; atMs: number }[] = [];
  for (let delivery: Delivery = firstTry('n', 0); made.length < count;) {
    made.push({ channel: delivery.channel, atMs: delivery.nextMs });
    delivery = nextTry(delivery, failed, delivery.nextMs + attemptMs);
  }
  return made;
}

describe('R8 a notice', () => {
  it('24 that Slack does not take goes to mail within 60 s, then to a task in the CRM, however long each attempt takes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: ATTEMPT_MS }),
        fc.constantFrom('Transient', 'OutcomeUnknown', 'Throttled'),
        (attemptMs, code) => {
          const made = tries(200, { code, retryAfterMs: null }, attemptMs);
          const firstOn = (channel: string): number => made.find((one) => one.channel === channel)?.atMs ?? Infinity;
          expect(firstOn('mail')).toBeLessThanOrEqual(FALL_BACK_WITHIN_MS);
          expect(firstOn('crm-task') - firstOn('mail')).toBeLessThanOrEqual(FALL_BACK_WITHIN_MS);
        },
      ),
    );
  });

  it('goes elsewhere at once where the channel does not reach the person', () => {
    expect(nextTry(firstTry('n', 5_000), { code: 'NotFound', retryAfterMs: null }, 5_100)).toEqual(firstTry('n', 5_100, 'mail'));
  });

  it('waits as long as the channel asks for, or goes elsewhere where that is too long', () => {
    const asked = (retryAfterMs: number) => nextTry(firstTry('n', 0), { code: 'Throttled', retryAfterMs }, 100);
    expect(asked(20_000)).toMatchObject({ channel: 'slack', nextMs: 20_100, attempts: 1 });
    expect(asked(PATIENCE_MS)).toMatchObject({ channel: 'mail', nextMs: 100 });
  });

  it('begins again with the first channel after the last, not in a hurry', () => {
    const last = nextTry(firstTry('n', 0, 'crm-task'), { code: 'Forbidden', retryAfterMs: null }, 1_000);
    expect(last).toEqual(firstTry('n', 1_000 + NEXT_ROUND_MS));
  });

  it('whose attempt may have delivered it stays unsettled on its channel, and is settled on the next', () => {
    const unsure = nextTry(firstTry('n', 0), { code: 'OutcomeUnknown', retryAfterMs: null }, 100);
    expect(nextTry(unsure, down, 2_000)).toMatchObject({ channel: 'slack', isUnsettled: true });
    expect(nextTry(unsure, { code: 'Invalid', retryAfterMs: null }, 2_000)).toMatchObject({ channel: 'mail', isUnsettled: false });
  });
});
