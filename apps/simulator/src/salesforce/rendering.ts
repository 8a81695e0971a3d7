/** Records as the REST API shows them: typed, with their address, references as ids of 18 characters. */
import { badRequest } from './errors.ts';
import type { FieldDefinition, ObjectDefinition, SalesforceRecord } from './model.ts';
import type { Org } from './org.ts';

export const addressOf = (version: string, object: string, id: string): string => `/services/data/${version}/sobjects/${object}/${id}`;

export const attributesOf = (version: string, record: SalesforceRecord): object => ({
  type: record.object,
  url: addressOf(version, record.object, record.id),
});

/** Fields in their order; without values as null. */
export function shown(version: string, record: SalesforceRecord, fields: readonly FieldDefinition[]): Record<string, unknown> {
  return {
    attributes: attributesOf(version, record),
    ...Object.fromEntries(fields.map(({ name }) => [name, record.values[name] ?? null])),
  };
}

/** The fields of a list of names (`fields=Id,Name`), all where there is none. Throws Salesforce's 400 for one that is not there. */
export function fieldsNamed(org: Org, object: ObjectDefinition, names: readonly string[] | null): readonly FieldDefinition[] {
  if (names === null) return object.fields;
  return names
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => {
      const field = org.schema.field(object, name);
      if (field === undefined)
        throw badRequest(
          'INVALID_FIELD',
          `No such column '${name}' on entity '${object.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
        );
      return field;
    });
}
