/**
 * The simulator's memory: one SQLite file, so that a killed simulator comes back as it was. Vendors keep JSON documents in it, one per kind and id;
 * the kernel keeps the request log and its settings. Durability is that of a test double: a power cut may lose the last moments, a kill does not.
 */
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';

/** A vendor's documents. Writes go through at once; reads are meant for start-up, after which vendors answer from memory. */
export interface Documents {
  load(kind: string): Iterable<unknown>;
  put(kind: string, id: string, record: unknown): void;
  remove(kind: string, id: string): void;
  /** All of the writes inside, or none of them. May be nested. */
  transaction<T>(work: () => T): T;
}

export interface Database {
  readonly sqlite: DatabaseSync;
  documents(tool: string): Documents;
  /** A small value of the kernel's own, or undefined. */
  setting(name: string): unknown;
  keepSetting(name: string, value: unknown): void;
  /** Forgets everything: documents, settings and the request log. */
  clear(): void;
  close(): void;
}

const SCHEMA = `
  create table if not exists document (tool text not null, kind text not null, id text not null, body text not null, primary key (tool, kind, id)) without rowid;
  create table if not exists setting (name text primary key, value text not null) without rowid;
  create table if not exists request (
    seq integer primary key autoincrement, tool text not null, at text not null, method text not null, path text not null, operation text,
    account text, status integer not null, effect text not null, records integer not null, duration_ms real not null, fault text);
  create index if not exists request_tool on request (tool, seq);
`;

/** Opens (and makes, where missing) the database. `:memory:` keeps nothing. */
export function openDatabase(file: string): Database {
  const sqlite = new DatabaseSync(file);
  sqlite.exec(`pragma journal_mode = wal; pragma synchronous = off; ${SCHEMA}`);
  const put = sqlite.prepare('insert into document values (?, ?, ?, ?) on conflict do update set body = excluded.body');
  const remove = sqlite.prepare('delete from document where tool = ? and kind = ? and id = ?');
  const load = sqlite.prepare('select body from document where tool = ? and kind = ? order by id');
  const setting = sqlite.prepare('select value from setting where name = ?');
  const keep = sqlite.prepare('insert into setting values (?, ?) on conflict do update set value = excluded.value');
  const transaction = nestedTransaction(sqlite);
  return {
    sqlite,
    documents: (tool) => ({
      load: (kind) => bodies(load, tool, kind),
      put: (kind, id, record) => void put.run(tool, kind, id, JSON.stringify(record)),
      remove: (kind, id) => void remove.run(tool, kind, id),
      transaction,
    }),
    setting: (name) => {
      const row = setting.get(name);
      return row === undefined ? undefined : JSON.parse(String(row['value']));
    },
    keepSetting: (name, value) => void keep.run(name, JSON.stringify(value)),
    clear: () => sqlite.exec('delete from document; delete from setting; delete from request;'),
    close: () => sqlite.close(),
  };
}

function bodies(load: StatementSync, tool: string, kind: string): unknown[] {
  return load.all(tool, kind).map((row) => JSON.parse(String(row['body'])));
}

function nestedTransaction(sqlite: DatabaseSync): <T>(work: () => T) => T {
  let depth = 0;
  return (work) => {
    if (depth === 0) sqlite.exec('begin');
    depth += 1;
    try {
      const result = work();
      depth -= 1;
      if (depth === 0) sqlite.exec('commit');
      return result;
    } catch (error) {
      depth -= 1;
      if (depth === 0) sqlite.exec('rollback');
      throw error;
    }
  };
}
