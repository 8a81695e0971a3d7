/**
 * The store port on PostgreSQL. One file per subject holds the statements; this one puts them together.
 *
 * Every statement is confined to the workspace, set-based and one round trip. See docs/decisions/0003-postgresql-store.md.
 */
import type { Store, StoreReader, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import type { Pool } from 'pg';
import { aliasReads, aliasWrites } from './aliases.ts';
import { auditWrites } from './audit.ts';
import { commentReads, commentWrites } from './comments.ts';
import { conflictReads, conflictWrites } from './conflicts.ts';
import { connectionReads, connectionWrites } from './connections.ts';
import { countReads } from './counts.ts';
import { exclusive } from './exclusive.ts';
import { inbox } from './inbox.ts';
import { itemReads, itemWrites } from './items.ts';
import { ledgerReads, ledgerWrites } from './ledger.ts';
import { linkReads, linkWrites } from './links.ts';
import { outboxReads, outboxWrites } from './outbox.ts';
import { passReads } from './pass-reads.ts';
import { parkedWrites } from './parked.ts';
import { redriveReads, redriveWrites } from './redrive.ts';
import { scans } from './scans.ts';
import { syncStandingReads } from './sync-standing.ts';
import type { Scope } from './tables.ts';
import { transactions } from './transactions.ts';

/** A store of one workspace. `pool` must come from `createPool` (its parsers make the row types true), is migrated, and is the caller's to end. */
export function createStore({ pool, workspaceId }: { readonly pool: Pool; readonly workspaceId: string }): Store {
  return {
    ...transactions({ pool, workspaceId }, readerOf, transactionOf),
    exclusively: exclusive({ pool, workspaceId }),
    passReads: passReads({ pool, workspaceId }),
  };
}

function readerOf(scope: Scope): StoreReader {
  return {
    ...connectionReads(scope),
    ...itemReads(scope),
    ...aliasReads(scope),
    ...linkReads(scope),
    ...outboxReads(scope),
    ...conflictReads(scope),
    ...ledgerReads(scope),
    ...countReads(scope),
    ...commentReads(scope),
    ...redriveReads(scope),
    ...syncStandingReads(scope),
  };
}

function transactionOf(scope: Scope): StoreTransaction {
  return {
    ...readerOf(scope),
    ...itemWrites(scope),
    ...aliasWrites(scope),
    ...linkWrites(scope),
    ...outboxWrites(scope),
    ...conflictWrites(scope),
    ...ledgerWrites(scope),
    ...connectionWrites(scope),
    ...inbox(scope),
    ...scans(scope),
    ...parkedWrites(scope),
    ...commentWrites(scope),
    ...redriveWrites(scope),
    ...auditWrites(scope),
  };
}
