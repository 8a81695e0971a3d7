/** A simulated Notion on a port of its own, with Notion's own client and a bare HTTP one. */
import { Client, isFullPage, LogLevel } from '@notionhq/client';
import type { CreatePageParameters, PageObjectResponse, QueryDataSourceParameters } from '@notionhq/client';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import type { ServedVendor } from '@lockstep/simulator/kernel/testing.ts';
import { createNotion } from '@lockstep/simulator/notion/server.ts';
import { onTestFinished } from 'vitest';

type Properties = NonNullable<CreatePageParameters['properties']>;
type Query = Omit<QueryDataSourceParameters, 'data_source_id'>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface NotionStage {
  readonly served: ServedVendor;
  readonly client: Client;
  readonly sourceId: string;
  /** A page of the data source. */
  readonly create: (title: string, properties?: Properties) => Promise<PageObjectResponse>;
  /** All pages of a query, page by page. */
  readonly queryAll: (query?: Query) => Promise<PageObjectResponse[]>;
  /** The titles of a query's pages. */
  readonly titles: (query?: Query) => Promise<string[]>;
  readonly http: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
}

export function words(content: string): { text: { content: string } }[] {
  return [{ text: { content } }];
}

export function titleOf(page: PageObjectResponse): string {
  const name = page.properties['Name'];
  return name?.type === 'title' ? name.title.map((part) => part.plain_text).join('') : '';
}

export function full(page: { object: string }): PageObjectResponse {
  if (!isFullPage(page as Parameters<typeof isFullPage>[0])) throw new Error(`expected a full page, got ${page.object}`);
  return page as PageObjectResponse;
}

/** Serves Notion until the test ends. */
export async function stageNotion(options: Parameters<typeof serveVendor>[2] = {}): Promise<NotionStage> {
  const served = await serveVendor('notion', createNotion, options);
  onTestFinished(() => served.close());
  return stageOf(served);
}

/** A stage on a vendor that is served already. */
export async function stageOf(served: ServedVendor): Promise<NotionStage> {
  const client = new Client({
    auth: 'ntn_lockstep',
    baseUrl: served.url,
    notionVersion: '2026-03-11',
    retry: false,
    logLevel: LogLevel.ERROR,
  });
  const [source] = (await client.search({ filter: { property: 'object', value: 'data_source' } })).results;
  if (source === undefined) throw new Error('expected a data source, got none');
  const sourceId = source.id;
  const queryAll = async (query: Query = {}): Promise<PageObjectResponse[]> => {
    const pages: PageObjectResponse[] = [];
    let cursor: string | null = null;
    do {
      const answer: Awaited<ReturnType<typeof client.dataSources.query>> = await client.dataSources.query({
        data_source_id: sourceId,
        ...query,
        ...(cursor === null ? {} : { start_cursor: cursor }),
      });
      pages.push(...answer.results.map(full));
      cursor = answer.next_cursor;
    } while (cursor !== null);
    return pages;
  };
  return {
    served,
    client,
    sourceId,
    queryAll,
    titles: async (query) => (await queryAll(query)).map(titleOf),
    create: async (title, properties = {}) =>
      full(
        await client.pages.create({ parent: { data_source_id: sourceId }, properties: { Name: { title: words(title) }, ...properties } }),
      ),
    http: async (method, path, body, headers = {}) => {
      const response = await fetch(`${served.url}${path}`, {
        method,
        headers: { authorization: 'Bearer ntn_lockstep', 'notion-version': '2026-03-11', 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
    },
  };
}
