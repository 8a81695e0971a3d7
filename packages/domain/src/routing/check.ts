/**
 * `lockstep routing check`: what is wrong with a roster and a policy before a lead meets it. Pure; what it cannot know (lines of a file, the clock on the wall)
 * comes by ports. Errors: a lead would go wrong. Warnings: it goes to somebody, and a person should look whether that is meant.
 */
import { leadGaps, motionProblems, ruleProblems } from './check-rules.ts';
import { territoryProblems } from './check-territories.ts';
import { peopleProblems } from './check-people.ts';
import { coverageProblems } from './check-hours.ts';
import type { CheckRequest } from './check-request.ts';
import type { Problem } from './problem.ts';

/** All problems, errors first; [] is a clean bill. */
export function checkRouting(request: CheckRequest): readonly Problem[] {
  const problems = [
    ...peopleProblems(request),
    ...territoryProblems(request),
    ...motionProblems(request),
    ...ruleProblems(request),
    ...leadGaps(request),
    ...coverageProblems(request),
  ];
  return [...problems.filter(({ severity }) => severity === 'error'), ...problems.filter(({ severity }) => severity === 'warning')];
}
