/** Request bodies and parameters, checked against what the contract lists: an unknown one is refused, never dropped. */
import type { Context } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { badRequest } from './errors.ts';

export type HubSpotContext = Context<VendorEnv>;

/** Parses a JSON body by a strict schema, or answers with HubSpot's 400; so too where the query has members other than those named. */
export async function bodyOf<S extends z.ZodType>(c: HubSpotContext, schema: S, ...parameters: readonly string[]): Promise<z.infer<S>> {
  onlyParameters(c, ...parameters);
  let json: unknown;
  try {
    json = JSON.parse(await c.req.text());
  } catch {
    throw badRequest('Invalid input JSON on line 1, column 1: Cannot parse the body as JSON');
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw badRequest(
    `Invalid input JSON: ${result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ')}`,
    { errors: result.error.issues.map((issue) => ({ message: issue.message, in: issue.path.join('.') || 'body' })) },
  );
}

/** Refuses query parameters that the route does not have. */
export function onlyParameters(c: HubSpotContext, ...known: readonly string[]): void {
  const unknown = Object.keys(c.req.query()).find((name) => !known.includes(name));
  if (unknown !== undefined) throw badRequest(`Unknown query parameter '${unknown}' on ${c.req.path}`);
}

/** Query parameters, repeated or comma-separated. */
export function listParameter(c: HubSpotContext, name: string): string[] {
  return (c.req.queries(name) ?? [])
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

/** A whole number between 1 and `most`. */
export function limitParameter(c: HubSpotContext, otherwise: number, most: number): number {
  const text = c.req.query('limit');
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) throw badRequest(`Page size must be between 1 and ${most}, was ${text}`);
  return value;
}

export function booleanParameter(c: HubSpotContext, name: string): boolean {
  const text = c.req.query(name) ?? 'false';
  if (text !== 'true' && text !== 'false') throw badRequest(`Query parameter '${name}' must be true or false, was '${text}'`);
  return text === 'true';
}

/** Values as clients send them: the contract says strings, HubSpot takes numbers and booleans as their words. */
export const propertiesSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()]).transform((value) => String(value)),
);

const idSchema = z.union([z.string(), z.number().int()]).transform((id) => String(id));

export const associationTypesSchema = z
  .array(
    z.strictObject({
      associationCategory: z.enum(['HUBSPOT_DEFINED', 'USER_DEFINED', 'INTEGRATOR_DEFINED']),
      associationTypeId: z.number().int(),
    }),
  )
  .min(1);

export const objectIdSchema = z.strictObject({ id: idSchema });

/** What a new record belongs to. */
export const associationsSchema = z.array(z.strictObject({ to: objectIdSchema, types: associationTypesSchema }));
