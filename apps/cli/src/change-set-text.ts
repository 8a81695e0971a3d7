/** Change sets for people: what is written, what can be taken back, who must say yes, and what a rollback leaves alone. */
import type { ApiChangeSet, ChangeSetDetail, DiffRow, SkippedField } from '@lockstep/api/change-set-schemas.ts';
import { columns, counted, shortened, visible } from './output.ts';
import type { Output } from './output.ts';

const MOST_VALUE = 60;

const CLASSES: Readonly<Record<DiffRow['reversibility'], string>> = {
  A: 'A exact',
  B: 'B exact, with residue',
  C: 'C compensable only',
  D: 'D cannot be undone',
};

const ENDS: Readonly<Record<NonNullable<ApiChangeSet['end']>, readonly ['green' | 'yellow' | 'red', string]>> = {
  committed: ['green', 'committed'],
  'rolled-back': ['yellow', 'rolled back: nothing of it is left'],
  'rolled-back-with-residue': ['yellow', 'rolled back, with a residue that is named below'],
  'needs-operator': ['red', 'needs an operator: what is below could not be taken back, and its records stay reserved'],
};

/** One set, with the part of its diff that the answer holds. */
export function detailText(detail: ChangeSetDetail, output: Output): string {
  const { set, verdict, approvals, counts, skipped, rows, next } = detail;
  const lines = [
    `${output.paint('bold', `${set.kind} ${set.changeSetId}`)}: ${counted(set.steps, 'step')}, asked for by ${visible(set.requestedBy)}`,
    `  ${visible(shortened(set.reason, MOST_VALUE * 2))}`,
    `  ${standing(set, output)}`,
    ...(verdict === null ? [] : [`  policy ${set.policyVersion ?? 'none'}: ${verdictText(verdict)}`]),
    ...approvals.map(
      ({ approver, decision, at, voidedAt }) =>
        `  ${decision === 'approve' ? 'approved' : 'rejected'} by ${visible(approver)} at ${at}${voidedAt === null ? '' : `, void since ${voidedAt}`}`,
    ),
    `  ${Object.entries(counts)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ')}`,
    '',
    ...rows.flatMap((row) => rowLines(row, output)),
  ];
  if (next !== null) lines.push(`  … and ${set.steps - next} more; \`lockstep crm show ${set.changeSetId} --from ${next}\``);
  if (skipped.length > 0) lines.push('', `${counted(skipped.length, 'field')} left alone:`, ...skipped.flatMap(skippedLines));
  return lines.join('\n');
}

function standing(set: ApiChangeSet, output: Output): string {
  if (set.end === null) return `${set.state}${set.approvalExpiresAt === null ? '' : `, approvals count until ${set.approvalExpiresAt}`}`;
  const [style, words] = ENDS[set.end];
  return output.paint(style, words) + (set.cause === null ? '' : ` (${set.cause})`);
}

/** What policy wants before anything is written. */
export function verdictText({ decision, approvers, reasons }: NonNullable<ChangeSetDetail['verdict']>): string {
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
  if (decision === 'deny') return `denied${why}`;
  if (decision === 'go') return `no approval needed${why}`;
  return `${approvers === 1 ? 'one person' : `${approvers} different people`} must approve, not the one who asked${why}`;
}

function rowLines(row: DiffRow, output: Output): readonly string[] {
  const record = row.recordId === null ? 'a new one' : visible(row.recordId);
  const state = row.state === 'planned' ? '' : ` · ${row.state}`;
  return [
    `  ${row.ordinal + 1}. ${row.operation} ${row.object} ${record} in ${row.connectionId} · ${output.paint('dim', CLASSES[row.reversibility])}${state}`,
    ...row.changes.map(({ field, before, after }) => `      ${visible(field)}: ${crmText(before)} → ${crmText(after)}`),
    ...(row.finding === null ? [] : [`      ${output.paint('yellow', row.finding.code)}: ${visible(row.finding.message)}`]),
  ];
}

function skippedLines(one: SkippedField): readonly string[] {
  const who = one.by === null ? 'somebody' : visible(one.by);
  const what = one.field === null ? '' : ` ${visible(one.field)}`;
  return [
    `  ${one.code} ${one.object} ${one.recordId === null ? '' : visible(one.recordId)}${what}: ${visible(one.message)}`,
    ...(one.field === null
      ? []
      : [
          `      before ${crmText(one.before)}, ours ${crmText(one.ours)}, now ${crmText(one.now)} (${who}${one.at === null ? '' : `, ${one.at}`})`,
        ]),
  ];
}

/** Sets in columns. */
export function setsText(sets: readonly ApiChangeSet[]): string {
  if (sets.length === 0) return 'No change sets.';
  return columns(
    ['change set', 'kind', 'steps', 'asked for by', 'at', 'stands'],
    sets.map((set) => [set.changeSetId, set.kind, String(set.steps), visible(set.requestedBy), set.requestedAt, set.end ?? set.state]),
  );
}

function crmText(value: string | number | boolean | null): string {
  return value === null || value === '' ? '(empty)' : visible(shortened(String(value), MOST_VALUE));
}
