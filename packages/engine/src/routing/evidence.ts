/** What is known of an account at an instant: its score, and who it is in the CRM. */
import { valueAt } from '@lockstep/domain/routing/condition.ts';
import type { Traits } from '@lockstep/domain/routing/condition.ts';
import type { ProductEvent } from '@lockstep/domain/routing/event.ts';
import { traitsOf } from '@lockstep/domain/routing/evidence.ts';
import type { RoutedAccount } from '@lockstep/domain/routing/lead.ts';
import { keysOfLead, matchAccount } from '@lockstep/domain/routing/match.ts';
import type { LeadIdentity } from '@lockstep/domain/routing/match.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { RoutingReader } from '@lockstep/domain/routing/routing-store.port.ts';
import { scoreAccount } from '@lockstep/domain/routing/score.ts';
import type { Score } from '@lockstep/domain/routing/score.ts';
import type { Documents, RoutingEngine } from './environment.ts';

/** Events that are older count for nothing worth having. */
const DAYS = 400;
const MOST_EVENTS = 10_000;
const DAY_MS = 86_400_000;

export interface Evidence {
  readonly account: RoutedAccount;
  readonly events: readonly ProductEvent[];
  readonly traits: Traits;
  readonly score: Score;
}

/** Null for an account of which nothing is stored. */
export async function evidenceOf(reader: RoutingReader, { scoring }: Documents, accountId: string, now: string): Promise<Evidence | null> {
  const account = await reader.account(accountId);
  if (account === null) return null;
  const events = await reader.events(accountId, evidenceWindow(now));
  // Whoever received it may have a clock that is ahead of ours: what has come has happened.
  const at = events.reduce((latest, { occurredAt }) => (occurredAt > latest ? occurredAt : latest), now);
  const traits = traitsOf(events, at);
  return { account, events, traits, score: scoreAccount(scoring, events, traits, at) };
}

/** Which events count at an instant. */
export function evidenceWindow(now: string): Parameters<RoutingReader['events']>[1] {
  return { since: new Date(Date.parse(now) - DAYS * DAY_MS).toISOString(), limit: MOST_EVENTS };
}

/** The account with its match in the CRM. Calls the CRM; no transaction is open meanwhile. @throws ConnectorError */
export async function matched(engine: RoutingEngine, { policy }: Documents, evidence: Evidence): Promise<RoutedAccount> {
  const { account } = evidence;
  if (account.match !== null) return account;
  const lead = identityOf(evidence);
  const { excluded } = policy;
  const found = engine.crm === null ? [] : await engine.crm.accounts(keysOfLead(lead, excluded));
  const match = matchAccount(lead, found, excluded);
  const record = match.kind === 'matched' && engine.crm !== null ? engine.crm.recordOf(match.accountId) : null;
  return { ...account, match, record };
}

/**
 * As `matched`; while the CRM cannot be asked what is known without it, which is enough for a decision and is not kept: the clock does not wait for a CRM (R2).
 */
export async function matchedForNow(
  engine: RoutingEngine,
  documents: Documents,
  evidence: Evidence,
): Promise<{
  readonly account: RoutedAccount;
  readonly isKept: boolean;
}> {
  try {
    return { account: await matched(engine, documents, evidence), isKept: true };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const match = matchAccount(identityOf(evidence), [], documents.policy.excluded);
    return { account: { ...evidence.account, match }, isKept: false };
  }
}

function identityOf({ account, events, traits }: Evidence): LeadIdentity {
  const [kind, key] = splitKey(account.accountKey);
  const email = events.findLast((event) => event.email !== null)?.email ?? (kind === 'person' && key.includes('@') ? key : null);
  return {
    groupId: kind === 'group' ? key : null,
    email,
    website: textAt(traits, 'website') ?? (kind === 'domain' ? key : null),
    companyName: companyNameOf(traits),
    phone: textAt(traits, 'phone'),
    country: countryOf(traits),
  };
}

export function companyNameOf(traits: Traits): string | null {
  return textAt(traits, 'company.name') ?? textAt(traits, 'company') ?? textAt(traits, 'name');
}

export function countryOf(traits: Traits): string | null {
  return textAt(traits, 'address.country') ?? textAt(traits, 'country');
}

export function textAt(traits: Traits, path: string): string | null {
  const value = valueAt(traits, path);
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

function splitKey(key: string): readonly [string, string] {
  const at = key.indexOf(':');
  return [key.slice(0, at), key.slice(at + 1)];
}
