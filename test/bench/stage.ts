/** What a bench runs on: engines, a simulator with three empty tools, and the worker, each a process of its own as in `npm start`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '@lockstep/api/client.ts';
import { openData, replaceFile } from '@lockstep/launcher/data.ts';
import type { DataDirectory } from '@lockstep/launcher/data.ts';
import { subscribeWebhooks } from '@lockstep/launcher/people/administrator.ts';
import { ask } from '@lockstep/launcher/people/person.ts';
import { writeSimulatedConfig } from '@lockstep/launcher/simulated-config.ts';
import { startSimulator } from '@lockstep/launcher/simulator.ts';
import type { Simulated, Simulator } from '@lockstep/launcher/simulator.ts';
import { startWorker } from '@lockstep/launcher/worker.ts';
import type { Worker } from '@lockstep/launcher/worker.ts';
import { startEngines } from '@lockstep/local-services/engines.ts';
import { freePort } from '@lockstep/local-services/ports.ts';
import { removePostgres } from '@lockstep/local-services/postgres.ts';

/** The tools that the figures are about; Salesforce has no goal of its own. */
export const BENCH_TOOLS = ['jira', 'notion', 'hubspot'] as const satisfies readonly Simulated[];
export type BenchTool = (typeof BENCH_TOOLS)[number];

/** A request of the simulator's log. */
export interface LoggedRequest {
  readonly seq: number;
  readonly tool: BenchTool;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly operation: string | null;
  readonly account: string | null;
  readonly status: number;
  readonly effect: 'none' | 'read' | 'create' | 'update' | 'delete';
  readonly records: number;
}

export interface Stage {
  readonly data: DataDirectory;
  readonly simulator: Simulator;
  readonly worker: Worker;
  readonly api: ApiClient;
  readonly apiUrl: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** The secret that a tool signs its webhooks with. */
  secretOf(tool: BenchTool): string;
  /** Every request of Lockstep's account after this number of the log. */
  requests(after: number): Promise<readonly LoggedRequest[]>;
  /** Turns the simulator's knobs. */
  settings(knobs: { readonly latencyMs?: number; readonly rateLimits?: 'documented' | 'off' }): Promise<void>;
  webhooks(change: { readonly drop?: boolean }): Promise<void>;
}

export interface Place {
  readonly data: DataDirectory;
  /** The environment of programs, without the caller's own engines. */
  readonly environment: NodeJS.ProcessEnv;
  /** Something to end, in the reverse order, when the bench is over. */
  add(end: () => Promise<void>): void;
  close(): Promise<void>;
}

/** An empty folder outside the checkout, removed with all that was started in it. */
export function openPlace(profile: string | null): Place {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  const path = join(folder, 'data');
  const ends: (() => Promise<void>)[] = [];
  const { DATABASE_URL: _database, TEMPORAL_ADDRESS: _temporal, ...environment } = process.env;
  return {
    data: openData(path, { fresh: true, planSource: null }),
    environment: profile === null ? environment : { ...environment, NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` },
    add: (end) => void ends.push(end),
    async close() {
      for (const end of ends.splice(0).toReversed()) await end();
      removePostgres(path);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A simulator with empty tools. */
export async function openSimulator(place: Place, name: string): Promise<Simulator> {
  const simulator = await startSimulator({
    databaseFile: place.data.file(`${name}.db`),
    logFile: place.data.file(`logs/${name}.log`),
    ports: {},
    environment: place.environment,
  });
  place.add(() => simulator.service.stop());
  return simulator;
}

/** A configuration file as JSON. */
type Config = Readonly<Record<string, unknown>>;

/**
 * Engines, simulator and worker. The three connections wait for a plan; polling is as often as the shipped default says. `configure` has the last word on the
 * configuration.
 */
export async function openStage(place: Place, configure: (config: Config) => Config = (config) => config): Promise<Stage> {
  const { data, environment } = place;
  const { NODE_OPTIONS: _profile, ...plain } = environment;
  const engines = await startEngines({ directory: data.path, environment: plain, durable: true, progress: () => undefined });
  place.add(() => engines.stop());
  const simulator = await openSimulator(place, 'simulator');
  const apiPort = await freePort();
  writeSimulatedConfig(data, simulator.urls, await subscribeWebhooks(data, simulator.urls, apiPort));
  replaceFile(data.configFile, JSON.stringify(configure(benchConfig(readFileSync(data.configFile, 'utf8'))), null, 2));
  const worker = await startWorker({ data, engines, configFile: data.configFile, apiPort, environment });
  place.add(() => worker.service.stop());
  const admin = <T>(path: string, method = 'GET', body?: unknown): Promise<T> =>
    ask<T>(`${simulator.urls.admin}/_simulator${path}`, { method, headers: {}, body });
  return {
    data,
    simulator,
    worker,
    api: worker.api,
    apiUrl: worker.apiUrl,
    databaseUrl: engines.databaseUrl,
    temporalAddress: engines.temporalAddress,
    secretOf: (tool) => readFileSync(data.file(`secrets/${tool}-webhook-${apiPort}`), 'utf8').trim(),
    requests: (after) => everyRequest(admin, after),
    settings: async (knobs) => void (await admin('/settings', 'POST', knobs)),
    webhooks: async (change) => void (await admin('/webhooks', 'POST', change)),
  };
}

/** Without the document, whose parser is not made for ten thousand rows, and without Salesforce; with the gates shut and the shipped polling interval. */
function benchConfig(text: string): Config {
  const {
    pollIntervalSeconds: _demonstration,
    connections,
    ...config
  } = JSON.parse(text) as {
    pollIntervalSeconds: number;
    connections: { id: string; gate: string }[];
  };
  const tools = connections
    .filter(({ id }) => id !== 'document' && id !== 'salesforce')
    .map((connection) => ({ ...connection, gate: 'plan-first' }));
  return { ...config, connections: tools };
}

const LOG_PAGE = 50_000;

async function everyRequest(admin: <T>(path: string) => Promise<T>, from: number): Promise<readonly LoggedRequest[]> {
  const requests: LoggedRequest[] = [];
  for (let after = from; ;) {
    const page = (await admin<{ requests: LoggedRequest[] }>(`/requests?account=lockstep&after=${after}&limit=${LOG_PAGE}`)).requests;
    requests.push(...page);
    if (page.length < LOG_PAGE) return requests;
    after = page.at(-1)?.seq ?? after;
  }
}
