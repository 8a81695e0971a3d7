/** The process dies after a tool has taken our write and before that is on record; somebody edits the same field elsewhere before another process goes on. */
import { describe, expect, test } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, everyRecord, expectLaws } from '../scenarios/laws.ts';
import { Killed, Mortal } from '../scenarios/mortal.ts';
import { createWorld, TOOLS } from '../scenarios/world.ts';
import type { Tool, World } from '../scenarios/world.ts';

const database = useTestStore();
const TITLE = 'Dig the trenches';
const LAG_MS = 60_000;

/** Which of the two wins a dispute. */
const CASES = TOOLS.flatMap((tool) => [
  { tool, connections: ['document', tool] as const, first: 'the plan' },
  { tool, connections: [tool, 'document'] as const, first: 'the tool' },
]);

interface Bench {
  readonly world: World;
  readonly mortal: Mortal;
  readonly tool: Tool;
  /** What the plan says, from now on. */
  readonly says: (word: string) => void;
  /** The tool's task, its owner and metric. */
  readonly shows: () => Promise<readonly unknown[]>;
}

async function benchOf({ tool, connections }: (typeof CASES)[number]): Promise<Bench> {
  const mortal = new Mortal();
  const world = await createWorld({ store: mortal.store(database.store()), connections: [...connections], wrap: mortal.wrap });
  await world.rest();
  let [owner, metric] = ['Ann + Bo', '40 metres'];
  return {
    ...{ world, mortal, tool },
    says(word) {
      world.editText((text) => text.replace(`| ${owner} |`, `| ${word} |`).replace(`| ${metric} |`, `| ${word} metres |`));
      [owner, metric] = [word, `${word} metres`];
    },
    async shows() {
      const records = (await everyRecord(world, tool)).filter(({ fields }) => fields.title === TITLE);
      return records.flatMap(({ fields }) => [fields.owner, fields.metric]);
    },
  };
}

/** The write of this word takes place, and nobody knows. */
async function diesWriting({ world, mortal, tool, says }: Bench, word: string): Promise<void> {
  says(word);
  await world.pass('document');
  mortal.kill(tool, 'update', 'after');
  await expect(world.pass(tool)).rejects.toThrow(Killed);
  mortal.restart();
}

describe('an edit between the death and the next process', () => {
  test.for(CASES)('A06 E06 S5 our own write to $tool is no edit there, where $first comes first: the newest value stands', async (one) => {
    const bench = await benchOf(one);
    await diesWriting(bench, 'first');
    bench.says('second');
    await bench.world.pass('document');
    bench.says('third');
    await bench.world.advance(2_000);
    await bench.world.pass('document');
    await expectLaws(bench.world, [{ title: TITLE, field: 'metric', value: 'third metres' }]);
    expect([await bench.shows(), await conflictsOf(bench.world)]).toEqual([['third', 'third metres'], []]);
  });

  test.for(CASES)('A06 E06 the same where no search of $tool shows the write yet, with $first first', async (one) => {
    const bench = await benchOf(one);
    await bench.world.admin('/settings', 'POST', { indexLagMs: LAG_MS });
    await diesWriting(bench, 'first');
    bench.says('second');
    await bench.world.pass('document');
    await bench.world.pass(one.tool);
    await bench.world.admin('/settings', 'POST', { indexLagMs: null });
    await bench.world.advance(LAG_MS);
    await expectLaws(bench.world, [{ title: TITLE, field: 'metric', value: 'second metres' }]);
    expect([await bench.shows(), await conflictsOf(bench.world)]).toEqual([['second', 'second metres'], []]);
  });

  test.for(CASES)(
    "S2 a person's edit in $tool over our unrecorded write is an edit, and one of the two is on record ($first first)",
    async (one) => {
      const bench = await benchOf(one);
      await diesWriting(bench, 'first');
      const { id } = await bench.world.one(one.tool, TITLE);
      await bench.world.people[one.tool].edit(id, { owner: 'Maria' });
      bench.says('second');
      await bench.world.advance(2_000);
      await bench.world.pass('document');
      await expectLaws(bench.world, [
        { title: TITLE, field: 'owner', value: 'Maria' },
        { title: TITLE, field: 'owner', value: 'second' },
      ]);
      expect((await bench.shows())[0]).toBe(one.first === 'the plan' ? 'second' : 'Maria');
    },
  );
});
