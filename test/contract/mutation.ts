/** Requests made wrong in one place: a value of another type, a member gone, a member too many. */
import fc from 'fast-check';

export type Path = readonly (string | number)[];

/** Every place of a value, itself first. */
function placesOf(value: unknown, at: Path = []): readonly Path[] {
  if (Array.isArray(value)) return [at, ...value.flatMap((part, index) => placesOf(part, [...at, index]))];
  if (typeof value === 'object' && value !== null)
    return [at, ...Object.entries(value).flatMap(([name, part]) => placesOf(part, [...at, name]))];
  return [at];
}

export interface Mutation {
  readonly kind: 'type' | 'missing' | 'unknown';
  /** Which place, as a share of all. */
  readonly place: number;
  /** What is put there instead, for `type`. */
  readonly instead: unknown;
}

/** Members that no contract has. */
const UNKNOWN_MEMBER = 'noSuchMember';

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('type', 'type', 'missing', 'unknown'),
  place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  instead: fc.constantFrom<unknown>(null, true, 7, -1.5, 'a text', [], [[]], {}, { a: {} }),
});

/** The value made wrong. Whether it is wrong by the contract is for the contract to say: some places take anything. */
export function mutated(value: unknown, { kind, place, instead }: Mutation): unknown {
  const places = placesOf(value);
  const fitting = places.filter((path) => {
    if (kind === 'missing') return typeof path.at(-1) === 'string';
    return kind === 'type' || isObject(valueAt(value, path));
  });
  const path = fitting[Math.floor(place * fitting.length)];
  if (path === undefined) return instead;
  if (kind === 'unknown') return replaced(value, [...path, UNKNOWN_MEMBER], instead);
  return replaced(value, path, kind === 'missing' ? undefined : instead);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((part, step) => (part as Readonly<Record<string | number, unknown>>)[step], value);
}

/** A copy with another value at a place; undefined takes the member away. */
function replaced(value: unknown, [step, ...rest]: Path, instead: unknown): unknown {
  if (step === undefined) return instead;
  if (Array.isArray(value)) return value.map((part: unknown, index) => (index === step ? replaced(part, rest, instead) : part));
  const members = { ...(value as Readonly<Record<string, unknown>>) };
  const next = replaced(members[step], rest, instead);
  if (rest.length === 0 && next === undefined) delete members[step];
  else members[step] = next;
  return members;
}
