/** What is owed because of a lead: notices to people, and change sets to the CRM. */
import type { CrmWrite, OwedNotice } from '@lockstep/domain/routing/lead.ts';
import type { RoutingReader, RoutingTransaction } from '@lockstep/domain/routing/routing-store.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

type Reads = Pick<RoutingReader, 'notice' | 'owedNotices' | 'openWrites' | 'crmWrite'>;
type Writes = Pick<RoutingTransaction, 'oweNotices' | 'saveNotice' | 'oweWrite' | 'saveWrite'>;

const NOTICE = sql.raw(`notice_id as "noticeId", lead_id as "leadId", purpose, member_id as "memberId", notice, owed_since as "owedSince",
  tried_since as "triedSince", delivered_at as "deliveredAt", receipt`);

const WRITE = sql.raw(`change_set_id as "changeSetId", lead_id as "leadId", offer_id as "offerId", motion, owed_since as "owedSince",
  started_at as "startedAt", ending as "end", kept_owner as "keptOwner"`);

export function noticeReads({ db, workspaceId }: Scope): Reads {
  return {
    async notice(noticeId) {
      const { rows } = await sql<OwedNotice>`
        select ${NOTICE} from lockstep.lead_notices where workspace_id = ${workspaceId} and notice_id = ${noticeId}`.execute(db);
      return rows[0] ?? null;
    },
    async owedNotices(leadId) {
      const { rows } = await sql<OwedNotice>`
        select ${NOTICE} from lockstep.lead_notices
        where workspace_id = ${workspaceId} and lead_id = ${leadId} and delivered_at is null order by owed_since, notice_id`.execute(db);
      return rows;
    },
    async openWrites(leadId) {
      const { rows } = await sql<CrmWrite>`
        select ${WRITE} from lockstep.lead_writes
        where workspace_id = ${workspaceId} and lead_id = ${leadId} and ending is null order by owed_since, change_set_id`.execute(db);
      return rows;
    },
    async crmWrite(changeSetId) {
      const { rows } = await sql<CrmWrite>`
        select ${WRITE} from lockstep.lead_writes where workspace_id = ${workspaceId} and change_set_id = ${changeSetId}`.execute(db);
      return rows[0] ?? null;
    },
  };
}

export function noticeWrites(scope: Scope): Writes {
  const { db, workspaceId } = scope;
  return {
    async oweNotices(notices) {
      if (notices.length > 0) await sql`${noticeRows(scope, notices)} on conflict do nothing`.execute(db);
    },
    async saveNotice(notice) {
      await sql`
        ${noticeRows(scope, [notice])}
        on conflict (workspace_id, notice_id) do update set lead_id = excluded.lead_id, purpose = excluded.purpose, member_id = excluded.member_id,
          notice = excluded.notice, owed_since = excluded.owed_since, tried_since = excluded.tried_since, delivered_at = excluded.delivered_at,
          receipt = excluded.receipt`.execute(db);
    },
    async oweWrite(write) {
      await sql`
        insert into lockstep.lead_writes (workspace_id, change_set_id, lead_id, offer_id, motion, owed_since, started_at, ending)
        select ${workspaceId}, "changeSetId", "leadId", "offerId", motion, "owedSince", "startedAt", "end"
        from jsonb_to_recordset(${recordset('writes', [write])}::jsonb) as r ("changeSetId" text, "leadId" text, "offerId" text, motion text,
          "owedSince" timestamptz, "startedAt" timestamptz, "end" text)
        on conflict do nothing`.execute(db);
    },
    async saveWrite({ changeSetId, startedAt, end, keptOwner }) {
      await sql`
        update lockstep.lead_writes set started_at = ${startedAt}::timestamptz, ending = ${end}, kept_owner = ${keptOwner}
        where workspace_id = ${workspaceId} and change_set_id = ${changeSetId}`.execute(db);
    },
  };
}

function noticeRows({ workspaceId }: Scope, notices: readonly OwedNotice[]) {
  return sql`
    insert into lockstep.lead_notices (workspace_id, notice_id, lead_id, purpose, member_id, notice, owed_since, tried_since, delivered_at, receipt)
    select ${workspaceId}, "noticeId", "leadId", purpose, "memberId", notice, "owedSince", "triedSince", "deliveredAt", receipt
    from jsonb_to_recordset(${recordset('notices', notices)}::jsonb) as r ("noticeId" text, "leadId" text, purpose text, "memberId" text,
      notice jsonb, "owedSince" timestamptz, "triedSince" timestamptz, "deliveredAt" timestamptz, receipt jsonb)
    order by "noticeId" collate "C"`;
}
