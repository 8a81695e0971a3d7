import type { StoreReader, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

const LEDGER = [
  'at',
  'run_id as runId',
  'target',
  'operation',
  'item_id as itemId',
  'actor',
  'cause',
  'before',
  'after',
  'remote_id as remoteId',
] as const;

/** Reads of the ledger: the newest `limit` rows, newest first. */
export function ledgerReads({ db, workspaceId }: Scope): Pick<StoreReader, 'ledger'> {
  return {
    async ledger({ itemId, runId, limit }) {
      let rows = db
        .selectFrom('lockstep.ledger')
        .select(LEDGER)
        .where('workspace_id', '=', workspaceId)
        .orderBy('ledger_id', 'desc')
        .limit(limit);
      if (itemId !== undefined) rows = rows.where('item_id', '=', itemId);
      if (runId !== undefined) rows = rows.where('run_id', '=', runId);
      return rows.execute();
    },
  };
}

/** Appends in the order given; nothing ever changes a row. */
export function ledgerWrites({ db, workspaceId }: Scope): Pick<StoreTransaction, 'appendLedger'> {
  return {
    async appendLedger(rows) {
      if (rows.length === 0) return;
      const columns = rows.map((row, place) => ({
        place,
        at: row.at,
        run_id: row.runId,
        target: row.target,
        operation: row.operation,
        item_id: row.itemId,
        actor: row.actor,
        cause: row.cause,
        before: row.before,
        after: row.after,
        remote_id: row.remoteId,
      }));
      await sql`
        insert into lockstep.ledger (workspace_id, at, run_id, target, operation, item_id, actor, cause, before, after, remote_id)
        select ${workspaceId}, at, run_id, target, operation, item_id, actor, cause, before, after, remote_id
        from jsonb_to_recordset(${recordset('ledger', columns)}::jsonb)
          as r (place integer, at timestamptz, run_id text, target text, operation text, item_id text, actor text, cause text,
            before jsonb, after jsonb, remote_id text)
        order by place`.execute(db);
    },
  };
}
