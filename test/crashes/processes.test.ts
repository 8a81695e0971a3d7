/** A first load of 500 items whose processes are killed with -9, by the command itself: `npm start` comes up again on what they leave, and goes on. */
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { copyDirectory, createFolder, removeDatabase, Started, startOnce, writePlan } from './started.ts';

const LONGEST_MS = 10 * 60_000;
const TASKS = 495;
/** Five phases; HubSpot has no place for them. */
const RECORDS = { jira: TASKS + 5, notion: TASKS + 5, hubspot: TASKS };

describe('kill -9 during a first load of 500 items', () => {
  const folder = createFolder();
  const [data, elsewhere] = [join(folder.path, 'here'), join(folder.path, 'elsewhere')];
  const plan = ['--plan', join(folder.path, 'plan.md')];
  writePlan(join(folder.path, 'plan.md'), TASKS);
  afterAll(() => {
    for (const directory of [data, elsewhere]) removeDatabase(directory);
    folder.remove();
  });

  it(
    'S4 E01 E05 E06 of the worker, then of everything at once; the directory, copied to another place, comes to rest there with one record each',
    { timeout: LONGEST_MS },
    async () => {
      const first = new Started(data, plan);
      await first.holdsPage(100);
      const { code, output } = await first.kill('worker');
      expect([code, output.includes('the worker has ended: signal SIGKILL')], output).toEqual([1, true]);

      const second = new Started(data, plan);
      await second.holdsPage(100);
      await second.killAll();
      copyDirectory(data, elsewhere);

      const last = await startOnce(elsewhere, plan);
      expect(last.outcome, last.output).toMatchObject({ inStep: true, secondPass: { writes: 0 }, conflicts: 0 });
      for (const [tool, records] of Object.entries(RECORDS))
        expect(last.outcome?.connections[tool], tool).toMatchObject({ items: records, links: records });
      expect(last.code, last.output).toBe(0);
    },
  );
});
