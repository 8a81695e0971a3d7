import { describe, expect, test } from 'vitest';
import type { ConnectorErrorCode } from '../sync/errors.ts';
import { deliveryStep, FALL_BACK_WITHIN_MS, PATIENCE_MS } from './delivery.ts';
import type { FailedDelivery } from './delivery.ts';

const failed = (code: ConnectorErrorCode, more: Partial<FailedDelivery> = {}): FailedDelivery => ({
  code,
  retryAfterMs: null,
  attempts: 1,
  elapsedMs: 0,
  isUnsettled: false,
  ...more,
});

describe('R8 a notice that is not delivered', () => {
  test.each(['AuthExpired', 'AuthRevoked', 'Forbidden', 'NotFound', 'Conflict', 'Invalid', 'CursorInvalid', 'QuotaExhausted'] as const)(
    'R8 case 24 %s: the next channel, at once',
    (code) => {
      expect(deliveryStep(failed(code))).toEqual({ kind: 'fall-back', mayBeThere: false });
    },
  );

  test('R8 case 24 a channel that is down is tried again with growing waits, and left while there is time for the next one', () => {
    let elapsedMs = 0;
    const waits: number[] = [];
    for (let attempts = 1; ; attempts += 1) {
      const step = deliveryStep(failed('Transient', { attempts, elapsedMs }));
      if (step.kind === 'fall-back') break;
      waits.push(step.afterMs);
      elapsedMs += step.afterMs;
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000]);
    expect(elapsedMs).toBeLessThan(PATIENCE_MS);
    expect(PATIENCE_MS).toBeLessThan(FALL_BACK_WITHIN_MS);
  });

  test('R8 J01 a wait that the channel asks for is kept to the millisecond, or not at all', () => {
    expect(deliveryStep(failed('Throttled', { retryAfterMs: 7_000 }))).toEqual({ kind: 'retry', afterMs: 7_000, looksFirst: false });
    expect(deliveryStep(failed('Throttled', { retryAfterMs: PATIENCE_MS - 1 })).kind).toBe('retry');
    expect(deliveryStep(failed('Throttled', { retryAfterMs: PATIENCE_MS })).kind).toBe('fall-back');
    expect(deliveryStep(failed('Throttled', { retryAfterMs: 7_000, elapsedMs: 34_000 })).kind).toBe('fall-back');
  });

  test('R8 an unknown outcome is looked up before anything is sent, and stays unknown until it was', () => {
    expect(deliveryStep(failed('OutcomeUnknown'))).toEqual({ kind: 'retry', afterMs: 1_000, looksFirst: true });
    expect(deliveryStep(failed('Transient', { isUnsettled: true }))).toMatchObject({ kind: 'retry', looksFirst: true });
    expect(deliveryStep(failed('OutcomeUnknown', { elapsedMs: PATIENCE_MS }))).toEqual({ kind: 'fall-back', mayBeThere: true });
    expect(deliveryStep(failed('Forbidden', { isUnsettled: true }))).toEqual({ kind: 'fall-back', mayBeThere: true });
  });
});
