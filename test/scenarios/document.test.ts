/** The plan document as a peer, through the engine and a real PostgreSQL: the laws, crashes and edits by hand. */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { Died } from '../engine/paper-remote.ts';
import { untilDeath } from '../engine/bench-of-remotes.ts';
import { gardenOf, PLAN } from './document-bench.ts';
import type { Garden, Moment } from './document-bench.ts';

const database = useTestStore();

async function gardenAtRest(plan = PLAN): Promise<Garden> {
  const garden = await gardenOf(database.store(), plan);
  await garden.rest();
  return garden;
}

const die = (): never => {
  throw new Died();
};

describe('in step', () => {
  test('S1 S3 the plan is in the tool, the file is as it was, and another round writes nothing', async () => {
    const garden = await gardenAtRest();
    expect(garden.owners()).toEqual({ 'Dig the beds': 'Ann + Bo', 'Order compost': 'Bo', 'Sow the beans': 'Cleo' });
    expect(garden.paper.live().filter(({ kind }) => kind === 'phase')).toHaveLength(2);
    const writes = garden.paper.writes.length;
    await garden.rest();
    expect(garden.paper.writes).toHaveLength(writes);
    expect(garden.text).toBe(PLAN);
  });

  test('S5 an owner that changes in the tool changes one cell, and nothing comes back', async () => {
    const garden = await gardenAtRest();
    const writes = garden.paper.writes.length;
    garden.paper.edit(garden.paperOf('Sow the beans'), { owner: 'Dora | + Cleo' });
    await garden.rest();
    expect(garden.text).toBe(PLAN.replace('| Cleo |', '| Dora \\| + Cleo |'));
    expect(garden.paper.writes).toHaveLength(writes);
  });

  test('A01 S2 two edits of one row, one by hand and one in the tool, are both kept', async () => {
    const garden = await gardenAtRest();
    garden.paper.edit(garden.paperOf('Dig the beds'), { owner: 'Eve' });
    garden.edit((text) => text.replace('Dig the beds', 'Dig the long beds'));
    await garden.rest();
    expect(garden.text).toContain('| Dig the long beds | Eve | A spade deep |');
    expect(garden.owners()).toMatchObject({ 'Dig the long beds': 'Eve' });
    expect(await garden.conflicts()).toEqual([]);
  });

  test('S2 two edits of one cell: the first in the order stands everywhere, the other is on record', async () => {
    const garden = await gardenAtRest();
    garden.paper.edit(garden.paperOf('Dig the beds'), { owner: 'Eve' });
    garden.edit((text) => text.replace('Ann + Bo', 'Finn'));
    await garden.rest();
    expect(garden.text).toBe(PLAN.replace('Ann + Bo', 'Finn'));
    expect(garden.owners()).toMatchObject({ 'Dig the beds': 'Finn' });
    expect(JSON.stringify(await garden.conflicts())).toContain('Eve');
  });

  test('a row that is renamed by hand renames the record: no create, no delete', async () => {
    const garden = await gardenAtRest();
    const remoteId = garden.paperOf('Order compost');
    garden.edit((text) => text.replace('Order compost', 'Order and spread compost'));
    await garden.rest();
    expect(garden.paperOf('Order and spread compost')).toBe(remoteId);
    expect(garden.paper.live()).toHaveLength(5);
  });

  test('what the document has no place for is neither written to it nor cleared by it', async () => {
    const garden = await gardenAtRest();
    garden.paper.edit(garden.paperOf('Sow the beans'), { status: 'in_progress', labels: ['spring'] });
    await garden.rest();
    garden.edit((text) => text.replace('| Cleo |', '| Dora |'));
    await garden.rest();
    expect(garden.text).toBe(PLAN.replace('| Cleo |', '| Dora |'));
    expect(garden.paper.live().find(({ fields }) => fields.title === 'Sow the beans')?.fields).toMatchObject({
      status: 'in_progress',
      labels: ['spring'],
      owner: 'Dora',
    });
  });
});

describe('new and gone', () => {
  test('a task of the tool becomes the last row of its phase, once', async () => {
    const garden = await gardenAtRest();
    garden.paper.make({ title: 'Build a frame', owner: 'Eve', parent: `id:${garden.paperOf('Phase 1: Beds (Weeks 1–4)')}` });
    await garden.rest();
    await garden.rest();
    expect(garden.text).toBe(PLAN.replace('| Two cubic metres |\n', '| Two cubic metres |\n| **Phase 1** | Build a frame | Eve |  |\n'));
  });

  test('S6 S10 a task without a phase parks with the reason and holds nothing up; with a phase it goes in', async () => {
    const garden = await gardenAtRest();
    const homeless = garden.paper.make({ title: 'Think about autumn', owner: 'Eve', parent: null });
    garden.paper.edit(garden.paperOf('Sow the beans'), { owner: 'Dora' });
    await garden.rest();
    expect(garden.text).toBe(PLAN.replace('| Cleo |', '| Dora |'));
    expect((await garden.conflicts()).map(({ message }) => message)).toEqual([
      'not written: tasks.md: expected a phase for the task, got none',
    ]);
    garden.paper.edit(homeless, { parent: `id:${garden.paperOf('Phase 2: Seeds (Weeks 5–9)')}` });
    await garden.rest();
    expect(garden.text).toContain('| **Phase 2** | Think about autumn | Eve |  |');
  });

  test('S12 F01 a row that is removed by hand goes from the tool, a record that is trashed goes from the file', async () => {
    const garden = await gardenAtRest();
    garden.edit((text) => text.replace(/\| \*\*Phase 1\*\* \| Order.*\n/, ''));
    garden.paper.trash(garden.paperOf('Sow the beans'));
    await garden.rest();
    expect(Object.keys(garden.owners())).toEqual(['Dig the beds']);
    expect(garden.text).toBe(PLAN.replace(/\| \*\*Phase 1\*\* \| Order.*\n/, '').replace(/\| \*\*Phase 2\*\* \| Sow.*\n/, ''));
  });

  test('rows in doubt are asked about, never deleted and made anew', async () => {
    const plan = PLAN.replace('Dig the beds | Ann + Bo | A spade deep', 'Dig bed 1 | Bo | Done').replace(
      'Order compost | Bo | Two cubic metres',
      'Dig bed 2 | Bo | Done',
    );
    const garden = await gardenAtRest(plan);
    const before = garden.paper.writes.length;
    garden.edit((text) => text.replace('Dig bed 1', 'Dig bed 3').replace('Dig bed 2', 'Dig bed 4'));
    await garden.rest();
    expect(garden.paper.writes).toHaveLength(before);
    expect((await garden.conflicts()).map(({ kind }) => kind)).toEqual(['ambiguous-match']);
    garden.paper.edit(garden.paperOf('Sow the beans'), { owner: 'Dora' });
    await garden.rest();
    expect(garden.text).toContain('| Sow the beans | Dora |');
    garden.edit((text) => text.replace('Dig bed 3', 'Dig bed 1').replace('Dig bed 4', 'Dig bed 2').replace('Rows are', 'All rows are'));
    await garden.rest();
    expect(garden.paper.live()).toHaveLength(5);
    expect(Object.keys(garden.owners())).toEqual(['Dig bed 1', 'Dig bed 2', 'Sow the beans']);
  });
});

describe('crashes and edits by hand in the middle of a write', () => {
  async function owed(): Promise<Garden> {
    const garden = await gardenAtRest();
    garden.paper.make({ title: 'Build a frame', owner: 'Eve', parent: `id:${garden.paperOf('Phase 1: Beds (Weeks 1–4)')}` });
    garden.paper.edit(garden.paperOf('Sow the beans'), { owner: 'Dora' });
    garden.paper.trash(garden.paperOf('Order compost'));
    await garden.pass('jira');
    return garden;
  }
  const EXPECTED = PLAN.replace(/\| \*\*Phase 1\*\* \| Order.*\n/, '')
    .replace('| Cleo |', '| Dora |')
    .replace('A spade deep |\n', 'A spade deep |\n| **Phase 1** | Build a frame | Eve |  |\n');

  test.for<Moment>(['before-write', 'after-write'])('E01 E05 E06 a kill %s converges: one row, one change, one removal', async (moment) => {
    const garden = await owed();
    garden.at(moment, die);
    expect(await untilDeath(() => garden.pass('document'))).toBe(true);
    await garden.rest();
    expect(garden.text).toBe(EXPECTED);
    expect(garden.owners()).toEqual({ 'Dig the beds': 'Ann + Bo', 'Sow the beans': 'Dora', 'Build a frame': 'Eve' });
    expect(await garden.conflicts()).toEqual([]);
  });

  test.for<Moment>(['before-write', 'after-write'])(
    'E01 A11 S2 a kill %s and an edit by hand before the restart: both are kept',
    async (moment) => {
      const garden = await owed();
      garden.at(moment, die);
      await untilDeath(() => garden.pass('document'));
      garden.edit((text) => text.replace('A spade deep', 'Two spades deep'));
      await garden.rest();
      expect(garden.text).toBe(EXPECTED.replace('A spade deep', 'Two spades deep'));
      expect(garden.paper.live()).toHaveLength(5);
    },
  );

  test('A11 an edit by hand between compare and write is merged, never overwritten', async () => {
    const garden = await owed();
    garden.at('before-write', () => garden.edit((text) => text.replace('A spade deep', 'Two spades deep').replace('Ann + Bo', 'Finn')));
    await garden.rest();
    expect(garden.text).toBe(EXPECTED.replace('A spade deep', 'Two spades deep').replace('Ann + Bo', 'Finn'));
    expect(garden.owners()).toEqual({ 'Dig the beds': 'Finn', 'Sow the beans': 'Dora', 'Build a frame': 'Eve' });
  });

  test('A11 S2 the same cell by hand between compare and write: one value stands everywhere, the other is on record', async () => {
    const garden = await owed();
    garden.at('before-write', () => garden.edit((text) => text.replace('| Cleo |', '| Finn |')));
    await garden.rest();
    expect(garden.text).toBe(EXPECTED.replace('| Dora |', '| Finn |'));
    expect(garden.owners()).toMatchObject({ 'Sow the beans': 'Finn' });
    expect(JSON.stringify(await garden.conflicts())).toContain('Dora');
  });

  test('F04 S10 a file that is cut off changes nothing anywhere, and what is owed to it goes in when it is whole', async () => {
    const garden = await owed();
    const writes = garden.paper.writes.length;
    writeFileSync(garden.file, PLAN.slice(0, PLAN.indexOf(' | Rows')));
    await expect(garden.pass('document')).rejects.toMatchObject({ code: 'Invalid', message: expect.stringMatching(/^tasks\.md:17: /) });
    await garden.pass('jira');
    expect(garden.paper.writes).toHaveLength(writes);
    expect(garden.text).toBe(PLAN.slice(0, PLAN.indexOf(' | Rows')));
    writeFileSync(garden.file, PLAN);
    await garden.rest();
    expect(garden.text).toBe(EXPECTED);
  });

  test('S12 full scans of the document infer no deletes', async () => {
    const garden = await gardenAtRest();
    for (let scan = 0; scan < 3; scan += 1) await garden.pass('document', true);
    garden.edit((text) => text.replace('| Cleo |', '| Dora |'));
    for (let scan = 0; scan < 3; scan += 1) await garden.pass('document', true);
    await garden.rest();
    expect(garden.owners()).toEqual({ 'Dig the beds': 'Ann + Bo', 'Order compost': 'Bo', 'Sow the beans': 'Dora' });
  });
});
