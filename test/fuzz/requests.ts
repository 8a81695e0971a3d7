/** Requests to one route that nobody wrote: well-formed ones about things that are there or not, and ones that are wrong in every way that HTTP allows. */
import fc from 'fast-check';
import { ABSENT, generatorOf } from '../contract/arbitrary.ts';
import type { Words } from '../contract/arbitrary.ts';
import type { Definitions, Schema } from '../contract/schema.ts';
import { brokenWith, contentType, hostileInstant, hostileNumber, hostileText, rawBody, spoilt } from './hostile.ts';
import type { ServedOperation } from './served.ts';

export interface FuzzRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

const WEIGHTS = { known: 6, hostile: 1, made: 1 };
const JSON_TYPE = { 'content-type': 'application/json' };

/** `known`: what is there, by the name of the parameter or member that it stands in. */
export function requestsOf(
  operation: ServedOperation,
  definitions: Definitions,
  known: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<FuzzRequest> {
  const wordsAt = (name: string): fc.Arbitrary<string> | undefined => {
    const values = name === 'text' && operation.body !== null ? known['documents'] : known[name];
    return values === undefined ? undefined : fc.constantFrom(...values);
  };
  const words: Words = (at) => wordsAt(at.replaceAll('.[]', '').split('.').at(-1) ?? '');
  const generate = generatorOf(definitions, words);
  const params = operation.params.map((name) => paramText(wordsAt(name)));
  const query = fc.oneof({ weight: 3, arbitrary: validQuery(operation, generate) }, hostileQuery(operation));
  const head = fc.record({ params: fc.tuple(...params), query });
  return fc.tuple(head, bodyOf(operation, generate)).map(([{ params: values, query: text }, { headers, body }]) => {
    const given = [...values];
    const path = operation.path.replaceAll(/\{\w+\}/g, () => given.shift() ?? '');
    return { method: operation.method, path: text === '' ? path : `${path}?${text}`, headers, body };
  });
}

/** Percent-encoded, or not even that. */
function paramText(plausible: fc.Arbitrary<string> | undefined): fc.Arbitrary<string> {
  const encoded = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    // A path cannot hold half a pair, nor be longer than the server's head; nor is one with `..` the same path.
    text.map((one) => encodeURIComponent(one.toWellFormed().slice(0, 8_000))).filter((one) => !/^(\.|%2e)*$/i.test(one));
  const raw = fc.constantFrom('%', '%zz', '%ff', '%c3%28', '%00', 'a%2Fb', '%2e%2e%2f', ';x=1', '*');
  const made = encoded(fc.string({ minLength: 1, maxLength: 12 }));
  return fc.oneof(
    { weight: plausible === undefined ? 0 : WEIGHTS.known, arbitrary: plausible === undefined ? made : encoded(plausible) },
    { weight: WEIGHTS.hostile, arbitrary: encoded(hostileText) },
    { weight: WEIGHTS.made, arbitrary: fc.oneof(made, raw) },
  );
}

type Generate = (schema: Schema, at: string) => fc.Arbitrary<unknown>;

function validQuery({ query, requiredQuery }: ServedOperation, generate: Generate): fc.Arbitrary<string> {
  const members = Object.entries(query).map(([name, schema]) => [name, generate(schema, `query.${name}`)] as const);
  return fc.record(Object.fromEntries(members), { requiredKeys: [...requiredQuery] }).map((made) =>
    new URLSearchParams(
      Object.entries(made).flatMap(([name, value]) => {
        if (value === ABSENT || value === undefined) return [];
        return (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one).toWellFormed()]);
      }),
    ).toString(),
  );
}

/** Members that are hostile, given twice, or not known; and what is no query at all. */
function hostileQuery({ query }: ServedOperation): fc.Arbitrary<string> {
  const pair = fc
    .constantFrom(...Object.entries(query), ['noSuchMember', {}] as const, ['__proto__', {}] as const)
    .chain(([name, schema]) => hostileFor(schema).map((value): [string, string] => [name, value.toWellFormed().slice(0, 4_000)]));
  const pairs = fc.array(pair, { minLength: 1, maxLength: 3 }).map((made) => new URLSearchParams(made).toString());
  return fc.oneof({ weight: 4, arbitrary: pairs }, fc.constantFrom('%', '&&==', 'limit', 'limit=%ff', '?a=?', '='));
}

/** Mostly of the kind that is expected there: what is plainly something else never gets far. */
function hostileFor({ type, format }: Schema): fc.Arbitrary<string> {
  const own = type === 'integer' || type === 'number' ? hostileNumber : format === 'date-time' ? hostileInstant : hostileText;
  return fc.oneof({ weight: 4, arbitrary: own }, hostileText);
}

interface Body {
  readonly headers: FuzzRequest['headers'];
  readonly body: FuzzRequest['body'];
}

function bodyOf({ method, body }: ServedOperation, generate: Generate): fc.Arbitrary<Body> {
  if (method === 'GET') return fc.constant({ headers: {}, body: null });
  const json = (value: unknown): Body => ({ headers: JSON_TYPE, body: Buffer.from(JSON.stringify(value) ?? '') });
  const raw = fc.oneof(
    rawBody.map((bytes): Body => ({ headers: JSON_TYPE, body: bytes })),
    fc.tuple(contentType, rawBody).map(([type, bytes]): Body => ({ headers: type === null ? {} : { 'content-type': type }, body: bytes })),
    fc.constant<Body>({ headers: {}, body: null }),
    fc.constant<Body>({ headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: Buffer.from('{}') }),
  );
  if (body === null) return fc.oneof(fc.constant<Body>({ headers: {}, body: null }), raw);
  const valid = generate(body.schema, 'body');
  return fc.oneof(
    { weight: 5, arbitrary: valid.map(json) },
    { weight: 3, arbitrary: valid.chain(spoilt).map(json) },
    { weight: 2, arbitrary: valid.chain(brokenWith).map(json) },
    { weight: 2, arbitrary: raw },
  );
}
