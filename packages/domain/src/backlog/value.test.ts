import { describe, expect, it } from 'vitest';
import { FIELD_NAMES } from './item.ts';
import { emptyValue, fieldEntries, isEmpty, isReference, isSetField, members, normalise, sameValue } from './value.ts';

describe('values', () => {
  it('I04 text is compared in NFC', () => {
    expect(normalise('Cafe\u0301')).toBe('Caf\u00E9');
    expect(sameValue('Cafe\u0301', 'Caf\u00E9')).toBe(true);
    expect(normalise(['e\u0301', '\u00E9'])).toEqual(['\u00E9']);
  });

  it('text keeps its blanks and line ends', () => {
    expect(normalise(' two \r\n lines ')).toBe(' two \r\n lines ');
  });

  it('sets are sorted by code unit and distinct', () => {
    expect(normalise(['b', 'a', 'B', 'a'])).toEqual(['B', 'a', 'b']);
    expect(sameValue(['b', 'a'], ['a', 'b', 'b'])).toBe(true);
    expect(sameValue(['a'], ['a', 'b'])).toBe(false);
  });

  it('G10 absent, null, empty text and empty set are four different things', () => {
    const four = [undefined, null, '', []] as const;
    for (const [index, left] of four.entries())
      for (const [other, right] of four.entries()) expect(sameValue(left, right), `${index} and ${other}`).toBe(index === other);
  });

  it('a text is never the same as a set that holds it', () => {
    expect(sameValue('a', ['a'])).toBe(false);
    expect(sameValue(['a'], 'a')).toBe(false);
  });

  it('only nothing is empty', () => {
    for (const nothing of [undefined, null, '', []]) expect(isEmpty(nothing)).toBe(true);
    for (const something of [' ', '0', [''], ['a']]) expect(isEmpty(something)).toBe(false);
  });

  it('every field has an empty value of its own shape', () => {
    for (const field of FIELD_NAMES) expect(emptyValue(field)).toEqual(isSetField(field) ? [] : null);
    expect(FIELD_NAMES.filter(isReference)).toEqual(['parent', 'dependsOn']);
  });

  it('members of anything', () => {
    expect([members(undefined), members(null), members('a'), members(['b', 'a'])]).toEqual([[], [], ['a'], ['b', 'a']]);
  });

  it('fields come in their canonical order, absent ones are left out', () => {
    expect(fieldEntries({ owner: null, title: 'T' })).toEqual([
      ['title', 'T'],
      ['owner', null],
    ]);
  });
});
