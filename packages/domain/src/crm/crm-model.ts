/** A model CRM for the law that a step and its inverse are nothing: records with fields, presence and associations. For tests only; pure. */
import type { Association, CrmFields, Image, Operation, Target } from './change-set.ts';

export interface ModelRecord {
  readonly fields: CrmFields;
  readonly presence: 'present' | 'archived';
}

/** Records by id, and associations as `from|to|label`. */
export interface ModelCrm {
  readonly records: Readonly<Record<string, ModelRecord>>;
  readonly associations: readonly string[];
}

/** Id of the record that the step of this ordinal makes. */
export function madeBy(ordinal: number): string {
  return `made-${ordinal}`;
}

export function idOf(target: Target): string {
  return 'recordId' in target ? target.recordId : madeBy(target.createdBy);
}

/** The before-image of an operation, as a CRM would show it. */
export function imageBefore(crm: ModelCrm, operation: Operation, readAt: string): Image {
  if (!('target' in operation)) return { presence: 'absent', fields: {}, revision: null, readAt };
  const record = crm.records[idOf(operation.target)];
  return {
    presence: record?.presence ?? 'absent',
    fields: record?.fields ?? {},
    ...('association' in operation
      ? { isAssociated: crm.associations.includes(nameOf(idOf(operation.target), operation.association)) }
      : {}),
    revision: null,
    readAt,
  };
}

/** The CRM after an operation. What is about no record that is there changes nothing. */
export function applied(crm: ModelCrm, operation: Operation, ordinal: number): ModelCrm {
  if (!('target' in operation)) {
    const made = { fields: operation.fields, presence: 'present' } as const;
    const associations = operation.associations.map((association) => nameOf(madeBy(ordinal), association));
    return { records: { ...crm.records, [madeBy(ordinal)]: made }, associations: sorted([...crm.associations, ...associations]) };
  }
  const id = idOf(operation.target);
  const record = crm.records[id];
  if (record === undefined) return crm;
  if ('association' in operation) {
    const name = nameOf(id, operation.association);
    const others = crm.associations.filter((one) => one !== name);
    return { ...crm, associations: sorted(operation.kind === 'associate' ? [...others, name] : others) };
  }
  const changed =
    'fields' in operation
      ? { ...record, fields: { ...record.fields, ...operation.fields } }
      : { ...record, presence: operation.kind === 'archive' ? ('archived' as const) : ('present' as const) };
  return { ...crm, records: { ...crm.records, [id]: changed } };
}

/** What people see: records that are there, with the associations among them. */
export function visible({ records, associations }: ModelCrm): unknown {
  const there = Object.entries(records).filter(([, { presence }]) => presence === 'present');
  const ids = new Set(there.map(([id]) => id));
  return {
    records: Object.fromEntries(there.map(([id, { fields }]) => [id, fields])),
    associations: associations.filter((name) =>
      name
        .split('|')
        .slice(0, 2)
        .every((id) => ids.has(id)),
    ),
  };
}

function nameOf(from: string, { to, label }: Association): string {
  return [from, idOf(to), label ?? ''].join('|');
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
