import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containing, isRecordId, listed, named, quoted } from './soql.ts';

/** A literal read as the vendor documents it: from a quote to the next one that is not escaped. */
function readBack(literal: string): { readonly text: string; readonly rest: string } {
  const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
  const match = /^'((?:[^'\\]|\\[\s\S])*)'([\s\S]*)$/.exec(literal);
  const text = (match?.[1] ?? '').replaceAll(/\\([\s\S])/g, (_, code: string) => escapes[code] ?? code);
  return { text, rest: match?.[2] ?? 'unterminated' };
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom("'", '\\', '"', '\n', 'a', "') OR Id != ('", '%', '_'), { maxLength: 12 }).map((parts) => parts.join('')),
);

const ANYTHING = Symbol('anything');

/** A pattern read as the vendor documents it, character by character. */
function readPattern(literal: string): readonly (string | symbol)[] {
  const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
  return Array.from(literal.slice(1, -1).matchAll(/\\([\s\S])|[\s\S]/g), ([whole, code]) =>
    code === undefined ? (whole === '%' || whole === '_' ? ANYTHING : whole) : (escapes[code] ?? code),
  );
}

describe('SOQL', () => {
  it('I05 whatever people write is one literal, whole, and nothing of it is read as a part of the query', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(readBack(quoted(text))).toEqual({ text, rest: '' });
      }),
    );
  });

  it('I05 a list of literals has as many as there are values', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }), (values) => {
        let rest = listed(values).slice(1);
        const read: string[] = [];
        for (;;) {
          const literal = readBack(rest);
          read.push(literal.text);
          if (literal.rest === ')') break;
          expect(literal.rest.startsWith(',')).toBe(true);
          rest = literal.rest.slice(1);
        }
        expect(read).toEqual(values);
      }),
    );
  });

  it('I05 in a pattern too, where its signs in a text mean themselves', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(readPattern(containing(text))).toEqual([ANYTHING, ...text.split(''), ANYTHING]);
      }),
    );
  });

  it.each(['Title__c, Id', "x' OR 'a", '', '1abc', 'a.b', 'Id FROM User--'])('I05 %j is no name of a field, and is refused', (name) => {
    expect(() => named(name, 'mapping')).toThrow(expect.objectContaining({ code: 'Invalid' }) as Error);
  });

  it.each([
    ['a005g00000AbCdE', true],
    ['a005g00000AbCdEAAV', true],
    ['a005g00000AbCdEAAX', false],
    ['a005g00000AbCdEA', false],
    ["a005g00000AbCd'", false],
    ['99999999', false],
    ['', false],
  ])('%j can be a record: %s', (id, wanted) => {
    expect(isRecordId(id)).toBe(wanted);
  });
});
