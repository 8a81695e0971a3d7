/**
 * Which account of the CRM a lead belongs to. Deterministic and with a reason for everything: keys are compared for equality, nothing is guessed, no string is
 * a prefix of another. What is not certain goes to people, with the candidates.
 *
 * Keys, the strongest first: the product's group id, the registrable domain, the phone number (E.164), the normalised name together with the country.
 * **Parent and child** (case 32): where several accounts of one family share the key, the child that the lead names, else the one of the lead's country, else
 * the parent. "IBM India" is IBM's child because the CRM says so, never because of its letters.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { CountryCode } from 'libphonenumber-js';
import { nameKeys } from './company-name.ts';
import { allCountries, countryOf } from './country.ts';
import { companyDomain, NO_EXCLUSIONS } from './domain-name.ts';
import type { DomainReading, ExcludedDomains } from './domain-name.ts';

export interface CrmAccount {
  readonly accountId: string;
  readonly name: string;
  readonly domains: readonly string[];
  readonly phones: readonly string[];
  /** As the CRM writes it. */
  readonly country: string | null;
  readonly parentId: string | null;
  /** Of the product, where the CRM holds them. */
  readonly groupIds: readonly string[];
}

/** What is known of a lead. */
export interface LeadIdentity {
  readonly groupId: string | null;
  readonly email: string | null;
  /** Of the company's web site, where it was asked for. */
  readonly website: string | null;
  readonly companyName: string | null;
  readonly phone: string | null;
  readonly country: string | null;
}

export type MatchKey = 'GROUP_ID' | 'DOMAIN' | 'PHONE' | 'NAME_AND_COUNTRY';

export interface Candidate {
  readonly accountId: string;
  readonly keys: readonly (MatchKey | 'NAME')[];
}

export type Match =
  | {
      readonly kind: 'matched';
      readonly accountId: string;
      readonly reason: MatchKey;
      /** What told it from its family: null where it was the only one. */
      readonly narrowedBy: 'NAME' | 'COUNTRY' | 'PARENT' | null;
    }
  /** A company that the CRM does not have. */
  | { readonly kind: 'new'; readonly reason: 'NO_ACCOUNT'; readonly domain: string }
  /** `CONTRADICTORY`: group id and domain name different companies. `NAME_ONLY`: the name is the same, the country is not or is not known. */
  | {
      readonly kind: 'people';
      readonly reason: 'AMBIGUOUS' | 'CONTRADICTORY' | 'NAME_ONLY' | 'FREE_MAIL' | 'SHARED_HOST' | 'NO_DOMAIN';
      readonly candidates: readonly Candidate[];
    }
  /** Not routed at all, however high the score (case 31). */
  | { readonly kind: 'excluded'; readonly reason: 'COMPETITOR' | 'DISPOSABLE' | 'TEST_DOMAIN'; readonly domain: string };

/** What accounts are found by; a store keeps them beside the account. */
export interface AccountKeys {
  readonly groupIds: readonly string[];
  readonly domains: readonly string[];
  readonly phones: readonly string[];
  readonly names: readonly string[];
}

export function keysOfAccount(account: CrmAccount): AccountKeys {
  return {
    groupIds: account.groupIds,
    domains: account.domains.flatMap((text) => domainOf(companyDomain(text))),
    phones: account.phones.flatMap((text) => phoneOf(text, account.country)),
    names: nameKeys(account.name),
  };
}

export function keysOfLead(lead: LeadIdentity, excluded: ExcludedDomains = NO_EXCLUSIONS): AccountKeys {
  return {
    groupIds: lead.groupId === null ? [] : [lead.groupId],
    domains: domainOf(readingOf(lead, excluded)),
    phones: lead.phone === null ? [] : phoneOf(lead.phone, lead.country),
    names: lead.companyName === null ? [] : nameKeys(lead.companyName),
  };
}

/**
 * Matches a lead. `accounts` are those that share a key with it, and their parents; more of them change nothing, and neither does their order.
 */
export function matchAccount(lead: LeadIdentity, accounts: readonly CrmAccount[], excluded: ExcludedDomains = NO_EXCLUSIONS): Match {
  const reading = readingOf(lead, excluded);
  if (reading.kind === 'none' && (reading.reason === 'COMPETITOR' || reading.reason === 'DISPOSABLE' || reading.reason === 'TEST_DOMAIN'))
    return { kind: 'excluded', reason: reading.reason, domain: reading.domain ?? '' };
  const found = findAll(lead, accounts, excluded);
  const family = familiesOf(accounts);
  const listed = listedOf(found);
  const [byGroup, byDomain] = [found.GROUP_ID, found.DOMAIN];
  if (byGroup.length > 0 && byDomain.length > 0 && !byGroup.some((one) => byDomain.some((other) => family(one) === family(other))))
    return { kind: 'people', reason: 'CONTRADICTORY', candidates: listed };
  // A private mail address and a company's phone are not yet a company's lead.
  const trusted: readonly MatchKey[] = reading.kind === 'company' ? ['GROUP_ID', 'DOMAIN', 'PHONE', 'NAME_AND_COUNTRY'] : ['GROUP_ID'];
  const reason = trusted.find((key) => found[key].length > 0);
  if (reason !== undefined) {
    const narrowed = narrow(found[reason], lead, family);
    if (narrowed !== null) return { kind: 'matched', accountId: narrowed.account.accountId, reason, narrowedBy: narrowed.by };
    return { kind: 'people', reason: 'AMBIGUOUS', candidates: listed };
  }
  if (reading.kind === 'none') return { kind: 'people', reason: peopleReason(reading.reason), candidates: listed };
  if (listed.length > 0) return { kind: 'people', reason: 'NAME_ONLY', candidates: listed };
  return { kind: 'new', reason: 'NO_ACCOUNT', domain: reading.domain };
}

type Found = Readonly<Record<MatchKey | 'NAME', readonly CrmAccount[]>>;

function findAll(lead: LeadIdentity, accounts: readonly CrmAccount[], excluded: ExcludedDomains): Found {
  const wanted = keysOfLead(lead, excluded);
  const keyed = [...accounts]
    .sort((a, b) => (a.accountId < b.accountId ? -1 : a.accountId > b.accountId ? 1 : 0))
    .map((account) => ({ account, keys: keysOfAccount(account) }));
  const by = (key: keyof AccountKeys): readonly CrmAccount[] =>
    keyed.filter(({ keys }) => keys[key].some((one) => wanted[key].includes(one))).map(({ account }) => account);
  const named = by('names');
  const country = countryOf(lead.country);
  return {
    GROUP_ID: by('groupIds'),
    DOMAIN: by('domains'),
    PHONE: by('phones'),
    NAME_AND_COUNTRY: named.filter((account) => country !== null && countryOf(account.country) === country),
    NAME: named,
  };
}

type FamilyOf = (account: CrmAccount) => string;

/** The id of the topmost known ancestor; a circle of parents ends where it closes, at the smallest id of it. */
function familiesOf(accounts: readonly CrmAccount[]): FamilyOf {
  const parents = new Map(accounts.map(({ accountId, parentId }) => [accountId, parentId]));
  return ({ accountId }) => {
    const seen: string[] = [];
    let id = accountId;
    while (!seen.includes(id)) {
      seen.push(id);
      const parent = parents.get(id);
      if (parent === undefined || parent === null) return id;
      id = parent;
    }
    return seen.slice(seen.indexOf(id)).sort()[0] ?? id;
  };
}

function narrow(
  candidates: readonly CrmAccount[],
  lead: LeadIdentity,
  family: FamilyOf,
): { readonly account: CrmAccount; readonly by: 'NAME' | 'COUNTRY' | 'PARENT' | null } | null {
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return { account: only, by: null };
  const names = lead.companyName === null ? [] : nameKeys(lead.companyName);
  const isFamily = new Set(candidates.map(family)).size === 1;
  const parent = isFamily ? parentOf(candidates) : null;
  const named = single(candidates.filter((account) => account !== parent && nameKeys(account.name).some((key) => names.includes(key))));
  if (named !== null) return { account: named, by: 'NAME' };
  if (!isFamily) return null;
  const country = countryOf(lead.country);
  const local = single(candidates.filter((account) => country !== null && countryOf(account.country) === country));
  if (local !== null) return { account: local, by: 'COUNTRY' };
  return parent === null ? null : { account: parent, by: 'PARENT' };
}

/** The one candidate that has no parent among them. */
function parentOf(candidates: readonly CrmAccount[]): CrmAccount | null {
  return single(candidates.filter(({ parentId }) => !candidates.some(({ accountId }) => accountId === parentId)));
}

function single<Item>(items: readonly Item[]): Item | null {
  return items.length === 1 ? (items[0] ?? null) : null;
}

function listedOf(found: Found): readonly Candidate[] {
  const keys = new Map<string, (MatchKey | 'NAME')[]>();
  for (const key of ['GROUP_ID', 'DOMAIN', 'PHONE', 'NAME_AND_COUNTRY', 'NAME'] as const)
    for (const { accountId } of found[key]) keys.set(accountId, [...(keys.get(accountId) ?? []), key]);
  return [...keys].map(([accountId, list]) => ({ accountId, keys: list }));
}

function peopleReason(reason: Extract<DomainReading, { kind: 'none' }>['reason']): 'FREE_MAIL' | 'SHARED_HOST' | 'NO_DOMAIN' {
  return reason === 'FREE_MAIL' || reason === 'SHARED_HOST' ? reason : 'NO_DOMAIN';
}

/** The mail address speaks first; the web site only where there is no address. */
function readingOf({ email, website }: LeadIdentity, excluded: ExcludedDomains): DomainReading {
  return companyDomain(email ?? website ?? '', excluded);
}

const domainOf = (reading: DomainReading): readonly string[] => (reading.kind === 'company' ? [reading.domain] : []);

/** E.164. A national number needs its country; what is no valid number is none. */
function phoneOf(text: string, country: string | null): readonly string[] {
  const code = countryOf(country);
  const isKnown = code !== null && allCountries().has(code);
  const parsed = parsePhoneNumberFromString(text, { extract: false, ...(isKnown ? { defaultCountry: code as CountryCode } : {}) });
  return parsed?.isValid() === true ? [parsed.number] : [];
}
