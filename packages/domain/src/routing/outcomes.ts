/** outcomes.csv: reading its rows, and refusing those that know too much. */
import { outcomeRowSchema } from './calibrate.schema.ts';
import type { OutcomeRow } from './calibrate.schema.ts';
import { schemaProblems } from './problem.ts';
import type { Problem } from './problem.ts';

/** A row as a CSV reader gives it. */
export interface CsvRow {
  /** Counted from 1. */
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** Reads all rows and tells all that is wrong with them, by line. */
export function readOutcomes(rows: readonly CsvRow[]): { readonly rows: readonly OutcomeRow[]; readonly problems: readonly Problem[] } {
  const read = rows.map(({ line, cells }) => ({ line, cells, result: outcomeRowSchema.safeParse(cells) }));
  return {
    rows: read.flatMap(({ line, result }) => (result.success ? [{ ...result.data, line }] : [])),
    problems: read.flatMap(({ line, cells, result }) =>
      result.success ? [] : schemaProblems(result.error.issues, cells, { remedy: 'mend the row', locate: () => line }),
    ),
  };
}

/**
 * Won within so many days of the score: who was won later, or is open for longer than that at an instant (ISO), counts as lost when the days were over. Without it old rows
 * have had more time to be won than young ones.
 */
export function withinHorizon(rows: readonly OutcomeRow[], days: number, now: string): readonly OutcomeRow[] {
  return rows.map((row) => {
    const overAt = new Date(Date.parse(row.scoredAt) + days * DAY_MS).toISOString();
    const isOver = row.outcomeAt === null ? overAt <= now : row.outcomeAt > overAt;
    return isOver ? { ...row, outcome: 'closed-lost', outcomeAt: overAt } : row;
  });
}

const DAY_MS = 86_400_000;

/**
 * The leakage guard: rows of which the score, or the choice of the threshold, may have known the outcome. One such row makes a figure that nobody will see
 * again in practice, so that nothing is claimed while there is one. An account stands in one row: in both parts it would be claimed on what it was chosen
 * on, and twice in one part it would count for two.
 */
export function leaks(rows: readonly OutcomeRow[]): readonly Problem[] {
  const first = new Map<string, number>();
  for (const { accountId, line } of rows) if (!first.has(accountId)) first.set(accountId, line);
  return rows.flatMap(({ line, scoredAt, outcomeAt, lastEventAt, accountId }) => {
    const other = first.get(accountId) ?? line;
    return [
      ...(outcomeAt !== null && scoredAt >= outcomeAt
        ? [
            leak(
              line,
              'scoredAt',
              `a score from before the outcome was known (${outcomeAt})`,
              scoredAt,
              'score the account as of an earlier instant',
            ),
          ]
        : []),
      ...(lastEventAt !== null && lastEventAt > scoredAt
        ? [leak(line, 'lastEventAt', `no event after the score (${scoredAt})`, lastEventAt, 'score again with the events up to then')]
        : []),
      ...(other !== line
        ? [leak(line, 'accountId', 'every account in one row', `${accountId}, in line ${other} too`, 'keep its first crossing')]
        : []),
    ];
  });
}

function leak(line: number, path: string, expected: string, got: string, remedy: string): Problem {
  return { severity: 'error', file: null, line, path, expected, got, remedy };
}
