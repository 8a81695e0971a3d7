/** What a verification of the audit log comes to. */

/**
 * `unreadable` is no entry · `altered` its text is not the one of its leaf · `missing` · `inserted` a second one with its number · `reordered` ·
 * `foreign` of another workspace · `truncated` a checkpoint has more · `rewritten` the entries are not those that were signed · `forked` two signed
 * histories · `signature` a checkpoint that no known key has signed · `checkpoint` a line that is no checkpoint.
 */
export type FindingKind =
  | 'unreadable'
  | 'altered'
  | 'missing'
  | 'inserted'
  | 'reordered'
  | 'foreign'
  | 'truncated'
  | 'rewritten'
  | 'forked'
  | 'signature'
  | 'checkpoint';

export interface AuditFinding {
  readonly kind: FindingKind;
  /** Entries that it is about, both ends included; the places that they should have. Of checkpoints null. */
  readonly from: number | null;
  readonly to: number | null;
  /** Where, expected, got. */
  readonly message: string;
}

export interface AuditReport {
  readonly ok: boolean;
  readonly entries: number;
  /** Of the entries as they are, lower-case hex; null where their order is broken. */
  readonly root: string | null;
  /** Entries below it are those that were signed; 0 where no checkpoint says so. */
  readonly provenTo: number;
  readonly checkpoints: { readonly given: number; readonly matching: number };
  readonly signatures: 'checked' | 'unchecked';
  /** At most `MOST_FINDINGS`; by place. */
  readonly findings: readonly AuditFinding[];
  /** Findings beyond those. */
  readonly more: number;
}

/** A log that is wrong everywhere is wrong after this many. */
export const MOST_FINDINGS = 100;
