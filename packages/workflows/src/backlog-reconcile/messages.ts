export interface BacklogReconcileInput {
  readonly workspaceId: string;
  readonly connectionId: string;
}
