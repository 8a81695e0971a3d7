/** Who speaks to the API: the token tells the account. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Principal } from '@lockstep/domain/crm/policy.schema.ts';

/** An account, by its token. */
export interface Caller {
  readonly accountId: string;
  readonly kind: Principal['kind'];
  readonly roles: readonly ('operator' | 'approver')[];
}

/** The account of the data directory's own token, where the configuration does not list one of this id. */
const OPERATOR: Caller = { accountId: 'operator', kind: 'human', roles: ['operator'] };

export interface KnownToken {
  readonly token: string;
  readonly caller: Caller;
}

/** A principal, and the token with which it speaks; null where it does not. */
export interface Account {
  readonly principal: Principal;
  readonly token: string | null;
}

/** `token` is the API's own; principals speak with theirs. */
export function knownTokens(token: string, principals: readonly Account[]): readonly KnownToken[] {
  const accountOf = ({ id, kind, roles }: Principal): Caller => ({ accountId: id, kind, roles });
  const listed = principals.map(({ principal }) => accountOf(principal)).find(({ accountId }) => accountId === OPERATOR.accountId);
  const own = listed === undefined ? OPERATOR : { ...listed, roles: [...new Set([...OPERATOR.roles, ...listed.roles])] };
  return [
    { token, caller: own },
    ...principals.flatMap((one) => (one.token === null ? [] : [{ token: one.token, caller: accountOf(one.principal) }])),
  ];
}

/** The account whose token a header bears; null for none. Every token is compared, in the same time. */
export function callerOf(header: string | undefined, known: readonly KnownToken[]): Caller | null {
  const given = digest(header ?? '');
  const [found] = known.filter(({ token }) => timingSafeEqual(given, digest(`Bearer ${token}`)));
  return found?.caller ?? null;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** As the audit log names actors. */
export function actorKindOf({ kind }: Caller): 'human' | 'agent' | 'system' {
  if (kind === 'agent') return 'agent';
  return kind === 'bot' ? 'system' : 'human';
}
