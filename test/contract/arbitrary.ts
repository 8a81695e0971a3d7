/** Values of a JSON Schema, for fast-check: any that the schema allows, or plausible ones where a vendor's words say what stands at a place. */
import fc from 'fast-check';
import { isSchema, nameOf, propertiesOf, requiredOf, schemaList } from './schema.ts';
import type { Definitions, Schema } from './schema.ts';

/** What plausibly stands at a place (`IssueUpdateDetails.fields.summary`); undefined: whatever the schema allows. */
export type Words = (at: string) => fc.Arbitrary<unknown> | undefined;

/** Stands for a member that is not there. */
export const ABSENT = Symbol('absent');
export const absent = fc.constant(ABSENT);

/** References followed this deep; below, only what is required. */
const DEEPEST = 5;
/** Words against whatever the schema allows: so that most requests mean something, and some do not. */
const WEIGHTS = { words: 12, schema: 1 };
/** How often a member that is not required is there: one that a vendor's words speak of more often than not. */
const OPTIONAL = { named: 8, other: 1, absent: 2 };

export type Generator = (schema: Schema, at: string) => fc.Arbitrary<unknown>;

/** Makes arbitraries over one document's definitions. */
export function generatorOf(definitions: Definitions, words: Words): Generator {
  const known = new Map<string, fc.Arbitrary<unknown>>();
  const any = (schema: Schema, at: string, depth: number): fc.Arbitrary<unknown> => {
    const plausible = words(at);
    if (plausible === undefined) return byKeyword(schema, at, depth);
    return fc.oneof(
      { weight: WEIGHTS.words, arbitrary: plausible },
      { weight: WEIGHTS.schema, arbitrary: byKeyword(schema, at, Math.min(depth, 1)) },
    );
  };
  const byKeyword = (schema: Schema, at: string, depth: number): fc.Arbitrary<unknown> => {
    if (typeof schema['$ref'] === 'string') return referred(nameOf(schema['$ref']), depth);
    if ('const' in schema) return fc.constant(schema['const']);
    if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
    const alternatives = schemaList(schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']);
    if (alternatives.length > 0) return fc.oneof(...reachable(alternatives, depth).map((part) => any(part, at, depth)));
    const { type } = schema;
    const types = Array.isArray(type)
      ? (type as string[])
      : [typeof type === 'string' ? type : isSchema(schema['properties']) ? 'object' : ''];
    return fc.oneof(...types.map((name) => ofType(name, schema, at, depth)));
  };
  const referred = (name: string, depth: number): fc.Arbitrary<unknown> => {
    const key = `${name} ${depth}`;
    const found = known.get(key) ?? any(definitions[name] ?? {}, name, depth - 1);
    known.set(key, found);
    return found;
  };
  const ofType = (type: string, schema: Schema, at: string, depth: number): fc.Arbitrary<unknown> => {
    if (type === 'array') return arrayOf(schema, depth, isSchema(schema['items']) ? any(schema['items'], `${at}.[]`, depth) : fc.nat(3));
    if (type === 'object') return objectOf(schema, at, depth, { any, isNamed: (place) => words(place) !== undefined });
    return scalarOf(type, schema);
  };
  return (schema, at) => any(schema, at, DEEPEST);
}

/** At the bottom, alternatives that lead no further. */
function reachable(alternatives: readonly Schema[], depth: number): readonly Schema[] {
  const flat = alternatives.filter((part) => part['$ref'] === undefined && !isSchema(part['properties']));
  return depth > 0 || flat.length === 0 ? alternatives : flat;
}

function arrayOf(schema: Schema, depth: number, item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const minLength = Number(schema['minItems'] ?? 0);
  const maxLength = Math.max(minLength, Math.min(Number(schema['maxItems'] ?? 3), depth > 0 ? 3 : 0));
  const isUnique = schema['uniqueItems'] === true;
  return isUnique
    ? fc.uniqueArray(item, { minLength, maxLength, selector: (value) => JSON.stringify(value) })
    : fc.array(item, { minLength, maxLength });
}

function objectOf(
  schema: Schema,
  at: string,
  depth: number,
  { any, isNamed }: { any: (schema: Schema, at: string, depth: number) => fc.Arbitrary<unknown>; isNamed: (at: string) => boolean },
): fc.Arbitrary<unknown> {
  const required = requiredOf(schema);
  const members = Object.entries(propertiesOf(schema)).flatMap(([name, part]) => {
    if (required.includes(name)) return [[name, any(part, `${at}.${name}`, depth)] as const];
    if (depth <= 0) return [];
    const place = `${at}.${name}`;
    const weight = isNamed(place) ? OPTIONAL.named : OPTIONAL.other;
    return [[name, fc.oneof({ weight: OPTIONAL.absent, arbitrary: absent }, { weight, arbitrary: any(part, place, depth) })] as const];
  });
  const named = fc.record(Object.fromEntries(members));
  const more = schema['additionalProperties'];
  const others =
    isSchema(more) && depth > 0
      ? fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), any(more, `${at}.*`, depth), { maxKeys: 2 })
      : null;
  return (others === null ? named : fc.tuple(others, named).map(([free, fixed]) => ({ ...free, ...fixed }))).map((value) =>
    Object.fromEntries(Object.entries(value).filter(([, part]) => part !== ABSENT)),
  );
}

function scalarOf(type: string, schema: Schema): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return stringOf(schema);
    case 'integer':
      return fc.integer({ min: Number(schema['minimum'] ?? -10), max: Number(schema['maximum'] ?? 10_000) });
    case 'number':
      return fc.oneof(fc.integer({ min: 0, max: 100 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function stringOf(schema: Schema): fc.Arbitrary<string> {
  switch (schema['format']) {
    case 'date-time':
      return fc.date({ min: new Date(0), max: new Date('2040-01-01'), noInvalidDate: true }).map((date) => date.toISOString());
    case 'date':
      return fc.date({ min: new Date(0), max: new Date('2040-01-01'), noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10));
    case 'uri':
    case 'url':
      return fc.webUrl();
    case 'uuid':
      return fc.uuid();
    default: {
      const minLength = Number(schema['minLength'] ?? 0);
      const maxLength = Math.min(Number(schema['maxLength'] ?? 12), 12);
      return fc.oneof(fc.string({ minLength, maxLength }), fc.string({ unit: 'grapheme', minLength, maxLength }));
    }
  }
}
