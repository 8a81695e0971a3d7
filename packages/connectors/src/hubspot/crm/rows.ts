/**
 * Writes row by row. HubSpot answers 207 and names the bad rows, or refuses the whole batch for one of them (400, 404, 409), in which case nothing was
 * written: then it is halved until the bad rows stand alone. A row is written as it was asked for or not at all.
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { concerns, rowFailure } from '../errors.ts';
import type { WireError } from '../wire.ts';

export interface Row<T> {
  readonly value: T;
  /** What answers and errors name the row by. The first is distinct in a batch. */
  readonly names: readonly [string, ...string[]];
}

export type RowOutcome<R> = { readonly ok: true; readonly result: R } | { readonly ok: false; readonly error: ConnectorError };

export interface RowAnswer<R> {
  /** By the first name of the row. */
  readonly results: ReadonlyMap<string, R>;
  readonly errors: readonly WireError[];
}

export interface RowsRequest<T, R> {
  readonly rows: readonly Row<T>[];
  /** For messages. */
  readonly place: string;
  readonly send: (rows: readonly Row<T>[]) => Promise<RowAnswer<R>>;
}

/** Refusals that may be about one row of many. All others are about the call. */
const ABOUT_ROWS = new Set(['Invalid', 'Conflict', 'NotFound']);

/** An outcome for each row, by its first name. Rejects only with what is no `ConnectorError`. */
export async function settleRows<T, R>(request: RowsRequest<T, R>): Promise<ReadonlyMap<string, RowOutcome<R>>> {
  const outcomes = new Map<string, RowOutcome<R>>();
  if (request.rows.length > 0) await settle(request, request.rows, outcomes);
  return outcomes;
}

type Outcomes<R> = Map<string, RowOutcome<R>>;

async function settle<T, R>(request: RowsRequest<T, R>, rows: readonly Row<T>[], outcomes: Outcomes<R>): Promise<void> {
  let answer: RowAnswer<R>;
  try {
    answer = await request.send(rows);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    if (rows.length === 1 || !ABOUT_ROWS.has(error.code)) return fail(rows, error, outcomes);
    const middle = Math.ceil(rows.length / 2);
    await settle(request, rows.slice(0, middle), outcomes);
    return settle(request, rows.slice(middle), outcomes);
  }
  const unclear: Row<T>[] = [];
  for (const row of rows) {
    const [name] = row.names;
    const result = answer.results.get(name);
    const error = rows.length === 1 ? answer.errors[0] : answer.errors.find((candidate) => concerns(candidate, row.names));
    if (error !== undefined) outcomes.set(name, { ok: false, error: rowFailure(error, request.place, 'codes') });
    else if (result !== undefined) outcomes.set(name, { ok: true, result });
    else unclear.push(row);
  }
  if (unclear.length === 0) return undefined;
  if (answer.errors.length > 0 && rows.length > 1) {
    // They were refused, under names that we cannot read.
    for (const row of unclear) await settle(request, [row], outcomes);
    return undefined;
  }
  const lost = new ConnectorError('OutcomeUnknown', `HubSpot ${request.place}: expected a result for each row, got none`);
  return fail(unclear, lost, outcomes);
}

function fail<T, R>(rows: readonly Row<T>[], error: ConnectorError, outcomes: Outcomes<R>): void {
  for (const row of rows) outcomes.set(row.names[0], { ok: false, error });
}
