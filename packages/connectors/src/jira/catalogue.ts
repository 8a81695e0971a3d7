/**
 * What the site calls things: field ids by name, issue types, statuses, priorities, the reader's time zone. Read once, and again when a name is not found.
 */
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import type { JiraClient } from './client.ts';

export type StoredAs = 'line' | 'document' | 'labels' | 'priority' | 'status' | 'parent' | 'links' | 'date' | 'other';

export interface SiteField {
  readonly id: string;
  readonly storedAs: StoredAs;
}

interface Named {
  readonly id: string;
  readonly name: string;
}

export interface Catalogue {
  /** The field with this id or name; null where the site has none. */
  field(idOrName: string): SiteField | null;
  readonly issueTypes: readonly Named[];
  readonly statuses: readonly Named[];
  readonly priorities: readonly Named[];
  readonly timeZone: string;
  readonly accountId: string;
}

/** System fields by how they store values. The link type stands for a field of its own in mappings. */
const SYSTEM: Readonly<Record<string, StoredAs>> = {
  summary: 'line',
  description: 'document',
  environment: 'document',
  labels: 'labels',
  priority: 'priority',
  status: 'status',
  parent: 'parent',
  duedate: 'date',
};

export async function readCatalogue(client: JiraClient, mapping: Mapping): Promise<Catalogue> {
  const project = projectOf(mapping);
  const [fields, issueTypes, statusesByType, priorities, linkTypes, myself] = await Promise.all([
    client.fields(),
    client.issueTypes(project),
    client.statuses(project),
    client.priorities(),
    client.linkTypes(),
    client.myself(),
  ]);
  const known = new Map<string, SiteField>();
  for (const { id, name, schema } of fields) {
    const field = { id, storedAs: SYSTEM[id] ?? customKind(schema) };
    known.set(id, field);
    if (!known.has(name.toLowerCase())) known.set(name.toLowerCase(), field);
  }
  for (const { name } of linkTypes) known.set(`link:${name.toLowerCase()}`, { id: 'issuelinks', storedAs: 'links' });
  return {
    field: (idOrName) => known.get(idOrName) ?? known.get(idOrName.toLowerCase()) ?? known.get(`link:${idOrName.toLowerCase()}`) ?? null,
    issueTypes,
    statuses: [...new Map(statusesByType.flatMap((type) => type.statuses).map((status) => [status.id, status])).values()],
    priorities,
    timeZone: myself.timeZone ?? 'UTC',
    accountId: myself.accountId,
  };
}

function customKind(schema: { readonly type: string; readonly custom?: string | undefined } | undefined): StoredAs {
  if (schema?.custom?.endsWith(':textarea') === true) return 'document';
  if (schema?.custom?.endsWith(':textfield') === true || schema?.custom?.endsWith(':url') === true) return 'line';
  if (schema?.custom?.endsWith(':labels') === true) return 'labels';
  return schema?.type === 'date' ? 'date' : 'other';
}

export function projectOf(mapping: Mapping): string {
  return mapping.target['project'] ?? '';
}

/** An entry by id or name, whatever the case of the name. */
export function entryOf(list: readonly Named[], idOrName: string): Named | null {
  return list.find((entry) => entry.id === idOrName) ?? list.find((entry) => entry.name.toLowerCase() === idOrName.toLowerCase()) ?? null;
}
