/** Where a lead belongs (case 16). */
import { countryOf } from './country.ts';
import type { Role, Roster, Territory } from './roster.schema.ts';
import type { Tier } from './tier.ts';

export interface Whereabouts {
  /** As the CRM, the form or the product writes it. */
  readonly country: string | null;
  /** ISO 3166-2, `US-CA`, where it is known. */
  readonly subdivision: string | null;
  readonly tier: Tier;
}

export type TerritoryReading =
  | { readonly kind: 'territory'; readonly territoryId: string; readonly place: string }
  /** Goes to the roster's `territoryGap`, a named human, and into the weekly report. */
  | {
      readonly kind: 'gap';
      readonly reason: 'COUNTRY_UNKNOWN' | 'NO_TERRITORY';
      /** ISO alpha-2, or XK; null where it is not known. */
      readonly country: string | null;
      readonly personId: string;
    };

/**
 * The territory that takes a lead of this tier: by the part of the country, else by the country, else the one for the rest of the world. A country that nobody
 * can tell is a gap even then. Of two that name the same place the first: `lockstep routing check` tells of it.
 */
export function territoryOf(
  { territories, territoryGap }: Pick<Roster, 'territories' | 'territoryGap'>,
  where: Whereabouts,
): TerritoryReading {
  const country = countryOf(where.country);
  if (country === null) return { kind: 'gap', reason: 'COUNTRY_UNKNOWN', country, personId: territoryGap };
  const part = where.subdivision?.startsWith(`${country}-`) === true ? [where.subdivision] : [];
  for (const place of [...part, country, '*']) {
    const territory = territories.find((one) => one.places.includes(place) && takes(one, where.tier));
    if (territory !== undefined) return { kind: 'territory', territoryId: territory.id, place };
  }
  return { kind: 'gap', reason: 'NO_TERRITORY', country, personId: territoryGap };
}

export function takes({ tiers }: Pick<Territory, 'tiers'>, tier: Tier): boolean {
  return tiers?.includes(tier) ?? true;
}

/** The pool for a role in a territory; null where it has none. */
export function poolIn({ territories }: Pick<Roster, 'territories'>, territoryId: string, role: Role): string | null {
  return territories.find(({ id }) => id === territoryId)?.pools[role] ?? null;
}
