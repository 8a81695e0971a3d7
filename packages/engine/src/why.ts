/**
 * Why an item is as it is: its values, who set them, what every tool holds, what is owed, what clashed, and what was written when.
 */
import type { FieldName, FieldValue, Item } from '@lockstep/domain/backlog/item.ts';
import { fieldEntries } from '@lockstep/domain/backlog/value.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { ConflictRow, LedgerRow, OutboxRow } from '@lockstep/domain/sync/store.port.ts';
import type { Workspace } from './workspace.ts';

export interface Explanation {
  readonly item: Item;
  readonly fields: readonly {
    readonly field: FieldName;
    readonly value: FieldValue;
    readonly source: string;
    readonly version: number;
    readonly held: readonly string[];
  }[];
  readonly links: readonly Link[];
  readonly owed: readonly OutboxRow[];
  readonly conflicts: readonly ConflictRow[];
  /** Newest first. */
  readonly ledger: readonly LedgerRow[];
}

const MOST_ROWS = 100;

/** Everything on record about one item; null where there is none. */
export async function explain(workspace: Workspace, itemId: string): Promise<Explanation | null> {
  return workspace.store.snapshot(async (reader) => {
    const [item] = await reader.items([itemId]);
    if (item === undefined) return null;
    const links = await reader.linksByItem([itemId]);
    const fields = fieldEntries(item.fields).map(([field, value]) => ({
      field,
      value,
      source: item.stamps[field]?.source ?? 'lockstep',
      version: item.stamps[field]?.version ?? 0,
      held: links.filter((link) => link.bases[field]?.held !== undefined).map((link) => link.connectionId),
    }));
    const owed = await reader.outbox({ itemIds: [itemId], limit: MOST_ROWS });
    const conflicts = await reader.conflicts({ itemId, limit: MOST_ROWS });
    const ledger = await reader.ledger({ itemId, limit: MOST_ROWS });
    return { item, fields, links, owed, conflicts, ledger };
  });
}
