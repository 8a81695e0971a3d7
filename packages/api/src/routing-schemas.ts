/**
 * Routing, as it crosses the HTTP API: product events in, and what became of them. Instants are ISO 8601 in UTC, spans of time milliseconds; people are ids of the
 * roster.
 */
import { z } from '@hono/zod-openapi';
import { slaCounts } from './figure-schemas.ts';
import { CLOSE_REASONS } from '@lockstep/domain/routing/close-reason.ts';
import { MOTION_NAMES, TIER_NAMES } from '@lockstep/domain/routing/roster.schema.ts';

const instant = z.string().openapi({ format: 'date-time' });
const name = z.string().min(1).max(200);
const count = z.int().min(0);

/** Something that is wrong with what came in, or with a document: where, expected, got, and what to do. */
export const routingProblemSchema = z
  .object({
    severity: z.enum(['error', 'warning']),
    file: z.string().nullable(),
    /** Counted from 1. */
    line: z.int().nullable(),
    path: z.string(),
    expected: z.string(),
    got: z.string(),
    remedy: z.string(),
  })
  .openapi('RoutingProblem');

/** As Segment sends it. What a call needs is checked call by call (domain/routing/event.schema.ts): a bad one is named in the answer, and delays no other. */
export const eventsRequestSchema = z.record(z.string(), z.unknown()).openapi('Events', {
  description: 'One call (`track`, `identify`, `group`), or `{"batch": [calls], "sentAt": …}`; at most 32 KB a call and 500 KB a batch',
  example: {
    batch: [
      {
        type: 'track',
        event: 'Seat Added',
        messageId: '1f0c',
        groupId: 'acme',
        timestamp: '2026-10-23T14:30:00.000Z',
        properties: { seats: 12 },
      },
    ],
  },
});

export const eventsAnswerSchema = z
  .object({
    /** Taken, and not known before. */
    accepted: count,
    /** Known by their message ids: delivered again. */
    duplicates: count,
    /** Well-formed, and nothing that is used: page, screen, alias. */
    ignored: count,
    /** Not taken; `index` is the place in the batch, 0 of a single call. Sending it again does not help before it is mended. */
    refused: z.array(z.object({ index: count, problems: z.array(routingProblemSchema) })),
  })
  .openapi('EventsAnswer');

export const scoreSchema = z
  .object({
    specVersion: z.string(),
    specHash: z.string(),
    at: instant,
    total: z.number(),
    threshold: z.number(),
    tier: z.enum(TIER_NAMES),
    crossed: z.boolean(),
    /** When it falls below the threshold if nothing more happens. */
    nextCrossing: instant.nullable(),
    /** `uncapped` is before the cap; `evidence` are message ids. */
    parts: z.array(z.object({ id: z.string(), points: z.number(), uncapped: z.number(), evidence: z.array(z.string()) })),
    fit: z.object({ points: z.number(), met: z.array(z.object({ id: z.string(), points: z.number() })) }),
    flags: z.array(z.string()),
  })
  .openapi('Score');

export const LEAD_STATES = ['followed', 'deciding', 'offered', 'escalated', 'accepted', 'closed'] as const;

export const leadSchema = z
  .object({
    leadId: z.string(),
    accountId: z.string(),
    state: z.enum(LEAD_STATES),
    tier: z.enum(TIER_NAMES),
    score: z.number(),
    source: z.string(),
    isBackfill: z.boolean(),
    openedAt: instant,
    closedAt: instant.nullable(),
    closeReason: z.enum([...CLOSE_REASONS, 'excluded']).nullable(),
    /** Null where the CRM has shown its end. */
    closedBy: z.string().nullable(),
    /** Who is told of one that is followed. */
    followedBy: z.string().nullable(),
    /** The offer that counts, and who has it. */
    offerId: z.string().nullable(),
    ownerId: z.string().nullable(),
    /** A named person who knows of it. */
    escalatedTo: z.string().nullable(),
    /** Who has it is a person's choice. */
    isChosen: z.boolean(),
    /** Of the first clock to run out. */
    deadline: instant.nullable(),
  })
  .openapi('Lead');

export const clockSchema = z
  .object({
    leadId: z.string(),
    clockId: z.string(),
    slaId: z.string(),
    kind: z.enum(['elapsed', 'business']),
    state: z.string(),
    /** `at-risk`: a warning or a rung of its ladder has fallen due, or it is within the time in which a named person must know. */
    standing: z.enum(['on-time', 'at-risk', 'breached', 'uncovered', 'ended']),
    stopsOn: z.string(),
    ownerId: z.string().nullable(),
    startedAt: instant,
    /** Null: no hours are known in which it could run out. */
    deadline: instant.nullable(),
    dueAt: instant.nullable(),
    budgetMs: count,
    /** On the clock. */
    usedMs: count,
    remainingMs: count,
    /** On the wall, with the time that nobody covered. */
    wallMs: count,
    uncoveredMs: count,
    outcome: z.enum(['met', 'breached', 'uncovered', 'withdrawn']).nullable(),
    endedAt: instant.nullable(),
    /** How often it was worked out anew, and the time-zone data of its instants. */
    revision: count,
    tzVersion: z.string(),
  })
  .openapi('Clock');

export const decisionSchema = z
  .object({
    decisionId: z.string(),
    ordinal: count,
    decidedAt: instant,
    policyHash: z.string(),
    rosterHash: z.string(),
    territoryId: z.string().nullable(),
    motion: z.enum(MOTION_NAMES).nullable(),
    ruleId: z.string().nullable(),
    play: z.string().nullable(),
    slaId: z.string().nullable(),
    /** In the order in which they were looked at; `reason` is null for those who could have had it. */
    candidates: z.array(z.object({ memberId: z.string(), poolId: z.string(), reason: z.string().nullable() })),
    outcome: z.object({
      kind: z.enum(['assigned', 'escalated', 'excluded']),
      /** Who got it, or who was told. */
      personId: z.string().nullable(),
      poolId: z.string().nullable(),
      reason: z.string().nullable(),
    }),
  })
  .openapi('RoutingDecision');

export const explainedLeadSchema = z
  .object({
    lead: leadSchema,
    decisions: z.array(decisionSchema),
    offers: z.array(
      z.object({
        ...{ offerId: z.string(), memberId: z.string(), poolId: z.string().nullable(), state: z.string() },
        ...{ offeredAt: instant, answeredAt: instant.nullable() },
      }),
    ),
    clocks: z.array(clockSchema),
    /** What people were told; `channel` is null while it is on its way. */
    notices: z.array(
      z.object({
        ...{ noticeId: z.string(), purpose: z.string(), memberId: z.string(), owedSince: instant },
        ...{ deliveredAt: instant.nullable(), channel: z.string().nullable() },
      }),
    ),
    writes: z.array(z.object({ changeSetId: z.string(), owedSince: instant, startedAt: instant.nullable() })),
    /** What its clocks have set off. */
    actions: z.array(
      z.object({
        key: z.string(),
        kind: z.string(),
        at: instant,
        lateMs: z.number(),
        to: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    ),
  })
  .openapi('ExplainedLead');

export const explainedAccountSchema = z
  .object({
    accountId: z.string(),
    accountKey: z.string(),
    /** In the CRM. */
    record: z.object({ connectionId: z.string(), object: z.string(), recordId: z.string() }).nullable(),
    match: z.object({ kind: z.string(), reason: z.string(), candidates: z.array(z.string()) }).nullable(),
    /** As it stands now; null where nothing counts. */
    score: scoreSchema.nullable(),
    /** The newest evidence. */
    events: z.array(
      z.object({ messageId: z.string(), type: z.string(), name: z.string().nullable(), occurredAt: instant, isBackfill: z.boolean() }),
    ),
    /** Newest first. */
    leads: z.array(explainedLeadSchema),
  })
  .openapi('ExplainedAccount');

export const slaReportSchema = z
  .object({
    at: instant,
    /** Ends are counted from then on. */
    since: instant,
    /** `open`, `atRisk` and `escalated` stand so now. `uncovered` is neither met nor breached. */
    totals: z.object(slaCounts),
    slas: z.array(z.object({ slaId: z.string(), ...slaCounts })),
    /** Open clocks, those that are due first in front. */
    clocks: z.array(clockSchema),
  })
  .openapi('SlaReport');

/** One of the four documents of routing. */
export const DOCUMENT_KINDS = ['scoring', 'roster', 'policy', 'slas'] as const;
export const documentTextSchema = z.strictObject({
  /** For messages. */
  name,
  /** YAML. */
  text: z.string().max(2_000_000),
});

/** What is left out is taken as the worker has it. */
export const checkRequestSchema = z
  .strictObject({
    scoring: documentTextSchema.optional(),
    roster: documentTextSchema.optional(),
    policy: documentTextSchema.optional(),
    slas: documentTextSchema.optional(),
  })
  .openapi('RoutingCheckRequest');

export const checkAnswerSchema = z
  .object({
    /** Errors first; none: leads can be routed by these documents. */
    problems: z.array(routingProblemSchema),
    /** What was checked; `hash` is null where it could not be read. */
    documents: z.array(
      z.object({ kind: z.enum(DOCUMENT_KINDS), name: z.string(), version: z.string().nullable(), hash: z.string().nullable() }),
    ),
    /** Hours of the coming weeks in which a lead would find nobody at work; null where policy or roster cannot be read. */
    hours: z
      .object({
        from: instant,
        to: instant,
        uncovered: z.array(
          z.object({
            ...{ poolId: z.string(), slaId: z.string(), tiers: z.array(z.enum(TIER_NAMES)) },
            /** In which most of the pool's members work. */
            zone: z.string(),
            totalMs: count,
            /** Spans that are longer than the service level lets a lead wait: a named person hears at once. */
            tooLong: count,
            spans: z.array(z.object({ from: instant, to: instant })),
          }),
        ),
      })
      .nullable(),
  })
  .openapi('RoutingCheck');

export type RoutingProblem = z.infer<typeof routingProblemSchema>;
export type EventsAnswer = z.infer<typeof eventsAnswerSchema>;
export type ApiLead = z.infer<typeof leadSchema>;
export type ApiClock = z.infer<typeof clockSchema>;
export type ApiDecision = z.infer<typeof decisionSchema>;
export type ExplainedLead = z.infer<typeof explainedLeadSchema>;
export type ExplainedAccount = z.infer<typeof explainedAccountSchema>;
export type SlaReport = z.infer<typeof slaReportSchema>;
export type RoutingCheckRequest = z.input<typeof checkRequestSchema>;
export type RoutingCheck = z.infer<typeof checkAnswerSchema>;
