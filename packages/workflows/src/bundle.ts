/** The sandbox's entry: every workflow type, and nothing else. Names here are forever (contracts.ts). */
export { backlogReconcile } from './backlog-reconcile/workflow.ts';
export { backlogSync } from './backlog-sync/workflow.ts';
export { changeSet } from './change-set/workflow.ts';
export { pqlRouting } from './pql-routing/workflow.ts';
export { replay } from './replay/workflow.ts';
