/** Random histories of a plan and a tool: edits by hand and in the tool, in any order, with kills and edits in the middle of writes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePlan } from '@lockstep/domain/plan/parse.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { Died } from '../engine/paper-remote.ts';
import { untilDeath } from '../engine/bench-of-remotes.ts';
import { gardenOf } from './document-bench.ts';
import type { Garden } from './document-bench.ts';

const database = useTestStore();

/** Each word is used once in a history, so that it can be looked for at the end. */
type Step = (garden: Garden, word: string) => Promise<void> | void;

const row = (garden: Garden, which: number): string => {
  const rows = garden.text.split('\n').filter((line) => line.startsWith('| **Phase'));
  return rows[which % rows.length] ?? '';
};

const cell = (garden: Garden, which: number, column: number, text: string): void =>
  garden.edit((before) => {
    const line = row(garden, which);
    return before.replace(line, line.split(' | ').with(column, text).join(' | '));
  });

const record = (garden: Garden, which: number): string => {
  const tasks = garden.paper.live().filter(({ kind }) => kind === 'task');
  return tasks[which % tasks.length]?.remoteId ?? '';
};

const which = fc.nat({ max: 20 });
const step: fc.Arbitrary<Step> = fc.oneof(
  which.map(
    (at): Step =>
      (garden, word) =>
        cell(garden, at, 2, word),
  ),
  which.map(
    (at): Step =>
      (garden, word) =>
        garden.paper.edit(record(garden, at), { owner: word }),
  ),
  which.map(
    (at): Step =>
      (garden, word) =>
        garden.paper.edit(record(garden, at), { title: `Task ${word} of the tool` }),
  ),
  fc.constant<Step>((garden, word) => {
    const phase = garden.paper.live().find(({ kind }) => kind === 'phase');
    garden.paper.make({ title: `New ${word}`, owner: word, parent: `id:${phase?.remoteId ?? ''}` });
  }),
  which.map(
    (at): Step =>
      (garden, word) =>
        garden.edit((text) => text.replace(row(garden, at), `${row(garden, at)}\n| **Phase 2** | Hand ${word} | ${word} | ${word} |`)),
  ),
  fc.constant<Step>(async (garden) => void (await garden.pass('document'))),
  fc.constant<Step>(async (garden) => void (await garden.pass('jira'))),
  fc.constantFrom('before-write' as const, 'after-write' as const).map((moment): Step => async (garden) => {
    garden.at(moment, () => {
      throw new Died();
    });
    await untilDeath(() => garden.pass('document'));
    garden.at(moment, () => undefined);
  }),
  which.map(
    (at): Step =>
      (garden, word) =>
        garden.at('before-write', () => cell(garden, at, 2, word)),
  ),
);

test('S1 S3 S4 whatever the history, the file and the tool end alike, with one row for one record, and then rest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
      const garden = await gardenOf(database.store());
      await garden.rest();
      for (const [index, take] of steps.entries()) await take(garden, `w${index}w`);
      garden.at('before-write', () => undefined);
      await garden.rest();
      const plan = parsePlan(garden.text);
      const rows = plan.items
        .filter(({ kind }) => kind === 'task')
        .map(({ fields }) => `${String(fields.title)} / ${String(fields.owner)}`);
      const records = garden.paper.live().filter(({ kind }) => kind === 'task');
      expect(records.map(({ fields }) => `${String(fields.title)} / ${String(fields.owner)}`).toSorted()).toEqual(rows.toSorted());
      const titles = plan.items.map(({ fields }) => fields.title);
      expect(new Set(titles).size).toBe(titles.length);
      const writes = garden.paper.writes.length;
      const text = garden.text;
      await garden.rest();
      expect([garden.paper.writes.length, garden.text]).toEqual([writes, text]);
    }),
    { numRuns: 12, endOnFailure: true },
  );
});
