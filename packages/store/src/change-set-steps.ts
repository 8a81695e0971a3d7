/** Steps of change sets with their images: the ledger of what was written to a CRM, and of what was left as it is. */
import type { CreatedRef, KeptField, Operation, RecordRef, Step, StepRef } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSetReader, ChangeSetTransaction } from '@lockstep/domain/crm/change-set-store.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

interface StepRow extends Omit<Step, 'undoes' | 'verifiedAt'> {
  readonly verifiedAt: string | null;
  readonly undoesSet: string | null;
  readonly undoesOrdinal: number | null;
}

const ROW = sql.raw(`s.change_set_id as "changeSetId", s.ordinal, s.operation, s.reversibility, s.state, s.before_image as "before",
  s.after_image as "after", s.created_id as "createdId", s.sent_at as "sentAt", s.done_at as "doneAt", s.undone_at as "undoneAt", s.finding,
  s.undoes_set as "undoesSet", s.undoes_ordinal as "undoesOrdinal", s.verified_at as "verifiedAt"`);

type Reads = Pick<ChangeSetReader, 'steps' | 'stepsByOrdinal' | 'stepsIn' | 'stepsByRef' | 'doneSteps' | 'stepCounts' | 'kept'>;
type Writes = Pick<ChangeSetTransaction, 'saveSteps' | 'saveKept'>;

export function stepReads({ db, workspaceId }: Scope): Reads {
  const ofSet = (changeSetId: string) => sql`s.workspace_id = ${workspaceId} and s.change_set_id = ${changeSetId}`;
  return {
    async steps(changeSetId, { from, limit }) {
      const { rows } = await sql<StepRow>`
        select ${ROW} from lockstep.change_set_steps s
        where ${ofSet(changeSetId)} and s.ordinal >= ${from} order by s.ordinal limit ${limit}`.execute(db);
      return rows.map(stepOf);
    },
    async stepsByOrdinal(changeSetId, ordinals) {
      const { rows } = await sql<StepRow>`
        select ${ROW} from lockstep.change_set_steps s
        where ${ofSet(changeSetId)} and s.ordinal = any(${[...ordinals]}::integer[]) order by s.ordinal`.execute(db);
      return rows.map(stepOf);
    },
    async stepsIn(changeSetId, { states, limit, order }) {
      const { rows } = await sql<StepRow>`
        select ${ROW} from lockstep.change_set_steps s
        where ${ofSet(changeSetId)} and s.state = any(${[...states]}::text[])
        order by s.ordinal ${order === 'first' ? sql`asc` : sql`desc`} limit ${limit}`.execute(db);
      return rows.map(stepOf);
    },
    async stepsByRef(refs) {
      const { rows } = await sql<StepRow>`
        select ${ROW} from lockstep.change_set_steps s
        join jsonb_to_recordset(${recordset('step refs', refs)}::jsonb) as r ("changeSetId" text, ordinal integer)
          on s.workspace_id = ${workspaceId} and s.change_set_id = r."changeSetId" and s.ordinal = r.ordinal`.execute(db);
      return rows.map(stepOf);
    },
    async doneSteps(selection, limit) {
      const { changeSetIds, record, actor, from, to } = selection;
      const { rows } = await sql<StepRow>`
        select ${ROW} from lockstep.change_set_steps s
        join lockstep.change_sets c on c.workspace_id = s.workspace_id and c.change_set_id = s.change_set_id
        where s.workspace_id = ${workspaceId} and s.state = 'done' and c.state = 'ended'
          ${changeSetIds === undefined ? sql`` : sql`and s.change_set_id = any(${[...changeSetIds]}::text[])`}
          ${actor === undefined ? sql`` : sql`and c.requested_by = ${actor}`}
          ${from === undefined ? sql`` : sql`and s.done_at >= ${from}::timestamptz`}
          ${to === undefined ? sql`` : sql`and s.done_at < ${to}::timestamptz`}
          ${record === undefined ? sql`` : onRecord(workspaceId, record)}
        order by s.done_at desc, s.change_set_id desc, s.ordinal desc limit ${limit}`.execute(db);
      return rows.map(stepOf);
    },
    async stepCounts(changeSetId) {
      const { rows } = await sql<{ state: Step['state']; count: number }>`
        select s.state, count(*) as count from lockstep.change_set_steps s where ${ofSet(changeSetId)} group by s.state`.execute(db);
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    },
    async kept(changeSetId, limit) {
      const { rows } = await sql<Omit<KeptField, 'step'> & { stepSet: string; stepOrdinal: number }>`
        select change_set_id as "changeSetId", step_set as "stepSet", step_ordinal as "stepOrdinal", field, code, message,
          before_value as "before", our_value as "ours", now_value as "now", set_by as "by", set_at as "at", noted_at as "notedAt"
        from lockstep.change_set_kept
        where workspace_id = ${workspaceId} and change_set_id = ${changeSetId} order by kept_id limit ${limit}`.execute(db);
      return rows.map(({ stepSet, stepOrdinal, ...rest }) => ({ ...rest, step: { changeSetId: stepSet, ordinal: stepOrdinal } }));
    },
  };
}

/** Under whatever id the record is known (case 48), and what earlier steps of the set have created. */
function onRecord(workspaceId: string, { connectionId, object, recordId }: RecordRef) {
  return sql`and s.connection_id = ${connectionId} and s.object = ${object} and coalesce(s.record_id, (
    select m.created_id from lockstep.change_set_steps m
    where m.workspace_id = s.workspace_id and m.change_set_id = s.change_set_id and m.ordinal = s.created_by)) in (
      select ${recordId} union
      select n.record_id from lockstep.record_new_ids n, (select ${recordId}::text as id union
        select o.new_id from lockstep.record_new_ids o
        where o.workspace_id = ${workspaceId} and o.connection_id = ${connectionId} and o.object = ${object} and o.record_id = ${recordId}) family
      where n.workspace_id = ${workspaceId} and n.connection_id = ${connectionId} and n.object = ${object} and n.new_id = family.id union
      select o.new_id from lockstep.record_new_ids o
      where o.workspace_id = ${workspaceId} and o.connection_id = ${connectionId} and o.object = ${object} and o.record_id = ${recordId})`;
}

export function stepWrites({ db, workspaceId }: Scope): Writes {
  return {
    async saveSteps(steps) {
      if (steps.length === 0) return;
      await sql`
        insert into lockstep.change_set_steps (workspace_id, change_set_id, ordinal, operation, connection_id, object, record_id, created_by,
          reversibility, state, before_image, after_image, created_id, sent_at, done_at, undone_at, finding, undoes_set, undoes_ordinal, verified_at)
        select ${workspaceId}, change_set_id, ordinal, operation, connection_id, object, record_id, created_by,
          reversibility, state, before_image, after_image, created_id, sent_at, done_at, undone_at, finding, undoes_set, undoes_ordinal, verified_at
        from jsonb_to_recordset(${recordset('steps', steps.map(columnsOf))}::jsonb) as r (change_set_id text, ordinal integer, operation jsonb,
          connection_id text, object text, record_id text, created_by integer, reversibility text, state text, before_image jsonb,
          after_image jsonb, created_id text, sent_at timestamptz, done_at timestamptz, undone_at timestamptz, finding jsonb, undoes_set text,
          undoes_ordinal integer, verified_at timestamptz)
        order by change_set_id collate "C", ordinal
        on conflict (workspace_id, change_set_id, ordinal) do update set operation = excluded.operation, connection_id = excluded.connection_id,
          object = excluded.object, record_id = excluded.record_id, created_by = excluded.created_by, reversibility = excluded.reversibility,
          state = excluded.state, before_image = excluded.before_image, after_image = excluded.after_image, created_id = excluded.created_id,
          sent_at = excluded.sent_at, done_at = excluded.done_at, undone_at = excluded.undone_at, finding = excluded.finding,
          undoes_set = excluded.undoes_set, undoes_ordinal = excluded.undoes_ordinal, verified_at = excluded.verified_at`.execute(db);
    },
    async saveKept(kept) {
      if (kept.length === 0) return;
      const rows = kept.map(({ step, ...rest }) => ({ ...rest, stepSet: step.changeSetId, stepOrdinal: step.ordinal }));
      await sql`
        insert into lockstep.change_set_kept (workspace_id, change_set_id, step_set, step_ordinal, field, code, message, before_value, our_value,
          now_value, set_by, set_at, noted_at)
        select ${workspaceId}, "changeSetId", "stepSet", "stepOrdinal", field, code, message, before, ours, now, by, at, "notedAt"
        from jsonb_to_recordset(${recordset('kept', rows)}::jsonb) as r ("changeSetId" text, "stepSet" text, "stepOrdinal" integer, field text,
          code text, message text, before jsonb, ours jsonb, now jsonb, by text, at timestamptz, "notedAt" timestamptz)
        on conflict (workspace_id, change_set_id, step_set, step_ordinal, field, md5(now_value::text)) do update set code = excluded.code, message = excluded.message,
          before_value = excluded.before_value, our_value = excluded.our_value, now_value = excluded.now_value, set_by = excluded.set_by,
          set_at = excluded.set_at, noted_at = excluded.noted_at`.execute(db);
    },
  };
}

function stepOf({ undoesSet, undoesOrdinal, verifiedAt, ...row }: StepRow): Step {
  const undoes = undoesSet === null || undoesOrdinal === null ? {} : { undoes: { changeSetId: undoesSet, ordinal: undoesOrdinal } };
  return { ...row, ...undoes, ...(verifiedAt === null ? {} : { verifiedAt }) };
}

function columnsOf(step: Step): object {
  const on = placeOf(step.operation);
  const isCreate = step.operation.kind === 'create' || step.operation.kind === 'create-task';
  return {
    change_set_id: step.changeSetId,
    ordinal: step.ordinal,
    operation: step.operation,
    connection_id: on.connectionId,
    object: on.object,
    record_id: 'recordId' in on ? on.recordId : isCreate ? step.createdId : null,
    created_by: 'createdBy' in on ? on.createdBy : null,
    reversibility: step.reversibility,
    state: step.state,
    before_image: step.before,
    after_image: step.after,
    created_id: step.createdId,
    sent_at: step.sentAt,
    done_at: step.doneAt,
    undone_at: step.undoneAt,
    finding: step.finding,
    ...undoneBy(step.undoes),
    verified_at: step.verifiedAt ?? null,
  };
}

function undoneBy(undoes: StepRef | undefined): object {
  return { undoes_set: undoes?.changeSetId ?? null, undoes_ordinal: undoes?.ordinal ?? null };
}

type Place = RecordRef | CreatedRef | { readonly connectionId: string; readonly object: string };

function placeOf(operation: Operation): Place {
  return 'target' in operation ? operation.target : { connectionId: operation.connectionId, object: operation.object };
}
