/**
 * The figures by which operators decide, read in a few statements and worked out in one place: the metrics, the API and `lockstep status` show the same ones.
 * Counts, ages in seconds, ids of the configuration and codes: nothing of a person, a record or a lead.
 */
import type { ChangeSetReader, SetStanding } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { ReplayState } from '@lockstep/domain/replay/replay.ts';
import type { ReplayReader } from '@lockstep/domain/replay/replay-store.port.ts';
import type { ClockCount, RoutingReader, RoutingStanding } from '@lockstep/domain/routing/routing-store.port.ts';
import { slaFigures } from '@lockstep/domain/routing/sla-counts.ts';
import type { SlaFigures } from '@lockstep/domain/routing/sla-counts.ts';
import type { Allowance, RequestOutcome } from '@lockstep/domain/sync/account-watch.port.ts';
import type { ConflictCount, ConnectionStanding, ParkedCount, StoreCounts } from '@lockstep/domain/sync/standing.port.ts';
import type { Breaker, ConnectionRow, Gate } from '@lockstep/domain/sync/store.port.ts';
import type { Workspace } from './workspace.ts';

/** A port to read from, of which only this is asked. */
interface Snapshots<Reader> {
  snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
}

/** What is read from. Parts that the worker does not serve are left out. */
export interface FigureSources {
  readonly workspace: Pick<Workspace, 'store' | 'connections'>;
  readonly changeSets?: Snapshots<Pick<ChangeSetReader, 'standing'>>;
  readonly replays?: Snapshots<Pick<ReplayReader, 'openCounts'>>;
  readonly routing?: Snapshots<Pick<RoutingReader, 'standing' | 'clockCounts'>>;
  /** What is known of the calls of each connection. */
  readonly budgets: () => ReadonlyMap<string, ApiBudget>;
}

/** Of one process since it began: other workers of the workspace know what they have seen. */
export interface ApiBudget {
  /** What the vendor said last, by scope; none where it says nothing. */
  readonly allowances: readonly Allowance[];
  /** For how long nothing is sent to it. */
  readonly heldSeconds: number;
  readonly requests: Readonly<Record<RequestOutcome, number>>;
}

/** One reading of the stores, at one instant. */
export interface OperatingReading {
  readonly at: string;
  readonly rows: readonly ConnectionRow[];
  readonly counts: StoreCounts;
  readonly standing: readonly ConnectionStanding[];
  readonly sets: SetStanding | null;
  readonly replays: Readonly<Partial<Record<ReplayState, number>>> | null;
  readonly routing: { readonly clocks: readonly ClockCount[]; readonly standing: RoutingStanding } | null;
  readonly budgets: ReadonlyMap<string, ApiBudget>;
}

export interface ConnectionFigures {
  readonly connectionId: string;
  readonly connector: string;
  readonly gate: Gate;
  readonly breaker: Breaker['cause'] | null;
  /** Since a page was read from it last; null where none was. */
  readonly lagSeconds: number | null;
  /** Since it was read from end to end; null where it was not. */
  readonly fullScanAgeSeconds: number | null;
  /** How long the oldest change waits that is to be read or written; 0 where none is. */
  readonly oldestUnsyncedSeconds: number;
  readonly owed: number;
  readonly sending: number;
  /** Records that are marked to be read. */
  readonly marked: number;
  readonly parked: readonly ParkedCount[];
  readonly conflicts: readonly ConflictCount[];
  /** Null where it has no account (a document), or nothing was sent yet. */
  readonly api: ApiBudget | null;
}

export interface OperatingFigures {
  readonly at: string;
  readonly connections: readonly ConnectionFigures[];
  readonly changeSets: {
    /** Have begun and not ended. */
    readonly underWay: number;
    readonly awaitingApproval: number;
    readonly oldestAwaitingSeconds: number;
    readonly needOperator: number;
    readonly oldestNeedSeconds: number;
    readonly owedNotices: number;
    readonly oldestOwedNoticeSeconds: number;
  } | null;
  readonly replays: { readonly underWay: number; readonly awaitingApproval: number } | null;
  readonly routing:
    | (SlaFigures & {
        readonly leads: RoutingStanding['leads'];
        readonly openWrites: number;
        readonly owedNotices: number;
        readonly oldestOwedNoticeSeconds: number;
        /** How late the clock is that has waited longest for something to be done; 0 where none is late. */
        readonly overdueSeconds: number;
      })
    | null;
}

/** Ends of clocks are counted over this time. */
export const SLA_REPORT_MS = 7 * 86_400_000;

/** Reads everything that the figures are worked out from: at most one snapshot of each store. Writes nothing. */
export async function readStanding(sources: FigureSources, now: string): Promise<OperatingReading> {
  const since = new Date(Date.parse(now) - SLA_REPORT_MS).toISOString();
  const { workspace, changeSets, replays, routing, budgets } = sources;
  const sync = await workspace.store.snapshot(async (reader) => ({
    rows: (await reader.connections()).filter(({ connectionId }) => workspace.connections.some((one) => one.connectionId === connectionId)),
    counts: await reader.counts(),
    standing: await reader.standing(),
  }));
  return {
    at: now,
    ...sync,
    sets: (await changeSets?.snapshot((reader) => reader.standing())) ?? null,
    replays: (await replays?.snapshot((reader) => reader.openCounts())) ?? null,
    routing:
      (await routing?.snapshot(async (reader) => ({
        clocks: await reader.clockCounts({ since, now }),
        standing: await reader.standing(),
      }))) ?? null,
    budgets: budgets(),
  };
}

/** The figures of a reading. Pure. */
export function figuresOf(reading: OperatingReading): OperatingFigures {
  const { at, rows, sets, replays, routing } = reading;
  return {
    at,
    connections: rows.map((row) => connectionFigures(row, reading)),
    changeSets: sets === null ? null : setFigures(sets, at),
    replays:
      replays === null
        ? null
        : { underWay: (replays.running ?? 0) + (replays.paused ?? 0), awaitingApproval: replays['awaiting-approval'] ?? 0 },
    routing:
      routing === null
        ? null
        : {
            ...slaFigures(routing.clocks),
            leads: routing.standing.leads,
            openWrites: routing.standing.openWrites,
            owedNotices: routing.standing.owedNotices,
            oldestOwedNoticeSeconds: ageSeconds(routing.standing.oldestOwedAt, at),
            overdueSeconds: ageSeconds(routing.standing.oldestDueAt, at),
          },
  };
}

function connectionFigures(row: ConnectionRow, { at, counts, standing, budgets }: OperatingReading): ConnectionFigures {
  const { connectionId, connector, gate, breaker, lastPulledAt, lastFullScanAt } = row;
  const counted = counts.connections.find((one) => one.connectionId === connectionId);
  const stands = standing.find((one) => one.connectionId === connectionId);
  return {
    ...{ connectionId, connector, gate, breaker: breaker?.cause ?? null },
    lagSeconds: lastPulledAt === null ? null : ageSeconds(lastPulledAt, at),
    fullScanAgeSeconds: lastFullScanAt === null ? null : ageSeconds(lastFullScanAt, at),
    oldestUnsyncedSeconds: ageSeconds(stands?.oldestUnsyncedSince ?? null, at),
    ...{ owed: counted?.owed ?? 0, sending: counted?.sending ?? 0, marked: counted?.dirty ?? 0 },
    ...{ parked: stands?.parked ?? [], conflicts: stands?.conflicts ?? [] },
    api: budgets.get(connectionId) ?? null,
  };
}

function setFigures({ open, ...sets }: SetStanding, at: string): OperatingFigures['changeSets'] {
  const { planned = 0, 'awaiting-approval': awaitingApproval = 0 } = open;
  const all = Object.values(open).reduce((sum, count) => sum + count, 0);
  return {
    ...{ underWay: all - planned, awaitingApproval, oldestAwaitingSeconds: ageSeconds(sets.oldestAwaitingSince, at) },
    ...{ needOperator: sets.needOperator, oldestNeedSeconds: ageSeconds(sets.oldestNeedSince, at) },
    ...{ owedNotices: sets.owedNotices, oldestOwedNoticeSeconds: ageSeconds(sets.oldestOwedAt, at) },
  };
}

const MS_PER_SECOND = 1_000;

/** 0 for none, and for what lies ahead. */
function ageSeconds(since: string | null, at: string): number {
  return since === null ? 0 : Math.max(0, Date.parse(at) - Date.parse(since)) / MS_PER_SECOND;
}
