/** Jira's way out: jira.js's requests over a transport of ours, with what the answers say of the calls that are left. */
import type { Client } from 'jira.js/core';
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import { createBudget, retryAfterMs } from '../http/budget.ts';
import { createTransport } from '../http/transport.ts';
import { answerOf, jiraFailure } from './failures.ts';

export interface JiraCredentials {
  /** `https://<site>.atlassian.net` */
  readonly baseUrl: string;
  readonly email: string;
  readonly apiToken: string;
}

export interface JiraClientOptions {
  readonly credentials: JiraCredentials;
  readonly requestTimeoutMs: number;
  readonly clock: () => Date;
  /** Told of what goes out, and of the calls that are left. */
  readonly watch?: AccountWatch;
}

const READING_POSTS = ['/search/jql', '/issue/bulkfetch', '/changelog/bulkfetch'];
const isReading = (method: string, url: string): boolean => method === 'GET' || READING_POSTS.some((path) => url.includes(path));

/** Of the short window that is nearest to its end. Source: developer.atlassian.com, "Rate limiting", response headers. */
function tellAllowance({ headers }: Response, watch: AccountWatch | undefined): void {
  const [remaining, limit] = [headers.get('x-ratelimit-remaining'), headers.get('x-ratelimit-limit')];
  if (remaining === null || !Number.isFinite(Number(remaining))) return;
  watch?.allowance({ scope: 'window', limit: limit === null ? null : Number(limit), remaining: Number(remaining) });
}

/** jira.js's seam: its endpoint functions call `sendRequest` with a path, a body and search parameters. */
export function transportClient(options: JiraClientOptions): Client {
  const { credentials, clock } = options;
  const { watch } = options;
  const budget = createBudget(() => clock().getTime(), Math.random, watch);
  const observe = (response: Response): void => tellAllowance(response, watch);
  const shared = { vendor: 'Jira', budget, timeoutMs: options.requestTimeoutMs, observe, ...(watch === undefined ? {} : { watch }) };
  const transport = createTransport(shared, isReading);
  const authorization = `Basic ${Buffer.from(`${credentials.email}:${credentials.apiToken}`).toString('base64')}`;
  const base = credentials.baseUrl.replace(/\/+$/, '');
  return {
    async sendRequest<T>(request: Parameters<Client['sendRequest']>[0]): Promise<T> {
      const method = request.method ?? 'GET';
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(request.searchParams ?? {}))
        if (value !== undefined && value !== null) query.set(name, typeof value === 'string' ? value : JSON.stringify(value));
      const response = await transport(`${base}${request.url}${query.size === 0 ? '' : `?${query.toString()}`}`, {
        method,
        headers: {
          accept: 'application/json',
          authorization,
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      });
      const text = await response.text();
      // A bulk create of which nothing was made answers 400 with one error for each element.
      const isBulkAnswer = response.status === 400 && request.url.endsWith('/issue/bulk') && text.includes('failedElementNumber');
      if (response.ok || isBulkAnswer) {
        budget.passed();
        return answerOf(text, `${method} ${request.url}`, isReading(method, request.url)) as T;
      }
      const waitMs = response.status === 429 ? budget.refused(retryAfterMs(response.headers.get('retry-after'), clock().getTime())) : null;
      throw jiraFailure(response.status, text, { place: `${method} ${request.url}`, isReading: isReading(method, request.url), waitMs });
    },
  };
}
