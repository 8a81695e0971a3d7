/** How the connections of a workspace stand: for the status page and the figures by which operators decide. */
import type { ItemKind } from '../backlog/item.ts';
import type { ParkedKind } from './parked.ts';
import type { ConflictKind } from './store.port.ts';

export interface ParkedCount {
  readonly kind: ParkedKind;
  /** As `ParkedThing` has it: the code of an error or the kind of a question, from closed lists. */
  readonly code: string;
  readonly count: number;
}

export interface ConflictCount {
  readonly kind: ConflictKind;
  readonly count: number;
}

export interface ConnectionStanding {
  readonly connectionId: string;
  /**
   * Since when the oldest change is known that has not been carried over: a record that is marked to be read, or a write that is owed or under way. ISO; null
   * where there is none. What is parked waits for a person and does not count; nor do comments, whose instants are the vendors'.
   */
  readonly oldestUnsyncedSince: string | null;
  /** What waits for a person and is driven again by a redrive. */
  readonly parked: readonly ParkedCount[];
  /** Open ones. A field that was left out is here too, as a notice. */
  readonly conflicts: readonly ConflictCount[];
}

/** Of the status page. */
export interface StoreCounts {
  readonly itemsByKind: { readonly [K in ItemKind]?: number };
  readonly connections: readonly {
    readonly connectionId: string;
    readonly links: number;
    readonly owed: number;
    readonly sending: number;
    readonly parked: number;
    readonly dirty: number;
    readonly openConflicts: number;
    /** Instant of the oldest owed write, or null. */
    readonly oldestOwedSince: string | null;
  }[];
  readonly openConflicts: number;
  readonly recordedConflicts: number;
}

export interface StandingReads {
  /** For the status page: one aggregate query each. */
  counts(): Promise<StoreCounts>;
  /** Every connection that is on record, in the workspace's order. One statement. */
  standing(): Promise<readonly ConnectionStanding[]>;
}
