import { expect, test } from 'vitest';
import { createClock } from './clock.ts';

test('the clock runs with the machine, stands, jumps both ways, and runs on from where it stood', () => {
  let machineMs = 1_000;
  const clock = createClock(() => machineMs);
  machineMs += 500;
  expect(clock.nowMs()).toBe(1_500);
  clock.advance(-200);
  expect(clock.nowMs()).toBe(1_300);
  clock.freeze(9_000);
  machineMs += 500;
  expect(clock.nowMs()).toBe(9_000);
  clock.advance(50);
  expect(clock.nowMs()).toBe(9_050);
  clock.freeze(null);
  machineMs += 10;
  expect(clock.nowMs()).toBe(9_060);
});
