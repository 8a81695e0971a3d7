/** The worker as the launcher uses it: started with a configuration, reached over its API. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { createApiClient } from '@lockstep/api/client.ts';
import type { ApiClient } from '@lockstep/api/client.ts';
import type { Engines } from '@lockstep/local-services/engines.ts';
import { THIS_CHECKOUT } from './checkout.ts';
import { replaceFile } from './data.ts';
import type { DataDirectory } from './data.ts';
import { startChildProgram } from './child-program.ts';
import type { ChildProgram } from './child-program.ts';

/**
 * With gigabytes at hand V8 lets garbage grow to four times what lives, and malloc keeps what each thread has freed: a first load held twice the memory
 * that it needs. What lives at once does not grow with the backlog, since pages are bounded.
 */
const SPARING = { nodeOptions: ['--max-old-space-size=1000'], environment: { MALLOC_ARENA_MAX: '2' } };

export interface Worker {
  readonly service: ChildProgram;
  readonly api: ApiClient;
  readonly apiUrl: string;
}

export async function startWorker(parts: {
  readonly data: DataDirectory;
  readonly engines: Engines;
  readonly configFile: string;
  readonly apiPort: number;
  readonly environment: NodeJS.ProcessEnv;
  /** The root of the checkout whose worker it is; ours where it is left out. */
  readonly checkout?: string;
}): Promise<Worker> {
  const { data, engines, environment, checkout = THIS_CHECKOUT } = parts;
  const tokenReference = environment['LOCKSTEP_API_TOKEN'] ?? secretBeside(parts.configFile, 'api-token') ?? data.secret('api-token');
  const keys =
    environment['LOCKSTEP_ENCRYPTION_KEYS'] ??
    secretBeside(parts.configFile, 'encryption-keys') ??
    data.secret('encryption-keys', () => `local-1:${randomBytes(32).toString('base64')}`);
  const auditKeys =
    environment['LOCKSTEP_AUDIT_KEYS'] ??
    secretBeside(parts.configFile, 'audit-keys') ??
    data.secret('audit-keys', () => `local-1:${randomBytes(32).toString('base64')}`);
  const service = await startChildProgram({
    name: 'the worker',
    entry: join(checkout, 'apps/worker/src/main.ts'),
    nodeOptions: [...SPARING.nodeOptions, `--import=${join(checkout, 'apps/worker/src/without-call-stacks.ts')}`],
    environment: {
      ...SPARING.environment,
      ...environment,
      DATABASE_URL: engines.databaseUrl,
      TEMPORAL_ADDRESS: engines.temporalAddress,
      LOCKSTEP_CONFIG: parts.configFile,
      LOCKSTEP_DEPLOYMENT: environment['LOCKSTEP_DEPLOYMENT'] ?? deploymentOf(data),
      LOCKSTEP_API_TOKEN: tokenReference,
      LOCKSTEP_ENCRYPTION_KEYS: keys,
      LOCKSTEP_AUDIT_KEYS: auditKeys,
      LOCKSTEP_AUDIT_WITNESS: environment['LOCKSTEP_AUDIT_WITNESS'] ?? data.file('audit/checkpoints.jsonl'),
      LOCKSTEP_API_PORT: String(parts.apiPort),
    },
    logFile: data.file('logs/worker.log'),
  });
  const { api: apiUrl } = service.ready as { api: string };
  const tokenFile = tokenReference.startsWith('file:') ? tokenReference.slice(5) : null;
  replaceFile(data.file('api.json'), `${JSON.stringify({ url: apiUrl, tokenFile }, null, 2)}\n`);
  // Where `lockstep replay verify` finds Temporal and the keys: references, no secrets.
  const references = { TEMPORAL_ADDRESS: engines.temporalAddress, LOCKSTEP_CONFIG: parts.configFile, LOCKSTEP_ENCRYPTION_KEYS: keys };
  replaceFile(
    data.file('worker.json'),
    `${JSON.stringify(keys.startsWith('file:') ? references : { ...references, LOCKSTEP_ENCRYPTION_KEYS: undefined }, null, 2)}\n`,
  );
  const token = tokenFile === null ? tokenReference : readFileSync(tokenFile, 'utf8').trim();
  return { service, apiUrl, api: createApiClient({ baseUrl: apiUrl, token }) };
}

/** The name of this data directory's worker: the same at every start, so that one that was killed is taken over from at once. */
function deploymentOf(data: DataDirectory): string {
  const file = data.file('deployment');
  if (!existsSync(file)) replaceFile(file, `${hostname()}-${randomBytes(4).toString('hex')}\n`);
  return readFileSync(file, 'utf8').trim();
}

/** A secret that `lockstep init` has made with the configuration; null where there is none. */
function secretBeside(configFile: string, name: string): string | null {
  const file = join(dirname(configFile), 'secrets', name);
  return existsSync(file) ? `file:${file}` : null;
}
