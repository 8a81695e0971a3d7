/** Records by a value that another system gave them: read, upsert, delete. Source: vendor-apis.md 4, "exactly-once create". */
import { badRequest, notFound } from './errors.ts';
import type { FieldDefinition, ObjectDefinition, SalesforceRecord, Scalar } from './model.ts';
import { readRecord, recordToWrite } from './object-routes.ts';
import { bodyOf, did, flag, param } from './operations.ts';
import type { Answer, Call, Operation } from './operations.ts';
import type { Org } from './org.ts';
import { checkPreconditions } from './preconditions.ts';
import { addressOf } from './rendering.ts';
import { keptValue } from './values.ts';
import { createRecord, deleteRecord, updateRecord } from './writing.ts';
import type { Body, Writers } from './writing.ts';

/** Since this version the answer to an upsert that changed a record has a body. */
const TELLS_UPDATES = 46;

export function externalIdOperations(writers: Writers): readonly Operation[] {
  const path = '/sobjects/:object/:field/:value';
  return [
    { method: 'GET', path, name: 'get record by external id', run: (call) => read(writers.org, call) },
    { method: 'PATCH', path, name: 'upsert record', run: (call) => upsert(writers, call) },
    {
      method: 'DELETE',
      path,
      name: 'delete record by external id',
      run: (call) => {
        const { found } = target(writers.org, call);
        const [record] = found;
        if (found.length > 1) return severalOf(call, found);
        if (record === undefined) throw notFound();
        deleteRecord(writers, call.session, record);
        did(call.trace, 'delete');
        return { status: 204 };
      },
    },
  ];
}

interface Target {
  readonly object: ObjectDefinition;
  readonly field: FieldDefinition;
  readonly value: Scalar;
  readonly found: readonly SalesforceRecord[];
}

function target(org: Org, call: Call): Target {
  const object = org.schema.object(param(call, 'object'));
  const field = keyField(org, object, param(call, 'field'));
  if (field === null) throw notFound(`Provided external ID field does not exist or is not accessible: ${param(call, 'field')}`);
  if (field.type === 'id') {
    const record = recordToWrite(org, object, param(call, 'value'));
    return { object, field, value: record.id, found: [record] };
  }
  const value = keptValue(field, param(call, 'value'));
  if (value === null) throw badRequest('MISSING_ARGUMENT', `${field.name} not specified`, []);
  return { object, field, value, found: org.holders(object, field, value) };
}

/** The field of this name, where records can be found by it. */
export function keyField(org: Org, object: ObjectDefinition, name: string): FieldDefinition | null {
  const field = org.schema.field(object, name);
  return field !== undefined && (field.externalId || field.idLookup) ? field : null;
}

function read(org: Org, call: Call): Answer {
  const { found } = target(org, call);
  const [record] = found;
  if (record === undefined) throw notFound();
  return found.length > 1 ? severalOf(call, found) : readRecord(org, call, record);
}

/** 300: the client is to choose. */
function severalOf(call: Call, found: readonly SalesforceRecord[]): Answer {
  return { status: 300, body: found.map(({ object, id }) => addressOf(call.version, object, id)) };
}

function upsert(writers: Writers, call: Call): Answer {
  const isUpdateOnly = flag(call.query.get('updateOnly'), 'updateOnly');
  const { object, field, value, found } = target(writers.org, call);
  const body = withoutKey(bodyOf(call), field);
  const [record] = found;
  if (found.length > 1) return severalOf(call, found);
  if (record === undefined) {
    if (isUpdateOnly) throw notFound();
    const made = createRecord(writers, call.session, object, { ...body, [field.name]: value });
    did(call.trace, 'create');
    const headers = { location: addressOf(call.version, object.name, made.id) };
    return { status: 201, body: { id: made.id, success: true, errors: [], created: true }, headers };
  }
  checkPreconditions(call, record, 'write');
  updateRecord(writers, call.session, record, body);
  did(call.trace, 'update');
  if (Number(call.version.slice(1)) < TELLS_UPDATES) return { status: 204 };
  return { status: 200, body: { id: record.id, success: true, errors: [], created: false } };
}

/** The key stands in the address, and nowhere else. */
function withoutKey(body: Body, field: FieldDefinition): Body {
  if (Object.keys(body).some((name) => name.toLowerCase() === field.name.toLowerCase()))
    throw badRequest('INVALID_FIELD', `The ${field.name} field should not be specified in the sobject data.`, [field.name]);
  return body;
}
