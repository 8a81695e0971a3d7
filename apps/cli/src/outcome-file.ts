/** Outcomes as people have them: CSV with a header, or JSON Lines. Read into rows of texts, a line each; what is wrong with a row is told by its line. */
import { readOutcomes, readStages } from '@lockstep/api/routing-calibration.ts';
import type { CsvRow, OutcomeRow } from '@lockstep/api/routing-calibration.ts';
import { CsvError } from 'csv-parse';
import { parse as parseCsv } from 'csv-parse/sync';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';
import { problemText } from './routing-text.ts';

export type OutcomeFile =
  /** With the score of each account: nothing has to be asked. */
  | { readonly kind: 'scored'; readonly rows: readonly OutcomeRow[] }
  /** What became of accounts: their scores are on record. */
  | { readonly kind: 'stages'; readonly rows: ReturnType<typeof readStages>['rows'] };

const MOST_PROBLEMS = 20;

/** `name` decides on the format (.jsonl, else CSV), the first row on what is in it. Throws `CommandFailure` with every bad row. */
export function readOutcomeFile(text: string, name: string): OutcomeFile {
  const rows = name.endsWith('.jsonl') ? fromLines(text, name) : fromCsv(text, name);
  if (rows.length === 0) throw bad(`${name}: expected rows with outcomes, got none`);
  const kind = rows[0]?.cells['score'] === undefined ? 'stages' : 'scored';
  const { rows: read, problems } = kind === 'scored' ? readOutcomes(rows) : readStages(rows);
  if (problems.length > 0) {
    const told = problems.slice(0, MOST_PROBLEMS).map((problem) => problemText({ ...problem, file: name }));
    throw bad([...told, ...(problems.length > MOST_PROBLEMS ? [`… and ${problems.length - MOST_PROBLEMS} more`] : [])].join('\n  '));
  }
  return { kind, rows: read } as OutcomeFile;
}

const bad = (message: string): CommandFailure => new CommandFailure(EXIT.failed, 'bad_file', message);

function fromCsv(text: string, name: string): readonly CsvRow[] {
  try {
    const rows: { record: Record<string, string>; info: { lines: number } }[] = parseCsv(text, {
      ...{ columns: true, bom: true, trim: true, skip_empty_lines: true, info: true },
    });
    return rows.map(({ record, info }) => ({ line: info.lines, cells: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw bad(`${name}: ${error.message}`);
  }
}

function fromLines(text: string, name: string): readonly CsvRow[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return [{ line: index + 1, cells: cellsOf(value) }];
    } catch {
      // Told below.
    }
    throw bad(`${name}:${index + 1}: expected a JSON object, got something else`);
  });
}

/** As CSV has them: numbers as their text, null as an empty cell. */
function cellsOf(value: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(value).map(([key, cell]: [string, unknown]) => [
      key,
      cell === null ? '' : typeof cell === 'string' || typeof cell === 'number' ? String(cell) : JSON.stringify(cell),
    ]),
  );
}
