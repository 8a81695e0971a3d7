/**
 * Finding an item by what a person knows of it: its id, a record's id or key in any tool, or its title.
 */
import type { Item } from '@lockstep/domain/backlog/item.ts';
import type { StoreReader } from '@lockstep/domain/sync/store.port.ts';
import type { Workspace } from './workspace.ts';

/** How the words fit: the item's own id, a record's id or key, the whole title, or a part of it. */
export type FoundBy = 'id' | 'record' | 'title' | 'words';

export interface FoundItem {
  readonly item: Item;
  readonly by: FoundBy;
}

const PAGE = 1_000;
/** The most that an answer holds; more are no help to a person. */
export const MOST_FOUND = 20;

/** Live and deleted items by id or record, live ones by title. Only the closest way that finds any counts. At most `MOST_FOUND`, in id order. */
export async function findItems(workspace: Workspace, text: string): Promise<readonly FoundItem[]> {
  const wanted = text.trim();
  if (wanted === '') return [];
  return workspace.store.snapshot(async (reader) => {
    const byId = await reader.items([wanted]);
    if (byId.length > 0) return found(byId, 'id');
    const byRecord = await reader.items(await linkedTo(workspace, reader, wanted));
    if (byRecord.length > 0) return found(byRecord, 'record');
    const byTitle = await reader.itemsByTitle([wanted]);
    return byTitle.length > 0 ? found(byTitle, 'title') : found(await titled(reader, wanted), 'words');
  });
}

function found(items: readonly Item[], by: FoundBy): readonly FoundItem[] {
  return items.slice(0, MOST_FOUND).map((item) => ({ item, by }));
}

/** Ids of the items whose record has this id or key. Keys are compared without case, as Jira does. */
async function linkedTo(workspace: Workspace, reader: StoreReader, wanted: string): Promise<readonly string[]> {
  const key = wanted.toLowerCase();
  const itemIds = new Set<string>();
  for (const { connectionId } of workspace.connections) {
    for (const link of await reader.linksByRemote(connectionId, [wanted])) itemIds.add(link.itemId);
    for (let after: string | null = null; ;) {
      const links = await reader.linksPage(connectionId, { after, limit: PAGE });
      for (const link of links) if (link.remoteKey?.toLowerCase() === key) itemIds.add(link.itemId);
      if (links.length < PAGE) break;
      after = links.at(-1)?.itemId ?? null;
    }
  }
  return [...itemIds];
}

/** Live items whose title holds the words, without case. */
async function titled(reader: StoreReader, wanted: string): Promise<readonly Item[]> {
  const words = wanted.normalize('NFC').toLowerCase();
  const items: Item[] = [];
  for (let after: string | null = null; items.length < MOST_FOUND;) {
    const page: readonly Item[] = await reader.itemsPage({ after, limit: PAGE });
    items.push(
      ...page.filter(({ fields }) => typeof fields.title === 'string' && fields.title.normalize('NFC').toLowerCase().includes(words)),
    );
    if (page.length < PAGE) break;
    after = page.at(-1)?.itemId ?? null;
  }
  return items;
}
