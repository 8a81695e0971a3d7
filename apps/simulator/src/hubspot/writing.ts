/**
 * Writes in two steps: every input of a request is prepared (and refused) before the first one is applied, so that a refused batch does nothing.
 */
import type { z } from 'zod';
import type { Associations } from './associations.ts';
import type { associationsSchema } from './body.ts';
import { badRequest, HubSpotError, invalidValues } from './errors.ts';
import type { InvalidValue } from './errors.ts';
import type { AssociationType, CrmRecord, ObjectType, Source, Values } from './model.ts';
import { traitsOf } from './object-types.ts';
import type { Changes, Portal } from './portal.ts';
import { keptValue } from './values.ts';

/** The unique values that the inputs of one request have taken, beside what records hold. */
export class Claims {
  private readonly taken = new Set<string>();

  /** True for the first that asks. */
  take(objectType: ObjectType, property: string, value: string): boolean {
    const key = `${objectType}/${property}/${value}`;
    if (this.taken.has(key)) return false;
    this.taken.add(key);
    return true;
  }
}

export interface PreparedCreate {
  readonly values: Values;
  readonly links: readonly { readonly type: AssociationType; readonly toId: string }[];
}

type AssociationInputs = z.infer<typeof associationsSchema>;

/** Checks a create. Throws HubSpot's 400 or 409. */
export function prepareCreate(
  parts: { portal: Portal; associations: Associations },
  objectType: ObjectType,
  input: { properties: Readonly<Record<string, string>>; associations?: AssociationInputs | undefined },
  claims = new Claims(),
): PreparedCreate {
  const { required, belongsTo, defaults, noun } = traitsOf(objectType);
  const set = keptValues(parts.portal, objectType, input.properties, null);
  const values: Record<string, string> = { ...defaults };
  for (const [name, value] of Object.entries(set)) if (value !== null) values[name] = value;
  const lacking = required.filter((name) => values[name] === undefined);
  if (lacking.length > 0)
    throw badRequest(`Error creating ${noun}. Some required properties were not set.`, { context: { properties: lacking } });
  claim(parts.portal, objectType, values, null, claims);
  const links = (input.associations ?? []).flatMap(({ to, types }) =>
    types.map(({ associationTypeId }) => {
      const type = parts.associations.type(objectType, associationTypeId);
      if (type === undefined) throw badRequest(`Association type ${associationTypeId} is not defined from ${noun}`);
      const target = parts.portal.find(type.to, to.id);
      if (target === undefined || target.archivedMs !== null)
        throw badRequest(`Could not create ${noun}: the associated ${traitsOf(type.to).noun} ${to.id} does not exist`, {
          context: { ids: [to.id] },
        });
      return { type, toId: target.id };
    }),
  );
  if (belongsTo !== undefined && !links.some(({ type }) => belongsTo.includes(type.to)))
    throw badRequest(`A ${noun} must be associated with one of: ${belongsTo.join(', ')}`);
  return { values, links };
}

/** Checks an update of a record. Throws HubSpot's 400 or 409. */
export function prepareUpdate(
  portal: Portal,
  record: CrmRecord,
  properties: Readonly<Record<string, string>>,
  claims = new Claims(),
): Changes {
  const changes = keptValues(portal, record.objectType, properties, record);
  const lacking = traitsOf(record.objectType).required.filter((name) => changes[name] === null);
  if (lacking.length > 0)
    throw badRequest(`Error updating ${traitsOf(record.objectType).noun}. Required properties cannot be cleared.`, {
      context: { properties: lacking },
    });
  claim(portal, record.objectType, changes, record, claims);
  return changes;
}

export function applyCreate(
  parts: { portal: Portal; associations: Associations },
  source: Source,
  objectType: ObjectType,
  prepared: PreparedCreate,
): CrmRecord {
  const record = parts.portal.create(source, objectType, prepared.values);
  for (const { type, toId } of prepared.links) parts.associations.add(record.id, toId, type);
  return record;
}

function keptValues(
  portal: Portal,
  objectType: ObjectType,
  properties: Readonly<Record<string, string>>,
  record: CrmRecord | null,
): Changes {
  const invalid: InvalidValue[] = [];
  const changes: Record<string, string | null> = {};
  for (const [sentName, sent] of Object.entries(properties)) {
    const name = sentName.toLowerCase();
    const property = portal.schema.property(objectType, name);
    if (property === undefined) {
      invalid.push({ name, error: 'PROPERTY_DOESNT_EXIST', message: `Property "${name}" does not exist` });
      continue;
    }
    const kept = keptValue(property, sent, record?.values[name]);
    if ('invalid' in kept) invalid.push(kept.invalid);
    else changes[name] = kept.value;
  }
  if (invalid.length > 0) throw invalidValues(invalid);
  return changes;
}

function claim(portal: Portal, objectType: ObjectType, changes: Changes, record: CrmRecord | null, claims: Claims): void {
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || portal.schema.property(objectType, name)?.hasUniqueValue !== true || record?.values[name] === value) continue;
    const holder = portal.holder(objectType, name, value);
    if (holder !== undefined && holder !== record) throw conflict(objectType, name, value, holder.id);
    if (!claims.take(objectType, name, value)) throw conflict(objectType, name, value, null);
  }
}

function conflict(objectType: ObjectType, name: string, value: string, holderId: string | null): HubSpotError {
  const noun = traitsOf(objectType).noun;
  const message =
    name === 'email'
      ? `Contact already exists.${holderId === null ? '' : ` Existing ID: ${holderId}`}`
      : `Cannot set ${name} to ${value} on this ${noun}. ${holderId ?? 'Another input'} already has that value.`;
  return new HubSpotError(409, 'CONFLICT', message, {
    errors: [{ message, code: 'CONFLICTING_UNIQUE_VALUE', context: { propertyName: [name] } }],
    ...(holderId === null ? {} : { context: { existingId: [holderId] } }),
  });
}
