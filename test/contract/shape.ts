/** Shapes of JSON values: which members there are, and of which type. */

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

/** What an example shows and a value has not: members that are missing, and members of another type. Values themselves do not count. */
export function missingFrom(value: unknown, example: unknown, at = ''): readonly string[] {
  if (typeOf(value) !== typeOf(example)) return [`${at}: expected ${typeOf(example)}, got ${typeOf(value)}`];
  if (Array.isArray(example)) {
    const [first] = example as readonly unknown[];
    return first === undefined ? [] : (value as readonly unknown[]).flatMap((part) => missingFrom(part, first, `${at}[]`));
  }
  if (typeof example !== 'object' || example === null) return [];
  return Object.entries(example).flatMap(([name, part]) => {
    const members = value as Readonly<Record<string, unknown>>;
    const place = at === '' ? name : `${at}.${name}`;
    return name in members ? missingFrom(members[name], part, place) : [`${place}: expected it, got none`];
  });
}

/** Members of a value that none of the examples has, by place. */
export function unknownTo(value: unknown, examples: readonly unknown[], at = ''): readonly string[] {
  if (Array.isArray(value)) {
    const parts = examples.flatMap((example) => (Array.isArray(example) ? (example as readonly unknown[]) : []));
    return [...new Set(value.flatMap((part) => unknownTo(part, parts, `${at}[]`)))];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    const place = at === '' ? name : `${at}.${name}`;
    const others = examples.flatMap((example) => (isObject(example) && name in example ? [example[name]] : []));
    return others.length === 0 ? [place] : unknownTo(part, others, place);
  });
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
