import type { ConnectionStatus, Status } from '@lockstep/api/schemas.ts';
import { figuresOf, readStanding } from '@lockstep/engine/figures.ts';
import type { FigureSources, OperatingReading } from '@lockstep/engine/figures.ts';
import type { ApiParts } from './api.ts';

type SourceParts = Pick<ApiParts, 'workspace' | 'changeSets' | 'replays' | 'routing' | 'budgets'>;

/** What the operating figures are read from: all that is served. */
export function figureSources({ workspace, changeSets, replays, routing, budgets }: SourceParts): FigureSources {
  return {
    ...{ workspace, budgets: budgets ?? (() => new Map()) },
    ...(changeSets === undefined ? {} : { changeSets: changeSets.engine.store }),
    ...(replays === undefined ? {} : { replays: replays.engine.store }),
    ...(routing === undefined ? {} : { routing: routing.store }),
  };
}

/** Figures of every connection, from one snapshot. In step: nothing is owed, marked or under way, everything has been read once, and no breaker is open. */
export async function readStatus(parts: SourceParts & Pick<ApiParts, 'workspaceId' | 'engines'>): Promise<Status> {
  const { workspace, workspaceId, engines } = parts;
  const reading = await readStanding(figureSources(parts), workspace.now());
  const { counts } = reading;
  const connections = workspace.connections.flatMap(({ connectionId }) => statusOf(connectionId, reading));
  const rests = (connection: ConnectionStatus): boolean =>
    connection.owed + connection.sending + connection.dirty + connection.parked === 0 &&
    connection.breaker === null &&
    connection.lastPulledAt !== null;
  return {
    workspace: workspaceId,
    inStep: connections.length === workspace.connections.length && connections.every(rests),
    itemsByKind: { ...counts.itemsByKind },
    conflicts: { open: counts.openConflicts, recorded: counts.recordedConflicts },
    connections,
    // The schema's types are mutable, those of the engine are not.
    figures: structuredClone(figuresOf(reading)) as Status['figures'],
    engines: { ...engines },
  };
}

function statusOf(connectionId: string, { rows, counts }: OperatingReading): readonly ConnectionStatus[] {
  const row = rows.find((candidate) => candidate.connectionId === connectionId);
  if (row === undefined) return [];
  const counted = counts.connections.find((candidate) => candidate.connectionId === connectionId);
  return [
    {
      connectionId,
      connector: row.connector,
      gate: row.gate,
      breaker: row.breaker === null ? null : { ...row.breaker },
      links: counted?.links ?? 0,
      owed: counted?.owed ?? 0,
      sending: counted?.sending ?? 0,
      parked: counted?.parked ?? 0,
      dirty: counted?.dirty ?? 0,
      openConflicts: counted?.openConflicts ?? 0,
      oldestOwedSince: counted?.oldestOwedSince ?? null,
      lastPulledAt: row.lastPulledAt,
      lastPushedAt: row.lastPushedAt,
      lastFullScanAt: row.lastFullScanAt,
    },
  ];
}
