/** Omar, who works in Notion (2026-03-11). */
import { ask } from './person.ts';
import type { Person, Seen, Shown } from './person.ts';

interface Page {
  readonly id: string;
  readonly in_trash: boolean;
  readonly properties: Readonly<
    Record<
      string,
      { readonly type: string; readonly title?: Text[]; readonly rich_text?: Text[]; readonly select?: { readonly name: string } | null }
    >
  >;
}
interface Text {
  readonly plain_text: string;
}

const NAMES = { title: 'Name', owner: 'Owner', metric: 'Metric', definitionOfDone: 'Definition of done' } as const;
const PRIORITY = 'Priority';

export async function personInNotion(baseUrl: string): Promise<Person> {
  const headers = { authorization: 'Bearer ntn_omar', 'notion-version': '2026-03-11' };
  const sources = await ask<{ results: readonly { id: string; title: Text[] }[] }>(`${baseUrl}/v1/search`, {
    method: 'POST',
    headers,
    body: { filter: { property: 'object', value: 'data_source' } },
  });
  const source = sources.results.find((candidate) => candidate.title.map((part) => part.plain_text).join('') === 'Growth OS');
  if (source === undefined) throw new Error('Notion: expected a data source "Growth OS", got none');
  const query = async (filter: unknown): Promise<readonly Page[]> => {
    const found: Page[] = [];
    let cursor: string | null = null;
    do {
      const page: { results: Page[]; next_cursor: string | null } = await ask(`${baseUrl}/v1/data_sources/${source.id}/query`, {
        method: 'POST',
        headers,
        body: { page_size: 100, ...(filter === null ? {} : { filter }), ...(cursor === null ? {} : { start_cursor: cursor }) },
      });
      found.push(...page.results);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return found;
  };
  const seen = (page: Page): Seen => ({
    id: page.id,
    name: `the Notion page of ${plain(page, 'Name')}`,
    gone: page.in_trash,
    fields: {
      title: plain(page, NAMES.title),
      owner: plain(page, NAMES.owner),
      metric: plain(page, NAMES.metric),
      definitionOfDone: plain(page, NAMES.definitionOfDone),
      priority: page.properties[PRIORITY]?.select?.name ?? '',
    },
  });
  const patch = async (id: string, body: unknown): Promise<void> =>
    void (await ask(`${baseUrl}/v1/pages/${id}`, { method: 'PATCH', headers, body }));
  return {
    tool: 'notion',
    who: 'Omar in Notion',
    count: async () => (await query(null)).length,
    find: async (title) => (await query({ property: NAMES.title, title: { equals: title } })).map(seen),
    edit: (id, changes) => patch(id, { properties: encode(changes) }),
    remove: (id) => patch(id, { in_trash: true }),
  };
}

function plain(page: Page, property: string): string {
  const value = page.properties[property];
  return (value?.title ?? value?.rich_text ?? []).map((part) => part.plain_text).join('');
}

function encode(changes: Shown): Record<string, unknown> {
  const words = (content: string): unknown[] => [{ type: 'text', text: { content } }];
  const texts = Object.fromEntries(
    Object.entries(NAMES).flatMap(([field, name]) => {
      const value = changes[field as keyof typeof NAMES];
      if (value === undefined) return [];
      return [[name, field === 'title' ? { title: words(value) } : { rich_text: words(value) }]];
    }),
  );
  return { ...texts, ...(changes.priority === undefined ? {} : { [PRIORITY]: { select: { name: changes.priority } } }) };
}
