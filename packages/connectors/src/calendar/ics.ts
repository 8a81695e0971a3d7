/**
 * Times away out of iCalendar text, within a window: single and recurring entries with their exceptions, free/busy lists. Neither titles nor descriptions are
 * taken: why people are away is theirs. An entry that cannot be understood is named, and costs nothing of the others. Source: RFC 5545.
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Absence, Span } from '@lockstep/domain/routing/calendar.ts';
import type { FeedProblem } from '@lockstep/domain/routing/calendar.port.ts';
import { occurrencesOf, ruleProblem } from './ics-rule.ts';
import type { RuleParts } from './ics-rule.ts';
import { codeOf, EntryProblem, propertiesOf, readText } from './ics-text.ts';
import type { Component } from './ics-text.ts';
import { durationOf, resolver, wallOf, wallsOf } from './ics-time.ts';
import type { Resolve, Wall } from './ics-time.ts';

/** Which entries are times away. */
export type Taken =
  /** Whatever takes the time of who it belongs to: not TRANSPARENT, not free or tentative in Outlook. */
  | 'busy'
  /** Only what is marked as out of office (Outlook's OOF; BUSY-UNAVAILABLE in free/busy lists). */
  | 'out-of-office'
  /** All of them: the feed of an absence planner, whose whole days are often TRANSPARENT. */
  | 'every';

export interface IcsOptions {
  /** Of times that name none, and of whole days. */
  readonly zone: string;
  readonly window: Span;
  readonly taken: Taken;
}

export interface IcsReading {
  readonly absences: readonly Absence[];
  readonly problems: readonly FeedProblem[];
}

/** Occurrences that are looked at, of one entry and of all: a rule without an end since the year 1 is not gone through. */
const MOST_OF_ONE = 20_000;
const MOST_OF_ALL = 200_000;

/** @throws ConnectorError Invalid where it is no calendar at all; see `readText`. */
export function readIcs(text: string, options: IcsOptions): IcsReading {
  const { components, isCancelled, problems: unread } = readText(text);
  const problems: FeedProblem[] = [...unread];
  const reading: Reading = { ...options, resolve: resolver(components, options.zone), left: { occurrences: MOST_OF_ALL } };
  const attempt = <T>(component: Component, work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      if (error instanceof ConnectorError) throw error;
      // What ical.js throws quotes values.
      const message = error instanceof EntryProblem ? error.message : 'expected an entry as in RFC 5545, got one that cannot be read';
      problems.push({ entry: uidOf(component) ?? component.place, message });
      return null;
    }
  };
  const entries = components
    .filter(({ name }) => name === 'vevent')
    .flatMap((component) => attempt(component, () => entryOf(component, reading)) ?? []);
  const current = latestOf(entries);
  const absences = isCancelled ? [] : current.flatMap((entry) => attempt(entry.component, () => absencesOf(entry, current, reading)) ?? []);
  const lists = components
    .filter(({ name }) => name === 'vfreebusy')
    .flatMap((component) => attempt(component, () => busyTimes(component, reading)) ?? []);
  const all = [...absences, ...lists].toSorted((left, right) => (left.fromIso < right.fromIso ? -1 : left.fromIso > right.fromIso ? 1 : 0));
  return { absences: all, problems };
}

interface Reading extends IcsOptions {
  readonly resolve: Resolve;
  readonly left: { occurrences: number };
}

interface Entry {
  readonly component: Component;
  readonly uid: string;
  readonly start: Wall;
  /** Of an exception: the instant of the occurrence that it stands for. */
  readonly standsForMs: number | null;
  readonly sequence: number;
}

function uidOf(component: Component): string | null {
  const value = propertiesOf(component, 'uid')[0]?.[3];
  return typeof value === 'string' && value !== '' ? value : null;
}

function entryOf(component: Component, { resolve }: Reading): Entry {
  const uid = uidOf(component);
  if (uid === null) throw new EntryProblem('UID: expected one, got none');
  const start = propertiesOf(component, 'dtstart').flatMap(wallsOf)[0];
  if (start === undefined) throw new EntryProblem('DTSTART: expected one, got none');
  const standsFor = propertiesOf(component, 'recurrence-id')[0];
  if (standsFor?.[1]['range'] !== undefined) throw new EntryProblem('RECURRENCE-ID: expected it for one occurrence, got RANGE');
  const wall = standsFor === undefined ? undefined : wallsOf(standsFor)[0];
  const sequence = Number(propertiesOf(component, 'sequence')[0]?.[3] ?? 0);
  return { component, uid, start, standsForMs: wall === undefined ? null : resolve(wall), sequence };
}

/** Of several versions of an entry the last one. */
function latestOf(entries: readonly Entry[]): readonly Entry[] {
  const latest = new Map<string, Entry>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.uid, entry.standsForMs]);
    const known = latest.get(key);
    if (known === undefined || known.sequence <= entry.sequence) latest.set(key, entry);
  }
  return [...latest.values()];
}

/** Outlook says what it means in a property of its own; the others by TRANSP. Source: MS-OXCICAL, X-MICROSOFT-CDO-BUSYSTATUS. */
function isAway(component: Component, taken: Taken): boolean {
  if (codeOf(component, 'status') === 'CANCELLED') return false;
  if (taken === 'every') return true;
  const outlook = codeOf(component, 'x-microsoft-cdo-busystatus');
  if (taken === 'out-of-office') return outlook === 'OOF';
  return outlook === null ? codeOf(component, 'transp') !== 'TRANSPARENT' : outlook === 'OOF' || outlook === 'BUSY';
}

function absencesOf(entry: Entry, entries: readonly Entry[], reading: Reading): readonly Absence[] {
  const { component, uid } = entry;
  if (!isAway(component, reading.taken)) return [];
  const endOf = endsOf(entry, reading);
  const reason = codeOf(component, 'x-microsoft-cdo-busystatus') === 'OOF' ? 'OUT_OF_OFFICE' : 'BUSY';
  return startsOf(entry, entries, reading).flatMap((wall) => {
    const fromMs = reading.resolve(wall);
    return absence(`${uid}/${new Date(entry.standsForMs ?? fromMs).toISOString()}`, { fromMs, toMs: endOf(wall) }, reason, reading.window);
  });
}

/** Nothing for what lies outside of the window, or takes no time. */
function absence(id: string, { fromMs, toMs }: Span, reason: string, window: Span): readonly Absence[] {
  if (fromMs >= toMs || toMs <= window.fromMs || fromMs >= window.toMs) return [];
  return [{ id, fromIso: new Date(fromMs).toISOString(), toIso: new Date(toMs).toISOString(), reason }];
}

const DAY_MS = 86_400_000;

/** When an occurrence ends: whole days by the wall; with DTEND as long as the first one, with DURATION as long by the wall (RFC 5545, 3.8.5.3). */
function endsOf({ component, start }: Entry, { resolve }: Reading): (wall: Wall) => number {
  const end = propertiesOf(component, 'dtend').flatMap(wallsOf)[0];
  const duration = propertiesOf(component, 'duration')[0]?.[3];
  if (end !== undefined) {
    const [wallMs, exactMs] = [end.wallMs - start.wallMs, resolve(end) - resolve(start)];
    if (exactMs < 0) throw new EntryProblem('DTEND: expected one that is not before DTSTART, got one that is');
    return start.isDate ? (wall) => resolve({ ...wall, wallMs: wall.wallMs + wallMs }) : (wall) => resolve(wall) + exactMs;
  }
  const { days, exactMs } = typeof duration === 'string' ? durationOf(duration) : { days: start.isDate ? 1 : 0, exactMs: 0 };
  return (wall) => resolve({ ...wall, wallMs: wall.wallMs + days * DAY_MS }) + exactMs;
}

/** The walls at which occurrences start: by DTSTART, rules and RDATE, without EXDATE and without those for which an exception stands. */
function startsOf(entry: Entry, entries: readonly Entry[], reading: Reading): readonly Wall[] {
  const { component, uid, start, standsForMs } = entry;
  if (standsForMs !== null) return [start];
  const { resolve } = reading;
  const taken = new Set(entries.flatMap((other) => (other.uid === uid && other.standsForMs !== null ? [other.standsForMs] : [])));
  const left = propertiesOf(component, 'exdate').flatMap(wallsOf);
  const leftMs = new Set(left.map(resolve));
  // Some calendars leave out "the 26th" of an entry at ten o'clock.
  const leftDays = new Set(left.filter(({ isDate }) => isDate).map(({ wallMs }) => wallMs));
  const rules = propertiesOf(component, 'rrule').map(([, , , rule]) => rule as RuleParts);
  const walls = [start, ...propertiesOf(component, 'rdate').flatMap(wallsOf), ...rules.flatMap((rule) => ruled(rule, entry, reading))];
  const seen = new Set<number>();
  return walls.filter((wall) => {
    const atMs = resolve(wall);
    if (seen.has(atMs) || taken.has(atMs) || leftMs.has(atMs) || leftDays.has(Math.floor(wall.wallMs / DAY_MS) * DAY_MS)) return false;
    seen.add(atMs);
    return true;
  });
}

/** The occurrences of a rule until the window ends, or the rule. */
function ruled(rule: RuleParts, { start }: Entry, { resolve, window, left }: Reading): readonly Wall[] {
  const problem = ruleProblem(rule, start.wallMs);
  if (problem !== null) throw new EntryProblem(problem);
  const until = typeof rule['until'] === 'string' ? wallOf('UNTIL', rule['until'], start.zone) : null;
  const walls: Wall[] = [];
  let looked = 0;
  for (const wallMs of occurrencesOf(rule, start.wallMs)) {
    const wall = { ...start, wallMs };
    if (resolve(wall) >= window.toMs || isAfter(wall, until, resolve)) break;
    looked += 1;
    left.occurrences -= 1;
    if (looked > MOST_OF_ONE || left.occurrences < 0)
      throw new EntryProblem(`RRULE: expected at most ${MOST_OF_ONE} occurrences, and ${MOST_OF_ALL} of all entries, got more`);
    walls.push(wall);
  }
  return walls;
}

/** UNTIL is included; given as a date it means that whole day. */
function isAfter(wall: Wall, until: Wall | null, resolve: Resolve): boolean {
  if (until === null) return false;
  if (until.isDate) return wall.wallMs >= until.wallMs + DAY_MS;
  return resolve(wall) > resolve(until);
}

/** FREEBUSY: periods in UTC, by a start and an end or a length. Source: RFC 5545, 3.8.2.6. */
function busyTimes(component: Component, { taken, window, resolve }: Reading): readonly Absence[] {
  return propertiesOf(component, 'freebusy').flatMap(([, parameters, , ...periods]) => {
    const type = String(parameters['fbtype'] ?? 'BUSY').toUpperCase();
    const counts = taken === 'out-of-office' ? type === 'BUSY-UNAVAILABLE' : type === 'BUSY' || type === 'BUSY-UNAVAILABLE';
    if (!counts) return [];
    return periods.flatMap((period) => {
      const [first, second] = Array.isArray(period) ? period.map(String) : [];
      if (first === undefined || second === undefined) throw new EntryProblem('FREEBUSY: expected periods, got something else');
      const fromMs = resolve(wallOf('FREEBUSY', first, 'UTC'));
      const length = /^[+-]?P/.test(second) ? durationOf(second) : null;
      const toMs = length === null ? resolve(wallOf('FREEBUSY', second, 'UTC')) : fromMs + length.days * DAY_MS + length.exactMs;
      const reason = type === 'BUSY' ? 'BUSY' : 'OUT_OF_OFFICE';
      return absence(`freebusy/${new Date(fromMs).toISOString()}`, { fromMs, toMs }, reason, window);
    });
  });
}
