/**
 * Drift: what a full scan finds changed although neither the feed of changes nor a hint had told of it. It is merged like any edit, and reported (K09):
 * item, field, both values, and when it was seen first.
 */
import type { FieldMap, Item } from '@lockstep/domain/backlog/item.ts';
import { fieldEntries, sameValue } from '@lockstep/domain/backlog/value.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { ConflictRow } from '@lockstep/domain/sync/store.port.ts';
import type { Run } from './run.ts';

/** One row per field that is not as both sides last agreed. */
export function driftRows(run: Run, item: Item, link: Link, observed: FieldMap): readonly ConflictRow[] {
  if (link.state !== 'linked') return [];
  return fieldEntries(observed).flatMap(([field, value]): ConflictRow[] => {
    const base = link.bases[field];
    if (base === undefined || sameValue(value, base.remote) || sameValue(value, item.fields[field])) return [];
    return [
      {
        ...{ conflictId: run.workspace.newId(), kind: 'drift', state: 'recorded', itemId: item.itemId, field },
        ...{ connectionId: link.connectionId, remoteId: link.remoteId, raisedAt: run.now, resolvedAt: null, resolution: null },
        ...{ canonicalValue: item.fields[field] ?? null, remoteValue: value, baseValue: base.remote },
        message: `${field}: expected what both sides had agreed on, got another value that no event had told of; found by a full scan`,
      },
    ];
  });
}
