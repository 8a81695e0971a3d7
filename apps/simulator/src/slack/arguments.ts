/**
 * Arguments of a call: from a form, a JSON body or the query, whichever it has. An argument that the method does not know is passed over, as Slack does;
 * one of another form is refused. Source: https://docs.slack.dev/apis/web-api (POST bodies).
 */
import type { Context } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import { invalidArgument, SlackError } from './errors.ts';

export type SlackContext = Context<VendorEnv>;

/** As they came: texts from a form or a query, any JSON from a JSON body. */
export type Arguments = Readonly<Record<string, unknown>>;

/** Reads the arguments. Refuses what is not written as it says. */
export async function argumentsOf(c: SlackContext): Promise<Arguments> {
  const query = c.req.query();
  if (c.req.method === 'GET') return query;
  const text = await c.req.text();
  const [type = ''] = (c.req.header('content-type') ?? '').split(';', 1);
  if (text === '') return query;
  switch (type.trim().toLowerCase()) {
    case 'application/x-www-form-urlencoded':
      return { ...query, ...Object.fromEntries(new URLSearchParams(text)) };
    case 'application/json':
      return { ...query, ...objectOf(text) };
    case '':
      throw new SlackError('missing_post_type');
    default:
      throw new SlackError('invalid_post_type');
  }
}

function objectOf(text: string): Arguments {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SlackError('invalid_json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SlackError('json_not_object');
  return value as Arguments;
}

/** A text; undefined where it is not given. An empty one counts as given. */
export function textAt(args: Arguments, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidArgument(name, 'must be a string');
  return value;
}

export function requiredAt(args: Arguments, name: string): string {
  const value = textAt(args, name);
  if (value === undefined || value === '')
    throw new SlackError('invalid_arguments', { response_metadata: { messages: [`[ERROR] missing required field: ${name}`] } });
  return value;
}

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false, '': false };

export function booleanAt(args: Arguments, name: string): boolean | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  const read = typeof value === 'string' || typeof value === 'number' ? BOOLEANS[String(value)] : undefined;
  if (read === undefined) throw invalidArgument(name, 'must be a boolean');
  return read;
}

/** A whole number from 1 to `most`; undefined where it is not given, or 0. */
export function limitAt(args: Arguments, most: number, refusal = 'invalid_limit'): number | undefined {
  const value = args['limit'];
  if (value === undefined || value === null || value === '' || value === 0 || value === '0') return undefined;
  const read = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : NaN;
  if (!Number.isInteger(read) || read < 1 || read > most) throw new SlackError(refusal);
  return read;
}

/** JSON within a form's text, or as it is in a JSON body; undefined where it is not given. */
export function jsonAt(args: Arguments, name: string, refusal: string): unknown {
  const value = args[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw new SlackError(refusal);
  }
}
