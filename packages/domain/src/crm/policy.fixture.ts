/** The policy of the examples (examples/crm/approvals.yaml, docs/specs/change-sets.md), for tests. */
import { policySchema } from './policy.schema.ts';
import type { ApprovalPolicy, Principal } from './policy.schema.ts';

export const POLICY: ApprovalPolicy = policySchema.parse({
  version: 'growth-1',
  fields: [
    { object: 'deals', field: 'amount', as: 'price' },
    { field: '*contract*', as: 'contract' },
    { field: 'consent', as: 'irreversible' },
    { field: 'lifecyclestage', as: 'residue' },
  ],
  rules: [
    { name: 'rollbacks', kinds: ['rollback', 'undo'], actors: ['human'] },
    { name: 'owner moves', actors: ['human'], operations: ['assign-owner'], approvers: 1 },
    { name: 'no archives by agents', actors: ['agent'], operations: ['archive'], deny: true },
    {
      name: 'other changes by people',
      actors: ['human'],
      perDay: [
        { upTo: 500, approvers: 0 },
        { upTo: 5_000, approvers: 1 },
        { upTo: null, approvers: 2 },
      ],
    },
    {
      name: 'agents',
      actors: ['agent'],
      kinds: ['bulk'],
      operations: ['set-fields', 'assign-owner', 'create-task', 'associate'],
      leastConfidence: 0.7,
      perDay: [
        { upTo: 49, approvers: 0 },
        { upTo: 100, approvers: 1, samplePercent: 10 },
        { upTo: null, approvers: 1 },
      ],
    },
    { name: 'routing', actors: ['system'], kinds: ['routing'], objects: ['contacts', 'Lead*'] },
  ],
});

function principal(id: string, rest: Partial<Principal> = {}): Principal {
  return { id, kind: 'human', person: id, members: [], roles: ['operator', 'approver'], ...rest };
}

/** Maria has two accounts; the bot is hers, the group is hers and Omar's. Ada approves; Tom has no role; nobody knows whose `shared` is. */
export const PRINCIPALS: readonly Principal[] = [
  principal('maria'),
  principal('maria-admin', { person: 'maria' }),
  principal('omar'),
  principal('omar-admin', { person: 'omar' }),
  principal('ada'),
  principal('tom', { roles: ['operator'] }),
  principal('shared', { person: null }),
  principal('maria-bot', { kind: 'bot', person: 'maria' }),
  principal('ops-bot', { kind: 'bot', person: null, members: ['maria', 'omar'] }),
  principal('revops', { kind: 'group', person: null, members: ['maria', 'omar'] }),
  principal('agent-1', { kind: 'agent', person: null, roles: [] }),
];
