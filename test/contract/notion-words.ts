/** What plausibly stands in requests to the Notion of the scenario. */
import fc from 'fast-check';
import { absent } from './arbitrary.ts';
import type { Vocabulary } from './generated.ts';
import type { Stage } from './stage.ts';
import { call } from './tour.ts';

interface Pool {
  readonly source: string;
  readonly pages: readonly string[];
  readonly blocks: readonly string[];
  readonly comments: readonly string[];
  readonly discussion: string;
  readonly users: readonly string[];
  /** A database of its own, whose schema may be changed. */
  readonly database: string;
  readonly ownSource: string;
}

/** More than go into the trash in a run. */
const MANY = 20;

const rich = (content: string): readonly object[] => [{ type: 'text', text: { content } }];
const text = fc.string({ maxLength: 20 });
const richText = fc.array(
  text.map((content) => ({ text: { content } })),
  { maxLength: 2 },
);
const day = fc.integer({ min: 1, max: 28 }).map((of) => `2027-02-${String(of).padStart(2, '0')}`);

/** Makes what requests can speak of. */
async function fill(stage: Stage): Promise<Pool> {
  const found = await call(stage, 'POST', '/v1/search', {
    body: { query: 'Growth OS', filter: { property: 'object', value: 'data_source' } },
  });
  const source = found.results[0]?.id ?? '';
  const parent = { data_source_id: source };
  const pages: string[] = [];
  for (let each = 0; each < MANY; each += 1)
    pages.push(
      (await call(stage, 'POST', '/v1/pages', { body: { parent, properties: { Name: { title: rich(`Generated ${each}`) } } } })).id,
    );
  const [home = ''] = pages;
  const children = Array.from({ length: MANY }, (_, index) => ({ paragraph: { rich_text: rich(`Block ${index}`) } }));
  const blocks = await call(stage, 'PATCH', `/v1/blocks/${home}/children`, { body: { children } });
  const comments: string[] = [];
  let discussion = '';
  for (let each = 0; each < MANY; each += 1) {
    const made = await call(stage, 'POST', '/v1/comments', { body: { parent: { page_id: home }, rich_text: rich('Said') } });
    comments.push(made.id);
    discussion = String(made['discussion_id']);
  }
  const initial = { properties: { Title: { title: {} }, Words: { rich_text: {} } } };
  const database = await call(stage, 'POST', '/v1/databases', {
    body: { parent: { type: 'page_id', page_id: home }, title: rich('Own'), initial_data_source: initial },
  });
  const [own] = database['data_sources'] as readonly { id: string }[];
  const users = (await call(stage, 'GET', '/v1/users')).results.map(({ id }) => id);
  return {
    source,
    pages: pages.slice(1),
    blocks: blocks.results.map(({ id }) => id),
    comments,
    discussion,
    users,
    database: database.id,
    ownSource: own?.id ?? '',
  };
}

function propertiesOf(pool: Pool): fc.Arbitrary<unknown> {
  const page = fc.constantFrom(...pool.pages).map((id) => ({ id }));
  return fc.record(
    {
      Name: richText.map((title) => ({ title })),
      Kind: fc.constantFrom({ select: { name: 'Task' } }, { select: null }, { type: 'select', select: { name: 'Phase' } }),
      Status: fc.constantFrom({ status: { name: 'Done' } }, { status: { name: 'Blocked' } }),
      Due: fc.oneof(
        day.map((start) => ({ date: { start } })),
        fc.constant({ date: null }),
      ),
      Labels: fc.array(fc.constantFrom({ name: 'alpha' }, { name: 'beta' })).map((labels) => ({ multi_select: labels })),
      Parent: fc.array(page, { maxLength: 2 }).map((relation) => ({ relation })),
      Owner: richText.map((owner) => ({ rich_text: owner })),
      Priority: fc.constantFrom({ select: { name: 'High' } }, { select: { name: 'Low' } }),
    },
    { requiredKeys: [] },
  );
}

const filter = fc.constantFrom(
  { property: 'Name', title: { contains: 'Generated' } },
  { property: 'Kind', select: { equals: 'Task' } },
  { property: 'Due', date: { on_or_after: '2027-01-01' } },
  { property: 'Labels', multi_select: { is_empty: true } },
  {
    and: [
      { property: 'Owner', rich_text: { is_not_empty: true } },
      { property: 'Status', status: { equals: 'Done' } },
    ],
  },
  { timestamp: 'last_edited_time', last_edited_time: { after: '2026-01-01T00:00:00Z' } },
);
const sorts = fc.constantFrom([], [{ timestamp: 'created_time', direction: 'ascending' }], [{ property: 'Name', direction: 'descending' }]);
const block = fc.oneof(
  richText.map((content) => ({ paragraph: { rich_text: content } })),
  richText.map((content) => ({ type: 'to_do', to_do: { rich_text: content, checked: false } })),
  richText.map((content) => ({ heading_2: { rich_text: content } })),
  fc.constant({ divider: {} }),
);
const newProperties = fc.constantFrom(
  { Title: { title: {} } },
  { Title: { title: {} }, Words: { rich_text: {} }, Amount: { number: { format: 'euro' } } },
);
const changedProperties = fc.constantFrom(
  { Words: { rich_text: {} } },
  { Extra: { select: { options: [{ name: 'One' }] } } },
  { Extra: null },
);

export async function notionWords(stage: Stage): Promise<Vocabulary> {
  const pool = await fill(stage);
  const page = fc.constantFrom(...pool.pages);
  const home = page.map((id) => ({ type: 'page_id', page_id: id }));
  const row = fc.constant({ type: 'data_source_id', data_source_id: pool.source });
  const at = (pattern: string): RegExp => new RegExp(pattern);
  return {
    params: [
      [at('/query data_source_id$'), fc.constant(pool.source)],
      [at('data_source_id$'), fc.constant(pool.ownSource)],
      [at('database_id$'), fc.constant(pool.database)],
      [at('children block_id$'), page],
      [at('block_id$'), fc.constantFrom(...pool.blocks)],
      [at('comment_id$'), fc.constantFrom(...pool.comments)],
      [at('user_id$'), fc.constantFrom(...pool.users)],
      [at('property_id$'), fc.constantFrom('title')],
      [at('page_id$'), page],
    ],
    words: [
      [at('^PATCH .*comments'), at('^body$'), richText.filter((parts) => parts.length > 0).map((parts) => ({ rich_text: parts }))],
      [at(''), at(String.raw`^query\.(start_cursor)$|Body\.start_cursor$`), absent],
      [at(''), at(String.raw`^query\.filter_properties$`), fc.constantFrom(['title'], ['title', 'title'])],
      [at(''), at(String.raw`^query\.block_id$`), page],
      [at(''), at(String.raw`(^query|Body)\.page_size$`), fc.integer({ min: 1, max: 100 })],
      [
        at(''),
        at(String.raw`^(Create|Update)PageBody\.(markdown|allow_async|template|position|is_archived|archived|content|cover)$`),
        absent,
      ],
      [at(''), at(String.raw`^CreatePageBody\.parent$`), row],
      [at(''), at(String.raw`PageBody\.properties$`), propertiesOf(pool)],
      [at(''), at(String.raw`PageBody\.icon$`), fc.constantFrom(null, { type: 'emoji', emoji: '🌱' })],
      [at(''), at(String.raw`^UpdatePageBody\.(in_trash|is_locked|erase_content)$`), fc.constant(false)],
      [at(''), at(String.raw`^(CreatePage|AppendBlockChildren)Body\.children$`), fc.array(block, { minLength: 1, maxLength: 3 })],
      [at(''), at(String.raw`^AppendBlockChildrenBody\.(after|position)$`), absent],
      [at(''), at('^UpdateBlockBody$'), richText.map((content) => ({ paragraph: { rich_text: content } }))],
      [at(''), at(String.raw`^MovePageBody\.parent$`), home],
      [at(''), at(String.raw`^QueryDataSourceBody\.filter$`), filter],
      [at(''), at(String.raw`^QueryDataSourceBody\.sorts$`), sorts],
      [at(''), at(String.raw`^QueryDataSourceBody\.archived$`), absent],
      [at(''), at('^SearchBody\\.(filter|sort)$'), absent],
      [
        at(''),
        at('^CreateCommentBody$'),
        fc.record({ parent: page.map((id) => ({ page_id: id })), rich_text: richText.filter((parts) => parts.length > 0) }),
      ],
      [at(''), at(String.raw`^CreateDatabaseBody\.parent$`), home],
      [at(''), at(String.raw`^CreateDatabaseBody\.initial_data_source$`), newProperties.map((properties) => ({ properties }))],
      [at(''), at(String.raw`^CreateDataSourceBody\.parent$`), fc.constant({ type: 'database_id', database_id: pool.database })],
      [at(''), at(String.raw`^CreateDataSourceBody\.properties$`), newProperties],
      [at(''), at(String.raw`^UpdateDataSourceBody\.properties$`), changedProperties],
      [at(''), at(String.raw`^UpdateDataSourceBody\.(in_trash|archived|parent|icon)$`), absent],
      [at(''), at(String.raw`Body\.(title|description)$`), richText],
      [at('^PATCH /v1/databases'), at('^body$'), richText.map((title) => ({ title }))],
      [at(''), at(String.raw`^CreateDatabaseBody\.(icon|cover)$|^CreateDataSourceBody\.icon$`), absent],
    ],
    refusesUnknownQuery: false,
    taken: [],
  };
}
