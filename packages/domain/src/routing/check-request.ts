/** What a check looks at, and how it names a place. */
import type { RoutingPolicy } from './policy.schema.ts';
import { pathText } from './problem.ts';
import type { Path, Problem } from './problem.ts';
import type { Person, Roster } from './roster.schema.ts';
import type { ScoringSpec } from './score.schema.ts';

export type CheckedFile = 'policy' | 'roster';

/** A service level as far as the check needs it. */
export interface SlaReference {
  readonly id: string;
  /** Ids of the people that its ladder escalates to. */
  readonly people: readonly string[];
}

/** Time that nobody of a group works; ISO instants. */
export interface UncoveredSpan {
  readonly fromIso: string;
  readonly toIso: string;
}

export interface CheckRequest {
  readonly policy: RoutingPolicy;
  readonly roster: Roster;
  /** With it, scores below a tier's threshold are left out: such leads never come. */
  readonly scoring: ScoringSpec | null;
  readonly slas: readonly SlaReference[];
  /** Connections to CRMs in which every person needs an owner id. */
  readonly connections: readonly string[];
  /** The instant for which `active` is asked; ISO. */
  readonly at: string;
  readonly files: Readonly<Record<CheckedFile, string>>;
  readonly locate?: (file: CheckedFile, path: Path) => number | null;
  /** Whether a zone is one of the platform's time-zone data. */
  readonly isZone?: (zone: string) => boolean;
  /** When nobody of these people works, over the span that the caller wants to look at; calendars know. */
  readonly uncovered?: (people: readonly Person[]) => readonly UncoveredSpan[];
}

/** Makes problems about places of the two files. */
export function reporter({
  files,
  locate,
}: CheckRequest): (
  severity: Problem['severity'],
  file: CheckedFile,
  path: Path,
  words: Pick<Problem, 'expected' | 'got' | 'remedy'>,
) => Problem {
  return (severity, file, path, words) => ({
    severity,
    file: files[file],
    line: locate?.(file, path) ?? null,
    path: pathText(path),
    ...words,
  });
}

/** 'a, b and 3 more'. */
export function listText(items: readonly string[], most = 8): string {
  return items.length <= most ? items.join(', ') : `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
}
