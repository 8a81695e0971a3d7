/** Leads and the offers of them to people; who works on an account, and on the roster, now (R1, R5). */
import type { Lead, Offer } from '@lockstep/domain/routing/lead.ts';
import type { RoutingReader, RoutingTransaction } from '@lockstep/domain/routing/routing-store.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

type Reads = Pick<RoutingReader, 'lead' | 'leadsOf' | 'leads' | 'offer' | 'offersOf'>;
type HeldReads = Pick<RoutingReader, 'openLeads' | 'openAccounts' | 'accountsOfMembers'>;
type Writes = Pick<RoutingTransaction, 'lockAccount' | 'lockRoster' | 'saveLead' | 'saveOffer'>;

const LEAD = sql.raw(`l.lead_id as "leadId", l.account_id as "accountId", l.state, l.score, l.source, l.is_backfill as "isBackfill",
  l.opened_at as "openedAt", l.closed_at as "closedAt", l.close_reason as "closeReason", l.closed_by as "closedBy", l.followed_by as "followedBy", l.offer_id as "offerId", l.escalated_to as "escalatedTo", l.decisions,
  l.is_chosen as "isChosen"`);

const OFFER = sql.raw(`offer_id as "offerId", lead_id as "leadId", member_id as "memberId", pool_id as "poolId", assignment, state,
  offered_at as "offeredAt", answered_at as "answeredAt"`);

/** An offer that takes a place of its member's capacity. */
const IS_HELD = sql.raw(`state in ('open', 'accepted')`);

export function leadReads({ db, workspaceId }: Scope): Reads {
  return {
    async lead(leadId) {
      const { rows } = await sql<Lead>`
        select ${LEAD} from lockstep.leads l where l.workspace_id = ${workspaceId} and l.lead_id = ${leadId}`.execute(db);
      return rows[0] ?? null;
    },
    async leadsOf(accountId) {
      const { rows } = await sql<Lead>`
        select ${LEAD} from lockstep.leads l where l.workspace_id = ${workspaceId} and l.account_id = ${accountId}
        order by l.opened_at desc, l.lead_id desc`.execute(db);
      return rows;
    },
    async leads({ states, limit }) {
      // The newest of each state by its index, not all of them sorted.
      const { rows } = await sql<Lead>`
        select ${LEAD} from unnest(${[...new Set(states)]}::text[]) as wanted (state), lateral (
          select * from lockstep.leads where workspace_id = ${workspaceId} and state = wanted.state
          order by opened_at desc, lead_id desc limit ${limit}
        ) l
        order by l.opened_at desc, l.lead_id desc limit ${limit}`.execute(db);
      return rows;
    },
    async offer(offerId) {
      const { rows } = await sql<Offer>`
        select ${OFFER} from lockstep.lead_offers where workspace_id = ${workspaceId} and offer_id = ${offerId}`.execute(db);
      return rows[0] ?? null;
    },
    async offersOf(leadId) {
      const { rows } = await sql<Offer>`
        select ${OFFER} from lockstep.lead_offers where workspace_id = ${workspaceId} and lead_id = ${leadId} order by offer_seq`.execute(
        db,
      );
      return rows;
    },
  };
}

/** Who holds leads, and whose accounts have something to do. */
export function heldReads({ db, workspaceId }: Scope): HeldReads {
  return {
    async openLeads(memberIds) {
      const { rows } = await sql<{ memberId: string; count: number }>`
        select member_id as "memberId", count(*) as count from lockstep.lead_offers
        where workspace_id = ${workspaceId} and member_id = any(${[...memberIds]}::text[]) and ${IS_HELD} group by member_id`.execute(db);
      return new Map(rows.map(({ memberId, count }) => [memberId, count]));
    },
    async openAccounts({ after, limit }) {
      const beyond = after === null ? sql`` : sql`and l.account_id > ${after}`;
      const { rows } = await sql<{ accountId: string }>`
        select "accountId" from (
          (select l.account_id as "accountId" from lockstep.leads l
          where l.workspace_id = ${workspaceId} and l.state in ('deciding', 'offered', 'escalated') ${beyond} order by l.account_id limit ${limit})
          union
          select l.account_id from lockstep.routed_accounts l
          where l.workspace_id = ${workspaceId} and l.seen_version < l.evidence_version ${beyond}
          union
          select l.account_id from lockstep.lead_notices n join lockstep.leads l on l.workspace_id = n.workspace_id and l.lead_id = n.lead_id
          where n.workspace_id = ${workspaceId} and n.delivered_at is null ${beyond}
          union
          select l.account_id from lockstep.lead_clocks c join lockstep.leads l on l.workspace_id = c.workspace_id and l.lead_id = c.lead_id
          where c.workspace_id = ${workspaceId} and c.outcome is null and l.state in ('accepted', 'followed') ${beyond}
          union
          select l.account_id from lockstep.lead_writes w join lockstep.leads l on l.workspace_id = w.workspace_id and l.lead_id = w.lead_id
          where w.workspace_id = ${workspaceId} and w.ending is null ${beyond}
        ) as open
        order by "accountId" limit ${limit}`.execute(db);
      return rows.map(({ accountId }) => accountId);
    },
    async accountsOfMembers(memberIds) {
      const { rows } = await sql<{ accountId: string }>`
        select l.account_id as "accountId" from lockstep.lead_offers o
        join lockstep.leads l on l.workspace_id = o.workspace_id and l.lead_id = o.lead_id
        where o.workspace_id = ${workspaceId} and o.member_id = any(${[...memberIds]}::text[]) and o.state in ('open', 'accepted')
        union
        select account_id from lockstep.leads where workspace_id = ${workspaceId} and followed_by = any(${[...memberIds]}::text[])
        order by "accountId"`.execute(db);
      return rows.map(({ accountId }) => accountId);
    },
  };
}

export function leadWrites({ db, workspaceId }: Scope): Writes {
  const lock = async (what: string): Promise<void> => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`lockstep ${workspaceId} ${what}`}, 0))`.execute(db);
  };
  return {
    lockAccount: (accountId) => lock(`account ${accountId}`),
    lockRoster: () => lock('roster'),
    async saveLead(lead) {
      await sql`
        insert into lockstep.leads (workspace_id, lead_id, account_id, state, score, source, is_backfill, opened_at, closed_at, close_reason, closed_by, followed_by,
          offer_id, escalated_to,
          decisions, is_chosen)
        select ${workspaceId}, "leadId", "accountId", state, score, source, "isBackfill", "openedAt", "closedAt", "closeReason", "closedBy", "followedBy",
          "offerId", "escalatedTo",
          decisions, "isChosen"
        from jsonb_to_recordset(${recordset('leads', [lead])}::jsonb) as r ("leadId" text, "accountId" text, state text, score jsonb, source text,
          "isBackfill" boolean, "openedAt" timestamptz, "closedAt" timestamptz, "closeReason" text, "closedBy" text, "followedBy" text, "offerId" text, "escalatedTo" text, decisions integer,
          "isChosen" boolean)
        on conflict (workspace_id, lead_id) do update set account_id = excluded.account_id, state = excluded.state, score = excluded.score,
          source = excluded.source, is_backfill = excluded.is_backfill, opened_at = excluded.opened_at, closed_at = excluded.closed_at, close_reason = excluded.close_reason, closed_by = excluded.closed_by,
          followed_by = excluded.followed_by,
          offer_id = excluded.offer_id, escalated_to = excluded.escalated_to, decisions = excluded.decisions,
          is_chosen = excluded.is_chosen`.execute(db);
    },
    async saveOffer(offer) {
      await sql`
        insert into lockstep.lead_offers (workspace_id, offer_id, lead_id, member_id, pool_id, assignment, state, offered_at, answered_at)
        select ${workspaceId}, "offerId", "leadId", "memberId", "poolId", assignment, state, "offeredAt", "answeredAt"
        from jsonb_to_recordset(${recordset('offers', [offer])}::jsonb) as r ("offerId" text, "leadId" text, "memberId" text, "poolId" text,
          assignment jsonb, state text, "offeredAt" timestamptz, "answeredAt" timestamptz)
        on conflict (workspace_id, offer_id) do update set lead_id = excluded.lead_id, member_id = excluded.member_id, pool_id = excluded.pool_id,
          assignment = excluded.assignment, state = excluded.state, offered_at = excluded.offered_at,
          answered_at = excluded.answered_at`.execute(db);
    },
  };
}
