/** What a property takes, and how HubSpot keeps it: every value is a string, in one form. */
import type { InvalidValue } from './errors.ts';
import { plainText, sanitized } from './html.ts';
import type { ObjectType, PropertyDefinition, Values } from './model.ts';

/** Longest text of a property. */
const MOST_CHARACTERS = 65_536;
const PREVIEW_CHARACTERS = 200;
const DAY_MS = 86_400_000;

type Kept = { readonly value: string | null } | { readonly invalid: InvalidValue };

/** The value as it is kept (null: cleared), or why it is refused. `before` is the value that is there. */
export function keptValue(property: PropertyDefinition, sent: string, before: string | undefined): Kept {
  const text = sent.trim();
  const refuse = (error: InvalidValue['error'], message: string): Kept => ({ invalid: { name: property.name, error, message } });
  if (property.readOnlyValue) return refuse('READ_ONLY_VALUE', `"${property.name}" is a read only property; its value cannot be set.`);
  if (text === '') return { value: null };
  if (text.length > MOST_CHARACTERS)
    return refuse('INVALID_LENGTH', `${property.name} is ${text.length} characters long; the maximum is ${MOST_CHARACTERS}.`);
  if (property.type === 'number') {
    const number = Number(text);
    return Number.isFinite(number) ? { value: text } : refuse('INVALID_INTEGER', `${text} was not a valid number.`);
  }
  if (property.type === 'date' || property.type === 'datetime') {
    const atMs = instantOf(text);
    if (atMs === null) return refuse('INVALID_DATE', `${text} was not a valid ${property.type === 'date' ? 'date' : 'long'}.`);
    if (property.type === 'datetime') return { value: new Date(atMs).toISOString() };
    return atMs % DAY_MS === 0
      ? { value: new Date(atMs).toISOString().slice(0, 10) }
      : refuse('INVALID_DATE', `${text} is not at midnight UTC, as a date must be.`);
  }
  if (property.type === 'bool') {
    const word = text.toLowerCase();
    return word === 'true' || word === 'false' ? { value: word } : refuse('INVALID_OPTION', notAnOption(text, ['true', 'false']));
  }
  if (property.type === 'enumeration') return keptOptions(property, text, before, refuse);
  if (property.name === 'email') {
    const email = text.toLowerCase();
    return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email) ? { value: email } : refuse('INVALID_EMAIL', `Email address ${text} is invalid`);
  }
  if (property.fieldType !== 'html') return { value: text };
  const html = sanitized(text).trim();
  return { value: html === '' ? null : html };
}

/** Several are joined by semicolons where the field takes several; a leading one adds to what is there. */
function keptOptions(
  property: PropertyDefinition,
  text: string,
  before: string | undefined,
  refuse: (error: InvalidValue['error'], message: string) => Kept,
): Kept {
  const allowed = property.options.map((option) => option.value);
  const isMultiple = property.fieldType === 'checkbox';
  const wanted = isMultiple ? text.split(';').filter((value) => value !== '') : [text];
  const stranger = wanted.find((value) => !allowed.includes(value));
  if (stranger !== undefined) return refuse('INVALID_OPTION', notAnOption(stranger, allowed));
  const kept = isMultiple && text.startsWith(';') ? [...(before ?? '').split(';').filter((value) => value !== ''), ...wanted] : wanted;
  return { value: [...new Set(kept)].join(';') };
}

const notAnOption = (value: string, allowed: readonly string[]): string =>
  `${value} was not one of the allowed options: [${allowed.join(', ')}]`;

/** Epoch milliseconds, or an ISO date with or without a time (UTC where it names no zone); null where it is none. */
export function instantOf(text: string): number | null {
  if (/^-?\d+$/.test(text)) {
    const atMs = Number(text);
    return Math.abs(atMs) <= 8.64e15 ? atMs : null;
  }
  const iso = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/.exec(text);
  if (iso === null) return null;
  const [, day = '', time, zone = 'Z'] = iso;
  const atMs = Date.parse(time === undefined ? day : `${day}T${time}${zone}`);
  // Date.parse takes the 31st of a short month for the 1st of the next.
  if (Number.isNaN(atMs) || new Date(`${day}T00:00:00Z`).getUTCDate() !== Number(day.slice(8))) return null;
  return atMs;
}

/** What HubSpot itself sets beside what a client wrote. */
export function derivedValues(objectType: ObjectType, before: Values, after: Values, nowMs: number): Record<string, string | null> {
  if (objectType !== 'tasks') return {};
  const body = after['hs_task_body'];
  const isCompleted = after['hs_task_status'] === 'COMPLETED';
  const wasCompleted = before['hs_task_status'] === 'COMPLETED';
  return {
    hs_body_preview: body === undefined ? null : plainText(body).slice(0, PREVIEW_CHARACTERS),
    hs_task_completion_date: !isCompleted
      ? null
      : wasCompleted
        ? (before['hs_task_completion_date'] ?? null)
        : new Date(nowMs).toISOString(),
  };
}
