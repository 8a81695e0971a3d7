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
  const unlinked = strangers.filter((record) => !links.has(record.remoteId));
  const adopted: Adopted[] = linkedOnly(records, links);
  const refused: Refused[] = [];
  const candidates = await candidateItems(tx, connectionId, unlinked);
  const parents = await parentsOf(tx, connectionId, unlinked);
  const taken = new Set<string>();
  for (const record of unlinked) {
    const verdict = judge(record, candidates, parents.get(record.remoteId), taken);
    if ('message' in verdict) {
      refused.push({ record, ...verdict });
      continue;
    }
    const itemId = verdict.itemId ?? run.workspace.newId();
    taken.add(itemId);
    adopted.push({ record, itemId, how: verdict.existing ? 'matched' : 'new', link: null });
  }
  return { adopted, refused };
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

type Verdict = { readonly itemId: string | null; readonly existing: boolean } | { readonly kind: ConflictKind; readonly message: string };

function judge(record: RemoteRecord, candidates: Candidates, parentId: string | undefined, taken: ReadonlySet<string>): Verdict {
  if (record.kind === null)
    return { kind: 'unmapped-kind', message: `${nameOf(record)}: expected a type that the mapping names, got one that it does not` };
  if (record.marker !== null) return judgeMarked(record, record.marker, candidates, taken);
  const same = (candidates.byTitle.get(titleKey(record.kind, record.fields.title)) ?? []).filter((item) => !taken.has(item.itemId));
  const inPlace =
    parentId === undefined
      ? same
      : same.filter((item) => item.fields.parent === undefined || item.fields.parent === null || item.fields.parent === parentId);
  const sameSection = inPlace.filter(
    (item) => record.fields.section === undefined || item.fields.section === undefined || item.fields.section === record.fields.section,
  );
  if (sameSection.length > 1) {
    return { kind: 'ambiguous-match', message: `${nameOf(record)}: expected one item of this kind and title, got ${sameSection.length}` };
  }
  const [only] = sameSection;
  return only === undefined ? { itemId: null, existing: false } : { itemId: only.itemId, existing: true };
}

/** A marked record is ours: its item is known, or was lost with the store and is made again under its own id (K02). */
function judgeMarked(record: RemoteRecord, marker: string, candidates: Candidates, taken: ReadonlySet<string>): Verdict {
  if (candidates.linkedHere.has(marker) || taken.has(marker)) {
    return {
      kind: 'duplicate-marker',
      message: `${nameOf(record)}: carries the marker of an item that has a record here already (a copy?)`,
    };
  }
  return { itemId: marker, existing: candidates.byId.has(marker) };
}

function titleKey(kind: string, title: unknown): string {
  return `${kind}\n${typeof title === 'string' ? title.normalize('NFC').trim() : ''}`;
}

/** How messages name a record: by the id that people know, never by its content. */
function nameOf(record: RemoteRecord): string {
  return record.remoteKey ?? record.remoteId;
}
