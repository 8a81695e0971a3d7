/** Past leads and what surrounds them, as they cross the HTTP API: what documents are played against (`lockstep pql simulate`). */
import { z } from '@hono/zod-openapi';
import type { DecisionInput } from '@lockstep/domain/routing/decide.ts';
import type { PastLead } from '@lockstep/domain/routing/past-lead.ts';
import { TIER_NAMES } from '@lockstep/domain/routing/roster.schema.ts';
import { givenInstant } from './instants.ts';

const instant = z.string().openapi({ format: 'date-time' });
const ms = z.int();
/** What a decision was made of, and is made of again: domain's own form, which this side of the API does not look into. */
const opaque = <T>(about: string) =>
  z.custom<T>((value) => typeof value === 'object' && value !== null).openapi({ type: 'object', description: about });
/** The document does not follow `nullable` through a custom schema. */
const opaqueOrNull = <T>(about: string) =>
  opaque<T>(about)
    .nullable()
    .openapi({ type: ['object', 'null'] });

export const pastLeadSchema = z
  .object({
    leadId: z.string(),
    /** Of its first decision. */
    decisionId: z.string(),
    decidedAt: instant,
    policyHash: z.string(),
    rosterHash: z.string(),
    facts: z.object({
      ...{ tier: z.enum(TIER_NAMES), score: z.number(), source: z.string(), isBackfill: z.boolean() },
      /** Of the account: personal data. */
      traits: opaque<PastLead['facts']['traits']>('Traits of the account'),
      match: opaque<PastLead['facts']['match']>('The match with an account of the CRM'),
      ...{ country: z.string().nullable(), subdivision: z.string().nullable(), confidence: z.number().nullable() },
    }),
    outcome: z.enum(['assigned', 'escalated', 'excluded']),
    state: z.enum(['followed', 'deciding', 'offered', 'escalated', 'accepted', 'closed']),
    closedAt: instant.nullable(),
    escalatedTo: z.string().nullable(),
    escalatedAtMs: ms.nullable(),
    offers: z.array(
      z.object({
        ...{ memberId: z.string(), poolId: z.string().nullable() },
        state: z.enum(['open', 'accepted', 'declined', 'taken-back', 'released', 'handed-over', 'closed']),
        ...{ offeredAtMs: ms, answeredAtMs: ms.nullable() },
      }),
    ),
    /** Of the first clock. */
    clock: opaqueOrNull<NonNullable<PastLead['clock']>>('Service level, state and outcome of the first clock'),
  })
  .openapi('PastLead');

export const pastLeadsQuerySchema = z.object({
  /** Of the first decision. */
  from: givenInstant,
  /** Not included. */
  to: givenInstant,
  /** `next` of the page before. */
  after: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(500),
});

export const pastLeadsSchema = z
  .object({
    leads: z.array(pastLeadSchema),
    /** Null: this page is the last one. */
    next: z.string().nullable(),
    /** The pools' credits when the first lead came; on the first page. */
    credits: opaqueOrNull<DecisionInput['credits']>('Credits by pool'),
  })
  .openapi('PastLeads');

const ids = z.array(z.string().min(1).max(200)).max(10_000).default([]);
export const contextRequestSchema = z
  .strictObject({
    ...{ from: givenInstant, to: givenInstant },
    /** Regions and people besides those of the roster in force. */
    ...{ regions: ids, members: ids },
  })
  .openapi('RoutingContextRequest');

export const contextSchema = z
  .object({
    /** In force. */
    documents: z.object({
      scoring: z.record(z.string(), z.unknown()),
      policy: z.record(z.string(), z.unknown()),
      roster: z.record(z.string(), z.unknown()),
      slas: z.array(z.record(z.string(), z.unknown())),
    }),
    /** By region. */
    holidays: z.record(
      z.string(),
      z.array(z.object({ date: z.string(), region: z.string(), name: z.string(), from: z.string().exactOptional() })),
    ),
    /** By person, besides those of the roster. */
    absences: z.record(z.string(), z.array(z.object({ id: z.string(), fromIso: instant, toIso: instant, reason: z.string() }))),
  })
  .openapi('RoutingContext');

export type ApiPastLead = z.infer<typeof pastLeadSchema>;
export type PastLeadsPage = z.infer<typeof pastLeadsSchema>;
export type ContextRequest = z.input<typeof contextRequestSchema>;
export type ApiRoutingContext = z.infer<typeof contextSchema>;
