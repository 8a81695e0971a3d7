/** The approval policy and the people of the configuration. */
import { resolve } from 'node:path';
import { policySchema } from '@lockstep/domain/crm/policy.schema.ts';
import type { Policies } from '@lockstep/engine/crm/environment.ts';
import { parseYaml, validated } from './config.ts';
import type { Settings } from './config.ts';
import type { Account } from './http/identity.ts';

/**
 * Read once: an edited policy is in force with the next start, under another version. Where none is configured nothing is written to a CRM (C6). Throws
 * `ConfigError` for a file that does not load.
 */
export function configuredPolicies(settings: Pick<Settings, 'config' | 'configDirectory'>): Policies {
  const { policy: file, principals } = settings.config.changeSets;
  const policy = file === undefined ? null : readPolicy(resolve(settings.configDirectory, file));
  const known = principals.map(({ token: _secret, tokenSha256: _hash, expiresAt: _end, ...principal }) => principal);
  return { current: () => policy, principals: () => known };
}

function readPolicy(file: string) {
  return validated(policySchema, parseYaml(file), file);
}

/** The accounts that speak to the API with a token of their own, and those that do not. Throws `ConfigError` for a secret that is not there. */
export function configuredAccounts({ config, secret }: Pick<Settings, 'config' | 'secret'>): readonly Account[] {
  return config.changeSets.principals.map(({ token, tokenSha256, expiresAt, ...principal }) => ({
    principal,
    token: token === undefined ? null : secret(token),
    ...(tokenSha256 === undefined ? {} : { tokenSha256 }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }));
}
