/** `lockstep audit`: the audit log as a file, and whether a file is what was signed. */
import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { auditVerifier, checkpointLine, exportedLine } from '@lockstep/api/audit-verification.ts';
import type { AuditPage } from '@lockstep/api/audit-schemas.ts';
import type { AuditReport } from '@lockstep/api/audit-verification.ts';
import type { Command } from 'commander';
import { checkpointsOf, linesOf, signaturesBy } from '../audit-file.ts';
import { auditText } from '../audit-text.ts';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { perform } from '../session.ts';

const LINES_PER_WRITE = 1_000;

/** Adds the commands. */
export function addAudit(program: Command): void {
  const audit = program.command('audit').description('The audit log: who did what, by whose leave, and proof that nobody has changed it');
  addAuditExport(audit);
  addAuditVerify(audit);
}

function addAuditExport(audit: Command): void {
  audit
    .command('export')
    .description('Write the whole log to a file, one entry a line')
    .argument('<file>', 'where to; what is there already stays')
    .option('--checkpoints <file>', "also write the store's checkpoints, for an audit on the same day; another day's are the witness's")
    .action(async (file: string, options: { checkpoints?: string }, command: Command) =>
      perform(command, async ({ api }) => {
        const entries = await written(file, exportedLines(api().auditPages()));
        const checkpoints =
          options.checkpoints === undefined ? null : await written(options.checkpoints, lined(api().auditCheckpoints(), checkpointLine));
        const also = checkpoints === null ? '' : `, and ${checkpoints} checkpoints to ${options.checkpoints}`;
        return { json: { file, entries, checkpoints }, text: `${entries} entries written to ${file}${also}` };
      }),
    );
}

function addAuditVerify(audit: Command): void {
  audit
    .command('verify')
    .description('Verify an exported log: needs no worker, no network and no database')
    .argument('<file>', 'an export')
    .option('--checkpoints <file...>', "checkpoints to hold it against: the witness's, another auditor's; may be given several times")
    .option('--key <file>', 'public keys, id:base64 a line (audit/public-keys beside the witness): checks who signed')
    .addHelpText(
      'after',
      `
Finds and names a flipped bit, entries left out, put in or moved, a tail cut off, a log rewritten, and two histories of one log.
Ends in 0 where it is verified, in 6 where it is not.

Examples:
  $ lockstep audit export log.jsonl
  $ lockstep audit verify log.jsonl --checkpoints .lockstep/audit/checkpoints.jsonl --key .lockstep/audit/public-keys`,
    )
    .action(async (file: string, options: { checkpoints?: string[]; key?: string }, command: Command) =>
      perform(command, async () => {
        const report = await verified(file, options.checkpoints ?? [], options.key);
        return { json: report, text: auditText(file, report), exitCode: report.ok ? EXIT.ok : EXIT.notVerified };
      }),
    );
}

async function verified(file: string, checkpointFiles: readonly string[], keyFile: string | undefined): Promise<AuditReport> {
  const { checkpoints, strangers } = await checkpointsOf(checkpointFiles);
  const verifier = auditVerifier({
    checkpoints,
    verdictOf: keyFile === undefined ? () => 'unchecked' : await signaturesBy(keyFile),
    signatures: keyFile === undefined ? 'unchecked' : 'checked',
  });
  for await (const { text, isText } of linesOf(file)) verifier.line(text, isText);
  const report = verifier.end();
  const findings = strangers.map((place) => ({
    kind: 'checkpoint' as const,
    from: null,
    to: null,
    message: `${place}: expected a checkpoint, got another line`,
  }));
  return { ...report, ok: report.ok && findings.length === 0, findings: [...findings, ...report.findings] };
}

async function* exportedLines(pages: AsyncGenerator<AuditPage>): AsyncGenerator<string> {
  for await (const { entries } of pages) for (const { canonical, leaf } of entries) yield exportedLine(canonical, leaf);
}

async function* lined<T>(values: AsyncGenerator<T>, print: (value: T) => string): AsyncGenerator<string> {
  for await (const value of values) yield print(value);
}

/** Writes a file that was not there before, whole or not at all; how many lines. */
async function written(file: string, lines: AsyncGenerator<string>): Promise<number> {
  const handle = await opened(file);
  let count = 0;
  try {
    let block: string[] = [];
    for await (const line of lines) {
      count += 1;
      block.push(`${line}\n`);
      if (block.length < LINES_PER_WRITE) continue;
      await handle.appendFile(block.join(''));
      block = [];
    }
    await handle.appendFile(block.join(''));
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return count;
}

async function opened(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(EXIT.failed, 'unwritable', `${file}: expected to make a new file there, got: ${cause}`);
  }
}
