/** For tests: answers of a small workspace that is in step. */
import type { ChangeSetDetail } from '@lockstep/api/change-set-schemas.ts';
import type { ApiItem, Conflict, ConnectionStatus, Status, Why } from '@lockstep/api/schemas.ts';
import type { ApiClock, ApiLead, ExplainedAccount, SlaReport } from '@lockstep/api/routing-schemas.ts';
import { redecided } from './canned-decisions.ts';
import { cannedFigures } from './canned-figures.ts';
import { PLAN } from './canned-plan.ts';
import { PARKED, redriven } from './canned-redrive.ts';
import { cannedReplays } from './replay-stand-in.ts';
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
    figures: cannedFigures(connections),
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

const NOTHING = { open: 0, atRisk: 0, escalated: 0, breached: 0, uncovered: 0, met: 0, withdrawn: 0 };

export const LEAD: ApiLead = {
  ...{ leadId: 'acme-1', accountId: 'acme', state: 'offered', tier: 'smb', score: 72, source: 'product', isBackfill: false },
  ...{
    openedAt: AT,
    closedAt: null,
    closeReason: null,
    closedBy: null,
    followedBy: null,
    offerId: 'acme-1/2',
    ownerId: 'omar',
    escalatedTo: null,
    isChosen: false,
  },
  deadline: '2026-11-24T12:00:00.000Z',
};

export const CLOCK: ApiClock = {
  ...{
    leadId: 'acme-1',
    clockId: 'acme-1/pql',
    slaId: 'pql',
    kind: 'business',
    state: 'running',
    standing: 'at-risk',
    stopsOn: 'acknowledged',
  },
  ...{ ownerId: 'omar', startedAt: AT, deadline: '2026-11-24T12:00:00.000Z', dueAt: null, budgetMs: 14_400_000, usedMs: 11_100_000 },
  ...{ remainingMs: 3_300_000, wallMs: 11_400_000, uncoveredMs: 300_000, outcome: null, endedAt: null, revision: 1, tzVersion: '2026b' },
};

/** An account whose first candidate is away, and whose second has declined. */
export const EXPLAINED: ExplainedAccount = {
  ...{ accountId: 'acme', accountKey: 'domain:acme.example', record: { connectionId: 'hubspot', object: 'companies', recordId: '55' } },
  match: { kind: 'matched', reason: 'DOMAIN', candidates: ['55'] },
  score: {
    ...{ specVersion: 'spec-1', specHash: 'hash', at: AT, total: 72, threshold: 60, tier: 'smb', crossed: true },
    nextCrossing: '2026-11-26T08:00:00.000Z',
    parts: [{ id: 'seats', points: 60, uncapped: 75, evidence: ['m-1', 'm-2', 'm-3'] }],
    ...{ fit: { points: 12, met: [{ id: 'industry', points: 12 }] }, flags: [] },
  },
  events: [{ messageId: 'm-3', type: 'track', name: 'Seat Added\u001b[31m', occurredAt: AT, isBackfill: true }],
  leads: [
    {
      lead: LEAD,
      decisions: [
        {
          ...{
            decisionId: 'd-1',
            ordinal: 1,
            decidedAt: AT,
            policyHash: 'a1b2c3d4e5f60718',
            rosterHash: 'r',
            territoryId: 'dach',
            motion: 'plg',
          },
          ...{ ruleId: 'smb', play: 'sales-assist', slaId: 'pql' },
          candidates: [
            { memberId: 'ines', poolId: 'ae-dach', reason: 'ABSENT:appointment' },
            { memberId: 'omar', poolId: 'ae-dach', reason: null },
          ],
          outcome: { kind: 'assigned', personId: 'omar', poolId: 'ae-dach', reason: null },
        },
      ],
      offers: [{ offerId: 'acme-1/2', memberId: 'omar', poolId: 'ae-dach', state: 'open', offeredAt: AT, answeredAt: null }],
      clocks: [CLOCK],
      notices: [{ noticeId: 'n', purpose: 'offer', memberId: 'omar', owedSince: AT, deliveredAt: AT, channel: 'slack' }],
      writes: [{ changeSetId: 'route-acme-1-2', owedSince: AT, startedAt: AT }],
      actions: [],
    },
  ],
};

export const SLA: SlaReport = {
  ...{ at: AT, since: '2026-11-17T08:00:00.000Z', totals: { ...NOTHING, open: 1, atRisk: 1, met: 5, uncovered: 1 }, clocks: [CLOCK] },
  slas: [
    { slaId: 'form', ...NOTHING, uncovered: 1 },
    { slaId: 'pql', ...NOTHING, open: 1, atRisk: 1, met: 5 },
  ],
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
    replays: cannedReplays(),
    audit: { entries: [], checkpoints: [] },
    redecided,
    parked: PARKED,
    redriven,
    standing: () => ({ underWay: [], again: [] }),
    leads: [LEAD],
    scores: (accounts) => accounts.map(() => null),
    explained: (key) => (key === 'acme.example' ? EXPLAINED : null),
    sla: SLA,
    checked: { problems: [], documents: [{ kind: 'policy', name: 'policy.yaml', version: 'growth-1', hash: 'a1b2' }], hours: null },
    past: [],
    context: { documents: { scoring: {}, policy: {}, roster: {}, slas: [] }, holidays: {}, absences: {} },
    taken: (batch) => ({ accepted: batch.length, duplicates: 0, ignored: 0, refused: [] }),
    problem: () => null,
    ...change,
  };
}
