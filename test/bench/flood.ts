/**
 * 10,000 webhooks in 10 seconds: signed as Notion signs, ten of each of a thousand pages (fewer where there are fewer), while the worker goes on with its
 * work. Edits whose own webhooks were lost hide among them: none may be missed (C08).
 */
import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { personInNotion } from '@lockstep/launcher/people/notion.ts';
import { untilInStep } from '@lockstep/launcher/waiting.ts';
import pg from 'pg';
import type { LoggedRequest, Stage } from './stage.ts';
import { atMost, row } from './table.ts';
import type { Row } from './table.ts';

const WEBHOOKS = 10_000;
const WITHIN_MS = 10_000;
const EVERY_MS = 20;
const EVENTS_OF_A_PAGE = 10;
const EDITS = 20;
const SOCKETS = 200;
/** The shortest time between two readings of hints that follow each other. */
const WINDOW_MS = 250;
const DRAIN_MS = 20 * 60_000;

interface Sent {
  readonly status: number;
  readonly ms: number;
}

export async function measureFlood(stage: Stage, say: (line: string) => void): Promise<readonly Row[]> {
  const { api, simulator } = stage;
  const database = new pg.Client({ connectionString: stage.databaseUrl });
  await database.connect();
  const pages = await pagesOf(database, WEBHOOKS / EVENTS_OF_A_PAGE);
  await stage.webhooks({ drop: true });
  const omar = await personInNotion(simulator.urls.notion);
  const edited = pages.filter((_, index) => index % Math.ceil(pages.length / EDITS) === 0);
  for (const [index, { remoteId }] of edited.entries()) await omar.edit(remoteId, { owner: `Flood ${index}` });
  await stage.webhooks({ drop: false });
  const from = await simulator.lastSeq();
  const secret = stage.secretOf('notion');
  const startedMs = performance.now();
  const sent = await sendAll(`${stage.apiUrl}/webhooks/notion`, secret, pages);
  const seconds = (performance.now() - startedMs) / 1_000;
  await untilInStep(api, { timeoutMs: DRAIN_MS });
  const most = mostInAWindow((await stage.requests(from)).filter(({ operation }) => operation === 'retrieve a page'));
  const { rows } = await database.query<{ stored: string }>('select count(*) as stored from lockstep.inbox where delivery_id like $1', [
    'flood-%',
  ]);
  let missed = 0;
  for (const [index, { itemId }] of edited.entries()) if ((await api.why(itemId)).item.fields.owner !== `Flood ${index}`) missed += 1;
  await database.end();
  const acked = sent.filter(isAcknowledged);
  for (const [status, refused] of Map.groupBy(sent, ({ status: answer }) => answer))
    if (!isAcknowledged({ status }))
      say(`${refused.length} webhooks were answered ${status === 0 ? 'by nothing: the connection failed' : status}`);
  const slowest = Math.max(...sent.map(({ ms }) => ms));
  return [
    row(`${WEBHOOKS} webhooks: sent and acknowledged within`, seconds, 's'),
    row(`${WEBHOOKS} webhooks: slowest acknowledgement`, slowest, 'ms', { goal: atMost(1_000, 'ms') }),
    row(`${WEBHOOKS} webhooks: lost`, WEBHOOKS - Math.min(acked.length, Number(rows[0]?.stored ?? 0)), 'webhooks', { goal: atMost(0, '') }),
    row(`${WEBHOOKS} webhooks: edits among them that were missed`, missed, 'edits', { goal: atMost(0, '') }),
    row(`${WEBHOOKS} webhooks: most reads of one page by id in a window of ${WINDOW_MS} ms`, most, 'reads', {
      goal: atMost(1, 'read'),
    }),
  ];
}

function isAcknowledged({ status }: Pick<Sent, 'status'>): boolean {
  return status === 202 || status === 200;
}

/** The most reads of one page within a window. */
function mostInAWindow(reads: readonly LoggedRequest[]): number {
  const counts = [...Map.groupBy(reads, ({ path }) => path).values()].map((ofPage) => {
    const times = ofPage.map(({ at }) => Date.parse(at));
    return Math.max(...times.map((start) => times.filter((at) => at >= start && at < start + WINDOW_MS).length));
  });
  return Math.max(0, ...counts);
}

interface LinkedPage {
  readonly itemId: string;
  readonly remoteId: string;
}

async function pagesOf(database: pg.Client, most: number): Promise<readonly LinkedPage[]> {
  const { rows } = await database.query<LinkedPage>(
    `select item_id as "itemId", remote_id as "remoteId" from lockstep.links where connection_id = 'notion' and state = 'linked' order by item_id desc limit $1`,
    [most],
  );
  return rows;
}

/** Sends in steps of 20 ms, whatever the answers take. A page's events follow each other. */
async function sendAll(url: string, secret: string, pages: readonly LinkedPage[]): Promise<readonly Sent[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS });
  const answers: Promise<Sent>[] = [];
  const perPage = Math.ceil(WEBHOOKS / pages.length);
  const webhooks = Array.from({ length: WEBHOOKS }, (_, number) =>
    webhookOf(secret, pages[Math.floor(number / perPage)]?.remoteId ?? '', number),
  );
  const startedMs = performance.now();
  for (let sent = 0; sent < WEBHOOKS;) {
    const due = Math.min(WEBHOOKS, Math.ceil(((performance.now() - startedMs + EVERY_MS) / WITHIN_MS) * WEBHOOKS));
    for (; sent < due; sent += 1) answers.push(send(agent, url, webhooks[sent] ?? { body: '', signature: '' }));
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  const all = await Promise.all(answers);
  agent.destroy();
  return all;
}

interface Webhook {
  readonly body: string;
  readonly signature: string;
}

function webhookOf(secret: string, pageId: string, number: number): Webhook {
  const body = JSON.stringify({
    id: `flood-${number}-${randomUUID()}`,
    timestamp: new Date().toISOString(),
    workspace_id: randomUUID(),
    subscription_id: randomUUID(),
    integration_id: randomUUID(),
    type: 'page.properties_updated',
    authors: [],
    accessible_by: [],
    attempt_number: 1,
    entity: { id: pageId, type: 'page' },
    data: {},
  });
  return { body, signature: `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` };
}

function send(agent: Agent, url: string, { body, signature }: Webhook): Promise<Sent> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const sending = request(
      url,
      { agent, method: 'POST', headers: { 'content-type': 'application/json', 'x-notion-signature': signature } },
      (response) => {
        response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, ms: performance.now() - startedMs }));
      },
    );
    sending.on('error', () => resolve({ status: 0, ms: performance.now() - startedMs }));
    sending.end(body);
  });
}
