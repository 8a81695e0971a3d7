import { describe, expect, it } from 'vitest';
import { nameKeys, normalisedName } from './company-name.ts';

describe('a company’s name', () => {
  it.each([
    ['ACME, Inc.', 'acme'],
    ['Acme Incorporated', 'acme'],
    ['Acme Ltd', 'acme'],
    ['Acme (Holdings) Limited', 'acme holdings'],
    ['The Acme Company', 'acme'],
    ['Müller & Söhne GmbH & Co. KG', 'muller and sohne'],
    ['Müller und Söhne', 'muller and sohne'],
    ['Tiffany & Co.', 'tiffany'],
    ['Société Générale S.A.', 'societe generale'],
    ['Grupo Bimbo, S.A. de C.V.', 'grupo bimbo'],
    ['Acme Sp. z o.o.', 'acme'],
    ['Acme Pvt. Ltd.', 'acme'],
    ['Ørsted A/S', 'orsted a s'],
    ['株式会社トヨタ', '株式会社トヨタ'],
    ['株式会社 日立', '日立'],
    ['ООО Ромашка', 'ромашка'],
    ["Levi's", 'levis'],
    ['ＡＣＭＥ', 'acme'],
    ['AT&T', 'at and t'],
    ['Limited', 'limited'],
    ['IBM India Private Limited', 'ibm india'],
    ['…', ''],
  ])('%s is %s', (name, expected) => {
    expect(normalisedName(name)).toBe(expected);
  });

  it('umlauts are written in two ways', () => {
    expect(nameKeys('Müller AG')).toEqual(['muller', 'mueller']);
    expect(nameKeys('Mueller')).toEqual(['mueller']);
    expect(nameKeys('MU\u0308LLER')).toEqual(['muller', 'mueller']);
    expect(nameKeys('--')).toEqual([]);
  });

  it('32 is not the name of its child', () => {
    expect(nameKeys('IBM India')).not.toEqual(nameKeys('IBM'));
  });
});
