/** The JSON Schemas that are shipped are those of the zod schemas by which documents are read. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { KINDS, schemaFile, schemaText } from '../../scripts/schemas.ts';

it.each(KINDS)('docs/schemas/%s.schema.json is the schema of today: run `node scripts/schemas.ts` after a change', (kind) => {
  expect(readFileSync(schemaFile(kind), 'utf8')).toBe(schemaText(kind));
});
