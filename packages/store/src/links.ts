/** Links between items and remote records. A removed link stays as a tombstone. */
import type { StoreReader, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

/** The columns of a `Link`, under its names. */
const LINK = [
  'item_id as itemId',
  'connection_id as connectionId',
  'remote_id as remoteId',
  'remote_key as remoteKey',
  'url',
  'state',
  'bases',
  'revision',
  'missed_scans as missedScans',
] as const;

type LinkReads = Pick<StoreReader, 'linksByRemote' | 'linksByItem' | 'linksPage'>;
type LinkWrites = Pick<StoreTransaction, 'saveLinks' | 'touchPushed'>;

export function linkReads({ db, workspaceId }: Scope): LinkReads {
  const own = () => db.selectFrom('lockstep.links').select(LINK).where('workspace_id', '=', workspaceId);
  return {
    /** One link per remote id: the one that lives, else the tombstone that was written last. */
    async linksByRemote(connectionId, remoteIds) {
      if (remoteIds.length === 0) return [];
      return own()
        .distinctOn('remote_id')
        .where('connection_id', '=', connectionId)
        .where(sql<boolean>`remote_id = any(${remoteIds}::text[])`)
        .orderBy('remote_id')
        .orderBy(sql`state = 'removed'`)
        .orderBy('updated_at', 'desc')
        .orderBy('item_id')
        .execute();
    },
    async linksByItem(itemIds, connectionId) {
      if (itemIds.length === 0) return [];
      const links = own().where(sql<boolean>`item_id = any(${itemIds}::text[])`);
      const chosen = connectionId === undefined ? links : links.where('connection_id', '=', connectionId);
      return chosen.orderBy('item_id').orderBy('connection_id').execute();
    },
    async linksPage(connectionId, { after, limit, state }) {
      let page = own().where('connection_id', '=', connectionId).orderBy('item_id').limit(limit);
      if (after !== null) page = page.where('item_id', '>', after);
      if (state !== undefined) page = page.where('state', '=', state);
      return page.execute();
    },
  };
}

export function linkWrites({ db, workspaceId }: Scope): LinkWrites {
  return {
    async saveLinks(links, now) {
      if (links.length === 0) return;
      const rows = links.map((link) => ({
        connection_id: link.connectionId,
        item_id: link.itemId,
        remote_id: link.remoteId,
        remote_key: link.remoteKey,
        url: link.url,
        state: link.state,
        bases: link.bases,
        revision: link.revision,
        missed_scans: link.missedScans,
      }));
      // Tombstones first: a remote id that is given up in this statement is free for the item that takes it over (F07).
      await sql`
        insert into lockstep.links (workspace_id, connection_id, item_id, remote_id, remote_key, url, state, bases, revision, missed_scans, updated_at)
        select ${workspaceId}, connection_id, item_id, remote_id, remote_key, url, state, bases, revision, missed_scans, ${now}::timestamptz
        from jsonb_to_recordset(${recordset('links', rows)}::jsonb)
          as r (connection_id text, item_id text, remote_id text, remote_key text, url text, state text, bases jsonb, revision text, missed_scans integer)
        order by state <> 'removed', connection_id collate "C", item_id collate "C"
        on conflict (workspace_id, connection_id, item_id) do update set
          remote_id = excluded.remote_id, remote_key = excluded.remote_key, url = excluded.url, state = excluded.state, bases = excluded.bases,
          revision = excluded.revision, missed_scans = excluded.missed_scans, updated_at = excluded.updated_at`.execute(db);
    },
    async touchPushed(connectionId, itemIds, now) {
      await sql`
        with connection as (
          update lockstep.connections set last_pushed_at = ${now} where workspace_id = ${workspaceId} and connection_id = ${connectionId})
        update lockstep.links set pushed_at = ${now}
        where workspace_id = ${workspaceId} and connection_id = ${connectionId} and item_id = any(${itemIds}::text[])`.execute(db);
    },
  };
}
