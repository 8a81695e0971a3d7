/** How much of a replay is under way at a time. */
import { expect, test } from 'vitest';
import { inParts } from '@lockstep/engine/replay/environment.ts';
import type { ReplayEngine } from '@lockstep/engine/replay/environment.ts';
import { holdReplay } from '@lockstep/engine/replay/moving.ts';
import { runBatch } from '@lockstep/engine/replay/running.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { NOW, openDesk } from './desk.ts';

const database = useTestStore();

test('81 answers come in the order of what was asked, sixteen are under way at a time, and a slow one keeps no other waiting', async () => {
  const slow = Promise.withResolvers<void>();
  let [underWay, most, done] = [0, 0, 0];
  const all = Array.from({ length: 100 }, (_, place) => place);
  const answers = inParts(all, async (place) => {
    most = Math.max(most, (underWay += 1));
    await (place === 0 ? slow.promise : Promise.resolve());
    underWay -= 1;
    // The other ninety-nine are through before the first one is let go.
    if ((done += 1) === 99) slow.resolve();
    return place * 2;
  });
  expect(await answers).toEqual(all.map((place) => place * 2));
  expect(most).toBe(16);
});

test('81 after a failure nothing more is begun, and what is under way has ended before it is thrown', async () => {
  let [begun, ended] = [0, 0];
  const work = inParts(
    Array.from({ length: 100 }, (_, place) => place),
    async (place) => {
      begun += 1;
      await Promise.resolve();
      ended += 1;
      if (place === 3) throw new Error('Temporal does not answer');
    },
  );
  await expect(work).rejects.toThrow('Temporal does not answer');
  expect(begun).toBeLessThan(40);
  expect(ended).toBe(begun);
});

test('81 a large batch is settled in pieces, each run once; paused in mid-way, what has not begun is left alone', async () => {
  const whole = openDesk(database, 90, { batchSize: 100 });
  await whole.begin('rp-1');
  expect(await runBatch(whole.engine, 'rp-1', NOW)).toEqual({ outcome: 'more', settled: 90 });
  expect(new Set(whole.runtime.resets.map(({ workflowId }) => workflowId)).size).toBe(90);
  expect((await runBatch(whole.engine, 'rp-1', NOW)).outcome).toBe('ended');

  const desk = openDesk(database, 90, { batchSize: 100 });
  await desk.begin('rp-1');
  const { runtime } = desk.engine;
  // With the first reset of all somebody pauses: the two pieces that have begun come to their end.
  const pausing: ReplayEngine = {
    ...desk.engine,
    runtime: {
      ...runtime,
      async reset(request) {
        await holdReplay(desk.engine, 'rp-1', 'paused', 'lead', NOW);
        return runtime.reset(request);
      },
    },
  };
  const { outcome, settled } = await runBatch(pausing, 'rp-1', NOW);
  expect([outcome, settled === desk.runtime.resets.length, settled > 0, settled <= 50]).toEqual(['held', true, true, true]);
  const states = Map.groupBy(await desk.states('rp-1'), (state) => state);
  expect([states.get('reset')?.length, states.get('planned')?.length]).toEqual([settled, 90 - settled]);
});
