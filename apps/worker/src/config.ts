/**
 * Configuration: the file, the environment and the secrets. The only place that reads the environment.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { z } from 'zod';
import { configSchema } from './config.schema.ts';
import type { Config } from './config.schema.ts';
import type { KeyRing } from './codec.ts';

export interface Settings {
  readonly config: Config;
  /** Where relative paths of the configuration start from. */
  readonly configDirectory: string;
  readonly databaseUrl: string;
  readonly apiToken: string;
  readonly keyRing: KeyRing;
  /** Secret halves of the keys that sign checkpoints of the audit log; null where none are signed. */
  readonly auditKeys: KeyRing | null;
  /** The file that checkpoints are also written to. */
  readonly auditWitness: string;
  readonly apiPort: number;
  readonly apiHost: string;
  /** The base URL under which vendors reach our webhook ingress (HubSpot signs it); null where there is no ingress from outside. */
  readonly publicUrl: string | null;
  readonly logLevel: string;
  /** Who holds the workspace's lease (K03). A worker that is started again under the same name need not wait for its former self. */
  readonly deployment: string;
  /** The secret that a reference of the configuration names (see `readSecret`). Throws `ConfigError`. */
  readonly secret: (reference: string) => string;
}

/** The configuration cannot be used. Its message says which file, where, what was expected and what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads settings from the environment and the file that it names. Throws `ConfigError`. */
export function readSettings(environment: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const file = resolve(needed(environment, 'LOCKSTEP_CONFIG'));
  return {
    config: readConfig(file),
    configDirectory: dirname(file),
    databaseUrl: needed(environment, 'DATABASE_URL'),
    apiToken: readSecret(needed(environment, 'LOCKSTEP_API_TOKEN'), environment, dirname(file)),
    keyRing: readKeyRing(
      'LOCKSTEP_ENCRYPTION_KEYS',
      readSecret(needed(environment, 'LOCKSTEP_ENCRYPTION_KEYS'), environment, dirname(file)),
    ),
    auditKeys: readAuditKeys(environment, dirname(file)),
    auditWitness: resolve(dirname(file), environment['LOCKSTEP_AUDIT_WITNESS'] ?? 'audit/checkpoints.jsonl'),
    apiPort: readPort(environment['LOCKSTEP_API_PORT'] ?? '7780'),
    apiHost: environment['LOCKSTEP_API_HOST'] ?? '127.0.0.1',
    publicUrl: environment['LOCKSTEP_PUBLIC_URL'] ?? null,
    logLevel: environment['LOCKSTEP_LOG_LEVEL'] ?? 'info',
    deployment: environment['LOCKSTEP_DEPLOYMENT'] ?? `${hostname()}-${process.pid}`,
    secret: (reference) => readSecret(reference, environment, dirname(file)),
  };
}

/** What `lockstep backup` and `restore` need: the database, and nothing else. Throws `ConfigError`. */
export function readDatabaseUrl(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return needed(environment, 'DATABASE_URL');
}

/** What `replay verify` needs: never the database, and for files that are not encrypted nothing at all. */
export interface ReplaySettings {
  /** Null where the environment names none. */
  readonly keyRing: KeyRing | null;
  /** Throw `ConfigError` where the environment does not name it. */
  readonly neededKeyRing: () => KeyRing;
  readonly workspaceId: () => string;
}

/** Reads them from the environment. Throws `ConfigError`. */
export function readReplaySettings(environment: Readonly<Record<string, string | undefined>> = process.env): ReplaySettings {
  const file = environment['LOCKSTEP_CONFIG'];
  const directory = file === undefined ? '.' : dirname(resolve(file));
  const neededKeyRing = (): KeyRing =>
    readKeyRing('LOCKSTEP_ENCRYPTION_KEYS', readSecret(needed(environment, 'LOCKSTEP_ENCRYPTION_KEYS'), environment, directory));
  return {
    keyRing: (environment['LOCKSTEP_ENCRYPTION_KEYS'] ?? '') === '' ? null : neededKeyRing(),
    neededKeyRing,
    workspaceId: () => readConfig(resolve(needed(environment, 'LOCKSTEP_CONFIG'))).workspace,
  };
}

/** Reads and validates a configuration file. */
export function readConfig(file: string): Config {
  return validated(configSchema, parseYaml(file), file);
}

/** Parses a YAML file, or says where it is not YAML. */
export function parseYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${file}: expected a readable YAML file, got: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Validates, or lists every problem with its place. */
export function validated<S extends z.ZodType>(schema: S, value: unknown, file: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.') || '(the whole file)'}: ${issue.message}`);
  throw new ConfigError(`${file}: not a valid configuration:\n${problems.join('\n')}`);
}

/** The secret that `env:NAME` or `file:PATH` names; a plain text is the secret itself (environment variables only). */
export function readSecret(reference: string, environment: Readonly<Record<string, string | undefined>>, directory = '.'): string {
  if (reference.startsWith('env:')) return needed(environment, reference.slice(4));
  if (!reference.startsWith('file:')) return reference;
  const path = resolve(directory, reference.slice(5));
  const secret = readSecretFile(path);
  if (secret === '') throw new ConfigError(`secret file ${path}: expected a secret, got an empty file; write the secret there`);
  return secret;
}

function readSecretFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new ConfigError(`secret file ${path}: expected a readable file; write the secret there with mode 0600`);
  }
}

function readAuditKeys(environment: Readonly<Record<string, string | undefined>>, directory: string): KeyRing | null {
  const reference = environment['LOCKSTEP_AUDIT_KEYS'];
  if (reference === undefined || reference === '') return null;
  return readKeyRing('LOCKSTEP_AUDIT_KEYS', readSecret(reference, environment, directory));
}

/** Keys as `id:base64` lines or comma-separated; the first encrypts or signs. */
function readKeyRing(name: string, value: string): KeyRing {
  const keys = new Map<string, Uint8Array>();
  for (const entry of value.split(/[\s,]+/).filter((part) => part !== '')) {
    const colon = entry.indexOf(':');
    const bytes = Buffer.from(entry.slice(colon + 1), 'base64');
    if (colon < 1 || bytes.length !== 32)
      throw new ConfigError(`${name}: expected entries id:base64 of 32 bytes; make one with \`openssl rand -base64 32\``);
    keys.set(entry.slice(0, colon), bytes);
  }
  const current = keys.keys().next().value;
  if (current === undefined) throw new ConfigError(`${name}: expected at least one key, got none`);
  return { current, keys };
}

function readPort(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new ConfigError(`LOCKSTEP_API_PORT: expected a port from 0 to 65535, got ${value}`);
}

function needed(environment: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '')
    throw new ConfigError(`environment: expected ${name} to be set; see docs/runbooks/configuration.md`);
  return value;
}

/** A short hash of a value, for telling whether a mapping has changed. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}
