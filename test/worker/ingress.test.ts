/** Webhooks in: verified, stored, answered, in this order. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Delivery, Verification, Watches } from '@lockstep/domain/sync/connector.port.ts';
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { createApi } from '@lockstep/worker/http/api.ts';
import { createIngress } from '@lockstep/worker/http/ingress.ts';
import { benchOf, remoteOf } from '../engine/bench-of-remotes.ts';
import type { Bench } from '../engine/bench-of-remotes.ts';

const database = useTestStore();
const SECRET = 'a secret';

interface Event {
  readonly id: string;
  readonly type: string;
  readonly remoteId?: string;
}

const signatureOf = (body: string, url: string): string => createHmac('sha256', SECRET).update(url).update(body).digest('hex');

/** A vendor that signs URL and body, knows one type of event, and shakes hands. */
const watches: Watches = {
  verify({ body, url, headers }: Delivery): Verification {
    const text = Buffer.from(body).toString();
    const [given, wanted] = [Buffer.from(headers['x-signature'] ?? ''), Buffer.from(signatureOf(text, url))];
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return { ok: false, reason: 'bad-signature' };
    if (!text.startsWith('{')) return { ok: false, reason: 'malformed' };
    const event = JSON.parse(text) as Event;
    if (event.type === 'hello') return { ok: true, handshake: event.id };
    const hints = event.type === 'updated' && event.remoteId !== undefined ? [{ remoteId: event.remoteId, deleted: false }] : [];
    return { ok: true, deliveryId: event.id, hints, ignored: hints.length === 0 ? 1 : 0 };
  },
};

interface Door {
  readonly bench: Bench;
  readonly store: Store;
  readonly woken: (readonly string[])[];
  readonly logged: { readonly security?: boolean; readonly reason?: string }[];
  knock(
    body: string | Event,
    options?: { signature?: string; path?: string; signedUrl?: string; headers?: Record<string, string> },
  ): Promise<{ readonly status: number; readonly text: string }>;
}

async function door(publicUrl: string | null = null, change: (store: Store) => Store = (store) => store): Promise<Door> {
  const store = database.store();
  const bench = await benchOf(store, ['jira', 'notion']);
  Object.assign(remoteOf(bench.remotes, 'jira').connector, { watches });
  const woken: Door['woken'] = [];
  const logged: Door['logged'] = [];
  const workspace = { ...bench.workspace, store: change(store) };
  const wakes = { wake: async (connectionIds: readonly string[]) => void woken.push(connectionIds) };
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(JSON.parse(line) as Door['logged'][number]) });
  // As the worker serves it: beside the API, and without its token.
  const app = createApi({
    ...{ workspace, wakes, log, workspaceId: 'door', token: 'a token' },
    command: async () => undefined,
    engines: { temporal: '', postgres: '' },
  }).route('/', createIngress({ workspace, wakes, log, publicUrl }));
  return {
    ...{ bench, store, woken, logged },
    async knock(body, { path = '/webhooks/jira', signedUrl, signature, headers = {} } = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const url = `http://localhost${path}`;
      const response = await app.request(url, {
        method: 'POST',
        headers: { 'x-signature': signature ?? signatureOf(text, signedUrl ?? url), ...headers },
        body: text,
      });
      return { status: response.status, text: await response.text() };
    },
  };
}

const dirtyIn = ({ store }: Door): Promise<readonly string[]> =>
  store.transaction(async (tx) => (await tx.dirtyRecords('jira', 10)).map(({ remoteId }) => remoteId));

/** Bodies of all deliveries that hold this text: every test has its own. */
async function stored(words: string): Promise<number> {
  const { rows } = await database.pool.query<{ body: Buffer }>('select body from lockstep.inbox');
  return rows.filter(({ body }) => body.toString().includes(words)).length;
}

test('C05 a forged signature is 401: nothing stored, nothing woken, one line in the security log', async () => {
  const here = await door();
  for (const signature of ['', 'x', 'f'.repeat(64)])
    expect((await here.knock({ id: 'forged', type: 'updated', remoteId: 'jira-1' }, { signature })).status).toBe(401);
  expect([await stored('forged'), await dirtyIn(here), here.woken]).toEqual([0, [], []]);
  expect(here.logged.map(({ security, reason }) => ({ security, reason }))).toEqual(
    Array.from({ length: 3 }, () => ({ security: true, reason: 'bad-signature' })),
  );
});

test('C05 an altered body is 401, and a signed one that is malformed 400', async () => {
  const here = await door();
  const signature = signatureOf('{"id":"altered","type":"updated"}', 'http://localhost/webhooks/jira');
  expect((await here.knock('{"id":"altered","type":"deleted"}', { signature })).status).toBe(401);
  expect((await here.knock('altered')).status).toBe(400);
  expect(await stored('altered')).toBe(0);
});

test('C01 a delivery is stored, marked, acknowledged and woken once, however often it comes', async () => {
  const here = await door();
  const event = { id: 'once', type: 'updated', remoteId: 'jira-1' };
  const answers = [await here.knock(event), await here.knock(event), await here.knock(event)];
  expect(answers.map(({ status }) => status)).toEqual([202, 200, 200]);
  expect([await stored('"once"'), await dirtyIn(here), here.woken]).toEqual([1, ['jira-1'], [['jira']]]);
});

test('C08 many events of one record are one record to read', async () => {
  const here = await door();
  for (let index = 0; index < 25; index += 1) await here.knock({ id: `burst-${index}`, type: 'updated', remoteId: 'jira-1' });
  expect(await dirtyIn(here)).toEqual(['jira-1']);
});

test('C02 a hint carries nothing: the record is read, and what the delivery says of it is not believed', async () => {
  const here = await door();
  const jira = remoteOf(here.bench.remotes, 'jira');
  const remoteId = jira.make({ title: 'as it is', owner: null, status: 'todo', labels: [], parent: null });
  await here.knock(JSON.stringify({ id: 'says', type: 'updated', remoteId, title: 'as the delivery says' }));
  await here.bench.rest();
  const notion = remoteOf(here.bench.remotes, 'notion');
  expect(notion.live().map((paper) => paper.fields.title)).toEqual(['as it is']);
  expect(await dirtyIn(here)).toEqual([]);
});

test('C06 an event of an unknown type is 200, so that the subscription lives on, and wakes nobody', async () => {
  const here = await door();
  const { status, text } = await here.knock({ id: 'odd', type: 'sprint.started' });
  expect([status, JSON.parse(text)]).toEqual([200, { accepted: true, ignored: 1 }]);
  expect([await dirtyIn(here), here.woken]).toEqual([[], []]);
});

test('a delivery that could not be stored is not acknowledged, so that the vendor sends it again', async () => {
  const here = await door(null, (store) => ({ ...store, transaction: () => Promise.reject(new Error('power cut')) }));
  expect((await here.knock({ id: 'unstored', type: 'updated', remoteId: 'jira-1' })).status).toBe(500);
  expect([await stored('unstored'), here.woken]).toEqual([0, []]);
});

test('a handshake is answered and not stored', async () => {
  const here = await door();
  expect(await here.knock({ id: 'shake', type: 'hello' })).toEqual({ status: 200, text: 'shake' });
  expect(await stored('shake')).toBe(0);
});

test('a body over 2 MiB is 413 before it is verified, whether or not it says how long it is', async () => {
  const here = await door();
  const text = JSON.stringify({ id: 'large', type: 'updated', remoteId: 'x'.repeat(2 * 1024 * 1024) });
  expect((await here.knock(text)).status).toBe(413);
  expect((await here.knock(text, { headers: { 'content-length': String(text.length) } })).status).toBe(413);
  expect(await stored('"large"')).toBe(0);
});

test('connections without webhooks, and those that are none, are 404', async () => {
  const here = await door();
  for (const path of ['/webhooks/notion', '/webhooks/nope'])
    expect((await here.knock({ id: 'x', type: 'updated' }, { path })).status).toBe(404);
});

test('behind a proxy the vendor’s signature is held against the public address', async () => {
  const here = await door('https://hooks.example.com');
  const event = { id: 'proxied', type: 'updated', remoteId: 'jira-1' };
  expect((await here.knock(event)).status).toBe(401);
  expect((await here.knock(event, { signedUrl: 'https://hooks.example.com/webhooks/jira' })).status).toBe(202);
});
