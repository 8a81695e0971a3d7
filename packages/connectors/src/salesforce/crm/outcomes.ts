/** What a write has come to. A record is written as it was asked for or not at all. */
import type { CrmFields, Image } from '@lockstep/domain/crm/change-set.ts';
import type { CrmOutcome } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { errorsIn, recordFailure, salesforceFailure } from '../errors.ts';
import type { Row, SubAnswer, WireError } from '../wire.ts';
import { keyOf } from './client.ts';
import { imageFields } from './reading.ts';
import { OWNER_FIELD } from './schema.ts';
import type { Schema } from './schema.ts';
import { textOf } from './wire.ts';

export const failed = (error: ConnectorError, fields: readonly string[] = []): CrmOutcome => ({ ok: false, error, fields });

export const unanswered = (): CrmOutcome =>
  failed(new ConnectorError('OutcomeUnknown', 'Salesforce: expected an outcome for each record, got none'));

/** The refusal of a request of a composite's; `isThere`: whether the record that it is about was there right after it. */
export function refusedAnswer({ httpStatusCode: status, body }: SubAnswer, place: string, isThere = true): CrmOutcome {
  const error = salesforceFailure({ status, body, place, isReading: false, waitMs: null });
  return refused(error, errorsIn(body), { status, isThere });
}

/** The refusal of a record of a collection. */
export const refusedRecord = (errors: readonly WireError[], place: string, isThere = true): CrmOutcome =>
  refused(recordFailure(errors, place), errors, { status: null, isThere });

/** Codes of a record that is not there, or of what one of its lookups refers to: they say which by no means always. */
const GONE = new Set(['ENTITY_IS_DELETED', 'INVALID_CROSS_REFERENCE_KEY', 'NOT_FOUND']);

/** The owner who was written does not work there any more; Salesforce names no field with it. */
const INACTIVE_OWNER = 'INACTIVE_OWNER_OR_USER';

/**
 * `Conflict` is a precondition that does not hold and nothing else: a value that another record holds will not be taken tomorrow either. `NotFound` is the
 * record itself.
 */
function refused(
  error: ConnectorError,
  errors: readonly WireError[],
  { status, isThere }: { readonly status: number | null; readonly isThere: boolean },
): CrmOutcome {
  const fields = [...new Set(errors.flatMap((one) => (one.code === INACTIVE_OWNER ? [...one.fields, OWNER_FIELD] : one.fields)))];
  const isGone = errors.some(({ code }) => GONE.has(code));
  const isFinal = (error.code === 'Conflict' && status !== 412) || error.code === 'NotFound';
  const code = isGone && !isThere ? 'NotFound' : isFinal ? 'Invalid' : null;
  return failed(code === null ? error : new ConnectorError(code, error.message, status === null ? {} : { status }), fields);
}

export interface Landed {
  readonly schema: Schema;
  readonly id: string;
  readonly sent: CrmFields;
  /** Read in the call of the write, right after it; undefined where that failed: it is written all the same. */
  readonly row: Row | undefined;
  readonly at: string;
  readonly userId: string | null;
}

/** As Salesforce stored it; as sent, where somebody else has modified the record since. */
export function landed({ schema, id, sent, row, at, userId }: Landed): CrmOutcome {
  const editor = textOf(row?.['LastModifiedById']);
  const isOurs = row !== undefined && (userId === null || editor === null || keyOf(editor) === keyOf(userId));
  const after: Image = {
    presence: 'present',
    fields: isOurs ? { ...sent, ...imageFields(schema, row, Object.keys(sent)) } : sent,
    revision: isOurs ? textOf(row['SystemModstamp']) : null,
    readAt: at,
  };
  return { ok: true, recordId: id, after };
}
