/**
 * `node scripts/schemas.ts`: writes the JSON Schemas of routing's documents, docs/schemas/*.schema.json, from the zod schemas by which the worker reads them. A test
 * (test/routing/schemas.test.ts) fails where the two have drifted apart.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { routingJsonSchema } from '../packages/domain/src/routing/routing-file.schema.ts';
import type { RoutingFileKind } from '../packages/domain/src/routing/routing-file.schema.ts';

export const KINDS: readonly RoutingFileKind[] = ['scoring', 'roster', 'policy', 'slas'];

/** Where the schema of a document is shipped. */
export function schemaFile(kind: RoutingFileKind): string {
  return fileURLToPath(new URL(`../docs/schemas/${kind}.schema.json`, import.meta.url));
}

export function schemaText(kind: RoutingFileKind): string {
  return `${JSON.stringify(routingJsonSchema(kind), null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const kind of KINDS) writeFileSync(schemaFile(kind), schemaText(kind));
