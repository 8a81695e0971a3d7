import type { FieldName, FieldValue } from '../backlog/item.ts';

/**
 * What both sides of a link last agreed on, for one field.
 *
 * `remote` is the value as the remote stores it (its normalised form, decoded), `agreed` the canonical value that it stood for.
 * They differ where a remote clips, rewrites or lacks room for a value; an echo is then still recognised (law S5), by value and with no clock.
 * References are held in item ids, never in remote ids.
 */
export interface Base {
  readonly remote: FieldValue;
  readonly agreed: FieldValue;
  /** What our last write replaced at the remote: a remote that puts it back is flapping (law S8). */
  readonly overwrote?: FieldValue;
  /** How often the remote has put `overwrote` back. */
  readonly flips?: number;
  /** An edit at the remote that waits for a person (rule `manual`, or flapping): until then neither side of this field is written. */
  readonly held?: FieldValue;
}

/**
 * linked: both sides exist. vanished: the remote says deleted or has been absent from enough complete scans; the delete is not applied yet.
 * unreachable: the remote may exist but we may not see it (never treated as deleted). removed: deleted on both sides, kept as a tombstone.
 */
export type LinkState = 'linked' | 'vanished' | 'unreachable' | 'removed';

/** item ↔ remote record, one per (item, connection) (law S4). */
export interface Link {
  readonly itemId: string;
  readonly connectionId: string;
  readonly remoteId: string;
  /** The id that people know (GROW-12), where it differs from `remoteId`. */
  readonly remoteKey: string | null;
  readonly url: string | null;
  readonly state: LinkState;
  readonly bases: { readonly [F in FieldName]?: Base };
  /** The remote's own revision of what we read last; compared inside one remote only. */
  readonly revision: string | null;
  /** Complete scans in a row in which the remote record was absent. */
  readonly missedScans: number;
}
