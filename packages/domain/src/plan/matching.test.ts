/** Each way of pairing by itself, on signatures that leave it no other. */
import { describe, expect, it } from 'vitest';
import { identify } from './identify.ts';
import type { Identities, Signature } from './identify.ts';

function row(text: string, parts: Partial<Signature> = {}): Signature {
  return { kind: 'task', explicitId: null, title: text, text, place: 'A', ...parts };
}

/** Before → after, in the order of the text as it was. */
function pairs({ same }: Identities): readonly (readonly [number, number])[] {
  return [...same].map(([now, then]) => [then, now] as const).toSorted(([one], [other]) => one - other);
}

describe('what holds others', () => {
  it.each(['phase', 'epic', 'group'] as const)(
    'I08 two of kind %s get new names at once, and what stands in each stays what it is',
    (kind) => {
      const text = (names: readonly [string, string]): Signature[] =>
        names.flatMap((title) => [row(title, { kind, place: '' }), row('Wash hands', { place: `${kind} ${title}` })]);
      const found = identify(text(['North ovens', 'South doors']), text(['North ovens, new', 'South doors, new']));
      expect(pairs(found)).toEqual([
        [0, 0],
        [1, 1],
        [2, 2],
        [3, 3],
      ]);
    },
  );

  it('what is gone and what is new are told in the order of the text', () => {
    const both = [row('Dig'), row('Roots', { kind: 'phase', place: '' })];
    expect(identify(both, [])).toMatchObject({ removed: [0, 1], added: [] });
    expect(identify([], both)).toMatchObject({ removed: [], added: [0, 1] });
  });
});

describe('one way after the other', () => {
  it('I08 rows of one title in two places, each with another text, stay in their places', () => {
    const one = (place: string, text: string): Signature => row(text, { title: 'Wash', place });
    const found = identify([one('A', 'Wash | Ann'), one('B', 'Wash | Bo')], [one('A', 'qqqqqqqqqqqqqqqq'), one('B', 'zzzzzzzzzzzzzzzz')]);
    expect(pairs(found)).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('I08 one word for word the same under another id is another, also between the same neighbours', () => {
    const found = identify([row('Dig', { explicitId: 'T1' })], [row('Dig', { explicitId: 'T2' })]);
    expect(found).toMatchObject({ same: new Map(), added: [0], removed: [0], ambiguous: [] });
  });

  it('I08 of two that wait and are alike, one of which has an id, nobody says that it has got another id', () => {
    const found = identify([], [row('Dig', { explicitId: 'T2' }), row('Dig')], [row('Dig', { explicitId: 'T1' }), row('Dig')]);
    expect(found.same.size).toBe(0);
    expect(found.ambiguous.flatMap(({ before }) => before)).toEqual([0, 1]);
  });

  it('I08 rows that all change a little are known by the rows around them: between two, before the first and after the last', () => {
    const between = (one: string, other: string): Signature[] => ['Open', one, 'Bake', other, 'Close'].map((text) => row(text));
    expect(pairs(identify(between('Wash oven 1', 'Wash oven 2'), between('Wash oven 3', 'Wash oven 4')))).toHaveLength(5);
    const around = (one: string, other: string): Signature[] => [one, 'Bake', other].map((text) => row(text));
    expect(pairs(identify(around('Wash oven 1', 'Wash oven 2'), around('Wash oven 3', 'Wash oven 4')))).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });

  it('I08 half of a text is enough to know it again, between neighbours and in its place; less is not', () => {
    const alone = (text: string): Signature[] => [row('Open'), row(text), row('Close')];
    expect(identify(alone('abcd'), alone('abxy'))).toMatchObject({ added: [], removed: [] });
    expect(identify(alone('abcd'), alone('axyz'))).toMatchObject({ added: [1], removed: [1] });
    const two = (one: string, other: string): Signature[] => [row(one), row(other)];
    expect(identify(two('abcd', 'qqqqqqqq'), two('abxy', 'zzzzzzzz'))).toMatchObject({ same: new Map([[0, 0]]), added: [1], removed: [1] });
  });
});
