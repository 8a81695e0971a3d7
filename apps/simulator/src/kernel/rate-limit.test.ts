import { expect, test } from 'vitest';
import { slidingWindow, tokenBucket } from './rate-limit.ts';

test('a bucket is spent in a burst and refills with time, never over its size', () => {
  const bucket = tokenBucket(3, 2);
  expect([1, 2, 3].map(() => bucket.take(0).remaining)).toEqual([2, 1, 0]);
  expect(bucket.take(0)).toEqual({ allowed: false, remaining: 0, waitMs: 500 });
  expect(bucket.take(400)).toMatchObject({ allowed: false, waitMs: 100 });
  expect(bucket.take(500)).toEqual({ allowed: true, remaining: 0, waitMs: 0 });
  expect(bucket.peek(60_000)).toEqual({ allowed: true, remaining: 3, waitMs: 0 });
  // A clock that jumps back neither fills nor empties it.
  expect(bucket.peek(0)).toEqual({ allowed: true, remaining: 3, waitMs: 0 });
});

test('a call that costs several points waits for all of them', () => {
  const bucket = tokenBucket(10, 1);
  bucket.take(0, 8);
  expect(bucket.take(0, 5)).toEqual({ allowed: false, remaining: 2, waitMs: 3_000 });
  expect(bucket.take(3_000, 5)).toMatchObject({ allowed: true, remaining: 0 });
});

test('a window allows its number at any time and says when the oldest call leaves it', () => {
  const window = slidingWindow(2, 1_000);
  expect([window.take(0).allowed, window.take(600).allowed]).toEqual([true, true]);
  expect(window.take(900)).toEqual({ allowed: false, remaining: 0, waitMs: 100 });
  expect(window.peek(1_000)).toEqual({ allowed: true, remaining: 1, waitMs: 0 });
  expect(window.take(1_000).allowed).toBe(true);
  expect(window.take(1_001)).toMatchObject({ allowed: false, waitMs: 599 });
});
