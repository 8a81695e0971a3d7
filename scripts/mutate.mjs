/**
 * `npm run test:mutation [-- merge|editor|matching|undo|calendar|sla|assign|approval] [--every N] [--json FILE]`: changes the merge, the document editor, the undo planner,
 * calendars, SLA clocks, assignment and the approval policy in thousands of small ways, each in a copy, and counts how many of the changes a test notices. Fails
 * below 80 %. `--every 6` takes a sample: what can be changed in every sixth line. Stryker is fetched into the copy, so that nobody else has to install it; one worker.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { bootstrap, ROOT, toolEnvironment } from './bootstrap.mjs';

const STRYKER = '10.1.1';
const LEAST_PERCENT = 80;
/** What is mutated: the merge with what it is made of, all that writes the plan's file, what says which row is whose, the undo, business time, the SLA machine, who gets a lead, the policy. */
const area = (folder, names, tests = '**/*') => ({
  files: names.map((name) => `packages/domain/src/${folder}/${name}.ts`),
  tests: `packages/domain/src/${folder}/${tests}.{test,test-prop}.ts`,
});
const AREAS = {
  merge: area('backlog', [
    'clip',
    'depth',
    'graph',
    'merge',
    'owed',
    'owner',
    'ownership',
    'set-merge',
    'text-diff',
    'text-merge',
    'value',
  ]),
  editor: area('plan', ['changes', 'draft', 'edit', 'insertion', 'splice', 'text-codec', 'verify']),
  matching: area('plan', ['identify', 'matching', 'unfinished']),
  undo: area('crm', ['field-history', 'field-undo', 'inverse', 'overlooked', 'probe', 'undo', 'value']),
  // By its own tests alone: the simulated teams pass through every line of it, and take half a minute for each change.
  calendar: area('routing', ['business-time', 'calendar', 'zone'], '{business-time,calendar,zone}'),
  sla: area('routing', ['clock', 'clock-start', 'rebase', 'remaining', 'sla', 'sla-hours', 'sla-plan', 'sla-table']),
  assign: area('routing', ['assign', 'decide', 'rational', 'roster', 'territory']),
  approval: area('crm', ['approval', 'policy-change', 'sensitivity']),
};

const args = process.argv.slice(2);
const valueOf = (name) => (args.includes(name) ? args.splice(args.indexOf(name), 2)[1] : null);
const jsonFile = valueOf('--json');
/** A sample: what can be changed in every so many-th line of each file. */
const every = Number(valueOf('--every') ?? 1);
if (!(every >= 1)) throw new RangeError('--every: expected a whole number from 1');
const named = args.length === 0 ? Object.keys(AREAS) : args;
const unknown = named.find((name) => AREAS[name] === undefined);
if (unknown !== undefined) {
  process.stderr.write(`test:mutation: expected ${Object.keys(AREAS).join(' or ')}, got ${unknown}\n`);
  process.exit(2);
}

await bootstrap();
const folder = mkdtempSync(join(tmpdir(), 'lockstep-mutation-'));
const run = (command, commandArgs, extra = {}) =>
  spawnSync(command, commandArgs, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], env: { ...toolEnvironment(), ...extra } })
    .status === 0;
try {
  makeCopy();
  if (!run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'])) throw new Error(`npm install in ${folder}: it failed`);
  const areas = Object.fromEntries(named.map((name) => [name, measure(name)]));
  const report = { stryker: STRYKER, leastPercent: LEAST_PERCENT, everyLine: every, areas };
  if (jsonFile !== null) writeFileSync(resolve(jsonFile), `${JSON.stringify(report, null, 2)}\n`);
  for (const [name, { percent, killed, mutants }] of Object.entries(areas))
    process.stdout.write(`${name}: ${killed} of ${mutants} mutants killed, ${percent.toFixed(1)} % (at least ${LEAST_PERCENT} %)\n`);
  process.exitCode = Object.values(areas).every(({ percent }) => percent >= LEAST_PERCENT) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The domain alone, with its tests and tools of the versions that are installed here. */
function makeCopy() {
  cpSync(join(ROOT, 'packages/domain'), join(folder, 'packages/domain'), {
    recursive: true,
    filter: (path) => basename(path) !== 'node_modules' && basename(path) !== '.turbo',
  });
  copyFileSync(join(ROOT, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  copyFileSync(join(ROOT, 'scripts/mutation/tests.ts'), join(folder, 'vitest.config.ts'));
  copyFileSync(join(ROOT, 'scripts/mutation/few-runs.ts'), join(folder, 'few-runs.ts'));
  const installed = (name) => JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'packages/domain/package.json'), 'utf8'));
  const ours = [...Object.keys(dependencies), 'vitest', 'fast-check'].map((name) => [name, installed(name)]);
  const stryker = ['core', 'vitest-runner'].map((name) => [`@stryker-mutator/${name}`, STRYKER]);
  const manifest = { name: 'lockstep-mutation', private: true, type: 'module', dependencies: Object.fromEntries([...ours, ...stryker]) };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
}

/** The file, or the lines of it that are in the sample. */
function linesOf(file) {
  if (every === 1) return [file];
  const count = readFileSync(join(folder, file), 'utf8').split('\n').length;
  return Array.from({ length: Math.floor(count / every) }, (_, index) => `${file}:${(index + 1) * every}-${(index + 1) * every}`);
}

/** One run over one area. Mutants that do not compile or that loop for ever count as Stryker counts them: not at all, and as killed. */
function measure(name) {
  const config = {
    testRunner: 'vitest',
    vitest: { configFile: 'vitest.config.ts' },
    mutate: AREAS[name].files.flatMap(linesOf),
    concurrency: 1,
    coverageAnalysis: 'perTest',
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: `${name}.json` },
    inPlace: true,
    disableTypeChecks: false,
    timeoutMS: 10_000,
    checkers: [],
  };
  writeFileSync(join(folder, `${name}.stryker.json`), JSON.stringify(config));
  const ran = run('npx', ['--no-install', 'stryker', 'run', `${name}.stryker.json`], { LOCKSTEP_MUTATION_TESTS: AREAS[name].tests });
  if (!ran) throw new Error(`stryker, ${name}: it failed`);
  const { files } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  const perFile = Object.entries(files).map(([file, { source, mutants }]) => [file, tally(source, mutants)]);
  const mutants = perFile.reduce((sum, [, { mutants: count }]) => sum + count, 0);
  const killed = perFile.reduce((sum, [, { killed: count }]) => sum + count, 0);
  return { mutants, killed, percent: (100 * killed) / mutants, files: Object.fromEntries(perFile) };
}

function tally(source, mutants) {
  const lines = source.split('\n');
  const counted = mutants.filter(({ status }) => ['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(status));
  const survivors = counted
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ location, mutatorName, replacement }) => ({
      line: location.start.line,
      mutator: mutatorName,
      code: lines[location.start.line - 1].trim(),
      replacement,
    }));
  const timeouts = counted.filter(({ status }) => status === 'Timeout').length;
  return { mutants: counted.length, killed: counted.length - survivors.length, timeouts, survivors };
}
