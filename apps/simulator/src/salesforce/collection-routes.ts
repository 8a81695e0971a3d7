/** Up to 200 records in a call, each with its own result, or all or none of them. Source: vendor-apis.md 4, "batch". */
import { badRequest, isDeleted, malformedId, noSuchRecord, SalesforceError } from './errors.ts';
import type { RecordError } from './errors.ts';
import { keyField } from './external-id-routes.ts';
import { wellFormedId } from './ids.ts';
import type { FieldDefinition, ObjectDefinition, SalesforceRecord } from './model.ts';
import { bodyOf, did, flag, objectOf, param } from './operations.ts';
import type { Answer, Call, Operation } from './operations.ts';
import type { Org } from './org.ts';
import { fieldsNamed, shown } from './rendering.ts';
import { keptValue } from './values.ts';
import { createRecord, deleteRecord, updateRecord } from './writing.ts';
import type { Body, Writers } from './writing.ts';

const MOST_RECORDS = 200;
const MOST_READ = 2_000;

interface RecordResult {
  readonly id?: string;
  readonly success: boolean;
  readonly errors: readonly RecordError[];
  readonly created?: boolean;
}

export function collectionOperations(writers: Writers): readonly Operation[] {
  const path = '/composite/sobjects';
  return [
    { method: 'POST', path, name: 'create records', run: (call) => writeEach(writers, call, createOne) },
    { method: 'PATCH', path, name: 'update records', run: (call) => writeEach(writers, call, updateOne) },
    { method: 'DELETE', path, name: 'delete records', run: (call) => deleteEach(writers, call) },
    {
      method: 'GET',
      path: `${path}/:object`,
      name: 'get records',
      run: (call) => readEach(writers.org, call, listIn(call, 'ids'), listIn(call, 'fields')),
    },
    {
      method: 'POST',
      path: `${path}/:object`,
      name: 'get records',
      run: (call) => {
        const { ids, fields } = bodyOf(call);
        return readEach(writers.org, call, textsOf(ids, 'ids'), textsOf(fields, 'fields'));
      },
    },
    { method: 'PATCH', path: `${path}/:object/:field`, name: 'upsert records', run: (call) => upsertEach(writers, call) },
  ];
}

type WriteOne = (writers: Writers, call: Call, body: Body) => RecordResult;

function writeEach(writers: Writers, call: Call, writeOne: WriteOne): Answer {
  const { records, allOrNone } = bodyOf(call);
  if (!Array.isArray(records)) throw badRequest('JSON_PARSER_ERROR', 'records: expected a list of records');
  checkCount(records.length);
  return eachOf(
    writers.org,
    records.map((record) => objectOf(record)),
    {
      isAllOrNone: flag(allOrNone, 'allOrNone'),
      call,
      write: (record) => writeOne(writers, call, record),
    },
  );
}

function checkCount(count: number): void {
  if (count > MOST_RECORDS)
    throw badRequest('EXCEEDED_ID_LIMIT', `record limit reached. cannot submit more than ${MOST_RECORDS} records into this call`);
}

const ROLLED_BACK: RecordError = {
  statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  message: 'Record rolled back because not all records were valid and the request was using AllOrNone header',
  fields: [],
};

/** The answer that undoes what was done. */
class RolledBack extends Error {}

interface Each<T> {
  readonly isAllOrNone: boolean;
  readonly call: Call;
  readonly write: (input: T) => RecordResult;
}

function eachOf<T>(org: Org, inputs: readonly T[], { isAllOrNone, call, write }: Each<T>): Answer {
  let results: RecordResult[] = [];
  const { effect, records } = call.trace;
  const attempt = (input: T): RecordResult => {
    try {
      return org.transaction(() => write(input));
    } catch (error) {
      if (error instanceof SalesforceError) return { success: false, errors: [error.forRecord()] };
      throw error;
    }
  };
  try {
    org.transaction(() => {
      results = inputs.map(attempt);
      if (isAllOrNone && results.some(({ success }) => !success)) throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
    Object.assign(call.trace, { effect, records });
    results = results.map((result) => (result.success ? { success: false, errors: [ROLLED_BACK] } : result));
  }
  return { status: 200, body: results };
}

function objectNamedIn(org: Org, body: Body): ObjectDefinition {
  const attributes = body['attributes'];
  const type: unknown = typeof attributes === 'object' && attributes !== null ? (attributes as Body)['type'] : undefined;
  const object = typeof type === 'string' ? org.schema.find(type) : undefined;
  if (object === undefined)
    throw badRequest(
      'INVALID_TYPE',
      `sObject type '${typeof type === 'string' ? type : ''}' is not supported. Expected attributes.type to name an object.`,
    );
  return object;
}

function createOne(writers: Writers, call: Call, body: Body): RecordResult {
  const record = createRecord(writers, call.session, objectNamedIn(writers.org, body), body);
  did(call.trace, 'create');
  return { id: record.id, success: true, errors: [] };
}

function updateOne(writers: Writers, call: Call, body: Body): RecordResult {
  const object = objectNamedIn(writers.org, body);
  const [idName = 'Id', given] = Object.entries(body).find(([name]) => name.toLowerCase() === 'id') ?? [];
  if (typeof given !== 'string') throw badRequest('MISSING_ARGUMENT', 'Id not specified in an update call', []);
  const record = liveRecord(writers.org, object, given);
  updateRecord(writers, call.session, record, Object.fromEntries(Object.entries(body).filter(([name]) => name !== idName)));
  did(call.trace, 'update');
  return { id: record.id, success: true, errors: [] };
}

function liveRecord(org: Org, object: ObjectDefinition | null, given: string): SalesforceRecord {
  const id = wellFormedId(given);
  if (id === null) throw malformedId(given);
  const record = org.any(id);
  if (record === undefined || (object !== null && record.object !== object.name)) throw noSuchRecord();
  if (record.deletedMs !== null) throw isDeleted();
  return record;
}

function deleteEach(writers: Writers, call: Call): Answer {
  const ids = listIn(call, 'ids');
  checkCount(ids.length);
  return eachOf(writers.org, ids, {
    isAllOrNone: flag(call.query.get('allOrNone'), 'allOrNone'),
    call,
    write: (given) => {
      const record = liveRecord(writers.org, null, given);
      deleteRecord(writers, call.session, record);
      did(call.trace, 'delete');
      return { id: record.id, success: true, errors: [] };
    },
  });
}

function upsertEach(writers: Writers, call: Call): Answer {
  const { org } = writers;
  const object = org.schema.object(param(call, 'object'));
  const field = keyField(org, object, param(call, 'field'));
  if (field === null)
    throw badRequest(
      'INVALID_FIELD',
      `Field name provided, ${param(call, 'field')} is not an External ID or indexed field for ${object.name}`,
    );
  const { records } = bodyOf(call);
  const keys = (Array.isArray(records) ? records : []).map((record: unknown) => keyIn(objectOf(record), field));
  const doubled = new Set(keys.filter((key, index) => key !== '' && keys.indexOf(key) !== index));
  return writeEach(writers, call, (_, __, body) => {
    if (objectNamedIn(org, body) !== object) throw badRequest('INVALID_TYPE', `expected records of ${object.name} only`);
    const key = keyIn(body, field);
    if (doubled.has(key)) throw badRequest('DUPLICATE_VALUE', `Duplicate external id specified: ${key}`, [field.name]);
    return upsertOne(writers, call, { object, field, body });
  });
}

/** The value of the key, as it is compared. */
function keyIn(body: Body, field: FieldDefinition): string {
  const [, value] = Object.entries(body).find(([name]) => name.toLowerCase() === field.name.toLowerCase()) ?? [];
  return value === undefined || value === null ? '' : String(value).trim().toLowerCase();
}

function upsertOne(
  writers: Writers,
  call: Call,
  { object, field, body }: { readonly object: ObjectDefinition; readonly field: FieldDefinition; readonly body: Body },
): RecordResult {
  const [name, given] = Object.entries(body).find(([key]) => key.toLowerCase() === field.name.toLowerCase()) ?? [];
  if (name === undefined || given === null || given === '') throw badRequest('MISSING_ARGUMENT', `${field.name} not specified`, []);
  const rest = Object.fromEntries(Object.entries(body).filter(([key]) => key !== name));
  const found =
    field.type === 'id' ? [liveRecord(writers.org, object, String(given))] : writers.org.holders(object, field, keptValue(field, given));
  const [record] = found;
  if (found.length > 1)
    throw badRequest(
      'DUPLICATE_EXTERNAL_ID',
      `${field.name}: more than one record found for external id field: [${found.map(({ id }) => id).join(', ')}]`,
      [],
    );
  if (record === undefined) {
    const made = createRecord(writers, call.session, object, { ...rest, [field.name]: given });
    did(call.trace, 'create');
    return { id: made.id, success: true, errors: [], created: true };
  }
  updateRecord(writers, call.session, record, rest);
  did(call.trace, 'update');
  return { id: record.id, success: true, errors: [], created: false };
}

function readEach(org: Org, call: Call, ids: readonly string[], names: readonly string[]): Answer {
  const object = org.schema.object(param(call, 'object'));
  if (ids.length > MOST_READ)
    throw badRequest('EXCEEDED_ID_LIMIT', `record limit reached. cannot submit more than ${MOST_READ} records into this call`);
  const fields = fieldsNamed(org, object, names);
  const found = ids.map((given) => {
    const id = wellFormedId(given);
    if (id === null) throw malformedId(given);
    const record = org.find(object, id);
    return record?.deletedMs === null ? shown(call.version, record, fields) : null;
  });
  did(call.trace, 'read', found.filter((record) => record !== null).length);
  return { status: 200, body: found };
}

function listIn(call: Call, name: string): readonly string[] {
  const texts = (call.query.get(name) ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (texts.length === 0) throw badRequest('MISSING_ARGUMENT', `The ${name} parameter is required`);
  return texts;
}

function textsOf(value: unknown, name: string): readonly string[] {
  if (Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === 'string')) return value;
  throw badRequest('JSON_PARSER_ERROR', `${name}: expected a list of texts`);
}
