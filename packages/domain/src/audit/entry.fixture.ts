import type { NewAuditEntry } from './entry.ts';

/** An entry about the `place`-th record of a set. */
export function anEntry(place: number, rest: Partial<NewAuditEntry> = {}): NewAuditEntry {
  return {
    at: new Date(Date.UTC(2026, 10, 24, 9, 0, 0, place)).toISOString(),
    actor: 'outbound-ava-001',
    actorKind: 'agent',
    intent: 'bulk',
    action: 'assign-owner',
    subject: place.toString(16).padStart(64, '0'),
    segment: 'smb',
    changeSetId: '01kax3v9d2',
    stepId: `01kax3v9d2/${place}`,
    connectionId: 'hubspot',
    policyVersion: 'p-7',
    confidence: 0.92,
    approval: { state: 'approved', approver: 'rita', policyVersion: 'p-7', diffHash: 'd'.repeat(64) },
    reviewer: 'rita',
    outcome: 'intended',
    reasons: ['ICP_MATCH', 'recent-funding'],
    beforeHash: 'b'.repeat(64),
    afterHash: null,
    content: null,
    correlationId: 'growth/change-set/01kax3v9d2',
    ...rest,
  };
}
