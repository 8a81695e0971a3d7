/** What of a database belongs to a backup, by its own catalogue: a table that a migration brings in is in the next backup without a word here. */
import type { Manifest } from '@lockstep/domain/backup/manifest.schema.ts';
import type { PoolClient } from 'pg';

export interface CataloguedTable {
  readonly name: string;
  /** Those that are stored and not worked out from others, in order. */
  readonly columns: readonly string[];
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** Tables that it refers to. */
  readonly refersTo: readonly string[];
}

/** Written by the migrations themselves. */
const OF_MIGRATIONS = 'migrations';

/** Names of all tables, without a snapshot of them. */
export async function tableNames(client: PoolClient): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'lockstep' and tablename <> $1 order by 1`,
    [OF_MIGRATIONS],
  );
  return rows.map(({ name }) => name);
}

/** Tables that others refer to come first. */
export async function catalogue(client: PoolClient): Promise<readonly CataloguedTable[]> {
  const { rows } = await client.query<CataloguedTable>(
    `select t.relname as name,
       array(select a.attname::text from pg_attribute a
         where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
       array(select a.attname::text from pg_index i cross join unnest(i.indkey) with ordinality as k (attnum, place)
         join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum
         where i.indrelid = t.oid and i.indisprimary order by k.place) as key,
       array(select r.relname::text from pg_constraint c join pg_class r on r.oid = c.confrelid
         where c.conrelid = t.oid and c.contype = 'f' and r.oid <> t.oid) as "refersTo"
     from pg_class t join pg_namespace n on n.oid = t.relnamespace
     where n.nspname = 'lockstep' and t.relkind = 'r' and t.relname <> $1 order by t.relname`,
    [OF_MIGRATIONS],
  );
  return inOrder(rows);
}

function inOrder(tables: readonly CataloguedTable[]): readonly CataloguedTable[] {
  const ordered: CataloguedTable[] = [];
  let left = tables;
  while (left.length > 0) {
    const ready = left.filter(({ refersTo }) => refersTo.every((name) => ordered.some((one) => one.name === name)));
    if (ready.length === 0)
      throw new Error(`tables: expected an order in which none refers to a later one, got a circle of ${left.length}`);
    ordered.push(...ready);
    left = left.filter((table) => !ready.includes(table));
  }
  return ordered;
}

/** Sequences go on from here: they belong to no snapshot, and never go back, so that what they say later is enough for what was seen before. */
export async function sequencesOf(client: PoolClient): Promise<Manifest['sequences']> {
  const { rows } = await client.query<{ name: string; last: number | null }>(
    `select sequencename as name, last_value as last from pg_sequences where schemaname = 'lockstep' order by 1`,
  );
  return rows;
}

/** Names of our own catalogue only (`manifestSchema` holds them to lower-case letters): quoted all the same. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const columnList = (columns: readonly string[]): string => columns.map(quoted).join(', ');
