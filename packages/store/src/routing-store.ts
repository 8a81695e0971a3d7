/** The port to the store of routing on PostgreSQL, of one workspace. One file per subject holds the statements. */
import type { RoutingReader, RoutingStore, RoutingTransaction } from '@lockstep/domain/routing/routing-store.port.ts';
import type { Pool } from 'pg';
import { auditWrites } from './audit.ts';
import { absenceReads, absenceWrites } from './routing-absences.ts';
import { clockReads, clockWrites } from './routing-clocks.ts';
import { decisionReads, decisionWrites } from './routing-decisions.ts';
import { eventReads, eventWrites } from './routing-events.ts';
import { heldReads, leadReads, leadWrites } from './routing-leads.ts';
import { noticeReads, noticeWrites } from './routing-notices.ts';
import { standingReads } from './routing-standing.ts';
import { stageReads, stageWrites } from './routing-stages.ts';
import { pastReads } from './routing-past.ts';
import type { Scope } from './tables.ts';
import { transactions } from './transactions.ts';

/** `pool` must come from `createPool`, is migrated, and is the caller's to end. */
export function createRoutingStore({ pool, workspaceId }: { readonly pool: Pool; readonly workspaceId: string }): RoutingStore {
  return transactions({ pool, workspaceId }, readerOf, transactionOf);
}

function readerOf(scope: Scope): RoutingReader {
  return {
    ...eventReads(scope),
    ...leadReads(scope),
    ...heldReads(scope),
    ...decisionReads(scope),
    ...clockReads(scope),
    ...noticeReads(scope),
    ...absenceReads(scope),
    ...standingReads(scope),
    ...stageReads(scope),
    ...pastReads(scope),
  };
}

function transactionOf(scope: Scope): RoutingTransaction {
  return {
    ...readerOf(scope),
    ...eventWrites(scope),
    ...leadWrites(scope),
    ...decisionWrites(scope),
    ...clockWrites(scope),
    ...noticeWrites(scope),
    ...absenceWrites(scope),
    ...stageWrites(scope),
    ...auditWrites(scope),
  };
}
