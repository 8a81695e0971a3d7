/** The engine of replays over a real PostgreSQL and workflows on paper. */
import { replayPolicySchema } from '@lockstep/domain/replay/policy.schema.ts';
import type { Principal } from '@lockstep/domain/crm/policy.schema.ts';
import type { Selection } from '@lockstep/domain/replay/replay.ts';
import type { ReplayEngine } from '@lockstep/engine/replay/environment.ts';
import { openReplay, startReplay } from '@lockstep/engine/replay/starting.ts';
import { createAuditLog } from '@lockstep/store/audit.ts';
import { createReplayStore } from '@lockstep/store/replay-store.ts';
import type { TestStore } from '@lockstep/store/testing.ts';
import { paperRuntime } from './paper-runtime.ts';
import type { PaperRuntime } from './paper-runtime.ts';

export const NOW = '2026-11-24T09:00:00.000Z';
export const ALL: Selection = { by: 'query', query: 'ExecutionStatus = "Failed"' };
const person = (id: string, roles: Principal['roles']): Principal => ({ id, kind: 'human', person: id, members: [], roles });
export const PEOPLE: readonly Principal[] = [
  person('ops', ['operator', 'approver']),
  { ...person('ops-2', ['approver']), person: 'ops' },
  person('lead', ['approver']),
  person('viewer', ['viewer']),
  { id: 'agent', kind: 'agent', person: null, members: [], roles: ['operator'] },
];

export interface ReplayDesk {
  readonly engine: ReplayEngine;
  readonly runtime: PaperRuntime;
  /** Put on record and judged. */
  begin(replayId: string, more?: Partial<Parameters<typeof startReplay>[1]>): Promise<string>;
  states(replayId: string): Promise<readonly string[]>;
  audited(): Promise<readonly string[]>;
}

export function openDesk(
  database: TestStore,
  count: number,
  policy: { readonly approvalAbove?: number; readonly batchSize?: number } = {},
): ReplayDesk {
  const workspaceId = database.workspaceId();
  const runtime = paperRuntime(count);
  const engine: ReplayEngine = {
    ...{ runtime, store: createReplayStore({ pool: database.pool, workspaceId }), people: { principals: () => PEOPLE } },
    ...{ policy: replayPolicySchema.parse({ approvalAbove: 1_000, ...policy }), canLookUpNotices: true },
  };
  const log = createAuditLog({ pool: database.pool, workspaceId });
  return {
    ...{ engine, runtime },
    async begin(replayId, more = {}) {
      const asked = { requestedBy: 'ops', actorKind: 'human', reason: 'a bad deploy', expectedHash: null } as const;
      await startReplay(engine, { replayId, selection: ALL, point: { at: 'failing-activity' }, ...asked, ...more }, NOW);
      await openReplay(engine, replayId, NOW);
      return replayId;
    },
    states: async (replayId) =>
      (await engine.store.snapshot((reader) => reader.targets(replayId, { from: 0, limit: 1_000 }))).map(
        ({ state, code }) => code ?? state,
      ),
    audited: async () =>
      (await log.page({ from: 0, limit: 10_000 })).map(({ canonical }) => {
        const { action, outcome, stepId } = JSON.parse(canonical) as { action: string; outcome: string; stepId: string | null };
        return `${action} ${outcome}${stepId === null ? '' : ` ${stepId}`}`;
      }),
  };
}
