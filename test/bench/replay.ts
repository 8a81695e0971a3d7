/** `npm run bench -- replay`: workflows put back in a second, beside the same resets sent bare, and past decisions decided again in a second. */
import { parseArgs } from 'node:util';
import { measureDecisions } from './past-decisions.ts';
import { recordBench } from './record.ts';
import { measureReplays } from './replayed-workflows.ts';

const HELP = `npm run bench -- replay [--workflows N] [--decisions N] [--json FILE]

  replay run: starts PostgreSQL and Temporal, lets N change sets fail (default 1000) and puts them back by one replay: its plan, its workflow, its
  records and its audit entries. Beside it, in the same run, N others are reset straight from a client, as many at a time.
  replay decide: decides N past decisions (default 200000) of the example's policy and roster again: once by the documents of then, held against
  what is stored, and once by a policy with one rule less. Prints what 1,000,000 take at this rate.

  --workflows N  20 to 5000
  --decisions N  1000 to 1000000
  --json FILE    write the record { rows: [{ name, value, unit, floor, ratio, goal, ok }] } to this file
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workflows: { type: 'string', default: '1000' },
    decisions: { type: 'string', default: '200000' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [workflows, decisions] = [Number(values.workflows), Number(values.decisions)];
const isWithin = (value: number, least: number, most: number): boolean => Number.isInteger(value) && value >= least && value <= most;
if (values.help) process.stdout.write(HELP);
else if (positionals.join(' ') !== 'replay' || !isWithin(workflows, 20, 5_000) || !isWithin(decisions, 1_000, 1_000_000)) {
  process.stdout.write(`bench: expected "replay", --workflows from 20 to 5000 and --decisions from 1000 to 1000000\n\n${HELP}`);
  process.exitCode = 2;
} else await bench();

async function bench(): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  await recordBench(values, async (place) => ({
    rows: [...(await measureReplays(place, workflows, say)), ...measureDecisions(decisions)],
    of: { workflows, decisions },
  }));
}
