/**
 * Who wins when two connections have changed one field at the same time (law S13).
 */
import type { Mapping, MergeRule } from '../sync/mapping.schema.ts';
import type { FieldName } from './item.ts';

/** The merge policy of a workspace: one rule per field and the order of the connections. */
export interface MergePolicy {
  readonly rules: { readonly [F in FieldName]?: MergeRule };
  /** Connection id → place in the order, 0 wins over 1. */
  readonly ranks: Readonly<Record<string, number>>;
}

/** Two connections that declare different rules for one field; such a configuration does not load. */
export interface RuleConflict {
  readonly field: FieldName;
  readonly first: { readonly connectionId: string; readonly rule: MergeRule };
  readonly second: { readonly connectionId: string; readonly rule: MergeRule };
}

/** Joins the mappings of a workspace, in their order, into its policy. */
export function mergePolicy(connections: readonly { readonly connectionId: string; readonly mapping: Mapping }[]): {
  readonly policy: MergePolicy;
  readonly conflicts: readonly RuleConflict[];
} {
  const declared = new Map<FieldName, RuleConflict['first']>();
  const conflicts: RuleConflict[] = [];
  for (const { connectionId, mapping } of connections) {
    for (const [name, mapped] of Object.entries(mapping.fields)) {
      const field = name as FieldName;
      if (mapped.rule === undefined) continue;
      const first = declared.get(field);
      if (first === undefined) declared.set(field, { connectionId, rule: mapped.rule });
      else if (first.rule !== mapped.rule) conflicts.push({ field, first, second: { connectionId, rule: mapped.rule } });
    }
  }
  const rules = Object.fromEntries([...declared].map(([field, { rule }]) => [field, rule]));
  const ranks = Object.fromEntries(connections.map(({ connectionId }, rank) => [connectionId, rank]));
  return { policy: { rules, ranks }, conflicts };
}

/** True where `challenger`'s edit beats the value that `holder` set. An operator's decision beats every connection; equal sources do not beat each other. */
export function beats(policy: MergePolicy, field: FieldName, challenger: string, holder: string): boolean {
  if (challenger === holder) return true;
  return place(policy, field, challenger) < place(policy, field, holder);
}

function place(policy: MergePolicy, field: FieldName, source: string): number {
  if (source === 'operator') return -2;
  if (policy.rules[field] === `owner:${source}`) return -1;
  return policy.ranks[source] ?? Number.MAX_SAFE_INTEGER;
}
