import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { mappingSchema } from '@lockstep/domain/sync/mapping.schema.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import type { Tool } from './world.ts';

const read = new Map<Tool, Mapping>();

/** The mapping that is shipped for a tool. Read once: a file of histories makes hundreds of worlds. */
export function shippedMapping(tool: Tool): Mapping {
  const known = read.get(tool);
  if (known !== undefined) return known;
  const file = new URL(`../../packages/connectors/mappings/${tool}.yaml`, import.meta.url);
  const mapping = mappingSchema.parse(parse(readFileSync(file, 'utf8')));
  read.set(tool, mapping);
  return mapping;
}
