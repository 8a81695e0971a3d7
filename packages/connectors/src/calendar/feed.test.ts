import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBudget } from '../http/budget.ts';
import { createFeed, createFileFeed } from './feed.ts';

const WINDOW = { fromMs: Date.parse('2026-11-01T00:00Z'), toMs: Date.parse('2026-12-01T00:00Z') };
const ENTRY = ['BEGIN:VEVENT', 'UID:e1', 'DTSTART:20261125T110000Z', 'DURATION:PT1H', 'END:VEVENT'];
const TEXT = ['BEGIN:VCALENDAR', ...ENTRY, 'END:VCALENDAR', ''].join('\r\n');
const ABSENCE = {
  id: 'e1/2026-11-25T11:00:00.000Z',
  fromIso: '2026-11-25T11:00:00.000Z',
  toIso: '2026-11-25T12:00:00.000Z',
  reason: 'BUSY',
};
const SECRET = 'private-0123456789';

describe('a calendar feed over HTTP', () => {
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const server = createServer((request, response) => {
    answer(request, response);
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
  });
  afterAll(async () => {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });

  const feed = (timeoutMs = 5_000) =>
    createFeed({
      address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/calendar/${SECRET}/basic.ics`,
      zone: 'Europe/Berlin',
      taken: 'busy',
      budget: createBudget(() => 0),
      timeoutMs,
      now: () => 0,
    });
  const status = (code: number, headers: Record<string, string> = {}): void => {
    answer = (_, response) => response.writeHead(code, headers).end('no');
  };

  it('01 is read with its mark, and not again while that stands', async () => {
    answer = (request, response) => {
      const isKnown =
        request.headers['if-none-match'] === '"v1"' && request.headers['if-modified-since'] === 'Wed, 25 Nov 2026 10:00:00 GMT';
      if (isKnown) response.writeHead(304).end();
      else response.writeHead(200, { etag: '"v1"', 'last-modified': 'Wed, 25 Nov 2026 10:00:00 GMT' }).end(TEXT);
    };
    const mark = { etag: '"v1"', lastModified: 'Wed, 25 Nov 2026 10:00:00 GMT' };
    expect(await feed().read(WINDOW, null)).toEqual({ kind: 'read', absences: [ABSENCE], problems: [], mark });
    expect(await feed().read(WINDOW, mark)).toEqual({ kind: 'unchanged' });
    expect(await feed().read(WINDOW, { etag: '"v0"', lastModified: null })).toMatchObject({ kind: 'read' });
  });

  it.each([
    [401, 'AuthRevoked'],
    [403, 'Forbidden'],
    [404, 'NotFound'],
    [410, 'NotFound'],
    [302, 'Invalid'],
    [418, 'Invalid'],
    [500, 'Transient'],
    [503, 'Transient'],
  ])('01 HTTP %d is %s, and the address, which is a secret, is in no message', async (code, wanted) => {
    status(code, code === 302 ? { location: 'http://127.0.0.1:1/inside' } : {});
    const refused = feed().read(WINDOW, null);
    await expect(refused).rejects.toMatchObject({ code: wanted, status: code });
    await expect(refused).rejects.toThrow(`feed of 127.0.0.1: expected`);
    await expect(refused).rejects.not.toThrow(SECRET);
  });

  it('01 429 is obeyed', async () => {
    status(429, { 'retry-after': '30' });
    const reader = feed();
    await expect(reader.read(WINDOW, null)).rejects.toMatchObject({ code: 'Throttled', retryAfterMs: 30_000 });
    answer = () => expect.unreachable('a held host is not asked');
    await expect(reader.read(WINDOW, null)).rejects.toMatchObject({ code: 'Throttled', retryAfterMs: 30_000 });
  });

  it('01 a page in place of a calendar is refused as a whole', async () => {
    answer = (_, response) => response.end('<html>Sign in</html>');
    await expect(feed().read(WINDOW, null)).rejects.toMatchObject({ code: 'Invalid' });
  });

  it('01 a feed that does not end is left after 10 MB', async () => {
    let isLeft: () => void = () => {};
    const left = new Promise<void>((resolve) => {
      isLeft = resolve;
    });
    const part = Buffer.alloc(1_000_000, 'a');
    answer = (_, response) => {
      response.on('close', isLeft);
      const more = (): void => {
        if (!response.destroyed) response.write(part, more);
      };
      more();
    };
    await expect(feed().read(WINDOW, null)).rejects.toMatchObject({
      code: 'Invalid',
      message: 'calendar feed of 127.0.0.1: expected at most 10000000 bytes, got more',
    });
    await left;
  });

  it('01 a server that is silent or breaks off is tried again later', async () => {
    answer = () => {};
    await expect(feed(50).read(WINDOW, null)).rejects.toMatchObject({ code: 'Transient' });
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('BEGIN', () => response.destroy());
    };
    await expect(feed().read(WINDOW, null)).rejects.toMatchObject({ code: 'Transient' });
  });

  it.each(['http://calendar.example.com/a.ics', 'file:///etc/passwd', 'nonsense', 'webcal:'])('01 %s is no address', (address) => {
    const open = () => createFeed({ address, zone: 'UTC', taken: 'busy', budget: createBudget(() => 0), timeoutMs: 1, now: () => 0 });
    expect(open).toThrow('expected an address with https or webcal');
    expect(open).not.toThrow(address);
  });
});

describe('a calendar file', () => {
  it('01 is read, and not again while it stands; a file that is not there or too long is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-calendar-'));
    try {
      const path = join(folder, 'ann.ics');
      const file = createFileFeed({ path, zone: 'UTC', taken: 'busy' });
      await expect(file.read(WINDOW, null)).rejects.toMatchObject({ code: 'NotFound' });
      await writeFile(path, TEXT);
      const first = await file.read(WINDOW, null);
      expect(first).toMatchObject({ kind: 'read', absences: [ABSENCE], problems: [] });
      expect(await file.read(WINDOW, first.kind === 'read' ? first.mark : null)).toEqual({ kind: 'unchanged' });
      await writeFile(path, TEXT.replace('PT1H', 'PT30M'));
      expect(await file.read(WINDOW, first.kind === 'read' ? first.mark : null)).toMatchObject({ kind: 'read' });
      await truncate(path, 10_000_001);
      await expect(file.read(WINDOW, null)).rejects.toMatchObject({ code: 'Invalid' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
