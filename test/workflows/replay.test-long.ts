/** The bad day of the issue, at its size. */
import { expect, test } from 'vitest';
import { playBadDay } from './bad-day.ts';
import { useCrmHarness } from './change-set-lane.ts';
import { openReplays } from './replay-lane.ts';

const harness = useCrmHarness();

test(
  '81 a bad deploy that failed 200 change sets is put right by one replay: 0 lost, 0 written twice',
  { timeout: 30 * 60_000 },
  async () => {
    const lane = await harness.lane();
    const written = await playBadDay(lane, await openReplays(lane, harness.database, { approvalAbove: 10 }), 200);
    expect(written).toEqual({ byTheDeploy: 100, inAll: 200 });
  },
);
