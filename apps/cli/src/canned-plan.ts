/** For tests: a plan of two writes, an update and a creation. */
import type { Plan } from '@lockstep/api/schemas.ts';

export const PLAN: Plan = {
  planId: 'a1b2c3d4e5f60718293a4b5c6d7e8f90',
  writes: [
    {
      connectionId: 'jira',
      itemId: 'item-2',
      kind: 'task',
      title: 'Pricing page test',
      operation: 'update',
      remoteKey: 'GROW-12',
      fields: [{ field: 'owner', before: 'CGO', after: 'VP Sales + CGO' }],
    },
    {
      connectionId: 'notion',
      itemId: 'item-2',
      kind: 'task',
      title: 'Pricing page test',
      operation: 'create',
      remoteKey: null,
      fields: [{ field: 'parent', before: null, after: 'item-1' }],
    },
  ],
  heldBack: [],
};
