/**
 * Writes owed to remotes: one row per (item, connection). A row says that something is owed, never what: that is computed when it is sent.
 *
 * owed → claimed (`sending`) → settled (deleted) or returned. A row that is owed again while it is being sent keeps `sending` and gets a new version, so that
 * settling the old version puts it back to `owed` instead of deleting it: the newer edit is not lost (A06).
 */
import { LANES } from '@lockstep/domain/sync/store.port.ts';
import type { NewOutboxRow, OutboxRow, StoreReader, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

const ROW = sql.raw(`connection_id as "connectionId", item_id as "itemId", operation, version, depth, lane, state, attempts,
  not_before as "notBefore", error, owed_since as "owedSince"`);

type OutboxWrites = Pick<StoreTransaction, 'oweWrites' | 'claimWrites' | 'settleWrites' | 'returnWrites' | 'dropWrites'>;

/** Rows in item id order; `after` is the last item id of the page before. */
export function outboxReads({ db, workspaceId }: Scope): Pick<StoreReader, 'outbox' | 'hasMoreUrgent'> {
  return {
    async outbox({ connectionId, itemIds, state, after, limit }) {
      // With ties: without a connection an item has several rows, and a page must not end between them.
      const rows = await sql<OutboxRow>`
        select ${ROW} from lockstep.outbox
        where workspace_id = ${workspaceId}
          ${connectionId === undefined ? sql`` : sql`and connection_id = ${connectionId}`}
          ${itemIds === undefined ? sql`` : sql`and item_id = any(${itemIds}::text[])`}
          ${state === undefined ? sql`` : sql`and state = ${state}`}
          ${after === undefined ? sql`` : sql`and item_id > ${after}`}
        order by item_id fetch first (${limit}::bigint) rows with ties`.execute(db);
      return rows.rows;
    },
    async hasMoreUrgent(connectionId, lane, now) {
      const { rows } = await sql<{ urgent: boolean }>`
        select exists (
          select from lockstep.outbox
          where workspace_id = ${workspaceId} and connection_id = ${connectionId} and state = 'owed' and lane < ${lane}::lockstep.lane
            and (not_before is null or not_before <= ${now}::timestamptz)
        ) as urgent`.execute(db);
      return rows[0]?.urgent === true;
    },
  };
}

export function outboxWrites(scope: Scope): OutboxWrites {
  return { ...owing(scope), ...ending(scope) };
}

function owing({ db, workspaceId }: Scope): Pick<OutboxWrites, 'oweWrites' | 'claimWrites'> {
  return {
    async oweWrites(rows, now) {
      if (rows.length === 0) return;
      const owed = oncePerItem(rows).map((row) => ({ ...row, connection_id: row.connectionId, item_id: row.itemId }));
      // The version is drawn again on conflict, under the row's lock: only so does it grow in the order in which the row was owed.
      // A row that waits to be probed keeps its wait; a parked one is owed anew from now on.
      await sql`
        insert into lockstep.outbox as o (workspace_id, connection_id, item_id, operation, depth, lane, owed_since)
        select ${workspaceId}, connection_id, item_id, operation, depth, lane, ${now}::timestamptz
        from jsonb_to_recordset(${recordset('outbox', owed)}::jsonb)
          as r (connection_id text, item_id text, operation text, depth integer, lane lockstep.lane)
        order by connection_id collate "C", item_id collate "C"
        on conflict (workspace_id, connection_id, item_id) do update set
          operation = excluded.operation, depth = excluded.depth, lane = least(o.lane, excluded.lane),
          version = nextval('lockstep.outbox_version'), attempts = 0, error = null,
          state = case o.state when 'sending' then 'sending' else 'owed' end,
          not_before = case o.state when 'sending' then o.not_before end,
          owed_since = case o.state when 'parked' then excluded.owed_since else o.owed_since end`.execute(db);
    },
    async claimWrites(connectionId, limit, now, lanes = LANES) {
      const claimed = await sql<OutboxRow>`
        with due as materialized (
          select * from lockstep.outbox
          where workspace_id = ${workspaceId} and connection_id = ${connectionId} and state <> 'parked'
            and (not_before is null or not_before <= ${now}::timestamptz)
            and (state = 'sending' or lane = any(${[...lanes]}::lockstep.lane[]))
          order by lane, depth, owed_since, item_id
          limit ${limit}
          for update skip locked
        ), claimed as (
          update lockstep.outbox o set state = 'sending', not_before = null
          from due
          where (o.workspace_id, o.connection_id, o.item_id) = (due.workspace_id, due.connection_id, due.item_id)
        )
        select ${ROW} from due order by due.lane, due.depth, due.owed_since, due.item_id`.execute(db);
      return claimed.rows;
    },
  };
}

function ending({ db, workspaceId }: Scope): Omit<OutboxWrites, 'oweWrites' | 'claimWrites'> {
  return {
    async settleWrites(rows) {
      if (rows.length === 0) return;
      const claims = rows.map((row) => ({ connection_id: row.connectionId, item_id: row.itemId, version: row.version }));
      // Locked first, so that both halves judge by the same, newest version even if another transaction has just owed the row again.
      await sql`
        with held as materialized (
          select o.connection_id, o.item_id, o.version = r.version as done
          from lockstep.outbox o
          join jsonb_to_recordset(${recordset('outbox', claims)}::jsonb) as r (connection_id text, item_id text, version bigint)
            on o.workspace_id = ${workspaceId} and o.connection_id = r.connection_id and o.item_id = r.item_id
          order by o.connection_id, o.item_id
          for update of o
        ), settled as (
          delete from lockstep.outbox o using held
          where o.workspace_id = ${workspaceId} and (o.connection_id, o.item_id) = (held.connection_id, held.item_id) and held.done
        )
        update lockstep.outbox o set state = 'owed'
        from held
        where o.workspace_id = ${workspaceId} and (o.connection_id, o.item_id) = (held.connection_id, held.item_id)
          and not held.done and o.state = 'sending'`.execute(db);
    },
    /** Rows that are not claimed any more (settled or owed anew by someone else) are left alone. */
    async returnWrites(rows) {
      if (rows.length === 0) return;
      const returned = rows.map((row) => ({
        connection_id: row.connectionId,
        item_id: row.itemId,
        state: row.state,
        not_before: row.notBefore,
        attempt: row.countAttempt ? 1 : 0,
        error: row.error,
      }));
      await sql`
        update lockstep.outbox o
        set state = r.state, not_before = r.not_before, attempts = o.attempts + r.attempt, error = r.error
        from jsonb_to_recordset(${recordset('outbox', returned)}::jsonb)
          as r (connection_id text, item_id text, state text, not_before timestamptz, attempt integer, error jsonb)
        where o.workspace_id = ${workspaceId} and o.connection_id = r.connection_id and o.item_id = r.item_id and o.state = 'sending'`.execute(
        db,
      );
    },
    async dropWrites(connectionId, itemIds) {
      if (itemIds.length === 0) return;
      await db
        .deleteFrom('lockstep.outbox')
        .where('workspace_id', '=', workspaceId)
        .where('connection_id', '=', connectionId)
        .where(sql<boolean>`item_id = any(${itemIds}::text[])`)
        .execute();
    },
  };
}

/** A statement cannot meet one row twice: the last operation and depth count, and the most urgent lane. */
function oncePerItem(rows: readonly NewOutboxRow[]): readonly NewOutboxRow[] {
  const once = new Map<string, NewOutboxRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.connectionId, row.itemId]);
    const lane = once.get(key)?.lane ?? row.lane;
    once.set(key, { ...row, lane: LANES.indexOf(lane) < LANES.indexOf(row.lane) ? lane : row.lane });
  }
  return [...once.values()];
}
