/**
 * The state of one HubSpot portal: every record in memory, written through to the simulator's database. Routes, the page and the webhooks work on it.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Documents } from '../kernel/database.ts';
import { OBJECT_TYPES } from './model.ts';
import type { CrmEvent, CrmRecord, ObjectType, Source, Subscription, Values } from './model.ts';
import { CREATED_PROPERTY, MODIFIED_PROPERTY } from './property-table.ts';
import { CUSTOMERS, INDEX_LAG_MS } from './scenario.ts';
import { Schema } from './schema.ts';
import { derivedValues } from './values.ts';

/** What a write sets; null clears. */
export type Changes = Readonly<Record<string, string | null>>;

interface Shelf {
  readonly byId: Map<string, CrmRecord>;
  /** All ids, ascending: ids only ever grow. */
  readonly ids: number[];
}

const SEEDED: Source = { sourceType: 'CRM_UI', sourceId: 'userId:51430432', userId: 51_430_432 };

export class Portal {
  readonly subscriptions = new Map<number, Subscription>();
  readonly schema: Schema;
  private readonly shelves = Object.fromEntries(OBJECT_TYPES.map((type) => [type, shelf()])) as Record<ObjectType, Shelf>;
  /** Which live record holds a value of a unique property. */
  private readonly holders = new Map<string, string>();
  private readonly documents: Documents;
  private readonly clock: Clock;
  private counters: { record: number; subscription: number; event: number; associationType: number };
  private pending: CrmEvent[] = [];
  private depth = 0;
  private readonly listeners: ((events: readonly CrmEvent[]) => void)[] = [];

  private readonly indexLagMs: () => number;

  constructor(documents: Documents, clock: Clock, indexLagMs: () => number | null) {
    this.indexLagMs = () => indexLagMs() ?? INDEX_LAG_MS;
    this.documents = documents;
    this.clock = clock;
    this.schema = new Schema(documents);
    for (const subscription of documents.load('subscription') as Iterable<Subscription>)
      this.subscriptions.set(subscription.id, subscription);
    // By number: the database gives them by text.
    for (const record of ([...documents.load('record')] as CrmRecord[]).sort((a, b) => Number(a.id) - Number(b.id))) this.remember(record);
    const [counters] = documents.load('counters') as Iterable<Portal['counters']>;
    this.counters = counters ?? { record: 30_100_000_000, subscription: 2_426_753, event: 2_409_503_944, associationType: 0 };
    if (counters === undefined)
      this.transaction(() => {
        for (const { objectType, values } of CUSTOMERS) this.create(SEEDED, objectType, values).indexedAtMs = 0;
      });
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  /** Called after each transaction that did something. */
  onEvents(listener: (events: readonly CrmEvent[]) => void): void {
    this.listeners.push(listener);
  }

  /** All of the writes inside, or none of them in the database; validate before. May be nested; events leave at the end of the outermost. */
  transaction<T>(work: () => T): T {
    this.depth += 1;
    let isDone = false;
    try {
      const result = this.documents.transaction(work);
      isDone = true;
      return result;
    } finally {
      this.depth -= 1;
      if (this.depth === 0) {
        const events = this.pending;
        this.pending = [];
        if (isDone && events.length > 0) for (const listener of this.listeners) listener(events);
      }
    }
  }

  /** The next number, or the last of the next `count`. */
  next(counter: keyof Portal['counters'], count = 1): number {
    this.counters[counter] += count;
    this.documents.put('counters', 'counters', this.counters);
    return this.counters[counter];
  }

  saveSubscription(subscription: Subscription): void {
    this.subscriptions.set(subscription.id, subscription);
    this.documents.put('subscription', String(subscription.id), subscription);
  }

  removeSubscription(id: number): void {
    this.subscriptions.delete(id);
    this.documents.remove('subscription', String(id));
  }

  /** A record, live or archived; a merged one is the record that it went into. */
  find(objectType: ObjectType, id: string): CrmRecord | undefined {
    let record = this.shelves[objectType].byId.get(id);
    while (record?.mergedInto != null) record = this.shelves[objectType].byId.get(record.mergedInto);
    return record;
  }

  /** The live record that holds a value of a unique property. */
  holder(objectType: ObjectType, property: string, value: string): CrmRecord | undefined {
    const id = this.holders.get(holderKey(objectType, property, value));
    return id === undefined ? undefined : this.find(objectType, id);
  }

  /** Up to `limit` records after an id, in the order of their ids. */
  list(objectType: ObjectType, options: { archived: boolean; after: number; limit: number }): CrmRecord[] {
    const { ids, byId } = this.shelves[objectType];
    const found: CrmRecord[] = [];
    for (let index = firstAfter(ids, options.after); index < ids.length && found.length < options.limit; index += 1) {
      const record = byId.get(String(ids[index]));
      if (record !== undefined && record.mergedInto === null && (record.archivedMs !== null) === options.archived) found.push(record);
    }
    return found;
  }

  live(objectType: ObjectType): CrmRecord[] {
    return this.list(objectType, { archived: false, after: 0, limit: Number.POSITIVE_INFINITY });
  }

  create(source: Source, objectType: ObjectType, values: Values): CrmRecord {
    const nowMs = this.nowMs();
    const id = String(this.next('record'));
    const iso = new Date(nowMs).toISOString();
    const record: CrmRecord = {
      objectType,
      id,
      createdMs: nowMs,
      updatedMs: nowMs,
      archivedMs: null,
      mergedInto: null,
      values: {
        ...withChanges(values, Object.entries(derivedValues(objectType, {}, values, nowMs))),
        hs_object_id: id,
        hs_created_by_user_id: String(source.userId),
        hs_updated_by_user_id: String(source.userId),
        hs_object_source: source.sourceType,
        hs_object_source_id: source.sourceId,
        hs_object_source_user_id: String(source.userId),
        [CREATED_PROPERTY[objectType]]: iso,
        [MODIFIED_PROPERTY[objectType]]: iso,
      },
      history: {},
      indexedAtMs: nowMs + this.indexLagMs(),
      indexed: null,
    };
    record.history = Object.fromEntries(Object.entries(record.values).map(([name, value]) => [name, [{ ...source, value, atMs: nowMs }]]));
    this.remember(record);
    this.save(record);
    this.emit({ kind: 'creation', objectType, objectId: id, atMs: nowMs, source });
    for (const [propertyName, propertyValue] of Object.entries(values))
      this.emit({ kind: 'propertyChange', objectType, objectId: id, atMs: nowMs, source, propertyName, propertyValue });
    return record;
  }

  /** Sets values; what does not differ is no change, and without a change nothing is touched, the modified date neither. */
  change(source: Source, record: CrmRecord, changes: Changes): boolean {
    const differing = Object.entries(changes).filter(([name, value]) => (record.values[name] ?? null) !== value);
    if (differing.length === 0) return false;
    this.forget(record);
    const nowMs = this.touch(record);
    const merged = withChanges(record.values, differing);
    const derived = Object.entries(derivedValues(record.objectType, record.values, merged, nowMs));
    const all = [...differing, ...derived.filter(([name, value]) => (record.values[name] ?? null) !== value)];
    for (const [name, value] of all)
      record.history[name] = [{ ...source, value: value ?? '', atMs: nowMs }, ...(record.history[name] ?? [])];
    record.values = withChanges(record.values, [
      ...all,
      ['hs_updated_by_user_id', String(source.userId)],
      [MODIFIED_PROPERTY[record.objectType], new Date(nowMs).toISOString()],
    ]);
    this.hold(record);
    this.save(record);
    for (const [propertyName, value] of differing)
      this.emit({
        kind: 'propertyChange',
        objectType: record.objectType,
        objectId: record.id,
        atMs: nowMs,
        source,
        propertyName,
        propertyValue: value ?? '',
      });
    return true;
  }

  /** Puts a record into the recycling bin, or takes it out again. */
  setArchived(source: Source, record: CrmRecord, archived: boolean): void {
    if ((record.archivedMs !== null) === archived) return;
    this.forget(record);
    const nowMs = this.touch(record);
    record.archivedMs = archived ? nowMs : null;
    record.values = { ...record.values, [MODIFIED_PROPERTY[record.objectType]]: new Date(nowMs).toISOString() };
    this.hold(record);
    this.save(record);
    this.emit({ kind: archived ? 'deletion' : 'restore', objectType: record.objectType, objectId: record.id, atMs: nowMs, source });
  }

  /** The record is no more; from here on its id means the other one. */
  mergeInto(source: Source, loser: CrmRecord, winner: CrmRecord, movedProperties: number): void {
    this.forget(loser);
    const atMs = this.touch(loser);
    loser.mergedInto = winner.id;
    this.save(loser);
    this.emit({
      kind: 'merge',
      objectType: winner.objectType,
      objectId: winner.id,
      atMs,
      source,
      mergedIds: [loser.id],
      movedProperties,
    });
  }

  private emit(event: CrmEvent): void {
    this.pending.push(event);
  }

  private save(record: CrmRecord): void {
    this.documents.put('record', record.id, record);
  }

  private remember(record: CrmRecord): void {
    const { byId, ids } = this.shelves[record.objectType];
    byId.set(record.id, record);
    ids.push(Number(record.id));
    this.hold(record);
  }

  /** A write: newer than any before, and searches show the old state for a while. */
  private touch(record: CrmRecord): number {
    const nowMs = this.nowMs();
    if (record.indexedAtMs <= nowMs) record.indexed = record.values;
    record.updatedMs = Math.max(nowMs, record.updatedMs + 1);
    record.indexedAtMs = nowMs + this.indexLagMs();
    return record.updatedMs;
  }

  private hold(record: CrmRecord): void {
    if (record.archivedMs !== null || record.mergedInto !== null) return;
    for (const key of this.heldKeys(record)) if (!this.holders.has(key)) this.holders.set(key, record.id);
  }

  private forget(record: CrmRecord): void {
    for (const key of this.heldKeys(record)) if (this.holders.get(key) === record.id) this.holders.delete(key);
  }

  private heldKeys(record: CrmRecord): string[] {
    return Object.entries(record.values)
      .filter(([name]) => this.schema.anyProperty(record.objectType, name)?.hasUniqueValue === true)
      .map(([name, value]) => holderKey(record.objectType, name, value));
  }
}

const shelf = (): Shelf => ({ byId: new Map(), ids: [] });

const holderKey = (objectType: ObjectType, property: string, value: string): string => `${objectType}/${property}/${value}`;

function withChanges(values: Values, changes: readonly (readonly [string, string | null])[]): Values {
  const next: Record<string, string> = { ...values };
  for (const [name, value] of changes) {
    if (value === null) delete next[name];
    else next[name] = value;
  }
  return next;
}

/** Where the first id above `after` stands. */
function firstAfter(ids: readonly number[], after: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? 0) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
