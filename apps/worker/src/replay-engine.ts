/** What replays work on, from the configuration: the store, Temporal's workflows of the workspace, the policy and the people. */
import type { ReplayStore } from '@lockstep/domain/replay/replay-store.port.ts';
import type { ReplayEngine } from '@lockstep/engine/replay/environment.ts';
import { createReplayStore } from '@lockstep/store/replay-store.ts';
import type { Composition } from './compose.ts';
import type { Settings } from './config.ts';
import { assertHeld } from './lease.ts';
import { temporalRuntime } from './replay-runtime.ts';
import type { TemporalLinks } from './temporal.ts';

export interface ReplayWiring {
  readonly settings: Pick<Settings, 'config'>;
  readonly composition: Pick<Composition, 'pool' | 'lease' | 'crm'>;
  readonly temporal: TemporalLinks;
}

export function configuredReplays({ settings, composition, temporal }: ReplayWiring): ReplayEngine {
  const { workspace: workspaceId, routing, replays: policy } = settings.config;
  const store = createReplayStore({ pool: composition.pool, workspaceId });
  // As `fenced` for the backlog: nothing is put on record as being set back once another deployment may be at work.
  const guarded: ReplayStore = {
    snapshot: (work) => store.snapshot(work),
    async transaction(work) {
      assertHeld(composition.lease);
      return store.transaction(work);
    },
  };
  return {
    store: guarded,
    runtime: temporalRuntime(temporal, workspaceId),
    people: composition.crm.policies,
    policy,
    // Mail is sent again under the same Message-ID, but nobody can look whether it has arrived.
    canLookUpNotices: routing?.mail === undefined,
  };
}
