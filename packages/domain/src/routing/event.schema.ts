/**
 * Product events as they come in: the shapes of Segment's public spec, https://segment.com/docs/connections/spec/common/ and
 * https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/. Messages begin with what was expected.
 *
 * **Unknown fields.** At the top level and in `context` they are dropped (ip, user agent, device: personal data that no score needs). `properties` and `traits`
 * are kept as they are.
 */
import { z } from 'zod';

const idSchema = z
  .union([z.string().max(255, { error: 'expected a text of at most 255 characters' }), z.number()], {
    error: 'expected a text of at most 255 characters',
  })
  .nullish()
  // '' says nothing, and some libraries send numbers.
  .transform((id) => (id === undefined || id === null || id === '' ? null : String(id)));

const instantSchema = z.iso
  .datetime({ offset: true, error: 'expected an ISO 8601 instant with a zone, such as 2026-10-23T14:30:00.000Z' })
  .nullish()
  .transform((instant) => instant ?? null);

const valuesSchema = z
  .record(z.string(), z.unknown(), { error: 'expected an object' })
  .nullish()
  .transform((values) => values ?? {});

const contextSchema = z
  .object({ groupId: idSchema, traits: valuesSchema }, { error: 'expected an object' })
  .nullish()
  .transform((context) => context ?? { groupId: null, traits: {} });

/** A call, after its types are checked; what a call of its type needs is said in event.ts. */
export const segmentCallSchema = z.object(
  {
    type: z.enum(['track', 'identify', 'group', 'page', 'screen', 'alias'], {
      error: 'expected track, identify or group (page, screen and alias are taken and not used)',
    }),
    messageId: idSchema,
    event: z.string({ error: 'expected a text' }).max(200, { error: 'expected at most 200 characters' }).nullish(),
    userId: idSchema,
    anonymousId: idSchema,
    groupId: idSchema,
    context: contextSchema,
    properties: valuesSchema,
    traits: valuesSchema,
    timestamp: instantSchema,
    originalTimestamp: instantSchema,
    sentAt: instantSchema,
    /** Of whoever received it first; counts in imported history only. */
    receivedAt: instantSchema,
  },
  { error: 'expected an object such as {"type": "track", "event": "…", "userId": "…", "messageId": "…"}' },
);

/** The envelope of a batch: what calls do not say themselves, they take from here. */
export const segmentBatchSchema = z.object({
  batch: z.array(z.unknown(), { error: 'expected a list of calls' }).min(1, { error: 'expected at least one call' }),
  sentAt: instantSchema,
  context: contextSchema,
});

export type SegmentCall = z.infer<typeof segmentCallSchema>;
