/** Deliveries of a webhook with a secret. Source: https://developer.atlassian.com/cloud/jira/platform/webhooks/ */
import { createHash } from 'node:crypto';
import type { Delivery, Hint, Verification, Watches } from '@lockstep/domain/sync/connector.port.ts';
import { isSigned } from '../http/signature.ts';
import { webhookSchema } from './wire.ts';
import { jsonOf } from '../http/json.ts';

/** Without a secret nothing can be verified, and everything is refused: polling does the work. */
export function jiraWatches(secret: string | null): Watches {
  return {
    verify: (delivery) => (secret !== null && isGenuine(secret, delivery) ? read(delivery) : { ok: false, reason: 'bad-signature' }),
  };
}

function isGenuine(secret: string, { headers, body }: Delivery): boolean {
  const signature = /^sha256=([0-9a-f]{64})$/i.exec(headers['x-hub-signature'] ?? '')?.[1];
  return signature !== undefined && isSigned(secret, body, signature, 'hex');
}

function read({ headers, body }: Delivery): Verification {
  const event = webhookSchema.safeParse(jsonOf(Buffer.from(body).toString('utf8')));
  if (!event.success) return { ok: false, reason: 'malformed' };
  // The identifier is the same for each attempt at one delivery.
  const deliveryId = headers['x-atlassian-webhook-identifier'] ?? createHash('sha256').update(body).digest('hex');
  const hints = hintsOf(event.data);
  return { ok: true, deliveryId, hints, ignored: hints.length === 0 ? 1 : 0 };
}

function hintsOf({ webhookEvent, issue, issueLink }: ReturnType<typeof webhookSchema.parse>): readonly Hint[] {
  switch (webhookEvent) {
    case 'jira:issue_created':
    case 'jira:issue_updated':
    // Comments and attachments come with their issue.
    case 'comment_created':
    case 'comment_updated':
    case 'comment_deleted':
      return issue === undefined ? [] : [{ remoteId: issue.id, deleted: false }];
    case 'jira:issue_deleted':
      return issue === undefined ? [] : [{ remoteId: issue.id, deleted: true }];
    case 'issuelink_created':
    case 'issuelink_deleted':
      return issueLink === undefined
        ? []
        : [issueLink.sourceIssueId, issueLink.destinationIssueId].map((id) => ({ remoteId: String(id), deleted: false }));
    default:
      return [];
  }
}
