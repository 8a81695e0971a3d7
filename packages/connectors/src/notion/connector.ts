/** The Notion connector: one data source, a page an item. */
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import type { FieldName, ItemKind } from '@lockstep/domain/backlog/item.ts';
import type { Connector, MappedField } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { createCatalogue } from './catalogue.ts';
import { checkConnection } from './check.ts';
import { notionDiscusses } from './comments.ts';
import { createNotionClient } from './client.ts';
import type { NotionCredentials } from './client.ts';
import { namesIn } from './cursor.ts';
import { pullPage } from './pull.ts';
import { createWriter } from './push.ts';
import { createReader } from './reading.ts';
import { createWatch } from './webhook.ts';

export interface NotionConnectorOptions {
  readonly connectionId: string;
  readonly mapping: Mapping;
  readonly clock: () => Date;
  readonly requestTimeoutMs: number;
  /** The verification token of the webhook subscription. Without it webhooks are refused and polling does the work. */
  readonly webhookSecret?: string;
  readonly credentials: NotionCredentials;
  /** Told of what goes out, and of the calls that are left. */
  readonly watch?: AccountWatch;
}

/** Notion takes a page a request; a batch is what may be lost at once by a crash. */
const BATCH = 50;
/** Marked records that are read by id, a call each; more are looked up a hundred a call. */
const FETCH = 8;

/** Makes no call until it is used. Its ports reject with `ConnectorError` only. */
export function createNotionConnector(options: NotionConnectorOptions): Connector {
  const { mapping } = options;
  const client = createNotionClient(options);
  const catalogue = createCatalogue(client, mapping, options.clock);
  const parts = { client, catalogue, mapping };
  const reader = createReader(parts);
  const watch = createWatch(options.webhookSecret ?? null, mapping.target['dataSource'] ?? null);
  /** Names that a restart would have forgotten stand in the cursor of changes. */
  const recall = (changesCursor: Json | null | undefined): void => catalogue.recall(namesIn(changesCursor ?? null));
  const mapped = new Map<ItemKind, readonly MappedField[]>();
  return {
    mappedFields(kind) {
      const known = mapped.get(kind) ?? mappedFieldsOf(mapping, kind);
      mapped.set(kind, known);
      return known;
    },
    limits: { create: BATCH, update: BATCH, remove: BATCH, fetch: FETCH, byMarker: 100 },
    pulls: {
      async pull(request) {
        recall(request.changesCursor);
        return pullPage(parts, reader, request);
      },
      async fetch(remoteIds, changesCursor) {
        recall(changesCursor);
        return reader.fetch(remoteIds);
      },
      async findByMarker(markers, changesCursor) {
        recall(changesCursor);
        return reader.findByMarker(markers);
      },
    },
    pushes: createWriter({ ...parts, reader }),
    discusses: notionDiscusses(client),
    watches: watch,
    check: () => checkConnection(parts, { offeredToken: watch.offeredToken(), hasSecret: options.webhookSecret !== undefined }),
  };
}

function mappedFieldsOf(mapping: Mapping, kind: ItemKind): readonly MappedField[] {
  if (mapping.kinds[kind] === undefined) return [];
  return Object.entries(mapping.fields).flatMap(([field, { direction, kinds, refersBy }]) =>
    kinds === undefined || kinds.includes(kind)
      ? [{ field: field as FieldName, direction, ...(refersBy === undefined ? {} : { refersBy }) }]
      : [],
  );
}
