/** Records as the API shows them: every value a string or null. */
import type { Associations } from './associations.ts';
import type { CrmRecord, ObjectType, Version } from './model.ts';
import { traitsOf } from './object-types.ts';
import { CREATED_PROPERTY, MODIFIED_PROPERTY } from './property-table.ts';
import type { Schema } from './schema.ts';

/** What a request wants to see of a record. */
export interface View {
  /** Empty: what the object shows unasked. */
  readonly properties: readonly string[];
  readonly propertiesWithHistory: readonly string[];
  readonly associations: readonly ObjectType[];
}

const MOST_ASSOCIATIONS = 500;

export class Rendering {
  private readonly schema: Schema;
  private readonly associations: Associations;

  constructor(schema: Schema, associations: Associations) {
    this.schema = schema;
    this.associations = associations;
  }

  /** A record by a view. Properties that the object does not have are left out, as HubSpot does. */
  record(record: CrmRecord, view: View): Record<string, unknown> {
    return {
      ...this.shown(record, view.properties.length === 0 ? traitsOf(record.objectType).shown : view.properties),
      ...(view.propertiesWithHistory.length === 0 ? {} : { propertiesWithHistory: this.history(record, view.propertiesWithHistory) }),
      ...(view.associations.length === 0 ? {} : this.associated(record, view.associations)),
    };
  }

  /** The answer to a create: everything that has a value. */
  created(record: CrmRecord): Record<string, unknown> {
    return this.shown(record, Object.keys(record.values));
  }

  /** The answer to an update: what was written. */
  updated(record: CrmRecord, written: readonly string[]): Record<string, unknown> {
    return this.shown(record, written);
  }

  private shown(record: CrmRecord, names: readonly string[]): Record<string, unknown> {
    const always = ['hs_object_id', CREATED_PROPERTY[record.objectType], MODIFIED_PROPERTY[record.objectType]];
    const known = [...new Set([...names, ...always])].filter((name) => this.schema.property(record.objectType, name) !== undefined);
    return {
      id: record.id,
      properties: Object.fromEntries(known.map((name) => [name, record.values[name] ?? null])),
      createdAt: new Date(record.createdMs).toISOString(),
      // From the values: what the index shows is older than the record.
      updatedAt: record.values[MODIFIED_PROPERTY[record.objectType]] ?? new Date(record.updatedMs).toISOString(),
      archived: record.archivedMs !== null,
      ...(record.archivedMs === null ? {} : { archivedAt: new Date(record.archivedMs).toISOString() }),
    };
  }

  private history(record: CrmRecord, names: readonly string[]): Record<string, unknown> {
    const known = names.filter((name) => this.schema.property(record.objectType, name) !== undefined);
    return Object.fromEntries(known.map((name) => [name, (record.history[name] ?? []).map(version)]));
  }

  private associated(record: CrmRecord, types: readonly ObjectType[]): Record<string, unknown> {
    const entries = types.flatMap((to) => {
      const edges = this.associations.of(record.objectType, record.id, to).slice(0, MOST_ASSOCIATIONS);
      const type = `${traitsOf(record.objectType).singular}_to_${traitsOf(to).singular}`;
      return edges.length === 0 ? [] : [[to, { results: edges.map((edge) => ({ id: edge.toId, type })) }] as const];
    });
    return entries.length === 0 ? {} : { associations: Object.fromEntries(entries) };
  }
}

function version(entry: Version): object {
  return {
    value: entry.value,
    timestamp: new Date(entry.atMs).toISOString(),
    sourceType: entry.sourceType,
    sourceId: entry.sourceId,
    updatedByUserId: entry.userId,
  };
}
