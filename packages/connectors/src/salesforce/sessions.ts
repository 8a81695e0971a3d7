/**
 * Access tokens of Salesforce, by client credentials or by a signed assertion (JWT bearer). Neither has a refresh token: a new token is asked for with what
 * stands in the configuration, and tokens of other processes stay good. Source: Salesforce help, "OAuth 2.0 Client Credentials Flow", "OAuth 2.0 JWT Bearer Flow".
 */
import { sign } from 'node:crypto';
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { createBudget, retryAfterMs } from '../http/budget.ts';
import { createTransport, serverFailure } from '../http/transport.ts';
import { grantErrorSchema, grantSchema } from './wire.ts';

export type SalesforceAuth =
  | { readonly flow: 'client-credentials'; readonly clientId: string; readonly clientSecret: string }
  | {
      readonly flow: 'jwt-bearer';
      readonly clientId: string;
      readonly username: string;
      /** PEM; its certificate is uploaded with the app. */
      readonly privateKey: string;
      /** Who checks the assertion: `https://login.salesforce.com`, for sandboxes `https://test.salesforce.com`. */
      readonly audience: string;
    };

export interface SalesforceCredentials {
  /** The organisation's My Domain, or for JWT bearer also `https://login.salesforce.com`. */
  readonly baseUrl: string;
  readonly auth: SalesforceAuth;
}

/** Secret: never logged, never in a message. */
export interface Session {
  readonly accessToken: string;
  /** Where calls go, as the vendor's answer says. */
  readonly instanceUrl: string;
  /** The user that we are, 18 characters; null where the answer does not say. */
  readonly userId: string | null;
}

export interface Sessions {
  /** One that is good as far as anybody knows. Rejects with `ConnectorError`: `AuthRevoked` where the app or its secret is not taken. */
  current(): Promise<Session>;
  /** Another one, after the vendor has said that this one has ended. However many calls meet the end, one of them asks (J06). */
  renewed(refused: Session): Promise<Session>;
}

export interface SessionOptions {
  readonly credentials: SalesforceCredentials;
  readonly requestTimeoutMs: number;
  readonly clock: () => Date;
  /** Told of what goes out, and of the calls that are left. */
  readonly watch?: AccountWatch;
}

const PATH = '/services/oauth2/token';
const PLACE = `Salesforce POST ${PATH}`;
/** Salesforce takes assertions that end within three minutes. */
const ASSERTION_MS = 150_000;

export function createSessions(options: SessionOptions): Sessions {
  const ask = createAsk(options);
  let known: Session | null = null;
  let asking: Promise<Session> | null = null;
  const renew = (): Promise<Session> => {
    asking ??= ask()
      .then((session) => {
        known = session;
        return session;
      })
      .finally(() => {
        asking = null;
      });
    return asking;
  };
  return {
    current: async () => known ?? renew(),
    renewed: async (refused) => (known !== null && known.accessToken !== refused.accessToken ? known : renew()),
  };
}

function createAsk({ credentials, requestTimeoutMs, clock }: SessionOptions): () => Promise<Session> {
  const budget = createBudget(() => clock().getTime());
  // To be asked again is all that can be done, so it counts as a read.
  const transport = createTransport({ vendor: 'Salesforce', budget, timeoutMs: requestTimeoutMs }, () => true);
  return async () => {
    const response = await transport(`${credentials.baseUrl.replace(/\/+$/, '')}${PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams(formOf(credentials.auth, clock().getTime())).toString(),
    });
    const { status } = response;
    if (status === 429) {
      const waitMs = budget.refused(retryAfterMs(response.headers.get('retry-after'), clock().getTime()));
      throw new ConnectorError('Throttled', `${PLACE}: HTTP 429`, { status, retryAfterMs: waitMs });
    }
    if (status >= 500) throw serverFailure('Salesforce', `POST ${PATH}`, status, true);
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) {
      const error = grantErrorSchema.safeParse(body).data?.error ?? 'no reason given';
      const message = `${PLACE}: HTTP ${status}: ${error}; expected the app, its secret or key and its user to be taken`;
      throw new ConnectorError('AuthRevoked', message, { status });
    }
    const grant = grantSchema.safeParse(body);
    if (!grant.success) throw new ConnectorError('Transient', `${PLACE}: expected a token, got an answer of another shape`);
    const { access_token: accessToken, instance_url: instanceUrl, id } = grant.data;
    return { accessToken, instanceUrl: instanceUrl.replace(/\/+$/, ''), userId: id?.split('/').at(-1) ?? null };
  };
}

function formOf(auth: SalesforceAuth, nowMs: number): Record<string, string> {
  if (auth.flow === 'client-credentials')
    return { grant_type: 'client_credentials', client_id: auth.clientId, client_secret: auth.clientSecret };
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertionOf(auth, nowMs) };
}

function assertionOf(auth: Extract<SalesforceAuth, { flow: 'jwt-bearer' }>, nowMs: number): string {
  const claims = { iss: auth.clientId, sub: auth.username, aud: auth.audience, exp: Math.floor((nowMs + ASSERTION_MS) / 1_000) };
  const signed = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${signatureOf(signed, auth.privateKey)}`;
}

/** Never with what OpenSSL says about the key. */
function signatureOf(text: string, privateKey: string): string {
  try {
    return sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url');
  } catch {
    throw new ConnectorError('AuthRevoked', 'Salesforce: private key: expected an RSA key in PEM, got another text');
  }
}
