/** Whose product events are counted together, and the events: one row for a message, a record for each further delivery of it (R7, case 12). */
import type { ProductEvent } from '@lockstep/domain/routing/event.ts';
import type { RoutedAccount } from '@lockstep/domain/routing/lead.ts';
import type { Accepted, RoutingReader, RoutingTransaction } from '@lockstep/domain/routing/routing-store.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

type Reads = Pick<RoutingReader, 'account' | 'events' | 'eventsBefore'>;
type Writes = Pick<RoutingTransaction, 'acceptEvents' | 'saveAccount'>;

interface AccountRow extends Omit<RoutedAccount, 'record'> {
  readonly connectionId: string | null;
  readonly object: string | null;
  readonly recordId: string | null;
}

const ACCOUNT = sql.raw(`a.account_id as "accountId", a.account_key as "accountKey", a.connection_id as "connectionId", a.object,
  a.record_id as "recordId", a.match, a.evidence_version as "evidenceVersion"`);

const EVENT =
  sql.raw(`message_id as "messageId", type, name, account_key as "accountKey", user_id as "userId", anonymous_id as "anonymousId",
  group_id as "groupId", email, "values", occurred_at as "occurredAt", received_at as "receivedAt", is_backfill as "isBackfill"`);

export function eventReads({ db, workspaceId }: Scope): Reads {
  return {
    async account(accountId) {
      const { rows } = await sql<AccountRow>`
        select ${ACCOUNT} from lockstep.routed_accounts a
        where a.workspace_id = ${workspaceId} and a.account_id = ${accountId}`.execute(db);
      return rows[0] === undefined ? null : accountOf(rows[0]);
    },
    async events(accountId, { since, limit }) {
      const { rows } = await sql<ProductEvent>`
        select * from (
          (select ${EVENT} from lockstep.product_events
          where workspace_id = ${workspaceId} and account_id = ${accountId} and type = 'track' and occurred_at >= ${since}::timestamptz
          order by occurred_at desc, message_id desc limit ${limit})
          union all
          (select ${EVENT} from lockstep.product_events
          where workspace_id = ${workspaceId} and account_id = ${accountId} and message_id in (
            select message_id from lockstep.account_traits where workspace_id = ${workspaceId} and account_id = ${accountId}))
        ) as evidence
        order by "occurredAt", "messageId"`.execute(db);
      return rows;
    },
    async eventsBefore(accountId, { since, before, limit }) {
      const { rows } = await sql<ProductEvent>`
        select e.* from unnest(array['track', 'identify', 'group']) as wanted (type), lateral (
          select ${EVENT} from lockstep.product_events
          where workspace_id = ${workspaceId} and account_id = ${accountId} and product_events.type = wanted.type
            and occurred_at >= ${since}::timestamptz and occurred_at < ${before}::timestamptz
          order by occurred_at desc, message_id desc limit ${limit}
        ) e
        order by e."occurredAt", e."messageId"`.execute(db);
      return rows;
    },
  };
}

export function eventWrites(scope: Scope): Writes {
  const { db, workspaceId } = scope;
  return {
    acceptEvents: (events) => accept(scope, events),
    async saveAccount(account) {
      await sql`
        insert into lockstep.routed_accounts as a (workspace_id, account_id, account_key, connection_id, object, record_id, match, seen_version)
        select ${workspaceId}, "accountId", "accountKey", record ->> 'connectionId', record ->> 'object', record ->> 'recordId', match,
          "evidenceVersion"
        from ${accountRows([account])}
        on conflict (workspace_id, account_id) do update set account_key = excluded.account_key, connection_id = excluded.connection_id,
          object = excluded.object, record_id = excluded.record_id, match = excluded.match,
          seen_version = greatest(a.seen_version, excluded.seen_version)`.execute(db);
    },
  };
}

type Delivered = Parameters<RoutingTransaction['acceptEvents']>[0];

/** Two statements for any number of events, and two more where a known `identify` or `group` takes another form: that hardly ever happens. */
async function accept(scope: Scope, delivered: Delivered): Promise<Accepted> {
  if (delivered.length === 0) return { accounts: [], fresh: 0, duplicates: 0 };
  await meetAccounts(
    scope,
    delivered.map(({ account }) => account),
  );
  const changed = await storeEvents(scope, delivered);
  const reworded = changed.flatMap((row) => row.reworded ?? []);
  if (reworded.length > 0) await findLatestWords(scope, reworded);
  const fresh = changed.reduce((sum, row) => sum + row.fresh, 0);
  const accounts = changed.map(({ fresh: _fresh, reworded: _reworded, ...row }) => accountOf(row));
  return { accounts, fresh, duplicates: delivered.length - fresh };
}

/** What is known of an account already stays. */
async function meetAccounts({ db, workspaceId }: Scope, accounts: readonly RoutedAccount[]): Promise<void> {
  const once = [...new Map(accounts.map((account) => [account.accountId, account])).values()];
  await sql`
    insert into lockstep.routed_accounts as a (workspace_id, account_id, account_key, connection_id, object, record_id, match)
    select ${workspaceId}, "accountId", "accountKey", record ->> 'connectionId', record ->> 'object', record ->> 'recordId', match
    from ${accountRows(once)} order by "accountId" collate "C"
    on conflict (workspace_id, account_id) do update set evidence_version = a.evidence_version + 1`.execute(db);
}

interface Changed extends AccountRow {
  readonly fresh: number;
  /** Message ids of known `identify` and `group` events that have taken another form. */
  readonly reworded: readonly string[] | null;
}

/**
 * The accounts whose evidence has changed. Of two deliveries of a message at once one waits for the other; of copies that differ the row becomes the one that
 * stands by `mergeEvidence`. In the order of ids, so that two batches with the same messages wait in one direction only.
 */
async function storeEvents({ db, workspaceId }: Scope, delivered: Delivered): Promise<readonly Changed[]> {
  const events = delivered.map(({ account, event }, place) => ({ ...event, accountId: account.accountId, place }));
  const { rows } = await sql<Changed>`
    with delivered as materialized (
      select r.*, row_number() over (partition by "messageId" order by "isBackfill", "occurredAt", "receivedAt", place) as copy
      from jsonb_to_recordset(${recordset('events', events)}::jsonb) as r (place integer, "accountId" text, "messageId" text, type text, name text,
        "accountKey" text, "userId" text, "anonymousId" text, "groupId" text, email text, "values" jsonb, "occurredAt" timestamptz,
        "receivedAt" timestamptz, "isBackfill" boolean)
    ), stored as (
      insert into lockstep.product_events as e (workspace_id, message_id, account_id, type, name, account_key, user_id, anonymous_id, group_id, email,
        "values", occurred_at, received_at, is_backfill)
      select ${workspaceId}, "messageId", "accountId", type, name, "accountKey", "userId", "anonymousId", "groupId", email,
        "values", "occurredAt", "receivedAt", "isBackfill"
      from delivered where copy = 1 order by "messageId" collate "C"
      on conflict (workspace_id, message_id) do update set account_id = excluded.account_id, type = excluded.type, name = excluded.name,
        account_key = excluded.account_key, user_id = excluded.user_id, anonymous_id = excluded.anonymous_id, group_id = excluded.group_id,
        email = excluded.email, "values" = excluded."values", occurred_at = excluded.occurred_at, received_at = excluded.received_at,
        is_backfill = excluded.is_backfill
      where (excluded.is_backfill, excluded.occurred_at, excluded.received_at) < (e.is_backfill, e.occurred_at, e.received_at)
      returning message_id, account_id, type, occurred_at, "values", xmax = 0 as is_new
    ), noted as (
      insert into lockstep.product_event_duplicates (workspace_id, message_id, occurred_at, received_at, is_backfill)
      select ${workspaceId}, d."messageId", d."occurredAt", d."receivedAt", d."isBackfill"
      from delivered d left join stored s on d.copy = 1 and s.is_new and s.message_id = d."messageId"
      where s.message_id is null order by d.place
    ), told as (
      insert into lockstep.account_traits as t (workspace_id, account_id, type, trait, occurred_at, message_id)
      select distinct on (account_id, type, trait collate "C") ${workspaceId}, account_id, type, trait, occurred_at, message_id
      from stored, jsonb_object_keys("values") trait where type <> 'track'
      order by account_id, type, trait collate "C", occurred_at desc, message_id desc
      on conflict (workspace_id, account_id, type, md5(trait)) do update set occurred_at = excluded.occurred_at, message_id = excluded.message_id
      where (excluded.occurred_at, excluded.message_id) > (t.occurred_at, t.message_id)
    )
    select ${ACCOUNT}, count(*) filter (where s.is_new) as fresh,
      array_agg(s.message_id) filter (where not s.is_new and s.type <> 'track') as reworded
    from stored s join lockstep.routed_accounts a on a.workspace_id = ${workspaceId} and a.account_id = s.account_id
    group by a.workspace_id, a.account_id order by a.account_id`.execute(db);
  return rows;
}

/**
 * Which event has the latest word where it was one that has moved: by its new time it may be another. A row that somebody else has moved on meanwhile is left.
 */
async function findLatestWords({ db, workspaceId }: Scope, messageIds: readonly string[]): Promise<void> {
  await sql`
    update lockstep.account_traits t
    set occurred_at = coalesce(latest.occurred_at, '-infinity'), message_id = coalesce(latest.message_id, t.message_id)
    from lockstep.account_traits moved left join lateral (
      select e.occurred_at, e.message_id from lockstep.product_events e
      where e.workspace_id = ${workspaceId} and e.account_id = moved.account_id and e.type = moved.type and e."values" ? moved.trait
      order by e.occurred_at desc, e.message_id desc limit 1
    ) latest on true
    where moved.workspace_id = ${workspaceId} and moved.message_id = any(${[...messageIds]}::text[])
      and t.workspace_id = ${workspaceId} and t.account_id = moved.account_id and t.type = moved.type and md5(t.trait) = md5(moved.trait)
      and t.message_id = moved.message_id`.execute(db);
}

function accountRows(accounts: readonly RoutedAccount[]) {
  return sql`jsonb_to_recordset(${recordset('accounts', accounts)}::jsonb)
    as r ("accountId" text, "accountKey" text, record jsonb, match jsonb, "evidenceVersion" bigint)`;
}

function accountOf({ connectionId, object, recordId, ...account }: AccountRow): RoutedAccount {
  const hasRecord = connectionId !== null && object !== null && recordId !== null;
  return { ...account, record: hasRecord ? { connectionId, object, recordId } : null };
}
