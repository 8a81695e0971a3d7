/** Stages of a sale as the CRM shows them, and the way from a record of the CRM to our account. */
import type { RecordRef } from '@lockstep/domain/crm/change-set.ts';
import type { RoutingReader, RoutingTransaction, StageRow } from '@lockstep/domain/routing/routing-store.port.ts';
import type { SeenRecord } from '@lockstep/domain/routing/stage.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

type Reads = Pick<RoutingReader, 'accountsOfRecords' | 'stagesOf' | 'stageRows' | 'stageCursor'>;
type Writes = Pick<RoutingTransaction, 'lockStages' | 'saveStages' | 'saveStageCursor' | 'markUnseen'>;

interface StoredRow extends Omit<StageRow, 'record' | 'related'>, RecordRef {
  readonly related: readonly string[];
}

/** As the index of accounts has it. */
const ACCOUNT_KEY = sql.raw(`(a.connection_id || '/' || a.object || '/' || a.record_id)`);

/** Connections and objects have no slash in their names; what stands behind the second is the record's id, whatever it is. */
const keyOf = ({ connectionId, object, recordId }: RecordRef): string => `${connectionId}/${object}/${recordId}`;

function refOf(key: string): RecordRef {
  const [connectionId = '', object = '', ...rest] = key.split('/');
  return { connectionId, object, recordId: rest.join('/') };
}

export function stageReads(scope: Scope): Reads {
  return { ...wayReads(scope), ...rowReads(scope) };
}

/** Between records of the CRM and our accounts, in both directions. */
function wayReads({ db, workspaceId }: Scope): Pick<Reads, 'accountsOfRecords' | 'stagesOf'> {
  return {
    async accountsOfRecords(records) {
      // A deal's contacts, and their companies.
      const { rows } = await sql<{ accountId: string }>`
        with own as (
          select unnest(${records.map(keyOf)}::text[]) as key
        ), near as (
          select key from own
          union select l.related_key from own join lockstep.crm_stage_links l on l.workspace_id = ${workspaceId} and l.record_key = own.key
        ), reached as (
          select key from near
          union select l.related_key from near join lockstep.crm_stage_links l on l.workspace_id = ${workspaceId} and l.record_key = near.key
        )
        select a.account_id as "accountId" from reached join lockstep.routed_accounts a
          on a.workspace_id = ${workspaceId} and a.record_id is not null and ${ACCOUNT_KEY} = reached.key
        union
        select a.account_id from near
        join lockstep.crm_stages s on s.workspace_id = ${workspaceId} and s.record_key = near.key
        join lockstep.routed_accounts a on a.workspace_id = ${workspaceId} and a.account_id = s.mail_account_id
        order by "accountId"`.execute(db);
      return rows.map(({ accountId }) => accountId);
    },
    async stagesOf(accountId) {
      const { rows } = await sql<SeenRecord>`
        with own as (
          select record_key from lockstep.crm_stages where workspace_id = ${workspaceId} and mail_account_id = ${accountId}
          union
          select l.record_key from lockstep.routed_accounts a
          join lockstep.crm_stage_links l on l.workspace_id = ${workspaceId} and l.related_key = ${ACCOUNT_KEY}
          where a.workspace_id = ${workspaceId} and a.account_id = ${accountId} and a.record_id is not null
        ), reached as (
          select record_key from own
          union
          select l.record_key from lockstep.crm_stage_links l
          where l.workspace_id = ${workspaceId} and l.related_key = any(array(select record_key from own))
        )
        select s.record_key as key, s.owner_id as "ownerId", s.entries from lockstep.crm_stages s
        where s.workspace_id = ${workspaceId} and s.record_key = any(array(select record_key from reached))
        order by key`.execute(db);
      return rows;
    },
  };
}

function rowReads({ db, workspaceId }: Scope): Pick<Reads, 'stageRows' | 'stageCursor'> {
  return {
    async stageRows(records) {
      const { rows } = await sql<StoredRow>`
        select connection_id as "connectionId", object, record_id as "recordId", mail_account_id as "mailAccountId", owner_id as "ownerId", entries, array(
          select l.related_key from lockstep.crm_stage_links l where l.workspace_id = ${workspaceId} and l.record_key = s.record_key
          order by l.related_key) as related
        from lockstep.crm_stages s
        where s.workspace_id = ${workspaceId} and s.record_key = any(${records.map(keyOf)}::text[]) order by s.record_key`.execute(db);
      return rows.map(({ connectionId, object, recordId, related, ...rest }) => ({
        ...rest,
        record: { connectionId, object, recordId },
        related: related.map(refOf),
      }));
    },
    async stageCursor(connectionId) {
      const { rows } = await sql<{ cursor: string; since: string }>`
        select cursor, since from lockstep.crm_stage_cursors where workspace_id = ${workspaceId} and connection_id = ${connectionId}`.execute(
        db,
      );
      return rows[0] ?? null;
    },
  };
}

export function stageWrites({ db, workspaceId }: Scope): Writes {
  return {
    async lockStages() {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`lockstep ${workspaceId} stages`}, 0))`.execute(db);
    },
    async saveStages(rows) {
      if (rows.length === 0) return;
      const stored = rows.map(({ record, related, mailAccountId, ownerId, entries }) => ({
        ...record,
        ...{ key: keyOf(record), related: related.map(keyOf), mailAccountId, ownerId, entries },
      }));
      await sql`
        with given as (
          select * from jsonb_to_recordset(${recordset('stages', stored)}::jsonb) as r ("connectionId" text, object text, "recordId" text,
            key text, related jsonb, "mailAccountId" text, "ownerId" text, entries jsonb)
        ), links as (
          select g.key, r.related_key from given g cross join lateral jsonb_array_elements_text(g.related) as r (related_key)
        ), gone as (
          delete from lockstep.crm_stage_links l using given g
          where l.workspace_id = ${workspaceId} and l.record_key = g.key and not g.related @> to_jsonb(l.related_key)
        ), come as (
          insert into lockstep.crm_stage_links (workspace_id, record_key, related_key)
          select distinct ${workspaceId}, key, related_key from links on conflict do nothing
        )
        insert into lockstep.crm_stages (workspace_id, connection_id, object, record_id, mail_account_id, owner_id, entries)
        select ${workspaceId}, "connectionId", object, "recordId", "mailAccountId", "ownerId", entries from given
        on conflict (workspace_id, connection_id, object, record_id) do update set mail_account_id = excluded.mail_account_id,
          owner_id = excluded.owner_id, entries = excluded.entries`.execute(db);
    },
    async saveStageCursor(connectionId, cursor, now) {
      await sql`
        insert into lockstep.crm_stage_cursors (workspace_id, connection_id, cursor, since) values (${workspaceId}, ${connectionId}, ${cursor}, ${now})
        on conflict (workspace_id, connection_id) do update set cursor = excluded.cursor`.execute(db);
    },
    async markUnseen(accountIds) {
      await sql`
        update lockstep.routed_accounts set evidence_version = evidence_version + 1
        where workspace_id = ${workspaceId} and account_id = any(${[...accountIds]}::text[])`.execute(db);
    },
  };
}
