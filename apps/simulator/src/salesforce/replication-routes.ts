/** What has changed in a span of time, by whole minutes. Source: vendor-apis.md 4, "getUpdated/getDeleted". */
import { badRequest } from './errors.ts';
import type { ObjectDefinition, SalesforceRecord } from './model.ts';
import { did, param } from './operations.ts';
import type { Answer, Call, Operation } from './operations.ts';
import { BIN_MS } from './org.ts';
import type { Org } from './org.ts';
import { instantOf, instantText } from './time.ts';

const MINUTE_MS = 60_000;
const UPDATED_DAYS_MS = 30 * 86_400_000;
const MOST_IDS = 600_000;

export function replicationOperations(org: Org): readonly Operation[] {
  return [
    { method: 'GET', path: '/sobjects/:object/updated', name: 'get updated', run: (call) => updated(org, call) },
    { method: 'GET', path: '/sobjects/:object/deleted', name: 'get deleted', run: (call) => deleted(org, call) },
  ];
}

interface Span {
  readonly startMs: number;
  readonly endMs: number;
  /** Up to here nothing is left out: a client begins here the next time. */
  readonly coveredMs: number;
}

function updated(org: Org, call: Call): Answer {
  const object = replicated(org, call);
  const { startMs, endMs, coveredMs } = spanOf(org, call, UPDATED_DAYS_MS);
  const isWithin = ({ values }: SalesforceRecord): boolean => {
    const atMs = Date.parse(String(values['SystemModstamp'] ?? values['CreatedDate']));
    return atMs >= startMs && atMs < endMs;
  };
  const ids = org
    .list(object)
    .filter(isWithin)
    .map(({ id }) => id);
  if (ids.length > MOST_IDS) throw badRequest('EXCEEDED_ID_LIMIT', `exceeded max number of IDs: ${MOST_IDS}`);
  did(call.trace, 'read', ids.length);
  return { status: 200, body: { ids, latestDateCovered: instantText(coveredMs) } };
}

function deleted(org: Org, call: Call): Answer {
  const object = replicated(org, call);
  const { startMs, endMs, coveredMs } = spanOf(org, call, BIN_MS);
  const deletedRecords = org
    .list(object, true)
    .filter(({ deletedMs }) => deletedMs !== null && deletedMs >= startMs && deletedMs < endMs)
    .map(({ id, deletedMs }) => ({ deletedDate: instantText(deletedMs ?? 0), id }));
  did(call.trace, 'read', deletedRecords.length);
  return {
    status: 200,
    body: { deletedRecords, earliestDateAvailable: instantText(minute(org.nowMs() - BIN_MS)), latestDateCovered: instantText(coveredMs) },
  };
}

const minute = (atMs: number): number => Math.floor(atMs / MINUTE_MS) * MINUTE_MS;

function replicated(org: Org, call: Call): ObjectDefinition {
  return org.schema.object(param(call, 'object'));
}

/** Seconds are cut off at both ends, as Salesforce does it. */
function spanOf(org: Org, call: Call, longestMs: number): Span {
  const [start, end] = ['start', 'end'].map((name) => {
    const text = call.query.get(name);
    // A plus sign that was not encoded is a space in a query.
    const atMs = text === null ? null : instantOf(text.replace(' ', '+'));
    if (atMs === null) throw badRequest('INVALID_REPLICATION_DATE', `${name}: expected an ISO 8601 instant`);
    return minute(atMs);
  }) as [number, number];
  const nowMs = org.nowMs();
  if (start >= end) throw badRequest('INVALID_REPLICATION_DATE', 'startDate must be at least one minute before endDate');
  if (start < minute(nowMs - longestMs))
    throw badRequest('INVALID_REPLICATION_DATE', `startDate cannot be more than ${longestMs / 86_400_000} days ago`);
  return { startMs: start, endMs: end, coveredMs: Math.min(end, minute(nowMs)) };
}
