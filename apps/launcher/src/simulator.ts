/** The simulator as the launcher uses it: its addresses, its request log, its faults. */
import { fileURLToPath } from 'node:url';
import { ask } from './people/person.ts';
import { startChildProgram } from './child-program.ts';
import type { ChildProgram } from './child-program.ts';

const ENTRY = fileURLToPath(new URL('../../simulator/src/main.ts', import.meta.url));

export const SIMULATED = ['jira', 'notion', 'hubspot', 'salesforce'] as const;
export type Simulated = (typeof SIMULATED)[number];
/** What the simulator serves, each at a port of its own. */
export const SERVERS = [...SIMULATED, 'slack', 'mail', 'smtp', 'admin'] as const;
type Server = (typeof SERVERS)[number];
/** Tools that send webhooks; Salesforce is read every few seconds. */
export type Hooked = Exclude<Simulated, 'salesforce'>;

export interface Counts {
  readonly calls: number;
  readonly creates: number;
  readonly updates: number;
  readonly deletes: number;
  readonly lastSeq: number;
}

export interface Simulator {
  /** `mail` is a page, `smtp` the server itself. */
  readonly urls: Readonly<Record<Server, string>>;
  /** What Lockstep's account did at a tool after a sequence number of the request log. */
  counts(tool: Simulated, after: number): Promise<Counts>;
  lastSeq(): Promise<number>;
  addFault(fault: unknown): Promise<void>;
  /** Ends all faults; held answers go out. */
  clearFaults(): Promise<void>;
  /** Requests whose work is done and whose answer is held back. */
  holding(): Promise<number>;
  readonly service: ChildProgram;
}

export async function startSimulator(parts: {
  readonly databaseFile: string;
  readonly logFile: string;
  /** A server that is not named chooses its own. */
  readonly ports: Readonly<Partial<Record<Server, number>>>;
  readonly environment: NodeJS.ProcessEnv;
}): Promise<Simulator> {
  const ports = SERVERS.flatMap((name) => (parts.ports[name] === undefined ? [] : [`--${name}-port`, String(parts.ports[name])]));
  const service = await startChildProgram({
    name: 'the simulator',
    entry: ENTRY,
    args: ['--database', parts.databaseFile, '--rate-limits', 'off', ...ports],
    environment: parts.environment,
    logFile: parts.logFile,
  });
  const urls = service.ready as Simulator['urls'];
  const admin = <T>(path: string, method = 'GET', body?: unknown): Promise<T> =>
    ask<T>(`${urls.admin}/_simulator${path}`, { method, headers: {}, body });
  return {
    urls,
    service,
    counts: (tool, after) => admin<Counts>(`/counts?tool=${tool}&account=lockstep&after=${after}`),
    lastSeq: async () => (await admin<Counts>('/counts')).lastSeq,
    addFault: async (fault) => void (await admin('/faults', 'POST', fault)),
    clearFaults: async () => void (await admin('/faults', 'DELETE')),
    holding: async () => (await admin<{ holding: number }>('/faults')).holding,
  };
}
