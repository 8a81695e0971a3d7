import { findCycle } from '@lockstep/domain/backlog/graph.ts';
import type { FieldConflict } from '@lockstep/domain/backlog/merge.ts';
import { members } from '@lockstep/domain/backlog/value.ts';
import type { StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { conflictRow } from './conflict-rows.ts';
import type { PageRows } from './page-rows.ts';
import type { Run } from './run.ts';

/** A dependency that would close a cycle is refused: the canonical edge set stays, the proposal goes on record, and the remote is owed the old set (H02). */
export async function refuseCycles(tx: StoreTransaction, run: Run, rows: PageRows): Promise<void> {
  const suspects = [...rows.changed]
    .filter(([, fields]) => fields.includes('dependsOn'))
    .map(([itemId]) => itemId)
    .sort();
  if (suspects.length === 0) return;
  const before = new Map((await tx.items(suspects)).map((item) => [item.itemId, item]));
  const stored = await tx.dependencyEdges();
  const edges = [
    ...stored.filter((edge) => !rows.items.has(edge.from) || !suspects.includes(edge.from)),
    ...suspects.flatMap((itemId) => members(rows.items.get(itemId)?.fields.dependsOn).map((to) => ({ from: itemId, to }))),
  ];
  for (const itemId of suspects) {
    const item = rows.items.get(itemId);
    const cycle = findCycle(edges, itemId);
    if (item === undefined || cycle === null) continue;
    const proposed = item.fields.dependsOn ?? null;
    const kept = before.get(itemId)?.fields.dependsOn ?? [];
    rows.items.set(itemId, { ...item, fields: { ...item.fields, dependsOn: kept } });
    const conflict: FieldConflict = {
      kind: 'concurrent-edit',
      field: 'dependsOn',
      connectionId: run.connection.connectionId,
      canonicalValue: kept,
      remoteValue: proposed,
      baseValue: kept,
    };
    rows.conflicts.push({
      ...conflictRow(run, itemId, null, conflict),
      kind: 'cycle',
      state: 'open',
      message: `dependsOn: expected no cycle, got one over ${cycle.length - 1} items`,
    });
    for (let index = edges.length - 1; index >= 0; index -= 1) if (edges[index]?.from === itemId) edges.splice(index, 1);
    edges.push(...members(kept).map((to) => ({ from: itemId, to })));
  }
}
