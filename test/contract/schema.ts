/** JSON Schema as plain data, and changes to all of a document's schemas. */

export type Schema = Readonly<Record<string, unknown>>;
/** Schemas by name. References to them read `contract#/definitions/<name>`. */
export type Definitions = Readonly<Record<string, Schema>>;

export const DOCUMENT = 'contract';
export const refTo = (name: string): Schema => ({ $ref: `${DOCUMENT}#/definitions/${name}` });
/** The name behind a reference of any contract. */
export const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

export const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
export const schemaList = (value: unknown): readonly Schema[] => (Array.isArray(value) ? value.filter(isSchema) : []);
/** The schemas of an object's members. */
export const propertiesOf = (schema: Schema): Readonly<Record<string, Schema>> =>
  isSchema(schema['properties']) ? (schema['properties'] as Record<string, Schema>) : {};
export const requiredOf = (schema: Schema): readonly string[] => (schema['required'] as string[] | undefined) ?? [];

/** Changes one schema, whose parts have been changed before. `at` is where it stands: `PageObjectResponse.properties.*.select`. */
export type Change = (schema: Schema, at: string) => Schema;

const COMBINATIONS = ['anyOf', 'oneOf', 'allOf'] as const;

/** A schema with the change made to it and to all of its parts, references not followed. */
export function changed(schema: Schema, at: string, change: Change): Schema {
  const parts: Record<string, unknown> = { ...schema };
  if (isSchema(schema['properties']))
    parts['properties'] = Object.fromEntries(
      Object.entries(propertiesOf(schema)).map(([name, part]) => [name, changed(part, `${at}.${name}`, change)]),
    );
  if (isSchema(schema['items'])) parts['items'] = changed(schema['items'], `${at}.[]`, change);
  if (isSchema(schema['additionalProperties'])) parts['additionalProperties'] = changed(schema['additionalProperties'], `${at}.*`, change);
  for (const keyword of COMBINATIONS)
    if (Array.isArray(schema[keyword])) parts[keyword] = schemaList(schema[keyword]).map((part) => changed(part, at, change));
  return change(parts, at);
}

export function changedAll(definitions: Definitions, change: Change): Definitions {
  return Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, changed(schema, name, change)]));
}

/** OpenAPI's dialect as JSON Schema: `nullable`, wrapped references, references of ours. Words for people are left out. */
export const asJsonSchema: Change = (schema) => {
  if (typeof schema['$ref'] === 'string') return refTo(nameOf(schema['$ref']));
  const { nullable, description: _1, example: _2, xml: _3, discriminator: _4, deprecated: _5, ...rest } = schema;
  const [only, ...others] = schemaList(rest['allOf']);
  // Jira writes a reference with a description as a list of one.
  if (only !== undefined && others.length === 0) {
    const { allOf: _6, ...siblings } = rest;
    return siblings['readOnly'] === true ? { ...siblings, anyOf: [only] } : only;
  }
  return nullable === true ? orNull(rest) : rest;
};

/** The schema, or null. */
export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

/**
 * For requests: a member that the contract does not name is refused, and one that only answers have is not named. Where the contract says in so many
 * words that anything may stand there, it stays so.
 */
export const closed: Change = (schema) => {
  if (!isSchema(schema['properties'])) return schema;
  const writable = Object.entries(propertiesOf(schema)).filter(([, part]) => part['readOnly'] !== true);
  return { additionalProperties: false, ...schema, properties: Object.fromEntries(writable) };
};

/** For answers: members that the contract does not name are passed over. */
export const opened: Change = (schema) => {
  const { additionalProperties, ...rest } = schema;
  return additionalProperties === false ? rest : schema;
};
