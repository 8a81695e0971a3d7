/** `Account.Owner.Name`: from a record over its references to a field. */
import { badRequest } from './errors.ts';
import type { FieldDefinition, ObjectDefinition, SalesforceRecord, Scalar } from './model.ts';
import type { Org } from './org.ts';
import { malformed } from './soql-words.ts';
import type { Path, Query } from './soql-parser.ts';

const MOST_STEPS = 5;

export interface Route {
  readonly steps: readonly FieldDefinition[];
  readonly field: FieldDefinition;
}

/** Where a path leads. Throws Salesforce's INVALID_FIELD. */
export function routeOf(org: Org, object: ObjectDefinition, query: Query, path: Path): Route {
  const names = path.text.split('.');
  if (names.length > 1 && (names[0] === query.alias || names[0]?.toLowerCase() === query.from.text.toLowerCase())) names.shift();
  const last = names.pop() ?? '';
  if (names.length > MOST_STEPS) throw badRequest('INVALID_FIELD', `relationship depth of ${path.text} is greater than ${MOST_STEPS}`);
  const steps: FieldDefinition[] = [];
  let places: readonly ObjectDefinition[] = [object];
  for (const name of names) {
    const step = places
      .flatMap((place) => place.fields)
      .find(({ relationshipName }) => relationshipName?.toLowerCase() === name.toLowerCase());
    if (step === undefined)
      throw malformed(
        query.soql,
        path.at,
        `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
        'INVALID_FIELD',
      );
    steps.push(step);
    places = step.referenceTo.map((target) => org.schema.object(target));
  }
  const field = places.map((place) => org.schema.field(place, last)).find((found) => found !== undefined);
  if (field === undefined)
    throw malformed(
      query.soql,
      path.at,
      `No such column '${last}' on entity '${places[0]?.name ?? object.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
      'INVALID_FIELD',
    );
  return { steps, field };
}

/** The record at the end of the references; null where one of them is empty. */
export function followed(org: Org, record: SalesforceRecord, steps: readonly FieldDefinition[]): SalesforceRecord | null {
  let place: SalesforceRecord | null = record;
  for (const { name } of steps) place = place === null ? null : (org.any(place.values[name]) ?? null);
  return place;
}

export const valueAt = (org: Org, record: SalesforceRecord, { steps, field }: Route): Scalar =>
  followed(org, record, steps)?.values[field.name] ?? null;
