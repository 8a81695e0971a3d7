import type { FieldName } from '@lockstep/domain/backlog/item.ts';
import type { FieldConflict } from '@lockstep/domain/backlog/merge.ts';
import type { ConflictKind, ConflictRow } from '@lockstep/domain/sync/store.port.ts';
import type { Run } from './run.ts';

/** How notices begin whose write, or whose comment, is parked: a redrive closes them. */
export const NOT_WRITTEN = 'not written: ';
export const COMMENT_NOT_MIRRORED = 'comment not mirrored: ';

/** Conflicts that a rule settled are on record; the others wait for a person. */
const WAITS_FOR_A_PERSON: Readonly<Record<FieldConflict['kind'], boolean>> = {
  'concurrent-edit': false,
  'put-back': false,
  manual: true,
  flapping: true,
};

const WORDS: Readonly<Record<FieldConflict['kind'], string>> = {
  'concurrent-edit': 'changed on both sides at the same time; the declared rule settled it, the other value is kept here',
  'put-back': 'changed where only Lockstep writes; put back',
  manual: 'changed on both sides at the same time; the mapping leaves it to a person',
  flapping: 'put back again and again by the other side; held until a person decides',
};

/** A merge's conflict as a durable row. */
export function conflictRow(run: Run, itemId: string, remoteId: string | null, conflict: FieldConflict): ConflictRow {
  return {
    conflictId: run.workspace.newId(),
    kind: conflict.kind,
    state: WAITS_FOR_A_PERSON[conflict.kind] ? 'open' : 'recorded',
    itemId,
    field: conflict.field,
    connectionId: conflict.connectionId,
    remoteId,
    canonicalValue: conflict.canonicalValue,
    remoteValue: conflict.remoteValue,
    baseValue: conflict.baseValue,
    message: `${conflict.field}: ${WORDS[conflict.kind]}`,
    raisedAt: run.now,
    resolvedAt: null,
    resolution: null,
  };
}

/** Something that a person must see and that is no clash of two values. */
export function noticeRow(
  run: Run,
  notice: {
    readonly kind: ConflictKind;
    readonly itemId: string | null;
    readonly field?: FieldName | null;
    readonly remoteId: string | null;
    readonly message: string;
    readonly recorded?: boolean;
  },
): ConflictRow {
  return {
    conflictId: run.workspace.newId(),
    kind: notice.kind,
    state: notice.recorded === true ? 'recorded' : 'open',
    itemId: notice.itemId,
    field: notice.field ?? null,
    connectionId: run.connection.connectionId,
    remoteId: notice.remoteId,
    canonicalValue: null,
    remoteValue: null,
    baseValue: null,
    message: notice.message,
    raisedAt: run.now,
    resolvedAt: null,
    resolution: null,
  };
}
