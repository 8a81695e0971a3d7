/** scoring.yaml, roster.yaml, policy.yaml and slas.yaml as a whole: read with every problem told, and as JSON Schema for editors. */
import { z } from 'zod';
import { policySchema } from './policy.schema.ts';
import { schemaProblems } from './problem.ts';
import type { Locate, Problem } from './problem.ts';
import { rosterSchema } from './roster.schema.ts';
import { scoringSchema } from './score.schema.ts';
import { slaFileSchema } from './sla.schema.ts';

const SCHEMAS = { scoring: scoringSchema, roster: rosterSchema, policy: policySchema, slas: slaFileSchema } as const;
export type RoutingFileKind = keyof typeof SCHEMAS;
export type RoutingFile<Kind extends RoutingFileKind> = z.infer<(typeof SCHEMAS)[Kind]>;

/** Reads a file's parsed YAML. All that is wrong is told at once, with its line where `locate` knows it. */
export function readRoutingFile<Kind extends RoutingFileKind>(
  kind: Kind,
  value: unknown,
  place: { readonly file: string; readonly locate?: Locate },
): { readonly value: RoutingFile<Kind> } | { readonly problems: readonly Problem[] } {
  const result = SCHEMAS[kind].safeParse(value);
  if (result.success) return { value: result.data as RoutingFile<Kind> };
  return { problems: schemaProblems(result.error.issues, value, { ...place, remedy: `see the JSON Schema of ${kind}.yaml` }) };
}

/**
 * JSON Schema (draft 2020-12) of what a person writes: what has a default may be left out. Rules across fields
 * are in the reading only.
 */
export function routingJsonSchema(kind: RoutingFileKind): z.core.JSONSchema.JSONSchema {
  return { title: `Lockstep routing: ${kind}.yaml`, ...z.toJSONSchema(SCHEMAS[kind], { io: 'input' }) };
}
