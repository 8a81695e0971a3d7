/** A stand-in for Salesforce alone on a port, and its clients: jsforce and plain HTTP. */
import { afterEach } from 'vitest';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import type { ServedVendor } from '@lockstep/simulator/kernel/testing.ts';
import { createSalesforce } from '@lockstep/simulator/salesforce/server.ts';
import { Connection as JsforceConnection } from 'jsforce/lib/connection.js';

export interface Result {
  readonly id: string;
  readonly success: boolean;
  readonly created?: boolean;
  readonly errors: readonly { readonly statusCode: string; readonly message: string; readonly fields: readonly string[] }[];
}

/** What the tests use of jsforce. */
export interface Connection {
  limitInfo: { readonly apiUsage?: { readonly used: number; readonly limit: number } };
  authorize(params: Readonly<Record<string, string>>): Promise<{ readonly id: string; readonly organizationId: string }>;
  identity(): Promise<{ readonly username: string }>;
  describeGlobal(): Promise<{ readonly sobjects: readonly { readonly name: string }[] }>;
  query(
    soql: string,
    options?: object,
  ): Promise<{ readonly totalSize: number; readonly done: boolean; readonly records: readonly Shown[] }>;
  sobject(name: string): Sobject;
}

interface Sobject {
  create(records: object | readonly object[], options?: object): Promise<Result & readonly Result[]>;
  update(records: object | readonly object[], options?: object): Promise<Result & readonly Result[]>;
  upsert(records: object | readonly object[], field: string, options?: object): Promise<Result & readonly Result[]>;
  destroy(ids: string | readonly string[], options?: object): Promise<Result & readonly Result[]>;
  retrieve(ids: string | readonly string[]): Promise<Shown & readonly Shown[]>;
  describe(): Promise<{ readonly fields: readonly { readonly name: string; readonly length: number; readonly externalId: boolean }[] }>;
  updated(start: string, end: string): Promise<{ readonly ids: readonly string[]; readonly latestDateCovered: string }>;
  deleted(start: string, end: string): Promise<{ readonly deletedRecords: readonly { readonly id: string }[] }>;
}

export type Shown = Readonly<Record<string, unknown>>;

/** The client's own types are of a thousand lines; this is what the tests use. */
const Jsforce = JsforceConnection as unknown as new (options: object) => Connection;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; null where there is none. */
  readonly body: unknown;
  readonly text: string;
}

export interface SalesforceOrg extends ServedVendor {
  jsforce(options?: object): Connection;
  /** One request below `/services/data/v67.0` (or at `/services/…`, `/ui/…`) as `lockstep`, or with other headers. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Makes a record as `lockstep` and returns its id. */
  make(object: string, values: object): Promise<string>;
  /** The records of a query. */
  rows(soql: string): Promise<readonly Shown[]>;
  /** The first refusal of a request: its status and error code. */
  refusal(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<readonly [number, string | undefined]>;
}

/** 24 November 2026, 09:30:20.500 UTC: the clock stands there until a test moves it. */
export const NOW = Date.parse('2026-11-24T09:30:20.500Z');
export const ITEM = 'Lockstep_Item__c';
export const as = (account: string): Record<string, string> => ({ authorization: `Bearer sf_${account}` });

const open = new Set<ServedVendor>();
afterEach(async () => {
  await Promise.all([...open].map((org) => org.close()));
  open.clear();
});

/** An org without items, closed after the test. */
export async function salesforceOrg(options: Parameters<typeof serveVendor>[2] = {}): Promise<SalesforceOrg> {
  const served = await serveVendor('salesforce', createSalesforce, options);
  open.add(served);
  served.clock.freeze(NOW);
  const ask: SalesforceOrg['ask'] = async (method, path, body, headers = {}) => {
    const isWhole = path.startsWith('/services/') || path.startsWith('/ui') || path.startsWith('/id/');
    const answer = await fetch(`${served.url}${isWhole ? '' : '/services/data/v67.0'}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...as('lockstep'), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, headers: answer.headers, body: isJson && text !== '' ? JSON.parse(text) : null, text };
  };
  return {
    ...served,
    ask,
    close: async () => {
      open.delete(served);
      await served.close();
    },
    jsforce: (more = {}) =>
      new Jsforce({ instanceUrl: served.url, loginUrl: served.url, accessToken: 'sf_lockstep', version: '67.0', ...more }),
    make: async (object, values) => {
      const { status, body, text } = await ask('POST', `/sobjects/${object}`, values);
      if (status !== 201) throw new Error(`expected ${object} to be made, got ${status}: ${text}`);
      return (body as Result).id;
    },
    rows: async (soql) => {
      const { status, body, text } = await ask('GET', `/query?q=${encodeURIComponent(soql)}`);
      if (status !== 200) throw new Error(`expected rows, got ${status}: ${text}`);
      return (body as { records: readonly Shown[] }).records;
    },
    refusal: async (...request) => {
      const { status, body } = await ask(...request);
      return [status, (body as readonly { errorCode: string }[] | null)?.[0]?.errorCode];
    },
  };
}
