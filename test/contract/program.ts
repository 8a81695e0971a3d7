/**
 * A program that makes a connector send everything that it can: the example plan created, every mapped field set and cleared, both kinds of pass, reads
 * by id and by marker, comments, removals, the doctor's look.
 */
import { fileURLToPath } from 'node:url';
import { createDocumentConnector } from '@lockstep/connectors/document/connector.ts';
import { FIELD_TYPES, ITEM_KINDS } from '@lockstep/domain/backlog/item.ts';
import type { FieldName, FieldValue, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { emptyValue } from '@lockstep/domain/backlog/value.ts';
import type { Connector, MappedField, RemoteDraft, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { newMarker, sampleValues, writtenRecord } from '../conformance/subject.ts';
import type { Stage } from './stage.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/growth-plan/tasks.md', import.meta.url));
/** Longer than any search index lags. */
const INDEXED_MS = 60_000;

/** Runs it; rejects where a step does not do what it should. */
export async function runProgram(stage: Stage): Promise<void> {
  const connector = stage.connect();
  const errors = (await connector.check()).filter((finding) => finding.level === 'error');
  if (errors.length > 0) throw new Error(`check: expected no errors, got ${JSON.stringify(errors)}`);
  const records = await createPlan(connector);
  await stage.advance(INDEXED_MS);
  const cursor = await pullAll(connector, 'changes', null);
  await pullAll(connector, 'full', null);
  await read(connector, records);
  const isSet = new Set<FieldName>();
  for (const kind of ITEM_KINDS.toReversed()) {
    const record = records.find((candidate) => candidate.kind === kind);
    if (record !== undefined) await setEveryField(connector, record, records, isSet);
  }
  await talk(connector, records);
  await stage.advance(INDEXED_MS);
  await pullAll(connector, 'changes', cursor);
  await remove(connector, records);
}

/** Every item of the example plan whose kind the connection holds, parents first. */
async function createPlan(connector: Connector): Promise<readonly RemoteRecord[]> {
  const { records: rows } = await createDocumentConnector({ file: EXAMPLE }).pulls.pull({
    mode: 'changes',
    cursor: null,
    recentlyWrittenIds: [],
  });
  const held = rows.filter((row) => row.kind !== null && connector.mappedFields(row.kind).length > 0);
  const made = new Map<string, RemoteRecord>();
  for (let left = held; left.length > 0;) {
    const waits = (row: RemoteRecord): boolean => left.some((other) => `id:${other.remoteId}` === row.fields.parent);
    const batch = left.filter((row) => !waits(row)).slice(0, connector.limits.create);
    const outcomes = await connector.pushes.create(batch.map((row) => draftOf(connector, row, { rows, made })));
    for (const [index, row] of batch.entries()) made.set(row.remoteId, writtenRecord(outcomes[index]));
    left = left.filter((row) => !made.has(row.remoteId));
  }
  return [...made.values()];
}

interface Known {
  readonly rows: readonly RemoteRecord[];
  readonly made: ReadonlyMap<string, RemoteRecord>;
}

function draftOf(connector: Connector, row: RemoteRecord, known: Known): RemoteDraft {
  const kind = row.kind ?? 'task';
  const fields: Partial<Record<FieldName, FieldValue>> = {};
  for (const mapped of connector.mappedFields(kind)) {
    const value = row.fields[mapped.field];
    if (value === undefined || mapped.direction === 'in') continue;
    const type = FIELD_TYPES[mapped.field];
    const refs = type === 'ref' || type === 'refSet' ? translated(value, mapped, known) : value;
    if (refs !== undefined) fields[mapped.field] = refs;
  }
  return { marker: newMarker(), kind, fields };
}

/** References to rows as references to what was made of them. */
function translated(value: FieldValue, { refersBy }: MappedField, { rows, made }: Known): FieldValue | undefined {
  const one = (ref: string): string | undefined => {
    const id = ref.slice('id:'.length);
    if (refersBy === 'title') return `text:${rows.find((row) => row.remoteId === id)?.fields.title?.toString() ?? ''}`;
    const record = made.get(id);
    return record === undefined ? undefined : `id:${record.remoteId}`;
  };
  if (value === null) return null;
  return typeof value === 'string' ? one(value) : value.flatMap((ref) => one(ref) ?? []);
}

async function pullAll(connector: Connector, mode: 'changes' | 'full', from: RemoteCursor): Promise<RemoteCursor> {
  for (let cursor = from; ;) {
    const page = await connector.pulls.pull({ mode, cursor, recentlyWrittenIds: [] });
    cursor = page.nextCursor;
    if (!page.more) return cursor;
  }
}

type RemoteCursor = Parameters<Connector['pulls']['pull']>[0]['cursor'];

async function read(connector: Connector, records: readonly RemoteRecord[]): Promise<void> {
  const some = records.slice(0, 5);
  const fetched = await connector.pulls.fetch(some.map((record) => record.remoteId));
  if (!fetched.every((outcome) => outcome.found)) throw new Error(`fetch: expected all, got ${JSON.stringify(fetched)}`);
  const found = await connector.pulls.findByMarker([...some.map((record) => record.marker ?? ''), newMarker()]);
  if (found.length !== some.length) throw new Error(`findByMarker: expected ${some.length} records, got ${found.length}`);
}

/** A comment made, listed, changed and removed, where the tool has comments. */
async function talk({ discusses }: Connector, records: readonly RemoteRecord[]): Promise<void> {
  const [first = '', second = ''] = records.map((record) => record.remoteId);
  if (discusses === undefined) return;
  const { commentId } = await discusses.write(first, 'Said by *Maria* at 10:00\n\nTwo lines & <more>');
  await discusses.write(second, 'Said once');
  await discusses.rewrite(first, commentId, 'Said again');
  const listed = await discusses.list([first, second]);
  const known = listed.flatMap(({ comments }) => comments).filter(({ kind }) => kind === 'comment');
  if (known.length !== 2) throw new Error(`list: expected 2 comments, got ${JSON.stringify(listed)}`);
  await discusses.remove(first, commentId);
}

const NEVER_EMPTY = new Set<FieldName>(['title', 'status', 'priority']);

/** Those that no other kind has set before: a field is written alike, whatever the kind. */
async function setEveryField(
  connector: Connector,
  record: RemoteRecord,
  records: readonly RemoteRecord[],
  isSet: Set<FieldName>,
): Promise<void> {
  const kind = record.kind ?? 'task';
  let before = record;
  for (const mapped of connector.mappedFields(kind)) {
    const { field } = mapped;
    if (mapped.direction === 'in' || isSet.has(field)) continue;
    isSet.add(field);
    const values = sampleValues(field, FIELD_TYPES[field], targets(mapped, record, records));
    for (const value of NEVER_EMPTY.has(field) ? values : [...values, emptyValue(field)]) {
      const marker = before.marker ?? '';
      const [outcome] = await connector.pushes.update([{ remoteId: before.remoteId, marker, kind, fields: { [field]: value }, before }]);
      before = writtenRecord(outcome);
    }
  }
}

/** Two records that the field can point at. */
function targets(
  { field, refersBy }: MappedField,
  record: RemoteRecord,
  records: readonly RemoteRecord[],
): { first: FieldValue; second: FieldValue } {
  if (refersBy === 'title') return { first: 'text:Phase 1', second: 'text:Phase 2' };
  const kind: ItemKind = field === 'parent' ? 'phase' : 'task';
  const others = records.filter((other) => other.kind === kind && other.remoteId !== record.remoteId);
  return { first: `id:${others[0]?.remoteId ?? ''}`, second: `id:${others[1]?.remoteId ?? ''}` };
}

async function remove(connector: Connector, records: readonly RemoteRecord[]): Promise<void> {
  const gone = records.slice(-3);
  const removals = gone.map(({ remoteId, marker, kind }) => ({ remoteId, marker: marker ?? '', kind: kind ?? 'task' }) as const);
  for (let start = 0; start < removals.length; start += connector.limits.remove)
    for (const outcome of await connector.pushes.remove(removals.slice(start, start + connector.limits.remove)))
      if (!outcome.ok) throw outcome.error;
  await connector.pulls.fetch([gone[0]?.remoteId ?? '']);
}
