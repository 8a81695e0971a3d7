/** What a field takes, and how Salesforce keeps it. Source: the contract's field types; limits are those of describe. */
import { badRequest, unreadable } from './errors.ts';
import type { FieldDefinition, Scalar } from './model.ts';
import { instantOf, instantText } from './time.ts';

const NUMBERS = new Set(['int', 'double', 'currency', 'percent']);
/** Digits before the point. */
const MOST_DIGITS = 16;

/** The value as it is kept. Throws Salesforce's refusal; references are only read here, not looked up. */
export function keptValue(field: FieldDefinition, sent: unknown): Scalar {
  if (sent === null || sent === '') return field.type === 'boolean' ? keptBoolean(field, sent) : null;
  if (field.type === 'boolean') return keptBoolean(field, sent);
  if (NUMBERS.has(field.type)) return keptNumber(field, sent);
  if (typeof sent !== 'string') throw misread(field, sent);
  if (field.type === 'date' || field.type === 'datetime') {
    const atMs = instantOf(sent);
    if (atMs === null) throw misread(field, sent);
    return field.type === 'date' ? new Date(atMs).toISOString().slice(0, 10) : instantText(atMs);
  }
  return keptText(field, sent.trim());
}

function keptBoolean(field: FieldDefinition, sent: unknown): boolean {
  if (typeof sent === 'boolean') return sent;
  if (sent === 'true' || sent === 'false') return sent === 'true';
  if (sent === null || sent === '')
    throw badRequest('INVALID_TYPE_ON_FIELD_IN_RECORD', `${field.label}: value not of required type: `, [field.name]);
  throw misread(field, sent);
}

function keptNumber(field: FieldDefinition, sent: unknown): number {
  const number = typeof sent === 'number' ? sent : typeof sent === 'string' && sent.trim() !== '' ? Number(sent) : Number.NaN;
  if (!Number.isFinite(number) || (field.type === 'int' && !Number.isInteger(number))) throw misread(field, sent);
  const isBeyond = field.type === 'int' ? Math.abs(number) > 2_147_483_647 : Math.abs(number) >= 10 ** MOST_DIGITS;
  if (isBeyond)
    throw badRequest('NUMBER_OUTSIDE_VALID_RANGE', `${field.label}: value outside of valid range on numeric field: ${number}`, [
      field.name,
    ]);
  // As decimals: 1.005 is 1.01, whatever binary fractions make of it.
  const rounded = Math.round(Number((number * 10 ** field.scale).toPrecision(15))) / 10 ** field.scale;
  return Object.is(rounded, -0) ? 0 : rounded;
}

function keptText(field: FieldDefinition, text: string): string | null {
  if (text === '') return null;
  // Long: not counted by what one sees but in UTF-16 units, as describe's length.
  if (text.length > field.length)
    throw badRequest('STRING_TOO_LONG', `${field.label}: data value too large: ${text.slice(0, 255)} (max length=${field.length})`, [
      field.name,
    ]);
  if (field.type === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text))
    throw badRequest('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${text}`, [field.name]);
  if (field.type === 'picklist') return keptOption(field, text);
  if (field.type === 'multipicklist') {
    const options = text.split(';').map((option) => option.trim());
    return [...new Set(options.filter((option) => option !== '').map((option) => keptOption(field, option)))].join(';') || null;
  }
  return text;
}

/** Options are found in any case and kept as they are defined. */
function keptOption(field: FieldDefinition, text: string): string {
  const found = field.options.find((option) => option.toLowerCase() === text.toLowerCase());
  if (found !== undefined || !field.restricted) return found ?? text;
  throw badRequest('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', `${field.label}: bad value for restricted picklist field: ${text}`, [
    field.name,
  ]);
}

function misread(field: FieldDefinition, sent: unknown): Error {
  const kind = Array.isArray(sent)
    ? 'START_ARRAY'
    : typeof sent === 'object'
      ? 'START_OBJECT'
      : typeof sent === 'string'
        ? 'VALUE_STRING'
        : typeof sent === 'boolean'
          ? `VALUE_${sent ? 'TRUE' : 'FALSE'}`
          : `VALUE_NUMBER_${Number.isInteger(sent) ? 'INT' : 'FLOAT'}`;
  const value = typeof sent === 'object' ? '' : ` value ${String(sent)}`;
  return unreadable(
    `Cannot deserialize instance of ${soapType(field)} from ${kind}${value} or request may be missing a required field at [line:1, column:1]`,
  );
}

/** The type as messages and describe name it, without `xsd:`. */
export function soapType({ type }: FieldDefinition): string {
  switch (type) {
    case 'boolean':
    case 'int':
    case 'date':
      return type;
    case 'datetime':
      return 'dateTime';
    case 'double':
    case 'currency':
    case 'percent':
      return 'double';
    default:
      return 'string';
  }
}
