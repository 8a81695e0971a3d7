/** A stand-in for Jira alone on a port, and its clients: the vendor's own SDK, which holds each answer against its schemas, and plain HTTP. */
import { createCloudClient } from 'jira.js/cloud';
import { afterEach } from 'vitest';
import { createJira } from '@lockstep/simulator/jira/server.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import type { ServedVendor } from '@lockstep/simulator/kernel/testing.ts';

export type Sdk = ReturnType<typeof createCloudClient>;
type Account = 'lockstep' | 'maria' | 'omar' | 'guest';

interface ShownIssue {
  readonly id: string;
  readonly key: string;
  readonly fields: Readonly<Record<string, unknown>> & { readonly status: { readonly name: string }; readonly updated: string };
}

/** What tests read of answers; an answer has some of it. */
export interface Body extends ShownIssue {
  readonly issues: readonly ShownIssue[];
  readonly values: readonly Readonly<Record<string, unknown>>[];
  readonly nextPageToken?: string;
  readonly isLast: boolean;
  readonly total: number;
  readonly errorMessages: readonly string[];
  /** By field; of a bulk create, by element. */
  readonly errors: Readonly<Record<string, unknown>> & { readonly length?: number };
  readonly properties: unknown;
  readonly [other: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; null where there is none, a string where it is no JSON. */
  readonly body: Body;
}

export interface JiraSite extends ServedVendor {
  /** jira.js; an answer that its schemas do not know rejects. */
  sdk(account?: Account): Sdk;
  /** One request as `lockstep`, or with the given headers. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Makes an issue and returns its id. */
  issue(fields?: Record<string, unknown>): Promise<string>;
  /** Lets the search index catch up. */
  index(): void;
}

/** 24 November 2026, 09:30:20.500 UTC: the clock stands there until a test moves it. */
export const NOW = Date.parse('2026-11-24T09:30:20.500Z');

export const basic = (account: Account): string =>
  `Basic ${Buffer.from(`${account}@growth.example:jira-token-${account}`).toString('base64')}`;

const open: ServedVendor[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((site) => site.close()));
});

/** An empty site, closed after the test. */
export async function jiraSite(options: Parameters<typeof serveVendor>[2] = {}): Promise<JiraSite> {
  const served = await serveVendor('jira', createJira, options);
  open.push(served);
  served.clock.freeze(NOW);
  const ask: JiraSite['ask'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${served.url}${path}`, {
      method,
      headers: { authorization: basic('lockstep'), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, headers: answer.headers, body: (text === '' ? null : isJson ? JSON.parse(text) : text) as Body };
  };
  return {
    ...served,
    sdk: (account = 'lockstep') =>
      createCloudClient({
        host: served.url,
        auth: { type: 'basic', email: `${account}@growth.example`, apiToken: `jira-token-${account}` },
        onSchemaMismatch: 'throw',
      }),
    close: async () => {
      const at = open.indexOf(served);
      if (at >= 0) await open.splice(at, 1)[0]?.close();
    },
    ask,
    issue: async (fields = {}) => (await ask('POST', '/rest/api/3/issue', { fields: { ...task('An issue'), ...fields } })).body.id,
    index: () => served.clock.advance(60_000),
  };
}

/** The fields that a task needs. */
export const task = (summary: string): Record<string, unknown> => ({ project: { key: 'GROW' }, issuetype: { name: 'Task' }, summary });

/** A document of one paragraph. */
export const paragraph = (text: string) => ({
  type: 'doc' as const,
  version: 1 as const,
  content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
});
