/**
 * Sending: the planned writes in the connector's batches, one outcome per write.
 */
import type {
  RemoteChange,
  RemoteDraft,
  RemoteRecord,
  RemoteRemoval,
  WriteBatch,
  WriteOutcome,
} from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Sent } from './outcomes.ts';
import type { Run } from './run.ts';
import { encodedFields } from './writes.ts';
import type { PlannedWrites, Write } from './writes.ts';

/** Sends and yields batch by batch, so that each can be put on record before the next. `doubt` is called just before a batch leaves. */
export async function* sendBatch(
  run: Run,
  planned: PlannedWrites,
  before: ReadonlyMap<string, RemoteRecord>,
  doubt: (writes: readonly Write[]) => void,
): AsyncGenerator<Sent> {
  const { connector } = run.connection;
  const creates = planned.writes.filter((write) => write.operation === 'create');
  const updates = planned.writes.filter((write) => write.operation === 'update' && before.has(write.item.itemId));
  const removals = planned.writes.filter((write) => write.operation === 'remove');
  const draftOf = (write: Write): RemoteDraft => ({
    marker: write.item.itemId,
    kind: write.item.kind,
    fields: encodedFields(write, planned.references),
  });
  const changeOf = (write: Write): RemoteChange | null => {
    const record = before.get(write.item.itemId);
    return record === undefined || write.link === null
      ? null
      : {
          remoteId: write.link.remoteId,
          marker: write.item.itemId,
          kind: write.item.kind,
          fields: encodedFields(write, planned.references),
          before: record,
        };
  };
  const removalOf = (write: Write): RemoteRemoval => ({
    remoteId: write.link?.remoteId ?? '',
    marker: write.item.itemId,
    kind: write.item.kind,
  });
  const changes = updates.flatMap((write) => changeOf(write) ?? []);
  await stage(run, { creates: creates.map(draftOf), updates: changes, removals: removals.map(removalOf) });

  const staged = connector.pushes.stage !== undefined;
  const size = (limit: number): number => (staged ? Math.max(1, planned.writes.length) : limit);
  for (const chunk of chunks(creates, size(connector.limits.create)))
    yield await attempt(chunk, doubt, () => connector.pushes.create(chunk.map(draftOf)));
  for (const chunk of chunks(updates, size(connector.limits.update))) {
    yield await attempt(chunk, doubt, () => connector.pushes.update(chunk.flatMap((write) => changeOf(write) ?? [])));
  }
  for (const chunk of chunks(removals, size(connector.limits.remove)))
    yield await attempt(chunk, doubt, () => connector.pushes.remove(chunk.map(removalOf)));
  if (staged) await adoptStaged(run);
}

/** Lets a connector without markers write down what it is about to do, before it does it. */
async function stage(run: Run, batch: WriteBatch): Promise<void> {
  const { connectionId, connector } = run.connection;
  if (connector.pushes.stage === undefined) return;
  const { store } = run.workspace;
  const checkpoint = await store.snapshot((reader) => reader.checkpoint(connectionId, 'changes'));
  const { stagedCursor } = await connector.pushes.stage(batch, checkpoint.cursor);
  await store.transaction((tx) => tx.saveCheckpoint(connectionId, 'changes', stagedCursor, checkpoint.version));
}

/** After a staged batch is on record, the staged state becomes the agreed one. */
async function adoptStaged(run: Run): Promise<void> {
  const { connectionId, connector } = run.connection;
  const { store } = run.workspace;
  const checkpoint = await store.snapshot((reader) => reader.checkpoint(connectionId, 'changes'));
  const page = await connector.pulls.pull({ mode: 'changes', cursor: checkpoint.cursor, recentlyWrittenIds: [] });
  if (page.records.length > 0 || page.deletedIds.length > 0) return;
  await store.transaction((tx) => tx.saveCheckpoint(connectionId, 'changes', page.nextCursor, checkpoint.version));
}

async function attempt(
  writes: readonly Write[],
  doubt: (writes: readonly Write[]) => void,
  send: () => Promise<readonly WriteOutcome[]>,
): Promise<Sent> {
  doubt(writes);
  try {
    const outcomes = await send();
    return { outcomes: writes.map((write, index) => ({ write, outcome: outcomes[index] ?? unanswered(write) })) };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { outcomes: writes.map((write) => ({ write, outcome: { ok: false as const, error } })) };
  }
}

function unanswered(write: Write): WriteOutcome {
  return {
    ok: false,
    error: new ConnectorError('OutcomeUnknown', `${write.item.kind}: expected an outcome for each write of a batch, got fewer`),
  };
}

function* chunks<T>(values: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < values.length; start += size) yield values.slice(start, start + size);
}
