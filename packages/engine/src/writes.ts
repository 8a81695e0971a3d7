/**
 * What to write: computed from canonical, bases and links when it is sent, never stored. The same function serves `push` and `plan` (law S11).
 */
import type { FieldMap, FieldName, FieldValue, Item } from '@lockstep/domain/backlog/item.ts';
import { draftFields, owedFields } from '@lockstep/domain/backlog/owed.ts';
import { fieldEntries, isReference } from '@lockstep/domain/backlog/value.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { ConflictKind, ConflictRow, OutboxRow, StoreReader } from '@lockstep/domain/sync/store.port.ts';
import { itemReferences, referencedItems } from './references.ts';
import type { ItemReferences } from './references.ts';
import type { Connection } from './workspace.ts';

/** One row of the outbox with all that is needed to send it. */
export interface Write {
  readonly row: OutboxRow;
  readonly item: Item;
  readonly link: Link | null;
  /** `wait`: the parent has no record there yet. `nothing`: in step already. */
  readonly operation: 'create' | 'update' | 'remove' | 'wait' | 'nothing';
  /** Fields to write, references in item ids. */
  readonly fields: FieldMap;
}

export interface PlannedWrites {
  readonly writes: readonly Write[];
  readonly references: ItemReferences;
}

/** Works out the writes of these rows, in their order. Three queries whatever their number. */
export async function planWrites(reader: StoreReader, connection: Connection, rows: readonly OutboxRow[]): Promise<PlannedWrites> {
  const { connectionId, connector } = connection;
  const itemIds = rows.map((row) => row.itemId);
  const items = new Map((await reader.items(itemIds)).map((item) => [item.itemId, item]));
  const targets = referencedItems([...items.values()]);
  const links = await reader.linksByItem([...new Set([...itemIds, ...targets])], connectionId);
  const targetItems = targets.length === 0 ? [] : await reader.items(targets);
  const references = itemReferences(connectionId, links, [...targetItems, ...items.values()], (kind) => connector.mappedFields(kind));
  const isNew = new Set(itemIds.filter((itemId) => !links.some((link) => link.itemId === itemId)));
  const questioned = new Set(isNew.size === 0 ? [] : (await openMatches(reader, connectionId)).map(({ itemId }) => itemId));
  const linkOf = new Map(links.map((link) => [link.itemId, link]));
  const parents = new Map([...targetItems, ...items.values()].map((item) => [item.itemId, item]));
  const writes = rows.flatMap((row) => {
    const item = items.get(row.itemId);
    return item === undefined ? [] : [held(planWrite(connection, row, item, linkOf, parents, references), questioned)];
  });
  return { writes, references };
}

/** The most that are asked about at once; a backlog with more has other troubles. */
const MOST_QUESTIONS = 10_000;

/** Open questions of a connection which record belongs to which item. */
async function openMatches(reader: StoreReader, connectionId: string): Promise<readonly ConflictRow[]> {
  return (await openRefusals(reader, connectionId)).filter(({ kind }) => kind === 'ambiguous-match');
}

const REFUSALS: ReadonlySet<ConflictKind> = new Set(['ambiguous-match', 'unmapped-kind', 'duplicate-marker']);

/** Open questions about records that could not be taken in. */
export async function openRefusals(reader: StoreReader, connectionId: string): Promise<readonly ConflictRow[]> {
  const open = await reader.conflicts({ state: 'open', connectionId, limit: MOST_QUESTIONS });
  return open.filter(({ kind }) => REFUSALS.has(kind));
}

/** An item that may have a record there already gets no second one while a person is asked (E08). */
function held(write: Write, questioned: ReadonlySet<string | null>): Write {
  return write.operation === 'create' && questioned.has(write.item.itemId) ? { ...write, operation: 'wait' } : write;
}

function planWrite(
  connection: Connection,
  row: OutboxRow,
  item: Item,
  linkOf: ReadonlyMap<string, Link>,
  parents: ReadonlyMap<string, Item>,
  references: ItemReferences,
): Write {
  const link = linkOf.get(item.itemId) ?? null;
  const live = link !== null && link.state !== 'removed';
  if (item.deletedAt !== null) {
    const operation = live && link.state === 'linked' && connection.onDelete !== 'keep' ? 'remove' : 'nothing';
    return { row, item, link, operation, fields: {} };
  }
  const mapped = connection.connector.mappedFields(item.kind);
  const project = references.projection(item.kind);
  if (!live) {
    const parent = typeof item.fields.parent === 'string' ? parents.get(item.fields.parent) : undefined;
    const operation = mustWait(connection, item, parent, linkOf) ? 'wait' : 'create';
    return { row, item, link: null, operation, fields: draftFields(item, mapped, project) };
  }
  const fields = owedFields(item, link, mapped, project);
  return { row, item, link, operation: link.state === 'linked' && Object.keys(fields).length > 0 ? 'update' : 'nothing', fields };
}

/** True while the parent, whose kind this connection holds, has no record there (H01). */
function mustWait(connection: Connection, item: Item, parent: Item | undefined, linkOf: ReadonlyMap<string, Link>): boolean {
  if (parent === undefined || parent.deletedAt !== null) return false;
  const field = connection.connector.mappedFields(item.kind).find((mapped) => mapped.field === 'parent');
  if (field === undefined || field.direction === 'in' || field.refersBy === 'title') return false;
  return connection.connector.mappedFields(parent.kind).length > 0 && linkOf.get(parent.itemId)?.state !== 'linked';
}

/** A write's fields as the connector takes them: references in the remote's form. */
export function encodedFields(write: Write, references: ItemReferences): FieldMap {
  const encoded: Partial<Record<FieldName, FieldValue>> = {};
  for (const [field, value] of fieldEntries(write.fields))
    encoded[field] = isReference(field) ? references.encode(write.item.kind, field, value) : value;
  return encoded;
}
