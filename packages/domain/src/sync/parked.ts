/**
 * What waits for a person and is driven again once its cause is gone, told by cause: two hundred rows that one mistake in a mapping has parked are one
 * line. Pure.
 */
import type { FieldName } from '../backlog/item.ts';

/**
 * write: an owed write that was given up. field: one that was written without this field, or read without it. record: could not be taken in. comment: a
 * mirror that the tool does not take.
 */
export const PARKED_KINDS = ['write', 'field', 'record', 'comment'] as const;
export type ParkedKind = (typeof PARKED_KINDS)[number];

/** The error code of writes that the breaker on removed relations holds (H05): they wait for a yes, not for a redrive. */
export const HELD_BY_BREAKER = 'MassUnlink';
/** The code of a field that was left out. */
export const FIELD_LEFT_OUT = 'FieldLeftOut';

/** One thing that waits. */
export interface ParkedThing {
  readonly kind: ParkedKind;
  readonly connectionId: string;
  /** Of its kind and connection: the item of a write, the conflict of a field, the record, the comment. */
  readonly id: string;
  /** Null for records, which have none yet. */
  readonly itemId: string | null;
  /** Of a record, and of a field where it has one. */
  readonly remoteId: string | null;
  /** Of a field. */
  readonly field: FieldName | null;
  /** Code of the error, or the kind of the question. */
  readonly code: string;
  readonly message: string;
  /** How often it was tried; 0 where nobody counts. */
  readonly attempts: number;
  /** Since when it waits, or was last driven; ISO. */
  readonly since: string;
  /** Marked to be read again already: driving it would change nothing. */
  readonly isUnderWay: boolean;
}

/** Why a thing is left alone by a redrive. */
export type LeftReason = 'held' | 'under-way' | 'not-configured';

/** Things of one connection and kind with the same cause. */
export interface ParkedCause {
  readonly causeId: string;
  readonly connectionId: string;
  readonly kind: ParkedKind;
  readonly code: string;
  /** The message without what differs from thing to thing. */
  readonly words: string;
  readonly count: number;
  /** How many of them a redrive leaves alone, by reason. */
  readonly left: Readonly<Partial<Record<LeftReason, number>>>;
  /** Of the one that has waited longest. */
  readonly oldest: string;
  /** The one that has waited longest, as it is. */
  readonly example: ParkedThing;
}

const MOST_WORDS = 300;
const QUOTED = /"[^"]*"|“[^”]*”|`[^`]*`/gu;
/** Words, and ids, addresses and instants that are joined by signs. */
const TOKEN = /[\p{L}\p{N}_]+(?:[-.:/@+][\p{L}\p{N}_]+)*/gu;
const NAMES_ONE = /[\p{N}@]/u;

/** A message with what differs from thing to thing taken out: quoted texts become "…", whatever has a digit or an @ in it becomes #. Total. */
export function wordsOf(message: string): string {
  const plain = message
    .replace(QUOTED, '"…"')
    .replace(TOKEN, (token) => (NAMES_ONE.test(token) ? '#' : token))
    .replace(/#(?:,? and #|, #)+/gu, '#, …')
    .replaceAll(/\s+/gu, ' ')
    .trim();
  return plain.length <= MOST_WORDS ? plain : `${plain.slice(0, MOST_WORDS - 1).toWellFormed()}…`;
}

/** What two things of one cause have in common, as a text to be hashed; connections do not count. */
export function causeKey({ kind, code, message }: Pick<ParkedThing, 'kind' | 'code' | 'message'>): string {
  return JSON.stringify([kind, code, wordsOf(message)]);
}

/** Counts things by connection and cause, page by page: what it keeps grows with the causes, never with the things. */
export interface CauseTally {
  add(thing: ParkedThing, left: LeftReason | null): void;
  /** Most things first; then those that wait longest. */
  causes(): readonly ParkedCause[];
}

/** `causeIdOf` gives a cause its id, by its key. */
export function tallyCauses(causeIdOf: (thing: ParkedThing) => string): CauseTally {
  const found = new Map<string, ParkedCause>();
  return {
    add(thing, left) {
      const causeId = causeIdOf(thing);
      const key = `${thing.connectionId} ${causeId}`;
      const known = found.get(key);
      const isOldest = known === undefined || thing.since < known.oldest;
      found.set(key, {
        ...{ causeId, connectionId: thing.connectionId, kind: thing.kind, code: thing.code },
        words: known?.words ?? wordsOf(thing.message),
        count: (known?.count ?? 0) + 1,
        left: left === null ? (known?.left ?? {}) : { ...known?.left, [left]: (known?.left[left] ?? 0) + 1 },
        ...(isOldest ? { oldest: thing.since, example: thing } : { oldest: known.oldest, example: known.example }),
      });
    },
    causes: () => [...found.values()].toSorted(byWeight),
  };
}

function byWeight(a: ParkedCause, b: ParkedCause): number {
  return b.count - a.count || compare(a.oldest, b.oldest) || compare(a.connectionId, b.connectionId) || compare(a.causeId, b.causeId);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** How many of a cause a redrive drives. */
export function drivenOf({ count, left }: ParkedCause): number {
  return Object.values(left).reduce((rest, one) => rest - one, count);
}
