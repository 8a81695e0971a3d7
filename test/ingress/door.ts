/** The ingress on a socket of its own, as the worker serves it, over a world's workspace; and everything that the store holds, to see whether it stays. */
import type { Pool } from 'pg';
import { pino } from 'pino';
import { createApi } from '@lockstep/worker/http/api.ts';
import { createIngress } from '@lockstep/worker/http/ingress.ts';
import { listen } from '@lockstep/worker/http/server.ts';
import type { Tool, World } from '../scenarios/world.ts';

export interface Door {
  readonly urlOf: (tool: Tool) => string;
  readonly woken: string[];
  /** Lines of the security log. */
  readonly security: string[];
  /** Errors that the worker has logged. */
  readonly errors: string[];
  post(
    url: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly text: string }>;
  close(): Promise<void>;
}

interface Line {
  readonly level: number;
  readonly security?: boolean;
  readonly reason?: string;
  readonly msg: string;
}

const ERROR_LEVEL = 50;

export async function openDoor(world: World, requestMs?: number): Promise<Door> {
  const [woken, security, errors]: [string[], string[], string[]] = [[], [], []];
  const wakes = { wake: async (connectionIds: readonly string[]) => void woken.push(...connectionIds) };
  const write = (text: string): void => {
    const line = JSON.parse(text) as Line;
    if (line.security === true) security.push(line.reason ?? line.msg);
    if (line.level >= ERROR_LEVEL) errors.push(line.msg);
  };
  const log = pino({ level: 'warn' }, { write });
  const { workspace } = world;
  const api = createApi({
    ...{ workspace, wakes, log, workspaceId: 'door', token: 'a token' },
    command: async () => undefined,
    engines: { temporal: '', postgres: '' },
  }).route('/', createIngress({ workspace, wakes, log, publicUrl: null }));
  const server = await listen(api.fetch, { port: 0, host: '127.0.0.1', ...(requestMs === undefined ? {} : { requestMs }) });
  return {
    ...{ woken, security, errors },
    urlOf: (tool) => `${server.url}/webhooks/${tool}`,
    async post(url, body, headers) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: Buffer.from(body),
      });
      return { status: response.status, text: await response.text() };
    },
    close: () => server.close(),
  };
}

/** Every row of every table of the store, as one hash for each table. */
export async function wholeStore(pool: Pool): Promise<Readonly<Record<string, string>>> {
  const { rows } = await pool.query<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'lockstep' order by 1`);
  const hash = async (name: string): Promise<[string, string]> => {
    const { rows: found } = await pool.query<{ hash: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') as hash from lockstep.${name} t`,
    );
    return [name, found[0]?.hash ?? ''];
  };
  return Object.fromEntries(await Promise.all(rows.map(({ name }) => hash(name))));
}
