/**
 * Access tokens: client credentials of the connected app, and a signed assertion (JWT bearer) where an administrator has given its certificate. Tokens
 * live two hours by the simulator's clock; there are no refresh tokens. Source: vendor-apis.md 4, "auth"; help.salesforce.com, OAuth flows.
 */
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import type { Documents } from '../kernel/database.ts';
import type { VendorEnv } from '../kernel/vendor.ts';
import { ACCOUNTS, APP, usernameOf } from './scenario.ts';

const LIFE_MS = 7_200_000;
/** Furthest end of an assertion, from now. */
const ASSERTION_MS = 300_000;
const AUDIENCES = ['https://login.salesforce.com', 'https://test.salesforce.com'];
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

interface Grant {
  readonly token: string;
  readonly account: string;
  readonly expiresMs: number;
}

export class Grants {
  private readonly documents: Documents;
  private readonly clock: Clock;
  private readonly grants = new Map<string, Grant>();
  /** PEM of the app's public key. */
  private certificate: string | null = null;

  constructor(documents: Documents, clock: Clock) {
    this.documents = documents;
    this.clock = clock;
    for (const grant of documents.load('grant') as Iterable<Grant>) this.grants.set(grant.token, grant);
    for (const { pem } of documents.load('certificate') as Iterable<{ pem: string }>) this.certificate = pem;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  /** Null for a token that is none, or none any more. */
  accountOf(token: string): string | null {
    const grant = this.grants.get(token);
    return grant === undefined || grant.expiresMs <= this.nowMs() ? null : grant.account;
  }

  give(account: string, orgId: string): Grant {
    const token = `${orgId.slice(0, 15)}!${account}.${randomBytes(36).toString('base64url')}`;
    const grant = { token, account, expiresMs: this.nowMs() + LIFE_MS };
    this.grants.set(token, grant);
    this.documents.put('grant', token, grant);
    return grant;
  }

  revoke(token: string): boolean {
    this.documents.remove('grant', token);
    return this.grants.delete(token);
  }

  /** Takes a public key or certificate in PEM. Throws where it is none. */
  register(pem: string): void {
    createPublicKey(pem);
    this.certificate = pem;
    this.documents.put('certificate', 'certificate', { pem });
  }

  /** Whether the app's key has signed this (RS256). */
  hasSigned(signed: string, signature: Buffer): boolean {
    return this.certificate !== null && verify('sha256', Buffer.from(signed), createPublicKey(this.certificate), signature);
  }
}

class OAuthRefusal extends Error {
  readonly error: string;

  constructor(error: string, description: string) {
    super(description);
    this.error = error;
  }
}

interface Place {
  readonly baseUrl: () => string;
  readonly orgId: () => string;
  readonly userIdOf: (account: string) => string | null;
}

export function oauthRoutes(app: Hono<VendorEnv>, grants: Grants, place: Place): void {
  app.post('/services/oauth2/token', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    try {
      const account = accountFor(c, form, grants, place);
      const userId = place.userIdOf(account);
      if (userId === null) throw new OAuthRefusal('invalid_grant', 'user is inactive');
      Object.assign(c.env.trace, { operation: 'token', account, effect: 'read', records: 1 });
      const { token } = grants.give(account, place.orgId());
      return c.json({
        access_token: token,
        signature: randomBytes(32).toString('base64'),
        scope: 'api',
        instance_url: place.baseUrl(),
        id: `${place.baseUrl()}/id/${place.orgId()}/${userId}`,
        token_type: 'Bearer',
        issued_at: String(grants.nowMs()),
        api_instance_url: place.baseUrl(),
      });
    } catch (error) {
      if (!(error instanceof OAuthRefusal)) throw error;
      return c.json({ error: error.error, error_description: error.message }, 400);
    }
  });
  app.post('/services/oauth2/revoke', async (c) => {
    const isKnown = grants.revoke(new URLSearchParams(await c.req.text()).get('token') ?? '');
    return isKnown
      ? c.body(null, 200)
      : c.json({ error: 'unsupported_token_type', error_description: 'this token type is not supported' }, 400);
  });
}

function accountFor(c: Context<VendorEnv>, form: URLSearchParams, grants: Grants, place: Place): string {
  switch (form.get('grant_type')) {
    case 'client_credentials':
      return withSecret(c, form);
    case JWT_BEARER:
      return withAssertion(form.get('assertion') ?? '', grants, [...AUDIENCES, place.baseUrl()]);
    case null:
      throw new OAuthRefusal('invalid_request', 'must specify grant_type');
    default:
      throw new OAuthRefusal('unsupported_grant_type', 'grant type not supported');
  }
}

/** Client id and secret stand in the form or in a basic header. */
function withSecret(c: Context<VendorEnv>, form: URLSearchParams): string {
  const basic = /^Basic\s+(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  const [id, secret] =
    basic === undefined ? [form.get('client_id'), form.get('client_secret')] : Buffer.from(basic, 'base64').toString('utf8').split(':');
  if (id !== APP.clientId) throw new OAuthRefusal('invalid_client_id', 'client identifier invalid');
  if (secret !== APP.clientSecret) throw new OAuthRefusal('invalid_client', 'invalid client credentials');
  return APP.account;
}

const headerSchema = z.looseObject({ alg: z.literal('RS256') });
const claimsSchema = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.coerce.number(),
});

function withAssertion(assertion: string, grants: Grants, audiences: readonly string[]): string {
  const [header = '', claims = '', signature = '', ...more] = assertion.split('.');
  const [isSigned, told] = [headerSchema.safeParse(jsonOf(header)).success, claimsSchema.safeParse(jsonOf(claims))];
  if (!isSigned || !told.success || more.length > 0) throw new OAuthRefusal('invalid_grant', 'invalid assertion');
  const { iss, sub, aud, exp } = told.data;
  if (iss !== APP.clientId) throw new OAuthRefusal('invalid_client_id', 'client identifier invalid');
  if (!grants.hasSigned(`${header}.${claims}`, Buffer.from(signature, 'base64url')))
    throw new OAuthRefusal('invalid_grant', 'invalid assertion');
  if (![aud].flat().some((one) => audiences.includes(one))) throw new OAuthRefusal('invalid_grant', 'audience is invalid');
  const leftMs = exp * 1_000 - grants.nowMs();
  if (leftMs <= 0) throw new OAuthRefusal('invalid_grant', 'expired authorization code');
  if (leftMs > ASSERTION_MS) throw new OAuthRefusal('invalid_grant', 'assertion is valid for too long');
  const account = ACCOUNTS.find((one) => usernameOf(one) === sub);
  if (account === undefined) throw new OAuthRefusal('invalid_grant', "user hasn't approved this consumer");
  return account.account;
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown;
  } catch {
    return null;
  }
}
