/** Salesforce as a CRM: Lockstep's side, and Maria's. */
import { createSalesforceCrm } from '@lockstep/connectors/salesforce/crm/connector.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import { createSalesforce } from '@lockstep/simulator/salesforce/server.ts';
import { onTestFinished } from 'vitest';
import type { CrmAccount, CrmSubject } from './crm-subject.ts';

const OBJECTS = '/services/data/v67.0/sobjects';

export interface SalesforceCrmAccount extends CrmAccount {
  /** Any call, by Maria. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<unknown>;
}

export async function salesforceCrm(): Promise<SalesforceCrmAccount> {
  const served = await serveVendor('salesforce', createSalesforce);
  onTestFinished(() => served.close());
  const ask: SalesforceCrmAccount['ask'] = async (method, path, body) => {
    const response = await fetch(served.url + path, {
      method,
      headers: { authorization: 'Bearer sf_maria', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const idOf = async (soql: string): Promise<string> => {
    const { records } = (await ask('GET', `/services/data/v67.0/query/?q=${encodeURIComponent(soql)}`)) as { records: { Id: string }[] };
    return records[0]?.Id ?? '';
  };
  const create = async (object: string, fields: object): Promise<string> =>
    ((await ask('POST', `${OBJECTS}/${object}`, fields)) as { id: string }).id;
  return {
    served,
    ask,
    connect: ({ requestTimeoutMs = 5_000 } = {}) =>
      createSalesforceCrm({
        clock: () => new Date(),
        requestTimeoutMs,
        credentials: {
          baseUrl: served.url,
          auth: { flow: 'client-credentials', clientId: 'lockstep-client', clientSecret: 'lockstep-secret' },
        },
      }),
    owner: { email: 'omar@growth.example', id: await idOf("SELECT Id FROM User WHERE Email = 'omar@growth.example'") },
    ends: async () => ({
      fromId: await create('Contact', { LastName: 'Unbound' }),
      toId: await idOf("SELECT Id FROM Account WHERE Name = 'Northwind Bikes'"),
    }),
    person: {
      create,
      edit: async (object, id, fields) => void (await ask('PATCH', `${OBJECTS}/${object}/${id}`, fields)),
      archive: async (object, id) => void (await ask('DELETE', `${OBJECTS}/${object}/${id}`)),
      merge: async (_, masterId, mergedId) => void (await ask('POST', '/ui/settings/merge', { masterId, mergedId })),
      note: async (_, id) => void (await create('Task', { Subject: 'Called, wants a quote', WhoId: id })),
    },
  };
}

export const salesforceSubject: CrmSubject = {
  name: 'Salesforce',
  tool: 'salesforce',
  open: salesforceCrm,
  limits: { read: 200, write: 200 },
  contact: {
    object: 'Contact',
    text: 'Title',
    otherText: 'Department',
    email: 'Email',
    owner: 'OwnerId',
    readOnly: 'CreatedDate',
    choice: { field: 'LeadSource', options: null },
    required: { LastName: 'Person' },
    refused: { Email: 'no address' },
  },
  task: { object: 'Task', fields: { Subject: 'Call back', ActivityDate: '2026-12-01' } },
  association: { from: 'Contact', to: 'Account', label: null },
  restores: 'same-id',
  hasPrecondition: true,
  paths: { read: '/queryAll', create: '/composite$', update: '/composite$' },
};
