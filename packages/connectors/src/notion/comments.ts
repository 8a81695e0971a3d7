/**
 * Comments of pages, one call a page: they are read where an event has told of one, never for every page of a listing.
 */
import type { Discusses, Discussion, RemoteComment } from '@lockstep/domain/sync/comments.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { inParallel } from '../http/pool.ts';
import type { NotionClient } from './client.ts';
import { WIDTH } from './reading.ts';
import { decodeRichText, encodeRichText, MOST_RUNS, MOST_UNITS } from './rich-text.ts';
import type { WireComment } from './wire.ts';

export function notionDiscusses(client: NotionClient): Discusses {
  return {
    // Runs of text may have to end early, so as not to cut a grapheme.
    mostCharacters: (MOST_RUNS * MOST_UNITS) / 2,
    async list(remoteIds) {
      const found = await inParallel(remoteIds, WIDTH, (remoteId) => listOf(client, remoteId));
      return found.flatMap((discussion) => discussion ?? []);
    },
    write: async (remoteId, text) => commentOf(await client.createComment(remoteId, encodeRichText(text, []).runs)),
    rewrite: async (_remoteId, commentId, text) => commentOf(await client.updateComment(commentId, encodeRichText(text, []).runs)),
    remove: (_remoteId, commentId) => client.removeComment(commentId),
  };
}

/** Null where the page is out of our reach. */
async function listOf(client: NotionClient, remoteId: string): Promise<Discussion | null> {
  const comments: RemoteComment[] = [];
  try {
    for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
      const page = await client.comments(remoteId, cursor);
      comments.push(...page.results.map(commentOf));
      cursor = page.has_more ? (page.next_cursor ?? null) : null;
    }
  } catch (error) {
    if (error instanceof ConnectorError && (error.code === 'NotFound' || error.code === 'Forbidden')) return null;
    throw error;
  }
  return { remoteId, complete: ['comment'], comments };
}

function commentOf(comment: WireComment): RemoteComment {
  return {
    ...{ commentId: comment.id, kind: 'comment', author: comment.display_name?.resolved_name ?? null },
    ...{ writtenAt: new Date(comment.created_time).toISOString(), text: decodeRichText(comment.rich_text) ?? '' },
  };
}
