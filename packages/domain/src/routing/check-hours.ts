/** Hours in which nobody of a pool works, as calendars see them. */
import { reporter } from './check-request.ts';
import type { CheckRequest, UncoveredSpan } from './check-request.ts';
import type { Problem } from './problem.ts';
import { isActive, personOf } from './roster.ts';

const HOUR_MS = 3_600_000;

/** A warning a pool. Clocks of 5 minutes wait for the first covered one, and uncovered time is reported, so that it may be meant. */
export function coverageProblems(request: CheckRequest): readonly Problem[] {
  const { roster, uncovered, at } = request;
  if (uncovered === undefined) return [];
  return roster.pools.flatMap(({ id, members }, index) => {
    const people = members.flatMap((member) => personOf(roster, member) ?? []).filter((person) => isActive(person, at));
    const spans = uncovered(people);
    const longest = spans.reduce<UncoveredSpan | null>(
      (most, span) => (most === null || lengthMs(span) > lengthMs(most) ? span : most),
      null,
    );
    if (longest === null) return [];
    const total = spans.reduce((sum, span) => sum + lengthMs(span), 0);
    return [
      reporter(request)('warning', 'roster', ['pools', index], {
        expected: `somebody of pool ${id} at every hour`,
        got: `${hours(total)} h without anybody, at most ${hours(lengthMs(longest))} h in a row (${longest.fromIso} to ${longest.toIso})`,
        remedy: 'add a shift or a member in another zone, if leads come then',
      }),
    ];
  });
}

const lengthMs = ({ fromIso, toIso }: UncoveredSpan): number => Date.parse(toIso) - Date.parse(fromIso);
/** With one decimal. */
const hours = (ms: number): string => `${Math.round((ms / HOUR_MS) * 10) / 10}`;
