/** How a lead comes to its end, and for how long its account makes no other one. Pure; instants are ISO. */
import type { CloseReason } from './close-reason.ts';
import type { RoutingPolicy } from './policy.schema.ts';
import { disqualifiedAfter, reachedAfter } from './stage.ts';
import type { StageRecord } from './stage.ts';

/** `excluded`: a decision has left it out (case 31). */
export type LeadEnd = CloseReason | 'excluded';

/** What the CRM shows of an account whose lead is over: an opportunity that is made, or people who are disqualified; null while it goes on. Only what came after the lead counts. */
export function shownEnd(records: readonly StageRecord[], openedAt: string): CloseReason | null {
  if (reachedAfter(records, 'opportunity', openedAt) !== null) return 'opportunity';
  return disqualifiedAfter(records, openedAt) === null ? null : 'disqualified';
}

/** Sales has the account, or has given it up; then the product may speak again. What was left out for its domain may come back with the policy. */
const QUIET_DAYS: Readonly<Record<LeadEnd, number>> = { excluded: 0, opportunity: 90, won: 90, lost: 30, disqualified: 90 };
const DAY_MS = 86_400_000;

/** Until when an account makes no other lead after one that has ended so. */
export function quietUntil(end: LeadEnd, closedAt: string, { quietDays = {} }: Pick<RoutingPolicy, 'quietDays'>): string {
  const days = end === 'excluded' ? QUIET_DAYS.excluded : (quietDays[end] ?? QUIET_DAYS[end]);
  return new Date(Date.parse(closedAt) + days * DAY_MS).toISOString();
}
