/** Clocks of service levels, and what they have set off (R2). */
import type { ClockCount, ClockRow, RoutingReader, RoutingTransaction } from '@lockstep/domain/routing/routing-store.port.ts';
import type { SlaAction } from '@lockstep/domain/routing/sla.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

type Reads = Pick<RoutingReader, 'clocksOf' | 'openClocks' | 'clockCounts' | 'slaActions'>;
type Writes = Pick<RoutingTransaction, 'saveClock' | 'addSlaActions'>;

const CLOCK = sql.raw(`lead_id as "leadId", clock, due_at as "dueAt"`);

export function clockReads({ db, workspaceId }: Scope): Reads {
  return {
    async clocksOf(leadId) {
      const { rows } = await sql<ClockRow>`
        select ${CLOCK} from lockstep.lead_clocks
        where workspace_id = ${workspaceId} and lead_id = ${leadId} order by started_at, clock_id`.execute(db);
      return rows;
    },
    async openClocks(limit) {
      const { rows } = await sql<ClockRow>`
        select ${CLOCK} from lockstep.lead_clocks
        where workspace_id = ${workspaceId} and outcome is null order by due_at, clock_id limit ${limit}`.execute(db);
      return rows;
    },
    async clockCounts({ since, now }) {
      const { rows } = await sql<ClockCount>`
        select sla_id as "slaId", state, outcome, count(*) as count, count(*) filter (where at_risk) as "atRisk" from (
          select sla_id, state, outcome, ${atRisk(now)} as at_risk
          from lockstep.lead_clocks where workspace_id = ${workspaceId} and outcome is null
          union all
          select sla_id, state, outcome, false from lockstep.lead_clocks
          where workspace_id = ${workspaceId} and outcome is not null and ended_at >= ${since}::timestamptz
        ) as counted
        group by sla_id, state, outcome order by sla_id, state, outcome nulls first`.execute(db);
      return rows;
    },
    async slaActions(leadId) {
      const { rows } = await sql<{ action: SlaAction }>`
        select action from lockstep.sla_actions where workspace_id = ${workspaceId} and lead_id = ${leadId} order by action_seq`.execute(
        db,
      );
      return rows.map(({ action }) => action);
    },
  };
}

/** `standingWord` of domain/routing/clock.ts for a clock that has not ended; a test holds both against each other. */
function atRisk(now: string) {
  return sql`(state not in ('breached', 'uncovered') and (
    exists (select from jsonb_array_elements(clock -> 'marks') m where (m ->> 'isDone')::boolean and m ->> 'move' <> 'lose-cover')
    or greatest(0, (clock ->> 'budgetMs')::numeric - (clock ->> 'usedMs')::numeric - (
      select coalesce(sum(greatest(0, least(greatest((clock ->> 'startedAtMs')::numeric, ${Date.parse(now)}::bigint), (s ->> 'toMs')::numeric) - (s ->> 'fromMs')::numeric)), 0)
      from jsonb_array_elements(clock -> 'spans') s
    )) <= (clock ->> 'bufferMs')::numeric))`;
}

export function clockWrites({ db, workspaceId }: Scope): Writes {
  return {
    async saveClock(row) {
      await sql`
        insert into lockstep.lead_clocks (workspace_id, clock_id, lead_id, due_at, clock)
        select ${workspaceId}, clock ->> 'clockId', "leadId", "dueAt", clock
        from jsonb_to_recordset(${recordset('clocks', [row])}::jsonb) as r ("leadId" text, "dueAt" timestamptz, clock jsonb)
        on conflict (workspace_id, clock_id) do update set lead_id = excluded.lead_id, due_at = excluded.due_at, clock = excluded.clock`.execute(
        db,
      );
    },
    async addSlaActions(leadId, actions) {
      if (actions.length === 0) return;
      const rows = actions.map((action, place) => ({ place, action }));
      await sql`
        insert into lockstep.sla_actions (workspace_id, lead_id, action_key, action)
        select ${workspaceId}, ${leadId}, action ->> 'key', action
        from jsonb_to_recordset(${recordset('actions', rows)}::jsonb) as r (place integer, action jsonb) order by place
        on conflict do nothing`.execute(db);
    },
  };
}
