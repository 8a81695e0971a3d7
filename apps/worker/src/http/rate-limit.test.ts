import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRateLimit } from './rate-limit.ts';

test('a burst goes through, the next call is told when to come again, and is right then', () => {
  let nowMs = 1_000;
  const take = createRateLimit({ perSecond: 4, burst: 3 }, () => nowMs);
  expect([take('ann'), take('ann'), take('ann')]).toEqual([0, 0, 0]);
  expect(take('ann')).toBe(250);
  expect(take('ben')).toBe(0);
  nowMs += 249;
  expect(take('ann')).toBe(1);
  nowMs += 1;
  expect([take('ann'), take('ann')]).toEqual([0, 250]);
});

test('in no span of time more calls go through than the burst and what has come since', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 }), (waits, perSecond, burst) => {
      let nowMs = 0;
      const take = createRateLimit({ perSecond, burst }, () => nowMs);
      let through = 0;
      for (const wait of waits) {
        nowMs += wait;
        const waitMs = take('ann');
        through += waitMs === 0 ? 1 : 0;
        expect(waitMs).toBeLessThanOrEqual(Math.ceil(1_000 / perSecond));
        expect(through).toBeLessThanOrEqual(burst + (nowMs * perSecond) / 1_000 + 1e-6);
      }
    }),
  );
});
