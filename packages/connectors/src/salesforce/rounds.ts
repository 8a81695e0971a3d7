/**
 * A batch of writes, in rounds: a record that is refused for some of its fields is sent again without them, so that the others are written and each refusal
 * stands with its field (J08); a field that is gone is looked up again. What one record comes to changes nothing for the others (J04).
 */
import { isReference } from '@lockstep/domain/backlog/value.ts';
import type { FieldNotice, RemoteChange, RemoteDraft, WriteOutcome } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Catalogue, Fields } from './catalogue.ts';
import type { EncodedRow } from './encoding.ts';
import { FieldRefusal, isUnknownField } from './errors.ts';
import type { Reading } from './pull.ts';

/** Fields are left out that are refused, until none is: a second refusal may show another one. */
const MOST_ROUNDS = 4;

/** What one write has come to so far. */
export interface Attempt<W> {
  readonly write: W;
  readonly encoded: EncodedRow;
  /** Sent in the next round: the fields without those that were refused. */
  values: EncodedRow['values'];
  readonly refused: FieldNotice[];
  contested: boolean;
  outcome: WriteOutcome | null;
}

export type Encode<W> = (fields: Fields, write: W) => EncodedRow;
type Round<W> = (fields: Fields, attempts: readonly Attempt<W>[]) => Promise<readonly RoundResult[]>;
/** Of one write of a round. */
export type RoundResult =
  | { readonly error: ConnectorError }
  | { readonly outcome: (attempt: Pick<Attempt<unknown>, 'values'>) => Extract<WriteOutcome, { ok: true }> };

/** Rounds of sending, until each write has an outcome. */
export async function writeInRounds<W extends RemoteDraft | RemoteChange>(
  { catalogue, layout }: Reading,
  writes: readonly W[],
  encode: Encode<W>,
  send: Round<W>,
): Promise<readonly WriteOutcome[]> {
  let fields = await catalogue.fields();
  const begin = (one: W): Attempt<W> => {
    const encoded = encode(fields, one);
    return { write: one, encoded, values: encoded.values, refused: [...encoded.refused], contested: false, outcome: null };
  };
  let attempts = writes.map(begin);
  // A value or a field that was refused may be there by now.
  if (attempts.some(({ refused }) => refused.some(({ cause }) => cause === 'unwritable'))) {
    fields = await catalogue.fields(DOUBTED_AGE_MS);
    attempts = writes.map(begin);
  }
  const title = fields.field(layout.mapping.fields.title?.remote ?? '')?.name;
  const required = new Set([fields.kind.name, fields.marker.name, ...(title === undefined ? [] : [title])]);
  for (const attempt of attempts) attempt.outcome = decided(attempt);
  let isFresh = false;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const open = attempts.filter(({ outcome }) => outcome === null);
    if (open.length === 0) break;
    const results = await sent(send, fields, open);
    if (!isFresh && results.some((result) => 'error' in result && isUnknownField(result.error))) {
      // Nothing was written of a record whose field is not there: it is sent anew, with what is known now.
      isFresh = true;
      fields = await fresh(catalogue, fields);
    }
    for (const [index, attempt] of open.entries())
      settle(attempt, results[index] ?? UNANSWERED, { required, isLast: round === MOST_ROUNDS });
    for (const attempt of open)
      if (attempt.outcome === null && isFresh && !attempt.contested)
        Object.assign(attempt, narrowed(attempt, encode(fields, attempt.write)));
  }
  return attempts.map(({ outcome }) => outcome ?? { ok: false, error: UNANSWERED.error });
}

/** What is known now; what was known, where Salesforce does not answer: other records of the round are written, and their outcomes stand. */
async function fresh(catalogue: Catalogue, known: Fields): Promise<Fields> {
  try {
    return await catalogue.fields(0);
  } catch (error) {
    if (error instanceof ConnectorError) return known;
    throw error;
  }
}

/** What is known of the object is asked for again, but not for every batch. */
const DOUBTED_AGE_MS = 10_000;

export const UNANSWERED = { error: new ConnectorError('OutcomeUnknown', 'Salesforce: expected an outcome for each record, got none') };

/** A new encoding, without what was refused before. */
function narrowed<W>(attempt: Attempt<W>, encoded: EncodedRow): Pick<Attempt<W>, 'values' | 'encoded'> {
  const values = Object.fromEntries(Object.entries(encoded.values).filter(([name]) => name in attempt.values));
  for (const notice of encoded.refused) if (!attempt.refused.some(({ field }) => field === notice.field)) attempt.refused.push(notice);
  return { values, encoded };
}

/** Writes that need no call: nothing to change, or no title to make a record with. */
function decided<W extends RemoteDraft | RemoteChange>({ write: one, values, refused }: Attempt<W>): WriteOutcome | null {
  if ('before' in one) return Object.keys(values).length > 0 ? null : { ok: true, record: one.before, overwritten: [], refused };
  // A title that is cut is a title.
  const nameless = refused.find(({ field, cause }) => field === 'title' && cause !== 'clipped');
  return nameless === undefined ? null : { ok: false, error: new ConnectorError('Invalid', nameless.message) };
}

/** A call that fails has failed for each of its records. */
async function sent<W>(send: Round<W>, fields: Fields, open: readonly Attempt<W>[]): Promise<readonly RoundResult[]> {
  try {
    return await send(fields, open);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return open.map(() => ({ error }));
  }
}

/** Takes the result of a round, or leaves the attempt open with fewer fields. */
function settle<W>(
  attempt: Attempt<W>,
  result: RoundResult,
  { required, isLast }: { required: ReadonlySet<string>; isLast: boolean },
): void {
  if ('outcome' in result) {
    const outcome = result.outcome(attempt);
    attempt.outcome = { ...outcome, refused: [...attempt.refused, ...outcome.refused] };
    return;
  }
  const { error } = result;
  attempt.outcome = { ok: false, error };
  if (isLast) return;
  if (isUnknownField(error)) attempt.outcome = null;
  if (error.code === 'Conflict' && error.status !== 412) {
    // Another writer may have just made the record: the second time, the upsert finds it. What contends still never goes away.
    attempt.outcome = attempt.contested ? { ok: false, error: new ConnectorError('Invalid', error.message) } : null;
    attempt.contested = true;
  }
  const named = error instanceof FieldRefusal ? refusedNames(error, attempt) : [];
  const rest = Object.fromEntries(Object.entries(attempt.values).filter(([name]) => !named.includes(name)));
  if (named.length === 0 || named.some((name) => required.has(name)) || Object.keys(rest).length === 0) return;
  attempt.values = rest;
  attempt.outcome = null;
  for (const name of named) {
    const field = attempt.encoded.names.get(name) ?? null;
    attempt.refused.push({ field, cause: 'unwritable', message: `${field ?? name}: ${error.message}` });
  }
}

function refusedNames({ fields }: FieldRefusal, { values, encoded }: Pick<Attempt<unknown>, 'values' | 'encoded'>): readonly string[] {
  const concerns = (name: string): boolean => {
    const field = encoded.names.get(name);
    return fields.length > 0 ? fields.includes(name) : field !== undefined && isReference(field);
  };
  return Object.keys(values).filter(concerns);
}
