/** Countries as people and CRMs write them → one code (case 16). */
import { ALIASES, COUNTRIES } from './countries.table.ts';
import { folded } from './folding.ts';

const CODES = new Map<string, string>();
for (const row of COUNTRIES.trim().split(/ \| |\n/)) {
  const [codes = '', ...name] = row.split(' ');
  const alpha2 = codes.slice(0, 2);
  for (const key of [alpha2, codes.slice(2), name.join(' ')]) CODES.set(folded(key), alpha2);
}
const ALPHA_2: ReadonlySet<string> = new Set(CODES.values());
for (const [alias, code] of Object.entries(ALIASES)) CODES.set(alias, code);

/**
 * ISO 3166-1 alpha-2 of a code or an English name, with the usual other names ('UK' → 'GB'); 'XK' is kept as it is. Null for null, '' and anything unknown:
 * then no territory takes the lead by country, and a person does.
 */
export function countryOf(text: string | null): string | null {
  return text === null ? null : (CODES.get(folded(text)) ?? null);
}

/** All 249 codes of ISO 3166-1. */
export function allCountries(): ReadonlySet<string> {
  return ALPHA_2;
}
