/** Change sets: one row each, and the yes and no that people have given to their diffs. */
import type { Approval, ChangeSet } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSetReader, ChangeSetTransaction } from '@lockstep/domain/crm/change-set-store.port.ts';
import { sql } from 'kysely';
import { assertStorable, recordset } from './storable.ts';
import type { Scope } from './tables.ts';

const ROW =
  sql.raw(`change_set_id as "changeSetId", kind, requested_by as "requestedBy", actor_kind as "actorKind", requested_at as "requestedAt",
  reason, confidence, rolls_back as "rollsBack", steps, state, ending as "end", cause, diff_hash as "diffHash", policy_version as "policyVersion",
  approval_expires_at as "approvalExpiresAt", deadline_at as "deadlineAt", updated_at as "updatedAt"`);

type Reads = Pick<ChangeSetReader, 'changeSet' | 'changeSets' | 'approvals'>;
type Writes = Pick<ChangeSetTransaction, 'lockChangeSet' | 'lockActor' | 'saveChangeSet' | 'addApproval' | 'voidApprovals'>;

export function changeSetReads({ db, workspaceId }: Scope): Reads {
  return {
    async changeSet(changeSetId) {
      const { rows } = await sql<ChangeSet>`
        select ${ROW} from lockstep.change_sets where workspace_id = ${workspaceId} and change_set_id = ${changeSetId}`.execute(db);
      return rows[0] ?? null;
    },
    /** `before` is the id of the last set of the page before. */
    async changeSets({ state, limit, before }) {
      const { rows } = await sql<ChangeSet>`
        select ${ROW} from lockstep.change_sets
        where workspace_id = ${workspaceId}
          ${state === undefined ? sql`` : sql`and state = ${state}`}
          ${
            before === undefined
              ? sql``
              : sql`and (requested_at, change_set_id) <
                  (select requested_at, change_set_id from lockstep.change_sets where workspace_id = ${workspaceId} and change_set_id = ${before})`
          }
        order by requested_at desc, change_set_id desc limit ${limit}`.execute(db);
      return rows;
    },
    async approvals(changeSetId) {
      const { rows } = await sql<Approval>`
        select change_set_id as "changeSetId", approver, decision, diff_hash as "diffHash", policy_version as "policyVersion", at,
          voided_at as "voidedAt"
        from lockstep.change_set_approvals
        where workspace_id = ${workspaceId} and change_set_id = ${changeSetId} order by approval_id`.execute(db);
      return rows;
    },
  };
}

export function changeSetWrites({ db, workspaceId }: Scope): Writes {
  return {
    async lockChangeSet(changeSetId) {
      const { rows } = await sql<ChangeSet>`
        select ${ROW} from lockstep.change_sets
        where workspace_id = ${workspaceId} and change_set_id = ${changeSetId} for update`.execute(db);
      return rows[0] ?? null;
    },
    async lockActor(actor) {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`lockstep ${workspaceId} actor ${actor}`}, 0))`.execute(db);
    },
    async saveChangeSet(set) {
      assertStorable('change set', set);
      await sql`
        insert into lockstep.change_sets (workspace_id, change_set_id, kind, requested_by, actor_kind, requested_at, reason, confidence, rolls_back,
          steps, state, ending, cause, diff_hash, policy_version, approval_expires_at, deadline_at, updated_at)
        values (${workspaceId}, ${set.changeSetId}, ${set.kind}, ${set.requestedBy}, ${set.actorKind}, ${set.requestedAt}, ${set.reason},
          ${set.confidence}, ${JSON.stringify(set.rollsBack)}::jsonb, ${set.steps}, ${set.state}, ${set.end}, ${set.cause}, ${set.diffHash},
          ${set.policyVersion}, ${set.approvalExpiresAt}, ${set.deadlineAt}, ${set.updatedAt})
        on conflict (workspace_id, change_set_id) do update set kind = excluded.kind, requested_by = excluded.requested_by,
          actor_kind = excluded.actor_kind, requested_at = excluded.requested_at, reason = excluded.reason, confidence = excluded.confidence,
          rolls_back = excluded.rolls_back, steps = excluded.steps, state = excluded.state, ending = excluded.ending, cause = excluded.cause,
          diff_hash = excluded.diff_hash, policy_version = excluded.policy_version, approval_expires_at = excluded.approval_expires_at,
          deadline_at = excluded.deadline_at, updated_at = excluded.updated_at`.execute(db);
    },
    async addApproval(approval) {
      await sql`
        insert into lockstep.change_set_approvals (workspace_id, change_set_id, approver, decision, diff_hash, policy_version, at, voided_at)
        select ${workspaceId}, "changeSetId", approver, decision, "diffHash", "policyVersion", at, "voidedAt"
        from jsonb_to_recordset(${recordset('approval', [approval])}::jsonb)
          as r ("changeSetId" text, approver text, decision text, "diffHash" text, "policyVersion" text, at timestamptz, "voidedAt" timestamptz)`.execute(
        db,
      );
    },
    async voidApprovals(changeSetId, now) {
      await sql`
        update lockstep.change_set_approvals set voided_at = ${now}::timestamptz
        where workspace_id = ${workspaceId} and change_set_id = ${changeSetId} and voided_at is null`.execute(db);
    },
  };
}
