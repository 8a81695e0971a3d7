/** What the CRM shows of a decision: owner, reason and due time, by a change set and nothing else. */
import type { RecordRef, Step } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSetStore } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { ClockRow } from '@lockstep/domain/routing/routing-store.port.ts';
import { isStageClock } from '@lockstep/domain/routing/stage.ts';
import { companyDomain } from '@lockstep/domain/routing/domain-name.ts';
import type { CrmWrite, RoutedAccount } from '@lockstep/domain/routing/lead.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { documentsOf, ownerIdOf } from './environment.ts';
import type { EndedWrite, RoutingEngine } from './environment.ts';
import { companyNameOf, evidenceOf, matched } from './evidence.ts';
import { nameOf, whyOf } from './notices.ts';

/** How a change set of routing has ended; null while it has not, or where there is none. An owner who is refused is told by the finding of the first step. */
export async function endOfWrite(store: ChangeSetStore, changeSetId: string): Promise<EndedWrite | null> {
  return store.snapshot(async (reader) => {
    const end = (await reader.changeSet(changeSetId))?.end ?? null;
    if (end === null) return null;
    if (end === 'committed')
      return { end, made: madeBy(await reader.stepsIn(changeSetId, { states: ['done'], limit: 1, order: 'first' })) };
    const refused = await reader.stepsIn(changeSetId, { states: ['refused'], limit: 1, order: 'first' });
    const about = refused[0]?.finding;
    const isOwner = about?.code === 'INVALID' && about.fields.some((field) => /owner/i.test(field));
    return { end: isOwner ? 'owner-refused' : 'not-written', made: null };
  });
}

/** The account is the first that a set makes; a task comes after it. */
function madeBy([first]: readonly Step[]): RecordRef | null {
  if (first?.operation.kind !== 'create' || first.createdId === null) return null;
  const { connectionId, object } = first.operation;
  return { connectionId, object, recordId: first.createdId };
}

/** By which somebody has to answer, also where they have by now. */
function shownDeadline(clocks: readonly ClockRow[]): string | null {
  const deadlineMs = clocks.find(({ clock }) => clock.deadlineMs !== null && !isStageClock(clock.clockId))?.clock.deadlineMs;
  return deadlineMs == null ? null : new Date(deadlineMs).toISOString();
}

/**
 * Plans and starts an owed change set. Idempotent. A lead that has gone on since is not shown as it was. One set of a lead after the other: the first may make
 * the account that the second is about. @throws ConnectorError, `Transient` while one before it has not ended
 */
export async function startWrite(engine: RoutingEngine, changeSetId: string, now: string): Promise<void> {
  const documents = documentsOf(engine);
  const seen = await engine.store.snapshot(async (reader) => {
    const write = await reader.crmWrite(changeSetId);
    const lead = write === null ? null : await reader.lead(write.leadId);
    if (write === null || lead === null) return null;
    const offer = await reader.offer(write.offerId);
    const open = await reader.openWrites(lead.leadId);
    const before = open.slice(
      0,
      Math.max(
        0,
        open.findIndex((one) => one.changeSetId === changeSetId),
      ),
    );
    const clocks = await reader.clocksOf(lead.leadId);
    return { write, lead, offer, before, clocks, evidence: await evidenceOf(reader, documents, lead.accountId, now) };
  });
  if (seen === null || seen.evidence === null || seen.write.startedAt !== null) return;
  const { write, lead, offer, before, clocks, evidence } = seen;
  const { crm } = engine;
  const isCurrent = offer !== null && lead.offerId === offer.offerId;
  const ownerId = isCurrent ? ownerIdOf(engine, documents.roster, offer.memberId) : null;
  if (crm === null || ownerId === null) {
    await engine.store.transaction((tx) => tx.saveWrite({ ...write, startedAt: now, end: 'committed' }));
    return;
  }
  const found = evidence.account.match === null ? await matched(engine, documents, evidence) : evidence.account;
  const account = await withMade(engine, found, before);
  if (account !== evidence.account) await engine.store.transaction((tx) => tx.saveAccount(account));
  const { traits } = evidence;
  const email = evidence.events.findLast((event) => event.email !== null)?.email ?? '';
  const domain = companyDomain(email, documents.policy.excluded);
  const operations = crm.operationsFor({
    record: account.record,
    domain: domain.kind === 'company' ? domain.domain : null,
    companyName: companyNameOf(traits),
    ownerId,
    title: `Lead: ${nameOf(traits, account)}`,
    why: whyOf(lead.score),
    deadlineIso: shownDeadline(clocks),
  });
  await engine.changeSets.begin({ changeSetId, reason: `routing of ${lead.leadId}`, operations }, now);
  await engine.store.transaction((tx) => tx.saveWrite({ ...write, startedAt: now }));
}

/** The account as the sets before have left it. */
async function withMade(engine: RoutingEngine, account: RoutedAccount, before: readonly CrmWrite[]): Promise<RoutedAccount> {
  let { record } = account;
  for (const { changeSetId } of before) {
    const ended = await engine.changeSets.endOf(changeSetId);
    if (ended === null) throw new ConnectorError('Transient', `${changeSetId}: expected its end before the next one begins, got none yet`);
    record ??= ended.made;
  }
  return record === account.record ? account : { ...account, record };
}
