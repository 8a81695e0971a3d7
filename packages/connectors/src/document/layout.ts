/**
 * Which fields a plan has a place for, by kind: what the document connection holds. A plan in tables has no place for a status, one in checkboxes has none
 * for an owner; what has no place is not the document's.
 */
import { FIELD_NAMES } from '@lockstep/domain/backlog/item.ts';
import type { FieldName, ItemKind } from '@lockstep/domain/backlog/item.ts';
import type { Plan } from '@lockstep/domain/plan/plan.ts';
import type { MappedField } from '@lockstep/domain/sync/connector.port.ts';

const byPlan = new WeakMap<Plan, Map<ItemKind, readonly MappedField[]>>();

/** For a kind that the plan does not have: nothing, so that such items live elsewhere only. */
export function mappedFieldsOf(plan: Plan, kind: ItemKind): readonly MappedField[] {
  const known = byPlan.get(plan) ?? new Map<ItemKind, readonly MappedField[]>();
  byPlan.set(plan, known);
  const fields = known.get(kind) ?? workOut(plan, kind);
  known.set(kind, fields);
  return fields;
}

function workOut(plan: Plan, kind: ItemKind): readonly MappedField[] {
  const items = plan.items.filter((item) => item.kind === kind);
  const blocks = plan.blocks.filter((block) => block.kind === kind);
  if (items.length === 0 && blocks.length === 0) return [];
  const loose = items.filter((item) => item.block === null);
  const holders: readonly ReadonlySet<FieldName>[] = [
    ...blocks.map((block) => new Set(block.fields)),
    ...loose.map((item) => new Set(Object.keys(item.places) as FieldName[])),
  ];
  // Within a list, entries differ: some have a label and a text after it, others are one text.
  const everywhere = (field: FieldName): boolean =>
    holders.every((held) => held.has(field)) && items.every((item) => item.holder !== 'entry' || item.places[field] !== undefined);
  const held = new Map<FieldName, boolean>();
  for (const holder of holders) for (const field of holder) held.set(field, !everywhere(field));
  const isNested = items.some((item) => item.parent !== null || item.parentWords !== null) || blocks.some((block) => block.parent !== null);
  if (isNested) held.set('parent', false);
  const atRoot = blocks.some((block) => block.parent === null && block.section !== null && !block.columns.includes('parent'));
  if (atRoot || items.some((item) => item.fields.section !== undefined))
    held.set(
      'section',
      items.some((item) => item.fields.section === undefined),
    );
  if (held.has('dependencies') || items.some((item) => item.explicitId !== null)) held.set('dependsOn', false);
  return FIELD_NAMES.filter((field) => held.has(field)).map((field) => ({
    field,
    direction: directionOf(field, blocks.length > 0),
    ...(held.get(field) === true ? { partial: true } : {}),
    ...referenceForm(field),
  }));
}

/** What is derived from other words, or stands above a heading, is read only. */
function directionOf(field: FieldName, movable: boolean): MappedField['direction'] {
  if (field === 'dependsOn') return 'in';
  return field === 'section' && !movable ? 'in' : 'both';
}

function referenceForm(field: FieldName): { readonly refersBy?: 'id' } {
  return field === 'parent' || field === 'dependsOn' ? { refersBy: 'id' } : {};
}

const USUAL_FIELDS: Readonly<Record<ItemKind, readonly FieldName[]>> = {
  phase: ['title', 'purpose', 'section'],
  epic: ['title', 'parent'],
  group: ['title', 'parent'],
  deliverable: ['title', 'owner', 'parent', 'entryCriteria', 'exitCriteria', 'metric'],
  gate: ['title', 'parent', 'exitCriteria'],
  task: ['title', 'owner', 'parent', 'dependsOn', 'dependencies', 'definitionOfDone', 'metric'],
  subtask: ['title', 'status', 'parent'],
  check: ['title', 'description', 'status', 'parent', 'section'],
  ritual: ['title', 'section', 'cadence', 'duration', 'attendees', 'purpose'],
  loop: ['title', 'section', 'cadence', 'duration', 'attendees'],
  motionVariant: ['title', 'owner', 'section', 'metric', 'motion', 'tools'],
  metric: ['title', 'section', 'metric'],
};

/** The places of a usual plan: what is assumed while the file cannot be read, so that nothing that it is owed is forgotten. */
export function defaultMappedFields(kind: ItemKind): readonly MappedField[] {
  const movable = kind !== 'phase' && kind !== 'loop';
  return USUAL_FIELDS[kind].map((field) => ({ field, direction: directionOf(field, movable), ...referenceForm(field) }));
}
