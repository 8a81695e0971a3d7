/** `lockstep backup` and `lockstep restore`: everything in the store, as of one instant. */
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { counted } from '../output.ts';
import type { Output } from '../output.ts';
import { perform } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { environmentOf, runProgram } from '../worker-program.ts';

/** As the worker's program tells it. */
interface Summary {
  readonly folder: string;
  readonly takenAt: string;
  /** Name of the last migration. */
  readonly version: string;
  readonly workspaces: readonly { readonly workspaceId: string; readonly deployment: string | null }[];
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly migrated: readonly string[];
}

type Line =
  | { readonly table: { readonly name: string; readonly rows: number; readonly bytes: number } }
  | { readonly done: Summary }
  | { readonly failed: { readonly code: 'refused' | 'damaged' | 'failed'; readonly message: string } };

/** Adds both commands. */
export function addBackup(program: Command): void {
  program
    .command('backup')
    .description('Write everything in the store, as of one instant, into a folder')
    .argument('<folder>', 'an empty folder, or one that is not there yet')
    .addHelpText(
      'after',
      `
One snapshot of every table, with rows and SHA-256 of each in manifest.json; workers go on meanwhile. The database comes from DATABASE_URL, or from the data
directory of a running \`npm start\`. What is in it is people's data in the clear: keep it as you keep the database.
Not in it: the payload keys, the configuration, the witness of the audit log. Keep these too, elsewhere (docs/runbooks/backup.md).

Examples:
  $ lockstep backup backups/2026-11-29
  $ lockstep backup backups/2026-11-29 --json | jq '.rows'`,
    )
    .action(async (folder: string, _options: object, command: Command) =>
      perform(command, async ({ output }) => {
        const done = await ran(['backup', folder], command, output);
        return { json: done, text: `${toldOf(done)}\nIt counts with the payload keys and the configuration: keep these too, elsewhere.` };
      }),
    );
  program
    .command('restore')
    .description('Verify a backup and its place; with --run, restore it into an empty database')
    .argument('<folder>', 'a folder that `lockstep backup` has written')
    .option('--run', 'restore it; without, nothing is written', false)
    .addHelpText(
      'after',
      `
The place is the database of DATABASE_URL, in which nothing of Lockstep may be. The deployment that the backup is of must never run again: two stores
would write to the same tools, and no lease can see both. A backup of an older Lockstep is brought up to date; one of a newer is refused.
Ends in 5 where place or version is refused, in 6 where the backup is not what was written.

Examples:
  $ DATABASE_URL=postgresql://db.example/lockstep2 lockstep restore backups/2026-11-29
  $ DATABASE_URL=postgresql://db.example/lockstep2 lockstep restore backups/2026-11-29 --run`,
    )
    .action(async (folder: string, { run }: { readonly run: boolean }, command: Command) =>
      perform(command, async ({ output }) => {
        const done = await ran([run ? 'restore' : 'verify', folder], command, output);
        return { json: { ...done, restored: run }, text: [toldOf(done), ...(run ? afterRun(done) : beforeRun(done, folder))].join('\n') };
      }),
    );
}

async function ran(args: readonly string[], command: Command, output: Output): Promise<Summary> {
  const { data } = command.optsWithGlobals<GlobalOptions>();
  const ends: { done?: Summary; failed?: Extract<Line, { failed: unknown }>['failed'] } = {};
  const run = { program: 'backup-program.ts', arguments: args, environment: environmentOf(data) };
  const complaint = await runProgram(run, (printed) => {
    const line = printed as Line;
    if ('table' in line) output.note(`${line.table.name}: ${counted(line.table.rows, 'row')}`);
    else Object.assign(ends, line);
  });
  const { done, failed = { code: 'failed' as const, message: `expected an end, got none:\n${complaint}` } } = ends;
  if (done !== undefined) return done;
  const exitCode = { refused: EXIT.refused, damaged: EXIT.notVerified, failed: EXIT.failed }[failed.code];
  throw new CommandFailure(exitCode, failed.code, failed.message);
}

const MIB = 1024 * 1024;

function toldOf({ folder, takenAt, version, tables, rows, bytes }: Summary): string {
  return `${folder}: ${counted(tables, 'table')}, ${counted(rows, 'row')}, ${(bytes / MIB).toFixed(1)} MiB, as of ${takenAt} (${version})`;
}

function beforeRun({ workspaces }: Summary, folder: string): readonly string[] {
  const atWork = workspaces.flatMap(({ workspaceId, deployment }) =>
    deployment === null ? [] : [`  ${deployment} was at work on workspace ${workspaceId} when it was taken`],
  );
  return [
    'The backup is whole, and the database is empty. Nothing was written.',
    ...(atWork.length === 0 ? [] : ['Stop for good, before a worker starts on the restored store:', ...atWork]),
    `Restore it with \`lockstep restore ${folder} --run\``,
  ];
}

function afterRun({ migrated }: Summary): readonly string[] {
  return [
    `Restored${migrated.length === 0 ? '' : `, and brought up to date by ${migrated.join(', ')}`}.`,
    'What was owed counts as perhaps sent: it is looked for by its mark before it is sent again.',
  ];
}
