/** SOQL queries over the org's records: strongly consistent, in the order asked for, then as the records were made. */
import { isFilterable } from './describe.ts';
import { badRequest } from './errors.ts';
import type { FieldDefinition, ObjectDefinition, SalesforceRecord, Scalar } from './model.ts';
import type { Org } from './org.ts';
import { attributesOf } from './rendering.ts';
import { aggregated, isAggregate } from './soql-aggregates.ts';
import { testOf } from './soql-conditions.ts';
import type { Condition, Order, Query, Selected } from './soql-parser.ts';
import { followed, routeOf, valueAt } from './soql-paths.ts';
import type { Route } from './soql-paths.ts';

const MOST_OFFSET = 2_000;
/** With `FIELDS(ALL)`. */
const MOST_WHOLE = 200;

export interface Asked {
  readonly org: Org;
  readonly version: string;
  /** Deleted records too (`queryAll`, `ALL ROWS`). */
  readonly withDeleted: boolean;
}

export interface Found {
  readonly totalSize: number;
  readonly records: readonly object[];
}

export function run(asked: Asked, query: Query): Found {
  const object = asked.org.schema.find(query.from.text);
  if (object === undefined)
    throw badRequest(
      'INVALID_TYPE',
      `\n${query.soql.slice(0, 200)}\nsObject type '${query.from.text}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  const records = asked.org.list(object, asked.withDeleted || query.isAllRows);
  return answered(asked, object, query, records);
}

function answered(asked: Asked, object: ObjectDefinition, query: Query, candidates: readonly SalesforceRecord[]): Found {
  const { org } = asked;
  if (query.offset > MOST_OFFSET) throw badRequest('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MOST_OFFSET}`);
  const isMet = query.where === null ? () => true : conditionOf(asked, object, query, query.where);
  // Checked also where nothing is found.
  const show = isAggregate(query) ? null : shower(asked, object, query);
  const comparison = isAggregate(query) ? null : comparisonOf(org, object, query);
  const met = candidates.filter(isMet);
  const [first] = query.select;
  if (query.select.length === 1 && first?.kind === 'aggregate' && first.path === null)
    return { totalSize: Math.min(met.length, query.limit ?? Number.POSITIVE_INFINITY), records: [] };
  if (show === null || comparison === null) {
    const groups = aggregated(org, object, query, met);
    const kept = groups.slice(query.offset, query.offset + (query.limit ?? groups.length));
    return { totalSize: kept.length, records: kept };
  }
  const sorted = query.orderBy.length === 0 ? met : met.toSorted(comparison);
  const kept = sorted.slice(query.offset, query.offset + (query.limit ?? sorted.length));
  return { totalSize: kept.length, records: kept.map(show) };
}

function conditionOf(asked: Asked, object: ObjectDefinition, query: Query, condition: Condition): (record: SalesforceRecord) => boolean {
  const { org } = asked;
  switch (condition.kind) {
    case 'and': {
      const parts = condition.parts.map((part) => conditionOf(asked, object, query, part));
      return (record) => parts.every((part) => part(record));
    }
    case 'or': {
      const parts = condition.parts.map((part) => conditionOf(asked, object, query, part));
      return (record) => parts.some((part) => part(record));
    }
    case 'not': {
      const part = conditionOf(asked, object, query, condition.part);
      return (record) => !part(record);
    }
    case 'compare': {
      const route = routeOf(org, object, query, condition.path);
      const test = testOf(route.field, condition.operator, condition.values, org.nowMs());
      return (record) => test(valueAt(org, record, route));
    }
    case 'within': {
      const route = routeOf(org, object, query, condition.path);
      const ids = idsOf(asked, condition.query);
      return (record) => ids.has(valueAt(org, record, route)) !== condition.isNegated;
    }
  }
}

/** The values of the one field that an inner query selects. */
function idsOf(asked: Asked, query: Query): ReadonlySet<Scalar> {
  const [only] = query.select;
  const object = asked.org.schema.find(query.from.text);
  if (only?.kind !== 'field' || query.select.length > 1 || object === undefined)
    throw badRequest('MALFORMED_QUERY', 'semi join sub-selects must select exactly one field');
  const route = routeOf(asked.org, object, query, only.path);
  const isMet = query.where === null ? () => true : conditionOf(asked, object, query, query.where);
  return new Set(
    asked.org
      .list(object, asked.withDeleted)
      .filter(isMet)
      .map((record) => valueAt(asked.org, record, route)),
  );
}

type Show = (record: SalesforceRecord) => Record<string, unknown>;

function shower(asked: Asked, object: ObjectDefinition, query: Query): Show {
  const parts = query.select.flatMap((selected) => showersOf(asked, object, query, selected));
  return (record) => {
    const shown: Record<string, unknown> = { attributes: attributesOf(asked.version, record) };
    for (const part of parts) part(record, shown);
    return shown;
  };
}

type ShowPart = (record: SalesforceRecord, shown: Record<string, unknown>) => void;

function showersOf(asked: Asked, object: ObjectDefinition, query: Query, selected: Selected): readonly ShowPart[] {
  const { org } = asked;
  const plain =
    (field: FieldDefinition): ShowPart =>
    (record, shown) =>
      void (shown[field.name] = record.values[field.name] ?? null);
  switch (selected.kind) {
    case 'field': {
      const route = routeOf(org, object, query, selected.path);
      return [route.steps.length === 0 ? plain(route.field) : (record, shown) => showAcross(asked, record, shown, route)];
    }
    case 'fields': {
      if (!['ALL', 'STANDARD', 'CUSTOM'].includes(selected.which))
        throw badRequest('MALFORMED_QUERY', `FIELDS(${selected.which}) is not supported`);
      if (selected.which !== 'STANDARD' && (query.limit ?? Number.POSITIVE_INFINITY) > MOST_WHOLE)
        throw badRequest('MALFORMED_QUERY', `The SOQL FIELDS function must have a LIMIT of at most ${MOST_WHOLE}`);
      const isWanted = ({ name }: FieldDefinition): boolean =>
        selected.which === 'ALL' || name === 'Id' || name.endsWith('__c') === (selected.which === 'CUSTOM');
      return object.fields.filter(isWanted).map(plain);
    }
    case 'children':
      return [childrenShower(asked, object, selected.query)];
    case 'aggregate':
      throw badRequest('MALFORMED_QUERY', 'Grouped query cannot use child relationships or plain fields without GROUP BY');
  }
}

/** Puts `Account: {attributes, Name}` beside the record's own fields. */
function showAcross({ org, version }: Asked, record: SalesforceRecord, shown: Record<string, unknown>, { steps, field }: Route): void {
  let place = shown;
  for (const [index, step] of steps.entries()) {
    const name = step.relationshipName ?? step.name;
    const target = followed(org, record, steps.slice(0, index + 1));
    if (target === null) {
      place[name] = null;
      return;
    }
    place[name] ??= { attributes: attributesOf(version, target) };
    place = place[name] as Record<string, unknown>;
  }
  place[field.name] = followed(org, record, steps)?.values[field.name] ?? null;
}

/** `(SELECT Id FROM Contacts)`: null where there are none, else as a query's answer. */
function childrenShower(asked: Asked, object: ObjectDefinition, query: Query): ShowPart {
  const name = query.from.text;
  for (const child of asked.org.schema.objects)
    for (const field of child.fields)
      if (field.referenceTo.includes(object.name) && field.childRelationshipName?.toLowerCase() === name.toLowerCase()) {
        const childRelationshipName = field.childRelationshipName;
        // Checked also where there is nobody to ask it of.
        answered(asked, child, query, []);
        return (record, shown) => {
          const found = answered(asked, child, query, asked.org.children(child, field, record.id));
          shown[childRelationshipName] =
            found.records.length === 0 ? null : { totalSize: found.totalSize, done: true, records: found.records };
        };
      }
  throw badRequest(
    'INVALID_TYPE',
    `Didn't understand relationship '${name}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

function comparisonOf(org: Org, object: ObjectDefinition, query: Query): (left: SalesforceRecord, right: SalesforceRecord) => number {
  const keys = query.orderBy.map((order) => {
    if (order.by.kind !== 'field') throw badRequest('MALFORMED_QUERY', 'an aggregate cannot order a query without groups');
    const route = routeOf(org, object, query, order.by.path);
    if (!isFilterable(route.field)) throw badRequest('INVALID_FIELD', `field '${route.field.name}' can not be sorted in a query call`);
    return { order, route };
  });
  return (left, right) => {
    for (const { order, route } of keys) {
      const sign = compared(order, valueAt(org, left, route), valueAt(org, right, route));
      if (sign !== 0) return sign;
    }
    return 0;
  };
}

/** Nothing comes first, in either direction, unless it is asked to be last. */
export function compared({ isDescending, isNullsLast }: Order, left: Scalar, right: Scalar): number {
  if (left === null || right === null) return left === right ? 0 : (left === null) === isNullsLast ? 1 : -1;
  const [a, b] = [left, right].map((value) => (typeof value === 'string' ? value.toLowerCase() : value)) as [
    string | number,
    string | number,
  ];
  const sign = a < b ? -1 : a > b ? 1 : 0;
  return isDescending ? -sign : sign;
}
