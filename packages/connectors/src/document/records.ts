/**
 * A plan's items as records: values decoded, references as `id:<remoteId>` or `text:<words>`.
 */
import { createHash } from 'node:crypto';
import { depthOf } from '@lockstep/domain/backlog/depth.ts';
import type { FieldMap, FieldName, FieldValue } from '@lockstep/domain/backlog/item.ts';
import { normalise } from '@lockstep/domain/backlog/value.ts';
import { resolveDependencies } from '@lockstep/domain/plan/dependencies.ts';
import type { Plan, PlanItem } from '@lockstep/domain/plan/plan.ts';
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { NamedPlan } from './identity.ts';
import { mappedFieldsOf } from './layout.ts';

const REVISION_LENGTH = 24;

/** The record of one row; null where it has no id. `marker`: of a row that we have just made. */
export function recordOf(named: NamedPlan, index: number, marker: string | null = null): RemoteRecord | null {
  const item = named.plan.items[index];
  const remoteId = named.idOf.get(index);
  if (item === undefined || remoteId === undefined) return null;
  const fields = fieldsOf(named, item);
  return {
    remoteId,
    remoteKey: item.explicitId,
    url: null,
    kind: item.kind,
    marker,
    fields,
    revision: revisionOf(item, fields),
    deleted: false,
    notices: [],
  };
}

/** All records of a plan, parents before children. */
export function recordsOf(named: NamedPlan, markers: Readonly<Record<string, string>> = {}): readonly RemoteRecord[] {
  return inOrder(
    named.plan,
    named.plan.items.map((item) => item.index),
  ).flatMap((index) => {
    const id = named.idOf.get(index);
    return recordOf(named, index, id === undefined ? null : (markers[id] ?? null)) ?? [];
  });
}

/** Indices with parents before children: by kind, then in the order of the text. */
export function inOrder(plan: Plan, indices: readonly number[]): readonly number[] {
  const depth = (index: number): number => depthOf(plan.items[index]?.kind ?? 'metric');
  return indices.toSorted((left, right) => depth(left) - depth(right) || left - right);
}

function fieldsOf(named: NamedPlan, item: PlanItem): FieldMap {
  const { plan, idOf } = named;
  const fields: Partial<Record<FieldName, FieldValue>> = {};
  for (const [field, value] of Object.entries(item.fields)) fields[field as FieldName] = normalise(value);
  const mapped = new Set(mappedFieldsOf(plan, item.kind).map(({ field }) => field));
  if (mapped.has('parent')) {
    const parent = parentOf(named, item);
    if (parent !== undefined) fields.parent = parent;
  }
  if (mapped.has('dependsOn')) {
    const targets = resolveDependencies(plan, item).matches.flatMap((match) => idOf.get(match.item) ?? []);
    fields.dependsOn = normalise(targets.map((id) => `id:${id}`));
  }
  return fields;
}

/** Undefined where the parent is there but waits for a person: nothing is said about it. */
function parentOf(named: NamedPlan, item: PlanItem): FieldValue | undefined {
  if (item.parentWords !== null) return `text:${item.parentWords}`;
  if (item.parent === null) return null;
  const id = named.idOf.get(item.parent);
  return id === undefined ? undefined : `id:${id}`;
}

function revisionOf(item: PlanItem, fields: FieldMap): string {
  const content = JSON.stringify([
    item.kind,
    item.explicitId,
    Object.entries(fields).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  ]);
  return createHash('sha256').update(content).digest('hex').slice(0, REVISION_LENGTH);
}
