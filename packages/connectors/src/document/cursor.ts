/**
 * The document's cursor: the text that both sides last agreed on, and which item has which id in it. A plan has no ids of its own, so this is where its
 * items' identity lives.
 *
 * While a write is under way, `pending` holds the text that is about to be written: after a crash, a file that is one of the two says whether the write
 * took place, and any other is somebody's edit of the nearer one.
 */
import { z } from 'zod';
import { ITEM_KINDS } from '@lockstep/domain/backlog/item.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';

const signature = z.object({
  kind: z.enum(ITEM_KINDS),
  explicitId: z.string().nullable(),
  title: z.string(),
  text: z.string(),
  place: z.string(),
});

/** Id and where the item's title begins in the text. */
const identities = z.array(z.tuple([z.string(), z.number().int().nonnegative()]));
/** Remote id → our item id, of rows that we have made and that no pull has shown yet. */
const markers = z.record(z.string(), z.string());

const cursorSchema = z.object({
  v: z.literal(1),
  text: z.string(),
  ids: identities,
  nextId: z.number().int().positive(),
  /** Items that could be one of several rows (or a row that could be one of several items), until a person makes them distinct. */
  waiting: z.array(z.object({ id: z.string(), signature })),
  /** Ids that are still to be shown, page by page. */
  unshown: z.array(z.string()),
  created: markers,
  pending: z.object({ text: z.string(), ids: identities, created: markers }).nullable(),
});

export type DocumentCursor = z.infer<typeof cursorSchema>;

/** Reads a cursor. Throws `Invalid` for one of another form: ids made anew could be taken for those of other items, so a person must look. */
export function readCursor(json: Json): DocumentCursor {
  const parsed = cursorSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new ConnectorError(
    'Invalid',
    `document cursor: expected version 1, got another form at "${where}"; restore the store or start with an empty one`,
  );
}

/** A cursor as plain JSON. */
export function writeCursor(cursor: DocumentCursor): Json {
  return cursor;
}
