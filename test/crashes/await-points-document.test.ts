/**
 * A kill at every await point on the way of an item from a tool to the plan. Generated: what one undisturbed history awaits is counted, and then
 * a process dies at each of its points, in a history of its own.
 */
import { expect, it } from 'vitest';
import { openCrashBench } from './crash-bench.ts';

const LONGEST_MS = 5 * 60_000;

const bench = await openCrashBench('document');
for (const [deed, named] of [
  ['create', 'a create'],
  ['update', 'an update'],
] as const) {
  const { points, deaths } = await bench.deaths(deed);
  it(
    `E01 E05 E06 a process dies at each of the ${points} await points of ${named} in the plan, before the call and after it (${deaths.length} deaths): 0 duplicates, 0 lost`,
    { timeout: LONGEST_MS },
    async () => {
      const wrong: string[] = [];
      for (const death of deaths) {
        const found = await bench.dies(deed, death);
        if (found !== null) wrong.push(`${death.moment} point ${death.point + 1}, ${death.name}: ${found}`);
      }
      expect(wrong).toEqual([]);
      await bench.laws();
    },
  );
}
