import { describe, expect, it } from 'vitest';
import { wallMinute } from './minute-oracle.fixture.ts';
import { offsetAt } from './zone.ts';

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
const [FIRST_DAY, LAST_DAY] = [Date.UTC(2020, 0, 1), Date.UTC(2036, 0, 1)].map((ms) => ms / MINUTE_MS / DAY_MINUTES) as [number, number];

/** The minute between two at which the wall has jumped, by Intl. */
function changeBetween(zone: string, low: number, high: number): number {
  if (high - low === 1) return high;
  const middle = Math.floor((low + high) / 2);
  const isLater = wallMinute(zone, middle) - wallMinute(zone, low) === middle - low;
  return isLater ? changeBetween(zone, middle, high) : changeBetween(zone, low, middle);
}

describe('every zone of the platform, every day from 2020 to 2035', () => {
  it('R3 has the offset that Intl shows, and changes it in the same minute', () => {
    const wrong: string[] = [];
    const compare = (zone: string, minute: number): number => {
      const wall = wallMinute(zone, minute);
      if (minute * MINUTE_MS + offsetAt(zone, minute * MINUTE_MS) !== wall * MINUTE_MS)
        wrong.push(`${zone} ${new Date(minute * MINUTE_MS).toISOString()}`);
      return wall;
    };
    let changes = 0;
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      let before = compare(zone, FIRST_DAY * DAY_MINUTES);
      for (let day = FIRST_DAY; day < LAST_DAY; day += 1) {
        const next = compare(zone, (day + 1) * DAY_MINUTES);
        if (next - before !== DAY_MINUTES) {
          const minute = changeBetween(zone, day * DAY_MINUTES, (day + 1) * DAY_MINUTES);
          compare(zone, minute - 1);
          compare(zone, minute);
          changes += 1;
        }
        before = next;
      }
    }
    expect(wrong).toEqual([]);
    expect(changes).toBeGreaterThan(3_000);
  }, 900_000);
});
