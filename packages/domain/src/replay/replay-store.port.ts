/** The store of replays, of one workspace. Each method is one statement; instants come in as arguments. */
import type { AuditAppender } from '../audit/audit.port.ts';
import type { Replay, ReplayState, ReplayTarget, TargetState } from './replay.ts';
import type { AccountCounts, OutboxCounts, SetCounts } from './settled.ts';

export interface ReplayStore {
  transaction<T>(work: (tx: ReplayTransaction) => Promise<T>): Promise<T>;
  snapshot<T>(work: (tx: ReplayReader) => Promise<T>): Promise<T>;
}

export interface ReplayReader {
  replay(replayId: string): Promise<Replay | null>;
  /** Newest first; `before` is the id of the last one of the page before. */
  replays(request: {
    readonly states?: readonly ReplayState[];
    readonly limit: number;
    readonly before?: string;
  }): Promise<readonly Replay[]>;
  /** Targets in order, from an ordinal on. */
  targets(replayId: string, request: { readonly from: number; readonly limit: number }): Promise<readonly ReplayTarget[]>;
  /** Targets in one of these states, the first by ordinal. */
  targetsIn(replayId: string, states: readonly TargetState[], limit: number): Promise<readonly ReplayTarget[]>;
  /** Replays that have not ended, by state; states with none are missing. */
  openCounts(): Promise<Readonly<Partial<Record<ReplayState, number>>>>;
  /** How many targets stand in which state. */
  targetCounts(replayId: string): Promise<Readonly<Partial<Record<TargetState, number>>>>;
  /** What is known of change sets, connections and accounts; those that are not on record are missing. */
  setCounts(changeSetIds: readonly string[]): Promise<ReadonlyMap<string, SetCounts>>;
  outboxCounts(connectionIds: readonly string[]): Promise<ReadonlyMap<string, OutboxCounts>>;
  accountCounts(accountIds: readonly string[]): Promise<ReadonlyMap<string, AccountCounts>>;
}

export interface ReplayTransaction extends ReplayReader, AuditAppender {
  /** The row under `for update`. */
  lockReplay(replayId: string): Promise<Replay | null>;
  saveReplay(replay: Replay): Promise<void>;
  /** Inserts or replaces whole rows by (replay, ordinal). */
  saveTargets(targets: readonly ReplayTarget[]): Promise<void>;
}
