/** A person's calendar behind the port: a feed over HTTP, read again only when it has changed, or a file. The address of a feed is a secret: it is in no message. */
import { readFile, stat } from 'node:fs/promises';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import type { AbsenceFeed, FeedMark } from '@lockstep/domain/routing/calendar.port.ts';
import { retryAfterMs } from '../http/budget.ts';
import type { Budget } from '../http/budget.ts';
import { createTransport, serverFailure } from '../http/transport.ts';
import { readIcs } from './ics.ts';
import type { Taken } from './ics.ts';
import { MOST_BYTES } from './ics-text.ts';

export interface CalendarOptions {
  /** The zone of the person whose calendar it is. */
  readonly zone: string;
  readonly taken: Taken;
}

export interface FeedOptions extends CalendarOptions {
  /** https or webcal; http on this machine only. */
  readonly address: string;
  /** Of the host: feeds of one provider share it. */
  readonly budget: Budget;
  readonly timeoutMs: number;
  /** For waits that a server asks for until a time. */
  readonly now: () => number;
}

const BY_STATUS: Readonly<Record<number, ConnectorErrorCode>> = {
  401: 'AuthRevoked',
  403: 'Forbidden',
  404: 'NotFound',
  410: 'NotFound',
  429: 'Throttled',
};

/** A feed over HTTP. Reading sends the mark of the last one along and is told when nothing has changed. @throws ConnectorError Invalid for an address that is none. */
export function createFeed(options: FeedOptions): AbsenceFeed {
  const address = addressOf(options.address);
  const place = `feed of ${address.hostname}`;
  const send = createTransport(
    { vendor: 'calendar', budget: options.budget, timeoutMs: options.timeoutMs, mostBytes: MOST_BYTES, place },
    () => true,
  );
  return {
    async read(window, known) {
      // Redirects are not followed: they could lead into our own network.
      const response = await send(address, { headers: conditions(known), redirect: 'manual' });
      if (response.status === 304) {
        options.budget.passed();
        return { kind: 'unchanged' };
      }
      if (response.status !== 200) throw failure(response, place, options);
      options.budget.passed();
      const mark = { etag: response.headers.get('etag'), lastModified: response.headers.get('last-modified') };
      return { kind: 'read', ...readIcs(await response.text(), { ...options, window }), mark };
    },
  };
}

function addressOf(address: string): URL {
  const url = URL.parse(address.replace(/^webcal:/i, 'https:'));
  const isLocal = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url === null || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)))
    throw new ConnectorError(
      'Invalid',
      'calendar feed: expected an address with https or webcal, got another (not repeated here: it is a secret)',
    );
  return url;
}

function conditions(known: FeedMark | null): Record<string, string> {
  return {
    accept: 'text/calendar',
    ...(known?.etag ? { 'if-none-match': known.etag } : {}),
    ...(known?.lastModified ? { 'if-modified-since': known.lastModified } : {}),
  };
}

function failure(response: Response, place: string, { budget, now }: FeedOptions): ConnectorError {
  const { status } = response;
  if (status >= 500) return serverFailure('calendar', place, status, true);
  const isMoved = status >= 300 && status < 400;
  const code = BY_STATUS[status] ?? 'Invalid';
  const message = `calendar ${place}: expected a calendar, got HTTP ${status}${isMoved ? ', which leads elsewhere; ask its owner for the new address' : ''}`;
  const waitMs = code === 'Throttled' ? budget.refused(retryAfterMs(response.headers.get('retry-after'), now())) : null;
  return new ConnectorError(code, message, waitMs === null ? { status } : { status, retryAfterMs: waitMs });
}

/** A file of this machine. Its mark is its size and the time of its last change. */
export function createFileFeed(options: CalendarOptions & { readonly path: string }): AbsenceFeed {
  const refused = (code: ConnectorErrorCode, got: string): ConnectorError =>
    new ConnectorError(code, `calendar file ${options.path}: expected an iCalendar file of at most ${MOST_BYTES} bytes, got ${got}`);
  return {
    async read(window, known) {
      const found = await stat(options.path).catch(() => null);
      if (found === null || !found.isFile()) throw refused('NotFound', 'no file');
      if (found.size > MOST_BYTES) throw refused('Invalid', `${found.size} bytes`);
      const mark = { etag: `${found.size}-${found.mtimeMs}`, lastModified: null };
      if (known?.etag === mark.etag) return { kind: 'unchanged' };
      return { kind: 'read', ...readIcs(await readFile(options.path, 'utf8'), { ...options, window }), mark };
    },
  };
}
