/**
 * The approval policy: rules as data, read from YAML or JSON, versioned. What it does not name is not written.
 * Workflows import its type only.
 */
import { z } from 'zod';

/** Names of the CRM's own. `*` stands for any run of characters; case does not matter (Salesforce takes `amount` for `Amount`). */
const nameSchema = z.string().min(1).max(200);

const sensitiveFieldSchema = z.strictObject({
  object: nameSchema.default('*'),
  field: nameSchema,
  /**
   * `residue`: a change sets something off that stays (class B). `irreversible`: class D, one approval before. `price` and `contract`: class D, two people
   * before, whatever a rule says.
   */
  as: z.enum(['residue', 'irreversible', 'price', 'contract']),
});

const bandSchema = z.strictObject({
  /** Records that the actor has touched today, with those of this set, up to and including; null for any number. */
  upTo: z.int().positive().nullable(),
  approvers: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  /** Share of the set's steps that an approver has to look through, 1–100. */
  samplePercent: z.int().min(1).max(100).default(100),
});

const ruleSchema = z
  .strictObject({
    name: z.string().min(1).max(100),
    /** Which steps it is about; a list that is left out matches everything. The first rule that matches a step decides it. */
    kinds: z.array(z.enum(['bulk', 'rollback', 'undo', 'routing'])).optional(),
    actors: z.array(z.enum(['human', 'agent', 'system'])).optional(),
    operations: z
      .array(z.enum(['set-fields', 'assign-owner', 'create', 'create-task', 'associate', 'dissociate', 'archive', 'restore']))
      .optional(),
    objects: z.array(nameSchema).optional(),
    /** Refuses the set. */
    deny: z.boolean().default(false),
    /** People who have to approve at least, whatever the number of records. */
    approvers: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(0),
    /** Below it, and where there is none, a person decides; 0–1. */
    leastConfidence: z.number().min(0).max(1).optional(),
    /** By records a day, in rising order; above the last one nothing is written. Left out: any number. */
    perDay: z.array(bandSchema).min(1).optional(),
  })
  .superRefine((rule, context) => {
    const concernsAgents = rule.actors === undefined || rule.actors.includes('agent');
    if (!rule.deny && concernsAgents && (rule.leastConfidence === undefined || rule.perDay === undefined))
      context.addIssue({
        code: 'custom',
        message: `rule ${rule.name}: a rule that agents fall under: expected leastConfidence and perDay (or deny, or actors without agent), got ${
          rule.leastConfidence === undefined ? 'no leastConfidence' : 'no perDay'
        }`,
      });
    for (const [index, band] of (rule.perDay ?? []).entries()) {
      const before = rule.perDay?.[index - 1];
      if (before === undefined) continue;
      const rises = before.upTo !== null && (band.upTo === null || band.upTo > before.upTo);
      if (!rises) context.addIssue({ code: 'custom', path: ['perDay', index, 'upTo'], message: 'bands: expected rising numbers' });
      const isStricter =
        band.approvers > before.approvers || (band.approvers === before.approvers && band.samplePercent >= before.samplePercent);
      if (!isStricter)
        context.addIssue({
          code: 'custom',
          path: ['perDay', index],
          message: 'bands: expected that more records never need less approval',
        });
    }
  });

/** A workspace's approval policy. */
export const policySchema = z.strictObject({
  /** Named in every approval and log entry; another content needs another version. */
  version: z.string().min(1).max(100),
  /** Not in force before; ISO. */
  inForceFrom: z.iso.datetime({ offset: true }).optional(),
  /** How long an approval may be waited for, and counts, in milliseconds. Case 60: 4 h. */
  approvalExpiresAfterMs: z
    .int()
    .positive()
    .max(7 * 24 * 3_600_000)
    .default(4 * 3_600_000),
  fields: z.array(sensitiveFieldSchema).default([]),
  rules: z.array(ruleSchema).default([]),
});

/** An account that asks or approves. The configuration lists them. */
export const principalSchema = z.strictObject({
  /** As in `requestedBy` and `approver`. */
  id: z.string().min(1).max(200),
  kind: z.enum(['human', 'agent', 'bot', 'group']),
  /** Who is behind it: the same for all accounts of one person, and for a bot or an agent who acts for one person only; null where nobody is. */
  person: z.string().min(1).max(200).nullable().default(null),
  /** Of a group, a bot or an agent that several people act through: those people. */
  members: z.array(z.string().min(1).max(200)).default([]),
  /** What it may call of the API; operators and approvers may look as viewers do. */
  roles: z.array(z.enum(['viewer', 'operator', 'approver'])).default([]),
});

export type Principal = z.infer<typeof principalSchema>;
export type ApprovalPolicy = z.infer<typeof policySchema>;
export type PolicyRule = z.infer<typeof ruleSchema>;
export type SensitiveField = z.infer<typeof sensitiveFieldSchema>;
