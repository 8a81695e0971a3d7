/** The part of the typed client that is about replays. */
import type { ApiReplay, ReplayAnswer, ReplayDecision, ReplayDetail, ReplayRequest } from './replay-schemas.ts';

export interface ReplayClient {
  /** A dry run unless `dryRun` is false. */
  runReplay(request: ReplayRequest): Promise<ReplayAnswer>;
  replays(filter?: { state?: string; limit?: number; before?: string }): Promise<readonly ApiReplay[]>;
  /** With a page of its targets. */
  replay(replayId: string, page?: { from?: number; limit?: number }): Promise<ReplayDetail>;
  /** `planHash` binds what the caller has seen; `accepts` names what is not safe. */
  approveReplay(replayId: string, decision: ReplayDecision): Promise<ReplayDetail>;
  rejectReplay(replayId: string, decision: ReplayDecision): Promise<ReplayDetail>;
  holdReplay(replayId: string, command: 'pause' | 'resume' | 'stop'): Promise<ReplayDetail>;
}

type Get = <T>(path: string, query?: Readonly<Record<string, string | undefined>>) => Promise<T>;
type Post = <T>(path: string, body?: unknown) => Promise<T>;

/** The calls, over the client's own ways to get and to post. */
export function replayCalls(get: Get, post: Post): ReplayClient {
  const of = (replayId: string): string => `/v1/replays/${encodeURIComponent(replayId)}`;
  return {
    runReplay: (request) => post('/v1/replays', request),
    replays: async ({ state, limit, before } = {}) =>
      (await get<{ replays: ApiReplay[] }>('/v1/replays', { state, limit: textOf(limit), before })).replays,
    replay: (replayId, { from, limit } = {}) => get(of(replayId), { from: textOf(from), limit: textOf(limit) }),
    approveReplay: (replayId, decision) => post(`${of(replayId)}/approve`, decision),
    rejectReplay: (replayId, decision) => post(`${of(replayId)}/reject`, decision),
    holdReplay: (replayId, command) => post(`${of(replayId)}/${command}`),
  };
}

const textOf = (count: number | undefined): string | undefined => (count === undefined ? undefined : String(count));
