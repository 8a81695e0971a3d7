/** The part of the typed client that is about past decisions. */
import type { RedecidedPage, RedecideRequest } from './replay-decide-schemas.ts';

export interface ReplayDecideClient {
  /** Page by page, in the order of the decisions' making. Reads only. */
  redecide(request: Omit<RedecideRequest, 'after'>): AsyncGenerator<RedecidedPage>;
}

type Post = <T>(path: string, body?: unknown) => Promise<T>;

/** The calls, over the client's own way to post. */
export function replayDecideCalls(post: Post): ReplayDecideClient {
  return {
    async *redecide(request) {
      let after: string | null = null;
      do {
        const page: RedecidedPage = await post('/v1/routing/decisions/replay', { ...request, ...(after === null ? {} : { after }) });
        yield page;
        after = page.next;
      } while (after !== null);
    },
  };
}
