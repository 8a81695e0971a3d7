import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Absence } from '@lockstep/domain/routing/calendar.ts';
import type { AbsenceFeed, FeedMark } from '@lockstep/domain/routing/calendar.port.ts';
import { watchFeeds } from './calendar-feeds.ts';

const AWAY: Absence = { id: 'a', fromIso: '2026-10-23T11:00:00Z', toIso: '2026-10-23T15:00:00Z', reason: 'busy' };

describe('calendars', () => {
  it('01 a time away that comes up is put on record once, and read again only when the feed has changed; one that fails changes nothing', async () => {
    const asked: (FeedMark | null)[] = [];
    const taken: string[] = [];
    const mark = { etag: 'v1', lastModified: null };
    const good: AbsenceFeed = {
      async read(_, known) {
        asked.push(known);
        return known === null ? { kind: 'read', absences: [AWAY], problems: [], mark } : { kind: 'unchanged' };
      },
    };
    const bad: AbsenceFeed = { read: () => Promise.reject(new Error('no server')) };
    let isRefused = true;
    const watching = watchFeeds({
      feeds: [
        { memberId: 'ines', feedId: 'calendar-1', feed: good },
        { memberId: 'omar', feedId: 'calendar-2', feed: bad },
      ],
      everyMs: 5,
      now: () => Date.parse('2026-10-23T10:20:00Z'),
      log: pino({ level: 'silent' }),
      onAbsences: async (memberId, feedId, absences) => {
        if (isRefused) {
          isRefused = false;
          throw new Error('no store');
        }
        taken.push(`${memberId} ${feedId} ${absences.length}`);
      },
    });
    await expect.poll(() => asked.length).toBeGreaterThanOrEqual(4);
    await watching.stop();
    // What the store did not take was read again.
    expect(asked.slice(0, 3)).toEqual([null, null, mark]);
    expect(taken).toEqual(['ines calendar-1 1']);
  });
});
