/**
 * What an operator can say: each command is a transaction in the store; the caller hints the workflows afterwards.
 */
import { depthOf } from '@lockstep/domain/backlog/depth.ts';
import type { FieldName, FieldValue, Item } from '@lockstep/domain/backlog/item.ts';
import { normalise } from '@lockstep/domain/backlog/value.ts';
import type { Base } from '@lockstep/domain/sync/link.ts';
import type { ConflictRow, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { noticeRow } from './conflict-rows.ts';
import { connectionOf } from './workspace.ts';
import type { Workspace } from './workspace.ts';

/** How a person settles a conflict: keep what the backlog has, take what the remote had, or set a third value. */
export type Resolution =
  | { readonly choice: 'canonical' }
  | { readonly choice: 'remote' }
  | { readonly choice: 'value'; readonly value: FieldValue };

/** The thing that a command names is not in a state that the command fits. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}

/** The thing that a command names is not on record. */
export class NotOnRecord extends Error {
  override readonly name = 'NotOnRecord';
}

/** Settles a conflict. Returns the connections that are owed writes by it. */
export async function resolveConflict(workspace: Workspace, conflictId: string, resolution: Resolution): Promise<readonly string[]> {
  return workspace.store.transaction(async (tx) => {
    const conflict = await tx.conflict(conflictId);
    if (conflict === null)
      throw new NotOnRecord(`conflict ${conflictId}: expected an existing one, found none; list them with \`lockstep conflicts\``);
    if (conflict.state === 'resolved')
      throw new CommandRefused(
        `conflict ${conflictId}: expected an open one, it was resolved at ${conflict.resolvedAt ?? 'an unknown time'}`,
      );
    const owing =
      conflict.itemId === null || conflict.field === null
        ? []
        : await settleField(tx, workspace, conflict, conflict.itemId, conflict.field, resolution);
    await tx.resolveConflicts([conflictId], resolution.choice, workspace.now());
    return owing;
  });
}

async function settleField(
  tx: StoreTransaction,
  workspace: Workspace,
  conflict: ConflictRow,
  itemId: string,
  field: FieldName,
  resolution: Resolution,
): Promise<readonly string[]> {
  const [item] = await tx.lockItems([itemId]);
  if (item === undefined) throw new CommandRefused(`conflict ${conflict.conflictId}: its item ${itemId} is not in the backlog any more`);
  const value =
    resolution.choice === 'canonical'
      ? (item.fields[field] ?? null)
      : resolution.choice === 'remote'
        ? conflict.remoteValue
        : normalise(resolution.value);
  const links = (await tx.linksByItem([itemId])).map((link) => {
    const base = link.bases[field];
    if (base?.held === undefined) return link;
    const released: Base = { remote: base.held, agreed: base.held };
    return { ...link, bases: { ...link.bases, [field]: released } };
  });
  await tx.saveLinks(links, workspace.now());
  const stamp = { version: (item.stamps[field]?.version ?? 0) + 1, source: 'operator' };
  const settled: Item = { ...item, fields: { ...item.fields, [field]: value }, stamps: { ...item.stamps, [field]: stamp } };
  await tx.saveItems([settled], workspace.now());
  await tx.appendLedger([
    {
      at: workspace.now(),
      runId: `resolve-${conflict.conflictId}`,
      target: 'canonical',
      operation: 'update',
      itemId,
      actor: 'operator',
      cause: `conflict resolved: ${resolution.choice}`,
      before: { [field]: item.fields[field] ?? null },
      after: { [field]: value },
      remoteId: null,
    },
  ]);
  return oweEverywhere(tx, workspace, [settled]);
}

/** Owes the items to every connection that they are written to. Returns these connections. */
export async function oweEverywhere(tx: StoreTransaction, workspace: Workspace, items: readonly Item[]): Promise<readonly string[]> {
  const rows = items.flatMap((item) =>
    workspace.connections
      .filter((connection) => connection.connector.mappedFields(item.kind).some((mapped) => mapped.direction !== 'in'))
      .map((connection) => ({
        connectionId: connection.connectionId,
        itemId: item.itemId,
        operation: 'write' as const,
        depth: depthOf(item.kind),
        lane: 'person' as const,
      })),
  );
  await tx.oweWrites(rows, workspace.now());
  return [...new Set(rows.map((row) => row.connectionId))];
}

/** The newest open questions of a connection, among which the one about its credentials is. */
const MOST_NOTICES = 10_000;

/** Stops reading and writing of a connection until `resumeConnection`. Idempotent. */
export async function pauseConnection(workspace: Workspace, connectionId: string): Promise<void> {
  connectionOf(workspace, connectionId);
  await workspace.store.transaction(async (tx) => {
    const row = await tx.connection(connectionId);
    if (row !== null && row.gate !== 'paused') await tx.saveConnection({ ...row, gate: 'paused', gateBeforePause: row.gate });
  });
}

/** Goes on where `pauseConnection` stopped, and closes an `auth` breaker. Idempotent. */
export async function resumeConnection(workspace: Workspace, connectionId: string): Promise<void> {
  connectionOf(workspace, connectionId);
  await workspace.store.transaction(async (tx) => {
    const row = await tx.connection(connectionId);
    if (row === null) return;
    const gate = row.gate === 'paused' ? (row.gateBeforePause ?? 'plan-first') : row.gate;
    await tx.saveConnection({ ...row, gate, gateBeforePause: null, breaker: row.breaker?.cause === 'auth' ? null : row.breaker });
    if (row.breaker?.cause === 'auth') await closeAuthNotices(tx, workspace, connectionId);
  });
}

const CREDENTIALS_REFUSED = 'credentials refused: ';

/**
 * Opens the `auth` breaker: nothing is called until an operator resumes (J07). A person is asked once, however many calls fail; true where this is the
 * time that opened it.
 */
export async function openAuthBreaker(workspace: Workspace, connectionId: string, message: string): Promise<boolean> {
  return workspace.store.transaction(async (tx) => {
    const row = await tx.connection(connectionId);
    if (row === null || row.breaker?.cause === 'auth') return false;
    const now = workspace.now();
    await tx.saveConnection({ ...row, breaker: { cause: 'auth', message, count: 1, since: now } });
    const run = { runId: `auth-${connectionId}`, workspace, connection: connectionOf(workspace, connectionId), now };
    const words = `${CREDENTIALS_REFUSED}${message}; nothing is read or written until there are new ones and \`lockstep resume ${connectionId}\``;
    await tx.raiseConflicts([noticeRow(run, { kind: 'notice', itemId: null, remoteId: null, message: words })]);
    return true;
  });
}

async function closeAuthNotices(tx: StoreTransaction, workspace: Workspace, connectionId: string): Promise<void> {
  const open = await tx.conflicts({ state: 'open', connectionId, limit: MOST_NOTICES });
  const asked = open.filter(({ message, remoteId }) => remoteId === null && message.startsWith(CREDENTIALS_REFUSED));
  await tx.resolveConflicts(
    asked.map(({ conflictId }) => conflictId),
    'resumed',
    workspace.now(),
  );
}

/** Reads one item anew in every tool and writes what it is owed; only its own calls are made (K06). Returns the connections to wake. */
export async function resyncItem(workspace: Workspace, itemId: string): Promise<readonly string[]> {
  return workspace.store.transaction(async (tx) => {
    const [item] = await tx.items([itemId]);
    if (item === undefined)
      throw new NotOnRecord(`item ${itemId}: expected one of the backlog, found none; search with \`lockstep export\``);
    const links = await tx.linksByItem([itemId]);
    for (const link of links)
      if (link.state !== 'removed') await tx.markDirty(link.connectionId, [{ remoteId: link.remoteId, deleted: false }], workspace.now());
    const owing = await oweEverywhere(tx, workspace, [item]);
    return [...new Set([...links.map((link) => link.connectionId), ...owing])];
  });
}
