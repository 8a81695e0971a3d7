/** In which traces something was left to be done (table `traces`): not part of any transaction, since a note that is lost costs a link and nothing else. */
import type { Pool } from 'pg';

export interface TraceNotes {
  /** Notes that what `subject` names was left to be done in this trace; notes of the day before are dropped. */
  leave(subject: string, traceparent: string, now: string): Promise<void>;
  /** The newest notes, the newest first. */
  left(subject: string, limit: number): Promise<readonly string[]>;
  /** What they were about is done. */
  settle(subject: string, traceparents: readonly string[]): Promise<void>;
}

/** `pool` comes from `createPool`. */
export function createTraceNotes({ pool, workspaceId }: { readonly pool: Pool; readonly workspaceId: string }): TraceNotes {
  return {
    async leave(subject, traceparent, now) {
      const text = `
        with old as (delete from lockstep.traces where workspace_id = $1 and noted_at < $4::timestamptz - interval '1 day')
        insert into lockstep.traces (workspace_id, subject, traceparent, noted_at) values ($1, $2, $3, $4)
        on conflict (workspace_id, subject, traceparent) do update set noted_at = excluded.noted_at`;
      await pool.query(text, [workspaceId, subject, traceparent, now]);
    },
    async left(subject, limit) {
      const text = `
        select traceparent from lockstep.traces where workspace_id = $1 and subject = $2 order by noted_at desc, traceparent limit $3`;
      return (await pool.query<{ traceparent: string }>(text, [workspaceId, subject, limit])).rows.map(({ traceparent }) => traceparent);
    },
    async settle(subject, traceparents) {
      if (traceparents.length === 0) return;
      const text = `delete from lockstep.traces where workspace_id = $1 and subject = $2 and traceparent = any($3::text[])`;
      await pool.query(text, [workspaceId, subject, [...traceparents]]);
    },
  };
}
