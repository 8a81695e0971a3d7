/** Which company a mail address, host name or URL speaks for, by the public suffix list. */
import { parse } from 'tldts';
import { DISPOSABLE, FREE_MAIL, TEST_DOMAINS } from './mail-domains.table.ts';

/** Why a domain stands for no company that we may route to. */
export type DomainReason =
  /** No domain at all: empty, an IP address, a bare public suffix. */
  | 'NO_DOMAIN'
  /** Customers of a host share the suffix: `acme.github.io`, `acme.myshopify.com`. */
  | 'SHARED_HOST'
  | 'FREE_MAIL'
  | 'DISPOSABLE'
  | 'COMPETITOR'
  | 'TEST_DOMAIN';

/** What a policy adds: registrable domains, or suffixes of them (`internal`). */
export interface ExcludedDomains {
  readonly competitors: readonly string[];
  readonly test: readonly string[];
  readonly freeMail: readonly string[];
  readonly disposable: readonly string[];
}

export const NO_EXCLUSIONS: ExcludedDomains = { competitors: [], test: [], freeMail: [], disposable: [] };

export type DomainReading =
  | { readonly kind: 'company'; readonly domain: string }
  | { readonly kind: 'none'; readonly reason: DomainReason; readonly domain: string | null };

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));
const FREE = words(FREE_MAIL);
const THROWN_AWAY = words(DISPOSABLE);
const RESERVED = words(TEST_DOMAINS);

/**
 * The registrable domain (`mail.acme.co.uk` → `acme.co.uk`) of a mail address, host or URL, lower-case; the private part of the public suffix list counts.
 * A competitor's and a test's domain is recognised first, so that the reason is the one that people look for (case 31).
 */
export function companyDomain(text: string, excluded: ExcludedDomains = NO_EXCLUSIONS): DomainReading {
  const host = text.slice(text.lastIndexOf('@') + 1).trim();
  const parsed = parse(host.normalize('NFKC').toLowerCase(), { allowPrivateDomains: true });
  const { hostname, domain } = parsed;
  if (hostname === null || hostname === '' || parsed.isIp === true) return { kind: 'none', reason: 'NO_DOMAIN', domain: null };
  const suffixes = suffixesOf(hostname);
  const isIn = (list: readonly string[] | ReadonlySet<string>): boolean =>
    suffixes.some((suffix) => ('has' in list ? list.has(suffix) : list.includes(suffix)));
  const reason: DomainReason | null = isIn(excluded.competitors)
    ? 'COMPETITOR'
    : isIn(excluded.test) || isIn(RESERVED)
      ? 'TEST_DOMAIN'
      : isIn(excluded.disposable) || isIn(THROWN_AWAY)
        ? 'DISPOSABLE'
        : isIn(excluded.freeMail) || isIn(FREE)
          ? 'FREE_MAIL'
          : parsed.isPrivate === true
            ? 'SHARED_HOST'
            : null;
  if (reason !== null) return { kind: 'none', reason, domain: domain ?? hostname };
  return domain === null ? { kind: 'none', reason: 'NO_DOMAIN', domain: null } : { kind: 'company', domain };
}

/** A mail address that can be one: something, an at sign, a host with a dot. Lower-case; null for anything else. */
export function mailAddress(text: string): string | null {
  const trimmed = text.trim().toLowerCase();
  return trimmed.length <= 320 && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(trimmed) ? trimmed : null;
}

/** `a.b.c`, `b.c`, `c`. */
function suffixesOf(host: string): readonly string[] {
  const labels = host.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}
