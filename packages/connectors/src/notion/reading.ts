/** Pages in full: what an answer cuts short is read to its end, so that a long relation is never taken for a short one. */
import type { FetchOutcome, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { inParallel } from '../http/pool.ts';
import { remotesOf } from './catalogue.ts';
import type { Catalogue, Columns } from './catalogue.ts';
import type { NotionClient } from './client.ts';
import { decodePage, targetColumn } from './mapping.ts';
import { pageSchema, piecesSchema } from './wire.ts';
import type { Page, PropertyValue } from './wire.ts';

/** Requests at a time: Notion's budget is for short bursts, and colliding saves of one parent are refused. */
export const WIDTH = 4;
/** A page answer shows at most this many people and pages of a property. developers.notion.com/reference/retrieve-a-page */
const MOST_SHOWN = 25;
/** Markers of one query: a compound filter takes a hundred parts. */
const MARKERS_AT_ONCE = 100;

export interface Reader {
  records(columns: Columns, pages: readonly Page[]): Promise<readonly RemoteRecord[]>;
  /** The record of a page that was just written, from its answer where this holds the page. */
  written(columns: Columns, answer: { readonly id: string }): Promise<RemoteRecord>;
  fetch(remoteIds: readonly string[]): Promise<readonly FetchOutcome[]>;
  findByMarker(markers: readonly string[]): Promise<readonly RemoteRecord[]>;
}

export interface ReaderParts {
  readonly client: NotionClient;
  readonly catalogue: Catalogue;
  readonly mapping: Mapping;
}

export function createReader({ client, catalogue, mapping }: ReaderParts): Reader {
  const idsOfColumns = new WeakMap<Columns, ReadonlySet<string>>();
  const mappedIds = (columns: Columns): ReadonlySet<string> => {
    const known = idsOfColumns.get(columns);
    const ids = known ?? new Set(remotesOf(mapping).flatMap((remote) => columns.column(remote)?.id ?? []));
    if (known === undefined) idsOfColumns.set(columns, ids);
    return ids;
  };
  const recordOf = async (columns: Columns, page: Page): Promise<RemoteRecord> =>
    decodePage(mapping, columns, await completed(client, mappedIds(columns), page));
  const fetchOne = async (columns: Columns, remoteId: string): Promise<FetchOutcome> => {
    try {
      const page = await client.page(remoteId);
      // A page of another database is not ours, even if it was once.
      if (page.parent.data_source_id !== columns.dataSourceId) return { found: false, remoteId, reason: 'absent' };
      return { found: true, record: await recordOf(columns, page) };
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      // What is deleted lies in the trash and can be read: a page that cannot is not shared with us (any more). Who empties the trash meanwhile is asked.
      if (error.code === 'NotFound' || error.code === 'Forbidden') return { found: false, remoteId, reason: 'forbidden' };
      throw error;
    }
  };
  return {
    records: (columns, pages) => inParallel(pages, WIDTH, (page) => recordOf(columns, page)),
    async written(columns, answer) {
      // A connection that may not read gets the id alone.
      const page = pageSchema.safeParse(answer).data ?? (await client.page(answer.id));
      return recordOf(columns, page);
    },
    async fetch(remoteIds) {
      const columns = await catalogue.columns();
      return inParallel(remoteIds, WIDTH, (remoteId) => fetchOne(columns, remoteId));
    },
    async findByMarker(markers) {
      const columns = await catalogue.columns();
      const column = targetColumn(mapping, columns, 'markerProperty');
      if (column === null) throw new ConnectorError('Invalid', `Notion query: ${missingMarker(mapping)}`);
      const found: RemoteRecord[] = [];
      for (let start = 0; start < markers.length; start += MARKERS_AT_ONCE) {
        const filter = {
          or: markers.slice(start, start + MARKERS_AT_ONCE).map((marker) => ({ property: column.id, rich_text: { equals: marker } })),
        };
        for (let startCursor: string | null = null, more = true; more; more = startCursor !== null) {
          const answer = await client.query(columns.dataSourceId, { filter, sort: 'created_time', startCursor, inTrash: false });
          found.push(...(await inParallel(answer.pages, WIDTH, (page) => recordOf(columns, page))));
          startCursor = answer.nextCursor;
        }
      }
      const wanted = new Set(markers);
      return found.filter((record) => record.marker !== null && wanted.has(record.marker));
    },
  };
}

/** Without a marker inside the record, a create whose outcome is unknown could not be looked up (S4): nothing is created then. */
export function missingMarker(mapping: Mapping): string {
  return `target.markerProperty: expected a rich text property "${mapping.target['markerProperty'] ?? ''}", found none; add it to the data source`;
}

/** The page with whole values of the properties that the mapping names, by their ids. */
async function completed(client: NotionClient, ids: ReadonlySet<string>, page: Page): Promise<Page> {
  const cut = Object.entries(page.properties).filter(([, value]) => ids.has(value.id) && isCut(value));
  if (cut.length === 0) return page;
  const properties = { ...page.properties };
  for (const [name, value] of cut) properties[name] = { ...value, [value.type]: await everyItem(client, page.id, value), has_more: false };
  return { ...page, properties };
}

function isCut(value: PropertyValue): boolean {
  if (value.type === 'relation') return value['has_more'] === true;
  if (value.type !== 'title' && value.type !== 'rich_text') return false;
  const pieces = piecesSchema.safeParse(value[value.type]).data ?? [];
  return pieces.filter((piece) => piece.type === 'mention').length >= MOST_SHOWN;
}

async function everyItem(client: NotionClient, pageId: string, value: PropertyValue): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const answer = await client.propertyItems(pageId, value.id, cursor);
    items.push(...answer.results.map((item) => item[item.type]));
    cursor = answer.has_more ? (answer.next_cursor ?? null) : null;
  }
  return items;
}
