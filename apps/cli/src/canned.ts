/** For tests: answers of a small workspace that is in step. */
import type { ChangeSetDetail } from '@lockstep/api/change-set-schemas.ts';
import type { ApiItem, Conflict, ConnectionStatus, Plan, Status, Why } from '@lockstep/api/schemas.ts';
import type { Answers } from './stand-in.ts';

const AT = '2026-11-24T08:00:00.000Z';

/** A connection at rest. */
export function cannedConnection(connectionId: string, change: Partial<ConnectionStatus> = {}): ConnectionStatus {
  return {
    connectionId,
    connector: connectionId,
    gate: 'open',
    breaker: null,
    links: 2,
    owed: 0,
    sending: 0,
    parked: 0,
    dirty: 0,
    openConflicts: 0,
    oldestOwedSince: null,
    lastPulledAt: AT,
    lastPushedAt: AT,
    lastFullScanAt: AT,
    ...change,
  };
}

export function cannedStatus(connections: readonly ConnectionStatus[], change: Partial<Status> = {}): Status {
  const rests = connections.every((one) => one.owed + one.sending + one.parked + one.dirty === 0 && one.breaker === null);
  return {
    workspace: 'growth',
    inStep: rests,
    itemsByKind: { phase: 1, task: 2 },
    conflicts: { open: 0, recorded: 0 },
    connections: [...connections],
    engines: { temporal: '1.32.0', postgres: '18.1' },
    ...change,
  };
}

export const PHASE: ApiItem = { itemId: 'item-1', kind: 'phase', fields: { title: 'Phase 1: Foundation' }, deletedAt: null };
export const TASK: ApiItem = {
  itemId: 'item-2',
  kind: 'task',
  fields: {
    title: 'Pricing page test',
    owner: 'VP Sales + CGO',
    status: 'todo',
    parent: 'item-1',
    labels: ['q1', 'web'],
    dependsOn: ['item-3'],
  },
  deletedAt: null,
};
export const DONE_TASK: ApiItem = {
  itemId: 'item-3',
  kind: 'task',
  fields: { title: 'Pricing, "final"', status: 'done', parent: 'item-1', description: 'two\nlines' },
  deletedAt: null,
};

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

export const CONFLICT: Conflict = {
  conflictId: 'conflict-1',
  kind: 'manual',
  state: 'open',
  itemId: 'item-2',
  field: 'owner',
  connectionId: 'jira',
  remoteId: '10012',
  canonicalValue: 'VP Sales + CGO',
  remoteValue: 'Omar',
  baseValue: 'CGO',
  message: 'owner: two edits, and its rule is manual',
  raisedAt: AT,
  resolvedAt: null,
  resolution: null,
};

export const WHY: Why = {
  item: TASK,
  fields: [
    { field: 'title', value: 'Pricing page test', source: 'plan', version: 1, held: [] },
    { field: 'owner', value: 'VP Sales + CGO', source: 'notion', version: 3, held: ['jira'] },
    { field: 'parent', value: 'item-1', source: 'plan', version: 1, held: [] },
  ],
  links: [{ connectionId: 'jira', remoteId: '10012', remoteKey: 'GROW-12', url: 'https://jira.example/browse/GROW-12', state: 'linked' }],
  owed: [
    {
      connectionId: 'hubspot',
      operation: 'write',
      state: 'owed',
      attempts: 2,
      error: { code: 'Throttled', message: 'expected room, got 429' },
      owedSince: AT,
    },
  ],
  conflicts: [CONFLICT],
  ledger: [
    {
      at: AT,
      runId: 'run-1',
      target: 'canonical',
      operation: 'update',
      actor: 'notion',
      cause: 'edited there',
      before: { owner: 'CGO' },
      after: { owner: 'VP Sales + CGO' },
      remoteId: null,
    },
    {
      at: AT,
      runId: 'run-0',
      target: 'canonical',
      operation: 'create',
      actor: 'plan',
      cause: 'new there',
      before: {},
      after: { title: 'Pricing page test' },
      remoteId: null,
    },
  ],
};

/** Everything at rest, two writes owed in the plan; a test changes what it is about. */
/** A planned owner move that one person must approve. */
export const CHANGE_SET: ChangeSetDetail = {
  set: {
    changeSetId: 'cs-1',
    kind: 'bulk',
    requestedBy: 'operator',
    requestedAt: AT,
    reason: 'Maria leaves',
    steps: 2,
    state: 'planned',
    end: null,
    cause: null,
    diffHash: 'hash-1',
    policyVersion: 'policy-1',
    approvalExpiresAt: null,
    rollsBack: [],
  },
  verdict: { decision: 'review', approvers: 1, reasons: ['bulk-over-50'] },
  approvals: [],
  counts: { planned: 2 },
  skipped: [],
  rows: [
    {
      ...{ ordinal: 0, operation: 'assign-owner', connectionId: 'hubspot', object: 'contacts', recordId: '151', reversibility: 'B' },
      ...{ state: 'planned', changes: [{ field: 'hubspot_owner_id', before: '7', after: '8' }], finding: null },
    },
    {
      ...{ ordinal: 1, operation: 'archive', connectionId: 'hubspot', object: 'deals', recordId: '9', reversibility: 'D' },
      ...{ state: 'planned', changes: [], finding: null },
    },
  ],
  next: null,
};

export function cannedAnswers(change: Partial<Answers> = {}): Answers {
  return {
    status: () => cannedStatus([cannedConnection('jira'), cannedConnection('notion')]),
    plan: PLAN,
    items: [PHASE, TASK, DONE_TASK],
    why: (itemId) => (itemId === 'item-2' ? WHY : null),
    conflicts: [CONFLICT],
    findings: [],
    imported: (dryRun) => ({ created: 1, updated: 1, unchanged: 1, problems: [], dryRun }),
    changeSet: () => CHANGE_SET,
    stepProblems: [],
    undone: (dryRun) => ({ restored: [{ itemId: 'item-2', title: 'Pricing page test', field: 'owner' }], skipped: [], dryRun }),
    audit: { entries: [], checkpoints: [] },
    problem: () => null,
    ...change,
  };
}
