/** One lead in the hands of one transaction: its rows as they are worked on, and the moves that keep them together. Saved once, at the end. */
import type { EscalationReason } from '@lockstep/domain/routing/decide.ts';
import type { Lead, Offer, OfferState, OwedNotice } from '@lockstep/domain/routing/lead.ts';
import { moveLead } from '@lockstep/domain/routing/lead-table.ts';
import type { LeadMove } from '@lockstep/domain/routing/lead-table.ts';
import type { ClockRow, RoutingTransaction } from '@lockstep/domain/routing/routing-store.port.ts';
import type { SlaAction } from '@lockstep/domain/routing/sla.ts';
import { isStageClock } from '@lockstep/domain/routing/stage.ts';
import type { Traits } from '@lockstep/domain/routing/condition.ts';
import type { RoutedAccount } from '@lockstep/domain/routing/lead.ts';
import { calendarsOf } from './calendars.ts';
import type { Calendars } from './calendars.ts';
import type { Documents, RoutingEngine } from './environment.ts';
import { evidenceOf } from './evidence.ts';
import { gravestEach } from './notices.ts';
import type { Told } from './notices.ts';

/** What the rungs of a clock's ladder do with the lead (moves.ts): clocks set it off, and it sets clocks off. */
export interface Ladder {
  /** See `reassign`. */
  readonly reassign: (desk: Desk) => Promise<{ readonly personId: string; readonly reason: EscalationReason } | null>;
  /** See `escalateTo`. */
  readonly escalateTo: (
    desk: Desk,
    about: Told,
    escalation: { readonly to: string; readonly reason: string; readonly key: string },
  ) => void;
}

export interface Desk {
  readonly engine: RoutingEngine;
  readonly tx: RoutingTransaction;
  readonly documents: Documents;
  readonly calendars: Calendars;
  readonly ladder: Ladder;
  account: RoutedAccount;
  readonly traits: Traits;
  /** ISO. */
  readonly now: string;
  lead: Lead;
  /** In the order in which they were made. */
  readonly offers: Offer[];
  readonly clocks: ClockRow[];
  readonly notices: OwedNotice[];
  readonly actions: SlaAction[];
}

export interface DeskParts extends Omit<Desk, 'offers' | 'clocks' | 'notices' | 'actions'> {
  readonly isNew: boolean;
}

/** Takes a lead up with all that belongs to it. */
export async function openDesk({ isNew, ...parts }: DeskParts): Promise<Desk> {
  const { tx, lead } = parts;
  const offers = isNew ? [] : [...(await tx.offersOf(lead.leadId))];
  const clocks = isNew ? [] : [...(await tx.clocksOf(lead.leadId))];
  return { ...parts, offers, clocks, notices: [], actions: [] };
}

/** Takes up that lead of an account, under the account's lock (R1), which is held to the end; null where there is none such. */
export async function takeUp(
  { engine, tx, documents, ladder, now }: Pick<Desk, 'engine' | 'tx' | 'documents' | 'ladder' | 'now'>,
  accountId: string,
  isMeant: (lead: Lead) => boolean,
): Promise<Desk | null> {
  await tx.lockAccount(accountId);
  const evidence = await evidenceOf(tx, documents, accountId, now);
  const lead = (await tx.leadsOf(accountId)).find(isMeant);
  if (evidence === null || lead === undefined) return null;
  const calendars = await calendarsOf(engine, tx, documents.roster, now);
  const { account, traits } = evidence;
  return openDesk({ engine, tx, documents, calendars, ladder, account, traits, now, lead, isNew: false });
}

/** Puts all of it on record. */
export async function saveDesk({ tx, lead, offers, clocks, notices, actions }: Desk): Promise<void> {
  await tx.saveLead(lead);
  for (const offer of offers) await tx.saveOffer(offer);
  for (const clock of clocks) await tx.saveClock(clock);
  await tx.addSlaActions(lead.leadId, actions);
  await tx.oweNotices(gravestEach(notices));
}

/** The offer that counts; null while nobody has the lead. */
export function currentOffer({ lead, offers }: Desk): Offer | null {
  return offers.find(({ offerId }) => offerId === lead.offerId) ?? null;
}

/** Who is told of its clocks: whoever has the lead, or the account that is followed; null for nobody. */
export function holderOf(desk: Desk): string | null {
  return currentOffer(desk)?.memberId ?? desk.lead.followedBy;
}

/** Moves the lead; false where it cannot. */
export function move(desk: Desk, how: LeadMove, changes: Partial<Lead> = {}): boolean {
  const state = moveLead(desk.lead.state, how);
  if (state === null) return false;
  const followedBy = state === 'followed' ? desk.lead.followedBy : null;
  desk.lead = { ...desk.lead, followedBy, ...changes, state, closedAt: state === 'closed' ? desk.now : null };
  return true;
}

/** The current offer comes to its end: nobody has the lead. */
export function endOffer(desk: Desk, state: Exclude<OfferState, 'open' | 'accepted'>): Offer | null {
  const offer = currentOffer(desk);
  if (offer === null) return null;
  const ended = { ...offer, state, answeredAt: desk.now };
  replace(desk.offers, offer, ended);
  desk.lead = { ...desk.lead, offerId: null };
  return ended;
}

export function replace<T>(all: T[], old: T, next: T): void {
  const place = all.indexOf(old);
  if (place === -1) all.push(next);
  else all[place] = next;
}

/** The deadline by which somebody has to answer; null where none runs. */
export function deadlineOf({ clocks }: { readonly clocks: readonly ClockRow[] }): string | null {
  const open = clocks.find(({ clock }) => clock.outcome === null && clock.deadlineMs !== null && !isStageClock(clock.clockId));
  return open?.clock.deadlineMs == null ? null : new Date(open.clock.deadlineMs).toISOString();
}
