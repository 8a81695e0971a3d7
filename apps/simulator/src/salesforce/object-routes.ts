/** Objects and single records, by id. Source: the contract's `/sobjects…`. */
import { describedBriefly, described } from './describe.ts';
import { badRequest, isDeleted, malformedId, noSuchRecord, notFound } from './errors.ts';
import { wellFormedId } from './ids.ts';
import type { ObjectDefinition, SalesforceRecord } from './model.ts';
import { bodyOf, did, param } from './operations.ts';
import type { Answer, Call, Operation } from './operations.ts';
import type { Org } from './org.ts';
import { checkPreconditions } from './preconditions.ts';
import { attributesOf, fieldsNamed, shown } from './rendering.ts';
import { createRecord, deleteRecord, updateRecord } from './writing.ts';
import type { Writers } from './writing.ts';

const MOST_RECENT = 25;

export function objectOperations(writers: Writers): readonly Operation[] {
  const { org } = writers;
  return [
    { method: 'GET', path: '/sobjects', name: 'list objects', run: (call) => listed(org, call) },
    { method: 'GET', path: '/sobjects/:object', name: 'object', run: (call) => basic(org, call) },
    { method: 'POST', path: '/sobjects/:object', name: 'create record', run: (call) => create(writers, call) },
    {
      method: 'GET',
      path: '/sobjects/:object/describe',
      name: 'describe object',
      run: (call) => {
        did(call.trace, 'read');
        return { status: 200, body: described(call.version, org.schema.object(param(call, 'object')), org.schema) };
      },
    },
  ];
}

/** Registered after whatever else stands below an object's name: an id can be any word. */
export function recordOperations(writers: Writers): readonly Operation[] {
  return [
    { method: 'GET', path: '/sobjects/:object/:id', name: 'get record', run: (call) => read(writers.org, call) },
    { method: 'PATCH', path: '/sobjects/:object/:id', name: 'update record', run: (call) => update(writers, call) },
    { method: 'DELETE', path: '/sobjects/:object/:id', name: 'delete record', run: (call) => remove(writers, call) },
  ];
}

function listed({ schema }: Org, call: Call): Answer {
  did(call.trace, 'read', schema.objects.length);
  const sobjects = schema.objects.map((object) => describedBriefly(call.version, object));
  return { status: 200, body: { encoding: 'UTF-8', maxBatchSize: 200, sobjects } };
}

function basic(org: Org, call: Call): Answer {
  const object = org.schema.object(param(call, 'object'));
  did(call.trace, 'read');
  const recentItems = org
    .list(object)
    .slice(-MOST_RECENT)
    .toReversed()
    .map((record) => ({ attributes: attributesOf(call.version, record), Id: record.id, Name: record.values['Name'] ?? null }));
  return { status: 200, body: { objectDescribe: describedBriefly(call.version, object), recentItems } };
}

function create(writers: Writers, call: Call): Answer {
  const object = writers.org.schema.object(param(call, 'object'));
  const record = createRecord(writers, call.session, object, bodyOf(call));
  did(call.trace, 'create');
  const location = `/services/data/${call.version}/sobjects/${object.name}/${record.id}`;
  return { status: 201, body: { id: record.id, success: true, errors: [] }, headers: { location } };
}

function read(org: Org, call: Call): Answer {
  const object = org.schema.object(param(call, 'object'));
  const given = param(call, 'id');
  const id = wellFormedId(given);
  if (id === null) throw notFound(`Provided external ID field does not exist or is not accessible: ${given}`);
  const record = org.find(object, id);
  if (record === undefined) throw notFound();
  if (record.deletedMs !== null) throw isDeleted();
  return readRecord(org, call, record);
}

/** A record as it is shown, or 304 where the caller has it already. */
export function readRecord(org: Org, call: Call, record: SalesforceRecord): Answer {
  const object = org.schema.object(record.object);
  const fields = fieldsNamed(org, object, call.query.get('fields')?.split(',') ?? null);
  const isKnown = checkPreconditions(call, record, 'read');
  did(call.trace, 'read');
  const lastModified = record.values['LastModifiedDate'] ?? record.values['CreatedDate'];
  const headers = { 'last-modified': new Date(String(lastModified)).toUTCString() };
  return isKnown ? { status: 304, headers } : { status: 200, body: shown(call.version, record, fields), headers };
}

function update(writers: Writers, call: Call): Answer {
  const record = recordToWrite(writers.org, writers.org.schema.object(param(call, 'object')), param(call, 'id'));
  checkPreconditions(call, record, 'write');
  updateRecord(writers, call.session, record, bodyOf(call));
  did(call.trace, 'update');
  return { status: 204 };
}

function remove(writers: Writers, call: Call): Answer {
  const record = recordToWrite(writers.org, writers.org.schema.object(param(call, 'object')), param(call, 'id'));
  deleteRecord(writers, call.session, record);
  did(call.trace, 'delete');
  return { status: 204 };
}

/** The live record of an object that a write names. */
export function recordToWrite(org: Org, object: ObjectDefinition, given: string): SalesforceRecord {
  const id = wellFormedId(given);
  if (id === null) throw malformedId(given);
  if (org.schema.ofId(id) !== object && object.writable) throw badRequest('INVALID_CROSS_REFERENCE_KEY', `invalid cross reference id`, []);
  const record = org.find(object, id);
  if (record === undefined) throw noSuchRecord();
  if (record.deletedMs !== null) throw isDeleted();
  return record;
}
