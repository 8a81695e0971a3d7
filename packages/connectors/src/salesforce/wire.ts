/** The shapes of Salesforce's REST API that we read, checked where they come in. Unknown keys are let through. Source: the vendor's OpenAPI and recorded answers. */
import { z } from 'zod';

/** One error: of a whole answer (a list of these), or of one record of a collection, whose code stands under another name. */
export const errorSchema = z
  .object({
    errorCode: z.string().nullish(),
    statusCode: z.string().nullish(),
    message: z.string().nullish(),
    fields: z.array(z.string()).nullish(),
  })
  .transform(({ errorCode, statusCode, message, fields }) => ({
    code: errorCode ?? statusCode ?? '',
    message: message ?? '',
    fields: fields ?? [],
  }));
export type WireError = z.infer<typeof errorSchema>;

/** A record of a query: the fields that were selected, each null where it is empty. */
export const rowSchema = z.looseObject({ Id: z.string() });
export type Row = z.infer<typeof rowSchema>;

export const querySchema = z.object({
  done: z.boolean(),
  nextRecordsUrl: z.string().nullish(),
  records: z.array(rowSchema),
});

/** One record of a collection that was written. */
export const saveSchema = z.object({
  id: z.string().nullish(),
  success: z.boolean(),
  errors: z.array(errorSchema).default([]),
});
export type Save = z.infer<typeof saveSchema>;
export const savesSchema = z.array(saveSchema);

/** Answers of a composite request, in the order of the requests. */
export const compositeSchema = z.object({
  compositeResponse: z.array(
    z.object({ body: z.unknown(), httpStatusCode: z.number(), referenceId: z.string(), httpHeaders: z.unknown().optional() }),
  ),
});
export type SubAnswer = z.infer<typeof compositeSchema>['compositeResponse'][number];

const fieldSchema = z.object({
  name: z.string(),
  label: z.string().nullish(),
  type: z.string(),
  /** In characters; 0 where the type has none. */
  length: z.number().nullish(),
  createable: z.boolean().nullish(),
  updateable: z.boolean().nullish(),
  externalId: z.boolean().nullish(),
  unique: z.boolean().nullish(),
  htmlFormatted: z.boolean().nullish(),
  restrictedPicklist: z.boolean().nullish(),
  picklistValues: z.array(z.object({ value: z.string(), active: z.boolean().nullish() })).nullish(),
  referenceTo: z.array(z.string()).nullish(),
});
export type WireField = z.infer<typeof fieldSchema>;

export const describeSchema = z.object({
  name: z.string(),
  createable: z.boolean().nullish(),
  updateable: z.boolean().nullish(),
  deletable: z.boolean().nullish(),
  queryable: z.boolean().nullish(),
  replicateable: z.boolean().nullish(),
  fields: z.array(fieldSchema),
});
export type WireDescribe = z.infer<typeof describeSchema>;

/** Changed ids of a window, and how far it is complete: a transaction that is still open may add records after that. */
export const updatedSchema = z.object({ ids: z.array(z.string()), latestDateCovered: z.string() });
export const deletedSchema = z.object({
  deletedRecords: z.array(z.object({ id: z.string(), deletedDate: z.string() })),
  earliestDateAvailable: z.string(),
  latestDateCovered: z.string(),
});

export const limitsSchema = z.object({ DailyApiRequests: z.object({ Max: z.number(), Remaining: z.number() }).nullish() });

export const grantSchema = z.object({
  access_token: z.string().min(1),
  instance_url: z.url(),
  /** The identity's address: its last part is the id of the user that we are. */
  id: z.string().nullish(),
});
export const grantErrorSchema = z.object({ error: z.string(), error_description: z.string().nullish() });
