/** The scoring spec, scoring.yaml: which product events and traits make a product-qualified lead of an account. */
import { z } from 'zod';
import { conditionSchema } from './condition.schema.ts';

const idSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, { error: 'expected an id of small letters, digits and hyphens' });
/** Two decimals, so that points are whole millionths whatever is written. */
const pointsSchema = z.number().multipleOf(0.01, { error: 'expected points with two decimals at most' });

const scoredEventSchema = z.strictObject({
  id: idSchema,
  /** The name of a `track` call, to the letter. */
  event: z.string().min(1).max(200),
  /** Over the properties of the call; left out: every call of that name. */
  where: conditionSchema.default({}),
  /** For one event at the moment at which it happens. */
  points: pointsSchema.positive().max(1_000),
  /** What all events of this kind are worth together at most, at any instant. */
  cap: pointsSchema.positive().max(10_000),
  /** Days of 24 h after which an event is worth half. */
  halfLifeDays: z.number().positive().min(0.04, { error: 'expected an hour (0.04) at least' }).max(3_650),
});

const fitSchema = z.strictObject({
  id: idSchema,
  /** Over the account's traits. */
  when: conditionSchema,
  /** Below 0: speaks against it. */
  points: pointsSchema.min(-1_000).max(1_000),
});

const thresholdSchema = pointsSchema.positive().max(10_000);
const tierSchema = z.strictObject({
  /** Over the account's traits. */
  when: conditionSchema.refine((when) => Object.keys(when).length > 0, { error: 'expected a condition: an empty one takes every account' }),
  threshold: thresholdSchema,
});

/** Scoring spec. Another content needs another version. */
export const scoringSchema = z
  .strictObject({
    version: z.string().min(1).max(100),
    events: z.array(scoredEventSchema).min(3, { error: 'expected 3 to 10 events' }).max(10, { error: 'expected 3 to 10 events' }),
    /** The ideal customer's profile; every criterion that holds adds its points, once. */
    fit: z.array(fitSchema).max(50).default([]),
    /** `enterprise` is asked first, then `smb`; everybody else is `prosumer`. */
    tiers: z.strictObject({ prosumer: z.strictObject({ threshold: thresholdSchema }), smb: tierSchema, enterprise: tierSchema }),
  })
  .superRefine((spec, context) => {
    for (const list of ['events', 'fit'] as const)
      for (const [index, { id }] of spec[list].entries())
        if (spec[list].findIndex((other) => other.id === id) !== index)
          context.addIssue({ code: 'custom', path: [list, index, 'id'], message: 'expected every id once' });
    for (const [index, { points, cap }] of spec.events.entries())
      if (cap < points)
        context.addIssue({ code: 'custom', path: ['events', index, 'cap'], message: 'expected a cap that one event fits into' });
  });

export type ScoringSpec = z.infer<typeof scoringSchema>;
export type ScoredEvent = z.infer<typeof scoredEventSchema>;
export type FitCriterion = z.infer<typeof fitSchema>;
