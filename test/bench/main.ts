/** `npm run bench`: the figures of the sync, measured on the reader's own machine. */
import { runBareLoop } from './bare.ts';
import { measureEdits } from './edits.ts';
import { measureFirstLoad } from './first-load.ts';
import { measureFlood } from './flood.ts';
import { generateItems } from './generated-plan.ts';
import { readOptions } from './options.ts';
import type { BenchOptions } from './options.ts';
import { memoryOf } from './processes.ts';
import { measureReconcile } from './reconcile.ts';
import { recordBench } from './record.ts';
import { openStage } from './stage.ts';
import { atMost, row } from './table.ts';
import type { Row } from './table.ts';

const MIB = 1024 * 1024;
/** The shipped default, which the stage keeps. */
const POLL_INTERVAL_MS = 30_000;

const options = readOptions(process.argv.slice(2));
if ('message' in options) {
  process.stdout.write(options.message);
  process.exitCode = options.exitCode;
} else {
  await bench(options);
}

async function bench({ items, json, edits, profile }: BenchOptions): Promise<void> {
  const startedMs = Date.now();
  let shown = '';
  const say = (line: string): void => {
    if (line === shown) return;
    shown = line;
    process.stderr.write(`[${((Date.now() - startedMs) / 1_000).toFixed(0).padStart(4)} s] ${line}\n`);
  };
  let missed = false;
  await recordBench({ json, profile }, async (place) => {
    const generated = generateItems(items);
    say('the bare loop');
    const bare = await runBareLoop(place, items);
    say(`the bare loop took ${bare.all.toFixed(1)} s; starting Lockstep`);
    const stage = await openStage(place);
    const load = await measureFirstLoad(stage, generated, bare, say);
    const rows: Row[] = [...load.rows];
    const sayMemory = (): void =>
      say(`memory of the worker so far: at most ${Math.round(memoryOf(stage.worker.service.pid).mostBytes / MIB)} MiB`);
    sayMemory();
    say('a reconciliation that finds nothing');
    rows.push(...(await measureReconcile(stage, items)));
    const edited = await measureEdits(stage, edits, POLL_INTERVAL_MS, say);
    rows.push(...edited.rows);
    sayMemory();
    say('10,000 webhooks in 10 seconds');
    rows.push(...(await measureFlood(stage, say)));
    const { mostBytes } = memoryOf(stage.worker.service.pid);
    rows.push(row('memory of the worker, at most', mostBytes / MIB, 'MiB', { goal: atMost(items > 10_000 ? 2_048 : 600, 'MiB') }));
    missed = rows.some(({ ok }) => ok === false);
    const { calls, floors, seconds } = load;
    const details = { firstLoad: { calls, floors, seconds }, edits: { calls: edited.calls, latenciesMs: edited.latenciesMs } };
    return { rows, of: { items }, details };
  });
  if (missed) process.stdout.write('\nFigures that missed their goal: docs/bench/sync.md says what limits them.\n');
}
