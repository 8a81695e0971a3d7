/**
 * Dynamic webhooks run out after thirty days (C07). Where the mapping says that the project is watched by them (`target.webhooks: dynamic`), they are
 * given more time before; one that has run out is told. Polling finds what they would have hinted at.
 * Source: https://developer.atlassian.com/cloud/jira/platform/webhooks/ (PUT /webhook/refresh).
 */
import type { FieldNotice } from '@lockstep/domain/sync/connector.port.ts';
import type { JiraSite } from './site.ts';

/** A nightly look that fails for a week still comes in time. */
const AHEAD_MS = 10 * 86_400_000;

const lost = (message: string): FieldNotice => ({
  field: null,
  cause: 'unreadable',
  message: `webhooks: ${message}; changes are found by polling until a dynamic webhook is registered again`,
});

/** What a person must know. Rejects with `ConnectorError`. */
export async function keepWebhooks({ client, mapping }: JiraSite): Promise<readonly FieldNotice[]> {
  if (mapping.target['webhooks'] !== 'dynamic') return [];
  const webhooks = await client.dynamicWebhooks();
  // Their end is an instant of Jira's clock.
  const nowMs = (await client.serverTime()).getTime();
  const living = webhooks.filter(({ expirationDate }) => expirationDate > nowMs);
  const ending = living.filter(({ expirationDate }) => expirationDate - nowMs <= AHEAD_MS);
  if (ending.length > 0) await client.refreshWebhooks(ending.map(({ id }) => id));
  return living.length === 0
    ? [lost(`expected one that is alive, got ${webhooks.length === 0 ? 'none' : 'only ones that have run out'}`)]
    : [];
}
