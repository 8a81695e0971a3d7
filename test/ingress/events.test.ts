/** Product events as Segment sends them and as attackers do, on a real socket: who is let in, what is taken, and that nothing else is stored. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EventsAnswer } from '@lockstep/api/routing-schemas.ts';
import { eventsAnswerSchema } from '@lockstep/api/routing-schemas.ts';
import { problemSchema } from '@lockstep/api/schemas.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { accountIdOf } from '../worker/paper-routing.ts';
import { openRoutingDesk, OPERATOR } from '../worker/routing-desk.ts';
import type { RoutingDesk } from '../worker/routing-desk.ts';

const database = useTestStore();
const TOKEN = 'write-key-1';
const SECRET = 'shared-secret';
const REQUEST_MS = 400;
const PATH = '/v1/events';
const ACME = `now ${accountIdOf('domain:acme.example')}`;

/** A call as Segment's libraries make it. */
const call = (messageId: string, more: object = {}) => ({
  ...{ type: 'track', event: 'Seat Added', userId: 'u-1', messageId, timestamp: '2026-10-23T16:00:00.000Z' },
  context: { traits: { email: 'ines@acme.example' } },
  properties: { seats: 3 },
  ...more,
});
const text = (body: unknown): string => JSON.stringify(body);
const bearer = { authorization: `Bearer ${TOKEN}` };
const basic = (user: string, password = ''): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const hmac = (algorithm: 'sha1' | 'sha256', body: string, secret = SECRET): string =>
  createHmac(algorithm, secret).update(body).digest('hex');

describe('product events', () => {
  let desk: RoutingDesk;
  beforeAll(async () => {
    desk = await openRoutingDesk(database, {
      credentials: { tokens: ['write-key-0', TOKEN], secrets: ['old', SECRET] },
      requestMs: REQUEST_MS,
    });
  });
  afterEach(() => {
    desk.paper.events.clear();
    for (const seen of [desk.woken, desk.security, desk.errors]) seen.length = 0;
  });
  afterAll(() => desk.close());

  /** The status of a post after which nothing is stored, nobody woken and nothing broken. */
  const refused = async (body: Uint8Array | string, headers: Readonly<Record<string, string>>, path = PATH): Promise<number> => {
    const { status, body: answer } = await desk.post(path, body, headers);
    expect(problemSchema.parse(answer).message).toMatch(/: expected /);
    expect([desk.paper.events.size, desk.woken, desk.errors]).toEqual([0, [], []]);
    return status;
  };
  const taken = async (body: unknown, headers: Readonly<Record<string, string>> = bearer, path = PATH): Promise<EventsAnswer> => {
    const { status, body: answer } = await desk.post(path, text(body), headers);
    expect(status).toBe(200);
    return eventsAnswerSchema.parse(answer);
  };

  it('R7 12 a delivery that comes ten times is one event, and wakes its account once', async () => {
    const batch = { batch: [call('m-1'), call('m-2')], sentAt: '2026-10-23T16:00:01.000Z' };
    expect(await taken(batch)).toEqual({ accepted: 2, duplicates: 0, ignored: 0, refused: [] });
    for (let attempt = 1; attempt < 10; attempt += 1)
      expect(await taken({ ...batch, sentAt: `2026-10-23T16:00:1${attempt}.000Z` })).toMatchObject({ accepted: 0, duplicates: 2 });
    expect([desk.paper.events.size, desk.woken]).toEqual([2, [ACME]]);
  });

  it('a bad call of a batch is named by its place, and loses nothing of the others', async () => {
    const batch = [
      call('m-1'),
      { type: 'track' },
      7,
      call('m-3'),
      { type: 'page', userId: 'u-1' },
      call('m-4', { properties: { big: 'x'.repeat(40_000) } }),
    ];
    const answer = await taken({ batch });
    expect(answer).toMatchObject({ accepted: 2, duplicates: 0, ignored: 1 });
    expect(answer.refused.map(({ index }) => index)).toEqual([1, 2, 5]);
    for (const { index, problems } of answer.refused) expect(problems[0]?.path).toMatch(new RegExp(`^batch\\[${index}\\]`));
    expect([...desk.paper.events.keys()]).toEqual(['m-1', 'm-3']);
  });

  it('a single call is taken as it is; one that is bad is answered with 200, since sending it again does not help', async () => {
    expect(await taken(call('m-1'))).toMatchObject({ accepted: 1 });
    expect(await taken({ type: 'track' })).toMatchObject({ accepted: 0, refused: [{ index: 0 }] });
    expect(await taken([call('m-2')])).toMatchObject({ accepted: 0, refused: [{ index: 0 }] });
  });

  it.each([
    ['a bearer token', bearer],
    ['the other of two', { authorization: 'Bearer write-key-0' }],
    ["Segment's write key", basic(TOKEN)],
    ["the API's own token", { authorization: `Bearer ${OPERATOR}` }],
  ])('%s lets in', async (_, headers) => {
    expect(await taken(call('m-1'), headers)).toMatchObject({ accepted: 1 });
  });

  it.each(['sha1', 'sha256'] as const)('a body that is signed with %s lets in, by the secret of now or of before', async (algorithm) => {
    const body = text(call('m-1'));
    for (const signature of [hmac(algorithm, body), hmac(algorithm, body, 'old'), `${algorithm}=${hmac(algorithm, body)}`])
      expect((await desk.post(PATH, body, { 'x-signature': signature })).status).toBe(200);
    expect(desk.paper.events.size).toBe(1);
  });

  it('64 forged and missing credentials are 401, with a line in the security log for each', async () => {
    const body = text(call('m-1'));
    const given: readonly Readonly<Record<string, string>>[] = [
      {},
      { authorization: '' },
      { authorization: 'Bearer ' },
      { authorization: `Bearer ${TOKEN}x` },
      { authorization: TOKEN },
      basic(TOKEN, 'a password'),
      basic(''),
      { 'x-signature': '' },
      { 'x-signature': hmac('sha1', body, 'another secret') },
      { 'x-signature': hmac('sha256', `${body} `) },
      { 'x-signature': `sha1=${hmac('sha256', body)}` },
      { 'x-signature': hmac('sha1', body).slice(0, 39) },
      { 'x-signature': '0'.repeat(8_000) },
      // A good signature does not help a bad token.
      { authorization: 'Bearer nobody', 'x-signature': hmac('sha1', body) },
    ];
    for (const headers of given) expect(await refused(body, headers), text(headers).slice(0, 60)).toBe(401);
    expect(desk.security).toHaveLength(given.length);
  });

  it('fails closed: where no credentials are configured, nothing but the API’s own token lets in', async () => {
    const closed = await openRoutingDesk(database);
    const body = text(call('m-1'));
    const empty = createHmac('sha1', '').update(body).digest('hex');
    const statuses = await Promise.all(
      [{ authorization: 'Bearer ' }, { authorization: 'Bearer undefined' }, basic(''), { 'x-signature': empty }].map(
        async (headers) => (await closed.post(PATH, body, headers)).status,
      ),
    );
    const own = await closed.post(PATH, body, { authorization: `Bearer ${OPERATOR}` });
    await closed.close();
    expect([statuses, own.status]).toEqual([[401, 401, 401, 401], 200]);
  });

  it('an event token opens nothing else of the API', async () => {
    for (const path of ['/v1/status', '/v1/routing/sla', '/v1/routing/leads'])
      expect((await desk.call('GET', path, undefined, TOKEN)).status).toBe(401);
    expect((await desk.call('GET', '/v1/routing/leads')).status).toBe(200);
  });

  it('29 imported history takes the API’s own token, and is woken behind what happens now', async () => {
    expect(await refused(text(call('m-1')), bearer, `${PATH}?backfill=true`)).toBe(403);
    expect(await refused(text(call('m-1')), { authorization: `Bearer ${OPERATOR}` }, `${PATH}?backfill=yes`)).toBe(400);
    expect(await taken({ batch: [call('m-1')] }, { authorization: `Bearer ${OPERATOR}` }, `${PATH}?backfill=true`)).toMatchObject({
      accepted: 1,
    });
    expect(desk.woken).toEqual([ACME.replace('now', 'background')]);
    expect(desk.paper.events.get('m-1')?.isBackfill).toBe(true);
  });

  it('a body over 500 KB is 413 whether or not it says how long it is; one under it is read', async () => {
    const body = Buffer.alloc(500 * 1024 + 1, ' ');
    expect(await refused(body, bearer)).toBe(413);
    expect(await refused(body, { 'x-signature': hmac('sha1', body.toString()) })).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(body);
        controller.close();
      },
    });
    expect((await fetch(desk.url + PATH, { method: 'POST', headers: bearer, body: stream, duplex: 'half' })).status).toBe(413);
    const many = Array.from({ length: 1_000 }, (_, index) => call(`m-${index}`));
    expect(await taken({ batch: many })).toMatchObject({ accepted: 1_000 });
  });

  it('compressed bodies are 415 and not unpacked', async () => {
    const packed = gzipSync(text(call('m-1')));
    for (const encoding of ['gzip', 'GZIP', 'br', 'identity, gzip'])
      expect(await refused(packed, { ...bearer, 'content-encoding': encoding })).toBe(415);
    expect((await desk.post(PATH, text(call('m-1')), { ...bearer, 'content-encoding': 'identity' })).status).toBe(200);
  });

  it('what is not JSON in UTF-8 is 400; depths and names that break parsers are refused call by call', async () => {
    for (const body of ['', '{', 'seats=3', Buffer.from([0x22, 0xff, 0x22])]) expect(await refused(body, bearer)).toBe(400);
    const deep = `${'{"a":'.repeat(16_000)}1${'}'.repeat(16_000)}`;
    for (const body of [`{"batch":[${deep},${text(call('m-1'))}]}`, `{"__proto__":{"x":1},"batch":[null,${text(call('m-2'))}]}`]) {
      const { status, body: answer } = await desk.post(PATH, body, bearer);
      expect([status, eventsAnswerSchema.parse(answer)]).toMatchObject([200, { accepted: 1, refused: [{ index: 0 }] }]);
    }
    expect(desk.errors).toEqual([]);
  });

  it('nothing is acknowledged that is not on record: a store that fails is 500, and the delivery is taken when it comes again', async () => {
    desk.paper.troubles.push(new Error('no connection'));
    expect((await desk.post(PATH, text(call('m-1')), bearer)).status).toBe(500);
    expect(desk.errors.splice(0)).toEqual(['the API failed']);
    expect([desk.paper.events.size, desk.woken]).toEqual([0, []]);
    expect(await taken(call('m-1'))).toMatchObject({ accepted: 1 });
  });

  it('a body that comes slowly is 408 and leaves nothing, and one whose sender goes away neither', async () => {
    const head = `POST ${PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-length: 1000\r\n\r\n{"half":`;
    const port = Number(new URL(desk.url).port);
    const slow = connect(port, '127.0.0.1');
    let answer = '';
    slow.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    slow.on('error', () => undefined);
    slow.write(head);
    const gone = connect(port, '127.0.0.1');
    gone.write(head, () => gone.destroy());
    await Promise.all([once(slow, 'close'), once(gone, 'close')]);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect([desk.paper.events.size, desk.errors]).toEqual([0, []]);
    expect(await taken(call('m-1'))).toMatchObject({ accepted: 1 });
  });
});
