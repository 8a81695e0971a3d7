/**
 * A process that dies at an await point by its number: every call that the engine makes of the store or of a connector, and every request that a connector
 * sends. From then on nothing of it commits and nothing of it leaves, until it is started again: with connectors made anew, over the same store and tools.
 *
 * Within a transaction there is no point of its own: a process that dies there leaves what one leaves that died before it.
 */
import type { ChangeSetStore } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { Crm } from '@lockstep/domain/crm/crm.port.ts';
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import type { ConnectionId } from '../scenarios/world.ts';

/** A kill -9: no outcome, no clean-up of ours. */
class Killed extends Error {
  override readonly name = 'Killed';
}

/** Before the call leaves, or after it has had its effect and before anybody knows. */
export const MOMENTS = ['before', 'after'] as const;
export type Moment = (typeof MOMENTS)[number];

export class DoomedProcess {
  /** What was awaited since the start, in order. */
  readonly points: string[] = [];
  private readonly running: (() => void)[] = [];
  private readonly underWay = new Set<Promise<unknown>>();
  private armed: { readonly point: number; readonly moment: Moment } | null = null;
  private isDead = false;

  /** Another process begins: it knows nothing of the one before. `death` is the point at which it will die. */
  start(death: { readonly point: number; readonly moment: Moment } | null): void {
    for (const again of this.running) again();
    this.points.length = 0;
    this.armed = death;
    this.isDead = false;
  }

  /** Lives until the work ends or the point comes; true where it has died. */
  async live(work: () => Promise<void>): Promise<boolean> {
    const send = globalThis.fetch;
    globalThis.fetch = (input, init) =>
      this.reach(`${init?.method ?? 'GET'} ${pathOf(input)}`, async () => {
        const response = await send(input, init);
        const body = await response.arrayBuffer();
        const isBodiless = response.status === 204 || response.status === 304;
        return new Response(isBodiless ? null : body, { status: response.status, headers: response.headers });
      });
    try {
      await work();
    } catch (error) {
      if (!this.isDead) throw error;
    } finally {
      globalThis.fetch = send;
      // What was on its way when it died arrives all the same.
      await Promise.allSettled(this.underWay);
    }
    return this.isDead;
  }

  store(inner: Store): Store {
    return {
      transaction: (work) => this.reach('transaction', () => inner.transaction(work)),
      snapshot: (work) => this.reach('snapshot', () => inner.snapshot(work)),
      exclusively: (name, work) => inner.exclusively(name, work),
      passReads: {
        waitingWork: (...asked) => this.reach('waitingWork', () => inner.passReads.waitingWork(...asked)),
        pageStart: (asked) => this.reach('pageStart', () => inner.passReads.pageStart(asked)),
        writtenRevisions: (...asked) => this.reach('writtenRevisions', () => inner.passReads.writtenRevisions(...asked)),
      },
    };
  }

  changeSets(inner: ChangeSetStore): ChangeSetStore {
    return {
      transaction: (work) => this.reach('transaction', () => inner.transaction(work)),
      snapshot: (work) => this.reach('snapshot', () => inner.snapshot(work)),
    };
  }

  /** Another one for each process; its requests are the points. */
  crm(make: () => Crm): Crm {
    let crm = make();
    this.running.push(() => void (crm = make()));
    return {
      limits: crm.limits,
      describe: (object) => crm.describe(object),
      ownersByEmail: (emails) => crm.ownersByEmail(emails),
      findByKey: (object, field, values) => crm.findByKey(object, field, values),
      read: (request) => crm.read(request),
      history: (request) => crm.history(request),
      write: (writes) => crm.write(writes),
      findCreated: (object, keys) => crm.findCreated(object, keys),
    };
  }

  wrap = (connectionId: ConnectionId, first: Connector, again: () => Connector): Connector => {
    let connector = first;
    this.running.push(() => void (connector = again()));
    const reach = <T>(call: string, work: () => Promise<T>): Promise<T> => this.reach(`${connectionId}.${call}`, work);
    const stage = (): Pick<Connector['pushes'], 'stage'> => {
      if (connector.pushes.stage === undefined) return {};
      return { stage: (batch, cursor) => reach('stage', async () => (await connector.pushes.stage?.(batch, cursor)) ?? never()) };
    };
    return {
      mappedFields: (kind) => connector.mappedFields(kind),
      limits: connector.limits,
      check: () => connector.check(),
      pulls: {
        pull: (request) => reach('pull', () => connector.pulls.pull(request)),
        fetch: (ids, cursor) => reach('fetch', () => connector.pulls.fetch(ids, cursor)),
        findByMarker: (markers, cursor) => reach('findByMarker', () => connector.pulls.findByMarker(markers, cursor)),
      },
      pushes: {
        ...stage(),
        create: (drafts) => reach('create', () => connector.pushes.create(drafts)),
        update: (changes) => reach('update', () => connector.pushes.update(changes)),
        remove: (removals) => reach('remove', () => connector.pushes.remove(removals)),
      },
    };
  };

  private async reach<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.isDead) throw new Killed(name);
    const moment = this.armed?.point === this.points.length ? this.armed.moment : null;
    this.points.push(name);
    if (moment === 'before') this.die(name);
    const done = work();
    this.underWay.add(done);
    const answer = await done.finally(() => this.underWay.delete(done));
    if (moment === 'after') this.die(name);
    if (this.isDead) throw new Killed(name);
    return answer;
  }

  private die(name: string): never {
    this.isDead = true;
    throw new Killed(name);
  }
}

function pathOf(input: string | URL | Request): string {
  return new URL(input instanceof Request ? input.url : input).pathname;
}

function never(): never {
  throw new Error('stage: expected a connector that stages, got one that does not');
}
