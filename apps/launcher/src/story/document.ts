/** The working copy of the plan as a person with an editor sees it: rows of tables, each with a title. */
import { readFileSync, writeFileSync } from 'node:fs';
import { eventually } from '../waiting.ts';
import { SEEN_WITHIN_MS } from './stage.ts';

export function readLines(file: string): readonly string[] {
  return readFileSync(file, 'utf8').split('\n');
}

/** Table rows with a cell that reads exactly like this. */
export function rowsWith(file: string, ...cells: readonly string[]): readonly string[] {
  return readLines(file).filter((line) => {
    if (!line.startsWith('|')) return false;
    const shown = cellsOf(line);
    return cells.every((cell) => shown.includes(cell));
  });
}

/** What a reader sees in the cells of a row: no marks of emphasis, no escapes. */
function cellsOf(line: string): readonly string[] {
  return line.split(/(?<!\\)\|/).map((cell) => cell.replaceAll('\\|', '|').replaceAll('**', '').trim());
}

/** Waits until exactly one row has all of these cells; returns its line. */
export function untilOneRow(file: string, ...cells: readonly string[]): Promise<string> {
  return eventually(`one row of the plan with ${cells.map((cell) => `"${cell}"`).join(' and ')}`, SEEN_WITHIN_MS, async () => {
    const found = rowsWith(file, ...cells);
    return found.length === 1 ? (found[0] ?? null) : null;
  });
}

export function untilNoRow(file: string, cell: string): Promise<true> {
  return eventually(`the plan to have no row "${cell}"`, SEEN_WITHIN_MS, async () => (rowsWith(file, cell).length === 0 ? true : null));
}

/** The numbers of the lines that differ, from 1; null where lines came or went. */
export function changedLines(before: readonly string[], after: readonly string[]): readonly number[] | null {
  if (before.length !== after.length) return null;
  return before.flatMap((line, index) => (line === after[index] ? [] : [index + 1]));
}

/** Saves the file as an editor does: one line replaced by these lines. */
export function replaceLine(file: string, line: string, by: readonly string[]): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replace(line, () => by.join('\n')),
  );
}
