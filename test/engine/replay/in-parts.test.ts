import { expect, test } from 'vitest';
import { inParts } from '@lockstep/engine/replay/environment.ts';

test('answers come in the order of what was asked, sixteen are under way at a time, and a slow one keeps no other waiting', async () => {
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

test('after a failure nothing more is begun, and what is under way has ended before it is thrown', async () => {
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
