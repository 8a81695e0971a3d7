import { describe, expect, it } from 'vitest';
import { roster, ROSTER_TEXT } from './routing.fixture.ts';
import { poolIn, territoryOf } from './territory.ts';
import type { Whereabouts } from './territory.ts';

const where = (country: string | null, subdivision: string | null = null, tier: Whereabouts['tier'] = 'smb'): Whereabouts => ({
  country,
  subdivision,
  tier,
});
const [germany, rest] = ROSTER_TEXT.territories;

describe('16 a territory', () => {
  const divided = roster({
    territories: [
      { id: 'usa', places: ['US'], pools: {} },
      { id: 'west', places: ['US-CA', 'US-WA'], pools: {} },
      { id: 'uk', places: ['GB'], tiers: ['smb'], pools: {} },
    ],
  });

  it.each([
    ['GB', null, 'uk', 'GB'],
    ['UK', null, 'uk', 'GB'],
    ['United Kingdom', null, 'uk', 'GB'],
    ['US', 'US-CA', 'west', 'US-CA'],
    ['US', 'US-NY', 'usa', 'US'],
    ['usa', null, 'usa', 'US'],
    ['GB', 'US-CA', 'uk', 'GB'],
  ])('16 %s %s is in %s', (country, subdivision, territoryId, place) => {
    expect(territoryOf(divided, where(country, subdivision))).toEqual({ kind: 'territory', territoryId, place });
  });

  it.each([
    [null, 'COUNTRY_UNKNOWN', null],
    ['', 'COUNTRY_UNKNOWN', null],
    ['Atlantis', 'COUNTRY_UNKNOWN', null],
    ['XK', 'NO_TERRITORY', 'XK'],
    ['FR', 'NO_TERRITORY', 'FR'],
  ])('16 %j is a gap, %s, with a named human', (country, reason, code) => {
    expect(territoryOf(divided, where(country))).toEqual({ kind: 'gap', reason, country: code, personId: 'hana' });
  });

  it('16 a segment that the territory does not take is a gap', () => {
    expect(territoryOf(divided, where('GB', null, 'enterprise'))).toMatchObject({ kind: 'gap', reason: 'NO_TERRITORY' });
  });

  it('16 the rest of the world takes what is known, and nobody from nowhere', () => {
    expect(territoryOf(roster(), where('XK'))).toEqual({ kind: 'territory', territoryId: 'rest', place: '*' });
    expect(territoryOf(roster({ territories: [rest, germany] }), where('DE'))).toMatchObject({ territoryId: 'germany' });
    expect(territoryOf(roster(), where(null))).toMatchObject({ kind: 'gap', reason: 'COUNTRY_UNKNOWN' });
  });

  it('has a pool by role', () => {
    expect([poolIn(roster(), 'germany', 'ae'), poolIn(roster(), 'germany', 'csm'), poolIn(roster(), 'nowhere', 'ae')]).toEqual([
      'dach',
      null,
      null,
    ]);
  });
});
