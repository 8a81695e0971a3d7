/** The shapes of HubSpot's CRM API that we read, checked where they come in. Source: the SDK's models and recorded answers; unknown keys are let through. */
import { z } from 'zod';

const id = z.union([z.string(), z.number()]).transform(String);

const versionSchema = z.object({ value: z.string().nullish(), timestamp: z.string() });
export type WireVersion = z.infer<typeof versionSchema>;

export const objectSchema = z.object({
  id,
  /** Strings or null, whatever the type. A property that was asked for and is missing does not exist. */
  properties: z.record(z.string(), z.string().nullable()).default({}),
  /** Versions of a property, newest first. */
  propertiesWithHistory: z.record(z.string(), z.array(versionSchema)).nullish(),
  archived: z.boolean().nullish(),
  url: z.string().nullish(),
  objectWriteTraceId: z.string().nullish(),
});
export type WireObject = z.infer<typeof objectSchema>;

const pagingSchema = z.object({ next: z.object({ after: z.string() }).nullish() }).nullish();
export const pageSchema = z.object({ results: z.array(objectSchema).default([]), paging: pagingSchema });

/** One error of a 207, or a whole answer's. `context` names the rows it belongs to, under keys that differ by operation. */
export const errorSchema = z.object({
  category: z.string().nullish(),
  message: z.string().nullish(),
  policyName: z.string().nullish(),
  context: z.unknown().optional(),
  errors: z.array(z.object({ code: z.string().nullish(), message: z.string().nullish(), context: z.unknown().optional() })).nullish(),
});
export type WireError = z.infer<typeof errorSchema>;

export const batchSchema = z.object({ results: z.array(objectSchema).default([]), errors: z.array(errorSchema).nullish() });
export type WireBatch = z.infer<typeof batchSchema>;

export const propertyListSchema = z.object({
  results: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      fieldType: z.string().nullish(),
      hasUniqueValue: z.boolean().nullish(),
      archived: z.boolean().nullish(),
      options: z.array(z.object({ value: z.string(), label: z.string().nullish() })).default([]),
      modificationMetadata: z.object({ readOnlyValue: z.boolean().nullish() }).nullish(),
    }),
  ),
});
export type WireProperty = z.infer<typeof propertyListSchema>['results'][number];

/** Of the account: where people see its records, and its zone. */
export const accountSchema = z.object({ portalId: id, uiDomain: z.string().nullish(), timeZone: z.string().nullish() });

export const tokenSchema = z.object({ scopes: z.array(z.string()) });

export const eventsSchema = z.array(
  z.object({
    eventId: id,
    subscriptionId: id.nullish(),
    occurredAt: z.union([z.number(), z.string()]).nullish(),
    subscriptionType: z.string(),
    objectTypeId: z.string().nullish(),
    objectId: id.nullish(),
    mergedObjectIds: z.array(id).nullish(),
  }),
);
