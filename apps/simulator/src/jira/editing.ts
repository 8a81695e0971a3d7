/** What clients may write into issues: `fields` and `update` of create and edit, checked as Jira checks them. */
import { normaliseDocument } from './adf.ts';
import { fieldErrors } from './errors.ts';
import type { FieldDefinition, Issue, User, Values } from './model.ts';
import { DEFAULT_PRIORITY, FIELDS, FIRST_STATUS, ISSUE_TYPES, PRIORITIES, PROJECT, USERS } from './scenario.ts';
import type { Site } from './site.ts';

export interface WriteBody {
  readonly fields?: Record<string, unknown> | undefined;
  readonly update?: Record<string, readonly Record<string, unknown>[]> | undefined;
}

const MOST_SUMMARY = 255;
const MOST_LABEL = 255;
const MOST_PLAIN_TEXT = 255;

/** Jira's words for a field that a client may not set here. */
export const unsettable = (fieldId: string): string => `Field '${fieldId}' cannot be set. It is not on the appropriate screen, or unknown.`;

/** The values that a body sets on an issue (`null` before it exists). Collects every field's error, as Jira does, and throws them together. */
export function writtenValues(site: Site, issue: Issue | null, body: WriteBody): Values {
  const errors: Record<string, string> = {};
  const values: Values = {};
  const attempt = (fieldId: string, work: (field: FieldDefinition) => unknown): void => {
    const field = FIELDS.find((candidate) => candidate.id === fieldId);
    if (field === undefined || !field.isEditable) {
      errors[fieldId] = unsettable(fieldId);
      return;
    }
    try {
      values[fieldId] = work(field);
    } catch (error) {
      Object.assign(errors, errorsOf(error, fieldId));
    }
  };
  for (const [fieldId, value] of Object.entries(body.fields ?? {})) attempt(fieldId, (field) => stored(site, issue, field, value));
  for (const [fieldId, operations] of Object.entries(body.update ?? {})) {
    if (body.fields !== undefined && fieldId in body.fields) errors[fieldId] = `Field '${fieldId}' cannot be in both fields and update.`;
    else
      attempt(fieldId, (field) =>
        operations.reduce((value, operation) => applied(site, issue, field, value, operation), issue?.values[fieldId]),
      );
  }
  delete values['project'];
  if (Object.keys(errors).length > 0) throw fieldErrors(errors);
  return values;
}

function errorsOf(error: unknown, fieldId: string): Record<string, string> {
  if (typeof error === 'object' && error !== null && 'errors' in error) return { ...(error.errors as Record<string, string>) };
  return { [fieldId]: error instanceof Error ? error.message : String(error) };
}

/** The values of a new issue. */
export function newValues(site: Site, user: User, body: WriteBody): Values {
  const errors: Record<string, string> = {};
  const project = body.fields?.['project'] as { key?: string; id?: string } | undefined;
  if (project?.key !== PROJECT.key && String(project?.id) !== PROJECT.id)
    errors['project'] = project === undefined ? 'Specify a valid project ID or key' : 'valid project is required';
  if (body.fields?.['issuetype'] === undefined) errors['issuetype'] = 'Specify an issue type';
  if (typeof body.fields?.['summary'] !== 'string' || body.fields['summary'].trim() === '')
    errors['summary'] = 'You must specify a summary of the issue.';
  if (Object.keys(errors).length > 0) throw fieldErrors(errors);
  const values: Values = {
    status: FIRST_STATUS,
    priority: DEFAULT_PRIORITY,
    labels: [],
    reporter: user.accountId,
    ...writtenValues(site, null, body),
  };
  const type = ISSUE_TYPES.find((candidate) => candidate.id === values['issuetype']);
  if (type?.subtask === true && typeof values['parent'] !== 'string')
    throw fieldErrors({ parent: 'Issue type is a sub-task but parent issue key or id not specified.' });
  return values;
}

function applied(site: Site, issue: Issue | null, field: FieldDefinition, value: unknown, operation: Record<string, unknown>): unknown {
  const [entry, another] = Object.entries(operation);
  if (entry === undefined) throw new Error('Operation is empty.');
  if (another !== undefined) throw new Error(`Expected one operation, got '${entry[0]}' and '${another[0]}'.`);
  const [name, operand] = entry;
  if (field.kind === 'labels' && (name === 'add' || name === 'remove')) {
    const present = (value as string[] | undefined) ?? [];
    const [label] = stored(site, issue, field, [operand]) as string[];
    return name === 'add' ? [...new Set([...present, label ?? ''])] : present.filter((other) => other !== label);
  }
  if (field.kind === 'parent' && name === 'set' && typeof operand === 'object' && operand !== null && 'none' in operand) return null;
  if (name !== 'set') throw new Error(`Field does not support update '${name}'`);
  return stored(site, issue, field, operand);
}

function stored(site: Site, issue: Issue | null, field: FieldDefinition, value: unknown): unknown {
  const fail = (message: string): never => {
    throw fieldErrors({ [field.id]: message });
  };
  switch (field.kind) {
    case 'string':
      return field.id === 'summary' ? summary(value, fail) : plain(value, fail);
    case 'textarea':
      return normaliseDocument(value, field.id);
    case 'labels':
      return labels(value, fail);
    case 'priority':
      return byIdOrName(PRIORITIES, value) ?? fail('Specify a valid priority');
    case 'issuetype':
      return byIdOrName(ISSUE_TYPES, value) ?? fail('Specify a valid issue type');
    case 'date':
      if (value === null) return null;
      return typeof value === 'string' && isDay(value) ? value : fail("Enter the date in the format 'yyyy-MM-dd'");
    case 'user':
      return account(value, fail);
    case 'parent':
      return parent(site, issue, value, fail);
    case 'project':
      return null;
    default:
      return fail(unsettable(field.id));
  }
}

/** A day of the calendar: JavaScript would read 30 February as 2 March. */
function isDay(text: string): boolean {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
}

type Fail = (message: string) => never;

function summary(value: unknown, fail: Fail): string {
  if (typeof value !== 'string') return fail('Operation value must be a string');
  if (/[\r\n]/.test(value)) return fail('The summary is invalid because it contains newline characters.');
  const trimmed = value.trim();
  if (trimmed === '') return fail('You must specify a summary of the issue.');
  return trimmed.length > MOST_SUMMARY ? fail(`Summary can't exceed ${MOST_SUMMARY} characters.`) : trimmed;
}

function plain(value: unknown, fail: Fail): string | null {
  if (value === null || value === '') return null;
  if (typeof value !== 'string') return fail('Operation value must be a string');
  return value.length > MOST_PLAIN_TEXT
    ? fail(`The entered text is too long. It exceeds the allowed limit of ${MOST_PLAIN_TEXT} characters.`)
    : value.trimEnd();
}

function labels(value: unknown, fail: Fail): readonly string[] {
  if (value === null) return [];
  if (!Array.isArray(value) || value.some((label) => typeof label !== 'string')) return fail('data was not an array');
  const list = value as string[];
  const spaced = list.find((label) => /\s/.test(label));
  if (spaced !== undefined) return fail(`The label '${spaced}' contains spaces which is invalid.`);
  const long = list.find((label) => label.length > MOST_LABEL);
  return long === undefined
    ? [...new Set(list)].sort()
    : fail(`The label '${long.slice(0, 20)}…' exceeds the maximum length of ${MOST_LABEL} characters.`);
}

function byIdOrName(list: readonly { id: string; name: string }[], value: unknown): string | null {
  const { id, name } = (typeof value === 'object' && value !== null ? value : {}) as { id?: unknown; name?: unknown };
  return list.find((entry) => (id === undefined ? entry.name === name : entry.id === String(id)))?.id ?? null;
}

function account(value: unknown, fail: Fail): string | null {
  if (value === null) return null;
  const { accountId, id } = (typeof value === 'object' ? value : {}) as { accountId?: string | null; id?: string | null };
  const wanted = accountId ?? id ?? null;
  if (wanted === null) return null;
  return USERS.some((user) => user.accountId === wanted) ? wanted : fail(`User '${wanted}' does not exist.`);
}

function parent(site: Site, issue: Issue | null, value: unknown, fail: Fail): string | null {
  if (value === null) return null;
  const { id, key } = (typeof value === 'object' ? value : {}) as { id?: unknown; key?: unknown };
  const found = site.find(String(id ?? key ?? ''));
  if (found === undefined) return fail('Could not find issue by id or key.');
  for (
    let at: Issue | undefined = found;
    at !== undefined;
    at = typeof at.values['parent'] === 'string' ? site.issues.get(at.values['parent']) : undefined
  )
    if (at.id === issue?.id) return fail('Issue cannot be its own parent or ancestor.');
  const level = (typeId: unknown): number => ISSUE_TYPES.find((type) => type.id === typeId)?.hierarchyLevel ?? 0;
  if (issue !== null && level(found.values['issuetype']) !== level(issue.values['issuetype']) + 1)
    return fail('Given parent issue does not belong to appropriate hierarchy.');
  return found.id;
}
