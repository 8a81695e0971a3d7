/** The stand-in for Notion as Notion's own client (5.26) sees it. */
import { APIErrorCode, Client, isFullDatabase, isFullDataSource } from '@notionhq/client';
import type { PageObjectResponse } from '@notionhq/client';
import { expect, test } from 'vitest';
import { full, stageNotion, titleOf, words } from './notion-stage.ts';

test('the scenario: one data source, a bot and two people, no pages', async () => {
  const { client, sourceId, titles } = await stageNotion();
  const source = await client.dataSources.retrieve({ data_source_id: sourceId });
  if (!isFullDataSource(source)) throw new Error('expected a full data source');
  expect(source.title[0]?.plain_text).toBe('Growth OS');
  expect(Object.fromEntries(Object.values(source.properties).map(({ name, type }) => [name, type]))).toMatchObject({
    Name: 'title',
    Kind: 'select',
    Owner: 'rich_text',
    Status: 'status',
    Due: 'date',
    Labels: 'multi_select',
    Parent: 'relation',
    'Lockstep ID': 'rich_text',
  });
  const users = await client.users.list({});
  expect(users.results.map(({ name, type }) => [name, type])).toEqual([
    ['Lockstep', 'bot'],
    ['Omar Haddad', 'person'],
    ['Maria Sommer', 'person'],
  ]);
  expect((await client.users.me({})).name).toBe('Lockstep');
  expect(await titles()).toEqual([]);
});

test('a scan in pages holds every row exactly once, in any order, though rows come and go meanwhile', async () => {
  const stage = await stageNotion();
  const made: PageObjectResponse[] = [];
  for (let index = 0; index < 25; index += 1) made.push(await stage.create(`row ${index}`));
  const sorts = [{ timestamp: 'last_edited_time' as const, direction: 'ascending' as const }];
  const first = await stage.client.dataSources.query({ data_source_id: stage.sourceId, page_size: 10, sorts });
  // The row that the scan stands on and one behind it go; another comes.
  await stage.client.pages.update({ page_id: made[9]?.id ?? '', in_trash: true });
  await stage.client.pages.update({ page_id: made[10]?.id ?? '', in_trash: true });
  await stage.create('late');
  const rest = await stage.queryAll({ page_size: 10, sorts, start_cursor: first.next_cursor });
  expect([...first.results.map(full), ...rest].map(titleOf)).toEqual([...made.filter((_, index) => index !== 10).map(titleOf), 'late']);
  const byName = await stage.titles({ page_size: 7, sorts: [{ property: 'Name', direction: 'descending' }] });
  expect(byName).toEqual([...byName].sort().toReversed());
  expect(new Set(byName).size).toBe(24);
});

test('filters by type, by time and in compounds', async () => {
  const { create, titles, client, sourceId } = await stageNotion();
  const parent = await create('Phase one', { Kind: { select: { name: 'Phase' } } });
  await create('Call ten customers', {
    Kind: { select: { name: 'Task' } },
    Status: { status: { name: 'Done' } },
    Labels: { multi_select: [{ name: 'sales' }, { name: 'calls' }] },
    Due: { date: { start: '2026-12-01' } },
    Parent: { relation: [{ id: parent.id }] },
    'Lockstep ID': { rich_text: words('item-1') },
  });
  await create('Write the page', { Kind: { select: { name: 'Task' } }, Due: { date: { start: '2026-12-24' } } });
  expect(await titles({ filter: { property: 'Lockstep ID', rich_text: { equals: 'item-1' } } })).toEqual(['Call ten customers']);
  expect(await titles({ filter: { property: 'Name', title: { contains: 'PAGE' } } })).toEqual(['Write the page']);
  expect(await titles({ filter: { property: 'Kind', select: { equals: 'Task' } } })).toEqual(['Call ten customers', 'Write the page']);
  expect(await titles({ filter: { property: 'Status', status: { does_not_equal: 'Done' } } })).toEqual(['Phase one', 'Write the page']);
  expect(await titles({ filter: { property: 'Labels', multi_select: { contains: 'calls' } } })).toEqual(['Call ten customers']);
  expect(await titles({ filter: { property: 'Due', date: { after: '2026-12-01' } } })).toEqual(['Write the page']);
  expect(await titles({ filter: { property: 'Due', date: { on_or_before: '2026-12-01' } } })).toEqual(['Call ten customers']);
  expect(await titles({ filter: { property: 'Due', date: { is_empty: true } } })).toEqual(['Phase one']);
  expect(await titles({ filter: { property: 'Parent', relation: { contains: parent.id } } })).toEqual(['Call ten customers']);
  const compound = {
    and: [
      { property: 'Kind', select: { equals: 'Task' } },
      {
        or: [
          { property: 'Status', status: { equals: 'Done' } },
          { property: 'Name', title: { starts_with: 'phase' } },
        ],
      },
    ],
  };
  expect(await titles({ filter: compound })).toEqual(['Call ten customers']);
  await expect(
    client.dataSources.query({ data_source_id: sourceId, filter: { property: 'Nope', title: { equals: '' } } }),
  ).rejects.toMatchObject({ code: APIErrorCode.ValidationError, message: expect.stringContaining('Nope') });
  await expect(titles({ filter: { property: 'Kind', title: { equals: 'Task' } } })).rejects.toMatchObject({ status: 400 });
});

test('D01 times are shown and filtered rounded down to the minute', async () => {
  const { served, create, titles } = await stageNotion();
  served.clock.freeze(Date.parse('2026-11-24T11:29:53.400Z'));
  const page = await create('minute');
  expect([page.created_time, page.last_edited_time]).toEqual(['2026-11-24T11:29:00.000Z', '2026-11-24T11:29:00.000Z']);
  const since = (on_or_after: string): Promise<string[]> =>
    titles({ filter: { timestamp: 'last_edited_time', last_edited_time: { on_or_after } } });
  expect(await since('2026-11-24T11:29:00.000Z')).toEqual(['minute']);
  expect(await since('2026-11-24T11:29:30.000Z')).toEqual([]);
});

test('G08 an unknown select option is made by writing it, an unknown status is refused', async () => {
  const { client, create, sourceId } = await stageNotion();
  await create('one', { Kind: { select: { name: 'Chore' } }, Labels: { multi_select: [{ name: 'new' }] } });
  const again = await create('two', { Kind: { select: { name: 'chore' } } });
  const shown = await client.dataSources.retrieve({ data_source_id: sourceId });
  const kind = shown.properties['Kind'];
  const chores = kind?.type === 'select' ? kind.select.options.filter(({ name }) => name.toLowerCase() === 'chore') : [];
  expect(chores.map(({ name }) => name)).toEqual(['Chore']);
  expect(again.properties['Kind']).toMatchObject({ select: { id: chores[0]?.id, name: 'Chore' } });
  await expect(create('three', { Status: { status: { name: 'Someday' } } })).rejects.toMatchObject({
    code: APIErrorCode.ValidationError,
    message: 'Invalid status option. Status option "Someday" does not exist.',
  });
});

test('H07 a page shows 25 references of a relation; the property has them all, in pages', async () => {
  const { client, create } = await stageNotion();
  const targets: string[] = [];
  for (let index = 0; index < 30; index += 1) targets.push((await create(`target ${index}`)).id);
  const page = await create('many', { 'Depends on': { relation: targets.map((id) => ({ id })) } });
  const shown = page.properties['Depends on'];
  if (shown?.type !== 'relation') throw new Error('expected a relation');
  expect(shown).toMatchObject({ has_more: true, relation: targets.slice(0, 25).map((id) => ({ id })) });
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const item: Awaited<ReturnType<typeof client.pages.properties.retrieve>> = await client.pages.properties.retrieve({
      page_id: page.id,
      property_id: shown.id,
      page_size: 12,
      ...(cursor === null ? {} : { start_cursor: cursor }),
    });
    if (item.object !== 'list') throw new Error('expected a list');
    for (const part of item.results) if (part.type === 'relation') found.push(part.relation.id);
    cursor = item.next_cursor;
  } while (cursor !== null);
  expect(found).toEqual(targets);
});

test('F01 a page goes to the trash and comes back; in the trash it cannot be edited', async () => {
  const { client, create, titles } = await stageNotion();
  const page = await create('gone');
  const trashed = full(await client.pages.update({ page_id: page.id, in_trash: true }));
  expect(trashed.in_trash).toBe(true);
  expect(full(await client.pages.retrieve({ page_id: page.id })).in_trash).toBe(true);
  expect(await titles()).toEqual([]);
  expect(await titles({ in_trash: true })).toEqual(['gone']);
  await expect(client.pages.update({ page_id: page.id, properties: { Name: { title: words('x') } } })).rejects.toMatchObject({
    status: 400,
  });
  await client.pages.update({ page_id: page.id, in_trash: false });
  expect(await titles()).toEqual(['gone']);
});

test('G07 a property keeps its id over a new name; a removed one is gone from pages', async () => {
  const { client, create, sourceId } = await stageNotion();
  const page = await create('p', { Owner: { rich_text: words('VP Sales') }, Metric: { rich_text: words('10') } });
  const id = page.properties['Owner']?.id ?? '';
  await client.dataSources.update({
    data_source_id: sourceId,
    properties: { [id]: { name: 'Accountable' }, Metric: null, Effort: { number: {} } },
  });
  const after = full(await client.pages.retrieve({ page_id: page.id }));
  expect(after.properties['Accountable']).toMatchObject({ id, rich_text: [{ plain_text: 'VP Sales' }] });
  expect(after.properties['Owner']).toBeUndefined();
  expect(after.properties['Metric']).toBeUndefined();
  expect(after.properties['Effort']).toMatchObject({ type: 'number', number: null });
});

test('D07 blocks: made with a page, appended, listed in pages, changed, deleted; the page does not look edited', async () => {
  const { served, client, create, sourceId } = await stageNotion();
  served.clock.freeze(Date.parse('2026-11-24T11:00:00.000Z'));
  const made = await client.pages.create({
    parent: { data_source_id: sourceId },
    properties: { Name: { title: words('body') } },
    children: [{ paragraph: { rich_text: words('first') } }],
  });
  served.clock.advance(600_000);
  const appended = await client.blocks.children.append({
    block_id: made.id,
    children: [{ toggle: { rich_text: words('second'), children: [{ to_do: { rich_text: words('inner'), checked: true } }] } }],
  });
  const [first] = (await client.blocks.children.list({ block_id: made.id, page_size: 1 })).results;
  await client.blocks.children.append({
    block_id: made.id,
    children: [{ divider: {} }],
    position: { type: 'after_block', after_block: { id: first?.id ?? '' } },
  });
  const kinds: string[] = [];
  let cursor: string | null = null;
  do {
    const part: Awaited<ReturnType<typeof client.blocks.children.list>> = await client.blocks.children.list({
      block_id: made.id,
      page_size: 1,
      ...(cursor === null ? {} : { start_cursor: cursor }),
    });
    for (const block of part.results) if ('type' in block) kinds.push(block.type);
    cursor = part.next_cursor;
  } while (cursor !== null);
  expect(kinds).toEqual(['paragraph', 'divider', 'toggle']);
  const toggleId = appended.results[0]?.id ?? '';
  expect((await client.blocks.children.list({ block_id: toggleId })).results).toMatchObject([{ type: 'to_do', to_do: { checked: true } }]);
  await client.blocks.update({ block_id: toggleId, toggle: { rich_text: words('2nd') } });
  expect(await client.blocks.retrieve({ block_id: toggleId })).toMatchObject({
    has_children: true,
    toggle: { rich_text: [{ plain_text: '2nd' }] },
  });
  await client.blocks.delete({ block_id: toggleId });
  expect((await client.blocks.children.list({ block_id: made.id })).results).toHaveLength(2);
  expect(full(await client.pages.retrieve({ page_id: made.id })).last_edited_time).toBe('2026-11-24T11:00:00.000Z');
  await client.blocks.delete({ block_id: (await create('a page is a block')).id });
});

test('I09 comments: made, answered, listed, changed by their author only', async () => {
  const { served, client, create } = await stageNotion();
  const page = await create('talk');
  const omar = new Client({ auth: 'ntn_omar', baseUrl: served.url, notionVersion: '2026-03-11', retry: false });
  const comment = await omar.comments.create({ parent: { page_id: page.id }, rich_text: words('Why?') });
  if (!('discussion_id' in comment)) throw new Error('expected a full comment');
  await client.comments.create({ discussion_id: comment.discussion_id, rich_text: words('Because.') });
  const list = await client.comments.list({ block_id: page.id });
  expect(list.results.map((found) => [found.display_name.resolved_name, found.rich_text[0]?.plain_text])).toEqual([
    ['Omar Haddad', 'Why?'],
    ['Lockstep', 'Because.'],
  ]);
  await expect(client.comments.update({ comment_id: comment.id, rich_text: words('!') })).rejects.toMatchObject({ status: 403 });
  await omar.comments.delete({ comment_id: comment.id });
  expect((await client.comments.list({ block_id: page.id })).results).toHaveLength(1);
});

test('search finds titles only, newest first, and leaves out what lies in the trash', async () => {
  const { served, client, create } = await stageNotion();
  served.clock.freeze(Date.parse('2026-11-24T11:00:00.000Z'));
  await create('Growth plan');
  served.clock.advance(60_000);
  await create('Another growth idea', { Owner: { rich_text: words('nobody') } });
  const trashed = await create('Growth, dropped');
  await client.pages.update({ page_id: trashed.id, in_trash: true });
  const found = await client.search({ query: 'growth', filter: { property: 'object', value: 'page' } });
  expect(found.results.map((page) => titleOf(full(page)))).toEqual(['Another growth idea', 'Growth plan']);
  expect((await client.search({ query: 'nobody' })).results).toEqual([]);
});

test('a page moves below another page and is its block there', async () => {
  const { client, create, titles } = await stageNotion();
  const home = await create('home');
  const page = await create('guest', { Owner: { rich_text: words('lost on the way') } });
  const moved = full(await client.pages.move({ page_id: page.id, parent: { page_id: home.id } }));
  expect(moved.parent).toEqual({ type: 'page_id', page_id: home.id });
  expect(Object.keys(moved.properties)).toEqual(['title']);
  expect(await titles()).toEqual(['home']);
  expect((await client.blocks.children.list({ block_id: home.id })).results).toMatchObject([
    { type: 'child_page', child_page: { title: 'guest' } },
  ]);
});

test('nothing lies in itself: a page is not moved into itself or below what lies in it, nor is a database', async () => {
  const { client, create, served } = await stageNotion();
  const page = await create('home');
  const below = await client.pages.create({ parent: { page_id: page.id }, properties: { title: { title: words('below') } } });
  const database = await client.databases.create({ parent: { type: 'page_id', page_id: below.id }, title: words('in it') });
  const [source] = isFullDatabase(database) ? database.data_sources : [];
  const row = await client.pages.create({ parent: { data_source_id: source?.id ?? '' }, properties: {} });
  for (const { id } of [page, below, row])
    await expect(client.pages.move({ page_id: page.id, parent: { page_id: id } }), id).rejects.toMatchObject({
      code: APIErrorCode.ValidationError,
    });
  const moved = client.databases.update({ database_id: database.id, parent: { type: 'page_id', page_id: row.id } });
  await expect(moved).rejects.toMatchObject({ code: APIErrorCode.ValidationError });
  expect(full(await client.pages.retrieve({ page_id: below.id })).parent).toEqual({ type: 'page_id', page_id: page.id });
  expect(served.log.counts({}).updates).toBe(0);
});

test('a dual relation shows on both sides', async () => {
  const { client, create, sourceId } = await stageNotion();
  const relation = { data_source_id: sourceId, dual_property: { synced_property_name: 'Blocks' } };
  await client.dataSources.update({ data_source_id: sourceId, properties: { 'Blocked by': { relation } } });
  const first = await create('first');
  const second = await create('second', { 'Blocked by': { relation: [{ id: first.id }] } });
  const blocks = async (): Promise<unknown> => full(await client.pages.retrieve({ page_id: first.id })).properties['Blocks'];
  expect(await blocks()).toMatchObject({ relation: [{ id: second.id }] });
  await client.pages.update({ page_id: second.id, properties: { 'Blocked by': { relation: [] } } });
  expect(await blocks()).toMatchObject({ relation: [] });
});
