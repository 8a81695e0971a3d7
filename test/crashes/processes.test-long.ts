/**
 * The engines killed with -9 one after the other during a first load of 500 items, and Temporal's database taken back by ten seconds, and away: PostgreSQL is
 * the truth, and `npm start` comes up again on whatever is left. In the long lane: five starts.
 */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { copyOfTemporal, createFolder, removeDatabase, removeTemporal, Started, startOnce, writePlan } from './started.ts';

const LONGEST_MS = 20 * 60_000;
const TASKS = 495;
/** Five phases; HubSpot has no place for them. */
const RECORDS = { jira: TASKS + 5, notion: TASKS + 5, hubspot: TASKS };
const TEN_SECONDS_MS = 10_000;

describe('kill -9 during a first load of 500 items', () => {
  const folder = createFolder();
  const data = join(folder.path, 'data');
  const older = join(folder.path, 'older.db');
  const plan = ['--plan', join(folder.path, 'plan.md')];
  writePlan(join(folder.path, 'plan.md'), TASKS);
  afterAll(() => {
    removeDatabase(data);
    folder.remove();
  });

  it(
    'S4 E01 E05 E06 K02 of Temporal, of PostgreSQL, and of all, with Temporal’s database ten seconds older than ours, then with none: it comes to rest with one record each',
    { timeout: LONGEST_MS },
    async () => {
      for (const part of ['Temporal', 'PostgreSQL'] as const) {
        const start = new Started(data, plan);
        await start.holdsPage(50);
        const { code, output } = await start.kill(part);
        expect(code, output).toBe(1);
        expect(output).toContain(`lockstep: ${part} has ended: signal SIGKILL`);
      }

      const busy = new Started(data, plan);
      await busy.slowPages(100);
      const atCopy = (await busy.creates())['notion'];
      await copyOfTemporal(data, older);
      const tenSecondsLater = Date.now() + TEN_SECONDS_MS;
      await busy.until('ten seconds of load', async () => (Date.now() >= tenSecondsLater ? true : null));
      expect((await busy.creates())['notion']).toBeGreaterThan(atCopy ?? 0);
      await busy.killAll();
      removeTemporal(data);
      copyFileSync(older, join(data, 'temporal.db'));

      const behind = new Started(data, plan);
      await behind.holdsPage(50);
      await behind.killAll();
      removeTemporal(data);

      const last = await startOnce(data, plan);
      expect(last.outcome, last.output).toMatchObject({ inStep: true, secondPass: { writes: 0 }, conflicts: 0 });
      for (const [tool, records] of Object.entries(RECORDS))
        expect(last.outcome?.connections[tool], tool).toMatchObject({ items: records, links: records });
      expect(last.code, last.output).toBe(0);
    },
  );
});
