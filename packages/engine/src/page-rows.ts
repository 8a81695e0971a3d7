import type { FieldName, Item } from '@lockstep/domain/backlog/item.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { ConflictRow, LedgerRow, NewOutboxRow, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import type { Run } from './run.ts';

/** What a page is about to write. */
export class PageRows {
  readonly items = new Map<string, Item>();
  readonly links: Link[] = [];
  readonly conflicts: ConflictRow[] = [];
  readonly ledger: LedgerRow[] = [];
  readonly outbox: NewOutboxRow[] = [];
  readonly retryLater: string[] = [];
  /** Item id → fields that changed (all of them for a new item). */
  readonly changed = new Map<string, readonly FieldName[]>();

  owing(): readonly string[] {
    return [...new Set(this.outbox.map((row) => row.connectionId))];
  }

  async save(tx: StoreTransaction, run: Run): Promise<void> {
    if (this.items.size > 0) await tx.saveItems([...this.items.values()], run.now);
    if (this.links.length > 0) await tx.saveLinks(this.links, run.now);
    if (this.outbox.length > 0) await tx.oweWrites(this.outbox, run.now);
    if (this.conflicts.length > 0) await tx.raiseConflicts(this.conflicts);
    if (this.ledger.length > 0) await tx.appendLedger(this.ledger);
    if (this.retryLater.length > 0) {
      await tx.markDirty(
        run.connection.connectionId,
        this.retryLater.map((remoteId) => ({ remoteId, deleted: false })),
        run.now,
      );
    }
  }
}
