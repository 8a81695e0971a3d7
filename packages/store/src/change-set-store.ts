/** The port to the store of change sets on PostgreSQL, of one workspace. One file per subject holds the statements. */
import type { ChangeSetReader, ChangeSetStore, ChangeSetTransaction } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { Pool } from 'pg';
import { auditWrites } from './audit.ts';
import { leaseReads, leaseWrites } from './change-set-leases.ts';
import { noticeReads, noticeWrites } from './change-set-notices.ts';
import { stepReads, stepWrites } from './change-set-steps.ts';
import { setStandingReads } from './change-set-standing.ts';
import { changeSetReads, changeSetWrites } from './change-sets.ts';
import type { Scope } from './tables.ts';
import { transactions } from './transactions.ts';

/** `pool` must come from `createPool`, is migrated, and is the caller's to end. */
export function createChangeSetStore({ pool, workspaceId }: { readonly pool: Pool; readonly workspaceId: string }): ChangeSetStore {
  return transactions({ pool, workspaceId }, readerOf, transactionOf);
}

function readerOf(scope: Scope): ChangeSetReader {
  return { ...changeSetReads(scope), ...stepReads(scope), ...leaseReads(scope), ...noticeReads(scope), ...setStandingReads(scope) };
}

function transactionOf(scope: Scope): ChangeSetTransaction {
  return {
    ...readerOf(scope),
    ...changeSetWrites(scope),
    ...stepWrites(scope),
    ...leaseWrites(scope),
    ...noticeWrites(scope),
    ...auditWrites(scope),
  };
}
