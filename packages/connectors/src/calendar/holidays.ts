/** Public holidays by region, from `date-holidays`: only what is public there; substitute days too. Its data are CC-BY-SA, see its licence. */
import Holidays from 'date-holidays';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Holiday } from '@lockstep/domain/routing/calendar.ts';
import type { HolidaySource } from '@lockstep/domain/routing/calendar.port.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function createHolidaySource(): HolidaySource {
  const rules = new Map<string, Holidays>();
  const known = new Map<string, readonly Holiday[]>();
  const ofYear = (region: string, year: number): readonly Holiday[] => {
    const key = `${region}/${year}`;
    let found = known.get(key);
    if (found === undefined) {
      const source = rules.get(region) ?? rulesOf(region);
      rules.set(region, source);
      found = source.getHolidays(year).flatMap((holiday) => datesOf(holiday, region));
      known.set(key, found);
    }
    return found;
  };
  return {
    holidaysOf: (region, years) =>
      years
        .flatMap((year) => {
          if (!Number.isInteger(year) || year < 1970 || year > 2100)
            throw new ConnectorError('Invalid', `holidays ${region}: expected a year from 1970 to 2100, got ${year}`);
          return ofYear(region, year);
        })
        .toSorted((left, right) => (left.date < right.date ? -1 : left.date > right.date ? 1 : 0)),
  };
}

/** A region whose name is nearly right would have the holidays of its country, or none: it is refused, with those that there are. */
function rulesOf(region: string): Holidays {
  const [country = '', state, part, ...more] = region.split('-');
  const all = new Holidays();
  const refuse = (what: string, among: object | null): never => {
    const names = Object.keys(among ?? {}).toSorted();
    const list = names.length === 0 ? 'none' : names.join(', ');
    throw new ConnectorError('Invalid', `holidays: expected a region such as DE-BY, got ${JSON.stringify(region)}; ${what}: ${list}`);
  };
  const has = (among: object | null, name: string): boolean => among !== null && Object.hasOwn(among, name);
  if (!has(all.getCountries(), country)) refuse('countries', all.getCountries());
  if (state !== undefined && !has(all.getStates(country), state)) refuse(`states of ${country}`, all.getStates(country));
  if (state !== undefined && part !== undefined && !has(all.getRegions(country, state), part))
    refuse(`regions of ${country}-${state}`, all.getRegions(country, state));
  if (more.length > 0) refuse('parts of a region', null);
  const options = { types: ['public' as const] };
  if (state === undefined) return new Holidays(country, options);
  return part === undefined ? new Holidays(country, state, options) : new Holidays(country, state, part, options);
}

/**
 * The dates of one: several days are several dates; one that begins at noon says so. What is less than a day at the end of several is left out: those begin
 * in the evening before, by their calendar.
 */
function datesOf({ date, start, end, name }: { date: string; start: Date; end: Date; name: string }, region: string): readonly Holiday[] {
  const [day = '', time = ''] = date.split(' ');
  const from = time.slice(0, 5);
  // Around a change of clocks a day has 23 or 25 hours.
  const days = Math.floor((end.getTime() - start.getTime() + 2 * HOUR_MS) / DAY_MS);
  return Array.from({ length: Math.max(1, days) }, (_, index) => ({
    date: new Date(Date.parse(`${day}T00:00:00Z`) + index * DAY_MS).toISOString().slice(0, 10),
    region,
    name,
    ...(index === 0 && from !== '' && from !== '00:00' ? { from } : {}),
  }));
}
