/**
 * The store of routing, of one workspace. A transaction is run again as a whole where PostgreSQL asks for it; instants come in as arguments. Events hold
 * people's data: they live here and nowhere else.
 */
import type { AuditAppender } from '../audit/audit.port.ts';
import type { PoolCredit } from './assign.ts';
import type { Absence } from './calendar.ts';
import type { Clock } from './clock.ts';
import type { Decision, DecisionInput } from './decide.ts';
import type { ProductEvent } from './event.ts';
import type { CrmWrite, Lead, Offer, OwedNotice, RoutedAccount } from './lead.ts';
import type { PastLead } from './past-lead.ts';
import type { SlaAction } from './sla.ts';
import type { RecordRef } from '../crm/change-set.ts';
import type { SeenRecord, StageEntry } from './stage.ts';

export interface RoutingStore {
  transaction<T>(work: (tx: RoutingTransaction) => Promise<T>): Promise<T>;
  snapshot<T>(work: (tx: RoutingReader) => Promise<T>): Promise<T>;
}

/** A decision as it was made, with all that it depended on (R6). */
export interface DecisionRow {
  readonly decisionId: string;
  readonly leadId: string;
  /** 1 is the first of its lead. */
  readonly ordinal: number;
  readonly decidedAt: string;
  /** Of documents that are stored (`document`). */
  readonly policyHash: string;
  readonly rosterHash: string;
  readonly input: DecisionInput;
  readonly decision: Decision;
}

/** A clock with whose it is. */
export interface ClockRow {
  readonly leadId: string;
  readonly clock: Clock;
  /** `dueAt` of the clock, ISO; null where nothing is due. */
  readonly dueAt: string | null;
}

export interface ClockCount {
  readonly slaId: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly count: number;
  /** How many of them are at risk by `standingWord`. */
  readonly atRisk: number;
}

/** A version of a policy, a roster, a scoring spec or a set of service levels, by the hash of its canonical JSON. */
export interface RoutingDocument {
  readonly kind: 'policy' | 'roster' | 'scoring' | 'slas';
  readonly hash: string;
  readonly version: string;
  readonly body: unknown;
}

/** How many stand open, for the metrics. */
export interface RoutingStanding {
  readonly leads: Readonly<Record<Exclude<Lead['state'], 'closed'>, number>>;
  /** Not delivered by any channel. */
  readonly owedNotices: number;
  /** Since when the oldest of them is owed, ISO; null where none is. */
  readonly oldestOwedAt: string | null;
  /** Change sets that have not ended. */
  readonly openWrites: number;
  /** When the clock that has waited longest for something to be done was due, or the next one will be; ISO, null where none is. */
  readonly oldestDueAt: string | null;
}

/** A record of the CRM with its stages, and what leads from it to our accounts. */
export interface StageRow {
  readonly record: RecordRef;
  readonly related: readonly RecordRef[];
  /** The id that an account of its mail address, or of a person without one, has, whether there is one or not; null for a deal. */
  readonly mailAccountId: string | null;
  /** The CRM's id of who has it; null for nobody. */
  readonly ownerId: string | null;
  readonly entries: readonly StageEntry[];
}

/** What came of a delivery of product events. */
export interface Accepted {
  /** Accounts whose evidence has changed: a new message, or a copy of a known one that stands before it (`mergeEvidence`). By id. */
  readonly accounts: readonly RoutedAccount[];
  readonly fresh: number;
  /** Deliveries of messages that were there already; each is on record (case 12). */
  readonly duplicates: number;
}

export interface RoutingReader {
  account(accountId: string): Promise<RoutedAccount | null>;
  /**
   * What an account is scored by, the earliest first: its `track` events since an instant, of these the newest `limit`; and beside them, whatever their age and
   * not counted by `limit`, those `identify` and `group` events that have the latest word on one of its traits: `traitsOf` gives of them what it gives of all.
   */
  events(accountId: string, request: { readonly since: string; readonly limit: number }): Promise<readonly ProductEvent[]>;
  /** What was known of an account before an instant, the earliest first: of each kind of call those since `since`, of these the newest `limit`. */
  eventsBefore(
    accountId: string,
    request: { readonly since: string; readonly before: string; readonly limit: number },
  ): Promise<readonly ProductEvent[]>;
  lead(leadId: string): Promise<Lead | null>;
  /** Newest first. */
  leadsOf(accountId: string): Promise<readonly Lead[]>;
  /** Newest first; by state. */
  leads(request: { readonly states: readonly Lead['state'][]; readonly limit: number }): Promise<readonly Lead[]>;
  offer(offerId: string): Promise<Offer | null>;
  /** In the order in which they were made. */
  offersOf(leadId: string): Promise<readonly Offer[]>;
  decisionsOf(leadId: string): Promise<readonly DecisionRow[]>;
  /**
   * Past decisions in the order of their making, a page at a time, for replay decide and simulations: `from` included, `to` not; `after` is the id of the last
   * one of the page before.
   */
  decisions(request: {
    readonly from: string;
    readonly to: string;
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly DecisionRow[]>;
  /** Past leads in the order of their first decisions, a page at a time, as `decisions`. */
  pastLeads(request: {
    readonly from: string;
    readonly to: string;
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly PastLead[]>;
  document(kind: RoutingDocument['kind'], hash: string): Promise<RoutingDocument | null>;
  clocksOf(leadId: string): Promise<readonly ClockRow[]>;
  /** Clocks that have not ended, those that are due first in front. */
  openClocks(limit: number): Promise<readonly ClockRow[]>;
  /** How many clocks have not ended, however old, and how many have ended since an instant: by service level, state and outcome. At risk: as at `now`. */
  clockCounts(request: { readonly since: string; readonly now: string }): Promise<readonly ClockCount[]>;
  /** Offers that are open or accepted, by member; those with none are missing. */
  openLeads(memberIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  credits(poolIds: readonly string[]): Promise<Readonly<Record<string, PoolCredit>>>;
  /** Times away that end after the instant, by member. */
  absences(memberIds: readonly string[], after: string): Promise<ReadonlyMap<string, readonly Absence[]>>;
  /** Members whom the CRM does not take as owners any more (case 18). */
  inactiveOwners(since: string): Promise<ReadonlySet<string>>;
  notice(noticeId: string): Promise<OwedNotice | null>;
  owedNotices(leadId: string): Promise<readonly OwedNotice[]>;
  /** Those that have not ended. */
  openWrites(leadId: string): Promise<readonly CrmWrite[]>;
  crmWrite(changeSetId: string): Promise<CrmWrite | null>;
  /** Accounts with something to do: an open lead, a clock that runs, an owed notice or write. By id; `after` is the last one of the page before. For the sweeper, and after a lost Temporal. */
  openAccounts(request: { readonly after: string | null; readonly limit: number }): Promise<readonly string[]>;
  /** Accounts of leads that these members hold: their offer is open or accepted. By id. */
  accountsOfMembers(memberIds: readonly string[]): Promise<readonly string[]>;
  standing(): Promise<RoutingStanding>;
  /** What clocks have set off, in order: the report. */
  slaActions(leadId: string): Promise<readonly SlaAction[]>;
  /**
   * Our accounts that records of the CRM belong to, by id: those that were matched to the record or to one that it is related to, and those of its mail
   * address. A deal without a company goes by its contacts.
   */
  accountsOfRecords(records: readonly RecordRef[]): Promise<readonly string[]>;
  /** The stages of all records that belong to an account, as `accountsOfRecords` finds them. */
  stagesOf(accountId: string): Promise<readonly SeenRecord[]>;
  /** What they are related to in the order of its keys. */
  stageRows(records: readonly RecordRef[]): Promise<readonly StageRow[]>;
  /** How far a CRM has been read, and since when it is, ISO; null before the first time. */
  stageCursor(connectionId: string): Promise<{ readonly cursor: string; readonly since: string } | null>;
}

export interface RoutingTransaction extends RoutingReader, AuditAppender {
  /**
   * Stores what is new by message id, and a record of each further delivery. Of copies that differ the one that stands by `mergeEvidence` stays: live before
   * imported, then the earliest, then the one received first. What is known of an account already is not changed. All or nothing: it throws where a text of
   * any event cannot be stored.
   */
  acceptEvents(events: readonly { readonly account: RoutedAccount; readonly event: ProductEvent }[]): Promise<Accepted>;
  /** One transaction at a time works on an account (R1). Held to the end; taken before the roster's. */
  lockAccount(accountId: string): Promise<void>;
  /** One decision at a time reads and moves capacities and credits (R4, R5). Held to the end. */
  lockRoster(): Promise<void>;
  saveAccount(account: RoutedAccount): Promise<void>;
  /** One transaction at a time puts stages on record. Held to the end. */
  lockStages(): Promise<void>;
  saveStages(rows: readonly StageRow[]): Promise<void>;
  /** `now` is kept of the first time. */
  saveStageCursor(connectionId: string, cursor: string, now: string): Promise<void>;
  /** There is something of these accounts that no step has looked at: a wake that is lost is made up for. */
  markUnseen(accountIds: readonly string[]): Promise<void>;
  /** Rejects a second open lead of an account, and a state without what it asks for (an offer, a named person, an end). */
  saveLead(lead: Lead): Promise<void>;
  /** Rejects a second offer of a lead that is open or accepted: the one before is saved first, as over. */
  saveOffer(offer: Offer): Promise<void>;
  /** Rejects an id, or an ordinal of the lead, that is there already. */
  addDecision(row: DecisionRow): Promise<void>;
  /** What is there under the hash stays. */
  saveDocument(document: RoutingDocument): Promise<void>;
  saveCredit(poolId: string, credit: PoolCredit): Promise<void>;
  saveClock(row: ClockRow): Promise<void>;
  /** Each once by its key, whatever is worked out again. */
  addSlaActions(leadId: string, actions: readonly SlaAction[]): Promise<void>;
  /** Owes notices that are not there; one that is there stays as it is. */
  oweNotices(notices: readonly OwedNotice[]): Promise<void>;
  saveNotice(notice: OwedNotice): Promise<void>;
  /** Owes a change set that is not there; one that is there stays as it is. */
  oweWrite(write: CrmWrite): Promise<void>;
  /** Of one that is there. */
  saveWrite(write: CrmWrite): Promise<void>;
  /** What a feed says of one member takes the place of what it said before. */
  replaceAbsences(memberId: string, feed: string, absences: readonly Absence[]): Promise<void>;
  markInactiveOwner(ownerId: string, now: string): Promise<void>;
}
