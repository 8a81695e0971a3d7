/** Texts, values and bodies as nobody means them. */
import fc from 'fast-check';
import { mutated, mutation } from '../contract/mutation.ts';

const HUGE = 60_000;
const DEEP = 20_000;

const NUMBERS = [
  ...['-1', '0', '1', '1000', '1e308', '1e-7', '2147483647', '2147483648', '4294967296', '9007199254740991', '9007199254740993'],
  ...[
    '9223372036854775807',
    '9223372036854775808',
    '99999999999999999999',
    'NaN',
    'Infinity',
    '-Infinity',
    '0x10',
    ' 5',
    '5.0',
    '1_000',
    '٣',
    '',
  ],
];
const INSTANTS = [
  ...['+275760-09-13T00:00:00.000Z', '-000001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '0000-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ...[
    '2026-02-30T00:00:00Z',
    '2026-11-29T15:00:00+23:59',
    '2026-11-29T15:00:00',
    '2026-11-29T24:00:00Z',
    '2026-11-29T15:00:00.123456789Z',
    'now',
  ],
];

/** What stands where a query holds a number or an instant. */
export const hostileNumber = fc.constantFrom(...NUMBERS);
export const hostileInstant = fc.constantFrom(...INSTANTS);

/** What stands where a text is expected. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...['', ' ', '\0', 'a\0b', '\ud83d', '\udc00x', 'x'.repeat(HUGE), '\u202etxt', '\u001b[31m', 'é'.normalize('NFD'), '👩‍👩‍👧‍👦'],
    ...[
      "'; drop table lockstep.items; --",
      '%',
      '%00',
      '../../etc/passwd',
      '..',
      '<script>',
      '{{7*7}}',
      '__proto__',
      'constructor',
      'null',
    ],
  ),
  hostileNumber,
  hostileInstant,
  fc.string({ unit: 'binary', maxLength: 20 }),
);

const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: hostileText },
  fc.constantFrom<unknown>(-1, 1e308, 2 ** 31, 2 ** 53, -0, 1.5, [], {}, [[]], null, true),
  fc.constant(JSON.parse('{"__proto__":{"isAdmin":true},"constructor":{"prototype":1}}') as unknown),
);

/** A value in which one place holds something hostile. */
export function spoilt(value: unknown): fc.Arbitrary<unknown> {
  return fc.tuple(mutation, hostileValue).map(([change, instead]) => mutated(value, { ...change, kind: 'type', instead }));
}

export const brokenWith = (value: unknown): fc.Arbitrary<unknown> => mutation.map((change) => mutated(value, change));

/** Bodies that are no JSON, or JSON as no program writes it. */
export const rawBody: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constantFrom(
    ...['', '{', '{"a":', 'null', '7', '"text"', '[]', '{}', 'NaN', "{'a':1}", '\ufeff{}', '{}{}', '{"a":1,"a":2}', '{"a":1e999}'].map(
      (text) => Buffer.from(text),
    ),
    Buffer.from('['.repeat(DEEP)),
    Buffer.from('['.repeat(DEEP) + ']'.repeat(DEEP)),
    Buffer.from(`{"a":${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}}`),
    Buffer.from([0xff, 0xfe, 0x00, 0x80]),
    Buffer.from('{"reason":"\xff"}', 'latin1'),
  ),
  fc.uint8Array({ maxLength: 40 }),
);

export const contentType: fc.Arbitrary<string | null> = fc.constantFrom(
  ...[
    'application/json; charset=utf-16',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'x',
  ],
  null,
);
