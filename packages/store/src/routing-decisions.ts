/** Decisions as they were made (R6), the documents that they were made by, and the pools' credits (R4). */
import type { PoolCredit } from '@lockstep/domain/routing/assign.ts';
import type { DecisionRow, RoutingDocument, RoutingReader, RoutingTransaction } from '@lockstep/domain/routing/routing-store.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

type Reads = Pick<RoutingReader, 'decisionsOf' | 'decisions' | 'document' | 'credits'>;
type Writes = Pick<RoutingTransaction, 'addDecision' | 'saveDocument' | 'saveCredit'>;

const DECISION = sql.raw(`decision_id as "decisionId", lead_id as "leadId", ordinal, decided_at as "decidedAt", policy_hash as "policyHash",
  roster_hash as "rosterHash", input, decision`);

export function decisionReads({ db, workspaceId }: Scope): Reads {
  return {
    async decisionsOf(leadId) {
      const { rows } = await sql<DecisionRow>`
        select ${DECISION} from lockstep.routing_decisions
        where workspace_id = ${workspaceId} and lead_id = ${leadId} order by ordinal`.execute(db);
      return rows;
    },
    async decisions({ from, to, after, limit }) {
      const beyond = sql`and (decided_at, decision_seq) >
        (select decided_at, decision_seq from lockstep.routing_decisions where workspace_id = ${workspaceId} and decision_id = ${after})`;
      const { rows } = await sql<DecisionRow>`
        select ${DECISION} from lockstep.routing_decisions
        where workspace_id = ${workspaceId} and decided_at >= ${from}::timestamptz and decided_at < ${to}::timestamptz
          ${after === null ? sql`` : beyond}
        order by decided_at, decision_seq limit ${limit}`.execute(db);
      return rows;
    },
    async document(kind, hash) {
      const { rows } = await sql<RoutingDocument>`
        select kind, hash, version, body from lockstep.routing_documents
        where workspace_id = ${workspaceId} and kind = ${kind} and hash = ${hash}`.execute(db);
      return rows[0] ?? null;
    },
    async credits(poolIds) {
      const { rows } = await sql<{ poolId: string; credit: PoolCredit }>`
        select pool_id as "poolId", credit from lockstep.pool_credits
        where workspace_id = ${workspaceId} and pool_id = any(${[...poolIds]}::text[])`.execute(db);
      return Object.fromEntries(rows.map(({ poolId, credit }) => [poolId, credit]));
    },
  };
}

export function decisionWrites({ db, workspaceId }: Scope): Writes {
  return {
    async addDecision(row) {
      await sql`
        insert into lockstep.routing_decisions (workspace_id, decision_id, lead_id, ordinal, decided_at, policy_hash, roster_hash, input, decision)
        select ${workspaceId}, "decisionId", "leadId", ordinal, "decidedAt", "policyHash", "rosterHash", input, decision
        from jsonb_to_recordset(${recordset('decisions', [row])}::jsonb) as r ("decisionId" text, "leadId" text, ordinal integer,
          "decidedAt" timestamptz, "policyHash" text, "rosterHash" text, input jsonb, decision jsonb)`.execute(db);
    },
    async saveDocument(document) {
      await sql`
        insert into lockstep.routing_documents (workspace_id, kind, hash, version, body)
        select ${workspaceId}, kind, hash, version, body
        from jsonb_to_recordset(${recordset('documents', [document])}::jsonb) as r (kind text, hash text, version text, body jsonb)
        on conflict do nothing`.execute(db);
    },
    async saveCredit(poolId, credit) {
      await sql`
        insert into lockstep.pool_credits (workspace_id, pool_id, credit)
        select ${workspaceId}, "poolId", credit
        from jsonb_to_recordset(${recordset('credits', [{ poolId, credit }])}::jsonb) as r ("poolId" text, credit jsonb)
        on conflict (workspace_id, pool_id) do update set credit = excluded.credit`.execute(db);
    },
  };
}
