/**
 * Dates and times of iCalendar, and the instants that they mean: UTC, a zone by name, a zone that the file describes itself (Outlook), or the reader's.
 * Source: RFC 5545, sections 3.3.4–3.3.6 and 3.8.2.
 */
import ICAL from 'ical.js';
import { instantOf, isZone } from '@lockstep/domain/routing/zone.ts';
import { ruleProblem } from './ics-rule.ts';
import { EntryProblem, propertiesOf } from './ics-text.ts';
import type { Component, JsonProperty } from './ics-text.ts';

/** What stands in the file. */
export interface Wall {
  /** Date and time read as if they were UTC, epoch milliseconds. */
  readonly wallMs: number;
  readonly isDate: boolean;
  /** `UTC`, a TZID, or null: the reader's own. */
  readonly zone: string | null;
}

/** The instant of a wall time. @throws EntryProblem for a zone that nobody knows. */
export type Resolve = (wall: Wall) => number;

/** Reads the values of a property such as DTSTART or EXDATE. @throws EntryProblem for what is no date. */
export function wallsOf([name, parameters, , ...values]: JsonProperty): readonly Wall[] {
  const zone = typeof parameters['tzid'] === 'string' ? parameters['tzid'] : null;
  return values.map((value) => {
    if (typeof value !== 'string') throw new EntryProblem(`${name.toUpperCase()}: expected dates, got periods`);
    return wallOf(name, value, zone);
  });
}

/** One value of it. @throws EntryProblem */
export function wallOf(name: string, value: string, zone: string | null): Wall {
  const [, date = '', time = 'T00:00:00', utc = ''] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d)?(Z?)$/.exec(value) ?? [];
  const wallMs = Date.parse(`${date}${time}Z`);
  // A 30 February would be the 2 March.
  if (Number.isNaN(wallMs) || !new Date(wallMs).toISOString().startsWith(`${date}${time}`))
    throw new EntryProblem(`${name.toUpperCase()}: expected a date or a time that exists, got ${JSON.stringify(value)}`);
  return { wallMs, isDate: !value.includes('T'), zone: utc === 'Z' ? 'UTC' : zone };
}

/** DURATION: nominal days, which are as long as the wall makes them, and exact milliseconds. @throws EntryProblem */
export function durationOf(value: string): { readonly days: number; readonly exactMs: number } {
  const found = /^([+-]?)P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?$/.exec(value);
  if (found === null || !/\d/.test(value))
    throw new EntryProblem(`DURATION: expected one such as PT1H or P2D, got ${JSON.stringify(value)}`);
  const [, sign, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found;
  if (sign === '-') throw new EntryProblem(`DURATION: expected one that is not negative, got ${value}`);
  return { days: Number(weeks) * 7 + Number(days), exactMs: (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000 };
}

/** How the times of a file become instants. `zone`: the reader's, for times without one and for whole days. */
export function resolver(components: readonly Component[], zone: string): Resolve {
  const described = new Map<string, Component>();
  for (const component of components) {
    const tzid = component.name === 'vtimezone' ? propertiesOf(component, 'tzid')[0]?.[3] : undefined;
    if (typeof tzid === 'string') described.set(tzid, component);
  }
  const known = new Map<string, (wallMs: number) => number>();
  const byName = (name: string): ((wallMs: number) => number) => {
    // Zones of the platform go before what a file says of a zone of that name: files keep old rules for ever.
    if (isZone(name)) return (wallMs) => instantOf(name, wallMs);
    const component = described.get(name);
    if (component === undefined)
      throw new EntryProblem(`TZID: expected an IANA name or one with a VTIMEZONE in the file, got ${JSON.stringify(name)}`);
    return ofDescription(component);
  };
  return ({ wallMs, zone: named, isDate }) => {
    const name = isDate ? zone : (named ?? zone);
    let resolve = known.get(name);
    if (resolve === undefined) {
      resolve = byName(name);
      known.set(name, resolve);
    }
    return resolve(wallMs);
  };
}

/** A zone as its VTIMEZONE says. Its rules are rules: the same are refused. */
function ofDescription(component: Component): (wallMs: number) => number {
  const description = new ICAL.Component(component.json as unknown[]);
  for (const part of description.getAllSubcomponents())
    for (const rule of part.getAllProperties('rrule')) {
      const problem = ruleProblem(rule.toJSON()[3], 0);
      if (problem !== null) throw new EntryProblem(`${component.place}: ${problem}`);
    }
  const zone = new ICAL.Timezone(description);
  return (wallMs) => {
    const wall = new Date(wallMs);
    const [year, month, day] = [wall.getUTCFullYear(), wall.getUTCMonth() + 1, wall.getUTCDate()];
    const [hour, minute, second] = [wall.getUTCHours(), wall.getUTCMinutes(), wall.getUTCSeconds()];
    return wallMs - zone.utcOffset(new ICAL.Time({ year, month, day, hour, minute, second, isDate: false }, zone)) * 1_000;
  };
}
