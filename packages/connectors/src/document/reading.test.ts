import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Desk, deskOf, PLAN, refusalOf } from './document.fixture.ts';

const TITLES = [
  'Phase 1: Hull (Weeks 1–4)',
  'Phase 2: Rig (Weeks 5–9)',
  'Keel',
  'Mast',
  'Exit Gate',
  'Choose the timber',
  'Lay the keel plank',
  'Step the mast',
  'Life jackets',
  'Flares',
];

describe('the feed of changes', () => {
  it('S3 shows every row once, parents before children, and then nothing', async () => {
    const desk = new Desk(PLAN);
    const page = await desk.pull();
    expect(page.records.map(({ fields }) => fields.title)).toEqual(TITLES);
    expect(new Set(page.records.map(({ remoteId }) => remoteId)).size).toBe(TITLES.length);
    expect(page.records.every(({ marker, deleted, notices }) => marker === null && !deleted && notices.length === 0)).toBe(true);
    expect(page).toMatchObject({ more: false, deletedIds: [], notices: [] });
    expect(await desk.pull()).toMatchObject({ records: [], deletedIds: [], notices: [] });
    desk.restart();
    expect(await desk.pull()).toMatchObject({ records: [], deletedIds: [], notices: [] });
  });

  it('names parents and dependencies by id, and keeps the words', async () => {
    const desk = await deskOf();
    const timber = await desk.titled('Choose the timber');
    const phase = await desk.titled('Phase 1: Hull (Weeks 1–4)');
    expect((await desk.titled('Lay the keel plank')).fields).toEqual({
      title: 'Lay the keel plank',
      owner: 'Ann + Bo',
      parent: `id:${phase.remoteId}`,
      dependencies: 'Timber choose; glue',
      dependsOn: [`id:${timber.remoteId}`],
      definitionOfDone: 'Dry for a week',
    });
  });

  it('a row that is renamed by hand keeps its identity', async () => {
    const desk = await deskOf();
    const { remoteId } = await desk.titled('Choose the timber');
    desk.edit((text) => text.replace('| Choose the timber |', '| Choose and order the timber |'));
    const page = await desk.pull();
    // What depends on it is named by its words: they do not fit any more.
    expect(page.records.map((record) => [record.remoteId === remoteId, record.fields.title])).toEqual([
      [true, 'Choose and order the timber'],
    ]);
    expect(page.deletedIds).toEqual([]);
  });

  it('a row that is moved to another phase keeps its identity', async () => {
    const desk = await deskOf();
    const { remoteId } = await desk.titled('Mast');
    const row = '| **Mast** | Bo | Stands |\n';
    desk.edit((text) => text.replace(row, '').replace('| **Keel**', `${row}| **Keel**`));
    const page = await desk.pull();
    const phase = await desk.titled('Phase 1: Hull (Weeks 1–4)');
    expect(page.records.map((record) => [record.remoteId, record.fields.parent])).toEqual([[remoteId, `id:${phase.remoteId}`]]);
    expect(page.deletedIds).toEqual([]);
  });

  it('S12 a row that is removed is named, a row that is added is new and carries no marker', async () => {
    const desk = await deskOf();
    const { remoteId } = await desk.titled('Life jackets');
    desk.edit((text) =>
      text.replace('- [ ] Life jackets\n', '').replace('## Checklist', '## Checklist\n\n- [ ] Anchor with 40 m of chain'),
    );
    const page = await desk.pull();
    expect(page.deletedIds).toEqual([remoteId]);
    expect(page.records.map(({ marker, fields }) => [marker, fields.title])).toEqual([[null, 'Anchor with 40 m of chain']]);
    expect(await desk.record(remoteId)).toBeNull();
    expect(await desk.pull()).toMatchObject({ records: [], deletedIds: [] });
  });

  it('an id is never given twice', async () => {
    const desk = await deskOf();
    const { remoteId } = await desk.titled('Life jackets');
    desk.edit((text) => text.replace('- [ ] Life jackets\n', ''));
    await desk.pull();
    desk.edit((text) => text.replace('- [x] **Flares', '- [ ] Life jackets\n- [x] **Flares'));
    const [again] = (await desk.pull()).records;
    expect(again?.fields.title).toBe('Life jackets');
    expect(again?.remoteId).not.toBe(remoteId);
  });

  it('rows that could be each other are parked and asked about, and go on under their ids when they differ', async () => {
    const two = PLAN.replace('- [ ] Life jackets\n', '- [ ] Pump on the left side\n- [ ] Pump on the back side\n');
    const desk = await deskOf(two);
    const ids = [(await desk.titled('Pump on the left side')).remoteId, (await desk.titled('Pump on the back side')).remoteId];
    desk.edit((text) =>
      text.replace('Pump on the left side', 'Pump on the side, 1').replace('Pump on the back side', 'Pump on the side, 2'),
    );
    const page = await desk.pull();
    expect(page).toMatchObject({ records: [], deletedIds: [], notices: [{ field: null, cause: 'ambiguous' }] });
    expect(page.notices[0]?.message).toMatch(/^tasks\.md: lines? \d+(, \d+)?: expected rows that can each be told/);
    const outcomes = await desk.connector.pulls.fetch(ids, desk.cursor);
    expect(outcomes).toEqual(ids.map((remoteId) => ({ found: false, remoteId, reason: 'forbidden' })));
    desk.edit((text) =>
      text.replace('Pump on the side, 1', 'Pump on the left side').replace('Pump on the side, 2', 'Pump on the back side'),
    );
    expect(await desk.pull()).toMatchObject({ deletedIds: [], notices: [] });
    expect([(await desk.titled('Pump on the left side')).remoteId, (await desk.titled('Pump on the back side')).remoteId]).toEqual(ids);
  });

  it('a plan of more rows than a page is shown page by page, each row once', async () => {
    const rows = Array.from({ length: 2_300 }, (_, index) => `- [ ] Check number ${index}\n`).join('');
    const desk = new Desk(`# Checks\n\n## One\n\n${rows}`);
    const pages = [await desk.pull(), await desk.pull(), await desk.pull()];
    expect(pages.map(({ records, more }) => [records.length, more])).toEqual([
      [1_000, true],
      [1_000, true],
      [300, false],
    ]);
    expect(new Set(pages.flatMap(({ records }) => records.map(({ remoteId }) => remoteId))).size).toBe(2_300);
  });
});

describe('ids that the plan carries', () => {
  const SPEC_KIT =
    '## Phase 1: Setup\n\n- [ ] T001 [P] Make the folder\n  - [ ] T002 Name it\n- [ ] T003 Write the licence (depends on T001)\n';

  it('are kept, shown as keys, and decide identity', async () => {
    const desk = await deskOf(SPEC_KIT);
    const records = (await desk.scan()).records.filter(({ kind }) => kind !== 'phase');
    expect(records.map(({ remoteId, remoteKey, kind }) => [remoteId, remoteKey, kind])).toEqual([
      ['x:T001', 'T001', 'task'],
      ['x:T003', 'T003', 'task'],
      ['x:T002', 'T002', 'subtask'],
    ]);
    expect(records[1]?.fields.dependsOn).toEqual(['id:x:T001']);
    desk.edit((text) => text.replace('  - [ ] T002 Name it', '- [ ] T002 Another thing'));
    const page = await desk.pull();
    expect(page.deletedIds).toEqual([]);
    expect(page.records.map(({ remoteId, fields }) => [remoteId, fields.title])).toEqual([['x:T002', 'Another thing']]);
  });

  it('twice in one file are refused with both lines, and nothing is taken from the file', async () => {
    const desk = await deskOf(SPEC_KIT);
    const before = desk.cursor;
    desk.edit((text) => text.replace('T003', 'T001'));
    expect(await refusalOf(desk.pull())).toEqual({
      code: 'Invalid',
      message: 'tasks.md:5: expected an id that no other item has (T001 is that of line 3), got T001',
    });
    expect(desk.cursor).toBe(before);
  });
});

describe('files that are not taken', () => {
  it.each([
    ['cut off in a row', PLAN.slice(0, PLAN.indexOf('| Shrouds')), 'Invalid', /^tasks\.md:27: expected a row/],
    ['cut off in a fence', `${PLAN}\n\`\`\`\nhalf`, 'Invalid', /^tasks\.md:34: expected a code fence that ends/],
    ['emptied', '', 'Invalid', /^tasks\.md:1: expected a plan with items, got none: half-saved, or emptied/],
    ['with prose only', '# Boat\n\nTo be written.\n', 'Invalid', /^tasks\.md:1: expected a plan with items/],
  ])(
    'F04 %s: refused with file and line, nothing is deleted, and it goes on when the file is whole again',
    async (_, text, code, message) => {
      const desk = await deskOf();
      const { remoteId } = await desk.titled('Mast');
      const fields = desk.connector.mappedFields('task');
      writeFileSync(desk.file, text);
      const reads = [() => desk.pull(), () => desk.scan(), () => desk.connector.pulls.fetch([remoteId], desk.cursor)];
      for (const read of reads) expect(await refusalOf(read())).toEqual({ code, message: expect.stringMatching(message) });
      expect(desk.connector.mappedFields('task')).toEqual(fields);
      writeFileSync(desk.file, PLAN);
      expect(await desk.pull()).toMatchObject({ records: [], deletedIds: [] });
      expect((await desk.titled('Mast')).remoteId).toBe(remoteId);
    },
  );

  it('F04 that is not there: nothing is deleted for it', async () => {
    const desk = await deskOf();
    rmSync(desk.file);
    expect(await refusalOf(desk.pull())).toMatchObject({ code: 'NotFound' });
    writeFileSync(desk.file, PLAN);
    expect(await desk.pull()).toMatchObject({ records: [], deletedIds: [] });
  });

  it('in another encoding than UTF-8 is refused, not guessed', async () => {
    const desk = await deskOf();
    writeFileSync(desk.file, Buffer.from(PLAN.replaceAll('Ann', 'Änne'), 'latin1'));
    expect(await refusalOf(desk.pull())).toMatchObject({ code: 'Invalid', message: expect.stringContaining('expected UTF-8') });
  });

  it('have the places of a usual plan for one who asks before the file can be read', () => {
    const desk = new Desk('```\nhalf');
    expect(desk.connector.mappedFields('task').map(({ field }) => field)).toContain('owner');
  });
});

describe('the other reads', () => {
  it('a scan shows the rows that the feed has named, and leaves new ones to it', async () => {
    const desk = await deskOf();
    desk.edit((text) => text.replace('- [ ] Life jackets', '- [ ] Life jackets\n- [ ] Anchor'));
    expect((await desk.scan()).records.map(({ fields }) => fields.title)).toEqual(TITLES);
    await desk.pull();
    expect((await desk.scan()).records.map(({ fields }) => fields.title)).toContain('Anchor');
  });

  it('before the feed has been read, there are no ids to read by', async () => {
    const desk = new Desk(PLAN);
    expect(await refusalOf(desk.scan())).toMatchObject({ code: 'Transient' });
  });

  it('holds the fields that have a place, and no others', async () => {
    const desk = await deskOf();
    const held = (kind: 'task' | 'check' | 'phase' | 'ritual'): readonly string[] =>
      desk.connector.mappedFields(kind).map(({ field }) => field);
    expect(held('task')).toEqual(['title', 'owner', 'parent', 'dependsOn', 'dependencies', 'definitionOfDone']);
    expect(held('check')).toEqual(['title', 'description', 'status', 'section']);
    expect(held('phase')).toEqual(['title', 'section', 'purpose']);
    expect(held('ritual')).toEqual([]);
    expect(desk.connector.mappedFields('check').find(({ field }) => field === 'description')).toMatchObject({ partial: true });
  });

  it('doctor: says what the file reads as, or what is wrong and where', async () => {
    const desk = await deskOf();
    expect(await desk.connector.check()).toEqual([
      { level: 'ok', subject: 'tasks.md', message: 'reads as 2 phase, 2 deliverable, 1 gate, 3 task, 2 check' },
    ]);
    desk.edit((text) => `${text}\n\`\`\`\n`);
    expect(await desk.connector.check()).toMatchObject([
      { level: 'error', message: expect.stringContaining('tasks.md:34'), remedy: expect.any(String) },
    ]);
    writeFileSync(desk.file, 'nothing of a plan');
    expect(await desk.connector.check()).toMatchObject([{ level: 'error', message: 'expected a plan with items, got none' }]);
  });
});
