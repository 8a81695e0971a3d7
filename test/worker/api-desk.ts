/** The HTTP API and the ingress over paper remotes on a real PostgreSQL, called as over the network but without one. */
import { pino } from 'pino';
import { pauseConnection, resumeConnection } from '@lockstep/engine/commands.ts';
import type { AuditLog } from '@lockstep/domain/audit/audit.port.ts';
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import { createApi } from '@lockstep/worker/http/api.ts';
import type { ApiParts } from '@lockstep/worker/http/api.ts';
import { benchOf } from '../engine/bench-of-remotes.ts';
import type { Bench } from '../engine/bench-of-remotes.ts';

export const TOKEN = 'a-token-of-the-test';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface ApiDesk {
  readonly bench: Bench;
  /** Connections that were woken, one entry a wake. */
  readonly woken: { readonly connectionIds: readonly string[]; readonly fullScan: boolean }[];
  /** With the token, unless `headers` say otherwise. A body that is a text is sent as it is. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** What an API needs at least, of a workspace. */
export function apiParts(workspace: Workspace): ApiParts {
  return {
    ...{ workspace, workspaceId: 'desk', token: TOKEN, wakes: { wake: async () => undefined } },
    command: (connectionId, command) => (command === 'pause' ? pauseConnection : resumeConnection)(workspace, connectionId),
    ...{ engines: { temporal: '1.32.0', postgres: '18.1' }, log: pino({ level: 'silent' }) },
  };
}

export async function apiDesk(
  store: Store,
  names: readonly string[],
  gate: 'open' | 'plan-first' = 'open',
  audit: AuditLog | null = null,
): Promise<ApiDesk> {
  const bench = await benchOf(store, names, gate);
  const woken: ApiDesk['woken'] = [];
  const app = createApi({
    ...apiParts(bench.workspace),
    wakes: { wake: async (connectionIds, hint) => void woken.push({ connectionIds, fullScan: hint?.fullScan === true }) },
    ...(audit === null ? {} : { audit }),
  });
  return {
    bench,
    woken,
    async call(method, path, body, headers = {}) {
      const response = await app.request(path, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
    },
  };
}
