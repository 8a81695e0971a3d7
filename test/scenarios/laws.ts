/** What is asserted after every case: laws S1–S6, read back from the tools and not from our own tables alone. */
import { expect } from 'vitest';
import type { FieldName, FieldValue, Item } from '@lockstep/domain/backlog/item.ts';
import { isReference, sameValue } from '@lockstep/domain/backlog/value.ts';
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { ConflictRow } from '@lockstep/domain/sync/store.port.ts';
import type { ConnectionId, World } from './world.ts';
import { toolsOf } from './world.ts';

/** An edit that a person made; law S2 asks what has become of it. */
export interface PersonsEdit {
  readonly title: string;
  readonly field: FieldName;
  readonly value: string;
}

const PAGE = 10_000;

/** Brings everything to rest and asserts S1–S6 of the whole world. */
export async function expectLaws(world: World, edits: readonly PersonsEdit[] = []): Promise<void> {
  await world.rest();
  await expectRest(world);
  const items = await everyItem(world);
  for (const { connectionId, connector } of world.workspace.connections) {
    const records = await everyRecord(world, connectionId as ConnectionId);
    const links = await linksOf(world, connectionId);
    expectOneTwin(connectionId, records, links);
    for (const link of links.filter(({ state }) => state === 'linked')) {
      const [item, record] = [
        items.get(link.itemId),
        records.find(({ remoteId }) => remoteId === link.remoteId) ?? (await unlisted(world, link)),
      ];
      expect(record, `S1 ${connectionId}: a live record of ${titleOf(item)}`).toBeDefined();
      if (item === undefined || record === undefined) continue;
      const shown = connector.mappedFields(item.kind).filter(({ direction }) => direction !== 'in');
      for (const { field } of shown) expectSame(connectionId, item, link, record, field);
    }
  }
  const conflicts = await conflictsOf(world);
  for (const edit of edits) expectKept(edit, [...items.values()], conflicts);
}

/** A record that listings leave out (it was moved out of the project) and a read by id finds. */
async function unlisted(world: World, { connectionId, remoteId }: Link): Promise<RemoteRecord | undefined> {
  const { connector } = world.run(connectionId as ConnectionId).connection;
  const changes = await world.workspace.store.snapshot((reader) => reader.checkpoint(connectionId, 'changes'));
  const [outcome] = await connector.pulls.fetch([remoteId], changes.cursor);
  return outcome?.found === true ? outcome.record : undefined;
}

/** S3, S5: after a full scan of everything nothing is written anywhere, and the file keeps its bytes. */
async function expectRest(world: World): Promise<void> {
  const state = async (): Promise<unknown> => [world.text(), await Promise.all(toolsOf(world.workspace).map((tool) => world.writes(tool)))];
  const before = await state();
  for (const { connectionId } of world.workspace.connections) await world.pass(connectionId as ConnectionId, { full: true });
  expect(await state(), 'S3: what a second pass over everything wrote').toEqual(before);
}

/** S4: no marker twice, one link per record. */
function expectOneTwin(connectionId: string, records: readonly RemoteRecord[], links: readonly Link[]): void {
  const markers = records.flatMap(({ marker, deleted }) => (marker === null || deleted ? [] : [marker]));
  expect(new Set(markers).size, `S4 ${connectionId}: live records with one marker`).toBe(markers.length);
  const living = links.filter(({ state }) => state !== 'removed').map(({ remoteId }) => remoteId);
  expect(new Set(living).size, `S4 ${connectionId}: links to one record`).toBe(living.length);
}

/** S1: the record shows the canonical value, or the form of it that both sides agreed on (a clip, a default); a held field waits for a person. */
function expectSame(connectionId: string, item: Item, link: Link, record: RemoteRecord, field: FieldName): void {
  const [base, canonical, observed] = [link.bases[field], item.fields[field], record.fields[field]];
  if (observed === undefined || base?.held !== undefined || isReference(field)) return;
  const isAgreed = base !== undefined && sameValue(observed, base.remote) && (canonical === undefined || sameValue(canonical, base.agreed));
  const isEqual = sameValue(observed, canonical ?? null) || (isNothing(observed) && isNothing(canonical));
  expect(isAgreed || isEqual, `S1 ${connectionId}: ${titleOf(item)}.${field}: canonical ${show(canonical)}, shown ${show(observed)}`).toBe(
    true,
  );
}

/** S2: it stands, or it is on record with both values. Words of a text may stand merged with those of others. */
function expectKept(edit: PersonsEdit, items: readonly Item[], conflicts: readonly ConflictRow[]): void {
  const stands = items.some((item) => {
    const value = item.fields[edit.field];
    return item.fields.title === edit.title && (sameValue(value, edit.value) || (typeof value === 'string' && value.includes(edit.value)));
  });
  const isOnRecord = conflicts.some(
    (row) => row.field === edit.field && [row.canonicalValue, row.remoteValue].some((value) => sameValue(value, edit.value)),
  );
  expect(stands || isOnRecord, `S2: "${edit.value}" of ${edit.title}.${edit.field} stands or is on record`).toBe(true);
}

export async function everyItem(world: World): Promise<ReadonlyMap<string, Item>> {
  const items = await world.workspace.store.snapshot((reader) => reader.itemsPage({ after: null, limit: PAGE }));
  return new Map(items.map((item) => [item.itemId, item]));
}

/** The live item with this title. */
export async function itemTitled(world: World, title: string): Promise<Item> {
  const found = [...(await everyItem(world)).values()].filter(({ fields }) => fields.title === title);
  const [item] = found;
  if (item === undefined || found.length !== 1) throw new Error(`expected one item "${title}", got ${found.length}`);
  return item;
}

export async function conflictsOf(world: World, state?: ConflictRow['state']): Promise<readonly ConflictRow[]> {
  return world.workspace.store.snapshot((reader) => reader.conflicts({ limit: PAGE, ...(state === undefined ? {} : { state }) }));
}

export async function linksOf(world: World, connectionId: string): Promise<readonly Link[]> {
  return world.workspace.store.snapshot((reader) => reader.linksPage(connectionId, { after: null, limit: PAGE }));
}

/** Every record that a connection shows, as its connector reads it now. */
export async function everyRecord(world: World, connectionId: ConnectionId): Promise<readonly RemoteRecord[]> {
  const { connection } = world.run(connectionId);
  const changes = await world.workspace.store.snapshot((reader) => reader.checkpoint(connectionId, 'changes'));
  const records: RemoteRecord[] = [];
  for (let cursor: Json | null = null, more = true; more;) {
    const page = await connection.connector.pulls.pull({ mode: 'full', cursor, recentlyWrittenIds: [], changesCursor: changes.cursor });
    records.push(...page.records);
    [cursor, more] = [page.nextCursor, page.more];
  }
  return records;
}

const titleOf = (item: Item | undefined): string => String(item?.fields.title ?? 'an item');
const show = (value: FieldValue | undefined): string => JSON.stringify(value) ?? 'absent';
const isNothing = (value: FieldValue | undefined): boolean => value === undefined || value === null || value.length === 0;
