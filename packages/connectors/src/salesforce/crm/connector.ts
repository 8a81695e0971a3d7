/** Salesforce as a CRM that change sets write to: contacts, accounts, leads, opportunities, tasks and any other object that our user may see. */
import type { Crm } from '@lockstep/domain/crm/crm.port.ts';
import type { SessionOptions } from '../sessions.ts';
import { createCrmClient } from './client.ts';
import type { CrmClient } from './client.ts';
import { readHistory } from './history.ts';
import { findByKey, findOwners } from './looking-up.ts';
import { BATCH, readRecords } from './reading.ts';
import { schemasOf } from './schema.ts';
import type { Schemas } from './schema.ts';
import { writeRecords } from './writing.ts';

/** What each part of the connector works with. */
export interface Parts {
  readonly client: CrmClient;
  readonly schemas: Schemas;
}

/** Makes the CRM. Nothing is sent before the first call. */
export function createSalesforceCrm(options: SessionOptions): Crm {
  const client = createCrmClient(options);
  const parts: Parts = { client, schemas: schemasOf(client) };
  return {
    limits: { read: BATCH, write: BATCH },
    describe: (object) => parts.schemas.describe(object),
    ownersByEmail: (emails) => findOwners(client, emails),
    findByKey: (object, field, values) => findByKey(parts, { object, field, values }),
    read: (request) => readRecords(parts, request),
    history: (request) => readHistory(parts, request),
    write: (writes) => writeRecords(parts, writes),
    async findCreated(object, keys) {
      const { keyField } = (await parts.schemas.known(object)).described;
      return keyField === null ? new Map() : findByKey(parts, { object, field: keyField, values: keys });
    },
  };
}
