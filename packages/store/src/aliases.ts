/** Ids that records carry of an item which was made again under another id, after a store was lost (K02). */
import type { StoreReader, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

export function aliasReads({ db, workspaceId }: Scope): Pick<StoreReader, 'aliases'> {
  return {
    async aliases(markers) {
      if (markers.length === 0) return new Map();
      const { rows } = await sql<{ alias: string; itemId: string }>`
        select alias, item_id as "itemId" from lockstep.aliases
        where workspace_id = ${workspaceId} and alias = any(${markers}::text[])`.execute(db);
      return new Map(rows.map(({ alias, itemId }) => [alias, itemId]));
    },
  };
}

export function aliasWrites({ db, workspaceId }: Scope): Pick<StoreTransaction, 'saveAliases'> {
  return {
    async saveAliases(aliases) {
      if (aliases.size === 0) return;
      const columns = [...aliases].map(([alias, itemId]) => ({ alias, item_id: itemId }));
      await sql`
        insert into lockstep.aliases (workspace_id, alias, item_id)
        select ${workspaceId}, alias, item_id from jsonb_to_recordset(${recordset('aliases', columns)}::jsonb) as r (alias text, item_id text)
        on conflict (workspace_id, alias) do update set item_id = excluded.item_id`.execute(db);
    },
  };
}
