/** Canonical fields → what Jira takes. What it does not take is clipped or refused with a notice, field by field; the others are written. */
import { FIELD_TYPES } from '@lockstep/domain/backlog/item.ts';
import type { FieldMap, FieldName, FieldValue, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { members } from '@lockstep/domain/backlog/value.ts';
import type { FieldNotice } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { clipped, sendableFields } from '../http/text.ts';
import { encodeText, MOST_CHARACTERS } from './adf.ts';
import { entryOf } from './catalogue.ts';
import type { Catalogue, SiteField } from './catalogue.ts';
import { isOwnLabel, labelsOf, markerLabel, siteFields } from './mapping.ts';
import type { WireIssue } from './wire.ts';

/** Jira's limit for a summary and for a field of one line. */
const MOST_LINE = 255;

/** What goes into an issue's `fields`; status and links are written by calls of their own. */
export interface EncodedIssue {
  readonly fields: Record<string, unknown>;
  /** Field id → the field of the item that it holds. */
  readonly names: ReadonlyMap<string, FieldName>;
  /** Id of the status that it is to have; null where it is not written. */
  readonly statusId: string | null;
  /** Ids of the issues that are to block this one; null where links are not written. */
  readonly blockers: { readonly typeName: string; readonly issueIds: readonly string[] } | null;
  readonly refused: readonly FieldNotice[];
}

export interface EncodeRequest {
  readonly mapping: Mapping;
  readonly catalogue: Catalogue;
  readonly kind: ItemKind;
  readonly marker: string;
  readonly fields: FieldMap;
  /** The issue as it is; null for a new one. */
  readonly before: WireIssue | null;
}

type Encoded = { readonly value: unknown; readonly clip?: FieldNotice } | { readonly refused: string };

export function encodeIssue(request: EncodeRequest): EncodedIssue {
  const { mapping, catalogue, kind, before } = request;
  const sendable = sendableFields(request.fields);
  const refused: FieldNotice[] = [...sendable.refused];
  const fields: Record<string, unknown> = {};
  const names = new Map<string, FieldName>();
  let statusId: string | null = null;
  let blockers: EncodedIssue['blockers'] = null;
  const refuse = (field: FieldName, why: string): void => void refused.push({ field, cause: 'unwritable', message: `${field}: ${why}` });
  for (const { name, remote, site } of siteFields(mapping, catalogue, kind)) {
    const value = sendable.fields[name];
    if (value === undefined) continue;
    if (site === null) refuse(name, `expected a field "${remote}" in Jira, found none`);
    else if (site.storedAs === 'links') blockers = { typeName: remote, issueIds: linkedIds(value) };
    else {
      const encoded = site.storedAs === 'status' ? encodeStatus(request, value) : encodeValue(request, name, site, value);
      if ('refused' in encoded) refuse(name, encoded.refused);
      else if (site.storedAs === 'status') statusId = String(encoded.value);
      else {
        fields[site.id] = encoded.value;
        names.set(site.id, name);
        if (encoded.clip !== undefined) refused.push(encoded.clip);
      }
    }
  }
  if (before === null) Object.assign(fields, newIssueFields(request, fields));
  return { fields, names, statusId, blockers, refused };
}

function linkedIds(value: FieldValue): readonly string[] {
  return members(value).flatMap((reference) => (reference.startsWith('id:') ? [reference.slice(3)] : []));
}

/** Project, type and labels of a new issue. The label of the marker is in the same call as the issue: what is made can be found again. */
function newIssueFields(
  { mapping, catalogue, kind, marker }: EncodeRequest,
  fields: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const type = entryOf(catalogue.issueTypes, mapping.kinds[kind]?.remote ?? '');
  const label = mapping.kinds[kind]?.label;
  const labels = Array.isArray(fields['labels']) ? (fields['labels'] as string[]) : [];
  return {
    project: { key: mapping.target['project'] },
    issuetype: { id: type?.id ?? '' },
    labels: [...new Set([...labels, markerLabel(marker), ...(label === undefined ? [] : [label])])],
  };
}

function encodeStatus({ mapping, catalogue }: EncodeRequest, value: FieldValue): Encoded {
  const wanted = typeof value === 'string' ? mapping.status[value as keyof Mapping['status']] : undefined;
  const status = wanted === undefined ? null : entryOf(catalogue.statuses, wanted);
  return status === null
    ? { refused: `expected a status that the mapping and the project know, got ${shown(value)}` }
    : { value: status.id };
}

function encodeValue(request: EncodeRequest, name: FieldName, site: SiteField, value: FieldValue): Encoded {
  const text = typeof value === 'string' ? value : null;
  switch (site.storedAs) {
    case 'line':
      return encodeLine(name, text);
    case 'document': {
      const { text: kept, clip } = clipped(name, text, MOST_CHARACTERS);
      return { value: encodeText(kept, request.before?.fields[site.id]), ...clip };
    }
    case 'date':
      return { value: text };
    case 'labels':
      return encodeLabels(request, members(value));
    case 'priority': {
      const wanted = text === null ? undefined : request.mapping.priority[text as keyof Mapping['priority']];
      const priority = wanted === undefined ? null : entryOf(request.catalogue.priorities, wanted);
      return priority === null
        ? { refused: `expected a priority that the mapping and the site know, got ${shown(value)}` }
        : { value: { id: priority.id } };
    }
    case 'parent':
      return { value: text?.startsWith('id:') === true ? { id: text.slice(3) } : null };
    default:
      return { refused: 'expected a text, date, label, status or priority field in Jira, got another type' };
  }
}

/** Status and priority are words of ours, not of people: they may stand in a message. */
function shown(value: FieldValue): string {
  return typeof value === 'string' ? value : 'none';
}

/** One line. A text of many lines in a field of one is shown as one line, and that is said. */
function encodeLine(name: FieldName, text: string | null): Encoded {
  const flat = FIELD_TYPES[name] === 'text' ? (text?.replaceAll(/\s*\n\s*/g, ' ') ?? null) : text;
  const { text: kept, clip } = clipped(name, flat, MOST_LINE);
  if (clip.clip === undefined && flat !== text)
    return {
      value: kept,
      clip: { field: name, cause: 'clipped', message: `${name}: expected one line, got several; shown as one in Jira` },
    };
  return { value: kept, ...clip };
}

/** Jira's labels have no spaces: one that has is refused with the field, and the others are written. */
function encodeLabels({ mapping, before }: EncodeRequest, labels: readonly string[]): Encoded {
  const kept = before === null ? [] : labelsOf(before).filter((label) => isOwnLabel(mapping, label));
  if (labels.some((label) => /\s/.test(label))) return { refused: 'expected labels without spaces, got one with a space' };
  const tooLong = labels.find((label) => label.length > MOST_LINE);
  if (tooLong !== undefined) return { refused: `expected labels of at most ${MOST_LINE} characters, got one of ${tooLong.length}` };
  return { value: [...new Set([...labels, ...kept])] };
}
