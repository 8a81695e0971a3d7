/**
 * A random history on real parts: people edit two tasks in several tools while Lockstep passes, is killed in mid-call, meets faults, and has its
 * compare-and-write raced. What each author had seen is read from the tool at the moment of the edit, so that "no lost update" is judged without trusting
 * the merge.
 */
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { handsOf } from './hands.ts';
import type { HandField, Hands } from './hands.ts';
import { conflictsOf, everyItem, linksOf } from './laws.ts';
import type { ConnectionId, World } from './world.ts';

export type Happening =
  | { readonly type: 'edit'; readonly at: number; readonly task: number; readonly field: HandField }
  | { readonly type: 'pass'; readonly at: number }
  /** The process dies in the next call of this connector: before it leaves, or after it has been answered. */
  | { readonly type: 'kill'; readonly at: number; readonly when: 'before' | 'after' }
  /** A person edits between compare and write of the next update of this connection. */
  | { readonly type: 'race'; readonly at: number; readonly task: number; readonly field: HandField }
  | { readonly type: 'fault'; readonly at: number; readonly kind: 'lose-request' | 'lose-answer' | 'throttle' };

/** A kill -9 in a connector's call: no outcome, no clean-up of ours. */
class Killed extends Error {
  override readonly name = 'Killed';
}

interface Written {
  readonly token: string;
  readonly field: HandField;
  readonly title: string;
  /** A later author saw it and wrote over it. */
  isSuperseded: boolean;
  /** Landed between compare and write in a tool that has no history (the stated residue of S2). */
  isResidue: boolean;
}

/** More than there can be faults in a history. */
const MOST_ATTEMPTS = 30;

/** Arms kills and races; put around every connector of a world. */
export class Saboteur {
  private readonly kills = new Map<string, 'before' | 'after'>();
  private readonly races = new Map<string, () => Promise<void>>();

  wrap = (connectionId: ConnectionId, connector: Connector): Connector => {
    const call = async <T>(work: () => Promise<T>): Promise<T> => {
      const when = this.kills.get(connectionId);
      this.kills.delete(connectionId);
      if (when === 'before') throw new Killed(connectionId);
      const answer = await work();
      if (when === 'after') throw new Killed(connectionId);
      return answer;
    };
    const { pulls, pushes } = connector;
    return {
      ...connector,
      mappedFields: (kind) => connector.mappedFields(kind),
      check: () => connector.check(),
      pulls: {
        pull: (request) => call(() => pulls.pull(request)),
        fetch: (ids, cursor) => call(() => pulls.fetch(ids, cursor)),
        findByMarker: (markers, cursor) => call(() => pulls.findByMarker(markers, cursor)),
      },
      pushes: {
        ...pushes,
        create: (drafts) => call(() => pushes.create(drafts)),
        update: async (changes) => {
          const race = this.races.get(connectionId);
          this.races.delete(connectionId);
          await race?.();
          return call(() => pushes.update(changes));
        },
        remove: (removals) => call(() => pushes.remove(removals)),
      },
    };
  };

  arm(connectionId: ConnectionId, when: 'before' | 'after'): void {
    this.kills.set(connectionId, when);
  }

  race(connectionId: ConnectionId, work: () => Promise<void>): void {
    this.races.set(connectionId, work);
  }

  disarm(): void {
    this.kills.clear();
    this.races.clear();
  }
}

/** People whom a fault meets try again. */
async function insistently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

export class History {
  readonly written: Written[] = [];
  private readonly world: World;
  private readonly saboteur: Saboteur;
  private readonly hands: Hands;
  private readonly titles: readonly string[];
  private tokens = 0;

  constructor(world: World, saboteur: Saboteur, titles: readonly string[]) {
    this.world = world;
    this.saboteur = saboteur;
    this.hands = handsOf(world);
    this.titles = titles;
  }

  async happen(happening: Happening): Promise<void> {
    const connectionId = this.connection(happening.at);
    switch (happening.type) {
      case 'edit':
        return this.edit(connectionId, happening.task, happening.field, false);
      case 'pass':
        return this.pass(connectionId);
      case 'kill':
        return this.saboteur.arm(connectionId, happening.when);
      case 'race':
        // Only a tool without history may lose an edit there: the document refuses the write instead.
        return this.saboteur.race(connectionId, () => this.edit(connectionId, happening.task, happening.field, connectionId === 'notion'));
      case 'fault':
        return this.fault(connectionId, happening.kind);
    }
  }

  /** No more faults, no more kills: everything comes to rest, as workers that are started again bring it about. */
  async settle(): Promise<void> {
    this.saboteur.disarm();
    await this.world.admin('/faults', 'DELETE');
    await this.world.advance(120_000);
    await this.world.rest();
  }

  /** Tokens that stand nowhere: neither in the backlog nor on record, and nobody who had seen them wrote over them. */
  async lost(): Promise<readonly Written[]> {
    const items = [...(await everyItem(this.world)).values()];
    const conflicts = await conflictsOf(this.world);
    const values = [
      ...items.flatMap(({ fields }) => [fields.owner, fields.metric]),
      ...conflicts.flatMap(({ canonicalValue, remoteValue }) => [canonicalValue, remoteValue]),
    ];
    const found = values.filter((value) => typeof value === 'string').join('\n');
    return this.written.filter(({ token, isSuperseded, isResidue }) => !isSuperseded && !isResidue && !found.includes(token));
  }

  private connection(at: number): ConnectionId {
    const { connections } = this.world.workspace;
    return connections[at % connections.length]?.connectionId as ConnectionId;
  }

  private async edit(connectionId: ConnectionId, task: number, field: HandField, isResidue: boolean): Promise<void> {
    const title = this.titles[task % this.titles.length] ?? '';
    const remoteId = connectionId === 'document' ? title : await this.remoteIdOf(connectionId, title);
    if (remoteId === null) return;
    const seen = await insistently(() => this.hands.read(connectionId, remoteId, field));
    const token = `w${(this.tokens += 1)}x`;
    const value = field === 'owner' ? token : `${token} ${seen}`.trim();
    for (const earlier of this.written) {
      if (earlier.field === field && earlier.title === title && seen.includes(earlier.token) && !value.includes(earlier.token))
        earlier.isSuperseded = true;
    }
    await insistently(() => this.hands.edit(connectionId, remoteId, field, value));
    this.written.push({ token, field, title, isSuperseded: false, isResidue });
  }

  private async remoteIdOf(connectionId: ConnectionId, title: string): Promise<string | null> {
    const items = [...(await everyItem(this.world)).values()];
    const item = items.find(({ fields }) => fields.title === title);
    const link = (await linksOf(this.world, connectionId)).find(({ itemId, state }) => itemId === item?.itemId && state === 'linked');
    return link?.remoteId ?? null;
  }

  private async pass(connectionId: ConnectionId): Promise<void> {
    try {
      await this.world.pass(connectionId);
    } catch (error) {
      // What Temporal would retry, or a process that is gone: a later pass goes on.
      if (!(error instanceof Killed) && !(error instanceof ConnectorError)) throw error;
    }
  }

  private async fault(connectionId: ConnectionId, kind: 'lose-request' | 'lose-answer' | 'throttle'): Promise<void> {
    if (connectionId === 'document') return;
    const action = kind === 'throttle' ? { kind: 'answer', status: 429, headers: { 'retry-after': '1' }, body: {} } : { kind };
    await this.world.fault({ tool: connectionId, match: {}, skip: 0, times: 1, action });
  }
}
