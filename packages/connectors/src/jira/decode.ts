/** Issues → canonical fields, as the mapping says. Whatever cannot be read becomes a notice, never a blank. */
import type { FieldName, FieldValue } from '@lockstep/domain/backlog/item.ts';
import { normalise } from '@lockstep/domain/backlog/value.ts';
import type { FieldNotice, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { decodeDocument } from './adf.ts';
import { entryOf, projectOf } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import { discussionOf } from './comments.ts';
import { isArchived, isOwnLabel, kindOf, labelsOf, markerOf, siteFields, typeIdOf } from './mapping.ts';
import type { MappedSiteField } from './mapping.ts';
import { instantOf } from './time.ts';
import { linkValueSchema, namedValueSchema } from './wire.ts';
import type { WireIssue } from './wire.ts';

/** What decoding needs to know of the site. */
export interface DecodeContext {
  readonly mapping: Mapping;
  readonly catalogue: Catalogue;
  readonly baseUrl: string;
}

export type Decoded = { readonly value: FieldValue } | { readonly notice: FieldNotice };

/** An issue as a record. Its revision is the instant of its last update, in UTC: Jira shows it in the zone of whoever asks. */
export function decodeIssue(context: DecodeContext, issue: WireIssue): RemoteRecord {
  const { mapping, catalogue, baseUrl } = context;
  const kind = kindOf(mapping, catalogue, issue);
  const notices: FieldNotice[] = wanderings(context, issue, kind);
  const fields: Partial<Record<FieldName, FieldValue>> = {};
  // Of an issue that has become one of another type all fields are read: its item, where it has one, keeps the kind that it has (F06).
  for (const field of siteFields(mapping, catalogue, kind)) {
    // Jira leaves the parent out where there is none; any other field that is missing was not said.
    const isSaid = field.site === null || field.site.id in issue.fields || field.site.storedAs === 'parent';
    const decoded = isSaid ? decodeField(context, issue, field) : null;
    if (decoded === null) continue;
    if ('notice' in decoded) notices.push(decoded.notice);
    else fields[field.name] = decoded.value;
  }
  const url = `${baseUrl.replace(/\/+$/, '')}/browse/${issue.key}`;
  const discussion = discussionOf(issue, url);
  return {
    remoteId: issue.id,
    remoteKey: issue.key,
    url,
    kind,
    marker: markerOf(issue),
    fields,
    revision: instantOf(issue.fields['updated'])?.toISOString() ?? '',
    deleted: isArchived(mapping, issue),
    notices,
    ...(discussion === undefined ? {} : { discussion }),
    raw: issue,
  };
}

/** What a person should know of an issue that has left the project or the mapped types. Where it is an item's, it is followed by its id, which stays. */
function wanderings({ mapping, catalogue }: DecodeContext, issue: WireIssue, kind: RemoteRecord['kind']): FieldNotice[] {
  const project = projectOf(mapping);
  const notice = (message: string): FieldNotice => ({ field: null, cause: 'retyped', message: `${issue.key}: ${message}` });
  const type = catalogue.issueTypes.find(({ id }) => id === typeIdOf(issue))?.name ?? 'one of another project';
  if (!issue.key.startsWith(`${project}-`))
    return [
      notice(
        `expected an issue of ${project}, got one that was moved; it is kept in step, what is edited there is seen by webhooks and full scans`,
      ),
    ];
  return kind === null ? [notice(`expected a type that the mapping names, got ${type}; it is kept in step as what it was`)] : [];
}

function decodeField(context: DecodeContext, issue: WireIssue, { name, remote, site }: MappedSiteField): Decoded {
  if (site === null) return retyped(name, `a field "${remote}" in Jira, found none`);
  const value = issue.fields[site.id];
  switch (site.storedAs) {
    case 'line':
    case 'date':
      return { value: typeof value === 'string' ? normalise(value) : null };
    case 'document':
      return { value: normalise(decodeDocument(value)) };
    case 'labels':
      return { value: decodeLabels(context.mapping, labelsOf(issue)) };
    case 'status':
    case 'priority':
      return decodeChoice(context, name, site.storedAs, value);
    case 'parent': {
      const parent = typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : null;
      return { value: parent === null ? null : `id:${parent}` };
    }
    case 'links':
      return { value: normalise(blockersOf(issue, remote).map((blocker) => `id:${blocker.issueId}`)) };
    default:
      return retyped(name, 'a text, date, label, status or priority field in Jira, got another type');
  }
}

function retyped(field: FieldName, what: string): Decoded {
  return { notice: { field, cause: 'retyped', message: `${field}: expected ${what}; the field is left alone` } };
}

/** Labels that people gave. */
export function decodeLabels(mapping: Mapping, labels: readonly string[]): FieldValue {
  return normalise(labels.filter((label) => !isOwnLabel(mapping, label)));
}

/** A status or a priority by its id, so that one that was renamed still counts (G01). */
export function decodeChoice(
  { mapping, catalogue }: DecodeContext,
  field: FieldName,
  storedAs: 'status' | 'priority',
  value: unknown,
): Decoded {
  if (value === null || value === undefined) return { value: null };
  const choice = namedValueSchema.safeParse(value).data;
  const known = storedAs === 'status' ? catalogue.statuses : catalogue.priorities;
  const found = Object.entries(mapping[storedAs]).find(
    ([, remote]) =>
      remote !== undefined && (entryOf(known, remote)?.id === choice?.id || remote.toLowerCase() === choice?.name.toLowerCase()),
  );
  if (found !== undefined) return { value: found[0] };
  return {
    notice: {
      field,
      cause: 'unmapped-value',
      message: `${field}: expected one of the mapped values, got "${choice?.name ?? '?'}"; add it to the mapping`,
      ...(choice === undefined ? {} : { value: choice.name }),
    },
  };
}

/** Issues that block this one: "A blocks B" has A inward and B outward, so that B sees A as its inwardIssue. */
export function blockersOf(issue: WireIssue, typeName: string): readonly { readonly linkId: string; readonly issueId: string }[] {
  const links = linkValueSchema.safeParse(issue.fields['issuelinks']).data ?? [];
  return links.flatMap(({ id, type, inwardIssue }) =>
    inwardIssue !== undefined && type.name.toLowerCase() === typeName.toLowerCase() ? [{ linkId: id, issueId: inwardIssue.id }] : [],
  );
}
