/** Salesforce as a peer: the records of one custom object, read and written through the REST API. */
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import type { FieldName, ItemKind } from '@lockstep/domain/backlog/item.ts';
import type { Connector, MappedField } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { createCatalogue, layoutOf } from './catalogue.ts';
import { checkSalesforce } from './check.ts';
import { createSalesforceClient } from './client.ts';
import { fetchRecords, findRecords, pullRecords, READ_BATCH } from './pull.ts';
import { COLLECTION, createRecords, GUARDED, removeRecords, updateRecords } from './push.ts';
import type { SalesforceCredentials } from './sessions.ts';

export interface SalesforceOptions {
  /** The connection's name, for messages. */
  readonly connectionId: string;
  readonly mapping: Mapping;
  readonly clock: () => Date;
  readonly requestTimeoutMs: number;
  readonly credentials: SalesforceCredentials;
  /** Told of what goes out, and of the calls that are left. */
  readonly watch?: AccountWatch;
}

/** Makes the connector. Nothing is sent before the first call. Throws `Invalid` for a mapping whose target names no object or field. */
export function createSalesforceConnector(options: SalesforceOptions): Connector {
  const { mapping, clock } = options;
  const client = createSalesforceClient(options);
  const layout = layoutOf(mapping);
  const parts = { client, layout, catalogue: createCatalogue(client, layout, clock) };
  return {
    mappedFields: (kind) => mappedFields(mapping, kind),
    limits: { create: COLLECTION, update: GUARDED, remove: COLLECTION, fetch: READ_BATCH },
    quota: () => (client.isNearlySpent() ? ('reserved' as const) : ('ample' as const)),
    pulls: {
      pull: (request) => pullRecords(parts, request),
      fetch: (remoteIds) => fetchRecords(parts, remoteIds),
      findByMarker: (markers) => findRecords(parts, markers),
    },
    pushes: {
      create: (drafts) => createRecords(parts, drafts),
      update: (changes) => updateRecords(parts, changes),
      remove: (removals) => removeRecords(parts, removals),
    },
    check: () => checkSalesforce(parts),
  };
}

function mappedFields(mapping: Mapping, kind: ItemKind): readonly MappedField[] {
  if (mapping.kinds[kind] === undefined) return [];
  return Object.entries(mapping.fields).flatMap(([field, { direction, kinds, refersBy }]) =>
    kinds === undefined || kinds.includes(kind)
      ? [{ field: field as FieldName, direction, ...(refersBy === undefined ? {} : { refersBy }) }]
      : [],
  );
}
