import { depthOf } from '@lockstep/domain/backlog/depth.ts';
import { owedFields } from '@lockstep/domain/backlog/owed.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { Lane, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import type { PageRows } from './page-rows.ts';
import { itemReferences, referencedItems } from './references.ts';
import type { Run } from './run.ts';

/** Owes every connection what it has not agreed to yet, this one included. */
export async function oweChanges(tx: StoreTransaction, run: Run, rows: PageRows, links: readonly Link[], lane: Lane): Promise<void> {
  const items = [...rows.items.values()];
  if (items.length === 0) return;
  const targets = referencedItems(items);
  const targetLinks = targets.length === 0 ? [] : await tx.linksByItem(targets);
  const targetItems = targets.length === 0 ? [] : [...(await tx.items(targets)), ...items];
  const own = new Map(rows.links.map((link) => [link.itemId, link]));
  const all = [...links.filter((link) => !(link.connectionId === run.connection.connectionId && own.has(link.itemId))), ...rows.links];
  for (const { connectionId, connector } of run.workspace.connections) {
    const here = new Map(all.filter((link) => link.connectionId === connectionId).map((link) => [link.itemId, link]));
    const references = itemReferences(connectionId, [...targetLinks, ...rows.links], targetItems, (kind) => connector.mappedFields(kind));
    for (const item of items) {
      const mapped = connector.mappedFields(item.kind);
      if (!mapped.some((field) => field.direction !== 'in')) continue;
      const link = here.get(item.itemId);
      if (link !== undefined && link.state !== 'removed') {
        const project = references.projection(item.kind);
        if (link.state !== 'linked' || Object.keys(owedFields(item, link, mapped, project)).length === 0) continue;
      }
      rows.outbox.push({ connectionId, itemId: item.itemId, operation: 'write', depth: depthOf(item.kind), lane });
    }
  }
}
