/** The shapes of Slack's Web API and of its interactivity that we read, checked where they come in. Unknown members are let through. */
import { z } from 'zod';

/** Of a refusal: a code; where arguments are refused, one line each with a JSON pointer. */
export const refusalSchema = z.object({
  error: z.string().catch('unknown_error'),
  needed: z.string().optional().catch(undefined),
  response_metadata: z
    .object({ messages: z.array(z.string()).optional() })
    .optional()
    .catch(undefined),
});
export type WireRefusal = z.infer<typeof refusalSchema>;

export const authSchema = z.object({
  team_id: z.string(),
  user_id: z.string(),
  /** Put there by the SDK from a header. */
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});

export const userSchema = z.object({ user: z.object({ id: z.string(), deleted: z.boolean().optional() }) });

export const openedSchema = z.object({ channel: z.object({ id: z.string() }) });

export const postedSchema = z.object({ channel: z.string(), ts: z.string() });

const metadataSchema = z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()).default({}) });

/** `metadata` is there with `include_all_metadata` only, and only of messages that have some. */
export const historySchema = z.object({
  messages: z.array(z.object({ ts: z.string(), metadata: metadataSchema.optional().catch(undefined) })).default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/** Interactivity: the payload of every kind has these; what else there is depends on `type`. */
export const payloadSchema = z.object({ type: z.string() });

/** `block_actions` of a message. Source: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export const pressSchema = z.object({
  type: z.literal('block_actions'),
  team: z.object({ id: z.string() }),
  user: z.object({ id: z.string() }),
  container: z.object({ type: z.string(), message_ts: z.string(), channel_id: z.string() }),
  response_url: z.string().optional(),
  actions: z.array(z.object({ action_id: z.string(), action_ts: z.string(), value: z.string().optional() })).min(1),
});
