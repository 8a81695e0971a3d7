/** What the store knows of the effects of workflows: by which keys something is done, or due. One statement for any number of them. */
import type { ReplayReader } from '@lockstep/domain/replay/replay-store.port.ts';
import type { AccountCounts, OutboxCounts, SetCounts } from '@lockstep/domain/replay/settled.ts';
import { sql } from 'kysely';
import type { Scope } from './tables.ts';

export function effectReads({ db, workspaceId }: Scope): Pick<ReplayReader, 'setCounts' | 'outboxCounts' | 'accountCounts'> {
  return {
    async setCounts(changeSetIds) {
      const { rows } = await sql<SetCounts & { id: string }>`
        select c.change_set_id as id, c.state, coalesce((
          select jsonb_object_agg(counted.state, counted.count) from (
            select s.state, count(*) as count from lockstep.change_set_steps s
            where s.workspace_id = c.workspace_id and s.change_set_id = c.change_set_id group by s.state) counted), '{}'::jsonb) as steps, (
            select count(*) from lockstep.change_set_notices n
            where n.workspace_id = c.workspace_id and n.change_set_id = c.change_set_id) as notices
        from lockstep.change_sets c
        where c.workspace_id = ${workspaceId} and c.change_set_id = any(${[...changeSetIds]}::text[])`.execute(db);
      return new Map(rows.map(({ id, ...counts }) => [id, counts]));
    },
    async outboxCounts(connectionIds) {
      const { rows } = await sql<OutboxCounts & { id: string }>`
        select connection_id as id, count(*) filter (where state = 'owed') as owed, count(*) filter (where state = 'sending') as sending
        from lockstep.outbox
        where workspace_id = ${workspaceId} and connection_id = any(${[...connectionIds]}::text[]) group by connection_id`.execute(db);
      return new Map(rows.map(({ id, ...counts }) => [id, counts]));
    },
    /** Notices of a lead lie together, as their ids begin with its id and `/`, behind which comes `0`. */
    async accountCounts(accountIds) {
      const { rows } = await sql<AccountCounts & { id: string }>`
        select l.account_id as id, sum(n.delivered)::bigint as delivered, sum(n.tried)::bigint as tried, sum(n.owed)::bigint as owed,
          sum(w.started)::bigint as "writesStarted", sum(w.owed)::bigint as "writesOwed"
        from lockstep.leads l
        cross join lateral (
          select count(*) filter (where delivered_at is not null) as delivered,
            count(*) filter (where delivered_at is null and tried_since is not null) as tried,
            count(*) filter (where delivered_at is null and tried_since is null) as owed
          from lockstep.lead_notices
          where workspace_id = l.workspace_id and notice_id >= l.lead_id || '/' and notice_id < l.lead_id || '0') n
        cross join lateral (
          select count(*) filter (where started_at is not null) as started, count(*) filter (where started_at is null) as owed
          from lockstep.lead_writes
          where workspace_id = l.workspace_id and lead_id = l.lead_id and ending is null) w
        where l.workspace_id = ${workspaceId} and l.account_id = any(${[...accountIds]}::text[]) group by l.account_id`.execute(db);
      return new Map(rows.map(({ id, ...counts }) => [id, counts]));
    },
  };
}
