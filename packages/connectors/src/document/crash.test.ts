/** A process that dies between the stage, the replacement of the file and the record of its outcome: the file and the committed cursor are all that is left. */
import { describe, expect, it } from 'vitest';
import type { WriteBatch } from '@lockstep/domain/sync/connector.port.ts';
import { deskOf, draft, PLAN } from './document.fixture.ts';
import type { Desk } from './document.fixture.ts';

const SAIL = '| **Phase 2** | Sew the sail | Dora |  |  |';

/** A new row, a changed cell and a removal. */
async function batchOf(desk: Desk): Promise<WriteBatch> {
  const gone = await desk.titled('Life jackets');
  return {
    creates: [draft('item-a', { title: 'Sew the sail', owner: 'Dora', parent: 'text:Phase 2' })],
    updates: [await desk.change('Step the mast', { owner: 'Cleo' })],
    removals: [{ remoteId: gone.remoteId, marker: 'item-b', kind: 'check' }],
  };
}

const WRITTEN = PLAN.replace('Step the mast | Bo |', 'Step the mast | Cleo |')
  .replace('Shrouds are tight |\n', `Shrouds are tight |\n${SAIL}\n`)
  .replace('- [ ] Life jackets\n', '');

async function marked(desk: Desk): Promise<readonly (string | null)[]> {
  return (await desk.connector.pulls.findByMarker(['item-a', 'item-z'], desk.cursor)).map(({ marker }) => marker);
}

describe('a crash after the stage and before the write', () => {
  it('E05 nothing was written: the new row is not found, and the batch sent again takes place once', async () => {
    const desk = await deskOf();
    const batch = await batchOf(desk);
    await desk.stage(batch);
    desk.restart();
    expect(desk.text).toBe(PLAN);
    expect(await marked(desk)).toEqual([]);
    expect(await desk.record(batch.updates[0]?.remoteId ?? '')).toEqual(batch.updates[0]?.before);
    expect(await desk.pull()).toMatchObject({ records: [], deletedIds: [] });
    await desk.write(batch);
    expect(desk.text).toBe(WRITTEN);
  });

  it('E05 A11 somebody edits the file then: the edit is read as one of the old text', async () => {
    const desk = await deskOf();
    const batch = await batchOf(desk);
    await desk.stage(batch);
    desk.restart();
    desk.edit((text) => text.replace('Two quotes', 'Three quotes').replace('- [ ] Life', '- [ ] Twelve life'));
    const page = await desk.pull();
    expect(page.deletedIds).toEqual([]);
    expect(page.records.map(({ marker, fields }) => [marker, fields.title])).toEqual([
      [null, 'Choose the timber'],
      [null, 'Twelve life jackets'],
    ]);
    expect(await marked(desk)).toEqual([]);
    expect(page.records[1]?.remoteId).toBe(batch.removals[0]?.remoteId);
  });
});

describe('a crash after the write and before its record', () => {
  it('E01 E06 the new row is found by our marker, the change by a read, and nothing is sent again', async () => {
    const desk = await deskOf();
    const batch = await batchOf(desk);
    await desk.write(batch);
    desk.restart();
    expect(await marked(desk)).toEqual(['item-a']);
    expect((await desk.record(batch.updates[0]?.remoteId ?? ''))?.fields.owner).toBe('Cleo');
    expect(await desk.record(batch.removals[0]?.remoteId ?? '')).toBeNull();
    const page = await desk.pull();
    expect(page.records.map(({ marker, fields }) => [marker, fields.title])).toEqual([['item-a', 'Sew the sail']]);
    expect(page.deletedIds).toEqual([batch.removals[0]?.remoteId]);
    expect(desk.text).toBe(WRITTEN);
    expect(await desk.pull()).toMatchObject({ records: [], deletedIds: [] });
  });

  it('E06 the same batch staged again writes nothing but what is missing', async () => {
    const desk = await deskOf();
    const batch = await batchOf(desk);
    await desk.write(batch);
    desk.restart();
    const { updated, removed } = await desk.write({ updates: batch.updates, removals: batch.removals });
    expect([...updated, ...removed].map(({ ok }) => ok)).toEqual([true, true]);
    expect(desk.text).toBe(WRITTEN);
    expect(await marked(desk)).toEqual(['item-a']);
  });

  it('E01 A11 somebody rewrites the new row before we are back: it is still ours, with their words', async () => {
    const desk = await deskOf();
    const batch = await batchOf(desk);
    await desk.write({ creates: batch.creates, updates: batch.updates });
    desk.restart();
    desk.edit((text) => text.replace(SAIL, '| **Phase 2** | Sew the main sail | Eve | Cloth | Two seams |'));
    expect(await marked(desk)).toEqual(['item-a']);
    const page = await desk.pull();
    expect(page.records.map(({ marker, fields }) => [marker, fields.title, fields.owner])).toEqual([
      ['item-a', 'Sew the main sail', 'Eve'],
    ]);
    expect(page.deletedIds).toEqual([]);
  });

  it('S12 somebody removes the new row before we are back: both that row and the one that we took out are said to be gone', async () => {
    const desk = await deskOf();
    const batch = await batchOf(desk);
    const { created } = await desk.write(batch);
    desk.restart();
    desk.edit((text) => text.replace(`${SAIL}\n`, ''));
    const page = await desk.pull();
    const made = created[0]?.ok === true ? created[0].record?.remoteId : null;
    expect(page).toMatchObject({ records: [], deletedIds: [batch.removals[0]?.remoteId, made] });
    expect(await desk.pull()).toMatchObject({ records: [], deletedIds: [] });
  });

  it('E01 a second batch may follow before the first has been read back', async () => {
    const desk = await deskOf();
    await desk.write(await batchOf(desk));
    await desk.write({ creates: [draft('item-z', { title: 'Splice the halyard', parent: 'text:Phase 2' })] });
    desk.restart();
    expect([...(await marked(desk))]).toEqual(['item-a', 'item-z']);
    const page = await desk.pull();
    expect(page.records.map(({ marker }) => marker)).toEqual(['item-a', 'item-z']);
    expect(new Set(page.records.map(({ remoteId }) => remoteId)).size).toBe(2);
  });
});

describe('a cursor that is not one', () => {
  it('is refused: ids made anew could be taken for those of others', async () => {
    const desk = await deskOf();
    desk.cursor = { v: 2 };
    await expect(desk.pull()).rejects.toMatchObject({
      code: 'Invalid',
      message: expect.stringContaining('document cursor: expected version 1'),
    });
  });
});
