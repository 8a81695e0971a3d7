/** The audit log on PostgreSQL. Appends are part of a transaction; a log of its own reads, and appends in transactions of its own. */
import type { AuditAppender, AuditLog, AuditReceipt, SignedCheckpoint, StoredCheckpoint } from '@lockstep/domain/audit/audit.port.ts';
import { checkedEntries } from '@lockstep/domain/audit/entry.schema.ts';
import type { NewAuditEntry } from '@lockstep/domain/audit/entry.ts';
import { canonicalEntry } from '@lockstep/domain/audit/entry-text.ts';
import { hexOf, leafHashOf } from '@lockstep/domain/audit/merkle.ts';
import { Kysely, PostgresDialect, sql } from 'kysely';
import type { Pool } from 'pg';
import type { Database, Scope } from './tables.ts';
import { transactions } from './transactions.ts';

/** The log's part of a transaction. */
export function auditWrites(scope: Scope): AuditAppender {
  return { appendAudit: (entries) => append(scope, entries) };
}

/** The log of one workspace. `pool` must come from `createPool`, is migrated, and is the caller's to end. */
export function createAuditLog({ pool, workspaceId }: { readonly pool: Pool; readonly workspaceId: string }): AuditLog {
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const scope: Scope = { db, workspaceId };
  const { transaction } = transactions({ pool, workspaceId }, auditWrites, auditWrites);
  return {
    append: (entries) => transaction((tx) => tx.appendAudit(entries)),
    ...entryReads(scope),
    ...checkpointReads(scope),
    async saveCheckpoint({ size, root, at, keyId, signature, edge }) {
      await sql`
        insert into lockstep.audit_checkpoints (workspace_id, size, root, at, key_id, signature, edge)
        values (${workspaceId}, ${size}, ${root}, ${at}, ${keyId}, ${signature}, ${edge})
        on conflict do nothing`.execute(db);
    },
  };
}

async function append({ db, workspaceId }: Scope, entries: readonly NewAuditEntry[]): Promise<AuditReceipt> {
  // Before a place is taken: a caller that lives with the refusal must not leave a gap.
  const checked = checkedEntries(entries);
  // A place is part of what is hashed: the log's end is taken first. Nothing but this transaction's rollback gives it back.
  const { rows } = await sql<{ size: number }>`
    insert into lockstep.audit_heads as head (workspace_id, size) values (${workspaceId}, ${entries.length})
    on conflict (workspace_id) do update set size = head.size + excluded.size
    returning size`.execute(db);
  const size = rows[0]?.size ?? 0;
  const from = size - entries.length;
  const texts = checked.map((entry, place) => canonicalEntry({ ...entry, version: 1, workspaceId, seq: from + place }));
  if (texts.length === 0) return { from, size };
  const hashes = texts.map((text) => hexOf(leafHashOf(Buffer.from(text, 'utf8'))));
  await sql`
    insert into lockstep.audit_entries (workspace_id, seq, at, canonical, leaf_hash)
    select ${workspaceId}, ${from} + place - 1, at, canonical, decode(leaf_hash, 'hex')
    from unnest(${entries.map(({ at }) => at)}::timestamptz[], ${texts}::text[], ${hashes}::text[])
      with ordinality as r (at, canonical, leaf_hash, place)`.execute(db);
  return { from, size };
}

function entryReads({ db, workspaceId }: Scope): Pick<AuditLog, 'size' | 'page' | 'leafHashes'> {
  return {
    async size() {
      const { rows } = await sql<{ size: number }>`
        select coalesce(max(seq) + 1, 0) as size from lockstep.audit_entries where workspace_id = ${workspaceId}`.execute(db);
      return rows[0]?.size ?? 0;
    },
    async page({ from, limit }) {
      const { rows } = await sql<{ seq: number; canonical: string; leafHash: Uint8Array }>`
        select seq, canonical, leaf_hash as "leafHash" from lockstep.audit_entries
        where workspace_id = ${workspaceId} and seq >= ${from} order by seq limit ${limit}`.execute(db);
      return rows;
    },
    async leafHashes({ from, to }) {
      const { rows } = await sql<{ leafHash: Uint8Array }>`
        select leaf_hash as "leafHash" from lockstep.audit_entries
        where workspace_id = ${workspaceId} and seq >= ${from} and seq < ${to} order by seq`.execute(db);
      return rows.map(({ leafHash }) => leafHash);
    },
  };
}

function checkpointReads({ db, workspaceId }: Scope): Pick<AuditLog, 'latestCheckpoint' | 'checkpoints'> {
  return {
    async latestCheckpoint() {
      const { rows } = await sql<StoredCheckpoint>`
        select workspace_id as "workspaceId", size, root, at, key_id as "keyId", signature, edge from lockstep.audit_checkpoints
        where workspace_id = ${workspaceId} order by size desc limit 1`.execute(db);
      return rows[0] ?? null;
    },
    async checkpoints({ after, limit }) {
      const { rows } = await sql<SignedCheckpoint>`
        select workspace_id as "workspaceId", size, root, at, key_id as "keyId", signature from lockstep.audit_checkpoints
        where workspace_id = ${workspaceId} and size > ${after} order by size limit ${limit}`.execute(db);
      return rows;
    },
  };
}
