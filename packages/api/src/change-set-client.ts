/** The part of the typed client that is about change sets. */
import type { ApiChangeSet, ChangeSetDetail, ChangeSetRequest, RollbackRequest, UndoRunAnswer } from './change-set-schemas.ts';

export interface ChangeSetClient {
  /** Plans a bulk change. Steps that cannot be planned: `ApiError` `bad_steps` with all of them in `problems`. */
  planChangeSet(request: ChangeSetRequest): Promise<ChangeSetDetail>;
  changeSets(filter?: { state?: string; limit?: number; before?: string }): Promise<readonly ApiChangeSet[]>;
  /** With a page of the diff. */
  changeSet(changeSetId: string, page?: { from?: number; limit?: number }): Promise<ChangeSetDetail>;
  /** `diffHash` binds what the caller has seen: another diff is refused. */
  applyChangeSet(changeSetId: string, diffHash: string): Promise<ChangeSetDetail>;
  approveChangeSet(changeSetId: string, diffHash: string): Promise<ChangeSetDetail>;
  rejectChangeSet(changeSetId: string, diffHash: string): Promise<ChangeSetDetail>;
  cancelChangeSet(changeSetId: string): Promise<ChangeSetDetail>;
  planRollback(request: RollbackRequest): Promise<ChangeSetDetail>;
  undoRun(request: { runId: string; dryRun?: boolean }): Promise<UndoRunAnswer>;
}

type Get = <T>(path: string, query?: Readonly<Record<string, string | undefined>>) => Promise<T>;
type Post = <T>(path: string, body?: unknown) => Promise<T>;

/** The calls, over the client's own ways to get and to post. */
export function changeSetCalls(get: Get, post: Post): ChangeSetClient {
  const of = (changeSetId: string): string => `/v1/change-sets/${encodeURIComponent(changeSetId)}`;
  return {
    planChangeSet: (request) => post('/v1/change-sets', request),
    changeSets: async ({ state, limit, before } = {}) =>
      (await get<{ changeSets: ApiChangeSet[] }>('/v1/change-sets', { state, limit: textOf(limit), before })).changeSets,
    changeSet: (changeSetId, { from, limit } = {}) => get(of(changeSetId), { from: textOf(from), limit: textOf(limit) }),
    applyChangeSet: (changeSetId, diffHash) => post(`${of(changeSetId)}/apply`, { diffHash }),
    approveChangeSet: (changeSetId, diffHash) => post(`${of(changeSetId)}/approve`, { diffHash }),
    rejectChangeSet: (changeSetId, diffHash) => post(`${of(changeSetId)}/reject`, { diffHash }),
    cancelChangeSet: (changeSetId) => post(`${of(changeSetId)}/cancel`),
    planRollback: (request) => post('/v1/rollbacks', request),
    undoRun: (request) => post('/v1/undo-runs', request),
  };
}

const textOf = (count: number | undefined): string | undefined => (count === undefined ? undefined : String(count));
