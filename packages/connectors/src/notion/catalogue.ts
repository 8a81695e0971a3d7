/**
 * What the data source calls things: its properties and their options. A name of the mapping is looked up once; from then on the id is followed, so that
 * a rename in Notion changes nothing (G07), and a property that was removed and made again, empty, is not taken for the old one.
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import type { NotionClient } from './client.ts';
import { optionConfigSchema, relationConfigSchema } from './wire.ts';
import type { DataSource, WireOption } from './wire.ts';

/** Names of the mapping → ids of Notion, as found so far. Kept in the cursor, so that a restart does not forget them. */
export type Names = Readonly<Record<string, string>>;

/** A property of the data source. */
export interface Column {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** Of select, multi-select and status properties. */
  readonly options: readonly WireOption[];
  /** Of relations: the data source that they point into. */
  readonly relatesTo: string | null;
}

export interface Columns {
  readonly dataSourceId: string;
  /** The property that the mapping calls this, by id or name; null where there is none (any more). */
  column(remote: string): Column | null;
  /** The option of a property that the mapping calls this, by id or name; null where there is none. */
  option(column: Column, remote: string): WireOption | null;
}

export interface Catalogue {
  /** The columns, not older than this. Rejects with `ConnectorError`. */
  columns(maxAgeMs?: number): Promise<Columns>;
  /** Takes over what a cursor remembers; what is known already stands. */
  recall(names: Names): void;
  names(): Names;
}

/** Before the title by which a data source was found. */
const TITLED = 'titled:';
/** How long a schema is believed where nothing speaks against it. */
const SCHEMA_AGE_MS = 10 * 60_000;

export function createCatalogue(client: NotionClient, mapping: Mapping, clock: () => Date): Catalogue {
  const names = new Map<string, string>();
  let held: { readonly columns: Columns; readonly readAtMs: number } | null = null;
  let reading: Promise<Columns> | null = null;
  const read = async (): Promise<Columns> => {
    const readAtMs = clock().getTime();
    const source = await sourceOf(client, mapping, names);
    forgetOthers(names, source.id);
    const columns = columnsOf(source, names);
    // Resolved at once, so that ids are known before anybody renames anything.
    for (const remote of remotesOf(mapping)) columns.column(remote);
    held = { columns, readAtMs };
    return columns;
  };
  return {
    columns(maxAgeMs = SCHEMA_AGE_MS) {
      if (held !== null && Math.abs(clock().getTime() - held.readAtMs) <= maxAgeMs) return Promise.resolve(held.columns);
      reading ??= read().finally(() => {
        reading = null;
      });
      return reading;
    },
    recall(remembered) {
      if (held !== null && remembered[SOURCE] !== held.columns.dataSourceId) return;
      for (const [name, id] of Object.entries(remembered)) if (!names.has(name)) names.set(name, id);
    },
    names: () => Object.fromEntries(names),
  };
}

/** The key under which `Names` hold the data source that all others belong to. */
const SOURCE = 'source';

/** Ids of another data source say nothing about this one. */
function forgetOthers(names: Map<string, string>, sourceId: string): void {
  if (names.get(SOURCE) !== sourceId) for (const key of names.keys()) if (!key.startsWith(TITLED)) names.delete(key);
  names.set(SOURCE, sourceId);
}

/** Every property that the mapping names. */
export function remotesOf(mapping: Mapping): readonly string[] {
  const { kindProperty, markerProperty } = mapping.target;
  const own = [kindProperty, markerProperty].filter((remote) => remote !== undefined);
  return [...new Set([...own, ...Object.values(mapping.fields).map((field) => field.remote)])];
}

/** The data source: by id, or by title through search where the mapping names none. */
async function sourceOf(client: NotionClient, mapping: Mapping, names: Map<string, string>): Promise<DataSource> {
  const { dataSource, dataSourceTitle } = mapping.target;
  if (dataSource !== undefined) return client.dataSource(dataSource);
  if (dataSourceTitle === undefined)
    throw new ConnectorError('Invalid', 'Notion mapping: target: expected dataSource (an id) or dataSourceTitle, got neither');
  const key = `${TITLED}${dataSourceTitle}`;
  const known = names.get(key);
  if (known !== undefined) return client.dataSource(known);
  const found = (await client.findDataSources(dataSourceTitle)).filter((source) => !source.in_trash && titleOf(source) === dataSourceTitle);
  const [source] = found;
  if (source === undefined || found.length > 1) {
    const place = `Notion search: expected one data source titled "${dataSourceTitle}" that is shared with the connection`;
    throw new ConnectorError(
      source === undefined ? 'NotFound' : 'Invalid',
      source === undefined ? `${place}, got none` : `${place}, got ${found.length}; put the id of one into target.dataSource`,
    );
  }
  names.set(key, source.id);
  return client.dataSource(source.id);
}

function titleOf(source: DataSource): string {
  return source.title.map((piece) => piece.plain_text).join('');
}

/** A data source's schema, with the names of the mapping. Names that are found are remembered in `names`. */
export function columnsOf(source: DataSource, names: Map<string, string>): Columns {
  const all = Object.values(source.properties).map((config): Column => {
    const settings = config[config.type];
    return {
      id: config.id,
      name: config.name,
      type: config.type,
      options: optionConfigSchema.safeParse(settings).data?.options ?? [],
      relatesTo: relationConfigSchema.safeParse(settings).data?.data_source_id ?? null,
    };
  });
  const byId = new Map(all.map((column) => [column.id, column]));
  return {
    dataSourceId: source.id,
    column(remote) {
      const key = `property:${remote}`;
      const known = names.get(key);
      if (known !== undefined) return byId.get(known) ?? null;
      const found = named(all, remote);
      if (found !== null) names.set(key, found.id);
      return found;
    },
    option(column, remote) {
      const key = `option:${column.id}/${remote}`;
      const known = names.get(key);
      const found = column.options.find((option) => option.id === known) ?? named(column.options, remote);
      if (found !== null) names.set(key, found.id);
      return found;
    },
  };
}

/** An entry by id, by name, or by name whatever its case. */
function named<T extends WireOption>(list: readonly T[], idOrName: string): T | null {
  return (
    list.find((entry) => entry.id === idOrName) ??
    list.find((entry) => entry.name === idOrName) ??
    list.find((entry) => entry.name.toLowerCase() === idOrName.toLowerCase()) ??
    null
  );
}
