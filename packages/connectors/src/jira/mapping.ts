/** What the mapping says about issues: kinds by type and label, fields of the site, labels that are ours to manage. */
import type { FieldName, ItemKind } from '@lockstep/domain/backlog/item.ts';
import type { MappedField } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { entryOf } from './catalogue.ts';
import type { Catalogue, SiteField } from './catalogue.ts';
import { namedValueSchema } from './wire.ts';
import type { WireIssue } from './wire.ts';

const MARKER_LABEL = /^lockstep-(.+)$/;

/** The entity property that holds our item id: written in the same call that makes the issue, and not copied when a person clones it. */
export const MARKER_PROPERTY = 'lockstep';

/** Jira's API has no undo for a delete: what was deleted elsewhere is cancelled here and carries this label. */
export const ARCHIVED_LABEL = 'lockstep-archived';

/** The label that a search can find an item by. */
export const markerLabel = (marker: string): string => `lockstep-${marker}`;

/** Our item id in an issue: the property, or the label where the property is lost. */
export function markerOf(issue: WireIssue): string | null {
  const property = issue.properties?.[MARKER_PROPERTY];
  if (typeof property === 'object' && property !== null && 'itemId' in property && typeof property.itemId === 'string')
    return property.itemId;
  return labelsOf(issue).flatMap((label) => (label === ARCHIVED_LABEL ? [] : (MARKER_LABEL.exec(label)?.[1] ?? [])))[0] ?? null;
}

/** What people have left on an issue. */
const DISCUSSION_FIELDS = ['comment', 'attachment'];

/** The fields of an issue that reading needs. */
export function neededFields(mapping: Mapping, catalogue: Catalogue): readonly string[] {
  const mapped = Object.values(mapping.fields).flatMap((field) => catalogue.field(field.remote)?.id ?? []);
  return [...new Set(['summary', 'issuetype', 'status', 'labels', 'created', 'updated', ...DISCUSSION_FIELDS, ...mapped])];
}

/** A mapped field with the site's own. */
export interface MappedSiteField {
  readonly name: FieldName;
  readonly remote: string;
  readonly direction: MappedField['direction'];
  /** Null: the site has no such field (any more). */
  readonly site: SiteField | null;
}

/** The fields of a kind; all where it is null. */
export function siteFields(mapping: Mapping, catalogue: Catalogue, kind: ItemKind | null): readonly MappedSiteField[] {
  return Object.entries(mapping.fields).flatMap(([name, field]) =>
    kind !== null && field.kinds !== undefined && !field.kinds.includes(kind)
      ? []
      : [{ name: name as FieldName, remote: field.remote, direction: field.direction, site: catalogue.field(field.remote) }],
  );
}

/** The kind's fields as the engine asks for them. */
export function mappedFields(mapping: Mapping, kind: ItemKind): readonly MappedField[] {
  if (mapping.kinds[kind] === undefined) return [];
  return Object.entries(mapping.fields).flatMap(([name, { direction, refersBy, kinds }]) =>
    kinds !== undefined && !kinds.includes(kind)
      ? []
      : [{ field: name as FieldName, direction, ...(name === 'parent' || name === 'dependsOn' ? { refersBy: refersBy ?? 'id' } : {}) }],
  );
}

/** The kind of an issue: by its type, and by its label where kinds share a type. */
export function kindOf(mapping: Mapping, catalogue: Catalogue, issue: WireIssue): ItemKind | null {
  const type = typeIdOf(issue);
  const labels = labelsOf(issue);
  const candidates = Object.entries(mapping.kinds).filter(([, kind]) => entryOf(catalogue.issueTypes, kind.remote)?.id === type);
  const labelled = candidates.find(([, kind]) => kind.label !== undefined && labels.includes(kind.label));
  return ((labelled ?? candidates.find(([, kind]) => kind.label === undefined))?.[0] as ItemKind | undefined) ?? null;
}

export function labelsOf(issue: WireIssue): readonly string[] {
  const labels = issue.fields['labels'];
  return Array.isArray(labels) ? labels.filter((label): label is string => typeof label === 'string') : [];
}

/** The id of an issue's type; empty where the answer does not say. */
export function typeIdOf(issue: WireIssue): string {
  return namedValueSchema.safeParse(issue.fields['issuetype']).data?.id ?? '';
}

/** The id of an issue's status; empty where the answer does not say. */
export function statusIdOf(issue: WireIssue): string {
  return namedValueSchema.safeParse(issue.fields['status']).data?.id ?? '';
}

export function isArchived(mapping: Mapping, issue: WireIssue): boolean {
  return mapping.onDelete === 'archive' && labelsOf(issue).includes(ARCHIVED_LABEL);
}

/** Labels that are ours to manage: people do not see them as labels of the item. */
export function isOwnLabel(mapping: Mapping, label: string): boolean {
  return MARKER_LABEL.test(label) || Object.values(mapping.kinds).some((kind) => kind.label === label);
}
