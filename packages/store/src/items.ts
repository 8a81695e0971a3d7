/** Items of the canonical backlog. Deleted items stay as their own tombstones. */
import type { StoreReader, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

const ITEM = ['item_id as itemId', 'kind', 'fields', 'stamps', 'deleted_at as deletedAt', 'deleted_by as deletedBy'] as const;

type ItemReads = Pick<StoreReader, 'items' | 'itemsPage' | 'itemsByTitle' | 'itemsReferencing' | 'dependencyEdges'>;
type ItemWrites = Pick<StoreTransaction, 'lockItemCreation' | 'lockItems' | 'saveItems'>;

/** The reads of items; every list comes in id order. */
export function itemReads(scope: Scope): ItemReads {
  const { db, workspaceId } = scope;
  const own = () => db.selectFrom('lockstep.items').select(ITEM).where('workspace_id', '=', workspaceId).orderBy('item_id');
  return {
    async items(itemIds) {
      if (itemIds.length === 0) return [];
      return byIds(scope, itemIds).execute();
    },
    async itemsPage({ after, limit, kind, deleted = false }) {
      let page = own().limit(limit);
      if (after !== null) page = page.where('item_id', '>', after);
      if (kind !== undefined) page = page.where('kind', '=', kind);
      if (!deleted) page = page.where('deleted_at', 'is', null);
      return page.execute();
    },
    async itemsByTitle(titles) {
      if (titles.length === 0) return [];
      // The key is the indexed beginning of the title; the whole title decides.
      return own()
        .where('deleted_at', 'is', null)
        .where(sql<boolean>`title_key in (select left(normalize(t, NFC), 200) from unnest(${titles}::text[]) as t)`)
        .where(sql<boolean>`normalize(fields ->> 'title', NFC) in (select normalize(t, NFC) from unnest(${titles}::text[]) as t)`)
        .execute();
    },
    async itemsReferencing(itemIds) {
      if (itemIds.length === 0) return [];
      return own()
        .where('deleted_at', 'is', null)
        .where(sql<boolean>`(parent_id = any(${itemIds}::text[]) or fields -> 'dependsOn' ?| ${itemIds}::text[])`)
        .execute();
    },
    async dependencyEdges() {
      const edges = await sql<{ from: string; to: string }>`
        select item_id as "from", target as "to"
        from lockstep.items
        cross join lateral jsonb_array_elements_text(case jsonb_typeof(fields -> 'dependsOn') when 'array' then fields -> 'dependsOn' else '[]' end) as target
        where workspace_id = ${workspaceId} and deleted_at is null
        order by item_id, target`.execute(db);
      return edges.rows;
    },
  };
}

/** The writes of items, and the locks that order them. */
export function itemWrites(scope: Scope): ItemWrites {
  const { db, workspaceId } = scope;
  return {
    async lockItemCreation() {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`lockstep create items ${workspaceId}`}, 0))`.execute(db);
    },
    async lockItems(itemIds) {
      if (itemIds.length === 0) return [];
      // Rows are locked after the sort, one by one in its order: two transactions that want the same items cannot wait for each other.
      return byIds(scope, itemIds).forUpdate().execute();
    },
    async saveItems(items, now) {
      if (items.length === 0) return;
      const rows = items.map((item) => ({
        item_id: item.itemId,
        kind: item.kind,
        fields: item.fields,
        stamps: item.stamps,
        deleted_at: item.deletedAt,
        deleted_by: item.deletedBy,
      }));
      await sql`
        insert into lockstep.items (workspace_id, item_id, kind, fields, stamps, deleted_at, deleted_by, created_at, updated_at)
        select ${workspaceId}, item_id, kind, fields, stamps, deleted_at, deleted_by, ${now}::timestamptz, ${now}::timestamptz
        from jsonb_to_recordset(${recordset('items', rows)}::jsonb)
          as r (item_id text, kind text, fields jsonb, stamps jsonb, deleted_at timestamptz, deleted_by text)
        order by item_id collate "C"
        on conflict (workspace_id, item_id) do update set
          kind = excluded.kind, fields = excluded.fields, stamps = excluded.stamps,
          deleted_at = excluded.deleted_at, deleted_by = excluded.deleted_by, updated_at = excluded.updated_at`.execute(db);
    },
  };
}

function byIds({ db, workspaceId }: Scope, itemIds: readonly string[]) {
  return db
    .selectFrom('lockstep.items')
    .select(ITEM)
    .where('workspace_id', '=', workspaceId)
    .where(sql<boolean>`item_id = any(${itemIds}::text[])`)
    .orderBy('item_id');
}
