/** How many leads, notices and writes stand open: for the metrics. */
import type { RoutingReader, RoutingStanding } from '@lockstep/domain/routing/routing-store.port.ts';
import { sql } from 'kysely';
import type { Scope } from './tables.ts';

interface StandingRow extends Omit<RoutingStanding, 'leads'> {
  readonly leads: Partial<RoutingStanding['leads']> | null;
}

const NO_LEADS: RoutingStanding['leads'] = { followed: 0, deciding: 0, offered: 0, escalated: 0, accepted: 0 };

export function standingReads({ db, workspaceId }: Scope): Pick<RoutingReader, 'standing'> {
  return {
    async standing() {
      const { rows } = await sql<StandingRow>`
        select
          (select jsonb_object_agg(state, leads) from (
            select state, count(*) as leads from lockstep.leads where workspace_id = ${workspaceId} and state <> 'closed' group by state
          ) as by_state) as leads,
          owed.notices as "owedNotices", owed.oldest as "oldestOwedAt",
          (select count(*) from lockstep.lead_writes where workspace_id = ${workspaceId} and ending is null) as "openWrites",
          (select min(due_at) from lockstep.lead_clocks where workspace_id = ${workspaceId} and outcome is null) as "oldestDueAt"
        from (
          select count(*) as notices, min(owed_since) as oldest from lockstep.lead_notices
          where workspace_id = ${workspaceId} and delivered_at is null
        ) as owed`.execute(db);
      const [row] = rows;
      const { owedNotices = 0, oldestOwedAt = null, openWrites = 0, oldestDueAt = null } = row ?? {};
      return { leads: { ...NO_LEADS, ...row?.leads }, owedNotices, oldestOwedAt, openWrites, oldestDueAt };
    },
  };
}
