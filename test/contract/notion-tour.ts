/** A tour through Notion: every route that the simulator claims, once at least, with requests that the contract has. */
import type { Stage } from './stage.ts';
import { call } from './tour.ts';

const text = (content: string): readonly object[] => [{ type: 'text', text: { content } }];
const paragraph = (content: string): object => ({ object: 'block', type: 'paragraph', paragraph: { rich_text: text(content) } });

export async function tourNotion(stage: Stage): Promise<void> {
  const found = await call(stage, 'POST', '/v1/search', {
    body: { query: 'Growth', filter: { property: 'object', value: 'data_source' }, page_size: 5 },
  });
  const source = found.results[0]?.id ?? '';
  await users(stage);
  const page = await pages(stage, source);
  await queries(stage, source);
  await blocks(stage, page);
  await comments(stage, page);
  await databases(stage, page);
  await call(stage, 'POST', '/v1/search', { body: { sort: { timestamp: 'last_edited_time', direction: 'descending' } } });
}

async function users(stage: Stage): Promise<void> {
  const list = await call(stage, 'GET', '/v1/users?page_size=2');
  await call(stage, 'GET', `/v1/users?page_size=2&start_cursor=${String(list['next_cursor'])}`);
  await call(stage, 'GET', '/v1/users/me');
  for (const { id } of list.results) await call(stage, 'GET', `/v1/users/${id}`);
}

async function pages(stage: Stage, source: string): Promise<string> {
  const parent = { type: 'data_source_id', data_source_id: source };
  const properties = {
    Name: { title: text('A page') },
    Kind: { select: { name: 'Task' } },
    Status: { status: { name: 'In progress' } },
    Due: { date: { start: '2026-12-01', end: '2026-12-24' } },
    Labels: { multi_select: [{ name: 'alpha' }, { name: 'beta' }] },
    Owner: { rich_text: text('Maria') },
  };
  const page = (
    await call(stage, 'POST', '/v1/pages', {
      body: { parent, properties, icon: { type: 'emoji', emoji: '🌱' }, children: [paragraph('One')] },
    })
  ).id;
  const other = (await call(stage, 'POST', '/v1/pages', { body: { parent, properties: { Name: { title: text('Another') } } } })).id;
  const changes = { Parent: { relation: [{ id: other }] }, Priority: { select: null }, Owner: { rich_text: [] } };
  await call(stage, 'PATCH', `/v1/pages/${page}`, { body: { properties: changes, is_locked: false } });
  const shown = await call(stage, 'GET', `/v1/pages/${page}`);
  await call(stage, 'GET', `/v1/pages/${page}?filter_properties=title`);
  // Every property alone: one item, or a list of items.
  for (const { id } of Object.values(shown['properties'] as Record<string, { id: string }>))
    await call(stage, 'GET', `/v1/pages/${page}/properties/${id}?page_size=10`);
  const child = await call(stage, 'POST', '/v1/pages', {
    body: { parent: { page_id: page }, properties: { title: { title: text('Below') } } },
  });
  await call(stage, 'POST', `/v1/pages/${child.id}/move`, { body: { parent: { page_id: other } } });
  await call(stage, 'PATCH', `/v1/pages/${other}`, { body: { in_trash: true } });
  await call(stage, 'PATCH', `/v1/pages/${other}`, { body: { in_trash: false } });
  return page;
}

async function queries(stage: Stage, source: string): Promise<void> {
  const path = `/v1/data_sources/${source}/query`;
  const sorts = [{ timestamp: 'last_edited_time', direction: 'ascending' }];
  const first = await call(stage, 'POST', path, { body: { sorts, page_size: 1, result_type: 'page' } });
  await call(stage, 'POST', path, { body: { sorts, page_size: 1, result_type: 'page', start_cursor: first['next_cursor'] } });
  const filter = {
    and: [
      { property: 'Name', title: { is_not_empty: true } },
      {
        or: [
          { property: 'Kind', select: { equals: 'Task' } },
          { property: 'Labels', multi_select: { contains: 'alpha' } },
        ],
      },
      { timestamp: 'last_edited_time', last_edited_time: { on_or_after: '2026-11-01' } },
    ],
  };
  await call(stage, 'POST', `${path}?filter_properties=title`, { body: { filter, in_trash: false } });
  await call(stage, 'POST', path, { body: { result_type: 'data_source' } });
}

async function blocks(stage: Stage, page: string): Promise<void> {
  const children = [
    paragraph('Two'),
    { type: 'heading_1', heading_1: { rich_text: text('Head') } },
    { type: 'to_do', to_do: { rich_text: text('Do'), checked: true } },
    { type: 'bulleted_list_item', bulleted_list_item: { rich_text: text('Point'), children: [paragraph('Below')] } },
    { type: 'code', code: { rich_text: text('1 + 1'), language: 'typescript' } },
    { type: 'divider', divider: {} },
  ];
  const made = await call(stage, 'PATCH', `/v1/blocks/${page}/children`, { body: { children } });
  const listed = await call(stage, 'GET', `/v1/blocks/${page}/children?page_size=2`);
  await call(stage, 'GET', `/v1/blocks/${page}/children?page_size=100&start_cursor=${String(listed['next_cursor'])}`);
  await call(stage, 'GET', `/v1/blocks/${page}`);
  for (const { id } of made.results) await call(stage, 'GET', `/v1/blocks/${id}`);
  const [first, , third] = made.results;
  await call(stage, 'PATCH', `/v1/blocks/${first?.id ?? ''}`, { body: { paragraph: { rich_text: text('Two, edited') } } });
  await call(stage, 'PATCH', `/v1/blocks/${page}/children`, {
    body: { children: [paragraph('Between')], position: { type: 'after_block', after_block: { id: first?.id } } },
  });
  await call(stage, 'DELETE', `/v1/blocks/${third?.id ?? ''}`);
}

async function comments(stage: Stage, page: string): Promise<void> {
  const made = await call(stage, 'POST', '/v1/comments', { body: { parent: { page_id: page }, rich_text: text('Said') } });
  await call(stage, 'POST', '/v1/comments', { body: { discussion_id: made['discussion_id'], rich_text: text('Answered') } });
  await call(stage, 'GET', `/v1/comments?block_id=${page}&page_size=1`);
  await call(stage, 'GET', `/v1/comments/${made.id}`);
  await call(stage, 'PATCH', `/v1/comments/${made.id}`, { body: { rich_text: text('Said again') } });
  await call(stage, 'DELETE', `/v1/comments/${made.id}`);
}

/** A database of its own, with every type of property that the simulator knows. */
async function databases(stage: Stage, page: string): Promise<void> {
  const properties = {
    Title: { type: 'title', title: {} },
    Words: { rich_text: {} },
    Amount: { number: { format: 'euro' } },
    Choice: { select: { options: [{ name: 'One', color: 'green' }] } },
    Day: { date: {} },
    Done: { checkbox: {} },
    Page: { url: {} },
  };
  const body = { parent: { type: 'page_id', page_id: page }, title: text('Other'), initial_data_source: { properties } };
  const database = await call(stage, 'POST', '/v1/databases', { body });
  await call(stage, 'GET', `/v1/databases/${database.id}`);
  await call(stage, 'PATCH', `/v1/databases/${database.id}`, { body: { title: text('Other, renamed'), is_inline: false } });
  const parent = { type: 'database_id', database_id: database.id };
  const source = await call(stage, 'POST', '/v1/data_sources', {
    body: { parent, title: text('Second'), properties: { Title: { title: {} } } },
  });
  await call(stage, 'GET', `/v1/data_sources/${source.id}`);
  const changes = { Title: { name: 'Named' }, More: { rich_text: {} } };
  await call(stage, 'PATCH', `/v1/data_sources/${source.id}`, { body: { title: text('Second, renamed'), properties: changes } });
  const row = { parent: { data_source_id: source.id }, properties: { Named: { title: text('Row') }, More: { rich_text: text('x') } } };
  await call(stage, 'POST', '/v1/pages', { body: row });
}
