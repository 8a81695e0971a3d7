/**
 * Product events in: know the sender before anything is parsed, store, answer 200, wake. A bad call of a batch is named and loses nothing of the others; an answer
 * of 200 means that the rest is stored for good, and a delivery that comes again changes nothing (R7).
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { eventsRoute } from '@lockstep/api/routing-routes.ts';
import type { EventsAnswer } from '@lockstep/api/routing-schemas.ts';
import type { Problem } from '@lockstep/api/schemas.ts';
import type { ExcludedDomains } from '@lockstep/domain/routing/domain-name.ts';
import { MOST_BYTES, readPayload } from '@lockstep/domain/routing/event.ts';
import type { Logger } from 'pino';
import type { RoutingCases } from '../routing-cases.ts';
import { bodyOf, CLOSE, isPlain } from './body.ts';
import { bearsToken, isSignedBy } from './event-sender.ts';
import type { EventCredentials } from './event-sender.ts';

export interface EventsParts {
  readonly ingest: RoutingCases['ingest'];
  /** Resolves when the accounts' workflows know; `background` goes behind what happens now. */
  readonly wake: (accountIds: readonly string[], urgency: 'now' | 'background') => Promise<void>;
  readonly credentials: EventCredentials;
  /** Mail domains that are nobody's company, by the policy in force. */
  readonly excluded: () => ExcludedDomains;
  readonly now: () => string;
  readonly log: Logger;
}

/** Who a header makes the sender; operators are those who may use the API. */
type Sender = 'operator' | 'sender' | 'signs' | 'nobody';

/** Adds the route in front of the API's own authentication: `isOperator` knows its tokens. */
export function addEvents(app: OpenAPIHono, parts: EventsParts, isOperator: (authorization: string | undefined) => boolean): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'writeKey', { type: 'http', scheme: 'basic' });
  app.openAPIRegistry.registerComponent('securitySchemes', 'signature', { type: 'apiKey', in: 'header', name: 'x-signature' });
  app.openAPIRegistry.registerPath(eventsRoute);
  app.post(eventsRoute.path, async (c) => {
    const refuse = (status: 400 | 401 | 403 | 413 | 415, code: Problem['code'], message: string) => {
      if (status === 401)
        parts.log.warn({ security: true, source: 'events', reason: message.split(':')[0] }, 'product events were refused');
      return c.json({ code, message } satisfies Problem, status, CLOSE);
    };
    if (!isPlain(c.req.header('content-encoding')))
      return refuse(415, 'compressed', 'body: expected it uncompressed, got another encoding');
    const signature = c.req.header('x-signature');
    const sender = senderOf(c.req.header('authorization'), signature, parts.credentials, isOperator);
    if (sender === 'nobody') return refuse(401, 'unauthorized', NO_SENDER);
    const backfill = c.req.query('backfill') ?? 'false';
    if (backfill !== 'true' && backfill !== 'false')
      return refuse(400, 'bad_request', `backfill: expected true or false, got ${backfill.slice(0, 40)}`);
    if (backfill === 'true' && sender !== 'operator')
      return refuse(403, 'forbidden', "backfill: expected the API's own token, got another");
    const body = await bodyOf(c.req.raw, MOST_BYTES.batch);
    if (body === 'too large')
      return refuse(413, 'too_large', `body: expected at most ${MOST_BYTES.batch} bytes; send the calls in several parts`);
    if (body === 'broken off') return refuse(400, 'bad_request', 'body: expected its end, got none');
    if (sender === 'signs' && !isSignedBy(parts.credentials.secrets, body, signature ?? ''))
      return refuse(401, 'unauthorized', BAD_SIGNATURE);
    const json = jsonOf(body);
    if (json === undefined) return refuse(400, 'bad_request', 'body: expected JSON in UTF-8, got something else');
    return c.json(await take(parts, json, body.byteLength, backfill === 'true'), 200);
  });
}

const NO_SENDER =
  'authorization: expected Bearer or Basic with a token of the configuration (routing.events), or x-signature, got none or another';
const BAD_SIGNATURE = 'x-signature: expected the HMAC of the body with the shared secret (routing.events), got another';

function senderOf(
  authorization: string | undefined,
  signature: string | undefined,
  { tokens, secrets }: EventCredentials,
  isOperator: (authorization: string | undefined) => boolean,
): Sender {
  // A header that names a sender decides: a signature beside it does not help one who is not known.
  if (authorization === undefined) return signature !== undefined && secrets.length > 0 ? 'signs' : 'nobody';
  if (isOperator(authorization)) return 'operator';
  return bearsToken(authorization, tokens) ? 'sender' : 'nobody';
}

async function take(parts: EventsParts, json: unknown, bytes: number, isBackfill: boolean): Promise<EventsAnswer> {
  const receivedAt = parts.now();
  const readings = readPayload(json, bytes, { receivedAt, isBackfill, excluded: parts.excluded() });
  const { fresh, duplicates, accounts } = await parts.ingest(readings, receivedAt);
  if (accounts.length > 0)
    // The evidence is stored: a wake that is lost is made up for by the sweeper.
    parts
      .wake(accounts, isBackfill ? 'background' : 'now')
      .catch((error: unknown) => parts.log.warn({ err: error, accounts: accounts.length }, 'wakes of accounts were lost'));
  return {
    accepted: fresh,
    duplicates,
    ignored: readings.filter(({ kind }) => kind === 'ignored').length,
    refused: readings.flatMap((reading, index) => (reading.kind === 'refused' ? [{ index, problems: [...reading.problems] }] : [])),
  };
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    return undefined;
  }
}
