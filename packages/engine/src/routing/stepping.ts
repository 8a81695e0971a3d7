/** Taking an account as far as it goes at one instant (R1, R2): evidence, lead, decision, clocks; in one transaction, but for what the CRM is asked before. */
import type { Lead } from '@lockstep/domain/routing/lead.ts';
import type { RoutingTransaction } from '@lockstep/domain/routing/routing-store.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { calendarsOf } from './calendars.ts';
import { closeAsShown } from './closing.ts';
import { happen } from './clocks.ts';
import { currentOffer, move, openDesk, saveDesk } from './desk.ts';
import type { Desk } from './desk.ts';
import { documentsOf, ownerIdOf } from './environment.ts';
import type { Documents, EndedWrite, RoutingEngine } from './environment.ts';
import { evidenceOf, matchedForNow } from './evidence.ts';
import { decideLead, giveBack, handTo, LADDER, writeIdOf } from './moves.ts';
import { followOwner } from './following.ts';
import { isNewLead, openLead } from './opening.ts';
import { followStages, lookOnceMore, stagesShown } from './stages.ts';

export interface Stepped {
  readonly state: 'quiet' | 'open' | 'closed';
  /** The next instant at which something is due, ISO; null where only an answer or new evidence goes on. */
  readonly wakeAt: string | null;
  readonly notices: readonly string[];
  readonly changeSets: readonly string[];
}

/** Where no clock runs, nothing of these is due. */
const AT_REST: ReadonlySet<Lead['state']> = new Set(['closed', 'accepted', 'followed']);

/** How soon it is looked whether the CRM has taken a decision (case 18). */
const WRITE_POLL_MS = 15_000;

/**
 * Scores, opens, decides, moves clocks on. Idempotent: at the same instant with nothing new it changes nothing.
 * A CRM that cannot be asked holds nothing up (R2). @throws NotConfigured without documents; nothing is on record then.
 */
export async function stepAccount(engine: RoutingEngine, accountId: string, now: string): Promise<Stepped> {
  const documents = documentsOf(engine);
  const seen = await engine.store.snapshot(async (reader) => {
    const evidence = await evidenceOf(reader, documents, accountId, now);
    return evidence === null ? null : { evidence, leads: await reader.leadsOf(accountId) };
  });
  if (seen === null) return { state: 'quiet', wakeAt: null, notices: [], changeSets: [] };
  const { evidence, leads } = seen;
  const live = leads.find(({ state }) => state !== 'closed') ?? null;
  const isDue = live !== null || isNewLead(documents, evidence, leads, now);
  const { account, isKept } = isDue ? await matchedForNow(engine, documents, evidence) : { account: evidence.account, isKept: true };
  if (live !== null) await lookOnceMore(engine, live.leadId, now);
  const findings = live === null ? NO_FINDINGS : await findingsOf(engine, documents, live, now);
  return engine.store.transaction(async (tx) => {
    await tx.lockAccount(accountId);
    const current = await evidenceOf(tx, documents, accountId, now);
    if (current === null) return { state: 'quiet', wakeAt: null, notices: [], changeSets: [] };
    // What a change set has made meanwhile stays known.
    const known = { ...account, record: account.record ?? current.account.record };
    await tx.saveAccount(isKept ? known : { ...known, match: null });
    const lead = await openLead(tx, { documents, engine, now }, { ...current, account: known });
    if (lead === null) return restOf(tx, null, leads.at(0) ?? null, now);
    const { roster } = documents;
    const calendars = await calendarsOf(engine, tx, roster, now);
    const parts = { engine, tx, documents, calendars, ladder: LADDER, account: known, traits: current.traits, now };
    const desk = await openDesk({ ...parts, lead: lead.lead, isNew: lead.isNew });
    await workOn(desk, findings);
    await saveDesk(desk);
    return restOf(tx, desk, desk.lead, now);
  });
}

/** What the CRM said before the transaction. */
interface Findings {
  /** The offer that it is about. */
  readonly offerId: string | null;
  /** A person has given the record to somebody: a member of the roster, or somebody else (null). */
  readonly handedTo: { readonly memberId: string | null } | null;
  /** How change sets have ended. */
  readonly ends: ReadonlyMap<string, EndedWrite>;
  /** Who has the record, where the offer was not written: nobody has chosen them because of it. */
  readonly keptOwner: string | null;
}

const NO_FINDINGS: Findings = { offerId: null, handedTo: null, ends: new Map(), keptOwner: null };

/** Nothing where the CRM cannot be asked now: what is due is due all the same. */
async function findingsOf(engine: RoutingEngine, documents: Documents, live: Lead, now: string): Promise<Findings> {
  try {
    return await askedFindings(engine, documents, live, now);
  } catch (error) {
    if (error instanceof ConnectorError) return NO_FINDINGS;
    throw error;
  }
}

async function askedFindings(engine: RoutingEngine, { roster }: Documents, live: Lead, now: string): Promise<Findings> {
  const { crm } = engine;
  if (crm === null || live.offerId === null) return NO_FINDINGS;
  const { offerId } = live;
  const known = await engine.store.snapshot(async (reader) => ({
    writes: await reader.openWrites(live.leadId),
    offer: await reader.offer(offerId),
    clocks: await reader.clocksOf(live.leadId),
    account: await reader.account(live.accountId),
    write: await reader.crmWrite(writeIdOf(offerId)),
  }));
  const ends = new Map<string, EndedWrite>();
  for (const { changeSetId, startedAt } of known.writes) {
    const end = startedAt === null ? null : await engine.changeSets.endOf(changeSetId);
    if (end !== null) ends.set(changeSetId, end);
  }
  const record = known.account?.record ?? null;
  const isKept = ends.get(writeIdOf(offerId))?.end === 'not-written';
  const keptOwner = isKept && record !== null ? await crm.ownerOf(record) : (known.write?.keptOwner ?? null);
  const nobody = { offerId, handedTo: null, ends, keptOwner };
  // Only before something is taken away from its owner, and once our own write has been seen to its end.
  const isDue = known.clocks.some(({ dueAt }) => dueAt !== null && dueAt <= now);
  if (!isDue || record === null || known.offer === null || known.writes.some(({ changeSetId }) => !ends.has(changeSetId))) return nobody;
  const ownerId = await crm.ownerOf(record);
  if (ownerId === null || ownerId === keptOwner || ownerIdOf(engine, roster, known.offer.memberId) === ownerId) return nobody;
  const memberId = roster.people.find(({ owners }) => owners[crm.connectionId] === ownerId)?.id ?? null;
  return { ...nobody, handedTo: { memberId } };
}

/** Everything that is due at this instant. */
async function workOn(desk: Desk, findings: Findings): Promise<void> {
  await takeEnds(desk, findings);
  if (findings.handedTo !== null && findings.offerId === desk.lead.offerId) await takeHandOver(desk, findings.handedTo.memberId);
  const stages = await stagesShown(desk);
  await followOwner(desk, stages);
  // Nobody is asked to take what is over.
  if (desk.lead.state === 'deciding') await closeAsShown(desk, stages);
  if (desk.lead.state === 'deciding') await decideLead(desk);
  await followStages(desk, stages);
  await happen(desk, { kind: 'tick' });
  await closeAsShown(desk, stages);
  if (desk.lead.state === 'closed') await happen(desk, { kind: 'withdraw' });
}

/** An account that the CRM has now is known from then on. An owner whom it does not take: decided anew, without a storm (case 18). */
async function takeEnds(desk: Desk, { ends, offerId, keptOwner }: Findings): Promise<void> {
  for (const write of await desk.tx.openWrites(desk.lead.leadId)) {
    const ended = ends.get(write.changeSetId);
    if (ended === undefined) continue;
    const { end, made } = ended;
    await desk.tx.saveWrite({ ...write, end, keptOwner: write.offerId === offerId ? keptOwner : null });
    // From now on whom people give it to counts, and so do its deals.
    if (made !== null && desk.account.record === null) {
      desk.account = { ...desk.account, record: made };
      await desk.tx.saveAccount(desk.account);
    }
    const offer = currentOffer(desk);
    if (end !== 'owner-refused' || offer?.offerId !== write.offerId || offer.state !== 'open') continue;
    const ownerId = ownerIdOf(desk.engine, desk.documents.roster, offer.memberId);
    if (ownerId !== null) await desk.tx.markInactiveOwner(ownerId, desk.now);
    if (desk.lead.state !== 'offered') continue;
    await giveBack(desk, 'taken-back', { isVoid: true });
    move(desk, 'take-back');
  }
}

/** People win: whoever a person has chosen has it, and the ladder does not take it away (case 23). */
async function takeHandOver(desk: Desk, memberId: string | null): Promise<void> {
  if (memberId === null) {
    desk.lead = { ...desk.lead, isChosen: true };
    return;
  }
  if (move(desk, 'hand-over', { isChosen: true })) await handTo(desk, memberId, 'OWNER_CHANGED_BY_PERSON');
}

async function restOf(tx: RoutingTransaction, desk: Desk | null, lead: Lead | null, now: string): Promise<Stepped> {
  if (lead === null) return { state: 'quiet', wakeAt: null, notices: [], changeSets: [] };
  const notices = await tx.owedNotices(lead.leadId);
  const writes = await tx.openWrites(lead.leadId);
  const dues = (desk?.clocks ?? []).flatMap(({ dueAt }) => dueAt ?? []);
  // Those that are started because of this answer too.
  const isPolled = writes.length > 0;
  const poll = isPolled ? [new Date(Date.parse(now) + WRITE_POLL_MS).toISOString()] : [];
  const isOpen = lead.state !== 'closed' && (desk?.clocks.some(({ clock }) => clock.outcome === null) ?? false);
  return {
    state: isOpen || isPolled ? 'open' : AT_REST.has(lead.state) ? 'closed' : 'open',
    wakeAt: [...dues, ...poll].toSorted()[0] ?? null,
    notices: notices.map(({ noticeId }) => noticeId),
    changeSets: writes.flatMap(({ changeSetId, startedAt }) => (startedAt === null ? [changeSetId] : [])),
  };
}
