/**
 * For tests: one item, a few tools that a person edits, and a hub that pulls and pushes when the test says so. Unlike history-model.ts it judges
 * nothing; a case reads as a story, and the test says what must be true at its end.
 */
import type { MappedField } from '../sync/connector.port.ts';
import type { Link } from '../sync/link.ts';
import type { FieldMap, FieldName, FieldValue, Item } from './item.ts';
import { mergeObserved } from './merge.ts';
import type { FieldConflict } from './merge.ts';
import { basesAfterWrite, owedFields } from './owed.ts';
import type { MergePolicy } from './ownership.ts';

export interface HubOptions {
  /** In order: the first wins under `order`. */
  readonly connections: readonly string[];
  /** What all of them show at the start, agreed. */
  readonly start: FieldMap;
  readonly rules?: MergePolicy['rules'];
  /** How a tool stores what it is sent; as it is where it is left out. */
  readonly stores?: (connectionId: string, field: FieldName, value: FieldValue) => FieldValue;
  readonly directions?: { readonly [F in FieldName]?: MappedField['direction'] };
}

export interface Sent {
  readonly connectionId: string;
  readonly fields: FieldMap;
}

export class ScriptedHub {
  readonly conflicts: FieldConflict[] = [];
  /** Every write to a tool, in order. */
  readonly sent: Sent[] = [];
  item: Item;
  private readonly options: HubOptions;
  private readonly mapped: readonly MappedField[];
  private readonly policy: MergePolicy;
  private readonly links = new Map<string, Link>();
  private readonly shown = new Map<string, FieldMap>();

  constructor(options: HubOptions) {
    this.options = options;
    const ranks = Object.fromEntries(options.connections.map((connectionId, rank) => [connectionId, rank]));
    this.policy = { rules: options.rules ?? {}, ranks };
    const names = Object.keys(options.start) as FieldName[];
    this.mapped = names.map((field) => ({ field, direction: options.directions?.[field] ?? 'both' }));
    this.item = { itemId: 'item', kind: 'task', fields: options.start, stamps: {}, deletedAt: null, deletedBy: null };
    for (const connectionId of options.connections) {
      const shown = this.stored(connectionId, options.start);
      this.shown.set(connectionId, shown);
      const bases = Object.fromEntries(
        names.map((field) => [field, { remote: shown[field] ?? null, agreed: options.start[field] ?? null }]),
      );
      this.links.set(connectionId, {
        itemId: 'item',
        connectionId,
        remoteId: connectionId,
        remoteKey: null,
        url: null,
        state: 'linked',
        bases,
        revision: null,
        missedScans: 0,
      });
    }
  }

  /** A person edits in a tool. */
  edit(connectionId: string, fields: FieldMap): void {
    this.shown.set(connectionId, { ...this.shows(connectionId), ...fields });
  }

  shows(connectionId: string): FieldMap {
    return this.shown.get(connectionId) ?? {};
  }

  /** The hub reads a tool; `answer` is what it says where that is not all that it shows. Returns the fields whose canonical value changed. */
  pull(connectionId: string, answer: FieldMap = this.shows(connectionId)): readonly FieldName[] {
    const result = mergeObserved({
      item: this.item,
      link: this.link(connectionId),
      observed: answer,
      mapped: this.mapped,
      policy: this.policy,
    });
    this.item = result.item;
    this.links.set(connectionId, result.link);
    this.conflicts.push(...result.conflicts);
    return result.changed;
  }

  owed(connectionId: string): FieldMap {
    return owedFields(this.item, this.link(connectionId), this.mapped, (_, value) => value);
  }

  /** The hub writes what it owes and reads it back. `meanwhile` happens between the write and the moment when it is settled. */
  push(connectionId: string, meanwhile: () => void = () => undefined): void {
    const fields = this.owed(connectionId);
    if (Object.keys(fields).length === 0) return;
    const canonical = this.item.fields;
    this.sent.push({ connectionId, fields });
    this.shown.set(connectionId, { ...this.shows(connectionId), ...this.stored(connectionId, fields) });
    const readBack = this.shows(connectionId);
    meanwhile();
    const link = this.link(connectionId);
    const bases = basesAfterWrite({ bases: link.bases, mapped: this.mapped, sent: fields, canonical, readBack });
    this.links.set(connectionId, { ...link, bases });
  }

  /** One pass: every tool is read and then written, in the order given. */
  pass(order: readonly string[] = this.options.connections): void {
    for (const connectionId of order) this.pull(connectionId);
    for (const connectionId of order) this.push(connectionId);
  }

  link(connectionId: string): Link {
    const link = this.links.get(connectionId);
    if (link === undefined) throw new Error(`the script has no connection ${connectionId}`);
    return link;
  }

  private stored(connectionId: string, fields: FieldMap): FieldMap {
    const stores = this.options.stores ?? ((_connectionId, _field, value) => value);
    return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, stores(connectionId, field as FieldName, value)]));
  }
}
