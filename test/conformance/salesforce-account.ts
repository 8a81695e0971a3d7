/** One Salesforce organisation with the shipped mapping: the connector, and Maria who works beside it. */
import { readFileSync } from 'node:fs';
import { createSalesforceConnector } from '@lockstep/connectors/salesforce/connector.ts';
import type { SalesforceAuth } from '@lockstep/connectors/salesforce/sessions.ts';
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import { mappingSchema } from '@lockstep/domain/sync/mapping.schema.ts';
import type { Fault } from '@lockstep/simulator/kernel/faults.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import { createSalesforce } from '@lockstep/simulator/salesforce/server.ts';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import type { Account, Connecting, Subject } from './subject.ts';

export const ITEMS = '/services/data/v67.0/sobjects/Lockstep_Item__c';
const AUTH = { flow: 'client-credentials', clientId: 'lockstep-client', clientSecret: 'lockstep-secret' } as const;

interface SalesforceConnecting extends Connecting {
  readonly auth?: SalesforceAuth;
  readonly baseUrl?: string;
  readonly clock?: () => Date;
}

export interface SalesforceAccount extends Account {
  readonly connector: Connector;
  readonly connect: (options?: SalesforceConnecting) => Connector;
  readonly maria: {
    create(values: Readonly<Record<string, unknown>>): Promise<string>;
    edit(id: string, values: Readonly<Record<string, unknown>>): Promise<void>;
    remove(id: string): Promise<void>;
    read(id: string): Promise<Readonly<Record<string, unknown>>>;
    /** Any other call. */
    ask(method: string, path: string, body?: unknown): Promise<unknown>;
  };
  /** Calls of the administrator. */
  readonly admin: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly fault: (match: Fault['match'], action: Fault['action'], more?: Partial<Fault>) => void;
  /** Requests of Lockstep to paths that match, in order; without those for a token. */
  readonly requests: (path?: RegExp) => readonly { readonly method: string; readonly status: number; readonly path: string }[];
}

export async function salesforceAccount(options: Parameters<typeof serveVendor>[2] = {}): Promise<SalesforceAccount> {
  const served = await serveVendor('salesforce', createSalesforce, options);
  onTestFinished(() => served.close());
  const mapping = mappingSchema.parse(
    parse(readFileSync(new URL('../../packages/connectors/mappings/salesforce.yaml', import.meta.url), 'utf8')),
  );
  const connect: SalesforceAccount['connect'] = (given = {}) =>
    createSalesforceConnector({
      connectionId: 'salesforce',
      mapping: { ...mapping, ...given.mapping },
      clock: given.clock ?? (() => new Date()),
      requestTimeoutMs: given.requestTimeoutMs ?? 5_000,
      credentials: {
        baseUrl: given.baseUrl ?? served.url,
        auth: given.auth ?? (given.token === 'wrong' ? { ...AUTH, clientSecret: 'of somebody else' } : AUTH),
      },
    });
  const maria = mariaOf(callerAt(served.url, 'maria'));
  return {
    served,
    mapping,
    connector: connect(),
    connect,
    maria,
    admin: callerAt(served.url, 'admin'),
    person: {
      create: (title) => maria.create({ Title__c: title, Kind__c: 'Task' }),
      edit: (remoteId, { title, owner }) =>
        maria.edit(remoteId, { ...(title === undefined ? {} : { Title__c: title }), ...(owner === undefined ? {} : { Owner__c: owner }) }),
      remove: (remoteId) => maria.remove(remoteId),
    },
    fault: (match, action, more = {}) => served.faults.add({ tool: 'salesforce', match, action, skip: 0, times: 1, ...more }),
    requests: (path = /./) =>
      served.log
        .list({ tool: 'salesforce' }, 10_000)
        // A fault answers before anybody asks whose request it is.
        .filter((entry) => !['maria', 'admin'].includes(entry.account ?? '') && !entry.path.includes('/oauth2/') && path.test(entry.path))
        .map((entry) => ({ method: entry.method, status: entry.status, path: entry.path })),
  };
}

type Caller = (method: string, path: string, body?: unknown) => Promise<unknown>;

function callerAt(baseUrl: string, account: string): Caller {
  return async (method, path, body) => {
    const response = await fetch(baseUrl + path, {
      method,
      headers: { authorization: `Bearer sf_${account}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
}

function mariaOf(ask: Caller): SalesforceAccount['maria'] {
  return {
    ask,
    create: async (values) => ((await ask('POST', ITEMS, values)) as { id: string }).id,
    edit: async (id, values) => void (await ask('PATCH', `${ITEMS}/${id}`, values)),
    remove: async (id) => void (await ask('DELETE', `${ITEMS}/${id}`)),
    read: async (id) => (await ask('GET', `${ITEMS}/${id}`)) as Readonly<Record<string, unknown>>,
  };
}

export const salesforce: Subject = {
  name: 'Salesforce',
  tool: 'salesforce',
  open: () => salesforceAccount(),
  parentKind: 'phase',
  seesOverwritten: false,
  refusesStale: true,
  showsDeleted: false,
  wire: {
    create: { method: 'POST', path: '/composite$' },
    update: { method: 'POST', path: '/composite$' },
    read: { method: 'GET', path: '/queryAll' },
  },
};
