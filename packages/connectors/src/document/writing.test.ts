import { chmodSync, lstatSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WriteOutcome } from '@lockstep/domain/sync/connector.port.ts';
import { createDocumentConnector } from './connector.ts';
import { Desk, deskOf, draft, PLAN, refusalOf } from './document.fixture.ts';

function recordIn(outcome: WriteOutcome | undefined): NonNullable<Extract<WriteOutcome, { ok: true }>['record']> {
  if (outcome?.ok !== true || outcome.record === null) throw new Error(`expected a record, got ${JSON.stringify(outcome)}`);
  return outcome.record;
}

describe('writing', () => {
  it('one owner changes one cell', async () => {
    const desk = await deskOf();
    const { updated } = await desk.write({ updates: [await desk.change('Step the mast', { owner: 'Cleo + Bo' })] });
    expect(recordIn(updated[0])).toMatchObject({ marker: null, fields: { title: 'Step the mast', owner: 'Cleo + Bo' } });
    expect(updated[0]).toMatchObject({ ok: true, refused: [], overwritten: [] });
    expect(desk.text).toBe(PLAN.replace('Step the mast | Bo |', 'Step the mast | Cleo + Bo |'));
  });

  it('S5 our own write is no news: the next pull shows nothing, whoever reads', async () => {
    const desk = await deskOf();
    const { updated } = await desk.write({ updates: [await desk.change('Step the mast', { owner: 'Cleo' })] });
    expect(await desk.record(recordIn(updated[0]).remoteId)).toEqual(recordIn(updated[0]));
    desk.restart();
    expect(await desk.pull()).toMatchObject({ records: [], deletedIds: [] });
  });

  it('creates, changes and removes in one replacement of the file, with an outcome for each in its order', async () => {
    const desk = await deskOf();
    const phase = await desk.titled('Phase 1: Hull (Weeks 1–4)');
    const before = await desk.titled('Life jackets');
    const { created, updated, removed } = await desk.write({
      creates: [
        draft('item-a', { title: 'Order glue', owner: 'Ann', parent: `id:${phase.remoteId}` }),
        draft('item-b', { title: 'No phase' }),
        draft('item-c', { title: 'Fenders', section: 'Checklist' }, 'check'),
      ],
      updates: [await desk.change('Keel', { exitCriteria: 'Straight | and dry\ntwice' }), await desk.change('Flares', { status: 'todo' })],
      removals: [{ remoteId: before.remoteId, marker: 'item-d', kind: 'check' }],
    });
    expect([...created, ...updated, ...removed].map(({ ok }) => ok)).toEqual([true, false, true, true, true, true]);
    expect(recordIn(created[0])).toMatchObject({ marker: 'item-a', fields: { title: 'Order glue', parent: `id:${phase.remoteId}` } });
    expect(recordIn(created[2])).toMatchObject({ marker: 'item-c', kind: 'check' });
    expect(recordIn(updated[0]).fields.exitCriteria).toBe('Straight | and dry\ntwice');
    expect(removed[0]).toMatchObject({ ok: true, record: null });
    expect(desk.text).toBe(
      PLAN.replace('| Dry for a week |\n', '| Dry for a week |\n| **Phase 1** | Order glue | Ann |  |  |\n')
        .replace('| Straight |', '| Straight \\| and dry<br>twice |')
        .replace('- [ ] Life jackets\n- [x] **Flares:** in date\n', '- [ ] **Flares:** in date\n- [ ] Fenders\n'),
    );
    const page = await desk.pull();
    expect(page.records.map(({ marker }) => marker)).toEqual(['item-a', 'item-c']);
    expect(page.deletedIds).toEqual([before.remoteId]);
  });

  it('a parent in words is found by its label', async () => {
    const desk = await deskOf();
    const { created } = await desk.write({ creates: [draft('item-a', { title: 'Sew the sail', parent: 'text:Phase 2' })] });
    expect(recordIn(created[0]).fields.parent).toBe(`id:${(await desk.titled('Phase 2: Rig (Weeks 5–9)')).remoteId}`);
  });

  it('a new item without a phase, or with one that is not in the plan, is refused with the reason', async () => {
    const desk = await deskOf();
    const { created } = await desk.write({
      creates: [
        draft('item-a', { title: 'Homeless' }),
        draft('item-b', { title: 'Lost', parent: 'text:Phase 9' }),
        draft('item-c', { title: 'Tea' }, 'ritual'),
      ],
    });
    const reasons = created.map((outcome) => (outcome.ok ? 'written' : `${outcome.error.code}: ${outcome.error.message}`));
    expect(reasons).toEqual([
      'Invalid: tasks.md: expected a phase for the task, got none',
      'Invalid: tasks.md: expected a phase of the plan for the task, got one that the plan does not have',
      'Invalid: tasks.md: expected a table or a list of the kind ritual for it, got no section',
    ]);
    expect(desk.text).toBe(PLAN);
  });

  it("a status and a due date have no place in a table: not the document's, neither written nor cleared", async () => {
    const desk = await deskOf();
    const fields = desk.connector.mappedFields('task').map(({ field }) => field);
    expect(fields).not.toContain('status');
    expect(fields).not.toContain('dueDate');
    const asked = await desk.change('Step the mast', { status: 'done', dueDate: '2027-01-01', labels: ['a'] });
    const { updated } = await desk.write({ updates: [asked] });
    expect(updated[0]).toMatchObject({ ok: true, refused: [{ field: 'status' }, { field: 'dueDate' }, { field: 'labels' }] });
    expect(Object.keys(recordIn(updated[0]).fields)).not.toContain('status');
    expect(desk.text).toBe(PLAN);
  });

  it('I04 half a surrogate pair and NUL are refused by field, the rest is written', async () => {
    const desk = await deskOf();
    const { updated } = await desk.write({
      updates: [await desk.change('Step the mast', { owner: 'a\uD800', definitionOfDone: 'b\0', dependencies: 'Glue' })],
    });
    expect(updated[0]).toMatchObject({
      ok: true,
      refused: [
        { field: 'owner', cause: 'unwritable', message: expect.stringMatching(/^tasks\.md:27: owner: expected a place/) },
        { field: 'definitionOfDone' },
      ],
    });
    expect(desk.text).toBe(PLAN.replace('Keel plank lay', 'Glue'));
  });

  it('a row that is gone: a change says so, a removal is done', async () => {
    const desk = await deskOf();
    const change = await desk.change('Life jackets', { title: 'Vests' });
    const removal = { remoteId: change.remoteId, marker: 'item-a', kind: 'check' as const };
    desk.edit((text) => text.replace('- [ ] Life jackets\n', ''));
    await desk.pull();
    const { updated } = await desk.write({ updates: [change] });
    const { removed } = await desk.write({ removals: [removal] });
    expect(updated[0]).toMatchObject({ ok: false, error: { code: 'NotFound' } });
    expect(removed[0]).toEqual({ ok: true, record: null, overwritten: [], refused: [] });
  });

  it('what a renaming does to rows that name it is shown by the next pull', async () => {
    const desk = await deskOf();
    const before = await desk.titled('Lay the keel plank');
    await desk.write({ updates: [await desk.change('Choose the timber', { title: 'Pick planks' })] });
    const page = await desk.pull();
    expect(page.records.map(({ remoteId, fields }) => [remoteId, fields.dependsOn])).toEqual([[before.remoteId, []]]);
  });
});

describe('the file as people left it', () => {
  it.each([
    ['CRLF', PLAN.replaceAll('\n', '\r\n'), '\r\n'],
    ['a byte-order mark', `\uFEFF${PLAN}`, '\n'],
    ['both', `\uFEFF${PLAN.replaceAll('\n', '\r\n')}`, '\r\n'],
    ['no newline at the end', PLAN.trimEnd(), '\n'],
    ['front matter', `---\ntitle: "Boat | plan"\n---\n\n${PLAN}`, '\n'],
  ])('%s stays', async (_, text, newline) => {
    const desk = await deskOf(text);
    await desk.write({
      creates: [
        draft('item-a', { title: 'Sew the sail', parent: 'text:Phase 2' }),
        draft('item-b', { title: 'Fenders', section: 'Checklist' }, 'check'),
      ],
      updates: [await desk.change('Step the mast', { owner: 'Cleo' })],
    });
    const mast = text.replace('Step the mast | Bo |', 'Step the mast | Cleo |');
    const sail = mast.replace('Shrouds are tight |', `Shrouds are tight |${newline}| **Phase 2** | Sew the sail |  |  |  |`);
    expect(desk.text).toBe(sail.replace('in date', `in date${newline}- [ ] Fenders`));
  });

  it('permissions stay, and nothing is left beside the file', async () => {
    const desk = await deskOf();
    chmodSync(desk.file, 0o664);
    const { uid, gid } = statSync(desk.file);
    await desk.write({ updates: [await desk.change('Step the mast', { owner: 'Cleo' })] });
    expect(statSync(desk.file)).toMatchObject({ uid, gid });
    expect(statSync(desk.file).mode & 0o7777).toBe(0o664);
    expect(desk.names).toEqual(['tasks.md']);
  });

  it('what a crash left beside the file is swept away, and nothing else', async () => {
    const desk = await deskOf();
    const beside = (name: string): string => join(dirname(desk.file), name);
    writeFileSync(beside('.tasks.md.01234567-89ab-cdef-0123-456789abcdef.lockstep'), 'half');
    writeFileSync(beside('.tasks.md.swp'), 'an editor');
    await desk.write({ updates: [await desk.change('Step the mast', { owner: 'Cleo' })] });
    expect(desk.names).toEqual(['.tasks.md.swp', 'tasks.md']);
  });

  it('a symbolic link stays one, and its target is written', async () => {
    const desk = await deskOf();
    const link = join(dirname(desk.file), 'link.md');
    symlinkSync(desk.file, link);
    const change = await desk.change('Step the mast', { owner: 'Cleo' });
    desk.connector = createDocumentConnector({ file: link });
    await desk.write({ updates: [change] });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(desk.text).toContain('Step the mast | Cleo |');
  });
});

describe('A11 an edit by hand is never overwritten', () => {
  const handEdit = (text: string): string => text.replace('| Two quotes |', '| Three quotes |');

  it('between the read and the stage: the stage is refused and the edit is read first', async () => {
    const desk = await deskOf();
    const change = await desk.change('Step the mast', { owner: 'Cleo' });
    desk.edit(handEdit);
    expect(await refusalOf(desk.stage({ updates: [change] }))).toMatchObject({
      code: 'Conflict',
      message: expect.stringContaining('expected the text that was read last'),
    });
    expect(desk.text).toBe(handEdit(PLAN));
    expect((await desk.pull()).records.map(({ fields }) => fields.definitionOfDone)).toEqual(['Three quotes']);
    await desk.write({ updates: [change] });
    expect(desk.text).toBe(handEdit(PLAN).replace('Step the mast | Bo |', 'Step the mast | Cleo |'));
  });

  it('between the stage and the write: the write is refused, the edit stands and is read, and the write goes on from there', async () => {
    const desk = await deskOf();
    const batch = {
      creates: [draft('item-a', { title: 'Sew the sail', parent: 'text:Phase 2' })],
      updates: [await desk.change('Step the mast', { owner: 'Cleo' })],
    };
    await desk.stage(batch);
    desk.edit(handEdit);
    expect(await refusalOf(desk.send(batch))).toMatchObject({ code: 'Conflict', message: expect.stringContaining('nothing was written') });
    expect(await refusalOf(desk.send(batch))).toMatchObject({ code: 'Conflict' });
    expect(desk.text).toBe(handEdit(PLAN));
    const page = await desk.pull();
    expect(page.records.map(({ marker, fields }) => [marker, fields.definitionOfDone])).toEqual([[null, 'Three quotes']]);
    expect(page.deletedIds).toEqual([]);
    await desk.write(batch);
    expect(desk.text.match(/Sew the sail/g)).toHaveLength(1);
    expect(desk.text).toContain('| Three quotes |');
    expect(desk.text).toContain('Step the mast | Cleo |');
  });

  it('of two writers that staged the same text, one is refused', async () => {
    const desk = await deskOf();
    const other = createDocumentConnector({ file: desk.file });
    const change = await desk.change('Step the mast', { owner: 'Cleo' });
    const batch = { creates: [], updates: [change], removals: [] };
    await other.pushes.stage?.({ ...batch, updates: [{ ...change, fields: { owner: 'Dora' } }] }, desk.cursor);
    await desk.stage(batch);
    const outcomes = await Promise.allSettled([desk.send(batch), other.pushes.update([change])]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(desk.text.match(/Step the mast \| (Cleo|Dora) \|/g)).toHaveLength(1);
    expect(desk.names).toEqual(['tasks.md']);
  });

  it('a file that is not a whole plan any more is not written', async () => {
    const desk = await deskOf();
    const change = await desk.change('Step the mast', { owner: 'Cleo' });
    desk.edit((text) => text.slice(0, text.indexOf('| Shrouds')));
    const half = desk.text;
    expect(await refusalOf(desk.stage({ updates: [change] }))).toMatchObject({ code: 'Conflict' });
    expect(desk.text).toBe(half);
    expect(await refusalOf(desk.pull())).toMatchObject({ code: 'Invalid', message: expect.stringMatching(/^tasks\.md:27: /) });
  });

  it('nothing is written that has not been staged, or read before', async () => {
    const desk = new Desk(PLAN);
    expect(await refusalOf(desk.stage({}))).toMatchObject({ code: 'Transient' });
    expect(await refusalOf(desk.send({ creates: [draft('item-a', { title: 'a' })] }))).toMatchObject({ code: 'Transient' });
  });
});
