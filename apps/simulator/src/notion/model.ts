/**
 * What the stand-in remembers. Records are plain JSON, one document each in the simulator's database;
 * times are epoch milliseconds (the API shows them rounded down to the minute).
 */
import type { RichText } from './rich-text.ts';

/** API versions that are answered; shapes differ only in `archived` (older) and in `after` versus `position`. */
export type ApiVersion = '2025-09-03' | '2026-03-11';

/** Who acts: a person or the bot of a connection. */
export type Actor = { id: string; type: 'person' | 'bot' };

export type UserRecord = { id: string; type: 'person' | 'bot'; name: string; email: string | null };

export type Capability = 'read' | 'insert' | 'update' | 'comment';

/** A token: whom it speaks for and what it may do. A bot sees what is shared with it, a person sees everything. */
export type ConnectionRecord = {
  token: string;
  /** Name in the request log. */
  account: string;
  userId: string;
  capabilities: readonly Capability[];
  /** A revoked token is answered like an unknown one. */
  isRevoked: boolean;
};

export type Parent =
  | { type: 'workspace' }
  | { type: 'page_id'; pageId: string }
  | { type: 'data_source_id'; dataSourceId: string }
  | { type: 'database_id'; databaseId: string }
  | { type: 'block_id'; blockId: string };

export type DateValue = { start: string; end: string | null; time_zone: string | null };
export type FileValue = { name: string; type: 'external'; external: { url: string } };

/** A property value as stored: options by id, people and relations by id, text normalised. */
export type Stored = RichText[] | string[] | FileValue[] | DateValue | string | number | boolean | null;

/** Times, authors and trash state that every content record has. */
export type Stamps = { createdMs: number; editedMs: number; createdBy: string; editedBy: string; inTrash: boolean };

export type PageRecord = Stamps & {
  id: string;
  /** Order of creation: the default order of a query and the last tie-break. */
  seq: number;
  parent: Parent;
  /** By property id; a page outside a data source has only `title`. */
  properties: Record<string, Stored>;
  icon: unknown;
  cover: unknown;
  isLocked: boolean;
  /** Not shared with connections: a bot gets 404, a query leaves it out. */
  restricted: boolean;
  children: string[];
};

export type BlockRecord = Stamps & {
  id: string;
  parentId: string;
  type: string;
  content: Record<string, unknown>;
  children: string[];
};

export type Option = { id: string; name: string; color: string; description: string | null };
export type StatusGroup = { id: string; name: string; color: string; option_ids: string[] };

export const PROPERTY_TYPES = [
  'title',
  'rich_text',
  'number',
  'select',
  'multi_select',
  'status',
  'date',
  'people',
  'files',
  'checkbox',
  'url',
  'email',
  'phone_number',
  'relation',
  'unique_id',
  'created_time',
  'last_edited_time',
  'created_by',
  'last_edited_by',
] as const;
export type PropertyType = (typeof PROPERTY_TYPES)[number];

export type PropertySchema = {
  id: string;
  name: string;
  type: PropertyType;
  description: string | null;
  options?: Option[];
  groups?: StatusGroup[];
  format?: string;
  prefix?: string | null;
  /** The target data source; for a dual relation also the id of the mirrored property there. */
  relation?: { dataSourceId: string; syncedPropertyId: string | null };
};

export type DatabaseRecord = Stamps & {
  id: string;
  parent: Parent;
  title: RichText[];
  description: RichText[];
  icon: unknown;
  cover: unknown;
  isInline: boolean;
  isLocked: boolean;
  restricted: boolean;
  dataSourceIds: string[];
};

export type DataSourceRecord = Stamps & {
  id: string;
  databaseId: string;
  title: RichText[];
  icon: unknown;
  schema: PropertySchema[];
  /** The number that the next page's unique_id gets. */
  nextNumber: number;
};

export type CommentRecord = {
  id: string;
  parent: { type: 'page_id'; pageId: string } | { type: 'block_id'; blockId: string };
  pageId: string;
  discussionId: string;
  richText: RichText[];
  createdMs: number;
  editedMs: number;
  createdBy: string;
  isDeleted: boolean;
};

/** A webhook subscription, as its owner sets it up in the settings of the connection. */
export type SubscriptionRecord = {
  id: string;
  url: string;
  /** Sent once in the handshake; the key of every signature after it. */
  verificationToken: string;
  /** Names of events, or null for all. */
  events: readonly string[] | null;
  isActive: boolean;
  createdMs: number;
};

/** Every kind of record with its type; the kind is the collection name in the database. */
export type Records = {
  user: UserRecord;
  connection: ConnectionRecord;
  page: PageRecord;
  block: BlockRecord;
  database: DatabaseRecord;
  dataSource: DataSourceRecord;
  comment: CommentRecord;
  subscription: SubscriptionRecord;
};
export type RecordKind = keyof Records;
