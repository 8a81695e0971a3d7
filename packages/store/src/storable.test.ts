import { expect, test } from 'vitest';
import { assertStorable, recordset, UnstorableText } from './storable.ts';

test.each([
  ['U+0000', 'ab\0', 'U+0000 at offset 2'],
  ['a lone high surrogate', 'a\ud83d', 'a lone surrogate at offset 1'],
  ['a lone low surrogate', '\ude00a', 'a lone surrogate at offset 0'],
])('I04 %s is refused with its place and without its text', (_name, title, found) => {
  const message = `items[1].fields.title: expected text without U+0000 and lone surrogates, got ${found}`;
  expect(() => recordset('items', [{}, { fields: { title } }])).toThrow(new UnstorableText(message));
});

test('I04 keys are texts too', () => {
  expect(() => assertStorable('cursor', { 'a\0': 1 })).toThrow(UnstorableText);
  expect(() => assertStorable('cursor', '\0')).toThrow(UnstorableText);
});

test.each(['\\u0000', '\\\\ud83d', 'C:\\u0000\\ude00', '👩‍👩‍👧 \u200f é', '\u0001\ufffd'])('I04 %j is stored as it is', (text) => {
  expect(recordset('items', [{ text }])).toBe(JSON.stringify([{ text }]));
});

test('nothing, null and numbers pass', () => {
  for (const value of [undefined, null, 0, [null], {}]) expect(() => assertStorable('cursor', value)).not.toThrow();
});
