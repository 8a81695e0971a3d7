import type { ConnectionStatus, Status } from '@lockstep/api/schemas.ts';
import type { ApiParts } from './api.ts';

/** Figures of every connection, from one snapshot. In step: nothing is owed, marked or under way, everything has been read once, and no breaker is open. */
export async function readStatus(parts: Pick<ApiParts, 'workspace' | 'workspaceId' | 'engines'>): Promise<Status> {
  const { rows, counts } = await parts.workspace.store.snapshot(async (reader) => ({
    rows: await reader.connections(),
    counts: await reader.counts(),
  }));
  const connections = parts.workspace.connections.flatMap(({ connectionId }): ConnectionStatus[] => {
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
  });
  const rests = (connection: ConnectionStatus): boolean =>
    connection.owed + connection.sending + connection.dirty + connection.parked === 0 &&
    connection.breaker === null &&
    connection.lastPulledAt !== null;
  return {
    workspace: parts.workspaceId,
    inStep: connections.length === parts.workspace.connections.length && connections.every(rests),
    itemsByKind: { ...counts.itemsByKind },
    conflicts: { open: counts.openConflicts, recorded: counts.recordedConflicts },
    connections,
    engines: { ...parts.engines },
  };
}
