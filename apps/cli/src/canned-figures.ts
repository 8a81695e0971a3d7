/** For tests: figures of a small workspace. */
import type { ConnectionStatus, Status } from '@lockstep/api/schemas.ts';

/** Of connections as their status has them, which were all read an hour ago. */
export function cannedFigures(connections: readonly ConnectionStatus[]): Status['figures'] {
  return {
    at: '2026-11-24T09:00:00.000Z',
    connections: connections.map(
      ({ connectionId, connector, gate, breaker, owed, sending, dirty, parked, openConflicts, lastPulledAt }) => ({
        ...{ connectionId, connector, gate, breaker: breaker?.cause ?? null, owed, sending, marked: dirty, fullScanAgeSeconds: 3_600 },
        lagSeconds: lastPulledAt === null ? null : 3_600,
        oldestUnsyncedSeconds: owed + sending + dirty === 0 ? 0 : 90,
        parked: parked === 0 ? [] : [{ kind: 'write', code: 'Invalid', count: parked }],
        conflicts: openConflicts === 0 ? [] : [{ kind: 'manual', count: openConflicts }],
        api: null,
      }),
    ),
    changeSets: null,
    replays: null,
    routing: null,
  };
}
