/** The table of Jira's failures. Source: ErrorCollection of the REST v3 contract; statuses as documented for each call. */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { serverFailure } from '../http/transport.ts';
import * as wire from './wire.ts';

/** The body of an answer, read; a page of some proxy in its place is no answer of Jira's. */
export function answerOf(text: string, place: string, isRead: boolean): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = `Jira ${place}: expected JSON, got something else; is baseUrl the address of the site?`;
    throw new ConnectorError(isRead ? 'Invalid' : 'OutcomeUnknown', message, { cause: error });
  }
}

/** Jira's answers, named by consequence. 404 also means "no permission" there. */
export function jiraFailure(
  status: number,
  body: string,
  request: { place: string; isReading: boolean; waitMs: number | null },
): ConnectorError {
  const words = elementWords(errorsOf(body) ?? {});
  const message = `Jira ${request.place}: HTTP ${status}${words === '' ? '' : `: ${words}`}`;
  if (status === 429) return new ConnectorError('Throttled', message, { status, retryAfterMs: request.waitMs ?? 0 });
  if (status === 401) return new ConnectorError('AuthRevoked', message, { status });
  if (status === 403) return new ConnectorError('Forbidden', message, { status });
  if (status === 404 || status === 410) return new ConnectorError('NotFound', message, { status });
  if (status === 409 || status === 412) return new ConnectorError('Conflict', message, { status });
  if (status >= 500) return serverFailure('Jira', request.place, status, request.isReading);
  return new ConnectorError(/page token/i.test(words) ? 'CursorInvalid' : 'Invalid', message, { status, cause: errorsOf(body)?.errors });
}

/** The fields that Jira named when it refused a write, with its words. */
export function refusedFields(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof ConnectorError) || error.code !== 'Invalid') return {};
  return wire.errorBodySchema.safeParse({ errors: error.cause }).data?.errors ?? {};
}

function errorsOf(body: string): ReturnType<typeof wire.errorBodySchema.parse> | null {
  try {
    return wire.errorBodySchema.parse(JSON.parse(body));
  } catch {
    // A proxy's page, or nothing.
    return null;
  }
}

/** The words of an error collection: messages, then fields. */
export function elementWords(elementErrors: {
  errorMessages?: readonly string[] | null | undefined;
  errors?: Readonly<Record<string, string>> | null | undefined;
}): string {
  return [
    ...(elementErrors.errorMessages ?? []),
    ...Object.entries(elementErrors.errors ?? {}).map(([field, text]) => `${field}: ${text}`),
  ].join('; ');
}
