import { expect, test } from 'vitest';
import { backlogSyncId, changeSetWorkflowId, pqlWorkflowId, reconcileId } from '../contracts.ts';
import { ownPrefixes, subjectOf } from './subjects.ts';

test.each([
  [backlogSyncId('acme', 'jira'), 'backlogSync', { kind: 'connection', id: 'jira' }],
  [reconcileId('acme', 'jira'), 'backlogReconcile', { kind: 'connection', id: 'jira' }],
  [`${reconcileId('acme', 'jira-2026')}-2026-11-29T02:17:00Z`, 'backlogReconcile', { kind: 'connection', id: 'jira-2026' }],
  [changeSetWorkflowId('acme', 'cs-01j/again'), 'changeSet', { kind: 'change-set', id: 'cs-01j/again' }],
  [pqlWorkflowId('acme', '9f86d081'), 'pqlRouting', { kind: 'account', id: '9f86d081' }],
])('%s is of the workspace', (workflowId, type, subject) => {
  expect(subjectOf('acme', workflowId)).toEqual({ type, subject });
  expect(ownPrefixes('acme').filter((prefix) => workflowId.startsWith(prefix))).toHaveLength(1);
});

test.each(['sync/acme-2/jira', 'sync/acm/jira', 'sync/acme/', 'replay/acme/rp-1', 'nightly/acme/jira', 'jira', '', 'x/sync/acme/jira'])(
  '%s is not of the workspace, or is not replayed',
  (workflowId) => {
    expect(subjectOf('acme', workflowId)).toBeNull();
  },
);
