/**
 * Records that somebody has merged in a tool: a read of the one that went into the other answers with the other (F07). Its item takes the other record as
 * its own; where that has an item already, the two items are one now: what pointed at the first points at the second, and the first is deleted like
 * anything that was deleted there, with its values in the ledger.
 */
import { depthOf } from '@lockstep/domain/backlog/depth.ts';
import type { FieldMap, Item } from '@lockstep/domain/backlog/item.ts';
import { members } from '@lockstep/domain/backlog/value.ts';
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { NewOutboxRow, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { noticeRow } from './conflict-rows.ts';
import type { Run } from './run.ts';

/** A record that answered under the id of another. */
export interface Redirection {
  readonly from: string;
  readonly record: RemoteRecord;
}

/** To be called before the records themselves are merged. Returns the connections that are owed writes by it. */
export async function followMerges(tx: StoreTransaction, run: Run, redirections: readonly Redirection[]): Promise<readonly string[]> {
  const { connectionId } = run.connection;
  const owing: string[] = [];
  for (const { from, record } of redirections) {
    const [loser] = (await tx.linksByRemote(connectionId, [from])).filter(({ state }) => state !== 'removed');
    if (loser === undefined) continue;
    const [winner] = (await tx.linksByRemote(connectionId, [record.remoteId])).filter(({ state }) => state !== 'removed');
    if (winner === undefined) await tx.saveLinks([redirected(loser, record)], run.now);
    else if (winner.itemId !== loser.itemId) owing.push(...(await join(tx, run, loser, winner)));
  }
  return owing;
}

/** The bases stay: what the other record shows otherwise is what the merge has changed. */
function redirected(loser: Link, record: RemoteRecord): Link {
  return {
    ...loser,
    remoteId: record.remoteId,
    remoteKey: record.remoteKey,
    url: record.url,
    state: 'linked',
    revision: null,
    missedScans: 0,
  };
}

async function join(tx: StoreTransaction, run: Run, loser: Link, winner: Link): Promise<readonly string[]> {
  await tx.saveLinks([{ ...loser, state: 'vanished' }], run.now);
  const message = `${loser.remoteKey ?? loser.remoteId}: merged there into ${winner.remoteKey ?? winner.remoteId}; its item is the other's now`;
  const notice = { kind: 'notice', itemId: loser.itemId, remoteId: loser.remoteId, message, recorded: true } as const;
  await tx.raiseConflicts([noticeRow(run, notice)]);
  const pointing = await tx.itemsReferencing([loser.itemId]);
  if (pointing.length === 0) return [];
  const locked = await tx.lockItems(pointing.map(({ itemId }) => itemId));
  const moved = locked.map((item) => repointed(item, loser.itemId, winner.itemId));
  await tx.saveItems(moved, run.now);
  const owed = moved.flatMap((item) =>
    run.workspace.connections
      .filter(({ connector }) => connector.mappedFields(item.kind).some(({ direction }) => direction !== 'in'))
      .map((connection): NewOutboxRow => ({
        connectionId: connection.connectionId,
        itemId: item.itemId,
        operation: 'write',
        depth: depthOf(item.kind),
        lane: 'live',
      })),
  );
  await tx.oweWrites(owed, run.now);
  return owed.map((row) => row.connectionId);
}

function repointed(item: Item, from: string, to: string): Item {
  const { parent, dependsOn } = item.fields;
  const stamp = (field: 'parent' | 'dependsOn') => ({ version: (item.stamps[field]?.version ?? 0) + 1, source: 'lockstep' });
  const edges = [...new Set(members(dependsOn).map((target) => (target === from ? to : target)))].filter(
    (target) => target !== item.itemId,
  );
  const fields: FieldMap = {
    ...item.fields,
    ...(parent === from ? { parent: item.itemId === to ? null : to } : {}),
    ...(members(dependsOn).includes(from) ? { dependsOn: edges.sort() } : {}),
  };
  const stamps = {
    ...item.stamps,
    ...(parent === from ? { parent: stamp('parent') } : {}),
    ...(members(dependsOn).includes(from) ? { dependsOn: stamp('dependsOn') } : {}),
  };
  return { ...item, fields, stamps };
}
