/** How definitions of fields and objects are written down. */
import type { FieldDefinition, FieldType, ObjectDefinition } from './model.ts';

type Traits = Partial<Omit<FieldDefinition, 'name' | 'type'>>;

const LENGTHS: Partial<Record<FieldType, number>> = {
  id: 18,
  reference: 18,
  string: 255,
  textarea: 255,
  picklist: 255,
  multipicklist: 4_099,
  email: 80,
  phone: 40,
  url: 255,
};

export function field(name: string, type: FieldType, traits: Traits = {}): FieldDefinition {
  return {
    name,
    type,
    label: labelOf(name),
    length: LENGTHS[type] ?? 0,
    required: false,
    createable: true,
    updateable: true,
    externalId: false,
    idLookup: false,
    unique: false,
    nameField: false,
    autoNumber: false,
    scale: type === 'currency' || type === 'percent' ? 2 : 0,
    default: type === 'boolean' ? false : null,
    options: [],
    restricted: false,
    referenceTo: [],
    relationshipName: null,
    onDelete: 'keep',
    childRelationshipName: null,
    ...traits,
  };
}

/** `Definition_Of_Done__c` → `Definition Of Done`, `OwnerId` → `Owner ID`. */
function labelOf(name: string): string {
  return name
    .replace(/__c$/, '')
    .replace(/Id$/, ' ID')
    .replaceAll('_', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .trim();
}

export const fieldsOf = (type: FieldType, length: number | null, ...names: readonly string[]): readonly FieldDefinition[] =>
  names.map((name) => field(name, type, length === null ? {} : { length }));

export const derived = (name: string, type: FieldType, traits: Traits = {}): FieldDefinition =>
  field(name, type, { createable: false, updateable: false, ...traits });

/** A reference to another record. `OwnerId` is `Owner` in queries, `Parent__c` is `Parent__r`. */
export function lookup(name: string, referenceTo: readonly string[], traits: Traits = {}): FieldDefinition {
  const relationshipName = name.endsWith('__c') ? name.replace(/__c$/, '__r') : name.replace(/Id$/, '');
  return field(name, 'reference', { referenceTo, relationshipName, ...traits });
}

export const longText = (name: string, length: number, traits: Traits = {}): FieldDefinition =>
  field(name, 'textarea', { length, ...traits });

export const picklist = (name: string, options: readonly string[], traits: Traits = {}): FieldDefinition =>
  field(name, 'picklist', { options, ...traits });

/** Our marker on records of the CRM and of the backlog. */
export const marker: FieldDefinition = field('Lockstep_Id__c', 'string', { label: 'Lockstep ID', externalId: true, unique: true });

const user = (name: string): FieldDefinition => lookup(name, ['User'], { createable: false, updateable: false });

/** What every record has that clients can make. */
export const SYSTEM: readonly FieldDefinition[] = [
  derived('Id', 'id', { label: 'Record ID', idLookup: true }),
  derived('IsDeleted', 'boolean', { label: 'Deleted' }),
  derived('CreatedDate', 'datetime'),
  user('CreatedById'),
  derived('LastModifiedDate', 'datetime'),
  user('LastModifiedById'),
  derived('SystemModstamp', 'datetime', { label: 'System Modstamp' }),
];

/** Which the user who creates a record owns, where nothing else is said. */
export const owner = (...more: readonly string[]): FieldDefinition => lookup('OwnerId', ['User', ...more]);

export function object(
  name: string,
  keyPrefix: string,
  fields: readonly FieldDefinition[],
  traits: Partial<ObjectDefinition> = {},
): ObjectDefinition {
  const label = labelOf(name);
  return {
    name,
    label,
    labelPlural: label.endsWith('y') ? `${label.slice(0, -1)}ies` : `${label}s`,
    keyPrefix,
    fields: [...SYSTEM, ...fields],
    writable: true,
    creatable: traits.writable ?? true,
    deletable: true,
    history: null,
    tracked: [],
    ...traits,
  };
}

/** The object that keeps the history of another one's fields. */
export function historyOf(name: string, parentField: string, parent: string): ObjectDefinition {
  const kept = new Set(['Id', 'IsDeleted', 'CreatedDate', 'CreatedById']);
  return {
    ...object(name, '017', [], { writable: false, deletable: false }),
    fields: [
      ...SYSTEM.filter((system) => kept.has(system.name)),
      lookup(parentField, [parent], {
        createable: false,
        updateable: false,
        relationshipName: parentField === 'ParentId' ? 'Parent' : parentField.replace(/Id$/, ''),
        onDelete: 'cascade',
        childRelationshipName: 'Histories',
      }),
      derived('Field', 'picklist'),
      derived('DataType', 'picklist'),
      derived('OldValue', 'string'),
      derived('NewValue', 'string'),
    ],
  };
}
