/** HubSpot as a peer: the tasks of one account that are of the plan, read and written through the CRM API with a static access token. */
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import type { Connector, MappedField } from '@lockstep/domain/sync/connector.port.ts';
import type { FieldName, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { checkHubSpot } from './check.ts';
import { createHubSpotClient } from './client.ts';
import type { HubSpotClient, HubSpotCredentials } from './client.ts';
import { layoutOf } from './mapping.ts';
import { fetchTasks, findTasks, pullTasks } from './pull.ts';
import { archiveTasks, BATCH, createTasks, updateTasks } from './push.ts';
import { hubspotWatches } from './webhook.ts';

export interface HubSpotOptions {
  /** The connection's name, for messages. */
  readonly connectionId: string;
  readonly mapping: Mapping;
  readonly clock: () => Date;
  readonly requestTimeoutMs: number;
  /** The app's client secret, which signs webhooks; without it deliveries are refused. */
  readonly webhookSecret?: string;
  readonly credentials: HubSpotCredentials;
  /** Told of what goes out, and of the calls that are left. */
  readonly watch?: AccountWatch;
}

/** Makes the connector. Nothing is sent before the first call. */
export function createHubSpotConnector(options: HubSpotOptions): Connector {
  const { mapping, credentials, clock, requestTimeoutMs } = options;
  const client = createHubSpotClient({
    credentials,
    requestTimeoutMs,
    clock,
    ...(options.watch === undefined ? {} : { watch: options.watch }),
  });
  const layout = layoutOf(mapping);
  const addressOf = rememberedAddress(client);
  const parts = async () => ({ client, layout: { ...layout, address: await addressOf() } });
  return {
    mappedFields: (kind) => mappedFields(mapping, kind),
    limits: { create: BATCH, update: BATCH, remove: BATCH, fetch: BATCH },
    quota: () => (client.isNearlySpent() ? ('reserved' as const) : ('ample' as const)),
    pulls: {
      pull: async (request) => pullTasks(await parts(), request),
      fetch: async (remoteIds) => fetchTasks(await parts(), remoteIds),
      findByMarker: async (markers) => findTasks(await parts(), markers),
    },
    pushes: {
      create: async (drafts) => createTasks(await parts(), drafts),
      update: async (changes) => updateTasks(await parts(), changes),
      remove: (removals) => archiveTasks(client, removals),
    },
    watches: hubspotWatches(options.webhookSecret ?? null),
    check: () => checkHubSpot({ client, layout, hasWebhookSecret: options.webhookSecret !== undefined }),
  };
}

/** Answers that will not be others tomorrow: a token that may not ask. */
const FINAL = new Set<ConnectorErrorCode>(['Forbidden', 'NotFound', 'Invalid']);

/** Where people see tasks, asked for once. A link is a convenience: without it all else goes on. Source: account information API. */
function rememberedAddress(client: HubSpotClient): () => Promise<string | null> {
  let known: string | null | undefined;
  return async () => {
    if (known !== undefined) return known;
    try {
      const { portalId, uiDomain } = await client.account();
      known = `https://${uiDomain ?? 'app.hubspot.com'}/contacts/${portalId}/record/0-27/`;
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (FINAL.has(error.code)) known = null;
    }
    return known ?? null;
  };
}

function mappedFields(mapping: Mapping, kind: ItemKind): readonly MappedField[] {
  if (mapping.kinds[kind] === undefined) return [];
  return Object.entries(mapping.fields).flatMap(([name, { direction, kinds, refersBy }]) =>
    kinds !== undefined && !kinds.includes(kind)
      ? []
      : [{ field: name as FieldName, direction, ...(refersBy === undefined ? {} : { refersBy }) }],
  );
}
