/** What crosses the HTTP API about what waits for a person, and about driving it again. */
import { z } from '@hono/zod-openapi';
import { PARKED_KINDS } from '@lockstep/domain/sync/parked.ts';

const instant = z.string().openapi({ format: 'date-time' });
const count = z.number().int();
const kind = z.enum(PARKED_KINDS);
const id = z.string().min(1).max(500);

/** Several together narrow it; none means everything that waits. */
export const parkedSelection = {
  connection: id.optional(),
  /** Id of an item: its writes, fields and comments. */
  item: id.optional(),
  /** Id of a record in its tool that could not be taken in. */
  record: id.optional(),
  /** Id of a cause, as the list has it. */
  cause: z
    .string()
    .regex(/^[0-9a-f]{10}$/, 'expected the id of a cause: 10 hexadecimal digits, as `lockstep redrive list` shows it')
    .optional(),
};

export const parkedThingSchema = z
  .object({
    kind,
    connectionId: z.string(),
    /** Of its kind and connection: the item of a write, the conflict of a field, the record, the comment. */
    id: z.string(),
    itemId: z.string().nullable(),
    /** Of the item; null where there is none. */
    title: z.string().nullable(),
    remoteId: z.string().nullable(),
    field: z.string().nullable(),
    code: z.string(),
    message: z.string(),
    attempts: count,
    since: instant,
  })
  .openapi('ParkedThing');

export const parkedCauseSchema = z
  .object({
    causeId: z.string(),
    connectionId: z.string(),
    kind,
    code: z.string(),
    /** The message without what differs from thing to thing. */
    words: z.string(),
    count,
    /** How many of them a redrive leaves alone: held by a breaker, to be read again already, of a connection that is not configured. */
    left: z.object({ held: count, 'under-way': count, 'not-configured': count }),
    oldest: instant,
    /** The one that has waited longest. */
    example: parkedThingSchema,
    /** What to do about it first. */
    remedy: z.string(),
  })
  .openapi('ParkedCause');

export const parkedListSchema = z
  .object({
    /** Most things first. */
    causes: z.array(parkedCauseSchema),
    /** Causes that are not in the list, and the things of these. */
    more: z.object({ causes: count, things: count }),
    total: count,
  })
  .openapi('ParkedList');

export const redriveRequestSchema = z.strictObject({ ...parkedSelection, dryRun: z.boolean().default(true) }).openapi('RedriveRequest');

export const redriveAnswerSchema = z
  .object({
    dryRun: z.boolean(),
    /** As the audit log has it; null of a dry run. */
    redriveId: z.string().nullable(),
    /** The instant by which its standing is asked for. */
    at: instant,
    /** How many things are, or would be, driven. */
    driven: count,
    /** Most things first; at most 200. */
    causes: z.array(parkedCauseSchema),
    /** The first 1,000 of what is driven. */
    things: z.array(parkedThingSchema),
    woken: z.array(z.string()),
    /** Connections that drive nothing before a person opens them: paused, waiting for a plan, or with credentials that are refused. */
    closed: z.array(z.object({ connectionId: z.string(), gate: z.enum(['open', 'plan-first', 'paused']), isBroken: z.boolean() })),
  })
  .openapi('RedriveAnswer');

export const redriveStandingSchema = z
  .object({
    /** Things that are on their way still, by connection. */
    underWay: z.array(z.object({ connectionId: z.string(), count })),
    /** What has been parked again, by its new cause. */
    again: z.array(parkedCauseSchema),
  })
  .openapi('RedriveStanding');

export type ParkedThing = z.infer<typeof parkedThingSchema>;
export type ParkedCause = z.infer<typeof parkedCauseSchema>;
export type ParkedList = z.infer<typeof parkedListSchema>;
export type RedriveRequest = z.input<typeof redriveRequestSchema>;
export type RedriveAnswer = z.infer<typeof redriveAnswerSchema>;
export type RedriveStanding = z.infer<typeof redriveStandingSchema>;
