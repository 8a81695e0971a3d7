/** The objects of the org with what administrators have made of their fields, and which fields' history is kept. */
import type { Documents } from '../kernel/database.ts';
import { CRM_OBJECTS } from './crm-objects.ts';
import { notFound } from './errors.ts';
import type { FieldDefinition, ObjectDefinition } from './model.ts';
import { OWN_OBJECTS } from './own-objects.ts';

interface Tracking {
  readonly object: string;
  readonly fields: readonly string[];
}

/** A field that is otherwise than shipped; null: removed. */
interface ChangedField {
  readonly object: string;
  readonly name: string;
  readonly field: FieldDefinition | null;
}

export class Schema {
  private readonly byName = new Map<string, ObjectDefinition>();
  private readonly byPrefix = new Map<string, string>();
  private readonly fields = new Map<string, ReadonlyMap<string, FieldDefinition>>();
  private readonly tracked = new Map<string, Set<string>>();
  private readonly documents: Documents;

  constructor(documents: Documents) {
    this.documents = documents;
    for (const object of [...CRM_OBJECTS, ...OWN_OBJECTS].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      this.define(object);
      this.byPrefix.set(object.keyPrefix, object.name);
      this.tracked.set(object.name, new Set(object.tracked));
    }
    for (const { object, fields } of documents.load('tracking') as Iterable<Tracking>) this.tracked.set(object, new Set(fields));
    for (const { object, name, field } of documents.load('field') as Iterable<ChangedField>) this.replace(object, name, field);
  }

  /** In the order of their names. */
  get objects(): readonly ObjectDefinition[] {
    return [...this.byName.values()];
  }

  /** By name, in any case. */
  find(name: string): ObjectDefinition | undefined {
    return this.byName.get(name.toLowerCase());
  }

  /** By name; throws Salesforce's 404. */
  object(name: string): ObjectDefinition {
    const found = this.find(name);
    if (found === undefined) throw notFound();
    return found;
  }

  /** Whose records have ids that begin like this one; of histories any. */
  ofId(id: string): ObjectDefinition | undefined {
    const name = this.byPrefix.get(id.slice(0, 3));
    return name === undefined ? undefined : this.find(name);
  }

  /** By name, in any case. */
  field(object: ObjectDefinition, name: string): FieldDefinition | undefined {
    return this.fields.get(object.name)?.get(name.toLowerCase());
  }

  isTracked(object: string, field: string): boolean {
    return this.tracked.get(object)?.has(field) ?? false;
  }

  setTracked(object: string, field: string, isTracked: boolean): void {
    const fields = this.tracked.get(object) ?? new Set<string>();
    if (isTracked) fields.add(field);
    else fields.delete(field);
    this.documents.put('tracking', object, { object, fields: [...fields] } satisfies Tracking);
  }

  /** Makes a field, or another of the one that there is. Values stay. */
  setField(object: string, field: FieldDefinition): void {
    this.replace(object, field.name, field);
    this.documents.put('field', `${object}.${field.name}`, { object, name: field.name, field } satisfies ChangedField);
  }

  /** The field is gone for every request; its values stay where they are, unseen. */
  removeField(object: string, name: string): void {
    this.replace(object, name, null);
    this.documents.put('field', `${object}.${name}`, { object, name, field: null } satisfies ChangedField);
  }

  private replace(objectName: string, name: string, field: FieldDefinition | null): void {
    const object = this.object(objectName);
    const index = object.fields.findIndex((one) => one.name === name);
    const without = object.fields.filter((one) => one.name !== name);
    const fields = field === null ? without : without.toSpliced(index < 0 ? without.length : index, 0, field);
    this.define({ ...object, fields });
  }

  private define(object: ObjectDefinition): void {
    this.byName.set(object.name.toLowerCase(), object);
    this.fields.set(object.name, new Map(object.fields.map((field) => [field.name.toLowerCase(), field])));
  }
}
