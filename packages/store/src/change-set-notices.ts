/** What people are owed to be told of change sets, and what became of it. */
import type { ChangeSetReader, ChangeSetTransaction } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { OwedSetNotice } from '@lockstep/domain/crm/notice.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

type Reads = Pick<ChangeSetReader, 'setNotices' | 'dueSetNotices' | 'nextSetNoticeAt'>;
type Writes = Pick<ChangeSetTransaction, 'oweSetNotices' | 'saveSetNotice'>;

const ROW =
  sql.raw(`notice_id as "noticeId", change_set_id as "changeSetId", notice, person, words, owed_since as "owedSince", until, attempt,
  tried_since as "triedSince", settled_at as "settledAt", outcome, receipt`);

export function noticeReads({ db, workspaceId }: Scope): Reads {
  return {
    async setNotices(changeSetId) {
      const { rows } = await sql<OwedSetNotice>`
        select ${ROW} from lockstep.change_set_notices
        where workspace_id = ${workspaceId} and change_set_id = ${changeSetId} order by owed_since, notice_id, person`.execute(db);
      return rows;
    },
    async dueSetNotices(now, limit) {
      const { rows } = await sql<OwedSetNotice>`
        select ${ROW} from lockstep.change_set_notices
        where workspace_id = ${workspaceId} and settled_at is null and (next_at is null or next_at <= ${now}::timestamptz)
        order by owed_since, notice_id, person limit ${limit}`.execute(db);
      return rows;
    },
    async nextSetNoticeAt() {
      const { rows } = await sql<{ next: string | null }>`
        select min(coalesce(next_at, owed_since)) as next from lockstep.change_set_notices
        where workspace_id = ${workspaceId} and settled_at is null`.execute(db);
      return rows[0]?.next ?? null;
    },
  };
}

export function noticeWrites({ db, workspaceId }: Scope): Writes {
  const insert = (notices: readonly OwedSetNotice[]) => sql`
    insert into lockstep.change_set_notices (workspace_id, notice_id, person, change_set_id, notice, words, owed_since, until, attempt, tried_since,
      settled_at, outcome, receipt)
    select ${workspaceId}, "noticeId", person, "changeSetId", notice, words, "owedSince", until, attempt, "triedSince", "settledAt", outcome, receipt
    from jsonb_to_recordset(${recordset('notices', notices)}::jsonb) as r ("noticeId" text, person text, "changeSetId" text, notice text,
      words jsonb, "owedSince" timestamptz, until timestamptz, attempt jsonb, "triedSince" timestamptz, "settledAt" timestamptz, outcome text,
      receipt jsonb)
    order by "noticeId" collate "C", person collate "C"`;
  return {
    async oweSetNotices(notices) {
      if (notices.length > 0) await sql`${insert(notices)} on conflict do nothing`.execute(db);
    },
    async saveSetNotice(notice) {
      await sql`
        ${insert([notice])}
        on conflict (workspace_id, notice_id, person) do update set change_set_id = excluded.change_set_id, notice = excluded.notice,
          words = excluded.words, owed_since = excluded.owed_since, until = excluded.until, attempt = excluded.attempt,
          tried_since = excluded.tried_since, settled_at = excluded.settled_at, outcome = excluded.outcome, receipt = excluded.receipt`.execute(
        db,
      );
    },
  };
}
