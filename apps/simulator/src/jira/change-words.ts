/** How a value stands in the changelog: an id (or null) and words. Source: ChangeDetails of the REST v3 contract. */
import { plainText } from './adf.ts';
import type { Status } from './model.ts';
import { FIELDS, ISSUE_TYPES, PRIORITIES, USERS } from './scenario.ts';

interface Names {
  readonly statuses: readonly Status[];
  readonly keyOf: (issueId: unknown) => string | null;
}

export function changeWords(fieldId: string, value: unknown, { statuses, keyOf }: Names): [string | null, string | null] {
  if (value === null || value === undefined) return [null, null];
  const named = (list: readonly { id: string; name: string }[]): [string, string | null] => [
    String(value),
    list.find((entry) => entry.id === value)?.name ?? null,
  ];
  switch (FIELDS.find((field) => field.id === fieldId)?.kind) {
    case 'textarea':
      return [null, plainText(value)];
    case 'labels':
      return ['', (value as readonly string[]).join(' ')];
    case 'priority':
      return named(PRIORITIES);
    case 'status':
      return named(statuses);
    case 'issuetype':
      return named(ISSUE_TYPES);
    case 'parent':
      return [String(value), keyOf(value)];
    case 'user':
      return [String(value), USERS.find((user) => user.accountId === value)?.displayName ?? null];
    case 'date':
      return [String(value), String(value)];
    default:
      return [null, String(value)];
  }
}
