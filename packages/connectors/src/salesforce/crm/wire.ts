/** What change sets read of Salesforce beside what the backlog reads. Source: REST API Developer Guide, "sObject Describe"; recorded answers. */
import { z } from 'zod';

const fieldSchema = z.object({
  name: z.string(),
  type: z.string(),
  length: z.number().nullish(),
  updateable: z.boolean().nullish(),
  externalId: z.boolean().nullish(),
  unique: z.boolean().nullish(),
  restrictedPicklist: z.boolean().nullish(),
  picklistValues: z.array(z.object({ value: z.string(), active: z.boolean().nullish() })).nullish(),
  referenceTo: z.array(z.string()).nullish(),
  /** By which histories name a standard lookup: `Owner` for `OwnerId`. */
  relationshipName: z.string().nullish(),
});
export type WireField = z.infer<typeof fieldSchema>;

export const describeSchema = z.object({
  name: z.string(),
  undeletable: z.boolean().nullish(),
  fields: z.array(fieldSchema),
});
export type WireDescribe = z.infer<typeof describeSchema>;

/** A text as it stands in a row; null for what is none. */
export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
