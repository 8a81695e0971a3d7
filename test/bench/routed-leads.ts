/**
 * Drives leads through Lockstep: product events in by HTTP, an offer in Slack, an owner in HubSpot, and accept by HTTP. What was shown when is read from the
 * simulators' own records at the end, not from ours.
 */
import { ask } from '@lockstep/launcher/people/person.ts';
import { peopleInSlack } from '@lockstep/launcher/people/slack.ts';
import pg from 'pg';
import type { Drive, LeadTiming } from './lead-timings.ts';
import type { Stage } from './stage.ts';

/** Who may get leads, and their ids in the simulators of HubSpot and Slack. */
const PEOPLE = [
  { id: 'lena', name: 'Lena Vogt', slackUserId: 'U0LENA001', owner: '77405868', role: 'ae' },
  { id: 'omar', name: 'Omar Haddad', slackUserId: 'U0OMAR001', owner: '77405867', role: 'ae' },
  { id: 'tom', name: 'Tom Reyes', slackUserId: 'U0TOM0001', owner: '77405869', role: 'ae' },
  { id: 'maria', name: 'Maria Sommer', slackUserId: 'U0MARIA01', owner: '77405866', role: 'manager' },
  { id: 'priya', name: 'Priya Nair', slackUserId: 'U0PRIYA01', owner: '77405870', role: 'revops' },
] as const;
const ALWAYS = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '00:00', to: '24:00' }));
const CAPACITY = 1_000;
const LOOK_MS = 40;
const PAGE = 100;
/** After so long without a new end something is lost. */
const LOST_MS = 120_000;

/** Three AEs with room for every lead, at work around the clock. */
export const BENCH_ROSTER = {
  version: 'bench',
  people: PEOPLE.map(({ owner, ...person }) => ({
    ...person,
    ...{ email: `${person.id}@growth.example`, owners: { hubspot: owner }, zone: 'Europe/Berlin', week: ALWAYS, capacity: CAPACITY },
  })),
  pools: [{ id: 'aes', role: 'ae', members: ['lena', 'omar', 'tom'], manager: 'maria', human: 'priya' }],
  territories: [{ id: 'everywhere', places: ['*'], pools: { ae: 'aes', sdr: 'aes', csm: 'aes' } }],
  territoryGap: 'priya',
};

export interface RoutedLeads {
  drive(name: string): Drive;
  /** Of all leads of this name, once HubSpot shows the last owner. */
  timings(name: string): Promise<readonly LeadTiming[]>;
  /** Ids of the workflows that have carried the lead, its change sets' included. */
  workflowsOf(name: string, index: number): Promise<readonly string[]>;
  /** Past decisions with all that they depended on, for replay decide. */
  decisions(): Promise<readonly { readonly input: unknown; readonly decision: unknown }[]>;
  stop(): Promise<void>;
}

interface Sent {
  readonly acceptedMs: number;
  readonly pressedMs: number;
  readonly acknowledgedMs: number;
}

interface Offered {
  readonly leadId: string;
  readonly offerId: string;
  readonly memberId: string;
}

export async function openRoutedLeads(stage: Stage): Promise<RoutedLeads> {
  const database = new pg.Client({ connectionString: stage.databaseUrl });
  await database.connect();
  const offers = watchOffers(database);
  const sent = new Map<string, Sent>();
  return {
    drive: (name) => async (index) => {
      const word = wordOf(name, index);
      await stage.api.sendEvents(eventsOf(word));
      const acceptedMs = Date.now();
      const { leadId, offerId, memberId } = await offers.of(domainOf(word));
      const pressedMs = Date.now();
      await stage.api.acceptLead(leadId, { offerId, by: memberId });
      sent.set(word, { acceptedMs, pressedMs, acknowledgedMs: Date.now() });
    },
    async timings(name) {
      await untilWritten(database);
      const [toldMs, writtenMs] = [await messagesIn(stage.simulator.urls.slack), await companiesIn(stage.simulator.urls.hubspot)];
      return [...sent].flatMap(([word, instants]) =>
        word.startsWith(`${name} `)
          ? [{ ...instants, toldMs: toldMs.get(word) ?? Number.NaN, writtenMs: writtenMs.get(word) ?? Number.NaN }]
          : [],
      );
    },
    async workflowsOf(name, index) {
      const { rows } = await database.query<{ account: string; changeSet: string }>(
        `select a.account_id as account, w.change_set_id as "changeSet" from lockstep.routed_accounts a join lockstep.leads l using (workspace_id, account_id)
           join lockstep.lead_writes w using (workspace_id, lead_id) where a.account_key = $1`,
        [`domain:${domainOf(wordOf(name, index))}`],
      );
      return rows.flatMap(({ account, changeSet }) => [`pql/growth/${account}`, `change-set/growth/${changeSet}`]);
    },
    async decisions() {
      const { rows } = await database.query<{ input: unknown; decision: unknown }>(
        'select input, decision from lockstep.routing_decisions order by decision_seq',
      );
      return rows;
    },
    async stop() {
      offers.stop();
      await database.end();
    },
  };
}

/** Two words, as nobody's name is. */
const wordOf = (name: string, index: number): string => `${name} works${index}`;
const domainOf = (word: string): string => `${word.replace(' ', '-')}.de`;

/** A sign-up that crosses the threshold of its tier. */
function eventsOf(word: string): readonly unknown[] {
  const domain = domainOf(word);
  const who = { userId: `ann@${domain}`, timestamp: new Date().toISOString() };
  const call = (index: number, more: Readonly<Record<string, unknown>>) => ({ ...who, messageId: `${domain}-${index}`, ...more });
  return [
    call(1, { type: 'identify', traits: { email: `ann@${domain}`, name: word, employees: 2_000, country: 'DE' } }),
    call(2, { type: 'track', event: 'Integration Connected' }),
    call(3, { type: 'track', event: 'Demo Requested' }),
  ];
}

/** One look at the table for all leads that somebody waits for. */
function watchOffers(database: pg.Client): { of(domain: string): Promise<Offered>; stop(): void } {
  const waiting = new Map<string, (offered: Offered) => void>();
  let timer: NodeJS.Timeout | null = null;
  const look = async (): Promise<void> => {
    const { rows } = await database.query<Offered & { key: string }>(
      `select a.account_key as key, o.lead_id as "leadId", o.offer_id as "offerId", o.member_id as "memberId" from lockstep.routed_accounts a
         join lockstep.leads l using (workspace_id, account_id) join lockstep.lead_offers o using (workspace_id, lead_id)
         join lockstep.lead_notices n on n.workspace_id = o.workspace_id and n.notice_id = o.lead_id || '/offer/' || o.offer_id
       where a.account_key = any($1) and o.state = 'open' and n.delivered_at is not null`,
      [[...waiting.keys()].map((domain) => `domain:${domain}`)],
    );
    for (const { key, ...offered } of rows) {
      const domain = key.slice('domain:'.length);
      waiting.get(domain)?.(offered);
      waiting.delete(domain);
    }
    timer = waiting.size === 0 ? null : setTimeout(() => void look(), LOOK_MS);
  };
  return {
    of: (domain) =>
      new Promise((resolve) => {
        waiting.set(domain, resolve);
        timer ??= setTimeout(() => void look(), LOOK_MS);
      }),
    stop: () => clearTimeout(timer ?? undefined),
  };
}

/** Until every change set has its end. */
async function untilWritten(database: pg.Client): Promise<void> {
  for (let open = Infinity, sinceMs = performance.now(); open > 0;) {
    const { rows } = await database.query<{ open: number }>('select count(*)::int as open from lockstep.lead_writes where ending is null');
    const now = rows[0]?.open ?? 0;
    if (now < open) sinceMs = performance.now();
    else if (performance.now() - sinceMs > LOST_MS) throw new Error(`writes: expected all of them to end, got ${now} that do not`);
    open = now;
    if (open > 0) await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** When Slack has taken the offer of each lead, by its own clock. */
async function messagesIn(slackUrl: string): Promise<ReadonlyMap<string, number>> {
  const slack = peopleInSlack(slackUrl);
  const found = new Map<string, number>();
  for (const { slackUserId } of PEOPLE)
    for (const { text, ts } of await slack.messages(slackUserId)) {
      const word = /^New lead for you: (\S+ works\d+)/.exec(text)?.[1];
      if (word !== undefined) found.set(word, Number(ts) * 1_000);
    }
  return found;
}

/** When HubSpot has taken each company, which is made with its owner, by its own clock. */
async function companiesIn(hubspotUrl: string): Promise<ReadonlyMap<string, number>> {
  interface Page {
    readonly results: readonly { readonly createdAt: string; readonly properties: Readonly<Record<string, string | null>> }[];
    readonly paging?: { readonly next?: { readonly after: string } };
  }
  const headers = { authorization: 'Bearer pat-na1-maria' };
  const found = new Map<string, number>();
  for (let after: string | undefined = '0'; after !== undefined;) {
    const query = new URLSearchParams({ limit: String(PAGE), properties: 'name,hubspot_owner_id', ...(after === '0' ? {} : { after }) });
    const page: Page = await ask<Page>(`${hubspotUrl}/crm/objects/2026-03/companies?${query.toString()}`, { headers });
    for (const { createdAt, properties } of page.results)
      if (properties['name'] && properties['hubspot_owner_id']) found.set(properties['name'], Date.parse(createdAt));
    after = page.paging?.next?.after;
  }
  return found;
}
