/**
 * Conditions in the headers of a request on one record. They compare whole seconds, so that two writes in one second are not told apart.
 * Source: REST API Developer Guide, "Conditional Request Headers"; a delete does not know them.
 */
import { badRequest, SalesforceError } from './errors.ts';
import type { SalesforceRecord } from './model.ts';
import type { Call } from './operations.ts';

/** True where a reader has the newest already. Throws 412, or 400 for a header that is no date. */
export function checkPreconditions(call: Call, record: SalesforceRecord, act: 'read' | 'write'): boolean {
  const modifiedMs = Date.parse(String(record.values['LastModifiedDate'] ?? record.values['CreatedDate']));
  const unmodifiedSinceMs = dateOf(call, 'If-Unmodified-Since', act);
  if (unmodifiedSinceMs !== null && modifiedMs > unmodifiedSinceMs) throw preconditionFailed();
  const modifiedSinceMs = dateOf(call, 'If-Modified-Since', act);
  if (modifiedSinceMs === null || modifiedMs > modifiedSinceMs) return false;
  if (act === 'write') throw preconditionFailed();
  return true;
}

const preconditionFailed = (): SalesforceError =>
  new SalesforceError(412, 'PRECONDITION_FAILED', 'A specified precondition header in the request does not match the current record.');

/** `EEE, dd MMM yyyy HH:mm:ss z`. A reader's bad date is passed over, as HTTP has it; a writer's is refused. */
function dateOf(call: Call, name: string, act: 'read' | 'write'): number | null {
  const text = call.header(name);
  if (text === undefined) return null;
  const atMs = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (?:GMT|UTC|[+-]\d{4})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(atMs)) return atMs;
  if (act === 'read') return null;
  throw badRequest('INVALID_HEADER', `The ${name} header has an invalid date: ${text.slice(0, 80)}`);
}
