/** The main job on the customer's own plan, as issue 3 asks for it: counts, in step, a second pass that writes nothing, thirteen steps that hold. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createPlace } from '../start/start.ts';

const PLAN = fileURLToPath(new URL('../../../shared/plan/growth-os.md', import.meta.url));
const LONGEST_MS = 10 * 60_000;
const COUNTS = { phase: 4, deliverable: 35, gate: 4, task: 36, ritual: 8, loop: 3, check: 73, motionVariant: 6, metric: 17 };
/** Two cells, a row that left, one that came, a renamed one, one that came again, and the owner of the clash. */
const MOST_LINES_EDITED = 12;

const isMissing = !existsSync(PLAN);
if (isMissing && process.env['CI'] !== 'true') process.stderr.write(`contract: SKIPPED, ${PLAN} is missing; with CI=true this fails\n`);

describe.skipIf(isMissing && process.env['CI'] !== 'true')('npm start on the plan of the customer', () => {
  const [told, quiet] = [createPlace(), createPlace()];
  afterAll(() => {
    told.remove();
    quiet.remove();
  });

  it(
    'S1 S3 S5 has the counts, is in step, writes nothing twice, and the story edits only what it says',
    { timeout: LONGEST_MS },
    async () => {
      const { code, output, outcome } = await told.start('--fresh', '--plan', PLAN);
      expect(
        outcome?.story.filter((step) => !step.ok),
        output,
      ).toEqual([]);
      expect(outcome, output).toMatchObject({ plan: { counts: COUNTS }, inStep: true, secondPass: { writes: 0 } });
      expect(outcome?.story).toHaveLength(13);
      expect(code, output).toBe(0);
      const before = readFileSync(PLAN, 'utf8').split('\n');
      const after = readFileSync(outcome?.plan?.file ?? '', 'utf8').split('\n');
      const kept = new Set(after);
      expect(before.filter((line) => !kept.has(line)).length).toBeLessThanOrEqual(MOST_LINES_EDITED);
    },
  );

  it('S3 without the story the working copy stays byte-identical to the source', { timeout: LONGEST_MS }, async () => {
    const { code, output, outcome } = await quiet.start('--fresh', '--no-story', '--plan', PLAN);
    expect(code, output).toBe(0);
    expect(outcome).toMatchObject({ plan: { counts: COUNTS }, inStep: true, secondPass: { writes: 0 }, story: [] });
    expect(readFileSync(join(quiet.data, 'tasks.md')).equals(readFileSync(PLAN))).toBe(true);
  });
});
