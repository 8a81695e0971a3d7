/** Replays and their targets: one row each. */
import type { Replay, ReplayState, ReplayTarget, TargetState } from '@lockstep/domain/replay/replay.ts';
import type { ReplayReader, ReplayTransaction } from '@lockstep/domain/replay/replay-store.port.ts';
import { sql } from 'kysely';
import { assertStorable, recordset } from './storable.ts';
import type { Scope } from './tables.ts';

const ROW =
  sql.raw(`replay_id as "replayId", requested_by as "requestedBy", actor_kind as "actorKind", requested_at as "requestedAt", reason, selection,
  point, batch_size as "batchSize", per_second as "perSecond", targets, state, ending as "end", plan_hash as "planHash", reasons,
  approval_expires_at as "approvalExpiresAt", approver, decided_at as "decidedAt", accepted_unsafe as "acceptedUnsafe", updated_at as "updatedAt"`);

const TARGET = sql.raw(`replay_id as "replayId", ordinal, workflow_id as "workflowId", workflow_type as "workflowType", run_id as "runId",
  reset_event_id as "resetEventId", effects, state, code, new_run_id as "newRunId", settled_at as "settledAt"`);

type Reads = Pick<ReplayReader, 'replay' | 'replays' | 'openCounts' | 'targets' | 'targetsIn' | 'targetCounts'>;
type Writes = Pick<ReplayTransaction, 'lockReplay' | 'saveReplay' | 'saveTargets'>;

export function replayReads({ db, workspaceId }: Scope): Reads {
  return {
    async replay(replayId) {
      const { rows } = await sql<Replay>`
        select ${ROW} from lockstep.replays where workspace_id = ${workspaceId} and replay_id = ${replayId}`.execute(db);
      return rows[0] ?? null;
    },
    async replays({ states, limit, before }) {
      const { rows } = await sql<Replay>`
        select ${ROW} from lockstep.replays
        where workspace_id = ${workspaceId}
          ${states === undefined ? sql`` : sql`and state = any(${[...states]}::text[])`}
          ${
            before === undefined
              ? sql``
              : sql`and (requested_at, replay_id) <
                  (select requested_at, replay_id from lockstep.replays where workspace_id = ${workspaceId} and replay_id = ${before})`
          }
        order by requested_at desc, replay_id desc limit ${limit}`.execute(db);
      return rows;
    },
    async openCounts() {
      const { rows } = await sql<{ state: ReplayState; count: number }>`
        select state, count(*) as count from lockstep.replays
        where workspace_id = ${workspaceId} and state <> 'ended' group by state order by state`.execute(db);
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    },
    async targets(replayId, { from, limit }) {
      const { rows } = await sql<ReplayTarget>`
        select ${TARGET} from lockstep.replay_targets
        where workspace_id = ${workspaceId} and replay_id = ${replayId} and ordinal >= ${from} order by ordinal limit ${limit}`.execute(db);
      return rows;
    },
    async targetsIn(replayId, states, limit) {
      const { rows } = await sql<ReplayTarget>`
        select ${TARGET} from lockstep.replay_targets
        where workspace_id = ${workspaceId} and replay_id = ${replayId} and state = any(${[...states]}::text[])
        order by ordinal limit ${limit}`.execute(db);
      return rows;
    },
    async targetCounts(replayId) {
      const { rows } = await sql<{ state: TargetState; count: number }>`
        select state, count(*) as count from lockstep.replay_targets
        where workspace_id = ${workspaceId} and replay_id = ${replayId} group by state order by state`.execute(db);
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    },
  };
}

export function replayWrites({ db, workspaceId }: Scope): Writes {
  return {
    async lockReplay(replayId) {
      const { rows } = await sql<Replay>`
        select ${ROW} from lockstep.replays where workspace_id = ${workspaceId} and replay_id = ${replayId} for update`.execute(db);
      return rows[0] ?? null;
    },
    async saveReplay(replay) {
      assertStorable('replay', replay);
      await sql`
        insert into lockstep.replays (workspace_id, replay_id, requested_by, actor_kind, requested_at, reason, selection, point, batch_size, per_second,
          targets, state, ending, plan_hash, reasons, approval_expires_at, approver, decided_at, accepted_unsafe, updated_at)
        values (${workspaceId}, ${replay.replayId}, ${replay.requestedBy}, ${replay.actorKind}, ${replay.requestedAt}, ${replay.reason},
          ${JSON.stringify(replay.selection)}::jsonb, ${JSON.stringify(replay.point)}::jsonb, ${replay.batchSize}, ${replay.perSecond},
          ${replay.targets}, ${replay.state}, ${replay.end}, ${replay.planHash}, ${JSON.stringify(replay.reasons)}::jsonb,
          ${replay.approvalExpiresAt}, ${replay.approver}, ${replay.decidedAt}, ${JSON.stringify(replay.acceptedUnsafe)}::jsonb, ${replay.updatedAt})
        on conflict (workspace_id, replay_id) do update set state = excluded.state, ending = excluded.ending, reasons = excluded.reasons,
          approval_expires_at = excluded.approval_expires_at, approver = excluded.approver, decided_at = excluded.decided_at,
          accepted_unsafe = excluded.accepted_unsafe, updated_at = excluded.updated_at`.execute(db);
    },
    async saveTargets(targets) {
      if (targets.length === 0) return;
      await sql`
        insert into lockstep.replay_targets (workspace_id, replay_id, ordinal, workflow_id, workflow_type, run_id, reset_event_id, effects, state, code,
          new_run_id, settled_at)
        select ${workspaceId}, "replayId", ordinal, "workflowId", "workflowType", "runId", "resetEventId", effects, state, code, "newRunId", "settledAt"
        from jsonb_to_recordset(${recordset('replay targets', targets)}::jsonb) as r ("replayId" text, ordinal integer, "workflowId" text,
          "workflowType" text, "runId" text, "resetEventId" bigint, effects jsonb, state text, code text, "newRunId" text, "settledAt" timestamptz)
        order by "replayId" collate "C", ordinal
        on conflict (workspace_id, replay_id, ordinal) do update set state = excluded.state, code = excluded.code, new_run_id = excluded.new_run_id,
          settled_at = excluded.settled_at`.execute(db);
    },
  };
}
