/** What a verification has come to, for people. */
import type { AuditReport } from '@lockstep/api/audit-verification.ts';
import { counted } from './output.ts';

/** The report, the finding that comes first at the top. */
export function auditText(file: string, report: AuditReport): string {
  const { checkpoints, provenTo, entries, findings, more, root } = report;
  const unproven = Math.max(0, entries - provenTo);
  return [
    `${file}: ${countedEntries(entries)}${root === null ? '' : `, root ${root}`}`,
    ...(checkpoints.given === 0
      ? ['  no checkpoints given: damage is found, a tail that was cut off or a log that was rewritten as a whole is not']
      : [
          `  ${checkpoints.matching} of ${counted(checkpoints.given, 'checkpoint')} ${checkpoints.matching === 1 ? 'matches' : 'match'}: the first ${countedEntries(provenTo)} are those that were signed` +
            (unproven === 0 ? '' : `; ${unproven} beyond them are vouched for by none`),
          report.signatures === 'checked' ? '  signatures are checked' : '  signatures are not checked: name the public keys with --key',
        ]),
    ...findings.map(({ kind, message }) => `  ${kind}: ${message}`),
    ...(more === 0 ? [] : [`  and ${more} more`]),
    report.ok ? 'verified' : 'NOT VERIFIED',
  ].join('\n');
}

function countedEntries(count: number): string {
  return `${count} ${count === 1 ? 'entry' : 'entries'}`;
}
