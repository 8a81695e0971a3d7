/** Which workflows are a workspace's own, by their ids: what a replay may touch, and what they work on. Pure. */
import type { ReplayableType, Subject } from '@lockstep/domain/replay/replay.ts';
import { backlogSyncId, changeSetWorkflowId, pqlWorkflowId, reconcileId } from '../contracts.ts';

const KINDS: readonly {
  readonly type: ReplayableType;
  readonly kind: Subject['kind'];
  readonly idOf: (workspaceId: string, id: string) => string;
}[] = [
  { type: 'backlogSync', kind: 'connection', idOf: backlogSyncId },
  { type: 'backlogReconcile', kind: 'connection', idOf: reconcileId },
  { type: 'changeSet', kind: 'change-set', idOf: changeSetWorkflowId },
  { type: 'pqlRouting', kind: 'account', idOf: pqlWorkflowId },
];

/** What the beginnings of a workspace's workflow ids are. */
export function ownPrefixes(workspaceId: string): readonly string[] {
  return KINDS.map(({ idOf }) => idOf(workspaceId, ''));
}

/**
 * What a workflow of this workspace works on; null for one of another workspace, and for one that is not replayed. A schedule adds an instant to the id
 * of a reconciliation, which is no part of the connection's.
 */
export function subjectOf(workspaceId: string, workflowId: string): { readonly type: ReplayableType; readonly subject: Subject } | null {
  for (const { type, kind, idOf } of KINDS) {
    const prefix = idOf(workspaceId, '');
    const rest = workflowId.slice(prefix.length);
    if (!workflowId.startsWith(prefix) || rest === '') continue;
    const id = type === 'backlogReconcile' ? rest.replace(/-\d{4}-\d\d-\d\dT[\d:]+Z$/, '') : rest;
    return { type, subject: { kind, id } };
  }
  return null;
}
