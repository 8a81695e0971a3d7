/** A stand-in for HubSpot alone on a port, and its clients: the vendor's own SDK and plain HTTP. */
import { Client } from '@hubspot/api-client';
import { afterEach } from 'vitest';
import { createHubSpot } from '@lockstep/simulator/hubspot/server.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import type { ServedVendor } from '@lockstep/simulator/kernel/testing.ts';

type Account = 'lockstep' | 'maria' | 'omar' | 'guest';

export interface ShownObject {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
  readonly propertiesWithHistory: Readonly<Record<string, readonly { value: string; sourceType: string; timestamp: string }[]>>;
  readonly associations?: Readonly<Record<string, { results: readonly { id: string; type: string }[] }>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archived: boolean;
  readonly new?: boolean;
  readonly objectWriteTraceId?: string;
}

interface StandardError {
  readonly category: string;
  readonly subCategory?: string;
  readonly message: string;
  readonly code?: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** What tests read of answers; an answer has some of it. */
interface Body extends ShownObject {
  readonly status: string;
  readonly message: string;
  readonly category: string;
  readonly correlationId: string;
  readonly policyName: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
  readonly results: readonly ShownObject[];
  readonly total: number;
  readonly paging?: { next?: { after: string; link?: string } };
  readonly numErrors: number;
  readonly errors: readonly StandardError[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; null where there is none. */
  readonly body: Body;
  readonly text: string;
}

export interface HubSpotPortal extends ServedVendor {
  sdk(account?: Account): Client;
  /** One request as `lockstep`, or with the given headers. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Makes a task and returns its id. */
  task(properties?: Record<string, string>): Promise<string>;
  /** A task with the given properties. */
  read(id: string, ...properties: string[]): Promise<ShownObject>;
  /** Lets the search index catch up. */
  index(): void;
}

/** 24 November 2026, 09:30:20.500 UTC: the clock stands there until a test moves it. */
export const NOW = Date.parse('2026-11-24T09:30:20.500Z');
export const TASKS = '/crm/objects/2026-09/tasks';
export const bearer = (account: Account): Record<string, string> => ({ authorization: `Bearer pat-na1-${account}` });

const open = new Set<ServedVendor>();
afterEach(async () => {
  await Promise.all([...open].map((portal) => portal.close()));
  open.clear();
});

/** A portal without tasks, closed after the test. */
export async function hubSpotPortal(options: Parameters<typeof serveVendor>[2] = {}): Promise<HubSpotPortal> {
  const served = await serveVendor('hubspot', createHubSpot, options);
  open.add(served);
  served.clock.freeze(NOW);
  const ask: HubSpotPortal['ask'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${served.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...bearer('lockstep'), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, headers: answer.headers, body: (isJson ? JSON.parse(text) : null) as Body, text };
  };
  return {
    ...served,
    close: async () => {
      open.delete(served);
      await served.close();
    },
    sdk: (account = 'lockstep') => new Client({ basePath: served.url, accessToken: `pat-na1-${account}` }),
    ask,
    task: async (properties = {}) => (await ask('POST', TASKS, { properties: task('A task', properties) })).body.id,
    read: async (id, ...properties) => (await ask('GET', `${TASKS}/${id}?properties=${properties.join(',')}`)).body,
    index: () => served.clock.advance(60_000),
  };
}

/** The properties that a task needs, and more. */
export const task = (subject: string, more: Record<string, string> = {}): Record<string, string> => ({
  hs_task_subject: subject,
  hs_timestamp: '2026-12-01T00:00:00.000Z',
  ...more,
});
