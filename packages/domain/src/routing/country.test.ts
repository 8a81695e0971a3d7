import { describe, expect, it } from 'vitest';
import { allCountries, countryOf } from './country.ts';

describe('16 a country', () => {
  it.each([
    ['GB', 'GB'],
    ['UK', 'GB'],
    ['uk', 'GB'],
    [' United Kingdom ', 'GB'],
    ['GBR', 'GB'],
    ['U.S.A.', 'US'],
    ['u.s.', 'US'],
    ['Deutschland', 'DE'],
    ['Österreich', 'AT'],
    ['Côte d’Ivoire', 'CI'],
    ["Cote d'Ivoire", 'CI'],
    ['EL', 'GR'],
    ['XK', 'XK'],
    ['Kosovo', 'XK'],
    ['Türkiye', 'TR'],
    ['Turkey', 'TR'],
  ])('16 %j is %s', (text, code) => {
    expect(countryOf(text)).toBe(code);
  });

  it.each([null, '', ' ', 'ZZ', 'Atlantis', 'EU', 'constructor'])('16 %j is none', (text) => {
    expect(countryOf(text)).toBeNull();
  });

  it('16 every code and every name of the table leads to its code, and no two countries share one', () => {
    const codes = [...allCountries()];
    expect(codes).toHaveLength(249);
    expect(codes.every((code) => countryOf(code) === code)).toBe(true);
    expect(allCountries().has('XK')).toBe(false);
  });
});
