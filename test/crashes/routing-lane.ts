/**
 * Routing as the product runs it: the worker's own program over PostgreSQL, Temporal and the simulator, killed with -9 while leads come in, are decided, told,
 * written and answered, and started again. People answer by the API, each offer in its own way.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { expect } from 'vitest';
import { ApiError } from '@lockstep/api/client.ts';
import type { ApiClient } from '@lockstep/api/client.ts';
import { replaceFile } from '@lockstep/launcher/data.ts';
import { subscribeWebhooks } from '@lockstep/launcher/people/administrator.ts';
import { writeSimulatedConfig } from '@lockstep/launcher/simulated-config.ts';
import { startWorker } from '@lockstep/launcher/worker.ts';
import type { Worker } from '@lockstep/launcher/worker.ts';
import type { Engines } from '@lockstep/local-services/engines.ts';
import { freePort } from '@lockstep/local-services/ports.ts';
import { createTestDatabase, testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { openPlace, openSimulator } from '../bench/stage.ts';
import type { Place } from '../bench/stage.ts';
import { findingsOf } from './routing-findings.ts';
import type { RoutingFindings } from './routing-findings.ts';
import { teamOf } from './routed-team.ts';

interface KillsRequest {
  readonly leads: number;
  /** How often the worker is killed. */
  readonly kills: number;
  /** What an AE has for a lead: long enough for a worker that is away and comes back to much that is due. */
  readonly clockMinutes: number;
  /** New leads a second, at most. */
  readonly perSecond: number;
  /** Draws when it dies, and how people answer. */
  readonly seed: number;
}

interface KillsFound extends RoutingFindings {
  readonly kills: number;
  readonly answers: Readonly<Record<Answer, number>>;
  readonly seconds: number;
}

const LOOK_MS = 150;
const LONGEST_MS = 85 * 60_000;
/** So many leads are on their way at most: a worker that can take no more is late for all of them, and what it owes then is another test's matter. */
const MOST_ON_THEIR_WAY = 80;
const LAST_WORDS = 4_000;
/** Where nothing has moved for so long, it does not come to rest: every rung of a ladder, and the way back of a worker that died, are shorter. */
const STILL_MS = 300_000;
/** So many of a hundred offers are accepted at once, and declined; the others are left lying. */
const [ACCEPTED, DECLINED] = [0.6, 0.72];
type Answer = 'accept' | 'decline' | 'ignore';

export async function playKills(request: KillsRequest): Promise<KillsFound> {
  const place = openPlace(null);
  try {
    return await played(place, request);
  } finally {
    await place.close();
  }
}

async function played(place: Place, request: KillsRequest): Promise<KillsFound> {
  const { leads, seed } = request;
  const startedMs = performance.now();
  const database = await createTestDatabase();
  place.add(() => database.drop());
  const pool = new pg.Pool({ connectionString: database.url, max: 3 });
  // Its connections go with the database.
  pool.on('error', () => undefined);
  place.add(() => pool.end());
  const simulator = await openSimulator(place, 'simulator');
  const worker = await mortalWorker(place, simulator, { databaseUrl: database.url, ...request });
  place.add(() => worker.stop());
  const progress: Progress = { sent: 0, settled: 0, isOver: false };
  place.add(async () => void (progress.isOver = true));
  const sending = sendSteadily(request, progress, (index) => sendOne(index, () => worker.api()));
  // Its failure is thrown where it is awaited.
  sending.catch(() => undefined);
  const people = team(pool, seed, () => worker.api());
  const deaths = deathsOf(request);
  const look = async () => {
    await people.answer();
    if (people.offers() >= (deaths[0] ?? Infinity)) {
      deaths.shift();
      await worker.dieAndComeBack();
    }
    const standing = await standingOf(pool);
    progress.settled = standing.settled;
    return { ...standing, deathsToCome: deaths.length, lost: worker.lost() };
  };
  const atRest = { settled: leads, untold: 0, unwritten: 0, deathsToCome: 0, lost: null };
  const find = async (): Promise<RoutingFindings> => {
    await untilAtRest(look, atRest, () => worker.lastWords());
    await sending;
    return findingsOf({ pool, urls: simulator.urls, leads, mostHeld: people.mostHeld() });
  };
  let found = await find();
  // Somebody may be owed a word of a lead that has come to rest already: who has it now, and that theirs is gone.
  while (found.undelivered > 0 || found.unwritten > 0) found = await find();
  return { ...found, kills: request.kills - deaths.length, answers: people.answers(), seconds: (performance.now() - startedMs) / 1_000 };
}

interface Progress {
  sent: number;
  settled: number;
  isOver: boolean;
}

/** One after the other, as many as the machine takes. */
async function sendSteadily({ leads, perSecond }: KillsRequest, progress: Progress, send: (index: number) => Promise<void>): Promise<void> {
  const sendings: Promise<void>[] = [];
  for (let dueMs = performance.now(); progress.sent < leads && !progress.isOver; progress.sent += 1) {
    const isDue = () => progress.isOver || (performance.now() >= dueMs && progress.sent - progress.settled < MOST_ON_THEIR_WAY);
    await expect.poll(isDue, { timeout: LONGEST_MS, interval: LOOK_MS / 5 }).toBe(true);
    dueMs = Math.max(dueMs, performance.now() - LOOK_MS) + 1_000 / perSecond;
    sendings.push(send(progress.sent));
  }
  await Promise.all(sendings);
}

/** However long it takes on this machine, as long as something moves and the worker lives. */
async function untilAtRest<T extends { readonly lost: string | null }>(
  look: () => Promise<T>,
  atRest: T,
  lastWords: () => string,
): Promise<void> {
  let standing: T | undefined;
  let [before, sinceMs] = ['', performance.now()];
  const isMoving = async (): Promise<boolean> => {
    standing = await look();
    const seen = JSON.stringify(standing);
    if (seen !== before) [before, sinceMs] = [seen, performance.now()];
    return !isDeepStrictEqual(standing, atRest) && standing.lost === null && performance.now() - sinceMs < STILL_MS;
  };
  await expect.poll(isMoving, { timeout: LONGEST_MS, interval: LOOK_MS }).toBe(false);
  expect(standing, `leads that do not come to rest; the worker's last words:\n${lastWords()}`).toEqual(atRest);
}

/** From [0, 1), the same for the same text. */
function drawn(seed: number, text: string): number {
  return createHash('sha256').update(`${seed}/${text}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** After how many offers it dies each time: anywhere in the first nine tenths of the leads. */
function deathsOf({ leads, kills, seed }: KillsRequest): number[] {
  return Array.from({ length: kills }, (_, index) => 1 + Math.floor(drawn(seed, `death ${index}`) * leads * 0.9)).toSorted((a, b) => a - b);
}

interface MortalWorker {
  api(): ApiClient;
  /** How it has ended by itself; null while it lives, or was killed. */
  lost(): string | null;
  /** The end of its log. */
  lastWords(): string;
  dieAndComeBack(): Promise<void>;
  stop(): Promise<void>;
}

async function mortalWorker(
  place: Place,
  simulator: Awaited<ReturnType<typeof openSimulator>>,
  { databaseUrl, leads, clockMinutes }: Pick<KillsRequest, 'leads' | 'clockMinutes'> & { readonly databaseUrl: string },
): Promise<MortalWorker> {
  const { data, environment } = place;
  const temporalAddress = await testTemporalAddress();
  const engines: Engines = {
    ...{ databaseUrl, temporalAddress, temporalUiUrl: null, lost: new Promise(() => undefined) },
    stop: async () => undefined,
  };
  const apiPort = await freePort();
  writeSimulatedConfig(data, simulator.urls, await subscribeWebhooks(data, simulator.urls, apiPort));
  const { routing, connections, ...config } = JSON.parse(readFileSync(data.configFile, 'utf8')) as Readonly<Record<string, object>> & {
    readonly connections: readonly { readonly id: string }[];
  };
  const files = Object.fromEntries(
    Object.entries(teamOf(leads, clockMinutes)).flatMap(([name, body]) => {
      if (typeof body !== 'object') return [];
      replaceFile(data.file(`${name}.json`), JSON.stringify(body));
      return [[name, data.file(`${name}.json`)]];
    }),
  );
  const ours = {
    ...config,
    workspace: `kills-${randomUUID().slice(0, 8)}`,
    connections: connections.filter(({ id }) => id === 'hubspot').map((one) => ({ ...one, gate: 'plan-first' })),
    routing: { ...routing, ...files },
  };
  replaceFile(data.configFile, JSON.stringify(ours));
  let lost: string | null = null;
  const start = async (): Promise<Worker> => {
    const started = await startWorker({ data, engines, configFile: data.configFile, apiPort, environment });
    void started.service.lost.then((how) => (lost = how));
    return started;
  };
  let running = await start();
  const lastWords = (): string => readFileSync(data.file('logs/worker.log'), 'utf8').slice(-LAST_WORDS);
  return {
    api: () => running.api,
    lost: () => lost,
    lastWords,
    async dieAndComeBack() {
      await running.service.kill();
      running = await start();
    },
    stop: () => running.service.stop(),
  };
}

const domainOf = (index: number): string => `kills-works${index}.de`;

/** At a steady rate; what the worker does not take is sent again, under the same message ids. */
async function sendOne(index: number, api: () => ApiClient): Promise<void> {
  const domain = domainOf(index);
  const who = { userId: `ann@${domain}`, timestamp: new Date().toISOString() };
  const traits = { email: `ann@${domain}`, name: `Kills ${index}`, employees: 2_000, country: 'DE' };
  const calls = [
    { ...who, type: 'identify', messageId: `${domain}-1`, traits },
    { ...who, type: 'track', messageId: `${domain}-2`, event: 'Demo Requested' },
  ];
  await expect.poll(() => taken(() => api().sendEvents(calls)), { timeout: STILL_MS, interval: LOOK_MS }).toBe(true);
}

/** False where the worker was away or died over it; what it refuses is an answer. */
async function taken(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.status !== 0 && error.status < 500;
  }
}

/** People, who look at what they were told and answer. */
function team(pool: pg.Pool, seed: number, api: () => ApiClient) {
  const settled = new Set<string>();
  const answers: Record<Answer, number> = { accept: 0, decline: 0, ignore: 0 };
  const held = new Map<string, number>();
  const said = async (leadId: string, offerId: string, by: string): Promise<void> => {
    const draw = drawn(seed, offerId);
    const answer: Answer = draw < ACCEPTED ? 'accept' : draw < DECLINED ? 'decline' : 'ignore';
    const call = answer === 'accept' ? () => api().acceptLead(leadId, { offerId, by }) : () => api().declineLead(leadId, { offerId, by });
    // Pressed again where the worker was away.
    if (answer !== 'ignore' && !(await taken(call))) return;
    settled.add(offerId);
    answers[answer] += 1;
  };
  return {
    offers: () => settled.size,
    answers: () => answers,
    mostHeld: (): ReadonlyMap<string, number> => held,
    async answer() {
      const { rows } = await pool.query<{ leadId: string; offerId: string; memberId: string }>(
        `select o.lead_id as "leadId", o.offer_id as "offerId", o.member_id as "memberId" from lockstep.lead_offers o
           join lockstep.lead_notices n on n.workspace_id = o.workspace_id and n.notice_id = o.lead_id || '/offer/' || o.offer_id
         where o.state = 'open' and n.delivered_at is not null`,
      );
      await Promise.all(rows.filter(({ offerId }) => !settled.has(offerId)).map((row) => said(row.leadId, row.offerId, row.memberId)));
      const counts = await pool.query<{ memberId: string; count: number }>(
        `select member_id as "memberId", count(*)::int as count from lockstep.lead_offers where state in ('open', 'accepted') group by 1`,
      );
      for (const { memberId, count } of counts.rows) held.set(memberId, Math.max(held.get(memberId) ?? 0, count));
    },
  };
}

/** Leads that are accepted or with a named person, notices that are owed, change sets that have not ended. */
async function standingOf(pool: pg.Pool): Promise<Readonly<Record<'settled' | 'untold' | 'unwritten', number>>> {
  const { rows } = await pool.query<Record<'settled' | 'untold' | 'unwritten', number>>(
    `select (select count(*)::int from lockstep.leads where state in ('accepted', 'escalated')) as settled,
       (select count(*)::int from lockstep.lead_notices where delivered_at is null) as untold,
       (select count(*)::int from lockstep.lead_writes where ending is null) as unwritten`,
  );
  return rows[0] ?? { settled: 0, untold: 0, unwritten: 0 };
}
