/** Steps, readings and policies for tests. */
import type { CrmFields, Image, Operation, Step } from './change-set.ts';
import type { CrmObject, FieldVersion, Reading } from './crm.port.ts';
import type { ApprovalPolicy } from './policy.schema.ts';

export const CONTACT = { connectionId: 'crm', object: 'contacts', recordId: '1' } as const;

/** 24 November 2026, 10:00, and so many seconds. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 10, 24, 10) + seconds * 1_000).toISOString();
}

export function image(fields: CrmFields, rest: Partial<Image> = {}): Image {
  return { presence: 'present', fields, revision: null, readAt: at(0), ...rest };
}

/** A step that was done between seconds 1 and 2: by its fields, it set what it wanted and the CRM stored it so. */
export function stepOf(operation: Operation, before: Image | null, rest: Partial<Step> = {}): Step {
  const after = before === null ? null : 'fields' in operation ? image(operation.fields, { readAt: at(2) }) : image({}, { readAt: at(2) });
  return {
    ...{ changeSetId: 'set-1', ordinal: 0, operation, reversibility: 'A', state: 'done', before, after },
    ...{ createdId: null, sentAt: at(1), doneAt: at(2), undoneAt: null, finding: null },
    ...rest,
  };
}

export function setFields(before: CrmFields, ours: CrmFields, rest: Partial<Step> = {}): Step {
  return stepOf({ kind: 'set-fields', target: CONTACT, fields: ours }, image(before), rest);
}

export function reading(fields: CrmFields, rest: Omit<Partial<Reading>, 'image'> & { readonly image?: Partial<Image> } = {}): Reading {
  return { recordId: '1', mergedInto: null, ...rest, image: image(fields, { readAt: at(100), ...rest.image }) };
}

export function version(field: string, value: FieldVersion['value'], seconds: number, by: string | null): FieldVersion {
  return { field, value, at: at(seconds), isOurs: by === null, by };
}

export function objectOf(names: readonly string[], rest: Partial<CrmObject> = {}): CrmObject {
  const fields = new Map(names.map((name) => [name, { name, type: 'text', isWritable: true, options: null } as const]));
  return { object: 'contacts', fields, ownerField: 'owner', keyField: 'key', restores: 'same-id', ...rest };
}

export const EMPTY_POLICY: ApprovalPolicy = { version: '1', approvalExpiresAfterMs: 4 * 3_600_000, fields: [], rules: [] };
