/** What options and answers must look like; each returns the value in its canonical form or throws commander's error. */
import { InvalidArgumentError } from 'commander';

/** An option's value that counts something. */
export function wholeNumber(value: string): number {
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new InvalidArgumentError(`expected a whole number from 0 to 999999, got ${value}`);
}

/** A share in per cent, above 0 and below 100. */
export function percentage(value: string): number {
  if (/^\d{1,2}(\.\d+)?$/.test(value) && Number(value) > 0) return Number(value);
  throw new InvalidArgumentError(`expected a number above 0 and below 100, got ${value}`);
}

/** An instant to come: ISO with a zone, or so long from now (`+30m`, `+2h`). */
export function instantIn(value: string): string {
  const [, amount, unit] = /^\+(\d{1,4})(m|h)$/.exec(value) ?? [];
  if (amount !== undefined) return new Date(Date.now() + Number(amount) * (unit === 'h' ? 3_600_000 : 60_000)).toISOString();
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value)))
    return new Date(value).toISOString();
  throw new InvalidArgumentError(`expected an instant such as 2026-12-01T15:00:00+01:00, or +30m or +2h, got ${value}`);
}

const AGO_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** An instant that has been: ISO with a zone, a date (its midnight in UTC), or so long ago (`30m`, `2h`, `3d`). */
export function instantAgo(value: string): string {
  const [, amount, unit = ''] = /^(\d{1,4})([mhd])$/.exec(value) ?? [];
  if (amount !== undefined) return new Date(Date.now() - Number(amount) * (AGO_MS[unit] ?? 0)).toISOString();
  if (/^\d{4}-\d\d-\d\d(T\d\d:\d\d.*(Z|[+-]\d\d:\d\d))?$/.test(value) && !Number.isNaN(Date.parse(value)))
    return new Date(value).toISOString();
  throw new InvalidArgumentError(
    `expected an instant such as 2026-11-01T00:00:00Z, a date, or so long ago such as 30m, 2h or 30d, got ${value}`,
  );
}

/** True for `env:NAME` and `file:PATH`. */
export function isReference(value: string): boolean {
  return /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/.test(value);
}

export function workspaceId(value: string): string {
  if (/^[a-z][a-z0-9-]{0,39}$/.test(value)) return value;
  throw new InvalidArgumentError(`expected lower-case letters, digits and hyphens, beginning with a letter, got ${value}`);
}

export function siteUrl(value: string): string {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return new URL(value).origin;
  throw new InvalidArgumentError(`expected an address such as https://acme.atlassian.net, got ${value}`);
}

export function projectKey(value: string): string {
  if (/^[A-Z][A-Z0-9_]{1,9}$/.test(value)) return value;
  throw new InvalidArgumentError(`expected a project's key such as GROW, got ${value}`);
}

export function notionId(value: string): string {
  const hex = value.replaceAll('-', '').toLowerCase();
  if (/^[0-9a-f]{32}$/.test(hex))
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  throw new InvalidArgumentError(
    `expected a data source's id of 32 hexadecimal digits (Notion: Manage data sources, Copy data source ID), got ${value}`,
  );
}

/** The address of a Salesforce organisation's API; that of its Lightning pages takes no calls. */
export function myDomain(value: string): string {
  const origin = URL.canParse(value) ? new URL(value).origin : '';
  if (/^https?:\/\//.test(origin) && !origin.endsWith('.lightning.force.com')) return origin;
  throw new InvalidArgumentError(`expected your My Domain such as https://acme.my.salesforce.com, got ${value}`);
}
