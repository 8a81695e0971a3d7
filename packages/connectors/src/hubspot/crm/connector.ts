/** HubSpot as a CRM that change sets write to: contacts, companies, deals, leads, tasks and any other object of the account. */
import type { Crm } from '@lockstep/domain/crm/crm.port.ts';
import type { HubSpotClientOptions } from '../client.ts';
import { associationTypesOf } from './associations.ts';
import type { AssociationTypes } from './associations.ts';
import { createCrmClient } from './client.ts';
import type { CrmClient } from './client.ts';
import { identityOf } from './identity.ts';
import type { Identity } from './identity.ts';
import { findByKey, findOwners } from './looking-up.ts';
import { BATCH, readHistory, readRecords } from './reading.ts';
import { schemasOf } from './schema.ts';
import type { Schemas } from './schema.ts';
import { writeRecords } from './writing.ts';

export interface HubSpotCrmOptions extends HubSpotClientOptions {
  /** Id of the app that the token is of; needed where HubSpot does not tell it (a service key). */
  readonly appId?: string;
}

/** What each part of the connector works with. */
export interface Parts {
  readonly client: CrmClient;
  readonly schemas: Schemas;
  readonly types: AssociationTypes;
  readonly identity: Identity;
  /** ISO, by our clock. */
  readonly now: () => string;
}

/** Makes the CRM. Nothing is sent before the first call. */
export function createHubSpotCrm(options: HubSpotCrmOptions): Crm {
  const client = createCrmClient(options);
  const parts: Parts = {
    client,
    schemas: schemasOf(client),
    types: associationTypesOf(client),
    identity: identityOf(client, options.appId ?? null),
    now: () => options.clock().toISOString(),
  };
  return {
    limits: { read: BATCH, write: BATCH },
    describe: (object) => parts.schemas.describe(object),
    ownersByEmail: (emails) => findOwners(client, emails),
    findByKey: (object, field, values) => findByKey(client, { object, field, values }),
    read: (request) => readRecords(parts, request),
    history: (request) => readHistory(parts, request),
    write: (writes) => writeRecords(parts, writes),
    async findCreated(object, keys) {
      const { keyField } = await parts.schemas.known(object);
      return keyField === null ? new Map() : findByKey(client, { object, field: keyField, values: keys });
    },
  };
}
