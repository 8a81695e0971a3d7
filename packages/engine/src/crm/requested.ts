/**
 * From a bulk change as people write it to operations on records: ids by unique fields, owners by e-mail, every field held against the CRM's own schema.
 * Reads only; a look-up is one call per (object, field) and batch, never one a step.
 */
import type { Association, CrmFields, CrmValue, Operation, Target } from '@lockstep/domain/crm/change-set.ts';
import type { Crm, CrmField, CrmObject } from '@lockstep/domain/crm/crm.port.ts';
import type { RequestedRecord, RequestedStep, RequestProblem } from '@lockstep/domain/crm/requested.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';

/** The operations, in the order of the request; or everything that is wrong with it, and no operation. */
export type Resolved =
  | { readonly operations: readonly Operation[] }
  | { readonly operations: null; readonly problems: readonly RequestProblem[] };

/** Throws `ConnectorError` where a CRM cannot be asked. */
export async function resolveRequest(crms: ReadonlyMap<string, Crm>, steps: readonly RequestedStep[]): Promise<Resolved> {
  const problems: RequestProblem[] = [];
  const known = steps.filter((step) => {
    if (crms.has(step.connectionId)) return true;
    problems.push(
      said(step, `connection: expected a CRM (${[...crms.keys()].join(', ') || 'none is configured'}), got ${step.connectionId}`),
    );
    return false;
  });
  const found = await lookUp(crms, known);
  problems.push(...found.problems);
  const request = { steps, order: new Map(steps.map((step, index) => [step, index])) };
  const operations = known.map((step) => operationOf(step, request, found, problems));
  const places = new Map(steps.map(({ place }, index) => [place, index]));
  const orderOf = ({ place }: RequestProblem): number => places.get(place) ?? 0;
  if (problems.length > 0) return { operations: null, problems: problems.toSorted((a, b) => orderOf(a) - orderOf(b)) };
  return { operations: operations.filter((operation) => operation !== null) };
}

interface Request {
  readonly steps: readonly RequestedStep[];
  readonly order: ReadonlyMap<RequestedStep, number>;
}

interface Found {
  readonly objects: ReadonlyMap<string, CrmObject>;
  readonly records: ReadonlyMap<string, string>;
  readonly owners: ReadonlyMap<string, string>;
  readonly problems: readonly RequestProblem[];
}

type Keyed = Extract<RequestedRecord, { field: string }>;

async function lookUp(crms: ReadonlyMap<string, Crm>, steps: readonly RequestedStep[]): Promise<Found> {
  const objects = new Map<string, CrmObject>();
  const records = new Map<string, string>();
  const owners = new Map<string, string>();
  const problems: RequestProblem[] = [];
  for (const [connectionId, crm] of crms) {
    const here = steps.filter((step) => step.connectionId === connectionId);
    for (const object of new Set(here.flatMap(objectsOf))) {
      const described = await describeOrNull(crm, object);
      if (described !== null) objects.set(keyOf(connectionId, object), described);
      else
        problems.push(
          ...here
            .filter((step) => objectsOf(step).includes(object))
            .map((step) => said(step, `object: expected one of ${connectionId}, got ${object}`)),
        );
    }
    for (const { object, field, values } of wantedKeys(here)) {
      // One that the object does not have is said of every step that names it.
      if (objects.get(keyOf(connectionId, object))?.fields.has(field) !== true) continue;
      for (const [value, id] of await crm.findByKey(object, field, values))
        records.set(recordKey(connectionId, object, { field, value }), id);
    }
    const emails = [...new Set(here.flatMap(({ owner }) => (owner === null ? [] : [owner])))];
    if (emails.length > 0) for (const [email, id] of await crm.ownersByEmail(emails)) owners.set(keyOf(connectionId, email), id);
  }
  return { objects, records, owners, problems };
}

async function describeOrNull(crm: Crm, object: string): Promise<CrmObject | null> {
  try {
    return await crm.describe(object);
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'NotFound') return null;
    throw error;
  }
}

function wantedKeys(steps: readonly RequestedStep[]): readonly { object: string; field: string; values: readonly string[] }[] {
  const wanted = new Map<string, { object: string; field: string; values: Set<string> }>();
  const want = (object: string, record: RequestedRecord | null): void => {
    if (record === null || !('field' in record)) return;
    const entry = wanted.get(keyOf(object, record.field)) ?? { object, field: record.field, values: new Set<string>() };
    entry.values.add(record.value);
    wanted.set(keyOf(object, record.field), entry);
  };
  for (const step of steps) {
    want(step.object, step.record);
    for (const { object, record } of step.associations) want(object, record);
  }
  return [...wanted.values()].map((entry) => ({ ...entry, values: [...entry.values] }));
}

function operationOf(step: RequestedStep, request: Request, found: Found, problems: RequestProblem[]): Operation | null {
  const complain = (message: string): null => {
    problems.push(said(step, message));
    return null;
  };
  const described = found.objects.get(keyOf(step.connectionId, step.object));
  if (described === undefined) return null;
  const before = problems.length;
  const fields = ownedFields(step, described, found, complain);
  for (const [name, value] of Object.entries(fields)) checkField(described, name, value, complain);
  const associations = step.associations.flatMap(({ object, record, label }): Association[] => {
    const to = targetOf(step, object, record, request, found, complain);
    return to === null ? [] : [{ to, label }];
  });
  const operation = built(step, fields, associations, (record) => targetOf(step, step.object, record, request, found, complain), complain);
  return problems.length > before ? null : operation;
}

type Complain = (message: string) => null;

function built(
  { operation: kind, object, connectionId, record }: RequestedStep,
  fields: CrmFields,
  associations: readonly Association[],
  target: (record: RequestedRecord) => Target | null,
  complain: Complain,
): Operation | null {
  if (kind === 'create' || kind === 'create-task') return { kind, connectionId, object, fields, associations };
  if (record === null) return complain(`record: expected the one to ${kind}, got none`);
  const on = target(record);
  if (on === null) return null;
  if (kind === 'archive' || kind === 'restore') return { kind, target: on };
  if (kind === 'associate' || kind === 'dissociate') {
    const [association, ...more] = associations;
    return association === undefined || more.length > 0
      ? complain(`to: expected one record to ${kind}, got ${associations.length}`)
      : { kind, target: on, association };
  }
  return Object.keys(fields).length === 0 ? complain(`fields: expected at least one to set, got none`) : { kind, target: on, fields };
}

function ownedFields(step: RequestedStep, described: CrmObject, found: Found, complain: Complain): CrmFields {
  if (step.owner === null) return step.fields;
  if (described.ownerField === null) {
    complain(`owner: expected an object that has owners, got ${step.object}`);
    return step.fields;
  }
  const id = found.owners.get(keyOf(step.connectionId, step.owner));
  if (id === undefined) complain(`owner: expected the e-mail of a user of ${step.connectionId}, got one that it does not know`);
  return { ...step.fields, [described.ownerField]: id ?? null };
}

function checkField(object: CrmObject, name: string, value: CrmValue, complain: Complain): void {
  const field = object.fields.get(name);
  if (field === undefined) complain(`${name}: expected a field of ${object.object}, got none of that name`);
  else if (!field.isWritable) complain(`${name}: expected a field that may be written, got a read-only one of ${object.object}`);
  else if (!isOption(field, value)) complain(`${name}: expected ${choicesOf(field)}, got ${JSON.stringify(value)}`);
}

function isOption({ options, type }: CrmField, value: CrmValue): boolean {
  if (options === null || value === null || value === '') return true;
  const chosen = type === 'choices' ? String(value).split(';') : [String(value)];
  return chosen.every((one) => options.includes(one));
}

const MOST_CHOICES = 8;

function choicesOf({ options }: CrmField): string {
  const all = options ?? [];
  return `one of ${all.slice(0, MOST_CHOICES).join(', ')}${all.length > MOST_CHOICES ? ` and ${all.length - MOST_CHOICES} more` : ''}`;
}

function targetOf(
  step: RequestedStep,
  object: string,
  record: RequestedRecord,
  request: Request,
  found: Found,
  complain: Complain,
): Target | null {
  const { connectionId } = step;
  if ('id' in record) return { connectionId, object, recordId: record.id };
  if ('step' in record) {
    const creating = request.steps[record.step];
    const isEarlier = creating !== undefined && (request.order.get(step) ?? 0) > record.step && creating.operation.startsWith('create');
    return isEarlier && creating.object === object && creating.connectionId === connectionId
      ? { connectionId, object, createdBy: record.step }
      : complain(`record: expected an earlier step that creates one of ${object}, got ${creating?.place ?? `step ${record.step + 1}`}`);
  }
  if (found.objects.get(keyOf(connectionId, object))?.fields.has(record.field) !== true)
    return complain(`record: expected a field of ${object} to find it by, got ${record.field}`);
  const recordId = found.records.get(recordKey(connectionId, object, record));
  return recordId === undefined
    ? complain(`record: expected one of ${object} by ${record.field}, found none`)
    : { connectionId, object, recordId };
}

const objectsOf = (step: RequestedStep): readonly string[] => [step.object, ...step.associations.map(({ object }) => object)];
const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);
const recordKey = (connectionId: string, object: string, { field, value }: Keyed): string => keyOf(connectionId, object, field, value);
const said = ({ place }: RequestedStep, message: string): RequestProblem => ({ place, message });
