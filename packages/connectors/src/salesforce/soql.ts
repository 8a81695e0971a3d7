/**
 * SOQL text. Values are quoted by one function, names are let through by one: nothing of a mapping or of a person is put into a query in another way.
 * Source: SOQL and SOSL Reference, "Quoted String Escape Sequences".
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** A text as a literal of SOQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll(/[\\'"\n\r\t\b\f]/g, (character) => ESCAPES[character] ?? character)}'`;
}

/** `('a','b')`. Never of an empty list, which SOQL does not take. */
export function listed(values: readonly string[]): string {
  return `(${values.map(quoted).join(',')})`;
}

/**
 * A literal for `LIKE`: these parts in this order, anything before, between and after them. `%` and `_` in them mean themselves. Source: SOQL and SOSL
 * Reference, "Comparison Operators".
 */
export function like(parts: readonly string[]): string {
  const escaped = parts.map((part) => part.replaceAll(/[\\'"\n\r\t\b\f%_]/g, (character) => ESCAPES[character] ?? `\\${character}`));
  return `'${['', ...escaped, ''].join('%')}'`;
}

/** A literal for `LIKE`: whatever has the text in it. */
export const containing = (text: string): string => like([text]);

/** The name of an object or a field, as it is. Throws `Invalid` for what is no name: it would be read as a part of the query. */
export function named(name: string, place: string): string {
  if (/^[A-Za-z][A-Za-z0-9_]{0,79}$/.test(name)) return name;
  throw new ConnectorError('Invalid', `${place}: expected the API name of a Salesforce object or field (Title__c), got another text`);
}

/** An instant as SOQL writes it, without quotes. Takes the stamps that answers carry (`2026-05-01T07:25:37.000+0000`) and ISO ones. */
export function instant(at: string): string {
  return new Date(at).toISOString();
}

/**
 * True for what can be a record's id: 15 characters, or 18 whose last three tell which of the others are capitals. Salesforce refuses a whole query for one
 * that cannot. Source: Salesforce help, "How Salesforce record IDs are made case-safe".
 */
export function isRecordId(id: string): boolean {
  if (!/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id)) return false;
  return id.length === 15 || id.slice(15).toUpperCase() === suffixOf(id.slice(0, 15));
}

const SUFFIXES = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

function suffixOf(id: string): string {
  return [0, 5, 10]
    .map((start) => {
      const capitals = Array.from(id.slice(start, start + 5)).reduce(
        (bits, character, at) => (/[A-Z]/.test(character) ? bits + 2 ** at : bits),
        0,
      );
      return SUFFIXES[capitals];
    })
    .join('');
}
