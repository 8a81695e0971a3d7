/**
 * The state of one Salesforce org: every record in memory, written through to the simulator's database. What a failed transaction has done is undone in
 * both. Checks are made before (`writing.ts`); here is what Salesforce does once it takes a write.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Documents } from '../kernel/database.ts';
import { derivedValues } from './derived-values.ts';
import { historyRows } from './history.ts';
import { idOf } from './ids.ts';
import type { FieldDefinition, ObjectDefinition, SalesforceRecord, Scalar, Values } from './model.ts';
import { Schema } from './schema.ts';
import { instantText } from './time.ts';

/** How long a deleted record stays in the recycle bin. */
export const BIN_MS = 15 * 86_400_000;

export class Org {
  readonly schema: Schema;
  private readonly documents: Documents;
  private readonly clock: Clock;
  private readonly shelves = new Map<string, Map<string, SalesforceRecord>>();
  /** Ids of live records by a value of a field that records are found by. */
  private readonly index = new Map<string, Set<string>>();
  /** Ids of records by the record that they refer to. */
  private readonly referrers = new Map<string, Set<string>>();
  private counters: Record<string, number>;
  private undo: (() => void)[] = [];
  private depth = 0;

  constructor(documents: Documents, clock: Clock) {
    this.documents = documents;
    this.clock = clock;
    this.schema = new Schema(documents);
    for (const { name } of this.schema.objects) this.shelves.set(name, new Map());
    const records = [...documents.load('record')] as SalesforceRecord[];
    for (const record of records) this.remember(record);
    const [counters] = documents.load('counters') as Iterable<Record<string, number>>;
    this.counters = counters ?? {};
  }

  get isEmpty(): boolean {
    return Object.keys(this.counters).length === 0;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  /** All of the writes inside, or none of them. May be nested: an inner one that fails leaves what the outer one has done. */
  transaction<T>(work: () => T): T {
    const mark = this.undo.length;
    this.depth += 1;
    try {
      return this.documents.transaction(() => {
        try {
          return work();
        } catch (error) {
          for (const revert of this.undo.splice(mark).toReversed()) revert();
          throw error;
        }
      });
    } finally {
      this.depth -= 1;
      if (this.depth === 0) this.undo = [];
    }
  }

  /** A record, live or in the bin; undefined where there is none, or none any more. */
  find(object: ObjectDefinition, id: string): SalesforceRecord | undefined {
    const record = this.shelves.get(object.name)?.get(id);
    return record === undefined || this.isPurged(record) ? undefined : record;
  }

  /** As `find`, of whatever object the id is. */
  any(id: Scalar | undefined): SalesforceRecord | undefined {
    if (typeof id !== 'string') return undefined;
    const object = this.schema.ofId(id);
    return object === undefined ? undefined : this.find(object, id);
  }

  /** As they were made; with those in the bin where asked for. */
  list(object: ObjectDefinition, withDeleted = false): SalesforceRecord[] {
    return [...(this.shelves.get(object.name)?.values() ?? [])].filter((record) =>
      record.deletedMs === null ? true : withDeleted && !this.isPurged(record),
    );
  }

  /** Live records that have this value in a field that records are found by. Text does not mind its case. */
  holders(object: ObjectDefinition, field: FieldDefinition, value: Scalar): SalesforceRecord[] {
    const ids = this.index.get(indexKey(object.name, field.name, value)) ?? [];
    return [...ids].flatMap((id) => this.find(object, id) ?? []);
  }

  /** Live records of an object whose reference is this record. */
  children(object: ObjectDefinition, field: FieldDefinition, id: string): SalesforceRecord[] {
    return [...(this.referrers.get(id) ?? [])].flatMap((child) => {
      const record = this.find(object, child);
      return record?.deletedMs === null && record.values[field.name] === id ? [record] : [];
    });
  }

  create(userId: string, object: ObjectDefinition, set: Values): SalesforceRecord {
    const id = idOf(object.keyPrefix, this.next(object.keyPrefix));
    const nowMs = this.nowMs();
    const now = instantText(nowMs);
    const defaults = Object.fromEntries(object.fields.flatMap((field) => (field.default === null ? [] : [[field.name, field.default]])));
    const hasOwner = this.schema.field(object, 'OwnerId') !== undefined;
    const after: Values = { ...defaults, ...(hasOwner ? { OwnerId: userId } : {}), ...withoutNulls(set) };
    const values = {
      ...after,
      ...this.derived(object, { set: after, before: {}, after }),
      ...(this.schema.field(object, 'Name')?.autoNumber === true
        ? { Name: `LI-${String(this.counters[object.keyPrefix]).padStart(5, '0')}` }
        : {}),
      ...{ Id: id, IsDeleted: false, CreatedDate: now, CreatedById: userId },
      ...(this.schema.field(object, 'SystemModstamp') === undefined
        ? {}
        : { LastModifiedDate: now, LastModifiedById: userId, SystemModstamp: now }),
    };
    const record: SalesforceRecord = { object: object.name, id, values: withoutNulls(values), deletedMs: null, deletedWith: null };
    this.undo.push(() => this.discard(record));
    this.write(record, record.values);
    for (const row of historyRows(this, object, { record, before: null })) this.create(userId, row.object, row.values);
    return record;
  }

  /** Sets values. Also where nothing differs the record is a newly modified one, as in Salesforce. */
  change(userId: string, object: ObjectDefinition, record: SalesforceRecord, set: Values): void {
    const before = record.values;
    const now = instantText(this.nowMs());
    const after = { ...before, ...set };
    this.write(record, {
      ...after,
      ...this.derived(object, { set, before, after }),
      ...{ LastModifiedDate: now, LastModifiedById: userId, SystemModstamp: now },
    });
    for (const row of historyRows(this, object, { record, before })) this.create(userId, row.object, row.values);
  }

  /** Into the recycle bin, and with it what does not live without it. */
  remove(userId: string, record: SalesforceRecord, deletedWith: string | null = null): void {
    const now = instantText(this.nowMs());
    this.write(
      record,
      { ...record.values, IsDeleted: true, ...this.stamps(record, userId, now) },
      { deletedMs: this.nowMs(), deletedWith },
    );
    for (const childId of [...(this.referrers.get(record.id) ?? [])]) {
      const child = this.anyHistoryToo(childId);
      if (child?.deletedMs !== null) continue;
      const object = this.schema.object(child.object);
      const field = object.fields.find(({ name, onDelete }) => child.values[name] === record.id && onDelete !== 'keep');
      if (field?.onDelete === 'cascade') this.remove(userId, child, deletedWith ?? record.id);
      // Who clears it is nobody: only the system's stamp tells.
      if (field?.onDelete === 'clear') this.write(child, { ...child.values, [field.name]: null, SystemModstamp: now });
    }
  }

  /** Out of the recycle bin, with what went into it along. */
  restore(userId: string, record: SalesforceRecord): void {
    const now = instantText(this.nowMs());
    const together = [...this.shelves.values()].flatMap((shelf) =>
      [...shelf.values()].filter((other) => other === record || (other.deletedMs !== null && other.deletedWith === record.id)),
    );
    for (const other of together)
      this.write(other, { ...other.values, IsDeleted: false, ...this.stamps(other, userId, now) }, { deletedMs: null, deletedWith: null });
  }

  /** The loser goes into the bin for the master; what referred to it refers to the master. The master's values stay. */
  merge(userId: string, master: SalesforceRecord, loser: SalesforceRecord): void {
    const now = instantText(this.nowMs());
    for (const childId of [...(this.referrers.get(loser.id) ?? [])]) {
      const child = this.anyHistoryToo(childId);
      if (child === undefined || child.values['SystemModstamp'] === undefined) continue;
      const moved = Object.entries(child.values).filter(([, value]) => value === loser.id);
      this.write(child, { ...child.values, ...Object.fromEntries(moved.map(([name]) => [name, master.id])), SystemModstamp: now });
    }
    this.remove(userId, loser);
    this.write(loser, { ...loser.values, MasterRecordId: master.id });
    this.write(master, { ...master.values, LastModifiedDate: now, LastModifiedById: userId, SystemModstamp: now });
  }

  /** After an administrator's change to fields: what records are found by is made anew. */
  reindex(): void {
    this.index.clear();
    this.referrers.clear();
    for (const shelf of this.shelves.values()) for (const record of shelf.values()) this.remember(record);
  }

  private anyHistoryToo(id: string): SalesforceRecord | undefined {
    for (const shelf of this.shelves.values()) {
      const record = shelf.get(id);
      if (record !== undefined) return record;
    }
    return undefined;
  }

  private stamps(record: SalesforceRecord, userId: string, now: string): Values {
    return record.values['SystemModstamp'] === undefined ? {} : { LastModifiedDate: now, LastModifiedById: userId, SystemModstamp: now };
  }

  private derived(object: ObjectDefinition, change: { set: Values; before: Values; after: Values }): Values {
    return derivedValues(object.name, change, this.nowMs(), (id) => this.any(id)?.values);
  }

  private isPurged({ deletedMs }: SalesforceRecord): boolean {
    return deletedMs !== null && deletedMs + BIN_MS <= this.nowMs();
  }

  private next(counter: string): number {
    const number = (this.counters[counter] ?? 0) + 1;
    this.counters[counter] = number;
    this.documents.put('counters', 'counters', this.counters);
    return number;
  }

  private write(
    record: SalesforceRecord,
    values: Values,
    deletion: Partial<Pick<SalesforceRecord, 'deletedMs' | 'deletedWith'>> = {},
  ): void {
    const was = { values: record.values, deletedMs: record.deletedMs, deletedWith: record.deletedWith };
    this.forget(record);
    Object.assign(record, deletion, { values: withoutNulls(values) });
    this.remember(record);
    this.documents.put('record', record.id, record);
    this.undo.push(() => {
      this.forget(record);
      Object.assign(record, was);
      this.remember(record);
      this.documents.put('record', record.id, record);
    });
  }

  /** As if it had never been made. */
  private discard(record: SalesforceRecord): void {
    this.forget(record);
    this.shelves.get(record.object)?.delete(record.id);
    this.documents.remove('record', record.id);
  }

  private remember(record: SalesforceRecord): void {
    this.shelves.get(record.object)?.set(record.id, record);
    for (const [map, key] of this.keysOf(record)) {
      const ids = map.get(key) ?? new Set();
      map.set(key, ids.add(record.id));
    }
  }

  private forget(record: SalesforceRecord): void {
    for (const [map, key] of this.keysOf(record)) map.get(key)?.delete(record.id);
  }

  private keysOf(record: SalesforceRecord): (readonly [Map<string, Set<string>>, string])[] {
    return this.schema.object(record.object).fields.flatMap((field): (readonly [Map<string, Set<string>>, string])[] => {
      const value = record.values[field.name] ?? null;
      if (value === null) return [];
      if (field.type === 'reference') return [[this.referrers, String(value)]];
      const isFound = (field.externalId || field.idLookup || field.unique) && field.type !== 'id' && record.deletedMs === null;
      return isFound ? [[this.index, indexKey(record.object, field.name, value)]] : [];
    });
  }
}

const indexKey = (object: string, field: string, value: Scalar): string => `${object}/${field}/${String(value).toLowerCase()}`;

const withoutNulls = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
