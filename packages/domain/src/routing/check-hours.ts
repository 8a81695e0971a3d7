/** Hours in which a lead would find nobody at work, told by pool, with the times of the wall there. */
import type { Span } from './calendar.ts';
import { listText, reporter } from './check-request.ts';
import type { CheckRequest } from './check-request.ts';
import type { Problem } from './problem.ts';
import { lengthMs, uncoveredHours } from './uncovered-hours.ts';
import type { UncoveredHours } from './uncovered-hours.ts';
import { DAY_MS, offsetAt } from './zone.ts';

const HOUR_MS = 3_600_000;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
/** Kinds of spans that are told; the JSON has every span. */
const MOST_KINDS = 6;

/**
 * A warning for each pool and each set of hours, which may be those of several service levels. A night is a warning too: clocks of 5 minutes wait for the first covered minute, and uncovered
 * time is reported, so that it may be meant.
 */
export function coverageProblems(request: CheckRequest): readonly Problem[] {
  const { roster, hours } = request;
  if (hours === undefined) return [];
  const found = Map.groupBy(uncoveredHours(request, hours), ({ poolId, spans }) => JSON.stringify([poolId, spans]));
  return [...found.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const { poolId, zone, spans, totalMs } = first;
    const index = roster.pools.findIndex(({ id }) => id === poolId);
    const days = `${dayOf(hours.fromMs, zone)} to ${dayOf(hours.toMs, zone)}`;
    return [
      reporter(request)('warning', 'roster', ['pools', index], {
        expected: `somebody at work at every hour for leads of pool ${poolId} (${same.map(levelText).join('; ')})`,
        got: `${hoursText(totalMs)} h without anybody from ${days}, ${zone}: ${listText(kindsOf(spans, zone), MOST_KINDS)}${tooLongText(same)}`,
        remedy: 'add a shift, or a member or an overflow pool in another zone, if leads come then',
      }),
    ];
  });
}

function levelText({ slaId, tiers }: UncoveredHours): string {
  return `${slaId}: ${tiers.join(', ')}`;
}

function tooLongText(found: readonly UncoveredHours[]): string {
  const long = found.filter(({ tooLong }) => tooLong > 0);
  if (long.length === 0) return '';
  return `; longer than it may wait, so that a named person hears at once: ${long.map(({ slaId, tooLong }) => `${slaId} ${tooLong} ×`).join(', ')}`;
}

/** `Mon, Tue 17:00 to 09:00 the next day, 8 ×`: spans that look the same on the wall are told once, those that take most time first. */
function kindsOf(spans: readonly Span[], zone: string): readonly string[] {
  const kinds = Map.groupBy(spans, (span) => {
    const [from, to] = [wallOf(span.fromMs, zone), wallOf(span.toMs, zone)];
    return JSON.stringify([from.time, to.time, to.date - from.date]);
  });
  const sum = (some: readonly Span[]): number => some.reduce((total, span) => total + lengthMs(span), 0);
  return [...kinds]
    .toSorted(([, one], [, other]) => sum(other) - sum(one))
    .map(([key, some]) => {
      const [from, to, days] = JSON.parse(key) as [string, string, number];
      const names = [...new Set(some.map(({ fromMs }) => DAYS[wallOf(fromMs, zone).weekday] ?? ''))];
      const later = days === 0 ? '' : days === 1 ? ' the next day' : ` ${days} days later`;
      return `${names.join(' ')} ${from} to ${to}${later}${some.length === 1 ? '' : `, ${some.length} ×`}`;
    })
    .map((text) => `[${text}]`);
}

function wallOf(ms: number, zone: string): { readonly date: number; readonly weekday: number; readonly time: string } {
  const wallMs = ms + offsetAt(zone, ms);
  const date = Math.floor(wallMs / DAY_MS);
  const wall = new Date(wallMs);
  return { date, weekday: wall.getUTCDay(), time: wall.toISOString().slice(11, 16) };
}

const dayOf = (ms: number, zone: string): string => new Date(ms + offsetAt(zone, ms)).toISOString().slice(0, 10);
/** With one decimal. */
const hoursText = (ms: number): string => `${Math.round((ms / HOUR_MS) * 10) / 10}`;
