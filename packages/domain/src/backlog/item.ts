/**
 * The canonical backlog: what an item is and which fields it can have.
 *
 * An item is a row of the plan, whatever tool shows it. Its fields hold plain JSON values, so that an item
 * can cross a database, a workflow and HTTP unchanged. Absent (the key is missing), null (known to be empty)
 * and '' (an empty text) are three different things.
 */

/** Every kind of item, parents before children: the order in which a first load creates them. */
export const ITEM_KINDS = [
  'phase',
  'epic',
  'group',
  'deliverable',
  'gate',
  'task',
  'subtask',
  'check',
  'ritual',
  'loop',
  'motionVariant',
  'metric',
] as const;

export type ItemKind = (typeof ITEM_KINDS)[number];

/** How a field's values look and therefore how two edits of it can be merged. */
export type FieldType = 'line' | 'text' | 'choice' | 'date' | 'set' | 'ref' | 'refSet';

/**
 * The fields of an item. `line` is one line of text, `text` may have many lines (Markdown is kept as written), `choice` is one of a closed list,
 * `date` is `YYYY-MM-DD`, `set` is a sorted list of distinct strings, `ref` is an item id, `refSet` a sorted list of distinct item ids
 * (or `remote:<connectionId>:<remoteId>` where the target is outside the backlog).
 */
export const FIELD_TYPES = {
  title: 'line',
  description: 'text',
  /** The owner as people wrote it, collaborators included ("VP Sales + CGO"). The first-named is accountable: see owner.ts. */
  owner: 'line',
  status: 'choice',
  priority: 'choice',
  dueDate: 'date',
  labels: 'set',
  parent: 'ref',
  /** Headings that an item without a parent stands under ("E.1 Approval Gates"). */
  section: 'line',
  /** Items that must be done first, resolved. */
  dependsOn: 'refSet',
  /** Dependencies as the plan words them. */
  dependencies: 'text',
  definitionOfDone: 'text',
  metric: 'text',
  entryCriteria: 'text',
  exitCriteria: 'text',
  cadence: 'line',
  duration: 'line',
  attendees: 'line',
  purpose: 'text',
  motion: 'line',
  tools: 'line',
} as const satisfies Record<string, FieldType>;

export type FieldName = keyof typeof FIELD_TYPES;

export const FIELD_NAMES = Object.keys(FIELD_TYPES) as readonly FieldName[];

/** A field's value. Sets are sorted and distinct (see `normalise` in value.ts). */
export type FieldValue = string | null | readonly string[];

/** Some fields of an item. A missing key says nothing about the field; it never means "cleared". */
export type FieldMap = { readonly [F in FieldName]?: FieldValue };

/** Canonical statuses; each connection's mapping translates them to its own. */
export const STATUSES = ['todo', 'in_progress', 'blocked', 'done', 'cancelled'] as const;
export type Status = (typeof STATUSES)[number];

/** Canonical priorities, most urgent first. */
export const PRIORITIES = ['highest', 'high', 'medium', 'low', 'lowest'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Who set a field last, and how often it has changed: lets the merge tell a concurrent edit from one whose author had seen the value. */
export interface Stamp {
  /** Counts the changes of this field, from 1. */
  readonly version: number;
  /** The connection whose edit set the value (`operator` for a person's resolution, `lockstep` for our own). */
  readonly source: string;
}

/** A row of the canonical backlog. */
export interface Item {
  readonly itemId: string;
  readonly kind: ItemKind;
  readonly fields: FieldMap;
  readonly stamps: { readonly [F in FieldName]?: Stamp };
  /** ISO instant of the delete, or null while the item lives. A deleted item stays as its own tombstone. */
  readonly deletedAt: string | null;
  /** The connection that deleted it, or null. */
  readonly deletedBy: string | null;
}
