/**
 * Sending: the planned writes in the connector's batches, one outcome per write.
 */
import type { FieldMap, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { draftFields } from '@lockstep/domain/backlog/owed.ts';
import { members } from '@lockstep/domain/backlog/value.ts';
import type {
  Connector,
  RemoteChange,
  RemoteDraft,
  RemoteRecord,
  RemoteRemoval,
  WriteBatch,
  WriteOutcome,
} from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Sent } from './outcomes.ts';
import type { ItemReferences } from './references.ts';
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
  const queue = new CreateQueue(creates, ({ item }) => (namesBlockers(connector, item.kind) ? members(item.fields.dependsOn) : []));
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
  for (let chunk = queue.take(size(connector.limits.create)); chunk.length > 0; chunk = queue.take(size(connector.limits.create))) {
    // What earlier batches have made can be referred to by now.
    const drafts = staged ? chunk : chunk.map((write) => ({ ...write, fields: fieldsNow(run, write, planned.references) }));
    const sent = await attempt(drafts, doubt, () => connector.pushes.create(drafts.map(draftOf)));
    for (const { write, outcome } of sent.outcomes)
      if (outcome.ok && outcome.record !== null) planned.references.learn(write.item.itemId, outcome.record.remoteId);
    yield sent;
  }
  for (const chunk of chunks(updates, size(connector.limits.update))) {
    yield await attempt(chunk, doubt, () => connector.pushes.update(chunk.flatMap((write) => changeOf(write) ?? [])));
  }
  for (const chunk of chunks(removals, size(connector.limits.remove)))
    yield await attempt(chunk, doubt, () => connector.pushes.remove(chunk.map(removalOf)));
}

function fieldsNow({ connection }: Run, { item }: Write, references: ItemReferences): FieldMap {
  return draftFields(item, connection.connector.mappedFields(item.kind), references.projection(item.kind));
}

/** Whether records of a kind name what they depend on by its record there. Where they do not, nothing has to be made before them. */
function namesBlockers(connector: Connector, kind: ItemKind): boolean {
  const field = connector.mappedFields(kind).find((mapped) => mapped.field === 'dependsOn');
  return field !== undefined && field.direction !== 'in' && field.refersBy !== 'title';
}

/**
 * Creates in their order, but for those that depend on one that is not made yet: they stand back, so that the reference goes along with the create and
 * needs no update after it. Where more would stand back than could go, they go without.
 */
class CreateQueue {
  #waiting: readonly Write[];
  readonly #blockersOf: (write: Write) => readonly string[];

  constructor(creates: readonly Write[], blockersOf: (write: Write) => readonly string[]) {
    this.#waiting = creates;
    this.#blockersOf = blockersOf;
  }

  /** The next batch; empty when all are out. */
  take(limit: number): readonly Write[] {
    const unmade = new Set(this.#waiting.map(({ item }) => item.itemId));
    const isFree = (write: Write): boolean =>
      this.#blockersOf(write).every((target) => target === write.item.itemId || !unmade.has(target));
    const free = this.#waiting.filter(isFree).slice(0, limit);
    const isThin = free.length < limit && free.length < this.#waiting.length - free.length;
    const batch = isThin ? this.#waiting.slice(0, limit) : free;
    const taken = new Set(batch);
    this.#waiting = this.#waiting.filter((write) => !taken.has(write));
    return batch;
  }
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
