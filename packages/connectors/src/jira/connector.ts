/** Jira Cloud as a peer: issues of one project, read and written through the REST API v3 with an account's API token. */
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { checkJira } from './check.ts';
import { jiraDiscusses } from './comments.ts';
import { createJiraClient } from './client.ts';
import type { JiraCredentials } from './sender.ts';
import { mappedFields } from './mapping.ts';
import { jiraPulls, MOST_FETCHED } from './pull.ts';
import { jiraPushes } from './push.ts';
import { createSite } from './site.ts';
import { keepWebhooks } from './upkeep.ts';
import { jiraWatches } from './webhook.ts';

/** As many as `issue/bulk` takes. */
const MOST_CREATED = 50;

export interface JiraOptions {
  /** The connection's name, for messages. */
  readonly connectionId: string;
  readonly mapping: Mapping;
  readonly clock: () => Date;
  readonly requestTimeoutMs: number;
  /** Of the webhook; without it deliveries are refused. */
  readonly webhookSecret?: string;
  readonly credentials: JiraCredentials;
  /** Told of what goes out, and of the calls that are left. */
  readonly watch?: AccountWatch;
}

/** Makes the connector. Nothing is sent before the first call; what the site calls things is read with it. */
export function createJiraConnector(options: JiraOptions): Connector {
  const { mapping, credentials, clock, requestTimeoutMs } = options;
  const client = createJiraClient({
    credentials,
    requestTimeoutMs,
    clock,
    ...(options.watch === undefined ? {} : { watch: options.watch }),
  });
  const site = createSite({ client, mapping, baseUrl: credentials.baseUrl, clock });
  return {
    mappedFields: (kind) => mappedFields(mapping, kind),
    limits: { create: MOST_CREATED, update: MOST_FETCHED, remove: MOST_FETCHED, fetch: MOST_FETCHED },
    pulls: jiraPulls(site),
    pushes: jiraPushes(site),
    discusses: jiraDiscusses(site),
    watches: { ...jiraWatches(options.webhookSecret ?? null), upkeep: () => keepWebhooks(site) },
    check: () => checkJira(site, options.webhookSecret !== undefined),
  };
}
