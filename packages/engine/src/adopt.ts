/**
 * Which item a record belongs to: by its link, else by our marker inside it, else by kind, title and parent, else it is a new item.
 *
 * Runs under the creation lock, so that two connections that read the same new rows at the same time end with one item (laws S4, E08). What is not
 * beyond doubt is parked and asked about; it is never guessed.
 */
import type { Item } from '@lockstep/domain/backlog/item.ts';
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { ConflictKind, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import type { Run } from './run.ts';

/** A record with the item that it belongs to. */
export interface Adopted {
  readonly record: RemoteRecord;
  readonly itemId: string;
  /** `linked`: had a link. `matched`: an item without a link here. `new`: no item yet. */
  readonly how: 'linked' | 'matched' | 'new';
  readonly link: Link | null;
}

/** A record that a person must look at. */
export interface Refused {
  readonly record: RemoteRecord;
  readonly kind: ConflictKind;
  readonly message: string;
  /** Items that it may belong to: no other record is made for them until the question is settled. */
  readonly candidates: readonly string[];
}

export interface Adoption {
  readonly adopted: readonly Adopted[];
  readonly refused: readonly Refused[];
}

/** Finds each record's item. Deleted records without a link are nobody's and are left out. */
export async function adoptRecords(tx: StoreTransaction, run: Run, records: readonly RemoteRecord[]): Promise<Adoption> {
  const { connectionId } = run.connection;
  let links = await linksOf(tx, connectionId, records);
  const strangers = records.filter((record) => !links.has(record.remoteId) && !record.deleted);
  if (strangers.length === 0) return { adopted: linkedOnly(records, links), refused: [] };

  await tx.lockItemCreation();
  links = await linksOf(tx, connectionId, records);
  const unlinked = await aliased(
    tx,
    strangers.filter((record) => !links.has(record.remoteId)),
  );
  const adopted: Adopted[] = linkedOnly(records, links);
  const refused: Refused[] = [];
  const candidates = await candidateItems(tx, connectionId, unlinked);
  const parents = await parentsOf(tx, connectionId, unlinked);
  const taken = new Set<string>();
  const aliases = new Map<string, string>();
  const isNameless = ({ marker, kind }: RemoteRecord): boolean => kind !== null && !isKnown(marker, candidates);
  const alike = Map.groupBy(unlinked.filter(isNameless), likenessOf);
  // Of several records with one lost marker, the one that still has its item's title is it; the others are copies.
  const isTitled = ({ kind, fields }: RemoteRecord): boolean => candidates.byTitle.has(titleKey(String(kind), fields.title));
  for (const record of [...unlinked.filter(isTitled), ...unlinked.filter((one) => !isTitled(one))]) {
    const others = isNameless(record) ? (alike.get(likenessOf(record))?.length ?? 1) : 1;
    const verdict = judge(record, { candidates, parentId: parents.get(record.remoteId), taken, others });
    if ('message' in verdict) {
      refused.push({ record, candidates: [], ...verdict });
      continue;
    }
    const itemId = verdict.itemId ?? run.workspace.newId();
    taken.add(itemId);
    if (record.marker !== null && record.marker !== itemId) {
      taken.add(record.marker);
      aliases.set(record.marker, itemId);
    }
    adopted.push({ record, itemId, how: verdict.existing ? 'matched' : 'new', link: null });
  }
  await tx.saveAliases(aliases);
  return { adopted, refused };
}

/** Records under the ids that their items have now. */
async function aliased(tx: StoreTransaction, records: readonly RemoteRecord[]): Promise<readonly RemoteRecord[]> {
  const known = await tx.aliases(records.flatMap(({ marker }) => marker ?? []));
  return known.size === 0 ? records : records.map((record) => ({ ...record, marker: known.get(record.marker ?? '') ?? record.marker }));
}

function linkedOnly(records: readonly RemoteRecord[], links: ReadonlyMap<string, Link>): Adopted[] {
  return records.flatMap((record) => {
    const link = links.get(record.remoteId);
    return link === undefined ? [] : [{ record, itemId: link.itemId, how: 'linked' as const, link }];
  });
}

async function linksOf(tx: StoreTransaction, connectionId: string, records: readonly RemoteRecord[]): Promise<Map<string, Link>> {
  const links = await tx.linksByRemote(
    connectionId,
    records.map((record) => record.remoteId),
  );
  return new Map(links.map((link) => [link.remoteId, link]));
}

interface Candidates {
  readonly byId: ReadonlyMap<string, Item>;
  /** Items without a link on this connection, by kind and title. */
  readonly byTitle: ReadonlyMap<string, readonly Item[]>;
  /** Item ids that have a link here already. */
  readonly linkedHere: ReadonlySet<string>;
}

async function candidateItems(tx: StoreTransaction, connectionId: string, records: readonly RemoteRecord[]): Promise<Candidates> {
  const marked = await tx.items(records.flatMap((record) => (record.marker === null ? [] : [record.marker])));
  const titles = records.flatMap((record) => (typeof record.fields.title === 'string' ? [record.fields.title] : []));
  const titled = titles.length === 0 ? [] : await tx.itemsByTitle(titles);
  const links = await tx.linksByItem([...new Set([...marked, ...titled].map((item) => item.itemId))], connectionId);
  const linkedHere = new Set(links.filter((link) => link.state !== 'removed').map((link) => link.itemId));
  const byTitle = new Map<string, Item[]>();
  for (const item of titled) {
    if (linkedHere.has(item.itemId)) continue;
    const key = titleKey(item.kind, item.fields.title);
    byTitle.set(key, [...(byTitle.get(key) ?? []), item]);
  }
  return { byId: new Map(marked.map((item) => [item.itemId, item])), byTitle, linkedHere };
}

/** Item ids of the records' parents, where these have a link already. */
async function parentsOf(tx: StoreTransaction, connectionId: string, records: readonly RemoteRecord[]): Promise<Map<string, string>> {
  const wanted = new Map<string, string>();
  for (const record of records) {
    const parent = record.fields.parent;
    if (typeof parent === 'string' && parent.startsWith('id:')) wanted.set(record.remoteId, parent.slice(3));
  }
  if (wanted.size === 0) return new Map();
  const links = new Map((await tx.linksByRemote(connectionId, [...new Set(wanted.values())])).map((link) => [link.remoteId, link.itemId]));
  return new Map([...wanted].flatMap(([remoteId, parentId]) => (links.has(parentId) ? [[remoteId, links.get(parentId) ?? '']] : [])));
}

type Verdict =
  | { readonly itemId: string | null; readonly existing: boolean }
  | { readonly kind: ConflictKind; readonly message: string; readonly candidates?: readonly string[] };

/** Records that cannot be told from each other by what a match goes by. */
function likenessOf({ kind, fields }: RemoteRecord): string {
  return JSON.stringify([titleKey(String(kind), fields.title), fields.parent ?? null, fields.section ?? null]);
}

/** The marker of an item that is in the backlog; after the store was lost there are others. */
function isKnown(marker: string | null, { byId }: Candidates): boolean {
  return marker !== null && byId.has(marker);
}

interface Circumstances {
  readonly candidates: Candidates;
  readonly parentId: string | undefined;
  readonly taken: ReadonlySet<string>;
  /** How many records of the page cannot be told from this one, itself included. */
  readonly others: number;
}

function judge(record: RemoteRecord, { candidates, parentId, taken, others }: Circumstances): Verdict {
  if (record.kind === null)
    return { kind: 'unmapped-kind', message: `${nameOf(record)}: expected a type that the mapping names, got one that it does not` };
  const { marker } = record;
  if (marker !== null && (isKnown(marker, candidates) || taken.has(marker))) return judgeMarked(record, marker, candidates, taken);
  const same = (candidates.byTitle.get(titleKey(record.kind, record.fields.title)) ?? []).filter((item) => !taken.has(item.itemId));
  const inPlace =
    parentId === undefined
      ? same
      : same.filter((item) => item.fields.parent === undefined || item.fields.parent === null || item.fields.parent === parentId);
  const sameSection = inPlace.filter(
    (item) => record.fields.section === undefined || item.fields.section === undefined || item.fields.section === record.fields.section,
  );
  if (sameSection.length > 1 || (sameSection.length === 1 && others > 1)) {
    return {
      kind: 'ambiguous-match',
      message: `${nameOf(record)}: expected one record and one item of this kind, title and parent, got ${others} and ${sameSection.length}; rename what is not the same, or resolve with the backlog's value to have a record made`,
      candidates: sameSection.map(({ itemId }) => itemId),
    };
  }
  const [only] = sameSection;
  // Ours, of an item that was lost with the store: it comes back under its own id, so that the other tools' records find it too (K02).
  return only === undefined ? { itemId: marker, existing: false } : { itemId: only.itemId, existing: true };
}

/** A record with the marker of an item that is known is that item's, unless the item has one here. */
function judgeMarked(record: RemoteRecord, marker: string, candidates: Candidates, taken: ReadonlySet<string>): Verdict {
  if (candidates.linkedHere.has(marker) || taken.has(marker)) {
    return {
      kind: 'duplicate-marker',
      message: `${nameOf(record)}: carries the marker of an item that has a record here already (a copy?)`,
    };
  }
  return { itemId: marker, existing: true };
}

function titleKey(kind: string, title: unknown): string {
  return `${kind}\n${typeof title === 'string' ? title.normalize('NFC').trim() : ''}`;
}

/** How messages name a record: by the id that people know, never by its content. */
function nameOf(record: RemoteRecord): string {
  return record.remoteKey ?? record.remoteId;
}
