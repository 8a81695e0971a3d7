/**
 * Comments and attachments of issues. They come with the issue: a search and a bulk read show them, so that reading costs no call of its own. An
 * attachment is told of, with the address of its issue; the file itself can only be had with an account of the site.
 */
import type { Discusses, Discussion, RemoteComment } from '@lockstep/domain/sync/comments.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { decodeDocument, encodeText, MOST_CHARACTERS } from './adf.ts';
import type { JiraSite } from './site.ts';
import { instantOf } from './time.ts';
import { attachmentsSchema, commentPageSchema } from './wire.ts';
import type { WireComment, WireIssue } from './wire.ts';

/** What an issue shows of its discussion; undefined where the answer has none of it. `url`: of the issue. */
export function discussionOf(issue: WireIssue, url: string): Discussion | undefined {
  const page = commentPageSchema.safeParse(issue.fields['comment']).data;
  const files = attachmentsSchema.safeParse(issue.fields['attachment']).data;
  if (page === undefined && files === undefined) return undefined;
  const isCut = page !== undefined && page.total > page.comments.length;
  return {
    remoteId: issue.id,
    complete: [...(page === undefined || isCut ? [] : (['comment'] as const)), ...(files === undefined ? [] : (['file'] as const))],
    comments: [
      ...(page?.comments ?? []).map(commentOf),
      ...(files ?? []).map((file): RemoteComment => ({
        ...{ commentId: `attachment-${file.id}`, kind: 'file', author: file.author?.displayName ?? null },
        writtenAt: instantOf(file.created)?.toISOString() ?? new Date(0).toISOString(),
        text: `File ${file.filename}, ${file.size} bytes, ${file.mimeType ?? 'of an unknown type'}: ${url}`,
      })),
    ],
    ...(isCut ? { isCut } : {}),
  };
}

function commentOf(comment: WireComment): RemoteComment {
  return {
    ...{ commentId: comment.id, kind: 'comment', author: comment.author?.displayName ?? null },
    writtenAt: instantOf(comment.created)?.toISOString() ?? new Date(0).toISOString(),
    text: decodeDocument(comment.body) ?? '',
  };
}

export function jiraDiscusses(site: JiraSite): Discusses {
  const { client } = site;
  return {
    mostCharacters: MOST_CHARACTERS,
    async list(remoteIds) {
      const catalogue = await site.catalogue();
      const discussions: Discussion[] = [];
      for (const issue of (await site.read(remoteIds)).values()) {
        const { discussion } = site.record(catalogue, issue);
        if (discussion === undefined) continue;
        discussions.push(discussion.isCut === true ? await whole(site, discussion) : discussion);
      }
      return discussions;
    },
    write: async (remoteId, text) => commentOf(await client.addComment(remoteId, document(text))),
    rewrite: async (remoteId, commentId, text) => commentOf(await client.updateComment(remoteId, commentId, document(text))),
    remove: (remoteId, commentId) => client.removeComment(remoteId, commentId),
  };
}

/** An issue with more comments than it shows. */
async function whole(site: JiraSite, discussion: Discussion): Promise<Discussion> {
  const comments: RemoteComment[] = discussion.comments.filter(({ kind }) => kind !== 'comment');
  for (let startAt = 0, more = true; more;) {
    const page = await site.client.comments(discussion.remoteId, startAt);
    comments.push(...page.comments.map(commentOf));
    startAt += page.comments.length;
    more = page.comments.length > 0 && startAt < page.total;
  }
  return { remoteId: discussion.remoteId, complete: [...discussion.complete, 'comment'], comments };
}

function document(text: string): unknown {
  const body = encodeText(text, null);
  if (body === null) throw new ConnectorError('Invalid', 'Jira comment: expected words, got none');
  return body;
}
