/** The vendors' own words for refusals that come from outside their applications: too many calls, credentials that do not count, rows of a batch. */
import type { FaultAction } from './faults.ts';
import type { Tool } from './vendor.ts';

type Throttle = Extract<FaultAction, { kind: 'throttle' }>;
type Unauthorized = Extract<FaultAction, { kind: 'unauthorized' }>;

const notionError = (status: number, code: string, message: string): object => ({
  object: 'error',
  status,
  code,
  message,
  request_id: 'simulator-fault',
});
const hubspotError = (category: string, message: string, more: object = {}): object => ({
  status: 'error',
  message,
  correlationId: 'simulator-fault',
  category,
  ...more,
});

const THROTTLED: Readonly<Record<Tool, (status: number) => object>> = {
  jira: () => ({ errorMessages: ['Rate limit exceeded.'], errors: {} }),
  notion: (status) =>
    status === 429
      ? notionError(429, 'rate_limited', 'You have been rate limited. Please try again in a few minutes.')
      : notionError(status, status === 529 ? 'service_overload' : 'service_unavailable', 'Notion is unavailable, please try again later.'),
  hubspot: () =>
    hubspotError('RATE_LIMITS', 'You have reached your ten_secondly_rolling limit.', {
      errorType: 'RATE_LIMIT',
      policyName: 'TEN_SECONDLY_ROLLING',
    }),
  salesforce: (status) =>
    status === 429
      ? [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }]
      : [{ message: 'The REST API is temporarily unavailable.', errorCode: 'SERVER_UNAVAILABLE' }],
  slack: (status) => ({ ok: false, error: status === 429 ? 'ratelimited' : 'service_unavailable' }),
  // Of its page; the mail server's own refusals are in mail/faults.ts.
  mail: () => ({ error: 'busy' }),
};

/** Salesforce says "too many calls" with a 403, and knows no 529. */
const SALESFORCE_STATUS: Readonly<Record<number, number>> = { 429: 403, 503: 503, 529: 503 };

const UNAUTHORIZED: Readonly<Record<Tool, (cause: Unauthorized['cause']) => object>> = {
  jira: () => ({ errorMessages: ['You are not authenticated. Authentication required to perform this operation.'], errors: {} }),
  notion: () => notionError(401, 'unauthorized', 'API token is invalid.'),
  hubspot: (cause) =>
    cause === 'expired'
      ? hubspotError('EXPIRED_AUTHENTICATION', 'The OAuth token used to make this call expired.')
      : hubspotError('INVALID_AUTHENTICATION', 'Authentication credentials not found.'),
  salesforce: () => [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
  slack: (cause) => ({ ok: false, error: cause === 'expired' ? 'token_expired' : 'token_revoked' }),
  mail: () => ({ error: 'unauthorized' }),
};

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** An answer that a fault gives instead of the vendor; null where the vendor is to be asked. */
export function refusalOf(tool: Tool, action: FaultAction | null): Response | null {
  if (action?.kind === 'answer')
    return action.body === undefined
      ? new Response(null, { status: action.status, headers: action.headers })
      : json(action.status, action.body, action.headers);
  if (action?.kind === 'throttle') {
    const status = tool === 'salesforce' ? (SALESFORCE_STATUS[action.status] ?? action.status) : action.status;
    return json(status, THROTTLED[tool](action.status), retryAfter(action));
  }
  // Slack refuses credentials as it refuses everything: with a 200.
  if (action?.kind === 'unauthorized') return json(tool === 'slack' ? 200 : 401, UNAUTHORIZED[tool](action.cause));
  return null;
}

function retryAfter({ retryAfterSeconds }: Throttle): Readonly<Record<string, string>> {
  return retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) };
}

/** A batch without the rows that a fault refuses, and how the refusals come into the vendor's answer. */
export interface PartialBatch {
  /** The body to forward; null where no row is left. */
  readonly body: string | null;
  answer(vendors: Response | null): Promise<Response>;
}

/** Where a batch of the tool has its rows; null where it has no batches. */
const ROWS: Readonly<Record<Tool, string | null>> = {
  ...{ jira: 'issueUpdates', notion: 'inputs', hubspot: 'inputs', salesforce: 'records' },
  ...{ slack: null, mail: null },
};

/** Null where the request has no rows, or none that the fault refuses: it passes as it is. */
export function partialBatch(tool: Tool, text: string, action: Extract<FaultAction, { kind: 'partial' }>): PartialBatch | null {
  const rowsOf = ROWS[tool];
  if (rowsOf === null) return null;
  const request = objectOf(text);
  const rows = request[rowsOf];
  if (!Array.isArray(rows)) return null;
  const refused = rows.map((row) => new RegExp(action.rows).test(JSON.stringify(row)));
  if (!refused.includes(true)) return null;
  const kept = rows.filter((_row, index) => !(refused[index] ?? false));
  if (tool === 'salesforce') return partialRecords(request, rows, refused, action.message);
  const refusals = rows.flatMap((row: unknown, index) => (refused[index] === true ? [{ row, index }] : []));
  return {
    body: kept.length === 0 ? null : JSON.stringify({ ...request, [rowsOf]: kept }),
    async answer(vendors) {
      if (vendors !== null && !vendors.ok) return vendors;
      const answered = vendors === null ? {} : objectOf(await vendors.text());
      const errors = [...listOf(answered['errors']), ...refusals.map((refusal) => rowError(tool, refusal, action.message))];
      if (tool === 'jira') return json(kept.length === 0 ? 400 : 201, { issues: [], ...answered, errors });
      return json(207, { status: 'COMPLETE', results: [], ...answered, errors, numErrors: errors.length });
    },
  };
}

/** Salesforce answers in the order of the records, each with its result; where it is all or none, the others are rolled back. */
function partialRecords(
  request: Readonly<Record<string, unknown>>,
  rows: readonly unknown[],
  refused: readonly boolean[],
  message: string,
): PartialBatch {
  const failure = (statusCode: string, text: string): object => ({ success: false, errors: [{ statusCode, message: text, fields: [] }] });
  const records = request['allOrNone'] === true ? [] : rows.filter((_row, index) => !(refused[index] ?? false));
  return {
    body: records.length === 0 ? null : JSON.stringify({ ...request, records }),
    async answer(vendors) {
      if (vendors !== null && !vendors.ok) return vendors;
      const results = [...listOf(vendors === null ? [] : JSON.parse(await vendors.text()))];
      const inOrder = refused.map((isRefused) => {
        if (isRefused) return failure('FIELD_CUSTOM_VALIDATION_EXCEPTION', message);
        return results.shift() ?? failure('ALL_OR_NONE_OPERATION_ROLLED_BACK', 'Record rolled back because not all records were valid');
      });
      return json(200, inOrder);
    },
  };
}

function rowError(tool: Tool, { row, index }: { readonly row: unknown; readonly index: number }, message: string): object {
  if (tool === 'jira')
    return { status: 400, elementErrors: { errorMessages: [message], errors: {}, status: 400 }, failedElementNumber: index };
  const { id, objectWriteTraceId } = row as { id?: string; objectWriteTraceId?: string };
  const context = {
    ...(id === undefined ? {} : { id: [id] }),
    ...(objectWriteTraceId === undefined ? {} : { objectWriteTraceId: [objectWriteTraceId] }),
  };
  return { status: 'error', category: 'VALIDATION_ERROR', message, errors: [], context, links: {} };
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text === '' ? '{}' : text);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
