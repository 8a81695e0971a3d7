/** What of a change the history objects keep: a row for each tracked field that differs, two for a reference, one for the record's making. */
import type { ObjectDefinition, SalesforceRecord, Scalar, Values } from './model.ts';
import type { Org } from './org.ts';

/** Longer texts are only said to have changed. */
const LONGEST_TOLD = 255;

interface HistoryRow {
  readonly object: ObjectDefinition;
  readonly values: Values;
}

/** The rows of one write; `before` is null for a new record. */
export function historyRows(
  org: Org,
  object: ObjectDefinition,
  { record, before }: { readonly record: SalesforceRecord; readonly before: Values | null },
): readonly HistoryRow[] {
  if (object.history === null) return [];
  const history = org.schema.object(object.history.object);
  const parent = { [object.history.parentField]: record.id };
  if (before === null) return [{ object: history, values: { ...parent, Field: 'created', DataType: 'Text' } }];
  return object.fields.flatMap((field): HistoryRow[] => {
    const [old, now] = [before[field.name] ?? null, record.values[field.name] ?? null];
    if (old === now || !org.schema.isTracked(object.name, field.name)) return [];
    // Standard references go by their relationship's name.
    const Field = field.type === 'reference' && !field.name.endsWith('__c') ? (field.relationshipName ?? field.name) : field.name;
    const row = (DataType: string, OldValue: Scalar, NewValue: Scalar): HistoryRow => ({
      object: history,
      values: { ...parent, Field, DataType, OldValue, NewValue },
    });
    if (field.type === 'reference') {
      const nameOf = (id: Scalar): Scalar => org.any(id)?.values['Name'] ?? null;
      return [row('Text', nameOf(old), nameOf(now)), row('EntityId', old, now)];
    }
    if (field.length > LONGEST_TOLD) return [row(DATA_TYPES[field.type] ?? 'Text', null, null)];
    return [row(DATA_TYPES[field.type] ?? 'Text', old, now)];
  });
}

const DATA_TYPES: Readonly<Record<string, string>> = {
  boolean: 'Boolean',
  currency: 'Currency',
  date: 'DateOnly',
  datetime: 'DateTime',
  double: 'Double',
  int: 'Integer',
  percent: 'Percent',
  email: 'Email',
  phone: 'Phone',
  url: 'Url',
  picklist: 'DynamicEnum',
  multipicklist: 'MultiEnum',
  textarea: 'TextArea',
};
