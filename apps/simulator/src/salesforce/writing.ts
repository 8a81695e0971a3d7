/** Writes as Salesforce checks them: what the body names, what it takes, what is missing, what it refers to, what is unique, what an administrator forbids. */
import { badRequest, isDeleted, SalesforceError, unknownColumn, unreadable } from './errors.ts';
import { wellFormedId } from './ids.ts';
import type { FieldDefinition, ObjectDefinition, SalesforceRecord, Scalar, Session, Values } from './model.ts';
import { objectOf } from './operations.ts';
import type { Org } from './org.ts';
import type { Rules } from './rules.ts';
import { keptValue } from './values.ts';

export interface Writers {
  readonly org: Org;
  readonly rules: Rules;
}

export type Body = Readonly<Record<string, unknown>>;

export function createRecord({ org, rules }: Writers, session: Session, object: ObjectDefinition, body: Body): SalesforceRecord {
  mayWrite(session, object);
  if (!object.creatable) throw readOnly();
  const set = keptValues(org, object, body, null);
  checkRequired(object, set, null);
  checkUnique(org, object, set, null);
  rules.check({ on: 'create', object: object.name, record: null, set });
  return org.create(session.userId, object, set);
}

export function updateRecord({ org, rules }: Writers, session: Session, record: SalesforceRecord, body: Body): void {
  const object = org.schema.object(record.object);
  mayWrite(session, object);
  if (record.deletedMs !== null) throw isDeleted();
  const set = keptValues(org, object, body, record);
  checkRequired(object, set, record);
  checkUnique(org, object, set, record);
  rules.check({ on: 'update', object: object.name, record, set });
  org.change(session.userId, object, record, set);
}

export function deleteRecord({ org, rules }: Writers, session: Session, record: SalesforceRecord): void {
  const object = org.schema.object(record.object);
  mayWrite(session, object);
  if (!object.deletable) throw readOnly();
  if (record.deletedMs !== null) throw isDeleted();
  rules.check({ on: 'delete', object: object.name, record, set: {} });
  org.remove(session.userId, record);
}

/** Throws where a value that must be unique has been taken meanwhile. */
export function undeleteRecord({ org }: Writers, session: Session, record: SalesforceRecord): void {
  const object = org.schema.object(record.object);
  mayWrite(session, object);
  if (record.deletedMs === null) throw badRequest('UNDELETE_FAILED', 'Entity is not in the recycle bin', []);
  checkUnique(org, object, record.values, record);
  org.restore(session.userId, record);
}

function mayWrite(session: Session, object: ObjectDefinition): void {
  if (object.writable && !session.isReadOnly) return;
  throw readOnly();
}

const readOnly = (): SalesforceError =>
  new SalesforceError(403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id', []);

function keptValues(org: Org, object: ObjectDefinition, body: Body, record: SalesforceRecord | null): Values {
  const set: Record<string, Scalar> = {};
  const closed: string[] = [];
  for (const [name, sent] of Object.entries(body)) {
    if (name === 'attributes') {
      checkAttributes(object, sent);
      continue;
    }
    const field = org.schema.field(object, name);
    if (field === undefined) {
      const [reference, id] = byForeignKey(org, object, name, sent);
      set[reference.name] = id;
      continue;
    }
    if (field.type === 'id') throw badRequest('INVALID_FIELD', 'The Id field should not be specified in the sobject data.', ['Id']);
    const value = keptValue(field, sent);
    if (record === null ? !field.createable : !field.updateable) closed.push(field.name);
    else set[field.name] = field.type === 'reference' ? keptReference(org, object, field, value) : value;
  }
  if (closed.length > 0)
    throw badRequest(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      `Unable to create/update fields: ${closed.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
      closed,
    );
  return set;
}

/** What a record says of itself is passed over, but it may not be another object's. */
function checkAttributes(object: ObjectDefinition, sent: unknown): void {
  const { type, url } = objectOf(sent);
  const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
  if (!isText(type) || !isText(url)) throw unreadable('attributes: expected texts at [line:1, column:1]');
  if (typeof type === 'string' && type.toLowerCase() !== object.name.toLowerCase())
    throw badRequest('INVALID_FIELD', `attributes.type: expected ${object.name}, got ${type}`);
}

/** `"Parent__r": {"Lockstep_Id__c": "a"}`: a reference by another record's external id. */
function byForeignKey(org: Org, object: ObjectDefinition, name: string, sent: unknown): readonly [FieldDefinition, Scalar] {
  const reference = object.fields.find(({ relationshipName }) => relationshipName?.toLowerCase() === name.toLowerCase());
  if (reference === undefined) throw unknownColumn(name, object.name);
  if (sent === null) return [reference, null];
  const keys = typeof sent === 'object' && !Array.isArray(sent) ? Object.entries(sent).filter(([key]) => key !== 'attributes') : [];
  const [entry] = keys;
  if (entry === undefined || keys.length > 1)
    throw unreadable(`Cannot deserialize instance of reference ${name} or request may be missing a required field at [line:1, column:1]`);
  const [key, value] = entry;
  const target = reference.referenceTo
    .map((one) => org.schema.object(one))
    .find((one) => org.schema.field(one, key)?.externalId === true || org.schema.field(one, key)?.idLookup === true);
  const field = target === undefined ? undefined : org.schema.field(target, key);
  if (target === undefined || field === undefined)
    throw badRequest('INVALID_FIELD', `Field name not found or is not an external id: ${key}`, []);
  const found = org.holders(target, field, keptValue(field, value));
  const [only] = found;
  if (only === undefined)
    throw badRequest(
      'INVALID_FIELD',
      `Foreign key external ID: ${String(value).toLowerCase()} not found for field ${field.name} in entity ${target.name}`,
      [],
    );
  if (found.length > 1)
    throw badRequest('INVALID_FIELD', `More than one record found for external id field: [${found.map(({ id }) => id).join(', ')}]`, []);
  return [reference, only.id];
}

function keptReference(org: Org, object: ObjectDefinition, field: FieldDefinition, value: Scalar): Scalar {
  if (value === null && field.name === 'OwnerId')
    throw badRequest('INVALID_CROSS_REFERENCE_KEY', 'Owner ID: owner cannot be blank', ['OwnerId']);
  if (value === null) return null;
  const id = wellFormedId(String(value));
  const target = id === null ? undefined : org.schema.ofId(id);
  if (id === null || target === undefined || !field.referenceTo.includes(target.name))
    throw badRequest('MALFORMED_ID', `${field.label}: id value of incorrect type: ${String(value)}`, [field.name]);
  const record = org.find(target, id);
  if (record === undefined) throw badRequest('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [field.name]);
  if (record.deletedMs !== null) throw badRequest('ENTITY_IS_DELETED', 'entity is deleted', [field.name]);
  if (field.name === 'OwnerId' && target.name === 'User' && record.values['IsActive'] !== true)
    throw badRequest('INACTIVE_OWNER_OR_USER', `operation performed with inactive user [${id}] as owner of ${object.name}`, []);
  if (field.name === 'OwnerId' && target.name === 'Group' && !takesObject(org, id, object))
    throw badRequest('INVALID_CROSS_REFERENCE_KEY', `Queue not associated with this SObject type`, ['OwnerId']);
  return id;
}

/** Whether a group is a queue that this object's records may be put into. */
function takesObject(org: Org, queueId: string, object: ObjectDefinition): boolean {
  return org
    .list(org.schema.object('QueueSobject'))
    .some(({ values }) => values['QueueId'] === queueId && values['SobjectType'] === object.name);
}

function checkRequired(object: ObjectDefinition, set: Values, record: SalesforceRecord | null): void {
  const lacking = object.fields
    .filter((field) => field.required && field.default === null)
    .map(({ name }) => name)
    .filter((name) => (record === null ? (set[name] ?? null) === null : set[name] === null));
  if (lacking.length > 0) throw badRequest('REQUIRED_FIELD_MISSING', `Required fields are missing: [${lacking.join(', ')}]`, lacking);
}

function checkUnique(org: Org, object: ObjectDefinition, set: Values, record: SalesforceRecord | null): void {
  for (const field of object.fields) {
    const value = set[field.name] ?? null;
    if (!field.unique || value === null) continue;
    const holder = org.holders(object, field, value).find((other) => other.id !== record?.id);
    if (holder !== undefined)
      throw badRequest(
        'DUPLICATE_VALUE',
        `duplicate value found: ${field.name} duplicates value on record with id: ${holder.id.slice(0, 15)}`,
        [],
      );
  }
}
