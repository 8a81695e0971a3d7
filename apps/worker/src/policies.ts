/** The approval policy and the people of the configuration. */
import { resolve } from 'node:path';
import { policySchema } from '@lockstep/domain/crm/policy.schema.ts';
import type { Principal } from '@lockstep/domain/crm/policy.schema.ts';
import type { NoticeReader } from '@lockstep/domain/routing/messenger.port.ts';
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
  const known = principals.map(principalOf);
  return { current: () => policy, principals: () => known };
}

function readPolicy(file: string) {
  return validated(policySchema, parseYaml(file), file);
}

/** The accounts that speak to the API with a token of their own, and those that do not. Throws `ConfigError` for a secret that is not there. */
export function configuredAccounts({ config, secret }: Pick<Settings, 'config' | 'secret'>): readonly Account[] {
  return config.changeSets.principals.map((configured) => ({
    principal: principalOf(configured),
    token: configured.token === undefined ? null : secret(configured.token),
    ...(configured.tokenSha256 === undefined ? {} : { tokenSha256: configured.tokenSha256 }),
    ...(configured.expiresAt === undefined ? {} : { expiresAt: configured.expiresAt }),
  }));
}

type ConfiguredPrincipal = Settings['config']['changeSets']['principals'][number];

/** What judging and the audit log get to see: no secret and no address. */
function principalOf({ id, kind, person, members, roles }: ConfiguredPrincipal): Principal {
  return { id, kind, person, members, roles };
}

const LOCALE = 'en-GB';

/** Where the people behind the accounts can be reached, by person; those without an address are missing. Of several addresses of a person the first counts. */
export function configuredReaders({ principals }: Settings['config']['changeSets']): ReadonlyMap<string, NoticeReader> {
  const readers = new Map<string, NoticeReader>();
  for (const { person, slackUserId, email, zone } of principals) {
    if (person === null || (slackUserId === undefined && email === undefined)) continue;
    const known = readers.get(person);
    readers.set(person, {
      slackUserId: known?.slackUserId ?? slackUserId ?? null,
      email: known?.email ?? email ?? null,
      locale: LOCALE,
      zone: known?.zone ?? zone ?? 'UTC',
    });
  }
  return readers;
}
