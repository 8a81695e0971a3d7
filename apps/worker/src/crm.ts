/** What change sets work on, from the configuration: the store, the CRMs among the connections, the policy and its people. */
import type { Pseudonyms } from '@lockstep/domain/audit/pseudonym.ts';
import type { ChangeSetStore } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import { createChangeSetStore } from '@lockstep/store/change-set-store.ts';
import type { Pool } from 'pg';
import type { Settings } from './config.ts';
import type { ConfiguredConnection } from './connectors.ts';
import { assertHeld } from './lease.ts';
import type { WorkspaceLease } from './lease.ts';
import { configuredPolicies } from './policies.ts';

export interface CrmParts {
  readonly settings: Pick<Settings, 'config' | 'configDirectory'>;
  readonly pool: Pool;
  readonly connections: readonly ConfiguredConnection[];
  readonly lease: WorkspaceLease;
  readonly pseudonyms: Pseudonyms;
}

/** Throws `ConfigError` for a policy that does not load. */
export function configuredCrms({ settings, pool, connections, lease, pseudonyms }: CrmParts): CrmEngine {
  const store = createChangeSetStore({ pool, workspaceId: settings.config.workspace });
  // As `fenced` for the backlog: nothing is put on record as being sent once another deployment may be at work.
  const guarded: ChangeSetStore = {
    snapshot: (work) => store.snapshot(work),
    async transaction(work) {
      assertHeld(lease);
      return store.transaction(work);
    },
  };
  const crms = new Map(connections.flatMap(({ config, crm }) => (crm === null ? [] : [[config.id, crm] as const])));
  return { store: guarded, crms, policies: configuredPolicies(settings), pseudonyms };
}
