/** Accounts that the CRM has in a stage and whose product has made no lead: they are ours from then on, and their clocks run for whoever has the record. */
import { accountKeyOf } from '@lockstep/domain/routing/event.ts';
import { followedSince, followerOf } from '@lockstep/domain/routing/followed.ts';
import type { ExcludedDomains } from '@lockstep/domain/routing/domain-name.ts';
import type { Lead } from '@lockstep/domain/routing/lead.ts';
import type { StageSighting } from '@lockstep/domain/routing/routing-crm.port.ts';
import type { RoutingTransaction, StageRow } from '@lockstep/domain/routing/routing-store.port.ts';
import type { SeenRecord } from '@lockstep/domain/routing/stage.ts';
import { workOutAnew } from './clocks.ts';
import type { Desk } from './desk.ts';
import { documentsOf } from './environment.ts';
import type { RoutingEngine } from './environment.ts';
import type { Evidence } from './evidence.ts';

/** Whose account a record is: of its mail address; of a person without one, its own. Null for a deal: it goes by its company and its contacts. */
export function accountKeyOfRecord({ record, email, entries }: StageSighting, excluded: ExcludedDomains): string | null {
  if (email !== null) return accountKeyOf({ groupId: null, email: email.toLowerCase(), userId: null, anonymousId: null }, excluded);
  const isPerson = entries.some(({ stage }) => stage === 'MQL' || stage === 'SQL');
  return isPerson ? `record:${record.connectionId}/${record.object}/${record.recordId}` : null;
}

/** Of records that belong to no account of ours, and that a service level begins with, each has one from now on. */
export async function makeAccounts(
  engine: RoutingEngine,
  tx: RoutingTransaction,
  rows: readonly StageRow[],
  { since, keys }: { readonly since: string; readonly keys: ReadonlyMap<string, string> },
): Promise<void> {
  const { slas } = documentsOf(engine);
  for (const { record, related, mailAccountId: accountId, entries } of rows) {
    const accountKey = keys.get(accountId ?? '');
    if (accountId === null || accountKey === undefined) continue;
    if (followedSince([{ key: record.recordId, entries }], slas, since) === null) continue;
    if ((await tx.accountsOfRecords([record])).length > 0) continue;
    await tx.saveAccount({ accountId, accountKey, record: related[0] ?? null, match: null, evidenceVersion: 0 });
  }
}

/** The lead of an account that is to be followed; null where nothing of it is at a stage that has begun since the CRM is read, or since its last lead has ended. */
export async function followedLead(
  tx: RoutingTransaction,
  { documents, engine, now }: Pick<Desk, 'documents' | 'engine' | 'now'>,
  { account, score }: Evidence,
): Promise<Lead | null> {
  const { accountId } = account;
  if (engine.crm === null) return null;
  const records = await tx.stagesOf(accountId);
  const read = records.length === 0 ? null : await tx.stageCursor(engine.crm.connectionId);
  if (read === null) return null;
  const leads = await tx.leadsOf(accountId);
  const after = [read.since, ...leads.flatMap(({ closedAt }) => closedAt ?? [])].toSorted().at(-1) ?? read.since;
  const openedAt = followedSince(records, documents.slas, after);
  if (openedAt === null) return null;
  return {
    leadId: `${accountId}-${leads.length + 1}`,
    ...{ accountId, state: 'followed', score, source: 'crm', isBackfill: false },
    // Its clocks count from the CRM's own instant; where that is ahead, ours decides (case 28).
    ...{ openedAt: openedAt < now ? openedAt : now, closedAt: null, closeReason: null, closedBy: null },
    followedBy: followerIn({ documents, engine, now }, records),
    ...{ offerId: null, escalatedTo: null, decisions: 0, isChosen: false },
  };
}

/** Whoever has the record in the CRM now is told from now on (people win). */
export async function followOwner(desk: Desk, records: readonly SeenRecord[]): Promise<void> {
  if (desk.lead.state !== 'followed') return;
  const followedBy = followerIn(desk, records);
  if (followedBy === desk.lead.followedBy) return;
  desk.lead = { ...desk.lead, followedBy };
  await workOutAnew(desk, 'OWNER_CHANGED_BY_PERSON', null);
}

function followerIn({ documents, engine, now }: Pick<Desk, 'documents' | 'engine' | 'now'>, records: readonly SeenRecord[]): string {
  return followerOf(documents.roster, records, engine.crm?.connectionId ?? '', now);
}
