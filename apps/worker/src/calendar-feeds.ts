/** People's calendars, read again and again: a time away that comes up while a clock runs is known within the interval (case 01). One that cannot be read changes nothing. */
import { resolve } from 'node:path';
import { createFeed, createFileFeed } from '@lockstep/connectors/calendar/feed.ts';
import { createBudget } from '@lockstep/connectors/http/budget.ts';
import type { Budget } from '@lockstep/connectors/http/budget.ts';
import type { AbsenceFeed, FeedMark } from '@lockstep/domain/routing/calendar.port.ts';
import type { Absence } from '@lockstep/domain/routing/calendar.ts';
import type { Logger } from 'pino';
import type { RoutingConfig } from './config.schema.ts';

export interface MemberFeed {
  readonly memberId: string;
  /** Tells it from the member's other calendars; no address. */
  readonly feedId: string;
  readonly feed: AbsenceFeed;
}

export interface FeedParts {
  readonly feeds: readonly MemberFeed[];
  readonly everyMs: number;
  /** Puts it on record and wakes whom it concerns. */
  readonly onAbsences: (memberId: string, feedId: string, absences: readonly Absence[]) => Promise<void>;
  readonly now: () => number;
  readonly log: Logger;
}

const DAY_MS = 86_400_000;
/** What is over is looked at for a day more: clocks that run now began in it. */
const BEHIND_MS = DAY_MS;
const AHEAD_MS = 120 * DAY_MS;

/** The feeds of the configuration; `zoneOf` is the zone of somebody on the roster. */
export function configuredFeeds(
  calendars: RoutingConfig['calendars'],
  parts: {
    readonly directory: string;
    readonly secret: (reference: string) => string;
    readonly zoneOf: (memberId: string) => string;
    readonly timeoutMs: number;
    readonly now: () => number;
  },
): readonly MemberFeed[] {
  const budgets = new Map<string, Budget>();
  return calendars.map(({ member, feed, file, taken }, index) => {
    const own = { zone: parts.zoneOf(member), taken };
    const ids = { memberId: member, feedId: `calendar-${index + 1}` };
    if (feed === undefined) return { ...ids, feed: createFileFeed({ ...own, path: resolve(parts.directory, file ?? '') }) };
    const address = parts.secret(feed);
    const host = URL.parse(address)?.host ?? '';
    const budget = budgets.get(host) ?? createBudget(parts.now);
    budgets.set(host, budget);
    return { ...ids, feed: createFeed({ ...own, address, budget, timeoutMs: parts.timeoutMs, now: parts.now }) };
  });
}

/** Reads all feeds at once, then at the interval, one round at a time. Returns how to stop. */
export function watchFeeds({ feeds, everyMs, onAbsences, now, log }: FeedParts): { stop(): Promise<void> } {
  const marks = new Map<MemberFeed, FeedMark>();
  const readOne = async (one: MemberFeed): Promise<void> => {
    const { memberId, feedId, feed } = one;
    try {
      const reading = await feed.read({ fromMs: now() - BEHIND_MS, toMs: now() + AHEAD_MS }, marks.get(one) ?? null);
      if (reading.kind === 'unchanged') return;
      if (reading.problems.length > 0)
        log.warn({ memberId, feedId, problems: reading.problems.length }, 'entries of a calendar could not be read');
      await onAbsences(memberId, feedId, reading.absences);
      // Only then: what was not put on record is read again.
      marks.set(one, reading.mark);
    } catch (error) {
      log.warn({ err: error, memberId, feedId }, 'a calendar could not be read; what it said before counts');
    }
  };
  let running: Promise<void> | null = null;
  const round = async (): Promise<void> => {
    await Promise.all(feeds.map(readOne));
    running = null;
  };
  const begin = (): void => void (running ??= round());
  const timer = setInterval(begin, everyMs);
  begin();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
