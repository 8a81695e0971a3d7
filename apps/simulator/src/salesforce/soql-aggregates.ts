/** Sums over records: `COUNT`, `MIN`, `MAX`, `SUM`, `AVG`, by groups. */
import { isFilterable } from './describe.ts';
import { badRequest } from './errors.ts';
import type { ObjectDefinition, SalesforceRecord, Scalar } from './model.ts';
import type { Org } from './org.ts';
import type { Query, Selected } from './soql-parser.ts';
import { routeOf, valueAt } from './soql-paths.ts';

/** Whether a query answers sums and not records. */
export const isAggregate = (query: Query): boolean => query.groupBy.length > 0 || query.select.some(({ kind }) => kind === 'aggregate');

type Sum = Extract<Selected, { kind: 'aggregate' }>;

/** One record for each group; one in all where there are no groups. In the order of the groups' values. */
export function aggregated(org: Org, object: ObjectDefinition, query: Query, records: readonly SalesforceRecord[]): readonly object[] {
  const keys = query.groupBy.map((path) => {
    const route = routeOf(org, object, query, path);
    if (!isFilterable(route.field)) throw badRequest('INVALID_FIELD', `field '${route.field.name}' can not be grouped in a query call`);
    return { path, route };
  });
  const groups = new Map<string, { readonly values: readonly Scalar[]; readonly records: SalesforceRecord[] }>();
  if (keys.length === 0) groups.set('[]', { values: [], records: [] });
  for (const record of records) {
    const values = keys.map(({ route }) => valueAt(org, record, route));
    const key = JSON.stringify(values).toLowerCase();
    const group = groups.get(key) ?? { values, records: [] };
    group.records.push(record);
    groups.set(key, group);
  }
  const ordered = [...groups.entries()].toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return ordered.map(([, group]) => {
    let unnamed = 0;
    const shown: Record<string, unknown> = { attributes: { type: 'AggregateResult' } };
    for (const selected of query.select) {
      if (selected.kind === 'aggregate') {
        shown[selected.alias ?? `expr${unnamed}`] = sumOf(org, object, query, selected, group.records);
        if (selected.alias === null) unnamed += 1;
        continue;
      }
      const path = selected.kind === 'field' ? selected.path.text : '';
      const index = keys.findIndex((key) => key.path.text.toLowerCase() === path.toLowerCase());
      if (index < 0) throw badRequest('MALFORMED_QUERY', `Field must be grouped or aggregated: ${path}`);
      shown[keys[index]?.route.field.name ?? path] = group.values[index] ?? null;
    }
    return shown;
  });
}

function sumOf(
  org: Org,
  object: ObjectDefinition,
  query: Query,
  { function: name, path }: Sum,
  records: readonly SalesforceRecord[],
): Scalar {
  if (path === null) return records.length;
  const route = routeOf(org, object, query, path);
  const values = records.map((record) => valueAt(org, record, route)).filter((value) => value !== null);
  if (name === 'COUNT') return values.length;
  if (name === 'COUNT_DISTINCT') return new Set(values.map((value) => String(value).toLowerCase())).size;
  if (name === 'MIN' || name === 'MAX') return extreme(values, name === 'MIN' ? -1 : 1);
  if (values.some((value) => typeof value !== 'number'))
    throw badRequest('MALFORMED_QUERY', `field ${path.text} does not support aggregate operator ${name}`);
  const sum = values.reduce<number>((total, value) => total + Number(value), 0);
  if (name === 'SUM') return values.length === 0 ? null : sum;
  return values.length === 0 ? null : sum / values.length;
}

function extreme(values: readonly Scalar[], sign: number): Scalar {
  const beyond = (left: Scalar, right: Scalar): boolean => (compared(left, right) > 0 ? 1 : -1) === sign;
  return values.reduce<Scalar>((best, value) => (best === null || beyond(value, best) ? value : best), null);
}

/** Text does not mind its case. */
function compared(left: Scalar, right: Scalar): number {
  const [a, b] = [left, right].map((value) => (typeof value === 'string' ? value.toLowerCase() : Number(value))) as [string, string];
  return a < b ? -1 : a > b ? 1 : 0;
}
