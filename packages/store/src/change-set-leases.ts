/** Who may write a record now (C10), which records sets have to do with, and under which ids records are known. */
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { RecordRef } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSetReader, ChangeSetTransaction } from '@lockstep/domain/crm/change-set-store.port.ts';
import { sql } from 'kysely';
import { assertStorable, recordset } from './storable.ts';
import type { Scope } from './tables.ts';

type Reads = Pick<ChangeSetReader, 'recordsOf' | 'recordsTouchedSince' | 'currentIds' | 'leaseHolders'>;
type Writes = Pick<ChangeSetTransaction, 'acquireLeases' | 'touchLeases' | 'releaseLeases' | 'saveNewId'>;

const REFS = sql.raw(`as r ("connectionId" text, object text, "recordId" text)`);

export function leaseReads({ db, workspaceId }: Scope): Reads {
  return {
    async recordsOf(changeSetId) {
      // Distinct, as one step's target is another's other end.
      const { rows } = await sql<RecordRef>`
        with ends as (
          select connection_id, object, record_id from lockstep.change_set_steps
          where workspace_id = ${workspaceId} and change_set_id = ${changeSetId} and record_id is not null
          union all
          select e ->> 'connectionId', e ->> 'object', e ->> 'recordId'
          from lockstep.change_set_steps s, jsonb_array_elements(
            jsonb_path_query_array(s.operation, 'lax $.association.to') || jsonb_path_query_array(s.operation, 'lax $.associations[*].to')) e
          where s.workspace_id = ${workspaceId} and s.change_set_id = ${changeSetId} and e ? 'recordId'
        )
        select connection_id as "connectionId", object, record_id as "recordId" from ends
        group by 1, 2, 3 order by connection_id collate "C", object collate "C", record_id collate "C"`.execute(db);
      return rows;
    },
    async recordsTouchedSince({ actor, since, except }) {
      const { rows } = await sql<{ count: number }>`
        select count(distinct (s.connection_id, s.object, coalesce(s.record_id, s.change_set_id || '/' || coalesce(s.created_by, s.ordinal))))
          as count
        from lockstep.change_sets c
        join lockstep.change_set_steps s on s.workspace_id = c.workspace_id and s.change_set_id = c.change_set_id
        where c.workspace_id = ${workspaceId} and c.requested_by = ${actor} and c.change_set_id <> ${except}
          and (s.sent_at >= ${since}::timestamptz
            or (s.state = 'planned' and c.state in ('waiting-for-records', 'applying', 'verifying')))`.execute(db);
      return rows[0]?.count ?? 0;
    },
    async currentIds(records) {
      if (records.length === 0) return new Map();
      const { rows } = await sql<{ recordId: string; newId: string; connectionId: string; object: string }>`
        select n.connection_id as "connectionId", n.object, n.record_id as "recordId", n.new_id as "newId" from lockstep.record_new_ids n
        join jsonb_to_recordset(${recordset('records', records)}::jsonb) ${REFS}
          on n.workspace_id = ${workspaceId} and n.connection_id = r."connectionId" and n.object = r.object and n.record_id = r."recordId"`.execute(
        db,
      );
      return new Map(rows.map(({ newId, ...ref }) => [recordKey(ref), newId]));
    },
    async leaseHolders() {
      const { rows } = await sql<{ changeSetId: string; since: string; seenAt: string }>`
        select change_set_id as "changeSetId", min(held_since) as since, max(seen_at) as "seenAt" from lockstep.record_leases
        where workspace_id = ${workspaceId} group by change_set_id order by min(held_since), change_set_id collate "C"`.execute(db);
      return rows;
    },
  };
}

export function leaseWrites({ db, workspaceId }: Scope): Writes {
  return {
    async acquireLeases(changeSetId, records, now) {
      if (records.length === 0) return [];
      const json = recordset('leases', oncePerRecord(records));
      // In key order, so that two sets that want the same records wait for each other in one direction only.
      const taken = await sql<RecordRef & { isNew: boolean; heldBy: string }>`
        insert into lockstep.record_leases as l (workspace_id, connection_id, object, record_id, change_set_id, held_since, seen_at)
        select ${workspaceId}, "connectionId", object, "recordId", ${changeSetId}, ${now}::timestamptz, ${now}::timestamptz
        from jsonb_to_recordset(${json}::jsonb) ${REFS}
        order by "connectionId" collate "C", object collate "C", "recordId" collate "C"
        on conflict (workspace_id, connection_id, object, record_id) do update set
          seen_at = case l.change_set_id when excluded.change_set_id then excluded.seen_at else l.seen_at end
        returning connection_id as "connectionId", object, record_id as "recordId", change_set_id as "heldBy", xmax = 0 as "isNew"`.execute(
        db,
      );
      const others = taken.rows.filter(({ heldBy }) => heldBy !== changeSetId);
      if (others.length > 0) {
        const mine = taken.rows.filter(({ isNew }) => isNew);
        await sql`
          delete from lockstep.record_leases l using jsonb_to_recordset(${recordset('leases', mine)}::jsonb) ${REFS}
          where l.workspace_id = ${workspaceId} and l.change_set_id = ${changeSetId}
            and l.connection_id = r."connectionId" and l.object = r.object and l.record_id = r."recordId"`.execute(db);
      }
      return others.map(({ connectionId, object, recordId, heldBy }) => ({ record: { connectionId, object, recordId }, heldBy }));
    },
    async touchLeases(changeSetId, now) {
      await sql`
        update lockstep.record_leases set seen_at = greatest(seen_at, ${now}::timestamptz)
        where workspace_id = ${workspaceId} and change_set_id = ${changeSetId}`.execute(db);
    },
    async releaseLeases(changeSetId) {
      await sql`delete from lockstep.record_leases where workspace_id = ${workspaceId} and change_set_id = ${changeSetId}`.execute(db);
    },
    async saveNewId({ connectionId, object, recordId }, newId, now) {
      assertStorable('new id', newId);
      // What led to the old id leads to the new one.
      await sql`
        with moved as (
          update lockstep.record_new_ids set new_id = ${newId}, since = ${now}::timestamptz
          where workspace_id = ${workspaceId} and connection_id = ${connectionId} and object = ${object} and new_id = ${recordId}
        )
        insert into lockstep.record_new_ids (workspace_id, connection_id, object, record_id, new_id, since)
        values (${workspaceId}, ${connectionId}, ${object}, ${recordId}, ${newId}, ${now}::timestamptz)
        on conflict (workspace_id, connection_id, object, record_id) do update set new_id = excluded.new_id, since = excluded.since`.execute(
        db,
      );
    },
  };
}

/** A statement cannot meet one row twice. */
function oncePerRecord(records: readonly RecordRef[]): readonly RecordRef[] {
  return [...new Map(records.map((record) => [recordKey(record), record])).values()];
}
