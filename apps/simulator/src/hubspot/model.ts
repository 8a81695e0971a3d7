/** What the stand-in for HubSpot remembers. Plain JSON, one document a record; times are epoch milliseconds. */

export const OBJECT_TYPES = ['tasks', 'contacts', 'companies', 'deals', 'leads', 'notes', 'calls', 'emails', 'meetings'] as const;
export type ObjectType = (typeof OBJECT_TYPES)[number];

/** An app with a static token: a person's or a program's. */
export interface Account {
  /** The name in the request log. */
  readonly account: string;
  readonly token: string;
  readonly appId: number;
  readonly userId: number;
  readonly scopes: readonly string[];
}

export interface Owner {
  readonly id: string;
  readonly userId: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
}

export type PropertyType = 'string' | 'number' | 'date' | 'datetime' | 'enumeration' | 'bool';

export interface PropertyOption {
  readonly label: string;
  readonly value: string;
  readonly description?: string | undefined;
  readonly displayOrder?: number | undefined;
  readonly hidden: boolean;
}

export interface PropertyDefinition {
  readonly objectType: ObjectType;
  readonly name: string;
  readonly label: string;
  readonly type: PropertyType;
  readonly fieldType: string;
  readonly description: string;
  readonly groupName: string;
  readonly options: readonly PropertyOption[];
  readonly displayOrder: number;
  readonly hasUniqueValue: boolean;
  readonly hidden: boolean;
  readonly formField: boolean;
  readonly hubspotDefined: boolean;
  /** Set by HubSpot, refused in writes. */
  readonly readOnlyValue: boolean;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly archivedMs: number | null;
}

export interface PropertyGroup {
  readonly objectType: ObjectType;
  readonly name: string;
  readonly label: string;
  readonly displayOrder: number;
}

/** Who wrote a value, as the history says it. */
export interface Source {
  readonly sourceType: 'INTEGRATION' | 'CRM_UI' | 'MERGE_OBJECTS';
  readonly sourceId: string;
  readonly userId: number;
}

export interface Version extends Source {
  /** Empty where the value was cleared. */
  readonly value: string;
  readonly atMs: number;
}

/** Values by property; a property without a value is absent. */
export type Values = Readonly<Record<string, string>>;

export interface CrmRecord {
  readonly objectType: ObjectType;
  readonly id: string;
  readonly createdMs: number;
  updatedMs: number;
  archivedMs: number | null;
  /** The record that this one was merged into; it answers in its place. */
  mergedInto: string | null;
  values: Values;
  /** Newest first. */
  history: Record<string, readonly Version[]>;
  /** Until this moment searches show the record as it was before (`indexed`), or not at all. */
  indexedAtMs: number;
  /** What searches show until then; null where the record was not there yet. */
  indexed: Values | null;
}

type AssociationCategory = 'HUBSPOT_DEFINED' | 'USER_DEFINED';

export interface AssociationType {
  readonly from: ObjectType;
  readonly to: ObjectType;
  readonly category: AssociationCategory;
  readonly typeId: number;
  readonly label: string | null;
  /** The same association seen from the other side. */
  readonly inverseId: number;
}

/** One direction of an association; its inverse is kept beside it. */
export interface Edge {
  readonly fromType: ObjectType;
  readonly fromId: string;
  readonly toType: ObjectType;
  readonly toId: string;
  readonly typeId: number;
}

export interface Subscription {
  readonly id: number;
  readonly url: string;
}

/** What happened, for webhooks and the journal. */
export interface CrmEvent {
  readonly kind: 'creation' | 'propertyChange' | 'deletion' | 'restore' | 'merge';
  readonly objectType: ObjectType;
  readonly objectId: string;
  readonly atMs: number;
  readonly source: Source;
  readonly propertyName?: string;
  readonly propertyValue?: string;
  readonly mergedIds?: readonly string[];
  readonly movedProperties?: number;
}
