/** Conditions over traits and properties, as they stand in scoring.yaml and policy.yaml. */
import { z } from 'zod';

const scalarSchema = z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()]);

const testSchema = z.union([
  /** Equal. */
  scalarSchema,
  /** Equal to one of them. */
  z.array(scalarSchema).min(1),
  z
    .strictObject({
      gte: z.number().optional(),
      gt: z.number().optional(),
      lte: z.number().optional(),
      lt: z.number().optional(),
      /** Whether the value is there at all and not null. */
      exists: z.boolean().optional(),
      /** Equal to none of them. */
      not: z.array(scalarSchema).min(1).optional(),
    })
    .refine((test) => Object.keys(test).length > 0, { error: 'expected at least one of gte, gt, lte, lt, exists, not' }),
]);

/** Dotted paths and what has to hold for the value there; all of them have to. */
export const conditionSchema = z.record(z.string().min(1).max(200), testSchema);

export type Condition = z.infer<typeof conditionSchema>;
export type ConditionTest = z.infer<typeof testSchema>;
