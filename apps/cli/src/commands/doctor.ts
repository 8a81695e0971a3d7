/** `lockstep doctor`: credentials, scopes and mapping of every connection. */
import type { Finding } from '@lockstep/api/schemas.ts';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { counted, visible } from '../output.ts';
import type { Output } from '../output.ts';
import { perform } from '../session.ts';

/** Adds the command. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description("Check every connection's credentials, scopes and mapping, and say what to fix")
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep doctor
  $ lockstep doctor --json | jq '.findings[] | select(.level == "error")'

Exit code 1 if anything is found that keeps a connection from working; warnings do not count.`,
    )
    .action(async (_: unknown, command: Command) =>
      perform(command, async ({ api, output }) => {
        const findings = await api().doctor();
        const failed = findings.some((finding) => finding.level === 'error');
        return { json: { findings }, text: doctorText(findings, output), exitCode: failed ? EXIT.failed : EXIT.ok };
      }),
    );
}

const MARK = { ok: ['green', 'ok     '], warning: ['yellow', 'warning'], error: ['red', 'error  '] } as const;

function doctorText(findings: readonly Finding[], output: Output): string {
  const lines: string[] = [];
  for (const connectionId of new Set(findings.map((finding) => finding.connectionId))) {
    lines.push(connectionId);
    for (const { level, subject, message, remedy } of findings.filter((finding) => finding.connectionId === connectionId)) {
      const [style, word] = MARK[level];
      lines.push(`  ${output.paint(style, word)}  ${visible(subject)}: ${visible(message)}`);
      if (remedy !== null && level !== 'ok') lines.push(`           → ${visible(remedy)}`);
    }
  }
  const errors = findings.filter((finding) => finding.level === 'error').length;
  const warnings = findings.filter((finding) => finding.level === 'warning').length;
  return [...lines, '', `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`].join('\n');
}
