/** A workspace of paper remotes as a worker has it: the real clock, ids that no other process makes, connections registered once. */
import { createHash, randomUUID } from 'node:crypto';
import { mergePolicy } from '@lockstep/domain/backlog/ownership.ts';
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import { mappingSchema } from '@lockstep/domain/sync/mapping.schema.ts';
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import { DEFAULT_LIMITS } from '@lockstep/engine/workspace.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';

const MAPPING = mappingSchema.parse({
  version: 1,
  connector: 'jira',
  kinds: { task: { remote: 'Task' } },
  fields: {
    title: { remote: 'title', direction: 'both', rule: 'text' },
    owner: { remote: 'owner', direction: 'both', rule: 'order' },
    status: { remote: 'status', direction: 'both', rule: 'order' },
    labels: { remote: 'labels', direction: 'both', rule: 'set' },
    parent: { remote: 'parent', direction: 'both', rule: 'order' },
  },
});

/** The names are the connections' ids, in the workspace's order. */
export function paperWorkspace(store: Store, connectors: Readonly<Record<string, Connector>>): Workspace {
  const names = Object.keys(connectors);
  const { policy } = mergePolicy(names.map((connectionId) => ({ connectionId, mapping: MAPPING })));
  return {
    store,
    connections: Object.entries(connectors).map(([connectionId, connector]) => ({ connectionId, connector, onDelete: 'archive' as const })),
    policy: { ...policy, ranks: Object.fromEntries(names.map((name, rank) => [name, rank])) },
    now: () => new Date().toISOString(),
    newId: () => randomUUID(),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    // Small pages, so that a few hundred items are several.
    limits: { ...DEFAULT_LIMITS, pushPage: 100 },
  };
}
