/**
 * The verifier of the audit log, for programs that may know the API and nothing else of ours. It is pure: it needs no worker, no network and no database.
 */
export { checkpointLine, checkpointText, readCheckpoint } from '@lockstep/domain/audit/checkpoint.ts';
export { exportedLine } from '@lockstep/domain/audit/entry-text.ts';
export { auditVerifier } from '@lockstep/domain/audit/verify.ts';
export type { SignatureVerdict } from '@lockstep/domain/audit/anchors.ts';
export type { SignedCheckpoint } from '@lockstep/domain/audit/audit.port.ts';
export type { AuditReport } from '@lockstep/domain/audit/report.ts';
