/** C. Webhook transport: Jira's deliveries over HTTP into the real ingress, doubled, reordered, lost, forged, unknown and many. */
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask } from '@lockstep/launcher/people/person.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { createIngress } from '@lockstep/worker/http/ingress.ts';
import { conflictsOf, everyRecord, expectLaws, itemTitled, linksOf } from './laws.ts';
import { jiraHands } from './people-jira.ts';
import { createWorld, WEBHOOK_SECRET } from './world.ts';
import type { World } from './world.ts';

const database = useTestStore();
const TITLE = 'Dig the trenches';
const DAY_MS = 86_400_000;
const MARIA = { authorization: `Basic ${Buffer.from('maria@growth.example:jira-token-maria').toString('base64')}` };

interface Door {
  readonly url: string;
  readonly woken: (readonly string[])[];
  readonly logged: { readonly security?: boolean; readonly reason?: string }[];
  /** Statuses of what has been answered. */
  readonly answered: number[];
}

/** The ingress as the worker serves it, on a port of its own. */
async function doorOf(world: World): Promise<Door> {
  const [woken, logged, answered]: [Door['woken'], Door['logged'], Door['answered']] = [[], [], []];
  const wakes = { wake: async (connectionIds: readonly string[]) => void woken.push(connectionIds) };
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(JSON.parse(line) as Door['logged'][number]) });
  const app = createIngress({ workspace: world.workspace, wakes, log, publicUrl: null });
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const answerOf = await app.request(`${url}${request.url ?? ''}`, {
        method: request.method ?? 'POST',
        headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
          typeof value === 'string' ? [[name, value]] : [],
        ),
        body: Readable.toWeb(request) as ReadableStream,
        duplex: 'half',
      });
      answered.push(answerOf.status);
      response.writeHead(answerOf.status).end(await answerOf.text());
    };
    answer().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(
    () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  );
  return { url, woken, logged, answered };
}

/** The plan, Jira and Notion in step, and Jira's webhook registered at the ingress. */
async function listening(): Promise<{ readonly world: World; readonly door: Door }> {
  const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'notion'] });
  await world.rest();
  const door = await doorOf(world);
  const events = ['jira:issue_created', 'jira:issue_updated', 'jira:issue_deleted'];
  const body = { name: 'Lockstep', url: `${door.url}/webhooks/jira`, events, secret: WEBHOOK_SECRET };
  await ask(`${world.simulator.urls.jira}/rest/webhooks/1.0/webhook`, { method: 'POST', headers: MARIA, body });
  return { world, door };
}

const counted = async (door: Door, count: number): Promise<void> =>
  expect.poll(() => door.answered.length, { timeout: 10_000, interval: 10 }).toBeGreaterThanOrEqual(count);
const dirty = (world: World): Promise<readonly string[]> =>
  world.workspace.store.transaction(async (tx) => (await tx.dirtyRecords('jira', 10_000)).map(({ remoteId }) => remoteId));
const signed = (body: string): Record<string, string> => ({
  'x-hub-signature': `sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`,
});
const post = async (
  url: string,
  body: string,
  headers: Record<string, string>,
): Promise<{ readonly status: number; readonly text: string }> => {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  return { status: answer.status, text: await answer.text() };
};

describe('C. webhooks', () => {
  it('C01 a delivery that comes twice has one effect', async () => {
    const { world, door } = await listening();
    await world.admin('/webhooks', 'POST', { copies: 3 });
    const before = await world.writes('notion');
    await world.people.jira.edit((await world.one('jira', TITLE)).id, { owner: 'Dora' });
    await counted(door, 3);
    expect([door.answered, door.woken, await dirty(world)]).toEqual([[202, 200, 200], [['jira']], [(await world.one('jira', TITLE)).id]]);
    await world.admin('/webhooks', 'POST', { copies: 1 });
    await expectLaws(world, [{ title: TITLE, field: 'owner', value: 'Dora' }]);
    expect((await world.writes('notion')) - before).toBe(1);
  });

  it('C02 “updated” that comes before “created”: the record is read fresh and linked once', async () => {
    const { world, door } = await listening();
    await world.admin('/webhooks', 'POST', { hold: true, reversed: true });
    const maria = jiraHands(world);
    const phase = (await world.one('jira', 'Phase 1: Roots (Weeks 1–4)')).id;
    const id = await maria.make({ summary: 'Water the saplings', parent: { id: phase } });
    await maria.set(id, { customfield_10201: 'Cleo' });
    await world.admin('/webhooks', 'POST', { hold: false });
    await counted(door, 2);
    // By the hints alone: no search shows it yet.
    await world.pass('jira');
    expect((await itemTitled(world, 'Water the saplings')).fields.owner).toBe('Cleo');
    await expectLaws(world);
    expect((await linksOf(world, 'jira')).filter(({ remoteId }) => remoteId === id)).toHaveLength(1);
    expect((await everyRecord(world, 'notion')).filter(({ fields }) => fields.title === 'Water the saplings')).toHaveLength(1);
  });

  it('C04 a webhook that is never delivered: the next poll finds the change', async () => {
    const { world, door } = await listening();
    await world.admin('/webhooks', 'POST', { drop: true });
    const id = (await world.one('jira', TITLE)).id;
    await world.people.jira.edit(id, { owner: 'Dora' });
    // The interval of polling; the index lags less than the 30 s on top of it.
    await world.advance(30_000);
    await world.pass('jira');
    expect((await itemTitled(world, TITLE)).fields.owner).toBe('Dora');
    expect([door.answered, await world.admin('/webhooks')]).toEqual([[], expect.objectContaining({ dropped: 1 })]);
    await expectLaws(world, [{ title: TITLE, field: 'owner', value: 'Dora' }]);
  });

  it('C05 a forged delivery is 401 with no change of state and a line in the security log; a replayed one is a duplicate, or 401 where a time is signed', async () => {
    const { world, door } = await listening();
    const body = JSON.stringify({ webhookEvent: 'jira:issue_updated', issue: { id: (await world.one('jira', TITLE)).id } });
    const jira = `${door.url}/webhooks/jira`;
    for (const headers of [{}, { 'x-hub-signature': `sha256=${'0'.repeat(64)}` }, signed(`${body} `)])
      expect((await post(jira, body, headers)).status).toBe(401);
    expect([await dirty(world), door.woken, door.logged.map(({ security, reason }) => [security, reason])]).toEqual([
      [],
      [],
      [1, 2, 3].map(() => [true, 'bad-signature']),
    ]);
    const headers = { ...signed(body), 'x-atlassian-webhook-identifier': 'once' };
    expect([(await post(jira, body, headers)).status, (await post(jira, body, headers)).status]).toEqual([202, 200]);
    expect(door.woken).toEqual([['jira']]);
    await expectLaws(world);
  });

  it('C05 a replayed delivery of HubSpot’s is 401 once its signed time is old', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'hubspot'] });
    await world.rest();
    const door = await doorOf(world);
    const url = `${door.url}/webhooks/hubspot`;
    const body = '[]';
    const at = (ms: number): Record<string, string> => ({
      'x-hubspot-request-timestamp': String(ms),
      'x-hubspot-signature-v3': createHmac('sha256', WEBHOOK_SECRET).update(`POST${url}${body}${ms}`).digest('base64'),
    });
    const fresh = at(Date.now());
    expect((await post(url, body, fresh)).status).toBe(200);
    await world.advance(301_000);
    expect((await post(url, body, fresh)).status).toBe(401);
    expect(door.logged).toMatchObject([{ security: true, reason: 'stale' }]);
    await expectLaws(world);
  });

  it('C06 an event of an unknown type is taken, counted and changes nothing', async () => {
    const { world, door } = await listening();
    const body = JSON.stringify({ webhookEvent: 'jira:issue_pondered', issue: { id: '10001' } });
    const answer = await post(`${door.url}/webhooks/jira`, body, signed(body));
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { accepted: true, ignored: 1 }]);
    expect([await dirty(world), door.woken]).toEqual([[], []]);
    await expectLaws(world);
  });

  it('C08 many events of few items: each is taken, an item is marked once, and read once in a pass', async () => {
    const { world, door } = await listening();
    const ids = (await linksOf(world, 'jira')).map(({ remoteId }) => remoteId);
    const url = `${door.url}/webhooks/jira`;
    const events = Array.from({ length: 1_000 }, (_, index) => {
      const body = JSON.stringify({ webhookEvent: 'jira:issue_updated', timestamp: index, issue: { id: ids[index % ids.length] } });
      return { body, headers: { ...signed(body), 'x-atlassian-webhook-identifier': `burst-${index}` } };
    });
    const statuses = new Set<number>();
    for (let start = 0; start < events.length; start += 50) {
      const answers = await Promise.all(events.slice(start, start + 50).map(({ body, headers }) => post(url, body, headers)));
      for (const { status } of answers) statuses.add(status);
    }
    expect([[...statuses], new Set(await dirty(world)), (await dirty(world)).length]).toEqual([[202], new Set(ids), ids.length]);
    const { lastSeq } = await world.admin<{ lastSeq: number }>('/counts');
    await world.pass('jira');
    const { requests } = await world.admin<{ requests: readonly { path: string; records: number }[] }>(
      `/requests?tool=jira&account=lockstep&after=${lastSeq}`,
    );
    const reads = requests.filter(({ path }) => path.endsWith('/bulkfetch') && !path.includes('changelog'));
    expect(reads.map(({ records }) => records)).toEqual([ids.length]);
    expect(await dirty(world)).toEqual([]);
    await expectLaws(world);
  });
});

describe('C. webhooks that run out', () => {
  it('C07 a dynamic webhook near its end is extended; once it has run out polling covers the gap and a person is asked', async () => {
    const dynamic = { jira: (shipped: Mapping): Mapping => ({ ...shipped, target: { ...shipped.target, webhooks: 'dynamic' } }) };
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'notion'], mapping: dynamic });
    await world.rest();
    const path = `${world.simulator.urls.jira}/rest/api/3/webhook`;
    const register = (): Promise<unknown> =>
      ask(path, {
        method: 'POST',
        headers: MARIA,
        body: { url: 'http://127.0.0.1:9/hook', webhooks: [{ events: ['jira:issue_updated'], jqlFilter: 'project = GROW' }] },
      });
    await register();
    const leftDays = async (): Promise<number> => {
      const { now } = await world.admin<{ now: string }>('/clock', 'POST', { advanceMs: 0 });
      const { values } = await ask<{ values: readonly { expirationDate: number }[] }>(path, { headers: MARIA });
      return Math.round(((values.at(-1)?.expirationDate ?? 0) - Date.parse(now)) / DAY_MS);
    };
    const asked = async (): Promise<readonly string[]> => (await conflictsOf(world, 'open')).map(({ message }) => message);
    const nights: number[] = [];
    for (let night = 0; night < 5; night += 1) {
      await world.advance(10 * DAY_MS);
      await world.pass('jira', { full: true });
      nights.push(await leftDays());
    }
    // Ten days before its end it gets thirty more.
    expect([nights, await asked()]).toEqual([[20, 30, 20, 30, 20], []]);

    // Nobody looked for too long.
    await world.advance(31 * DAY_MS);
    await world.people.jira.edit((await world.one('jira', TITLE)).id, { owner: 'Dora' });
    await world.rest({ full: true });
    expect((await itemTitled(world, TITLE)).fields.owner).toBe('Dora');
    expect(await asked()).toEqual([expect.stringContaining('only ones that have run out')]);
    await register();
    await world.pass('jira', { full: true });
    expect(await asked()).toEqual([]);
    await expectLaws(world, [{ title: TITLE, field: 'owner', value: 'Dora' }]);
  });
});
