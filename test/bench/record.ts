/** What every bench has around its figures: a place of its own, the rows shown, and the record with what the machine is and had to do besides. */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { openPlace } from './stage.ts';
import type { Place } from './stage.ts';
import { renderRows } from './table.ts';
import type { Row } from './table.ts';

export interface Measured {
  readonly rows: readonly Row[];
  /** Said in the record before the rows: how much was measured. */
  readonly of: object;
  /** And behind them: what the figures were made of. */
  readonly details?: object;
}

/** Files are relative to where the command was typed. */
export interface RecordFiles {
  readonly json?: string | null;
  readonly profile?: string | null;
}

/** Measures, prints the rows and writes the record; ends what was started, also on Ctrl-C. */
export async function recordBench({ json, profile = null }: RecordFiles, measure: (place: Place) => Promise<Measured>): Promise<void> {
  const from = process.env['INIT_CWD'] ?? process.cwd();
  const place = openPlace(profile === null ? null : resolve(from, profile));
  process.once('SIGINT', () => void place.close().finally(() => process.exit(130)));
  const [date, loadBefore] = [new Date().toISOString().slice(0, 10), loadavg()[0]];
  try {
    const { rows, of, details = {} } = await measure(place);
    process.stdout.write(`\n${renderRows(rows)}\n`);
    const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version, platform: process.platform };
    // Of one minute, before and after: what else the machine had to do.
    const loadAverage = { before: loadBefore, after: loadavg()[0] };
    const record = { ...of, date, machine, loadAverage, rows, ...details };
    if (typeof json === 'string') writeFileSync(resolve(from, json), `${JSON.stringify(record, null, 2)}\n`);
  } finally {
    await place.close();
  }
}
