/** The Notion connector against the simulator: what is written, and how it is read back. */
import type { FieldMap } from '@lockstep/domain/backlog/item.ts';
import { describe, expect, test } from 'vitest';
import { notionAccount } from './notion-account.ts';
import { create, fetched, tryUpdate, writtenRecord } from './subject.ts';

const EVERYTHING: FieldMap = {
  title: 'Pilot with three customers',
  description: 'First line\nsecond – with “quotes” and 👩‍🚀',
  owner: 'VP Sales + CGO',
  status: 'in_progress',
  priority: 'high',
  dueDate: '2026-12-01',
  labels: ['alpha', 'beta'],
  section: 'B',
  dependencies: 'After the pricing',
  definitionOfDone: 'Signed',
  metric: '3 signatures',
  entryCriteria: 'Product',
  exitCriteria: 'Contract',
  cadence: 'Weekly',
  duration: '30 min',
  attendees: 'Sales',
  purpose: 'Learn',
  motion: 'Outbound',
  tools: 'Phone',
};

describe('Notion, writes', () => {
  test('S9: every mapped field is read back as it was written, by the answer, by id and by a listing', async () => {
    const { connector } = await notionAccount();
    const parent = await create(connector, { title: 'Phase 1' }, 'phase');
    const before = await create(connector, { title: 'Contract' });
    const fields: FieldMap = { ...EVERYTHING, parent: `id:${parent.remoteId}`, dependsOn: [`id:${before.remoteId}`] };
    const record = await create(connector, fields);
    expect(record).toMatchObject({ kind: 'task', deleted: false, notices: [], fields });
    expect(await fetched(connector, record.remoteId)).toEqual(record);
    const page = await connector.pulls.pull({ mode: 'full', cursor: null, recentlyWrittenIds: [] });
    expect(page.records.find((seen) => seen.remoteId === record.remoteId)).toEqual(record);
  });

  test('G10: a cleared field is null everywhere, a field that is not sent stays', async () => {
    const { connector } = await notionAccount();
    const record = await create(connector, EVERYTHING);
    const cleared: FieldMap = { description: null, owner: '', priority: null, dueDate: null, labels: [], parent: null, dependsOn: [] };
    const after = writtenRecord(await tryUpdate(connector, record, cleared));
    expect(after.fields).toMatchObject({ ...cleared, owner: null, title: EVERYTHING.title, metric: EVERYTHING.metric });
  });

  test('F01: what is removed lies in the trash, is said to be deleted, and removing it again is no failure', async () => {
    const { connector, page } = await notionAccount();
    const record = await create(connector, { title: 'Old' });
    const removal = { remoteId: record.remoteId, marker: record.marker ?? '', kind: 'task' as const };
    for (let time = 0; time < 2; time += 1) {
      const [outcome] = await connector.pushes.remove([removal]);
      expect(writtenRecord(outcome).deleted).toBe(true);
    }
    expect((await page(record.remoteId)).in_trash).toBe(true);
  });

  test.each([
    [2_001, 'plan – 👩‍🚀 '],
    [199_900, 'plan – 👩‍🚀 '],
    [200_000, 'plan – é\n'],
  ])('I01: %i characters are written and read back exactly', async (length, words) => {
    const { connector } = await notionAccount();
    const description = `${words.repeat(length).slice(0, length - 3)}end`.toWellFormed();
    const record = await create(connector, { title: 'Long', description });
    expect(record.fields.description === description).toBe(true);
  });

  test('I01: text beyond the limit is clipped, on record, and read back as it stands', async () => {
    const { connector } = await notionAccount();
    const [outcome] = await connector.pushes.create([
      { marker: '01k00000000000000000000001', kind: 'task', fields: { title: 'Long', description: 'x'.repeat(200_001) } },
    ]);
    expect(outcome).toMatchObject({ ok: true, refused: [{ field: 'description', cause: 'clipped' }] });
    expect(writtenRecord(outcome).fields.description).toHaveLength(200_000);
  });

  test('I04: NUL and halves of surrogate pairs are refused by field before they are sent', async () => {
    const { connector } = await notionAccount();
    const record = await create(connector, { title: 'Pilot' });
    const outcome = await tryUpdate(connector, record, { owner: 'a\0b', metric: '\ud83d', purpose: 'é 👨‍👩‍👧 שלום' });
    expect(outcome).toMatchObject({ refused: [{ field: 'owner' }, { field: 'metric' }] });
    expect(writtenRecord(outcome).fields).toMatchObject({ owner: null, metric: null, purpose: 'é 👨‍👩‍👧 שלום' });
  });

  test('H07: more related pages than a request takes are refused and reported, nothing is cut off', async () => {
    const { connector } = await notionAccount();
    const target = await create(connector, { title: 'Target' });
    const record = await create(connector, { title: 'Pilot', dependsOn: [`id:${target.remoteId}`] });
    const dependsOn = Array.from({ length: 101 }, (_, index) => `id:${index}`);
    const outcome = await tryUpdate(connector, record, { dependsOn, owner: 'Maria' });
    expect(outcome).toMatchObject({ refused: [{ field: 'dependsOn' }] });
    expect(writtenRecord(outcome).fields).toMatchObject({ dependsOn: [`id:${target.remoteId}`], owner: 'Maria' });
  });

  test('S6: two parents, and a time of day, are read as far as they can be, and a loss is on record', async () => {
    const { connector, edit } = await notionAccount();
    const targets = [await create(connector, { title: 'One' }), await create(connector, { title: 'Two' })];
    const record = await create(connector, { title: 'Pilot' });
    await edit(record.remoteId, {
      Parent: { relation: targets.map(({ remoteId }) => ({ id: remoteId })) },
      Due: { date: { start: '2026-12-01T09:00:00+01:00', end: '2026-12-03T09:00:00+01:00' } },
    });
    const seen = await fetched(connector, record.remoteId);
    expect('parent' in seen.fields).toBe(false);
    expect(seen).toMatchObject({ fields: { dueDate: '2026-12-01' }, notices: [{ field: 'parent', cause: 'ambiguous' }] });
    const moved = await tryUpdate(connector, seen, { dueDate: '2026-12-02' });
    expect(writtenRecord(moved).fields.dueDate).toBe('2026-12-02');
    expect(moved).toMatchObject({ refused: [{ field: 'dueDate', cause: 'clipped' }] });
  });

  test('S9: a mention and a link that a person made stand after a write of their neighbours', async () => {
    const { connector, edit, page, omar } = await notionAccount();
    const { id } = await omar.users.me({});
    const record = await create(connector, { title: 'Pilot', description: 'x' });
    const mention = { type: 'mention' as const, mention: { user: { id } } };
    const link = { text: { content: 'the deck', link: { url: 'https://deck.test/' } }, annotations: { bold: true } };
    await edit(record.remoteId, {
      Description: { rich_text: [{ text: { content: 'Ask ' } }, mention, { text: { content: ' for ' } }, link] },
    });
    const seen = await fetched(connector, record.remoteId);
    const description = String(seen.fields.description).replace('Ask', 'Please ask').replace(' for ', ' today for ');
    expect(writtenRecord(await tryUpdate(connector, seen, { description })).fields.description).toBe(description);
    const held = (await page(record.remoteId)).properties['Description'];
    if (held?.type !== 'rich_text') throw new Error('expected rich text');
    expect(held.rich_text.map((run) => run.type)).toEqual(['text', 'mention', 'text', 'text']);
    expect(held.rich_text.at(-1)).toMatchObject({ href: 'https://deck.test/', annotations: { bold: true } });
  });

  test('K02: a page that a person made carries our marker after the first write to it', async () => {
    const { connector, omar, dataSourceId } = await notionAccount();
    const { id } = await omar.pages.create({
      parent: { type: 'data_source_id', data_source_id: dataSourceId },
      properties: { Name: { title: [{ text: { content: 'By hand' } }] }, Kind: { select: { name: 'Task' } } },
    });
    const before = await fetched(connector, id);
    expect(before).toMatchObject({ kind: 'task', marker: null });
    const [outcome] = await connector.pushes.update([
      { remoteId: id, marker: '01k00000000000000000000002', kind: 'task', fields: { owner: 'Maria' }, before },
    ]);
    expect(writtenRecord(outcome).marker).toBe('01k00000000000000000000002');
  });
});
