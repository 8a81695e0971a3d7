/** Request bodies and parameters, checked against what the contract lists: an unknown one is refused, never dropped. */
import type { Context, MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { badRequest, JiraError } from './errors.ts';

export type JiraContext = Context<VendorEnv>;

/** Parses a JSON body by a strict schema, or answers with Jira's 400. */
export async function bodyOf<S extends z.ZodType>(c: JiraContext, schema: S): Promise<z.infer<S>> {
  let json: unknown;
  try {
    json = JSON.parse(await c.req.text());
  } catch {
    throw badRequest('There was an error parsing JSON. Check that your request body is valid.');
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new JiraError(
    400,
    ['Invalid request payload. Refer to the REST API documentation and try again.'],
    Object.fromEntries(result.error.issues.map((issue) => [issue.path.join('.') || 'body', issue.message])),
  );
}

/** Query parameters, comma-separated ones as lists. */
export function listParameter(c: JiraContext, name: string): string[] {
  return (c.req.queries(name) ?? [])
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

/** A parameter that has one of a few values; null where it is not given. */
export function choiceParameter<const T extends string>(c: JiraContext, name: string, allowed: readonly T[]): T | null {
  const text = c.req.query(name);
  if (text === undefined) return null;
  const chosen = allowed.find((value) => value === text);
  if (chosen === undefined) throw badRequest(`The '${name}' parameter must be one of ${allowed.join(', ')}, was '${text}'.`);
  return chosen;
}

export function numberParameter(c: JiraContext, name: string, otherwise: number): number {
  const text = c.req.query(name);
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text)) throw badRequest(`The '${name}' parameter must be a non-negative integer, was '${text}'.`);
  return Number(text);
}

/** Parameters that are whole numbers wherever the contract has them. */
const NUMBERS = ['startAt', 'maxResults', 'reconcileIssues', 'projectIds', 'categoryId', 'recent'];

/** Refuses what is no number there, on endpoints too that make no use of it. */
export const numbersChecked: MiddlewareHandler<VendorEnv> = async (c, next) => {
  for (const name of NUMBERS)
    for (const text of (c.req.queries(name) ?? []).flatMap((each) => each.split(',')))
      if (!/^-?\d+$/.test(text)) throw badRequest(`The '${name}' parameter must be an integer, was '${text}'.`);
  await next();
};

export const entityPropertySchema = z.strictObject({ key: z.string().min(1).max(255), value: z.unknown() });

export const writeBodySchema = z.strictObject({
  fields: z.record(z.string(), z.unknown()).optional(),
  update: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))).optional(),
  properties: z.array(entityPropertySchema).max(10).optional(),
  historyMetadata: z.looseObject({}).optional(),
  transition: z.looseObject({}).optional(),
});
