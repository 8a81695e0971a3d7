/**
 * `npm test`: every test but the contract suite, and beside them formatting, lint, types and unused code. Needs nothing running and nothing installed before.
 * `npm test -- packages/store` runs only the tests whose path matches. `--long` (`npm run test:long`) plays the random histories in their full numbers
 * and what takes minutes each (`*.test-long.ts`); LOCKSTEP_SEED plays certain ones again, LOCKSTEP_REAL_HISTORIES, LOCKSTEP_CHANGE_SET_HISTORIES and
 * LOCKSTEP_LATE_LEADS fewer of the slow ones.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, ROOT, toolEnvironment } from './bootstrap.mjs';

const args = process.argv.slice(2);
const isContract = args[0] === '--contract';
const isLong = args[0] === '--long';
const filters = isContract || isLong ? args.slice(1) : args;

const realHistories = process.env.LOCKSTEP_REAL_HISTORIES ?? '5000';
const changeSetHistories = process.env.LOCKSTEP_CHANGE_SET_HISTORIES ?? '5000';

await bootstrap();
const environment = {
  ...toolEnvironment(),
  ...(isLong
    ? {
        LOCKSTEP_HISTORIES: '100000',
        LOCKSTEP_REAL_HISTORIES: realHistories,
        LOCKSTEP_CHANGE_SET_HISTORIES: changeSetHistories,
        LOCKSTEP_LATE_LEADS: process.env.LOCKSTEP_LATE_LEADS ?? '1000',
        LOCKSTEP_LONG: '1',
      }
    : {}),
};
/** Resolves with whether it succeeded, and what it said where that was not to be shown at once. */
const run = (command, commandArgs, { isShown = true } = {}) =>
  new Promise((done) => {
    const stdio = ['ignore', ...(isShown ? ['inherit', 'inherit'] : ['pipe', 'pipe'])];
    const child = spawn(command, commandArgs, { cwd: ROOT, stdio, env: environment });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (said += text));
    child.once('error', (error) => done({ passed: false, said: String(error) }));
    child.once('close', (code) => done({ passed: code === 0, said }));
  });

const checks = [
  { name: 'formatting', command: 'oxfmt', args: ['--check', '.'], remedy: 'run `npm run format`' },
  // In one pass: rules that know types have read every project as its tsconfig says, and what TypeScript itself finds is there then.
  {
    name: 'lint and types',
    command: 'oxlint',
    args: ['--type-aware', '--type-check', '--deny-warnings', '.'],
    remedy: 'mend what it names',
  },
  { name: 'unused code', command: 'knip', args: ['--no-progress'], remedy: 'delete it, or use it' },
  { name: 'specifications', command: 'node', args: ['scripts/specs.ts', '--check'], remedy: 'run `node scripts/specs.ts`' },
];

const failed = [];

/** One after the other, beside the tests, which leave a tenth of two processors idle. What fails is told at once, what passes at the end. */
async function check() {
  const passed = [];
  for (const { name, command, args: commandArgs, remedy } of checks) {
    const ran = await run(command, commandArgs, { isShown: false });
    if (ran.passed) passed.push(name);
    else {
      failed.push(`${name} (${remedy})`);
      process.stdout.write(`\n— ${name}: failed\n${ran.said}\n`);
    }
  }
  return passed;
}

const isWhole = !isContract && !isLong && filters.length === 0;
const checking = isWhole ? check() : Promise.resolve([]);

process.stdout.write(`\n— tests\n`);
const folder = mkdtempSync(join(tmpdir(), 'lockstep-report-'));
const report = join(folder, 'report.json');
const project = isContract ? 'contract' : 'main';
const longFilter = isLong ? ['--testTimeout=10800000', 'test-prop', 'test-long'] : [];
await run('vitest', [
  'run',
  '--project',
  project,
  '--reporter=default',
  '--reporter=json',
  `--outputFile=${report}`,
  ...longFilter,
  ...filters,
]);
const passedChecks = await checking;
const { numPassedTests, numFailedTests, success } = outcome(report);
rmSync(folder, { recursive: true, force: true });
if (!success) failed.push('tests');

if (passedChecks.length > 0) process.stdout.write(`\nchecks passed: ${passedChecks.join(', ')}\n`);
process.stdout.write(`\n${numPassedTests} passed, ${numFailedTests + failed.length} failed\n`);
if (failed.length > 0) process.stdout.write(`failed: ${failed.join('; ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** What vitest counted; a report that is missing is a failure. */
function outcome(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, success: false };
  }
}
