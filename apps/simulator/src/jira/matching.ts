/** Which issues a JQL query matches, and in which order. Searches look at the index, which lags behind the issues. */
import { plainText } from './adf.ts';
import { badRequest } from './errors.ts';
import type { Clause, Condition, Query } from './jql.ts';
import type { Issue, User, Values } from './model.ts';
import { FIELDS, ISSUE_TYPES, PRIORITIES, PROJECT } from './scenario.ts';
import type { Site } from './site.ts';
import { jqlInstant } from './time.ts';

/** An issue as the index shows it. */
interface Indexed {
  readonly issue: Issue;
  readonly values: Values;
  readonly updatedMs: number;
}

export interface MatchOptions {
  readonly user: User;
  /** Ids that the search must show as they are now. */
  readonly reconcile: ReadonlySet<string>;
  /** Only this issue is asked about. */
  readonly only?: Issue;
}

/** The matching issues in order. Throws Jira's 400 for unknown fields, values and operators. */
export function matchingIssues(site: Site, query: Query, options: MatchOptions): readonly Issue[] {
  const test = query.where === null ? () => true : compile(site, query.where, options.user);
  const order = query.order.map((term) => ({ read: sortKey(term.field), sign: term.descending ? -1 : 1 }));
  const shown: Indexed[] = [];
  for (const issue of options.only === undefined ? site.issues.values() : [options.only]) {
    const indexed = indexedState(site, issue, options.reconcile);
    if (indexed !== null && test(indexed)) shown.push(indexed);
  }
  const rank = (a: Indexed, b: Indexed): number => {
    for (const { read, sign } of order) {
      const [left, right] = [read(a), read(b)];
      if (left !== right) return left < right ? -sign : sign;
    }
    return Number(b.issue.id) - Number(a.issue.id);
  };
  return options.user.isMember ? shown.sort(rank).map(({ issue }) => issue) : [];
}

function indexedState(site: Site, issue: Issue, reconcile: ReadonlySet<string>): Indexed | null {
  const isCurrent = site.nowMs() >= issue.indexedAtMs || reconcile.has(issue.id);
  if (isCurrent) return { issue, values: issue.values, updatedMs: issue.updatedMs };
  return issue.indexed === null ? null : { issue, ...issue.indexed };
}

type Test = (indexed: Indexed) => boolean;

function compile(site: Site, clause: Clause, user: User): Test {
  switch (clause.kind) {
    case 'and': {
      const tests = clause.clauses.map((inner) => compile(site, inner, user));
      return (indexed) => tests.every((test) => test(indexed));
    }
    case 'or': {
      const tests = clause.clauses.map((inner) => compile(site, inner, user));
      return (indexed) => tests.some((test) => test(indexed));
    }
    case 'not': {
      const test = compile(site, clause.clause, user);
      return (indexed) => !test(indexed);
    }
    case 'condition':
      return condition(site, clause, user);
  }
}

const refuse = (clause: Condition): never => {
  throw badRequest(`The operator '${clause.operator}' is not supported by the '${clause.field}' field.`);
};

/** Equality and membership over ids and names; empty is the field without a value. */
function among(clause: Condition, read: (indexed: Indexed) => readonly string[]): Test {
  const negative = clause.operator === '!=' || clause.operator === 'NOT IN' || clause.operator === 'IS NOT';
  if (!['=', '!=', 'IN', 'NOT IN', 'IS', 'IS NOT'].includes(clause.operator)) refuse(clause);
  const wanted = new Set(clause.values.map((value) => value.toLowerCase()));
  const wantsEmpty = wanted.has('empty') || wanted.has('null');
  // As in Jira, "!=" does not match issues where the field is empty.
  return (indexed) => {
    const values = read(indexed).map((value) => value.toLowerCase());
    if (values.length === 0) return negative ? false : wantsEmpty;
    const isIn = values.some((value) => wanted.has(value));
    return negative ? !isIn : isIn;
  };
}

function checked(clause: Condition, known: readonly { id: string; name: string }[]): void {
  for (const value of clause.values) {
    if (['empty', 'null'].includes(value.toLowerCase())) continue;
    if (!known.some((entry) => entry.id === value || entry.name.toLowerCase() === value.toLowerCase()))
      throw badRequest(`The value '${value}' does not exist for the field '${clause.field}'.`);
  }
}

function named(clause: Condition, known: readonly { id: string; name: string }[], fieldId: string): Test {
  checked(clause, known);
  return among(clause, ({ values }) => {
    const entry = known.find((candidate) => candidate.id === values[fieldId]);
    return entry === undefined ? [] : [entry.id, entry.name];
  });
}

function condition(site: Site, clause: Condition, user: User): Test {
  const field = clause.field.toLowerCase();
  switch (field) {
    case 'project':
      checked(clause, [PROJECT, { id: PROJECT.id, name: PROJECT.key }]);
      return among(clause, ({ issue }) =>
        issue.key.startsWith(`${PROJECT.key}-`) ? [PROJECT.key, PROJECT.id, PROJECT.name] : [issue.key.replace(/-\d+$/, '')],
      );
    case 'id':
    case 'key':
    case 'issue':
    case 'issuekey':
      return identity(site, clause);
    case 'labels':
      return among(clause, ({ values }) => (values['labels'] as string[] | undefined) ?? []);
    case 'status':
      return named(clause, site.workflow.statuses, 'status');
    case 'statuscategory':
      return among(clause, ({ values }) => {
        const category = site.workflow.statuses.find((status) => status.id === values['status'])?.category ?? 'new';
        return [category, { new: 'To Do', indeterminate: 'In Progress', done: 'Done' }[category]];
      });
    case 'issuetype':
    case 'type':
      return named(clause, ISSUE_TYPES, 'issuetype');
    case 'priority':
      return named(clause, PRIORITIES, 'priority');
    case 'parent':
      return among(clause, ({ values }) => {
        const parent = typeof values['parent'] === 'string' ? site.find(values['parent']) : undefined;
        return parent === undefined ? [] : [parent.id, parent.key];
      });
    case 'assignee':
    case 'reporter':
      return among(
        { ...clause, values: clause.values.map((value) => (value === 'currentUser()' ? user.accountId : value)) },
        ({ values }) => (typeof values[field] === 'string' ? [values[field]] : []),
      );
    case 'updated':
    case 'updateddate':
      return moment(clause, user, site.nowMs(), ({ updatedMs }) => updatedMs);
    case 'created':
    case 'createddate':
      return moment(clause, user, site.nowMs(), ({ issue }) => issue.createdMs);
    case 'due':
    case 'duedate':
      return moment(clause, user, site.nowMs(), ({ values }) =>
        typeof values['duedate'] === 'string' ? Date.parse(values['duedate']) : null,
      );
    case 'summary':
    case 'description':
    case 'text':
      return words(clause, ({ values }) =>
        field === 'text'
          ? [values['summary'], plainText(values['description'])].join(' ')
          : field === 'summary'
            ? String(values['summary'])
            : plainText(values['description']),
      );
    default:
      return otherField(clause);
  }
}

function otherField(clause: Condition): Test {
  const property = /^issue\.property\[([^\]]+)\]\.(.+)$/.exec(clause.field);
  if (property !== null) throw badRequest(`Field '${clause.field}' does not exist or you do not have permission to view it.`);
  const wanted = /^cf\[(\d+)\]$/.exec(clause.field)?.[1];
  const found = FIELDS.find(
    (field) =>
      field.isCustom &&
      (field.name.toLowerCase() === clause.field.toLowerCase() || field.id === clause.field || field.id === `customfield_${wanted}`),
  );
  if (found === undefined) throw badRequest(`Field '${clause.field}' does not exist or you do not have permission to view it.`);
  const read = ({ values }: Indexed): string => (found.kind === 'textarea' ? plainText(values[found.id]) : String(values[found.id] ?? ''));
  if (clause.operator === 'IS' || clause.operator === 'IS NOT') return (indexed) => (read(indexed) === '') === (clause.operator === 'IS');
  return words(clause, read);
}

function identity(site: Site, clause: Condition): Test {
  const value = clause.values[0] ?? '';
  if (['>', '>=', '<', '<='].includes(clause.operator)) {
    const number = (text: string): number => Number(text.split('-').at(-1));
    return ({ issue }) => compare(clause.operator, number(issue.key), number(value));
  }
  for (const wanted of clause.values)
    if (site.find(wanted) === undefined) throw badRequest(`An issue with key '${wanted}' does not exist for field '${clause.field}'.`);
  return among(clause, ({ issue }) => [issue.id, issue.key]);
}

function moment(clause: Condition, user: User, nowMs: number, read: (indexed: Indexed) => number | null): Test {
  const value = clause.values[0] ?? '';
  if (clause.operator === 'IS' || clause.operator === 'IS NOT') return (indexed) => (read(indexed) === null) === (clause.operator === 'IS');
  if (!['>', '>=', '<', '<=', '=', '!='].includes(clause.operator)) refuse(clause);
  const atMs = jqlInstant(value, user.timeZone, nowMs);
  if (atMs === null)
    throw badRequest(
      `Date value '${value}' for field '${clause.field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.`,
    );
  return (indexed) => {
    const actual = read(indexed);
    return actual !== null && compare(clause.operator, actual, atMs);
  };
}

function compare(operator: string, actual: number, wanted: number): boolean {
  if (operator === '>') return actual > wanted;
  if (operator === '>=') return actual >= wanted;
  if (operator === '<') return actual < wanted;
  if (operator === '<=') return actual <= wanted;
  return (actual === wanted) === (operator === '=');
}

/** Every word occurs, in any order; a phrase in inner quotes occurs as it is. */
function words(clause: Condition, read: (indexed: Indexed) => string): Test {
  if (clause.operator !== '~' && clause.operator !== '!~') refuse(clause);
  const value = (clause.values[0] ?? '').toLowerCase();
  const phrase = /^"(.*)"$/s.exec(value)?.[1];
  const parts = phrase === undefined ? value.split(/\s+/).map((word) => word.replace(/\*$/, '')) : [phrase];
  return (indexed) => {
    const text = read(indexed).toLowerCase();
    return parts.every((part) => text.includes(part)) === (clause.operator === '~');
  };
}

function sortKey(field: string): (indexed: Indexed) => number | string {
  switch (field.toLowerCase()) {
    case 'updated':
      return ({ updatedMs }) => updatedMs;
    case 'created':
      return ({ issue }) => issue.createdMs;
    case 'id':
    case 'key':
    case 'issuekey':
      return ({ issue }) => Number(issue.key.split('-').at(-1));
    case 'summary':
    case 'status':
    case 'priority':
    case 'duedate':
      return ({ values }) => String(values[field.toLowerCase()] ?? '');
    default:
      throw badRequest(`Field '${field}' does not exist or you do not have permission to view it.`);
  }
}

/** Whether a query is bounded: the new search refuses one that would match everything. */
export function isBounded(query: Query): boolean {
  return query.where !== null;
}
