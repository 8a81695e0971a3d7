/** Who speaks to the API: the token tells the account. Tokens are kept and compared as their SHA-256, in the same time whatever is given. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Principal } from '@lockstep/domain/crm/policy.schema.ts';

/** An account, by its token. */
export interface Caller {
  readonly accountId: string;
  readonly kind: Principal['kind'];
  readonly roles: Principal['roles'];
}

/** The account of the data directory's own token, where the configuration does not list one of this id. */
const OPERATOR: Caller = { accountId: 'operator', kind: 'human', roles: ['operator'] };

export interface KnownToken {
  /** Of the token. */
  readonly sha256: Uint8Array;
  /** ISO; null for one that does not run out. */
  readonly expiresAt: string | null;
  readonly caller: Caller;
}

/** A principal, and the token with which it speaks; null where it does not, or where only the hash is known. */
export interface Account {
  readonly principal: Principal;
  readonly token: string | null;
  /** Lower-case hex, in the place of the token. */
  readonly tokenSha256?: string;
  /** ISO; left out: it does not run out. */
  readonly expiresAt?: string;
}

/** `token` is the API's own; principals speak with theirs. */
export function knownTokens(token: string, principals: readonly Account[]): readonly KnownToken[] {
  const accountOf = ({ id, kind, roles }: Principal): Caller => ({ accountId: id, kind, roles });
  const listed = principals.map(({ principal }) => accountOf(principal)).find(({ accountId }) => accountId === OPERATOR.accountId);
  const own = listed === undefined ? OPERATOR : { ...listed, roles: [...new Set([...OPERATOR.roles, ...listed.roles])] };
  return [
    { sha256: digest(token), expiresAt: null, caller: own },
    ...principals.flatMap((one): readonly KnownToken[] => {
      const sha256 = hashOf(one);
      return sha256 === null ? [] : [{ sha256, expiresAt: one.expiresAt ?? null, caller: accountOf(one.principal) }];
    }),
  ];
}

function hashOf({ token, tokenSha256 }: Account): Uint8Array | null {
  if (token !== null) return digest(token);
  return tokenSha256 === undefined ? null : Buffer.from(tokenSha256, 'hex');
}

/** The account whose token a header bears, or that it was one which has run out. Every token is compared. */
export function identify(
  header: string | undefined,
  known: readonly KnownToken[],
  now: string,
): Caller | { readonly accountId: string; readonly expiredAt: string } | 'nobody' {
  const given = digest(header?.startsWith(BEARER) === true ? header.slice(BEARER.length) : '');
  const [found] = known.filter(({ sha256 }) => timingSafeEqual(given, sha256));
  // The empty token is nobody's, whatever a configuration may hold.
  if (found === undefined || header === undefined || header.length <= BEARER.length) return 'nobody';
  const { expiresAt, caller } = found;
  return expiresAt !== null && Date.parse(expiresAt) <= Date.parse(now) ? { accountId: caller.accountId, expiredAt: expiresAt } : caller;
}

/** The account whose token counts now; null for none. */
export function callerOf(header: string | undefined, known: readonly KnownToken[], now: string): Caller | null {
  const found = identify(header, known, now);
  return found === 'nobody' || 'expiredAt' in found ? null : found;
}

const BEARER = 'Bearer ';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** As the audit log names actors. */
export function actorKindOf({ kind }: Caller): 'human' | 'agent' | 'system' {
  if (kind === 'agent') return 'agent';
  return kind === 'bot' ? 'system' : 'human';
}
