/**
 * References between remote space and item space.
 *
 * A remote names its parent and its blockers by its own record ids (`id:GROW-12`) or in words (`text:Phase 1`). The backlog holds item ids. A target that
 * has no link here is kept as `remote:<connectionId>:<remoteId>`: a reference, not dropped (H06).
 */
import type { FieldMap, FieldName, FieldValue, Item, ItemKind } from '@lockstep/domain/backlog/item.ts';
import type { Projection } from '@lockstep/domain/backlog/owed.ts';
import { isReference, members } from '@lockstep/domain/backlog/value.ts';
import type { MappedField, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { StoreReader } from '@lockstep/domain/sync/store.port.ts';

/** The words before the colon: "Phase 1" of "Phase 1: Launch (Weeks 9–16)". What people write when they name a phase. */
export function labelOf(title: string): string {
  const colon = title.indexOf(':');
  return (colon > 0 ? title.slice(0, colon) : title).trim();
}

/** Translates references found in records. Built once per page. */
export interface RemoteReferences {
  /** The record's fields in item space; fields whose reference cannot be resolved are left out and named in `unresolved`. */
  translate(record: RemoteRecord): { readonly fields: FieldMap; readonly unresolved: readonly UnresolvedReference[] };
}

export interface UnresolvedReference {
  readonly field: FieldName;
  /** `unknown-id` may be resolved when the target has been read; `unknown-text` and `ambiguous-text` need a person. */
  readonly cause: 'unknown-id' | 'unknown-text' | 'ambiguous-text';
  readonly reference: string;
}

/** Reads what the page's references need: one query for ids, one for words. */
export async function remoteReferences(request: {
  readonly reader: StoreReader;
  readonly connectionId: string;
  readonly records: readonly RemoteRecord[];
  /** Remote id → item id of records that this page links. */
  readonly assigned: ReadonlyMap<string, string>;
  /** Take a target that has no link as a reference outside the backlog, instead of waiting for it. */
  readonly keepUnknown: boolean;
}): Promise<RemoteReferences> {
  const ids = new Set<string>();
  const words = new Set<string>();
  for (const record of request.records) {
    for (const [field, value] of Object.entries(record.fields)) {
      if (!isReference(field as FieldName)) continue;
      for (const reference of members(value)) {
        if (reference.startsWith('id:')) ids.add(reference.slice(3));
        else if (reference.startsWith('text:')) words.add(reference.slice(5));
      }
    }
  }
  const linked = new Map<string, string>(request.assigned);
  for (const link of ids.size === 0 ? [] : await request.reader.linksByRemote(request.connectionId, [...ids]))
    linked.set(link.remoteId, link.itemId);
  const named = words.size === 0 ? new Map<string, string | null>() : await itemsNamed(request.reader);
  const keep = (reference: string): string => `remote:${request.connectionId}:${reference.slice(3)}`;

  return {
    translate(record) {
      const fields: Partial<Record<FieldName, FieldValue>> = { ...record.fields };
      const unresolved: UnresolvedReference[] = [];
      for (const [name, value] of Object.entries(record.fields)) {
        const field = name as FieldName;
        if (!isReference(field)) continue;
        const targets: string[] = [];
        for (const reference of members(value)) {
          const target = reference.startsWith('text:')
            ? named.get(labelOf(reference.slice(5)).normalize('NFC'))
            : linked.get(reference.slice(3));
          if (typeof target === 'string') targets.push(target);
          else if (reference.startsWith('id:') && request.keepUnknown && field !== 'parent') targets.push(keep(reference));
          else unresolved.push({ field, cause: causeOf(reference, target), reference });
        }
        if (unresolved.some((problem) => problem.field === field)) delete fields[field];
        else fields[field] = typeof value === 'string' ? (targets[0] ?? null) : value === null ? null : targets.sort();
      }
      return { fields, unresolved };
    },
  };
}

function causeOf(reference: string, target: string | null | undefined): UnresolvedReference['cause'] {
  if (reference.startsWith('id:')) return 'unknown-id';
  return target === null ? 'ambiguous-text' : 'unknown-text';
}

/** Phases, epics and groups by the label that people use; null where two share it. */
async function itemsNamed(reader: StoreReader): Promise<Map<string, string | null>> {
  const named = new Map<string, string | null>();
  for (const kind of ['phase', 'epic', 'group'] as const) {
    for (const item of await reader.itemsPage({ after: null, limit: 1000, kind })) {
      const title = item.fields.title;
      if (typeof title !== 'string') continue;
      const label = labelOf(title).normalize('NFC');
      named.set(label, named.has(label) ? null : item.itemId);
    }
  }
  return named;
}

/** Shows references of items to one remote. Built once per batch. */
export interface ItemReferences {
  /** For items of a kind: the targets that have a live record there, as item ids: what the remote can hold of a field. */
  projection(kind: ItemKind): Projection;
  /** Item ids of a projected field → the remote's form. */
  encode(kind: ItemKind, field: FieldName, value: FieldValue): FieldValue;
  /** A record that has been made since: from now on it can be referred to. */
  learn(itemId: string, remoteId: string): void;
}

/** `links` are the live links on this connection of every target; `targets` the items themselves (for references in words). */
export function itemReferences(
  connectionId: string,
  links: readonly Link[],
  targets: readonly Item[],
  mappedFields: (kind: ItemKind) => readonly MappedField[],
): ItemReferences {
  const remoteIds = new Map(
    links.filter((link) => link.connectionId === connectionId && link.state === 'linked').map((link) => [link.itemId, link.remoteId]),
  );
  const titles = new Map(targets.filter((item) => item.deletedAt === null).map((item) => [item.itemId, item.fields.title]));
  const own = `remote:${connectionId}:`;
  const inWords = (kind: ItemKind, field: FieldName): boolean =>
    mappedFields(kind).find((mapped) => mapped.field === field)?.refersBy === 'title';
  const holds = (kind: ItemKind, field: FieldName, target: string): boolean => {
    if (target.startsWith('remote:')) return target.startsWith(own);
    return inWords(kind, field) ? typeof titles.get(target) === 'string' : remoteIds.has(target);
  };
  return {
    projection: (kind) => (field, value) => {
      const kept = members(value).filter((target) => holds(kind, field, target));
      return typeof value === 'string' || value === null ? (kept[0] ?? null) : kept;
    },
    encode(kind, field, value) {
      const shown = members(value).map((target) => {
        if (target.startsWith(own)) return `id:${target.slice(own.length)}`;
        const title = titles.get(target);
        return inWords(kind, field) && typeof title === 'string' ? `text:${labelOf(title)}` : `id:${remoteIds.get(target) ?? ''}`;
      });
      return typeof value === 'string' || value === null ? (shown[0] ?? null) : shown;
    },
    learn: (itemId, remoteId) => void remoteIds.set(itemId, remoteId),
  };
}

/** Every item id that the references of these items point at. */
export function referencedItems(items: readonly Item[]): readonly string[] {
  const targets = new Set<string>();
  for (const item of items) {
    for (const target of [...members(item.fields.parent), ...members(item.fields.dependsOn)])
      if (!target.startsWith('remote:')) targets.add(target);
  }
  return [...targets];
}
