/** Text of others on one line, with nothing in it that only looks like something else. */

import { ConnectorError } from '@lockstep/domain/sync/errors.ts';

/** Line breaks and what a terminal or a mail header would obey; marks that turn the direction of what follows; what is not seen at all. */
// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]+/g;

/** The text on one line: breaks, controls and direction marks become a space; halves of surrogate pairs the replacement character. */
export function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(UNSEEN, ' ').replaceAll(/ {2,}/g, ' ').trim();
}

/**
 * An instant for a reader: `Mon 26 Oct, 12:30 CET` in their zone and language. A zone or language that is not known becomes UTC or English; the zone is
 * always named. `Invalid` for a text that is no instant.
 */
export function shownInstant(iso: string, locale: string, zone: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) throw new ConnectorError('Invalid', 'notice: deadline: expected an ISO instant, got another text');
  const format = (language: string, timeZone: string): string => new Intl.DateTimeFormat(language, { timeZone, ...PARTS }).format(at);
  for (const [language, timeZone] of [
    [locale, zone],
    ['en-GB', zone],
  ] as const) {
    try {
      return format(language, timeZone);
    } catch (error) {
      // A language or a zone that nobody knows: the deadline is told all the same.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return format('en-GB', 'UTC');
}

const PARTS = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
} as const satisfies Intl.DateTimeFormatOptions;
