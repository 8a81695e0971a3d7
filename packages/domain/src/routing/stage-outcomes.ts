/** Outcomes by account, as a CRM's report has them, joined with the scores that made these accounts leads. */
import { stageRowSchema, STAGES } from './calibrate.schema.ts';
import type { OutcomeRow, Stage, StageRow } from './calibrate.schema.ts';
import type { CsvRow } from './outcomes.ts';
import { schemaProblems } from './problem.ts';
import type { Problem } from './problem.ts';
import type { Tier } from './tier.ts';

/** Reads all rows and tells all that is wrong with them, by line. */
export function readStages(rows: readonly CsvRow[]): { readonly rows: readonly StageRow[]; readonly problems: readonly Problem[] } {
  const read = rows.map(({ line, cells }) => ({ line, cells, result: stageRowSchema.safeParse(cells) }));
  return {
    rows: read.flatMap(({ line, result }) => (result.success ? [{ ...result.data, line }] : [])),
    problems: read.flatMap(({ line, cells, result }) =>
      result.success ? [] : schemaProblems(result.error.issues, cells, { remedy: 'mend the row', locate: () => line }),
    ),
  };
}

/** What an account scored when it became a lead, or at most where it never did. */
export interface AccountScore {
  readonly accountId: string;
  /** ISO. No event after it counts. */
  readonly scoredAt: string;
  readonly score: number;
  readonly tier: Tier;
  readonly isLead: boolean;
  readonly fired: readonly string[];
}

/**
 * Before which instant an account that never became a lead is to be scored: the first of which the file knows something of it, since whatever sales did from then
 * on may be in its events. Of one that is open all along the last.
 */
export function scoredBefore(rows: readonly StageRow[]): string {
  const told = rows.filter(({ outcome }) => outcome !== 'open').map(({ at }) => at);
  const [first] = told.toSorted();
  return (
    first ??
    rows
      .map(({ at }) => at)
      .toSorted()
      .at(-1) ??
    ''
  );
}

/**
 * A row for each account that has a score: won where it came as far as `hit` or farther, when it did so first; else lost where it was, else open. What was known of it
 * before it was scored made no difference to whether it would be won: such stages do not count.
 */
export function outcomeRowsOf(stages: readonly StageRow[], scores: ReadonlyMap<string, AccountScore>, hit: Stage): readonly OutcomeRow[] {
  const least = STAGES.indexOf(hit);
  return [...Map.groupBy(stages, ({ account }) => account)].flatMap(([account, all]): readonly OutcomeRow[] => {
    const score = scores.get(account);
    if (score === undefined) return [];
    const { accountId, scoredAt, tier, fired } = score;
    const later = all.filter(({ at }) => at > scoredAt).toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
    const won = later.find(({ outcome }) => outcome !== 'lost' && outcome !== 'open' && STAGES.indexOf(outcome) >= least);
    const end = won ?? later.findLast(({ outcome }) => outcome === 'lost');
    const row = {
      ...{ accountId, scoredAt, tier, score: score.score },
      line: end?.line ?? all[0]?.line ?? 0,
      lastEventAt: scoredAt,
      fired: [...fired],
    };
    return [
      end === undefined
        ? { ...row, outcome: 'open', outcomeAt: null }
        : { ...row, outcome: won === undefined ? 'closed-lost' : 'closed-won', outcomeAt: end.at },
    ];
  });
}
