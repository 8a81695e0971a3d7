/** Changes of pages: create, set properties, trash and restore, move. Routes and the page for people go through here. */
import { refuseWithin } from './ancestry.ts';
import { randomUUID } from 'node:crypto';
import { invalid } from './errors.ts';
import type { Actor, DataSourceRecord, Option, PageRecord, Parent, Stored } from './model.ts';
import { statusGroups } from './options.ts';
import { firstValues, schemaOf } from './values.ts';
import type { Written } from './values.ts';
import { WORKSPACE } from './workspace.ts';
import type { Workspace } from './workspace.ts';

/** The data source that a page lies in, if it lies in one. */
export function sourceOf(workspace: Workspace, parent: Parent): DataSourceRecord | undefined {
  return parent.type === 'data_source_id' ? workspace.dataSources.get(parent.dataSourceId) : undefined;
}

/** The parent as webhooks name it. */
export function eventParent(workspace: Workspace, parent: Parent): Record<string, unknown> {
  switch (parent.type) {
    case 'workspace':
      return { id: WORKSPACE.id, type: 'space' };
    case 'page_id':
      return { id: parent.pageId, type: 'page' };
    case 'block_id':
      return { id: parent.blockId, type: 'block' };
    case 'database_id':
      return { id: parent.databaseId, type: 'database' };
    default: {
      const database = workspace.dataSources.get(parent.dataSourceId)?.databaseId;
      return { id: database, type: 'database', data_source_id: parent.dataSourceId };
    }
  }
}

function tell(workspace: Workspace, type: string, actor: Actor, page: PageRecord, more: Record<string, unknown> = {}): void {
  const data = { parent: eventParent(workspace, page.parent), ...more };
  workspace.emit({ type, actor, entity: { type: 'page', id: page.id }, data });
}

/** Adds the options that writing values made. A full schema is refused by the vendor, not here. */
function addOptions(workspace: Workspace, source: DataSourceRecord, added: ReadonlyMap<string, readonly Option[]>): void {
  if (added.size === 0) return;
  const schema = source.schema.map((property) => {
    const options = added.get(property.id);
    return options === undefined ? property : { ...property, options: [...(property.options ?? []), ...options] };
  });
  workspace.put('dataSource', { ...source, schema: schema.map(regrouped) });
}

function regrouped(property: DataSourceRecord['schema'][number]): DataSourceRecord['schema'][number] {
  return property.type === 'status' ? { ...property, groups: statusGroups(property.options ?? [], property.groups) } : property;
}

/** What a new page carries besides its place and values. */
export interface PageExtras {
  readonly icon: unknown;
  readonly cover: unknown;
}

/** Makes a page and tells the webhooks. */
export function createPage(workspace: Workspace, actor: Actor, parent: Parent, written: Written, extras: PageExtras): PageRecord {
  workspace.refuseTrashed(parent);
  const source = sourceOf(workspace, parent);
  const nowMs = workspace.nowMs();
  const page: PageRecord = {
    id: randomUUID(),
    seq: workspace.nextSeq(),
    parent,
    properties: { ...firstValues(source), ...written.values },
    icon: extras.icon,
    cover: extras.cover,
    isLocked: false,
    restricted: false,
    children: [],
    createdMs: nowMs,
    editedMs: nowMs,
    createdBy: actor.id,
    editedBy: actor.id,
    inTrash: false,
  };
  if (source !== undefined) {
    addOptions(workspace, source, written.added);
    numberTaken(workspace, source.id);
  }
  workspace.put('page', page);
  placeBelow(workspace, page);
  mirror(workspace, page, {});
  tell(workspace, 'page.created', actor, page);
  return page;
}

/** A page below a page is one of its blocks, too. */
function placeBelow(workspace: Workspace, page: PageRecord): void {
  const above = page.parent.type === 'page_id' ? workspace.pages.get(page.parent.pageId) : undefined;
  if (above !== undefined) workspace.put('page', { ...above, children: [...above.children, page.id] });
}

function numberTaken(workspace: Workspace, sourceId: string): void {
  const source = workspace.dataSources.get(sourceId);
  if (!source?.schema.some((property) => property.type === 'unique_id')) return;
  workspace.put('dataSource', { ...source, nextNumber: source.nextNumber + 1 });
}

/** What an update changes; what is undefined stays. */
export interface PageChange {
  readonly written?: Written | undefined;
  readonly icon?: unknown;
  readonly cover?: unknown;
  readonly isLocked?: boolean | undefined;
  readonly inTrash?: boolean | undefined;
}

/**
 * Changes a page and tells the webhooks what changed; writing what stands already is an edit in time, without an event.
 * @throws validation_error for an edit of a page in the trash that does not restore it
 */
export function updatePage(workspace: Workspace, actor: Actor, before: PageRecord, change: PageChange): PageRecord {
  const restores = change.inTrash === false;
  if (before.inTrash && !restores && change.inTrash === undefined) {
    throw invalid("Can't edit block that is archived. You must unarchive the block before editing.");
  }
  workspace.refuseTrashed(before.parent);
  const source = sourceOf(workspace, before.parent);
  if (source !== undefined && change.written !== undefined) addOptions(workspace, source, change.written.added);
  const values = change.written?.values ?? {};
  const page: PageRecord = {
    ...before,
    properties: { ...before.properties, ...values },
    icon: change.icon === undefined ? before.icon : change.icon,
    cover: change.cover === undefined ? before.cover : change.cover,
    isLocked: change.isLocked ?? before.isLocked,
    inTrash: change.inTrash ?? before.inTrash,
    editedMs: workspace.nowMs(),
    editedBy: actor.id,
  };
  workspace.put('page', page);
  mirror(workspace, page, before.properties);
  const changed = Object.keys(values).filter((id) => JSON.stringify(before.properties[id] ?? null) !== JSON.stringify(values[id] ?? null));
  if (changed.length > 0) tell(workspace, 'page.properties_updated', actor, page, { updated_properties: changed });
  if (page.inTrash !== before.inTrash) tell(workspace, page.inTrash ? 'page.deleted' : 'page.undeleted', actor, page);
  if (page.isLocked !== before.isLocked) tell(workspace, page.isLocked ? 'page.locked' : 'page.unlocked', actor, page);
  return page;
}

/** Puts a page under another parent; values move along by the name of their property where the type is the same. */
export function movePage(workspace: Workspace, actor: Actor, before: PageRecord, parent: Parent): PageRecord {
  workspace.refuseTrashed(before.parent);
  workspace.refuseTrashed(parent);
  refuseWithin(workspace, parent, before.id);
  const to = schemaOf(workspace, { parent });
  const properties: Record<string, Stored> = firstValues(sourceOf(workspace, parent));
  for (const property of schemaOf(workspace, before)) {
    const same = to.find(({ name, type }) => type === property.type && (type === 'title' || name === property.name));
    const value = before.properties[property.id];
    // Options are known by id in their own data source only.
    if (same !== undefined && value !== undefined && same.options === undefined) properties[same.id] = value;
  }
  const page: PageRecord = { ...before, parent, properties, editedMs: workspace.nowMs(), editedBy: actor.id };
  workspace.unplace(before);
  workspace.put('page', page);
  placeBelow(workspace, page);
  tell(workspace, 'page.moved', actor, page);
  return page;
}

/** Keeps the other side of dual relations: a page that is named here names this one there. */
function mirror(workspace: Workspace, page: PageRecord, before: Readonly<Record<string, Stored>>): void {
  for (const property of schemaOf(workspace, page)) {
    const other = property.relation?.syncedPropertyId;
    if (other === undefined || other === null) continue;
    const now = (page.properties[property.id] ?? []) as string[];
    const was = (before[property.id] ?? []) as string[];
    for (const id of now)
      if (!was.includes(id)) amend(workspace, id, other, (ids) => [...ids.filter((known) => known !== page.id), page.id]);
    for (const id of was) if (!now.includes(id)) amend(workspace, id, other, (ids) => ids.filter((known) => known !== page.id));
  }
}

function amend(workspace: Workspace, pageId: string, propertyId: string, change: (ids: readonly string[]) => string[]): void {
  const page = workspace.pages.get(pageId);
  if (page === undefined) return;
  const ids = (page.properties[propertyId] ?? []) as string[];
  workspace.put('page', { ...page, properties: { ...page.properties, [propertyId]: change(ids) } });
}
