/** What the stand-in for Jira remembers. Plain JSON, one document a record; times are epoch milliseconds. */

export interface User {
  readonly accountId: string;
  /** The name in the request log. */
  readonly account: string;
  readonly emailAddress: string;
  readonly apiToken: string;
  readonly displayName: string;
  /** IANA zone: JQL times and shown times are in it. */
  readonly timeZone: string;
  /** May see and change the project. */
  readonly isMember: boolean;
}

export type FieldKind =
  | 'string'
  | 'textarea'
  | 'labels'
  | 'priority'
  | 'issuetype'
  | 'status'
  | 'parent'
  | 'user'
  | 'date'
  | 'datetime'
  | 'project'
  | 'links'
  | 'resolution'
  | 'comments'
  | 'attachments'
  | 'number';

export interface FieldDefinition {
  readonly id: string;
  readonly name: string;
  readonly kind: FieldKind;
  readonly isCustom: boolean;
  /** Clients may set it when they create or edit. */
  readonly isEditable: boolean;
}

export interface IssueType {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly subtask: boolean;
  /** 1 for epics, 0 for the standard level, -1 for subtasks. */
  readonly hierarchyLevel: number;
}

export interface Status {
  readonly id: string;
  readonly name: string;
  readonly category: 'new' | 'indeterminate' | 'done';
}

export interface Transition {
  readonly id: string;
  readonly name: string;
  /** Statuses that it leaves from; null for all. */
  readonly from: readonly string[] | null;
  readonly to: string;
  /** Fields that its screen asks for, by id. */
  readonly requires?: readonly string[];
}

/** The one workflow of the site. */
export interface Workflow {
  readonly statuses: readonly Status[];
  readonly transitions: readonly Transition[];
}

export interface ChangeItem {
  readonly field: string;
  readonly fieldId: string;
  readonly fieldtype: 'jira' | 'custom';
  readonly from: string | null;
  readonly fromString: string | null;
  readonly to: string | null;
  readonly toString: string | null;
}

export interface Change {
  readonly id: string;
  readonly atMs: number;
  readonly accountId: string;
  readonly items: readonly ChangeItem[];
}

/** Values by field id: strings, ADF documents, label lists, ids of priority, type, status, parent issue, user. */
export type Values = Record<string, unknown>;

export interface Issue {
  readonly id: string;
  key: string;
  createdMs: number;
  updatedMs: number;
  /** Until this moment searches show the issue as it was before (`indexed`), or not at all. */
  indexedAtMs: number;
  /** What searches show until then: the values before the last write; null where the issue was not there yet. */
  indexed: { values: Values; updatedMs: number } | null;
  creator: string;
  values: Values;
  properties: Record<string, unknown>;
  changes: Change[];
  comments: Comment[];
  attachments: Attachment[];
}

export interface Comment {
  readonly id: string;
  readonly author: string;
  body: unknown;
  readonly createdMs: number;
  updatedMs: number;
}

export interface Attachment {
  readonly id: string;
  readonly filename: string;
  readonly mimeType: string;
  readonly size: number;
  readonly author: string;
  readonly createdMs: number;
}

export interface IssueLink {
  readonly id: string;
  readonly typeId: string;
  readonly inwardId: string;
  readonly outwardId: string;
}

export interface LinkType {
  readonly id: string;
  readonly name: string;
  readonly inward: string;
  readonly outward: string;
}

export interface Webhook {
  readonly id: number;
  readonly kind: 'admin' | 'dynamic';
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly jql: string;
  /** Updates of other fields are not sent; empty for every field. */
  readonly fieldIds: readonly string[];
  /** Admin webhooks only; dynamic ones carry a bearer token instead. */
  readonly secret: string | null;
  expiresMs: number | null;
  enabled: boolean;
}
