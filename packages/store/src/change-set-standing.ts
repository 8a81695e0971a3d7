/** How many change sets, and notices of them, stand open. */
import type { ChangeSetReader, SetStanding } from '@lockstep/domain/crm/change-set-store.port.ts';
import { sql } from 'kysely';
import type { Scope } from './tables.ts';

type StandingRow = Omit<SetStanding, 'open'> & { readonly open: SetStanding['open'] | null };

const NOTHING = { oldestAwaitingSince: null, needOperator: 0, oldestNeedSince: null, owedNotices: 0, oldestOwedAt: null };

export function setStandingReads({ db, workspaceId }: Scope): Pick<ChangeSetReader, 'standing'> {
  return {
    async standing() {
      // Sets that need an operator are found by the records that they hold: when they are taken over, they hold none.
      const { rows } = await sql<StandingRow>`
        with open as (
          select state, count(*) as sets, min(requested_at) as oldest from lockstep.change_sets
          where workspace_id = ${workspaceId} and state <> 'ended' group by state
        ), needing as (
          select c.updated_at from lockstep.change_sets c
          join (select distinct change_set_id from lockstep.record_leases where workspace_id = ${workspaceId}) as held using (change_set_id)
          where c.workspace_id = ${workspaceId} and c.ending = 'needs-operator'
        ), owed as (
          select count(*) as notices, min(owed_since) as oldest from lockstep.change_set_notices
          where workspace_id = ${workspaceId} and settled_at is null
        )
        select (select jsonb_object_agg(state, sets) from open) as open,
          (select oldest from open where state = 'awaiting-approval') as "oldestAwaitingSince",
          (select count(*) from needing) as "needOperator", (select min(updated_at) from needing) as "oldestNeedSince",
          owed.notices as "owedNotices", owed.oldest as "oldestOwedAt"
        from owed`.execute(db);
      const [row] = rows;
      return { ...NOTHING, ...row, open: row?.open ?? {} };
    },
  };
}
