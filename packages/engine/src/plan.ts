/**
 * Plan and apply: the exact writes that the outbox stands for, shown before anything is sent (law S11). The plan's hash binds them; when anything has
 * moved since, `apply` refuses and asks for a new plan.
 */
import type { FieldName, FieldValue, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { fieldEntries } from '@lockstep/domain/backlog/value.ts';
import type { ConnectionRow, StoreReader } from '@lockstep/domain/sync/store.port.ts';
import type { Connection, Workspace } from './workspace.ts';
import { planWrites } from './writes.ts';
import type { Write } from './writes.ts';

/** One write that `apply` will make. */
export interface PlannedWrite {
  readonly connectionId: string;
  readonly itemId: string;
  readonly kind: ItemKind;
  readonly title: string;
  readonly operation: 'create' | 'update' | 'remove';
  readonly remoteKey: string | null;
  readonly fields: readonly { readonly field: FieldName; readonly before: FieldValue; readonly after: FieldValue }[];
}

/** What a breaker holds back. */
export interface HeldBack {
  readonly connectionId: string;
  /** Items that were deleted there, with the children that this would move or archive. */
  readonly deletes: number;
  /** Relations that would be removed there. */
  readonly unlinks: number;
  /** What was expected and found, for a person. */
  readonly message: string;
}

export interface Plan {
  readonly planId: string;
  readonly writes: readonly PlannedWrite[];
  /** What an operator must approve, per connection. */
  readonly heldBack: readonly HeldBack[];
}

/** `apply` was given the id of a plan that does not hold any more. */
export class StalePlan extends Error {
  override readonly name = 'StalePlan';
}

const PAGE = 1_000;

/** Everything that is owed to these connections (all where none are named). Reads only. */
export async function makePlan(workspace: Workspace, connectionIds: readonly string[] = []): Promise<Plan> {
  const chosen = workspace.connections.filter(
    (connection) => connectionIds.length === 0 || connectionIds.includes(connection.connectionId),
  );
  return workspace.store.snapshot(async (reader) => {
    const writes: PlannedWrite[] = [];
    for (const connection of chosen) writes.push(...(await owedTo(reader, connection)), ...(await commentsOwedTo(reader, connection)));
    const heldBack = (await reader.connections())
      .filter((row) => chosen.some((connection) => connection.connectionId === row.connectionId))
      .flatMap(heldBackBy);
    return { planId: workspace.hash(JSON.stringify({ writes, heldBack })), writes, heldBack };
  });
}

/** Opens the gates of the plan's connections. Refused with `StalePlan` when the plan is not what `makePlan` gives now. */
export async function applyPlan(workspace: Workspace, planId: string, connectionIds: readonly string[] = []): Promise<Plan> {
  const plan = await makePlan(workspace, connectionIds);
  if (plan.planId !== planId) {
    throw new StalePlan(
      `plan: expected ${planId.slice(0, 12)}, got ${plan.planId.slice(0, 12)}: something has changed since it was made; look at a new plan`,
    );
  }
  await workspace.store.transaction(async (tx) => {
    for (const row of await tx.connections()) {
      if (connectionIds.length > 0 && !connectionIds.includes(row.connectionId)) continue;
      if (row.gate !== 'plan-first') continue;
      await tx.saveConnection({ ...row, gate: 'open', breaker: row.breaker?.cause === 'plan' ? null : row.breaker });
    }
  });
  return plan;
}

function heldBackBy({ connectionId, breaker }: ConnectionRow): readonly HeldBack[] {
  if (breaker?.cause !== 'mass-delete' && breaker?.cause !== 'mass-unlink') return [];
  const { cause, count, message } = breaker;
  return [{ connectionId, deletes: cause === 'mass-delete' ? count : 0, unlinks: cause === 'mass-unlink' ? count : 0, message }];
}

async function owedTo(reader: StoreReader, connection: Connection): Promise<readonly PlannedWrite[]> {
  const planned: PlannedWrite[] = [];
  let after: string | undefined;
  for (;;) {
    const rows = await reader.outbox({ connectionId: connection.connectionId, limit: PAGE, ...(after === undefined ? {} : { after }) });
    const { writes } = await planWrites(
      reader,
      connection,
      rows.filter((row) => row.state !== 'parked'),
    );
    planned.push(...writes.flatMap((write) => describe(connection, write)));
    after = rows.at(-1)?.itemId;
    if (rows.length < PAGE || after === undefined) return planned;
  }
}

/** Mirrors of comments, one write each. */
async function commentsOwedTo(reader: StoreReader, { connectionId, connector }: Connection): Promise<readonly PlannedWrite[]> {
  if (connector.discusses === undefined) return [];
  const owed = (await reader.commentsOwed(connectionId)).filter(({ copy, comment }) => !comment.removed || copy.remoteCommentId !== null);
  const items = new Map((await reader.items([...new Set(owed.map(({ comment }) => comment.itemId))])).map((item) => [item.itemId, item]));
  return owed.flatMap(({ copy, comment }): readonly PlannedWrite[] => {
    const item = items.get(comment.itemId);
    if (item === undefined) return [];
    const operation = comment.removed ? 'remove' : copy.remoteCommentId === null ? 'create' : 'update';
    const title = `a comment on ${typeof item.fields.title === 'string' ? item.fields.title : item.itemId}`;
    return [{ connectionId, itemId: item.itemId, kind: item.kind, title, operation, remoteKey: copy.remoteCommentId, fields: [] }];
  });
}

function describe(connection: Connection, write: Write): readonly PlannedWrite[] {
  if (write.operation === 'nothing') return [];
  const title = typeof write.item.fields.title === 'string' ? write.item.fields.title : write.item.itemId;
  const operation = write.operation === 'wait' ? 'create' : write.operation;
  const fields = fieldEntries(write.fields).map(([field, after]) => ({ field, before: write.link?.bases[field]?.remote ?? null, after }));
  return [
    {
      connectionId: connection.connectionId,
      itemId: write.item.itemId,
      kind: write.item.kind,
      title,
      operation,
      remoteKey: write.link?.remoteKey ?? null,
      fields,
    },
  ];
}
