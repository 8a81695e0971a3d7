/** What is found when leads have come to rest: in PostgreSQL, and in HubSpot and Slack by their own APIs. */
import type pg from 'pg';
import { ask } from '@lockstep/launcher/people/person.ts';
import { decide } from '@lockstep/domain/routing/decide.ts';
import type { Decision, DecisionInput } from '@lockstep/domain/routing/decide.ts';
import type { RoutingPolicy } from '@lockstep/domain/routing/policy.schema.ts';
import type { Roster } from '@lockstep/domain/routing/roster.schema.ts';
import { OWNERS, SLACK_USERS, teamOf } from './routed-team.ts';

export interface RoutingFindings {
  /** Leads by where they stand. */
  readonly states: Readonly<Record<string, number>>;
  /** Leads with neither an acknowledgement nor a named person who was told before the deadline (R2). */
  readonly silent: readonly string[];
  /** Leads that do not know of all decisions that were made for them. */
  readonly tornLeads: readonly string[];
  /** Members who held more than their capacity at any look (R5). */
  readonly overCapacity: readonly string[];
  /** Decisions that did not begin with the credit that the one before had left, or whose last is not the pool's (R4). */
  readonly brokenCredits: readonly string[];
  /** Decisions that are others when they are made again from their rows (R6). */
  readonly notReplayed: readonly string[];
  /** Messages in Slack whose key is there before. */
  readonly saidTwice: readonly string[];
  /** Notices that another channel has delivered, though Slack has them: the residue of a channel whose outcome is not known (R8). */
  readonly alsoElsewhere: readonly string[];
  readonly undelivered: number;
  readonly unwritten: number;
  /** Companies that HubSpot has not, has twice, or shows with another owner. */
  readonly wrongCompanies: readonly string[];
}

/** Of leads that came to rest as they should. */
export const NOTHING_WRONG: Omit<RoutingFindings, 'states' | 'alsoElsewhere'> = {
  silent: [],
  tornLeads: [],
  overCapacity: [],
  brokenCredits: [],
  notReplayed: [],
  saidTwice: [],
  undelivered: 0,
  unwritten: 0,
  wrongCompanies: [],
};

interface FindingsRequest {
  readonly pool: pg.Pool;
  readonly urls: { readonly hubspot: string; readonly slack: string };
  readonly leads: number;
  readonly mostHeld: ReadonlyMap<string, number>;
}

export async function findingsOf(request: FindingsRequest): Promise<RoutingFindings> {
  const { pool, urls, leads, mostHeld } = request;
  const { capacity } = teamOf(leads);
  return {
    states: await statesOf(pool),
    silent: await silentLeads(pool),
    tornLeads: await tornLeads(pool),
    overCapacity: [...mostHeld].filter(([id, count]) => ['lena', 'omar', 'tom'].includes(id) && count > capacity).map(([id]) => id),
    ...(await decisionFindings(pool)),
    ...(await slackFindings(pool, urls.slack)),
    undelivered: await countOf(pool, 'select count(*)::int as count from lockstep.lead_notices where delivered_at is null'),
    unwritten: await countOf(pool, 'select count(*)::int as count from lockstep.lead_writes where ending is null'),
    wrongCompanies: await wrongCompanies(pool, urls.hubspot),
  };
}

async function countOf(pool: pg.Pool, query: string): Promise<number> {
  return (await pool.query<{ count: number }>(query)).rows[0]?.count ?? -1;
}

async function statesOf(pool: pg.Pool): Promise<Readonly<Record<string, number>>> {
  const { rows } = await pool.query<{ state: string; count: number }>(
    'select state, count(*)::int as count from lockstep.leads group by 1',
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

async function silentLeads(pool: pg.Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ leadId: string }>(
    `select c.lead_id as "leadId" from lockstep.lead_clocks c
     where c.outcome is distinct from 'met' and not exists (
       select 1 from lockstep.lead_notices n where n.workspace_id = c.workspace_id and n.lead_id = c.lead_id and n.member_id in ('maria', 'priya')
         and n.purpose in ('escalate', 'uncovered') and n.delivered_at < to_timestamp((c.clock ->> 'deadlineMs')::double precision / 1000))`,
  );
  return rows.map(({ leadId }) => leadId);
}

async function tornLeads(pool: pg.Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ leadId: string }>(
    `select l.lead_id as "leadId" from lockstep.leads l where l.decisions <> (
       select count(*) from lockstep.routing_decisions d where d.workspace_id = l.workspace_id and d.lead_id = l.lead_id)`,
  );
  return rows.map(({ leadId }) => leadId);
}

interface DecisionRow {
  readonly id: string;
  readonly input: DecisionInput;
  readonly decision: Decision;
  readonly policy: RoutingPolicy;
  readonly roster: Roster;
}

async function decisionFindings(pool: pg.Pool): Promise<Pick<RoutingFindings, 'brokenCredits' | 'notReplayed'>> {
  const { rows } = await pool.query<DecisionRow>(
    `select d.decision_id as id, d.input, d.decision, p.body as policy, r.body as roster from lockstep.routing_decisions d
       join lockstep.routing_documents p on p.workspace_id = d.workspace_id and p.kind = 'policy' and p.hash = d.policy_hash
       join lockstep.routing_documents r on r.workspace_id = d.workspace_id and r.kind = 'roster' and r.hash = d.roster_hash
     order by d.decision_seq`,
  );
  const kept = await pool.query<{ poolId: string; credit: unknown }>('select pool_id as "poolId", credit from lockstep.pool_credits');
  const left = new Map<string, string>();
  const brokenCredits: string[] = [];
  for (const { id, input, decision } of rows) {
    for (const [poolId, credit] of Object.entries(input.credits)) {
      const before = left.get(poolId);
      if (before !== undefined && before !== textOf(credit)) brokenCredits.push(id);
    }
    if (decision.outcome.kind === 'assigned') left.set(decision.outcome.poolId, textOf(decision.outcome.credit));
  }
  for (const { poolId, credit } of kept.rows) if (left.get(poolId) !== textOf(credit)) brokenCredits.push(`pool ${poolId}`);
  const notReplayed = rows.filter((row) => textOf(decide(row.policy, row.roster, row.input)) !== textOf(row.decision)).map(({ id }) => id);
  return { brokenCredits, notReplayed };
}

/** As JSON with its members in order: PostgreSQL keeps them in its own. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}

async function slackFindings(pool: pg.Pool, slackUrl: string): Promise<Pick<RoutingFindings, 'saidTwice' | 'alsoElsewhere'>> {
  const seen = new Set<string>();
  const saidTwice: string[] = [];
  for (const userId of SLACK_USERS)
    for (const key of await keysIn(slackUrl, userId)) {
      if (seen.has(`${userId} ${key}`)) saidTwice.push(key);
      seen.add(`${userId} ${key}`);
    }
  const { rows } = await pool.query<{ id: string }>(
    `select notice_id as id from lockstep.lead_notices where delivered_at is not null and receipt ->> 'channel' is distinct from 'slack'`,
  );
  const keys = new Set([...seen].map((one) => one.slice(one.indexOf(' ') + 1)));
  return { saidTwice, alsoElsewhere: rows.map(({ id }) => id).filter((id) => keys.has(id)) };
}

interface HistoryPage {
  readonly messages: readonly { readonly metadata?: { readonly event_payload: { readonly key?: string } } }[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

/** Keys of all messages to somebody, by Slack's own API. */
async function keysIn(slackUrl: string, userId: string): Promise<readonly string[]> {
  const headers = { authorization: 'Bearer xoxb-lockstep' };
  const opened: { channel: { id: string } } = await ask(`${slackUrl}/api/conversations.open`, {
    method: 'POST',
    headers,
    body: { users: userId },
  });
  const keys: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const query = new URLSearchParams({
      channel: opened.channel.id,
      limit: '200',
      include_all_metadata: 'true',
      ...(cursor === '' ? {} : { cursor }),
    });
    const page: HistoryPage = await ask<HistoryPage>(`${slackUrl}/api/conversations.history?${query.toString()}`, { headers });
    keys.push(...page.messages.flatMap(({ metadata }) => metadata?.event_payload.key ?? []));
    cursor = page.response_metadata?.next_cursor || undefined;
  }
  return keys;
}

/** Each lead's company is there once, with the owner who has the lead. */
async function wrongCompanies(pool: pg.Pool, hubspotUrl: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ domain: string; memberId: string }>(
    `select substr(a.account_key, 8) as domain, o.member_id as "memberId" from lockstep.leads l join lockstep.routed_accounts a using (workspace_id, account_id)
       join lockstep.lead_offers o using (workspace_id, offer_id)`,
  );
  const shown = Map.groupBy(await companiesIn(hubspotUrl), ({ domain }) => domain);
  return rows.flatMap(({ domain, memberId }) => {
    const owners = (shown.get(domain) ?? []).map(({ ownerId }) => ownerId);
    return owners.length === 1 && owners[0] === OWNERS.get(memberId)
      ? []
      : [`${domain}: ${memberId}, shown ${owners.join(' and ') || 'nowhere'}`];
  });
}

interface CompanyPage {
  readonly results: readonly { readonly properties: Readonly<Record<string, string | null>> }[];
  readonly paging?: { readonly next?: { readonly after: string } };
}

async function companiesIn(hubspotUrl: string): Promise<readonly { readonly domain: string | null; readonly ownerId: string | null }[]> {
  const headers = { authorization: 'Bearer pat-na1-maria' };
  const found: { domain: string | null; ownerId: string | null }[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const query = new URLSearchParams({ limit: '100', properties: 'domain,hubspot_owner_id', ...(after === '' ? {} : { after }) });
    const page: CompanyPage = await ask<CompanyPage>(`${hubspotUrl}/crm/objects/2026-03/companies?${query.toString()}`, { headers });
    found.push(
      ...page.results.map(({ properties }) => ({ domain: properties['domain'] ?? null, ownerId: properties['hubspot_owner_id'] ?? null })),
    );
    after = page.paging?.next?.after;
  }
  return found;
}
