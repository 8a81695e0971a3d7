/**
 * The typed client of the HTTP API, for the CLI, the console and the launcher.
 */
import { auditCalls } from './audit-client.ts';
import type { AuditClient } from './audit-client.ts';
import { changeSetCalls } from './change-set-client.ts';
import type { ChangeSetClient } from './change-set-client.ts';
import type { RequestProblems } from './change-set-schemas.ts';
import { replayDecideCalls } from './replay-decide-client.ts';
import type { ReplayDecideClient } from './replay-decide-client.ts';
import { redriveCalls } from './redrive-client.ts';
import type { RedriveClient } from './redrive-client.ts';
import { replayCalls } from './replay-client.ts';
import type { ReplayClient } from './replay-client.ts';
import { routingCalls } from './routing-client.ts';
import type { RoutingClient } from './routing-client.ts';
import type {
  Conflict,
  Finding,
  FoundItem,
  ImportAnswer,
  ImportRequest,
  Plan,
  Problem,
  Resolution,
  Status,
  Why,
  ApiItem,
} from './schemas.ts';

/** The API answered with a problem, or not at all (`status` 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: Problem['code'] | 'unreachable';
  /** Of `bad_steps`: what is wrong with which step. */
  readonly problems: RequestProblems['problems'];

  constructor(status: number, code: ApiError['code'], message: string, problems: RequestProblems['problems'] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.problems = problems;
  }
}

export interface ApiClient extends ChangeSetClient, AuditClient, ReplayClient, RoutingClient, RedriveClient, ReplayDecideClient {
  status(): Promise<Status>;
  plan(connections?: readonly string[]): Promise<Plan>;
  apply(request: { planId: string; connections?: readonly string[]; approveDeletes?: boolean }): Promise<Plan>;
  sync(request?: { connections?: readonly string[]; fullScan?: boolean }): Promise<readonly string[]>;
  /** Every live item, page by page. */
  items(kind?: string): AsyncGenerator<ApiItem>;
  /** Items by id, by the id or key of a record in any tool, or by title. */
  find(text: string): Promise<readonly FoundItem[]>;
  importItems(request: ImportRequest): Promise<ImportAnswer>;
  why(itemId: string): Promise<Why>;
  resync(itemId: string): Promise<readonly string[]>;
  conflicts(filter?: { state?: string; itemId?: string; limit?: number }): Promise<readonly Conflict[]>;
  conflict(conflictId: string): Promise<Conflict>;
  resolve(conflictId: string, resolution: Resolution): Promise<readonly string[]>;
  pause(connectionId: string): Promise<void>;
  resume(connectionId: string): Promise<void>;
  doctor(): Promise<readonly Finding[]>;
}

export interface ClientOptions {
  /** `http://127.0.0.1:7780` */
  readonly baseUrl: string;
  readonly token: string;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;

export function createApiClient(options: ClientOptions): ApiClient {
  const get = <T>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<T> =>
    call<T>(options, 'GET', path + queryOf(query));
  const post = <T>(path: string, body: unknown = {}): Promise<T> => call<T>(options, 'POST', path, body);
  const part = encodeURIComponent;
  return {
    ...changeSetCalls(get, post),
    ...auditCalls(get),
    ...replayCalls(get, post),
    ...routingCalls(get, post),
    ...redriveCalls(get, post),
    ...replayDecideCalls(post),
    status: () => get('/v1/status'),
    plan: (connections = []) => get('/v1/plan', connections.length === 0 ? {} : { connections: connections.join(',') }),
    apply: (request) => post('/v1/apply', request),
    sync: async (request = {}) => (await post<{ woken: string[] }>('/v1/sync', request)).woken,
    async *items(kind) {
      let after: string | undefined;
      do {
        const page: { items: ApiItem[]; next: string | null } = await get('/v1/items', { after, limit: '500', kind });
        yield* page.items;
        after = page.next ?? undefined;
      } while (after !== undefined);
    },
    find: async (text) => (await get<{ items: FoundItem[] }>('/v1/items/find', { text })).items,
    importItems: (request) => post('/v1/items/import', request),
    why: (itemId) => get(`/v1/items/${part(itemId)}/why`),
    resync: async (itemId) => (await post<{ woken: string[] }>(`/v1/items/${part(itemId)}/resync`)).woken,
    conflicts: async (filter = {}) =>
      (
        await get<{ conflicts: Conflict[] }>('/v1/conflicts', {
          state: filter.state,
          itemId: filter.itemId,
          limit: filter.limit === undefined ? undefined : String(filter.limit),
        })
      ).conflicts,
    conflict: (conflictId) => get(`/v1/conflicts/${part(conflictId)}`),
    resolve: async (conflictId, resolution) =>
      (await post<{ woken: string[] }>(`/v1/conflicts/${part(conflictId)}/resolve`, resolution)).woken,
    pause: async (connectionId) => void (await post(`/v1/connections/${part(connectionId)}/pause`)),
    resume: async (connectionId) => void (await post(`/v1/connections/${part(connectionId)}/resume`)),
    doctor: async () => (await get<{ findings: Finding[] }>('/v1/doctor')).findings,
  };
}

function queryOf(query: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return set.length === 0 ? '' : `?${new URLSearchParams(set).toString()}`;
}

async function call<T>(options: ClientOptions, method: string, path: string, body?: unknown): Promise<T> {
  const url = new URL(path, options.baseUrl);
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${options.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
    });
  } catch {
    throw new ApiError(
      0,
      'unreachable',
      `${options.baseUrl}: expected Lockstep's worker to answer, got nothing; start it with \`npm start\` or check the address`,
    );
  }
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as T;
  const problem = problemOf(text);
  throw new ApiError(
    response.status,
    problem?.code ?? 'internal',
    problem?.message ?? `${method} ${path}: expected an answer of this API, got HTTP ${response.status}`,
    problem?.problems,
  );
}

function problemOf(text: string): (Problem & Partial<Pick<RequestProblems, 'problems'>>) | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && 'code' in parsed && 'message' in parsed ? (parsed as Problem) : null;
  } catch {
    return null;
  }
}
