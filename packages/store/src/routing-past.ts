/** Past leads as they were: what a policy is played against (`lockstep pql simulate`). */
import type { DecisionInput } from '@lockstep/domain/routing/decide.ts';
import type { PastLead } from '@lockstep/domain/routing/past-lead.ts';
import type { RoutingReader } from '@lockstep/domain/routing/routing-store.port.ts';
import { sql } from 'kysely';
import type { Scope } from './tables.ts';

interface Row extends Omit<PastLead, 'facts'> {
  readonly input: Omit<DecisionInput, 'members' | 'credits'>;
}

const MS = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::bigint`);

export function pastReads({ db, workspaceId }: Scope): Pick<RoutingReader, 'pastLeads'> {
  return {
    async pastLeads({ from, to, after, limit }) {
      const beyond = sql`and (d.decided_at, d.decision_seq) >
        (select decided_at, decision_seq from lockstep.routing_decisions where workspace_id = ${workspaceId} and decision_id = ${after})`;
      // What a decision knew of everybody on the roster is most of its row, and is not asked for.
      const { rows } = await sql<Row>`
        select d.lead_id as "leadId", d.decision_id as "decisionId", d.decided_at as "decidedAt", d.policy_hash as "policyHash",
          d.roster_hash as "rosterHash", d.input - 'members' - 'credits' as input, d.decision #>> '{outcome,kind}' as outcome,
          l.state, l.closed_at as "closedAt", l.escalated_to as "escalatedTo", (
            select min((a.action ->> 'atMs')::bigint) from lockstep.sla_actions a
            where a.workspace_id = d.workspace_id and a.lead_id = d.lead_id and a.action ->> 'kind' = 'escalate'
          ) as "escalatedAtMs", (
            select coalesce(jsonb_agg(jsonb_build_object('memberId', o.member_id, 'poolId', o.pool_id, 'state', o.state,
              'offeredAtMs', ${MS('o.offered_at')}, 'answeredAtMs', ${MS('o.answered_at')}) order by o.offer_seq), '[]')
            from lockstep.lead_offers o where o.workspace_id = d.workspace_id and o.lead_id = d.lead_id
          ) as offers, (
            select jsonb_build_object('slaId', c.clock -> 'slaId', 'stopsOn', c.clock -> 'stopsOn', 'state', c.clock -> 'state',
              'outcome', c.clock -> 'outcome')
            from lockstep.lead_clocks c where c.workspace_id = d.workspace_id and c.lead_id = d.lead_id
            order by c.started_at, c.clock_id limit 1
          ) as clock
        from lockstep.routing_decisions d join lockstep.leads l on l.workspace_id = d.workspace_id and l.lead_id = d.lead_id
        where d.workspace_id = ${workspaceId} and d.ordinal = 1
          and d.decided_at >= ${from}::timestamptz and d.decided_at < ${to}::timestamptz ${after === null ? sql`` : beyond}
        order by d.decided_at, d.decision_seq limit ${limit}`.execute(db);
      return rows.map(({ input: { at: _at, passed: _passed, ...facts }, ...row }) => ({ ...row, facts }));
    },
  };
}
