/**
 * The routing policy, policy.yaml: which way a lead takes, as rules in order. Two questions, each answered by the first entry that matches: which **motion** it is
 * (product-led, sales-led, agent-led), and which **rule** takes it: the play, the role, the SLA and who comes when nobody can.
 */
import { z } from 'zod';
import { conditionSchema } from './condition.schema.ts';
import { idSchema, MOTION_NAMES, ROLES, TIER_NAMES } from './roster.schema.ts';

/** What may be played in each motion. */
const PLAYS = { plg: ['self-serve-expansion', 'sales-assist'], slg: ['sdr-discovery'], alg: ['agent-qualification'] } as const;

/** Where a lead comes from: `product`, `inbound-demo`, `form`, `import`, or a name of your own. */
const sourceSchema = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: 'expected a source of small letters, digits and hyphens' });

const motionSchema = z.strictObject({
  motion: z.enum(MOTION_NAMES),
  /** What is left out matches everything. */
  when: z
    .strictObject({
      tiers: z.array(z.enum(TIER_NAMES)).min(1).optional(),
      sources: z.array(sourceSchema).min(1).optional(),
      /** Over the account's traits. */
      traits: conditionSchema.optional(),
    })
    .default({}),
});

const whenSchema = z.strictObject({
  motions: z.array(z.enum(MOTION_NAMES)).min(1),
  tiers: z.array(z.enum(TIER_NAMES)).min(1).optional(),
  territories: z.array(idSchema).min(1).optional(),
  sources: z.array(sourceSchema).min(1).optional(),
  /** From `from` up to, and without, `below`. */
  score: z
    .strictObject({ from: z.number().optional(), below: z.number().optional() })
    .refine(({ from, below }) => from === undefined || below === undefined || from < below, { error: 'expected `from` under `below`' })
    .optional(),
  isBackfill: z.boolean().optional(),
});

/** `overflow`: the pool's overflow pools. `manager`, `human`: the pool's. `person:<id>`: this one. */
const fallbackSchema = z.union([z.enum(['overflow', 'manager', 'human']), z.templateLiteral(['person:', idSchema])], {
  error: 'expected overflow, manager, human or person:<id>',
});

const waySchema = z.strictObject({
  play: z.enum(['self-serve-expansion', 'sales-assist', 'sdr-discovery', 'agent-qualification']),
  /** Whose pool of the lead's territory takes it: an AE, an expansion CSM, an SDR. */
  role: z.enum(ROLES),
  /** This pool, whatever the territory. */
  pool: idSchema.optional(),
  /** Id of the service level. */
  sla: idSchema,
  /** Of `agent-qualification`: below it a person takes over; 0–1. */
  leastConfidence: z.number().min(0).max(1).default(0.7),
  /** Who comes when nobody of the pool can, in this order. It ends in a named human. */
  fallback: z.array(fallbackSchema).min(1).default(['overflow', 'manager', 'human']),
});

const ruleSchema = z.strictObject({ id: idSchema, when: whenSchema, way: waySchema }).superRefine(({ when, way }, context) => {
  for (const motion of when.motions)
    if (!(PLAYS[motion] as readonly string[]).includes(way.play))
      context.addIssue({ code: 'custom', path: ['way', 'play'], message: `expected a play of ${motion}: ${PLAYS[motion].join(' or ')}` });
});

const domainsSchema = z.array(z.string().regex(/^[^\s@/]+$/, { error: 'expected a domain such as rival.example' })).default([]);

const quietSchema = z.number().int().min(0).max(3_650).optional();

/** The routing policy. Another content needs another version: it stands in every decision. */
export const policySchema = z
  .strictObject({
    version: z.string().min(1).max(100),
    /** Domains that no lead is routed for, besides the built-in lists (case 31). */
    excluded: z
      .strictObject({ competitors: domainsSchema, test: domainsSchema, freeMail: domainsSchema, disposable: domainsSchema })
      .default({ competitors: [], test: [], freeMail: [], disposable: [] }),
    /** For how many days after a lead has ended so its account makes no other one; left out: opportunity, won and disqualified 90, lost 30. */
    quietDays: z.strictObject({ won: quietSchema, lost: quietSchema, disqualified: quietSchema, opportunity: quietSchema }).optional(),
    motions: z.array(motionSchema).min(1),
    rules: z.array(ruleSchema).min(1),
  })
  .superRefine(({ rules }, context) => {
    for (const [index, { id }] of rules.entries())
      if (rules.findIndex((other) => other.id === id) !== index)
        context.addIssue({ code: 'custom', path: ['rules', index, 'id'], message: 'expected every id once' });
  });

export type RoutingPolicy = z.infer<typeof policySchema>;
export type MotionEntry = z.infer<typeof motionSchema>;
export type RoutingRule = z.infer<typeof ruleSchema>;
export type Fallback = z.infer<typeof fallbackSchema>;
export type Play = RoutingRule['way']['play'];
