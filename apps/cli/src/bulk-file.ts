/**
 * A bulk change of a CRM as people write it down: YAML with named steps, or CSV with a row a record. Everything wrong with a file is told at once, by line.
 */
import { parse as parseCsv } from 'csv-parse/sync';
import { CsvError } from 'csv-parse';
import { isMap, isSeq, LineCounter, parseDocument } from 'yaml';
import type { ChangeSetRequest, RequestedStepInput } from '@lockstep/api/change-set-schemas.ts';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

type Steps = ChangeSetRequest['steps'];
type RequestedRecord = NonNullable<RequestedStepInput['record']>;
type Scalar = NonNullable<RequestedStepInput['fields']>[string];

/** What the command line says besides the file; a file's own words come first. */
export interface BulkDefaults {
  readonly connectionId?: string | undefined;
  readonly object?: string | undefined;
  readonly reason?: string | undefined;
}

/** Reads a file's text; `name` decides on the format (.csv, else YAML, of which JSON is a part) and is shown in messages. Throws `CommandFailure`. */
export function readBulk(text: string, name: string, defaults: BulkDefaults): ChangeSetRequest {
  const problems: string[] = [];
  const complain = (place: string, message: string): void => void problems.push(`${place}: ${message}`);
  const request = name.endsWith('.csv') ? fromCsv(text, name, defaults, complain) : fromYaml(text, name, defaults, complain);
  if (request.reason === '') complain(name, 'reason: expected why this is done (`reason:` in the file, or --reason), got none');
  if (request.steps.length === 0 && problems.length === 0) complain(name, 'steps: expected at least one, got none');
  if (problems.length > 0) throw new CommandFailure(EXIT.failed, 'bad_file', problems.join('\n  '));
  return request;
}

type Complain = (place: string, message: string) => void;

const VERBS = {
  set: 'set-fields',
  assign: 'assign-owner',
  create: 'create',
  task: 'create-task',
  associate: 'associate',
  dissociate: 'dissociate',
  archive: 'archive',
  restore: 'restore',
} as const;
type Verb = keyof typeof VERBS;
const isVerb = (word: string): word is Verb => Object.hasOwn(VERBS, word);
const KEYS = new Set(['connection', 'record', 'fields', 'owner', 'to', 'with', 'label', 'name']);

function fromYaml(text: string, name: string, defaults: BulkDefaults, complain: Complain): ChangeSetRequest {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  for (const error of document.errors) complain(`${name}:${lines.linePos(error.pos[0]).line}`, error.message.split('\n')[0] ?? error.code);
  const root: unknown = document.errors.length > 0 ? {} : document.toJS();
  if (!isObject(root)) {
    complain(name, 'expected `reason`, `connection` and `steps`, got no such document');
    return { reason: '-', steps: [] };
  }
  for (const key of Object.keys(root))
    if (!['version', 'reason', 'connection', 'confidence', 'steps'].includes(key))
      complain(name, `${key}: expected version, reason, connection, confidence or steps`);
  const list = isMap(document.contents) ? document.contents.get('steps') : null;
  const lineOf = (index: number): number => {
    const node = isSeq(list) ? list.items[index] : null;
    return isMap(node) && node.range ? lines.linePos(node.range[0]).line : 1;
  };
  const given = Array.isArray(root['steps']) ? (root['steps'] as unknown[]) : [];
  const names = new Map(
    given.flatMap((step, index) => (isObject(step) && typeof step['name'] === 'string' ? [[step['name'], index]] : [])),
  );
  const own = { ...defaults, ...(typeof root['connection'] === 'string' ? { connectionId: root['connection'] } : {}) };
  const steps = given.flatMap((step, index): Steps => {
    const place = `${name}:${lineOf(index)}`;
    const read = isObject(step) ? stepOf(step, { place, names, defaults: own, complain }) : null;
    if (!isObject(step)) complain(place, 'expected a step such as `assign: contacts`, got something else');
    return read === null ? [] : [read];
  });
  const confidence = typeof root['confidence'] === 'number' ? { confidence: root['confidence'] } : {};
  return { reason: typeof root['reason'] === 'string' ? root['reason'] : (defaults.reason ?? ''), steps, ...confidence };
}

interface StepContext {
  readonly place: string;
  readonly names: ReadonlyMap<string, number>;
  readonly defaults: BulkDefaults;
  readonly complain: Complain;
}

function stepOf(step: Readonly<Record<string, unknown>>, context: StepContext): RequestedStepInput | null {
  const { place, defaults, complain } = context;
  const [verb, ...more] = Object.keys(step).filter(isVerb);
  for (const key of Object.keys(step)) if (!isVerb(key) && !KEYS.has(key)) complain(place, `${key}: expected ${[...KEYS].join(', ')}`);
  const object = verb === undefined ? undefined : step[verb];
  if (verb === undefined || more.length > 0 || typeof object !== 'string') {
    complain(place, `expected one of ${Object.keys(VERBS).join(', ')} with the CRM's name of an object, such as \`assign: contacts\``);
    return null;
  }
  const connectionId = typeof step['connection'] === 'string' ? step['connection'] : defaults.connectionId;
  if (connectionId === undefined) {
    complain(place, 'connection: expected one (`connection: hubspot` in the file, or --connection), got none');
    return null;
  }
  const ends = [...(step['to'] === undefined ? [] : [{ ...asObject(step['to']), label: step['label'] ?? null }]), ...asList(step['with'])];
  return {
    ...{ place, operation: VERBS[verb], connectionId, object },
    record: step['record'] === undefined ? null : recordOf(step['record'], context),
    fields: fieldsOf(step['fields'], context),
    owner: typeof step['owner'] === 'string' ? step['owner'] : null,
    associations: ends.flatMap((end) => endOf(end, context)),
  };
}

/** `{ companies: 55, label: primary }` */
function endOf(end: unknown, context: StepContext): NonNullable<RequestedStepInput['associations']> {
  const { label = null, ...rest } = asObject(end);
  const [object, ...more] = Object.keys(rest);
  const record = object === undefined || more.length > 0 ? null : recordOf(rest[object], context);
  if (object === undefined || record === null) {
    context.complain(context.place, 'to: expected an object and a record, such as `{ companies: 55 }`');
    return [];
  }
  return [{ object, record, label: typeof label === 'string' ? label : null }];
}

/** `55`, `"55"`, `{ email: ann@acme.example }`, `{ step: call }` */
function recordOf(value: unknown, { place, names, complain }: StepContext): RequestedRecord | null {
  if (typeof value === 'string' || typeof value === 'number') return { id: String(value) };
  const [entry, ...more] = Object.entries(asObject(value));
  if (entry === undefined || more.length > 0 || !isScalar(entry[1]) || entry[1] === null) {
    complain(place, 'record: expected an id, or one unique field such as `{ email: ann@acme.example }`');
    return null;
  }
  const [field, text] = [entry[0], String(entry[1])];
  if (field !== 'step') return { field, value: text };
  const step = names.get(text);
  if (step !== undefined) return { step };
  complain(place, `record: expected the name of an earlier step, got ${text}`);
  return null;
}

function fieldsOf(value: unknown, { place, complain }: StepContext): Record<string, Scalar> {
  if (value === undefined) return {};
  if (!isObject(value)) complain(place, 'fields: expected names and values, got something else');
  const fields: Record<string, Scalar> = {};
  for (const [field, one] of Object.entries(asObject(value))) {
    if (isScalar(one)) fields[field] = one;
    else complain(place, `${field}: expected a text, a number, true, false or null`);
  }
  return fields;
}

/** A cell that clears the field; an empty one leaves it alone. */
const CLEAR = '(empty)';
const CSV_COLUMNS = new Set(['operation', 'object', 'record', 'owner', 'connection']);

function fromCsv(text: string, name: string, defaults: BulkDefaults, complain: Complain): ChangeSetRequest {
  const reason = defaults.reason ?? '';
  let rows: { record: Record<string, string>; info: { lines: number } }[];
  try {
    rows = parseCsv(text, { columns: true, bom: true, trim: true, skip_empty_lines: true, info: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    complain(name, error.message);
    return { reason, steps: [] };
  }
  return { reason, steps: rows.flatMap(({ record, info }) => csvStep(record, `${name}:${info.lines}`, defaults, complain)) };
}

function csvStep(row: Readonly<Record<string, string>>, place: string, defaults: BulkDefaults, complain: Complain): Steps {
  const cell = (column: string): string | undefined => (row[column] === '' ? undefined : row[column]);
  const keyColumn = Object.keys(row).find((column) => column.startsWith('record.') && row[column] !== '');
  const fields = Object.fromEntries(
    Object.entries(row).flatMap(([column, value]) =>
      CSV_COLUMNS.has(column) || column.startsWith('record.') || value === '' ? [] : [[column, value === CLEAR ? null : value]],
    ),
  );
  const owner = cell('owner') ?? null;
  const verb = cell('operation') ?? (owner !== null ? 'assign' : 'set');
  const [object, connectionId] = [cell('object') ?? defaults.object, cell('connection') ?? defaults.connectionId];
  const step = { place, fields, owner, associations: [] };
  if (!isVerb(verb) || verb === 'associate' || verb === 'dissociate')
    complain(place, `operation: expected set, assign, create, task, archive or restore (associations are for YAML), got ${verb}`);
  else if (object === undefined) complain(place, 'object: expected one (a column `object`, or --object), got none');
  else if (connectionId === undefined) complain(place, 'connection: expected one (a column `connection`, or --connection), got none');
  else {
    const id = cell('record');
    const record =
      id !== undefined
        ? { id }
        : keyColumn === undefined
          ? null
          : { field: keyColumn.slice('record.'.length), value: row[keyColumn] ?? '' };
    return [{ ...step, operation: VERBS[verb], object, connectionId, record }];
  }
  return [];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const asObject = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
