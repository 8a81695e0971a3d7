/** What a check looks at, and how it names a place. */
import type { WorkCalendar } from './calendar.ts';
import type { RoutingPolicy } from './policy.schema.ts';
import { pathText } from './problem.ts';
import type { Path, Problem } from './problem.ts';
import type { Roster } from './roster.schema.ts';
import type { ScoringSpec } from './score.schema.ts';

export type CheckedFile = 'policy' | 'roster';

/** A service level as far as the check needs it. */
export interface SlaReference {
  readonly id: string;
  /** Ids of the people that its ladder escalates to. */
  readonly people: readonly string[];
  /** Nobody covers it for longer than that, by the wall: a named person hears at once. */
  readonly longestWaitMinutes: number;
}

/** The time that is to be looked at, and when people work in it. */
export interface HoursAhead {
  /** By person of the roster, holidays and absences included; one that is missing never works. */
  readonly calendars: ReadonlyMap<string, WorkCalendar>;
  readonly fromMs: number;
  /** Not included. */
  readonly toMs: number;
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
  /** Left out: hours are not looked at. */
  readonly hours?: HoursAhead;
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
