/** A process that can be killed with -9 in a call of a connector: from then on nothing of it commits, until it is started again. */
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import type { ConnectionId } from './world.ts';

export class Killed extends Error {
  override readonly name = 'Killed';
}

type Call = 'create' | 'update' | 'remove';
/** Before the call leaves, or after the remote has done it and before anybody knows. */
type When = 'before' | 'after';

export class Mortal {
  /** How often each call has reached a remote. */
  readonly calls: Record<Call, number> = { create: 0, update: 0, remove: 0 };
  private isDead = false;
  private armed: { readonly connectionId: ConnectionId; readonly call: Call; readonly when: When } | null = null;

  kill(connectionId: ConnectionId, call: Call, when: When): void {
    this.armed = { connectionId, call, when };
  }

  /** Another process begins, with the same store. */
  restart(): void {
    this.isDead = false;
    this.armed = null;
  }

  store(inner: Store): Store {
    const alive = <T>(work: () => Promise<T>): Promise<T> => (this.isDead ? Promise.reject(new Killed('no commit')) : work());
    return {
      transaction: (work) => alive(() => inner.transaction(work)),
      snapshot: (work) => alive(() => inner.snapshot(work)),
      exclusively: (name, work) => alive(() => inner.exclusively(name, work)),
      passReads: {
        waitingWork: (...asked) => alive(() => inner.passReads.waitingWork(...asked)),
        pageStart: (asked) => alive(() => inner.passReads.pageStart(asked)),
        writtenRevisions: (...asked) => alive(() => inner.passReads.writtenRevisions(...asked)),
      },
    };
  }

  wrap = (connectionId: ConnectionId, connector: Connector): Connector => {
    const through = async <T>(call: Call, work: () => Promise<T>): Promise<T> => {
      const when = this.armed?.connectionId === connectionId && this.armed.call === call ? this.armed.when : null;
      if (when === 'before') this.die();
      this.calls[call] += 1;
      const answer = await work();
      if (when === 'after') this.die();
      return answer;
    };
    const { pushes } = connector;
    return {
      ...connector,
      pushes: {
        ...pushes,
        create: (drafts) => through('create', () => pushes.create(drafts)),
        update: (changes) => through('update', () => pushes.update(changes)),
        remove: (removals) => through('remove', () => pushes.remove(removals)),
      },
    };
  };

  private die(): never {
    this.isDead = true;
    this.armed = null;
    throw new Killed('in a call');
  }
}
