/**
 * The shapes of Notion's API (2026-03-11) that we read, checked where they come in; unknown keys are let through.
 * Source: the types of @notionhq/client 5.26 (`PageObjectResponse`, `DataSourceObjectResponse`, `QueryDataSourceResponse`, webhook payloads).
 */
import { z } from 'zod';

/** One run of rich text. What it holds besides words (mention, equation, link, marks) is carried, not understood. */
export const pieceSchema = z.looseObject({
  type: z.string(),
  plain_text: z.string(),
  href: z.string().nullish(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});
export type Piece = z.infer<typeof pieceSchema>;
export const piecesSchema = z.array(pieceSchema);

/** A property's value on a page: `{id, type, [type]: …}`. */
export const propertyValueSchema = z.looseObject({ id: z.string(), type: z.string() });
export type PropertyValue = z.infer<typeof propertyValueSchema>;

export const optionSchema = z.object({ id: z.string(), name: z.string() });
export const optionsSchema = z.array(optionSchema);
export type WireOption = z.infer<typeof optionSchema>;
export const relationSchema = z.array(z.object({ id: z.string() }));
export const dateSchema = z.object({ start: z.string(), end: z.string().nullish(), time_zone: z.string().nullish() });

export const pageSchema = z.object({
  object: z.literal('page'),
  id: z.string(),
  created_time: z.string(),
  last_edited_time: z.string(),
  in_trash: z.boolean().default(false),
  is_archived: z.boolean().default(false),
  url: z.string().nullish(),
  parent: z.looseObject({ type: z.string(), data_source_id: z.string().nullish() }),
  properties: z.record(z.string(), propertyValueSchema),
});
export type Page = z.infer<typeof pageSchema>;

/** A page of which the connection may only see that it exists. */
export const partialPageSchema = z.object({ object: z.literal('page'), id: z.string() });

export const querySchema = z.object({
  results: z.array(z.unknown()),
  has_more: z.boolean(),
  next_cursor: z.string().nullish(),
  /** `incomplete`: the query stopped at the vendor's limit of results, and there are more. */
  request_status: z.object({ type: z.string() }).nullish(),
});

export const propertyItemsSchema = z.object({
  object: z.literal('list'),
  results: z.array(propertyValueSchema),
  has_more: z.boolean(),
  next_cursor: z.string().nullish(),
});

const configSchema = z.looseObject({ id: z.string(), name: z.string(), type: z.string() });
export const dataSourceSchema = z.object({
  object: z.literal('data_source'),
  id: z.string(),
  title: piecesSchema.default([]),
  in_trash: z.boolean().default(false),
  properties: z.record(z.string(), configSchema),
});
export type DataSource = z.infer<typeof dataSourceSchema>;
/** Select, multi-select and status properties list their options. */
export const optionConfigSchema = z.object({ options: optionsSchema });
export const relationConfigSchema = z.object({ data_source_id: z.string() });

export const selfSchema = z.object({ id: z.string(), name: z.string().nullish() });

export const handshakeSchema = z.object({ verification_token: z.string().min(1) });
export const eventSchema = z.object({
  id: z.string().min(1),
  type: z.string(),
  entity: z.object({ id: z.string(), type: z.string() }),
  data: z.object({ page_id: z.string().nullish(), parent: z.object({ data_source_id: z.string().nullish() }).nullish() }).nullish(),
});

export const commentSchema = z.object({
  id: z.string(),
  created_time: z.string(),
  display_name: z.object({ resolved_name: z.string().nullish() }).nullish(),
  rich_text: piecesSchema,
});
export type WireComment = z.infer<typeof commentSchema>;
export const commentListSchema = z.object({ results: z.array(commentSchema), has_more: z.boolean(), next_cursor: z.string().nullish() });
/** Files of a property: `external` ones have an address that lasts. */
export const filesSchema = z.array(z.object({ name: z.string(), external: z.object({ url: z.string() }).nullish() }));
