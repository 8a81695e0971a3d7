/** What the CRM shows of a decision: owner, reason and due time, by a change set and nothing else. */
import type { ChangeSetStore } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { CrmWriteEnd } from '@lockstep/domain/routing/lead.ts';
import type { RecordRef } from '@lockstep/domain/crm/change-set.ts';
import type { ClockRow } from '@lockstep/domain/routing/routing-store.port.ts';
import { isStageClock } from '@lockstep/domain/routing/stage.ts';
import { companyDomain } from '@lockstep/domain/routing/domain-name.ts';
import { documentsOf, ownerIdOf } from './environment.ts';
import type { RoutingEngine } from './environment.ts';
import { companyNameOf, evidenceOf, matched } from './evidence.ts';
import { nameOf, whyOf } from './notices.ts';

/** How a change set of routing has ended; null while it has not, or where there is none. An owner who is refused is told by the finding of the first step. */
export async function endOfWrite(store: ChangeSetStore, changeSetId: string): Promise<CrmWriteEnd | null> {
  return store.snapshot(async (reader) => {
    const end = (await reader.changeSet(changeSetId))?.end ?? null;
    if (end === null || end === 'committed') return end;
    const refused = await reader.stepsIn(changeSetId, { states: ['refused'], limit: 1, order: 'first' });
    const about = refused[0]?.finding;
    return about?.code === 'INVALID' && about.fields.some((field) => /owner/i.test(field)) ? 'owner-refused' : 'not-written';
  });
}

/** The record that a change set of routing has made; null where it has made none. */
export async function createdRecord(store: ChangeSetStore, changeSetId: string): Promise<RecordRef | null> {
  const [step] = await store.snapshot((reader) => reader.stepsByOrdinal(changeSetId, [0]));
  if (step === undefined || step.operation.kind !== 'create' || step.createdId === null) return null;
  const { connectionId, object } = step.operation;
  return { connectionId, object, recordId: step.createdId };
}

/** By which somebody has to answer, also where they have by now. */
function shownDeadline(clocks: readonly ClockRow[]): string | null {
  const deadlineMs = clocks.find(({ clock }) => clock.deadlineMs !== null && !isStageClock(clock.clockId))?.clock.deadlineMs;
  return deadlineMs == null ? null : new Date(deadlineMs).toISOString();
}

/** Plans and starts an owed change set. Idempotent. A lead that has gone on since is not shown as it was. @throws ConnectorError */
export async function startWrite(engine: RoutingEngine, changeSetId: string, now: string): Promise<void> {
  const documents = documentsOf(engine);
  const seen = await engine.store.snapshot(async (reader) => {
    const write = await reader.crmWrite(changeSetId);
    const lead = write === null ? null : await reader.lead(write.leadId);
    if (write === null || lead === null) return null;
    const offer = await reader.offer(write.offerId);
    const clocks = await reader.clocksOf(lead.leadId);
    return { write, lead, offer, clocks, evidence: await evidenceOf(reader, documents, lead.accountId, now) };
  });
  if (seen === null || seen.evidence === null || seen.write.startedAt !== null) return;
  const { write, lead, offer, clocks, evidence } = seen;
  const { crm } = engine;
  const isCurrent = offer !== null && lead.offerId === offer.offerId;
  const ownerId = isCurrent ? ownerIdOf(engine, documents.roster, offer.memberId) : null;
  if (crm === null || ownerId === null) {
    await engine.store.transaction((tx) => tx.saveWrite({ ...write, startedAt: now, end: 'committed' }));
    return;
  }
  const account = evidence.account.match === null ? await matched(engine, documents, evidence) : evidence.account;
  if (account !== evidence.account) await engine.store.transaction((tx) => tx.saveAccount(account));
  const { traits } = evidence;
  const email = evidence.events.findLast((event) => event.email !== null)?.email ?? '';
  const domain = companyDomain(email, documents.policy.excluded);
  const operations = crm.operationsFor({
    record: account.record,
    domain: domain.kind === 'company' ? domain.domain : null,
    companyName: companyNameOf(traits),
    ownerId,
    title: `Lead: ${nameOf(traits)}`,
    why: whyOf(lead.score),
    deadlineIso: shownDeadline(clocks),
  });
  await engine.changeSets.begin({ changeSetId, reason: `routing of ${lead.leadId}`, operations }, now);
  await engine.store.transaction((tx) => tx.saveWrite({ ...write, startedAt: now }));
}
