/** A resource of the REST API as a function of one request, so that it can be called over HTTP and inside a composite alike. */
import type { Trace } from '../kernel/vendor.ts';
import { badRequest, unreadable } from './errors.ts';
import type { Session } from './model.ts';
import type { Body } from './writing.ts';

export interface Call {
  readonly session: Session;
  /** `v67.0`. */
  readonly version: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  header(name: string): string | undefined;
  /** The body as it came; empty where there is none. */
  readonly text: string;
  readonly trace: Trace;
}

export interface Answer {
  readonly status: number;
  /** Left out: no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/services/data/vXX.X`, parameters as `:id`. */
  readonly path: string;
  /** For the request log, the same for every id. */
  readonly name: string;
  run(call: Call): Answer;
}

/** The value of a parameter of the path. */
export const param = (call: Call, name: string): string => call.params[name] ?? '';

/** The body as a JSON object. Throws Salesforce's refusal where it is none. */
export function bodyOf(call: Call): Body {
  let json: unknown;
  try {
    json = JSON.parse(call.text);
  } catch {
    throw unreadable(
      call.text === ''
        ? 'The HTTP entity body is required, but this request has no entity body.'
        : 'Unexpected character in the request body at [line:1, column:1]',
    );
  }
  return objectOf(json);
}

export function objectOf(json: unknown): Body {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw unreadable(`Unexpected ${Array.isArray(json) ? 'START_ARRAY' : 'value'}, expected an object at [line:1, column:1]`);
  return json as Body;
}

/** A boolean member of a query or body; `fallback` where it is absent. */
export function flag(value: unknown, name: string, fallback = false): boolean {
  if (value === undefined || value === null) return fallback;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw badRequest(
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of boolean from value ${JSON.stringify(value).slice(0, 80)} for ${name}`,
  );
}

/** Notes what was done to records. A request that did several things counts as the first of create, update, delete and read that it did. */
export function did(trace: Trace, effect: Trace['effect'], records = 1): void {
  const rank: readonly Trace['effect'][] = ['create', 'update', 'delete', 'read', 'none'];
  if (records === 0 || rank.indexOf(effect) > rank.indexOf(trace.effect)) return;
  if (trace.effect === effect) trace.records += records;
  else Object.assign(trace, { effect, records });
}
