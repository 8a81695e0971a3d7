import { pino } from 'pino';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { ToldRound } from '@lockstep/engine/crm/telling.ts';
import { startCourier } from './courier.ts';

const EVERY_MS = 15_000;
const QUIET: ToldRound = { told: 0, untold: [], nextAt: null };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A courier whose rounds end when the test lets them. */
function courier() {
  const rounds: { readonly end: (round: ToldRound) => void; readonly fail: (error: Error) => void }[] = [];
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const now = () => new Date(Date.now()).toISOString();
  const tellDue = () => new Promise<ToldRound>((end, fail) => void rounds.push({ end, fail }));
  const started = startCourier({ tellDue, now, everyMs: EVERY_MS, log });
  onTestFinished(() => started.stop());
  const last = () => {
    const round = rounds.at(-1);
    if (round === undefined) throw new Error('expected a round, got none');
    return round;
  };
  return { ...started, rounds, lines, last, settled: () => vi.advanceTimersByTimeAsync(0) };
}

test('begins at once, and comes again after its pause, or when the next attempt is due', async () => {
  const { rounds, last } = courier();
  expect(rounds).toHaveLength(1);
  last().end(QUIET);
  await vi.advanceTimersByTimeAsync(EVERY_MS - 1);
  expect(rounds).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(rounds).toHaveLength(2);
  last().end({ ...QUIET, nextAt: new Date(Date.now() + 2_000).toISOString() });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(rounds).toHaveLength(3);
});

test('woken in the middle of a round it does not begin a second beside it, and comes again right after it', async () => {
  const { rounds, last, wake, settled } = courier();
  wake();
  wake();
  expect(rounds).toHaveLength(1);
  last().end(QUIET);
  await settled();
  expect(rounds).toHaveLength(2);
  last().end(QUIET);
  await settled();
  expect(rounds).toHaveLength(2);
  wake();
  expect(rounds).toHaveLength(3);
});

test('C12 a round that fails is told by its name, without its words, and followed by the next', async () => {
  const { rounds, lines, last } = courier();
  last().fail(new TypeError('could not write to ann@y.example'));
  await vi.advanceTimersByTimeAsync(EVERY_MS);
  expect([rounds.length, lines.join('\n').includes('TypeError'), lines.join('\n').includes('ann@')]).toEqual([2, true, false]);
});

test('somebody whom nothing reaches is an alert; stopped, it waits for the round that is under way and begins none', async () => {
  const { rounds, lines, last, wake, stop, ended } = courier();
  stop();
  wake();
  let isEnded = false;
  const ending = ended().then(() => (isEnded = true));
  await vi.advanceTimersByTimeAsync(EVERY_MS);
  expect([rounds.length, isEnded]).toEqual([1, false]);
  last().end({ ...QUIET, untold: [{ changeSetId: 'cs-1', notice: 'approval-asked', code: 'NotFound' }] });
  await ending;
  await vi.advanceTimersByTimeAsync(EVERY_MS);
  expect(rounds).toHaveLength(1);
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ alert: true, changeSetId: 'cs-1', code: 'NotFound' }]);
});
