/** The shapes of HubSpot's CRM API that change sets read beside those of tasks. Source: the SDK's models (objects, properties, owners, associations v4). */
import { z } from 'zod';
import { errorSchema } from '../wire.ts';

const id = z.union([z.string(), z.number()]).transform(String);

const versionSchema = z.object({
  value: z.string().nullish(),
  timestamp: z.string(),
  sourceType: z.string().nullish(),
  sourceId: z.string().nullish(),
  updatedByUserId: id.nullish(),
});
export type WireRecordVersion = z.infer<typeof versionSchema>;

const recordSchema = z.object({
  id,
  properties: z.record(z.string(), z.string().nullable()).default({}),
  /** Versions of a property, newest first. */
  propertiesWithHistory: z.record(z.string(), z.array(versionSchema)).nullish(),
  updatedAt: z.string().nullish(),
  archived: z.boolean().nullish(),
  objectWriteTraceId: z.string().nullish(),
});
export type WireRecord = z.infer<typeof recordSchema>;

/** `startedAt` is the instant at which HubSpot began, by its clock. An archive answers with nothing. */
export const recordsSchema = z.object({
  results: z.array(recordSchema).default([]),
  errors: z.array(errorSchema).nullish(),
  startedAt: z.string().nullish(),
});
export type WireRecords = z.infer<typeof recordsSchema>;

export const fieldsSchema = z.object({
  results: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      fieldType: z.string().nullish(),
      hasUniqueValue: z.boolean().nullish(),
      archived: z.boolean().nullish(),
      calculated: z.boolean().nullish(),
      externalOptions: z.boolean().nullish(),
      referencedObjectType: z.string().nullish(),
      options: z.array(z.object({ value: z.string() })).default([]),
      modificationMetadata: z.object({ readOnlyValue: z.boolean().nullish() }).nullish(),
    }),
  ),
});
export type WireField = z.infer<typeof fieldsSchema>['results'][number];

export const ownersSchema = z.object({
  results: z.array(z.object({ id, email: z.string().nullish() })).default([]),
  paging: z.object({ next: z.object({ after: z.string() }).nullish() }).nullish(),
});

export const identitySchema = z.object({ appId: z.number().int().positive() }).or(
  // OAuth v1 names it so.
  z.object({ app_id: z.number().int().positive() }).transform(({ app_id: appId }) => ({ appId })),
);

const associationTypeSchema = z.object({ category: z.string(), typeId: z.number().int(), label: z.string().nullish() });
export type WireAssociationType = z.infer<typeof associationTypeSchema>;

export const labelsSchema = z.object({ results: z.array(associationTypeSchema).default([]) });

export const associatedSchema = z.object({
  results: z
    .array(
      z.object({
        from: z.object({ id }),
        to: z.array(z.object({ toObjectId: id, associationTypes: z.array(associationTypeSchema).default([]) })).default([]),
        paging: z.object({ next: z.object({ after: z.string() }).nullish() }).nullish(),
      }),
    )
    .default([]),
});

/** Of writes of associations only the errors are looked at: what is not refused stands. */
export const linkedSchema = z.object({ errors: z.array(errorSchema).nullish() });
