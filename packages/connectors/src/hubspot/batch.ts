/**
 * A batch of writes, row by row. HubSpot answers 207 and names the bad rows, or refuses the whole batch for one of them (400, 409): then it is halved
 * until the bad rows stand alone, so that the good ones are written once and each bad one has its own reason (J04).
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { concerns, PropertyRefusal, rowFailure } from './errors.ts';
import type { WireBatch, WireError, WireObject } from './wire.ts';

export interface BatchRow {
  /** What answers and errors name the row by: the id, the marker or the trace id that was sent. Distinct in a batch. */
  readonly key: string;
  readonly properties: Readonly<Record<string, string>>;
}

export type RowOutcome =
  | { readonly written: true; readonly task: WireObject; readonly left: readonly LeftOut[] }
  | { readonly written: false; readonly error: ConnectorError };

/** A property that HubSpot refused and without which the row was written (J08). */
interface LeftOut {
  readonly property: string;
  readonly error: ConnectorError;
}

export interface BatchRequest {
  readonly rows: readonly BatchRow[];
  readonly place: string;
  /** Never left out, whatever HubSpot says about them. */
  readonly required: ReadonlySet<string>;
  readonly inputOf: (row: BatchRow) => Json;
  readonly keyOf: (task: WireObject) => string | null;
  readonly send: (inputs: readonly Json[]) => Promise<WireBatch>;
}

/** Refusals that may be about one row of many. All others are about the call. */
const ABOUT_ROWS = new Set(['Invalid', 'Conflict', 'NotFound']);

/** Sends the rows and returns an outcome for each, by key. Never rejects with a `ConnectorError`. */
export async function writeRows(request: BatchRequest): Promise<ReadonlyMap<string, RowOutcome>> {
  const outcomes: Outcomes = new Map();
  if (request.rows.length > 0) await settle({ ...request, contested: new Set() }, request.rows, outcomes);
  return outcomes;
}

type Outcomes = Map<string, RowOutcome>;
/** `contested`: rows that were sent again after a 409. */
type Sending = BatchRequest & { readonly contested: Set<string> };

async function settle(request: Sending, rows: readonly BatchRow[], outcomes: Outcomes): Promise<void> {
  let answer: WireBatch;
  try {
    answer = await request.send(rows.map(request.inputOf));
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    if (!ABOUT_ROWS.has(error.code)) fail(rows, error, outcomes);
    else if (rows.length > 1) await halve(request, rows, outcomes);
    else
      await sendAgain(
        request,
        rows.flatMap((row) => secondTry(request, row, error, outcomes)),
        outcomes,
      );
    return;
  }
  const written = new Map(answer.results.flatMap((task) => keyed(request.keyOf(task), task)));
  const errors = answer.errors ?? [];
  const unclear: BatchRow[] = [];
  const again: SecondTry[] = [];
  for (const row of rows) {
    const task = written.get(row.key);
    const error = rows.length === 1 ? errors[0] : errors.find((candidate) => concerns(candidate, [row.key]));
    if (task !== undefined) outcomes.set(row.key, { written: true, task, left: [] });
    else if (error === undefined) unclear.push(row);
    else again.push(...secondTry(request, row, rowFailure(error, request.place), outcomes));
  }
  await sendAgain(request, again, outcomes);
  await settleUnclear(request, { rows, unclear, errors }, outcomes);
}

/** Rows with neither a result nor an error of their own. Where the answer has errors, they were refused and are asked about one by one. */
async function settleUnclear(
  request: Sending,
  { rows, unclear, errors }: { rows: readonly BatchRow[]; unclear: readonly BatchRow[]; errors: readonly WireError[] },
  outcomes: Outcomes,
): Promise<void> {
  if (errors.length > 0 && rows.length > 1) {
    for (const row of unclear) await settle(request, [row], outcomes);
    return;
  }
  const error = new ConnectorError('OutcomeUnknown', `HubSpot ${request.place}: expected a result for each row, got none`);
  fail(unclear, error, outcomes);
}

async function halve(request: Sending, rows: readonly BatchRow[], outcomes: Outcomes): Promise<void> {
  const middle = Math.ceil(rows.length / 2);
  await settle(request, rows.slice(0, middle), outcomes);
  await settle(request, rows.slice(middle), outcomes);
}

interface SecondTry {
  readonly row: BatchRow;
  readonly left: readonly LeftOut[];
}

/**
 * What a refused row is sent again as: without the properties that the refusal names, where it names some and others are left. A row that contends with
 * another record (409) is sent once more, since the other writer may have been ourselves; what contends still is no concurrent edit and never goes away.
 * Empty where the refusal stands.
 */
function secondTry(request: Sending, row: BatchRow, error: ConnectorError, outcomes: Outcomes): readonly SecondTry[] {
  if (error.code === 'Conflict') {
    const isContested = request.contested.has(row.key);
    request.contested.add(row.key);
    if (!isContested) return [{ row, left: [] }];
    outcomes.set(row.key, { written: false, error: new ConnectorError('Invalid', error.message) });
    return [];
  }
  const named = error instanceof PropertyRefusal ? error.properties.filter((name) => name in row.properties) : [];
  const rest = Object.fromEntries(Object.entries(row.properties).filter(([name]) => !named.includes(name)));
  if (named.length === 0 || named.some((name) => request.required.has(name)) || Object.keys(rest).length === 0) {
    outcomes.set(row.key, { written: false, error });
    return [];
  }
  return [{ row: { ...row, properties: rest }, left: named.map((property) => ({ property, error })) }];
}

async function sendAgain(request: Sending, tries: readonly SecondTry[], outcomes: Outcomes): Promise<void> {
  if (tries.length === 0) return;
  await settle(
    request,
    tries.map(({ row }) => row),
    outcomes,
  );
  for (const { row, left } of tries) {
    const outcome = outcomes.get(row.key);
    if (outcome?.written === true) outcomes.set(row.key, { ...outcome, left: [...outcome.left, ...left] });
  }
}

function fail(rows: readonly BatchRow[], error: ConnectorError, outcomes: Outcomes): void {
  for (const row of rows) outcomes.set(row.key, { written: false, error });
}

const keyed = (key: string | null, task: WireObject): readonly (readonly [string, WireObject])[] => (key === null ? [] : [[key, task]]);
