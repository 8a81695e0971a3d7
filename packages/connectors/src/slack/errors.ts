/**
 * Slack's refusals, named by consequence: the one table. Slack refuses with HTTP 200 and `{ok: false, error}`; 429 and 5xx come from what lies before it.
 * Sources: the lists of errors of each method, https://docs.slack.dev/reference/methods; vendor-apis, section 5.
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import type { WireRefusal } from './wire.ts';

const BY_ERROR: Readonly<Record<string, ConnectorErrorCode>> = {
  not_authed: 'AuthRevoked',
  invalid_auth: 'AuthRevoked',
  account_inactive: 'AuthRevoked',
  token_revoked: 'AuthRevoked',
  org_login_required: 'AuthRevoked',
  team_access_not_granted: 'AuthRevoked',
  two_factor_setup_required: 'AuthRevoked',
  // Tokens that run out are not used (runbook): for us this is one to be replaced by a person.
  token_expired: 'AuthExpired',
  access_denied: 'Forbidden',
  ekm_access_denied: 'Forbidden',
  enterprise_is_restricted: 'Forbidden',
  /** The app's home does not take messages. */
  messages_tab_disabled: 'Forbidden',
  missing_scope: 'Forbidden',
  no_permission: 'Forbidden',
  not_allowed_token_type: 'Forbidden',
  not_in_channel: 'Forbidden',
  restricted_action: 'Forbidden',
  channel_not_found: 'NotFound',
  is_archived: 'NotFound',
  is_inactive: 'NotFound',
  message_not_found: 'NotFound',
  user_disabled: 'NotFound',
  user_not_found: 'NotFound',
  user_not_visible: 'NotFound',
  users_not_found: 'NotFound',
  /** The workspace's, not ours to wait for. */
  message_limit_exceeded: 'QuotaExhausted',
  rate_limited: 'Throttled',
  ratelimited: 'Throttled',
  // "The POST data was either missing or truncated": nothing was done.
  request_timeout: 'Transient',
  team_added_to_org: 'Transient',
};

/** "It's possible some aspect of the operation succeeded before the error was raised." */
const MAYBE_DONE = new Set(['fatal_error', 'internal_error', 'service_unavailable', 'unknown_error']);
/** What else stands there is not Slack's: the SDK puts the whole body of an answer there that is no JSON. */
const CODE = /^[a-z][a-z0-9_]{1,79}$/;
const MOST_WORDS = 300;

export interface Refusal {
  /** `chat.postMessage`, for messages. */
  readonly method: string;
  readonly answer: WireRefusal;
  /** True where sending it again does no harm. */
  readonly isHarmless: boolean;
  /** For `ratelimited`: what our budget says. */
  readonly waitMs: number;
}

/** True where the refusal says "too many calls" without a status that does. */
export const isThrottled = ({ error }: WireRefusal): boolean => BY_ERROR[error] === 'Throttled';

export function slackFailure({ method, answer, isHarmless, waitMs }: Refusal): ConnectorError {
  const isCode = CODE.test(answer.error);
  const message = `Slack ${method}: ${isCode ? wordsOf(answer) : 'expected JSON, got something else'}`;
  if (isThrottled(answer)) return new ConnectorError('Throttled', message, { retryAfterMs: waitMs });
  if (!isCode || MAYBE_DONE.has(answer.error)) return new ConnectorError(isHarmless ? 'Transient' : 'OutcomeUnknown', message);
  return new ConnectorError(BY_ERROR[answer.error] ?? 'Invalid', message);
}

/** The code, the scope that is missing, and where in the arguments something is wrong; not Slack's sentences, which may quote what was sent. */
function wordsOf({ error, needed, response_metadata: { messages = [] } = {} }: WireRefusal): string {
  const places = messages.flatMap((line) => /\[json-pointer:([^\]]+)\]/.exec(line)?.[1] ?? []);
  const parts = [error, ...(needed === undefined ? [] : [`needs the scope ${needed}`]), ...places.map((place) => `at ${place}`)];
  return parts.join(', ').slice(0, MOST_WORDS);
}
