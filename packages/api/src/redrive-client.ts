/** The part of the typed client that is about what waits for a person. */
import type { ParkedList, RedriveAnswer, RedriveRequest, RedriveStanding } from './redrive-schemas.ts';

/** Several together narrow it; none means everything. */
export interface ParkedFilter {
  readonly connection?: string;
  readonly item?: string;
  readonly record?: string;
  readonly cause?: string;
}

export interface RedriveClient {
  parked(filter?: ParkedFilter): Promise<ParkedList>;
  /** A dry run unless `dryRun` is false. */
  redrive(request: RedriveRequest): Promise<RedriveAnswer>;
  /** `at` as the redrive's answer has it. */
  redriveStanding(at: string): Promise<RedriveStanding>;
}

type Get = <T>(path: string, query?: Readonly<Record<string, string | undefined>>) => Promise<T>;
type Post = <T>(path: string, body?: unknown) => Promise<T>;

/** The calls, over the client's own ways to get and to post. */
export function redriveCalls(get: Get, post: Post): RedriveClient {
  return {
    parked: (filter = {}) => get('/v1/parked', { ...filter }),
    redrive: (request) => post('/v1/redrives', request),
    redriveStanding: (at) => get('/v1/redrives/standing', { at }),
  };
}
