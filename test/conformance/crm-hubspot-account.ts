/** HubSpot as a CRM: Lockstep's side, and a person at HubSpot's pages. */
import { createHubSpotCrm } from '@lockstep/connectors/hubspot/crm/connector.ts';
import type { CrmFields } from '@lockstep/domain/crm/change-set.ts';
import { createHubSpot } from '@lockstep/simulator/hubspot/server.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import { onTestFinished } from 'vitest';
import type { CrmAccount, CrmSubject } from './crm-subject.ts';

export interface HubSpotCrmAccount extends CrmAccount {
  /** Any call, by an app that is not ours. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly connectWith: (accessToken: string, appId?: string) => ReturnType<CrmAccount['connect']>;
}

const NOTE_TYPES: Readonly<Record<string, number>> = { contacts: 202, companies: 190, deals: 214 };

export async function hubspotCrm(): Promise<HubSpotCrmAccount> {
  const served = await serveVendor('hubspot', createHubSpot);
  onTestFinished(() => served.close());
  const ask: HubSpotCrmAccount['ask'] = async (method, path, body) => {
    const response = await fetch(served.url + path, {
      method,
      headers: { authorization: 'Bearer pat-na1-maria', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const connect = (accessToken: string, requestTimeoutMs = 5_000, appId?: string) =>
    createHubSpotCrm({
      clock: () => new Date(),
      requestTimeoutMs,
      credentials: { baseUrl: served.url, accessToken },
      ...(appId === undefined ? {} : { appId }),
    });
  const idOf = async (asked: Promise<unknown>): Promise<string> => ((await asked) as { id: string }).id;
  const crm = connect('pat-na1-lockstep');
  return {
    served,
    ask,
    connect: ({ requestTimeoutMs } = {}) => connect('pat-na1-lockstep', requestTimeoutMs),
    connectWith: (accessToken, appId) => connect(accessToken, 5_000, appId),
    owner: { email: 'maria@growth.example', id: '77405866' },
    ends: async () => ({
      fromId: (await crm.findByKey('contacts', 'email', ['ines@northwind.example'])).get('ines@northwind.example') ?? '',
      toId: await firstOf(ask, 'companies'),
    }),
    person: {
      create: (object, fields) => idOf(ask('POST', `/ui/objects/${object}`, { properties: texts(fields) })),
      edit: async (object, id, fields) => void (await ask('PATCH', `/ui/objects/${object}/${id}`, { properties: texts(fields) })),
      archive: async (object, id) => void (await ask('DELETE', `/ui/objects/${object}/${id}`)),
      merge: async (object, primaryObjectId, objectIdToMerge) =>
        void (await ask('POST', `/crm/objects/2026-09/${object}/merge`, { primaryObjectId, objectIdToMerge })),
      note: async (object, id) => {
        const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: NOTE_TYPES[object] }];
        const properties = { hs_timestamp: '2026-11-24T10:00:00Z', hs_note_body: 'Called, wants a quote' };
        await ask('POST', '/ui/objects/notes', { properties, associations: [{ to: { id }, types }] });
      },
    },
  };
}

async function firstOf(ask: HubSpotCrmAccount['ask'], object: string): Promise<string> {
  const { results } = (await ask('GET', `/crm/objects/2026-09/${object}?limit=1`)) as { results: readonly { id: string }[] };
  return results[0]?.id ?? '';
}

const texts = (fields: CrmFields): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value === null ? '' : String(value)]));

export const hubspotSubject: CrmSubject = {
  name: 'HubSpot',
  tool: 'hubspot',
  open: hubspotCrm,
  limits: { read: 100, write: 100 },
  contact: {
    object: 'contacts',
    text: 'jobtitle',
    otherText: 'company',
    email: 'email',
    owner: 'hubspot_owner_id',
    readOnly: 'hs_object_id',
    choice: {
      field: 'lifecyclestage',
      options: ['subscriber', 'lead', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'customer', 'evangelist', 'other'],
    },
    required: {},
    refused: { lifecyclestage: 'no such stage' },
  },
  task: { object: 'tasks', fields: { hs_task_subject: 'Call back', hs_timestamp: '2026-12-01T09:00:00.000Z' } },
  association: { from: 'contacts', to: 'companies', label: 'Primary' },
  restores: 'never',
  hasPrecondition: false,
  paths: { read: '/batch/read', create: '/batch/create$', update: '/batch/update$' },
};
