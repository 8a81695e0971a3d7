/** Who is away, by the feeds of their calendars, and whom the CRM does not take as an owner. */
import type { Absence } from '@lockstep/domain/routing/calendar.ts';
import type { RoutingReader, RoutingTransaction } from '@lockstep/domain/routing/routing-store.port.ts';
import { sql } from 'kysely';
import { assertStorable, recordset } from './storable.ts';
import type { Scope } from './tables.ts';

type Reads = Pick<RoutingReader, 'absences' | 'inactiveOwners'>;
type Writes = Pick<RoutingTransaction, 'replaceAbsences' | 'markInactiveOwner'>;

export function absenceReads({ db, workspaceId }: Scope): Reads {
  return {
    async absences(memberIds, after) {
      const { rows } = await sql<Absence & { memberId: string }>`
        select member_id as "memberId", absence_id as id, from_at as "fromIso", to_at as "toIso", reason from lockstep.absences
        where workspace_id = ${workspaceId} and member_id = any(${[...memberIds]}::text[]) and to_at > ${after}::timestamptz
        order by from_at, feed, absence_id collate "C"`.execute(db);
      const byMember = new Map<string, Absence[]>();
      for (const { memberId, ...absence } of rows) {
        const known = byMember.get(memberId);
        if (known === undefined) byMember.set(memberId, [absence]);
        else known.push(absence);
      }
      return byMember;
    },
    async inactiveOwners(since) {
      const { rows } = await sql<{ ownerId: string }>`
        select owner_id as "ownerId" from lockstep.inactive_owners
        where workspace_id = ${workspaceId} and since >= ${since}::timestamptz order by owner_id`.execute(db);
      return new Set(rows.map(({ ownerId }) => ownerId));
    },
  };
}

export function absenceWrites({ db, workspaceId }: Scope): Writes {
  return {
    async replaceAbsences(memberId, feed, absences) {
      assertStorable('feed', { memberId, feed });
      const json = recordset('absences', [...new Map(absences.map((absence) => [absence.id, absence])).values()]);
      // Two readings of one feed at once: what stays is one of them, not a mixture.
      const name = JSON.stringify([memberId, feed]);
      await sql`select pg_advisory_xact_lock(hashtextextended(${`lockstep ${workspaceId} absences ${name}`}, 0))`.execute(db);
      await sql`
        with said as (
          select * from jsonb_to_recordset(${json}::jsonb) as r (id text, "fromIso" timestamptz, "toIso" timestamptz, reason text)
        ), gone as (
          delete from lockstep.absences
          where workspace_id = ${workspaceId} and member_id = ${memberId} and feed = ${feed} and absence_id not in (select id from said)
        )
        insert into lockstep.absences (workspace_id, member_id, feed, absence_id, from_at, to_at, reason)
        select ${workspaceId}, ${memberId}, ${feed}, id, "fromIso", "toIso", reason from said
        on conflict (workspace_id, member_id, feed, md5(absence_id)) do update set from_at = excluded.from_at, to_at = excluded.to_at,
          reason = excluded.reason`.execute(db);
    },
    async markInactiveOwner(ownerId, now) {
      assertStorable('owner', ownerId);
      await sql`
        insert into lockstep.inactive_owners as o (workspace_id, owner_id, since) values (${workspaceId}, ${ownerId}, ${now}::timestamptz)
        on conflict (workspace_id, owner_id) do update set since = greatest(o.since, excluded.since)`.execute(db);
    },
  };
}
