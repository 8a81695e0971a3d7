/** The Notion connector against the simulator: people change the data source's properties and options. */
import type { UpdateDataSourceParameters } from '@notionhq/client';
import { describe, expect, test } from 'vitest';
import { notionAccount, seen } from './notion-account.ts';
import { create, fetched, tryUpdate, writtenRecord } from './subject.ts';
import type { NotionAccount } from './notion-account.ts';

async function alter(account: NotionAccount, properties: UpdateDataSourceParameters['properties']): Promise<void> {
  await account.omar.dataSources.update({ data_source_id: account.dataSourceId, properties: properties ?? {} });
}

describe('Notion, schema', () => {
  test('G07: a renamed property is followed by its id, by a process that knew it and by a new one that has the cursor', async () => {
    const account = await notionAccount();
    const record = await create(account.connector, { title: 'Pilot', owner: 'Maria' });
    const { cursor } = await seen(account.connector);
    await alter(account, { Owner: { name: 'Who' } });
    // Another one by the old name is not the one that we know.
    await alter(account, { Owner: { rich_text: {} } });
    const restarted = account.connect();
    await restarted.pulls.fetch([record.remoteId], cursor);
    for (const connector of [account.connector, restarted]) {
      expect((await fetched(connector, record.remoteId)).fields.owner).toBe('Maria');
      expect(writtenRecord(await tryUpdate(connector, record, { owner: 'Omar' })).fields.owner).toBe('Omar');
      await tryUpdate(connector, record, { owner: 'Maria' });
    }
  });

  test('G07: a removed property, even one that was made again empty, leaves its field alone and says so', async () => {
    const account = await notionAccount();
    const record = await create(account.connector, { title: 'Pilot', owner: 'Maria', metric: '3' });
    await alter(account, { Owner: null });
    const removed = await fetched(account.connector, record.remoteId);
    expect('owner' in removed.fields).toBe(false);
    expect(removed.fields.metric).toBe('3');
    expect(removed.revision).not.toBe(record.revision);
    await alter(account, { Owner: { rich_text: {} } });
    const again = await fetched(account.connector, record.remoteId);
    expect('owner' in again.fields).toBe(false);
    expect(again.notices).toMatchObject([{ field: 'owner', cause: 'retyped' }]);
  });

  test('G07: a retyped property leaves its field alone; a write there is refused by field and the others are written', async () => {
    const account = await notionAccount();
    const record = await create(account.connector, { title: 'Pilot', owner: 'Maria' });
    await alter(account, { Owner: { number: {} } });
    const retyped = await fetched(account.connector, record.remoteId);
    expect('owner' in retyped.fields).toBe(false);
    expect(retyped.notices).toMatchObject([{ field: 'owner', cause: 'retyped' }]);
    const outcome = await tryUpdate(account.connector, retyped, { owner: 'Omar', metric: '4' });
    expect(writtenRecord(outcome).fields.metric).toBe('4');
    expect(outcome).toMatchObject({ refused: [{ field: 'owner', cause: 'unwritable' }] });
  });

  test('G01: a renamed option is followed by its id', async () => {
    const account = await notionAccount();
    const record = await create(account.connector, { title: 'Pilot', priority: 'high' });
    const source = await account.omar.dataSources.retrieve({ data_source_id: account.dataSourceId });
    const priority = source.properties['Priority'];
    if (priority?.type !== 'select') throw new Error('expected a select property');
    const options = priority.select.options.map(({ id, name }) => ({ id, name: name === 'High' ? 'Urgent' : name }));
    await alter(account, { Priority: { select: { options } } });
    expect((await fetched(account.connector, record.remoteId)).fields.priority).toBe('high');
    expect(writtenRecord(await tryUpdate(account.connector, record, { priority: 'low' })).fields.priority).toBe('low');
  });

  test('G02: an option without a mapping parks its field with a notice, the others flow', async () => {
    const account = await notionAccount();
    const record = await create(account.connector, { title: 'Pilot', priority: 'high' });
    await account.edit(record.remoteId, { Priority: { select: { name: 'Whenever' } } });
    const strange = await fetched(account.connector, record.remoteId);
    expect('priority' in strange.fields).toBe(false);
    expect(strange.fields.title).toBe('Pilot');
    expect(strange.notices).toMatchObject([{ field: 'priority', cause: 'unmapped-value', value: 'Whenever' }]);
  });

  test('G08: a missing option is made only where the mapping allows it, and a status is never made', async () => {
    const account = await notionAccount();
    const strict = account.connect({ mapping: { createOptions: false } });
    const record = await create(account.connector, { title: 'Pilot' });
    const refused = await tryUpdate(strict, record, { labels: ['new'], metric: '5' });
    expect(refused).toMatchObject({ ok: true, refused: [{ field: 'labels' }] });
    expect(writtenRecord(refused).fields).toMatchObject({ labels: [], metric: '5' });
    expect(writtenRecord(await tryUpdate(account.connector, record, { labels: ['new'] })).fields.labels).toEqual(['new']);
    expect(
      writtenRecord(await tryUpdate(account.connect({ mapping: { createOptions: false } }), record, { labels: ['new'] })).fields.labels,
    ).toEqual(['new']);
    const asked = account.connect({ mapping: { status: { ...account.mapping.status, blocked: 'Waiting' } } });
    expect(await tryUpdate(asked, record, { status: 'blocked' })).toMatchObject({ ok: true, refused: [{ field: 'status' }] });
    const source = await account.omar.dataSources.retrieve({ data_source_id: account.dataSourceId });
    expect(JSON.stringify(source.properties['Status'])).not.toContain('Waiting');
  });

  test('G08: labels that Notion cannot hold are refused as a whole and by name', async () => {
    const { connector } = await notionAccount();
    const outcome = await tryUpdate(connector, await create(connector, { title: 'Pilot' }), { labels: ['a,b', 'c'], owner: 'Maria' });
    expect(writtenRecord(outcome).fields).toMatchObject({ labels: [], owner: 'Maria' });
    expect(outcome).toMatchObject({ refused: [{ field: 'labels', cause: 'unwritable' }] });
  });

  test('S4: without a property for our marker, or an option for the kind, no page is made', async () => {
    const account = await notionAccount();
    const draft = { marker: '01k00000000000000000000004', kind: 'task' as const, fields: { title: 'Pilot' } };
    const strange = account.connect({ mapping: { createOptions: false, kinds: { task: { remote: 'Chore' } } } });
    expect(await strange.pushes.create([draft])).toMatchObject([{ ok: false, error: { code: 'Invalid' } }]);
    await alter(account, { 'Lockstep ID': null });
    expect(await account.connect().pushes.create([draft])).toMatchObject([{ ok: false, error: { code: 'Invalid' } }]);
    expect(account.served.log.counts({ account: 'lockstep' }).creates).toBe(0);
  });

  test('G07: ids that a cursor remembers of one data source are not looked for in another', async () => {
    const account = await notionAccount();
    const { cursor } = await seen(account.connector);
    const source = await account.omar.dataSources.retrieve({ data_source_id: account.dataSourceId });
    if (!('parent' in source) || source.parent.type !== 'database_id') throw new Error('expected a data source in full');
    const other = await account.omar.dataSources.create({
      parent: source.parent,
      title: [{ text: { content: 'Other' } }],
      properties: { Name: { title: {} }, Owner: { rich_text: {} }, Kind: { select: {} }, 'Lockstep ID': { rich_text: {} } },
    });
    const moved = account.connect({
      mapping: {
        target: { dataSource: other.id, kindProperty: 'Kind', markerProperty: 'Lockstep ID' },
        fields: { title: { remote: 'Name', direction: 'both' }, owner: { remote: 'Owner', direction: 'both' } },
      },
    });
    await moved.pulls.fetch([], cursor);
    expect((await create(moved, { title: 'Pilot', owner: 'Maria' })).fields).toEqual({ title: 'Pilot', owner: 'Maria' });
  });
});
