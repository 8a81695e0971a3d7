/** The API with routing on paper, on a socket of its own, as the worker serves it. */
import { pino } from 'pino';
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import { NO_EXCLUSIONS } from '@lockstep/domain/routing/domain-name.ts';
import { createAuditLog } from '@lockstep/store/audit.ts';
import { createRoutingStore } from '@lockstep/store/routing-store.ts';
import { createApi } from '@lockstep/worker/http/api.ts';
import type { ApiParts } from '@lockstep/worker/http/api.ts';
import type { EventCredentials } from '@lockstep/worker/http/event-sender.ts';
import { redecideByTexts } from '@lockstep/worker/routing-redecide.ts';
import { listen } from '@lockstep/worker/http/server.ts';
import { createSlackDoor } from '@lockstep/worker/http/slack.ts';
import type { SlackParts } from '@lockstep/worker/http/slack.ts';
import type { Account } from '@lockstep/worker/http/identity.ts';
import { benchOf } from '../engine/bench-of-remotes.ts';
import { openBench } from '../engine/crm/bench.ts';
import type { TestStore } from '@lockstep/store/testing.ts';
import { paperRouting } from './paper-routing.ts';
import type { PaperRouting } from './paper-routing.ts';

export const OPERATOR = 'token-operator';
export const SIGNING_SECRET = 'slack-signing-secret';
/** The instant of everything on this desk: half of a paper lead's time is used. */
export const NOW = '2026-10-23T16:30:00.000Z';

export interface RoutingDesk {
  readonly url: string;
  /** What the API has besides the backlog. */
  readonly parts: Pick<ApiParts, 'audit' | 'changeSets' | 'routing'>;
  readonly paper: PaperRouting;
  /** Accounts that were woken, with the urgency. */
  readonly woken: string[];
  /** Reasons in the security log. */
  readonly security: string[];
  /** Errors that the worker has logged. */
  readonly errors: string[];
  post(path: string, body: Uint8Array | string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  call(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
}

export interface DeskOptions {
  readonly credentials?: EventCredentials;
  readonly slack?: Partial<SlackParts>;
  readonly requestMs?: number;
  readonly accounts?: readonly Account[];
}

interface Line {
  readonly level: number;
  readonly security?: boolean;
  readonly reason?: string;
  readonly msg: string;
}

const ERROR_LEVEL = 50;

export async function openRoutingDesk(database: TestStore, options: DeskOptions = {}): Promise<RoutingDesk> {
  const store: Store = database.store();
  const { workspace } = await benchOf(store, ['jira']);
  const paper = paperRouting();
  const [woken, security, errors]: [string[], string[], string[]] = [[], [], []];
  const write = (text: string): void => {
    const line = JSON.parse(text) as Line;
    if (line.security === true) security.push(line.reason ?? line.msg);
    if (line.level >= ERROR_LEVEL) errors.push(line.msg);
  };
  const log = pino({ level: 'warn' }, { write });
  const now = (): string => NOW;
  const wake = async (accountIds: readonly string[], urgency = 'now'): Promise<void> =>
    void woken.push(...accountIds.map((accountId) => `${urgency} ${accountId}`));
  const accounts = options.accounts ?? [];
  const known = accounts.length === 0 ? null : await accountsOf(database, accounts);
  const decisions = createRoutingStore({ pool: database.pool, workspaceId: database.workspaceId() });
  const parts: Pick<ApiParts, 'audit' | 'changeSets' | 'routing'> = {
    audit: createAuditLog({ pool: database.pool, workspaceId: database.workspaceId() }),
    ...(known === null ? {} : { changeSets: known.changeSets }),
    routing: {
      attempts: () => [{ channel: 'slack', outcome: 'delivered', count: 3 }],
      ...{ cases: paper.cases, store: paper.store, workflows: { answer: paper.answer }, now },
      check: async () => ({ problems: [], documents: [], hours: null }),
      doctor: async () => [],
      redecide: (request) => redecideByTexts(decisions, request, NOW),
      events: {
        ...{ ingest: paper.cases.ingest, wake, now, log, excluded: () => NO_EXCLUSIONS },
        credentials: options.credentials ?? { tokens: [], secrets: [] },
      },
    },
  };
  const memberOf = async (userId: string): Promise<string | null> => (userId === 'U0INES' ? 'ines' : null);
  const api = createApi({
    ...{ workspace, log, workspaceId: 'desk', token: OPERATOR, wakes: { wake: async () => undefined }, command: async () => undefined },
    engines: { temporal: '', postgres: '' },
    ...parts,
  });
  api.route(
    '/',
    createSlackDoor({
      ...{ signingSecret: SIGNING_SECRET, teamId: null, memberOf, answer: paper.answer, reply: null, now, log },
      ...options.slack,
    }),
  );
  const server = await listen(api.fetch, {
    port: 0,
    host: '127.0.0.1',
    ...(options.requestMs === undefined ? {} : { requestMs: options.requestMs }),
  });
  const answered = async (response: Response): Promise<Answer> => {
    const text = await response.text();
    return { status: response.status, text, body: /^[[{]/.test(text) ? (JSON.parse(text) as unknown) : null };
  };
  return {
    ...{
      url: server.url,
      parts,
      paper,
      woken,
      security,
      errors,
      close: async () => void (await Promise.all([server.close(), known?.close()])),
    },
    post: async (path, body, headers = {}) =>
      answered(
        await fetch(server.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: Buffer.from(body),
        }),
      ),
    call: async (method, path, body, token = OPERATOR) =>
      answered(
        await fetch(server.url + path, {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
  };
}

/** The accounts of the API come with change sets. */
async function accountsOf(database: TestStore, accounts: readonly Account[]) {
  const { engine, now, served } = await openBench(database, { keep: true });
  const nothing = async (): Promise<void> => undefined;
  const decide = async () => ({ kind: 'decided', outcome: 'refused', code: 'NOT_WAITING' }) as const;
  const workflows = { start: nothing, decide, cancel: nothing, takeOver: nothing };
  return { changeSets: { engine, accounts, now, newId: () => 'id', workflows }, close: () => served.close() };
}
