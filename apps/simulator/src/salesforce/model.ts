/** What the stand-in for Salesforce remembers. Plain JSON, one document a record. Instants are texts as Salesforce writes them, in whole seconds. */

export type Scalar = string | number | boolean | null;
/** By field name; a field without a value is null or absent. */
export type Values = Readonly<Record<string, Scalar>>;

export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'picklist'
  | 'multipicklist'
  | 'reference'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'email'
  | 'phone'
  | 'url';

export interface FieldDefinition {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  /** Most characters of a text; 0 for what is none. */
  readonly length: number;
  readonly required: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  /** Records can be found and upserted by it. */
  readonly externalId: boolean;
  /** Standard fields by which records can be found too (a contact's e-mail address). */
  readonly idLookup: boolean;
  readonly unique: boolean;
  readonly nameField: boolean;
  readonly autoNumber: boolean;
  /** Digits after the point. */
  readonly scale: number;
  readonly default: Scalar;
  /** Values of a picklist, in order. */
  readonly options: readonly string[];
  /** Whether other values than `options` are refused. */
  readonly restricted: boolean;
  readonly referenceTo: readonly string[];
  /** Name of the reference in queries (`Owner`, `Parent__r`); null for what is none. */
  readonly relationshipName: string | null;
  /** What becomes of this record when the one that it refers to is deleted. */
  readonly onDelete: 'clear' | 'cascade' | 'keep';
  /** Name of the list of these records at the one that they refer to (`Contacts`); null where it has none. */
  readonly childRelationshipName: string | null;
}

export interface ObjectDefinition {
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  readonly keyPrefix: string;
  readonly fields: readonly FieldDefinition[];
  /** Clients may create and change records; else they are read only. */
  readonly writable: boolean;
  /** Clients may make records; there is one organization. */
  readonly creatable: boolean;
  /** Records can be deleted; users cannot. */
  readonly deletable: boolean;
  /** Where changes of tracked fields are kept, and the field there that names the record; null where there is no history. */
  readonly history: { readonly object: string; readonly parentField: string } | null;
  /** Fields whose history is kept from the beginning. */
  readonly tracked: readonly string[];
}

export interface SalesforceRecord {
  readonly object: string;
  /** 18 characters. */
  readonly id: string;
  /** Every field with a value, the system's too. */
  values: Values;
  /** Epoch milliseconds; null while it is not in the recycle bin. */
  deletedMs: number | null;
  /** The record whose deletion took this one along; null where it was deleted by itself. */
  deletedWith: string | null;
}

/** Whoever has a session. */
export interface Session {
  /** The name in the request log. */
  readonly account: string;
  readonly userId: string;
  /** May read and not write. */
  readonly isReadOnly: boolean;
}

/** An administrator's rule that refuses writes: a validation rule, a lock. */
export interface RefusalRule {
  readonly id: string;
  readonly object: string;
  /** Only this record; null: all. */
  readonly recordId: string | null;
  /** Only writes that set this field; null: all. */
  readonly field: string | null;
  readonly on: readonly ('create' | 'update' | 'delete')[];
  readonly errorCode: string;
  readonly message: string;
  /** How many writes it still refuses; null: until it is taken away. */
  readonly left: number | null;
}
