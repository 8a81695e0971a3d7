/** A connector whose calls are counted, and can be held: the handshake by which a test stops a worker at a chosen step. */
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';

export type Call = 'pull' | 'fetch' | 'findByMarker' | 'create' | 'update' | 'remove';

/** One call that is held. */
export interface Hold {
  /** Resolves when the call has come to the place. */
  readonly reached: Promise<void>;
  release(): void;
}

export interface WatchedConnector {
  readonly connector: Connector;
  /** Calls in order of arrival, whatever became of them. */
  readonly calls: Call[];
  /** Holds the next call of this kind: before the remote gets it, or after it has done it and before the answer goes back. */
  hold(call: Call, where: 'before' | 'after'): Hold;
}

interface Held {
  readonly call: Call;
  readonly where: 'before' | 'after';
  readonly reach: () => void;
  readonly released: Promise<void>;
}

export function watchedConnector(inner: Connector): WatchedConnector {
  const calls: Call[] = [];
  const holds: Held[] = [];
  const pauseAt = async (call: Call, where: Held['where']): Promise<void> => {
    const index = holds.findIndex((hold) => hold.call === call && hold.where === where);
    const [hold] = index === -1 ? [] : holds.splice(index, 1);
    hold?.reach();
    await hold?.released;
  };
  const watched = <A extends readonly unknown[], R>(call: Call, work: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      calls.push(call);
      await pauseAt(call, 'before');
      const answer = await work(...args);
      await pauseAt(call, 'after');
      return answer;
    };
  };
  const { pulls, pushes } = inner;
  return {
    calls,
    hold(call, where) {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      holds.push({ call, where, reach: reached.resolve, released: released.promise });
      return { reached: reached.promise, release: released.resolve };
    },
    connector: {
      ...inner,
      pulls: {
        pull: watched('pull', (request) => pulls.pull(request)),
        fetch: watched('fetch', (remoteIds, cursor) => pulls.fetch(remoteIds, cursor)),
        findByMarker: watched('findByMarker', (markers, cursor) => pulls.findByMarker(markers, cursor)),
      },
      pushes: {
        create: watched('create', (drafts) => pushes.create(drafts)),
        update: watched('update', (changes) => pushes.update(changes)),
        remove: watched('remove', (removals) => pushes.remove(removals)),
      },
    },
  };
}
