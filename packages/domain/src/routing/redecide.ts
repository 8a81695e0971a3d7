/**
 * A past decision, decided again by other documents: who would have got the lead (R6). Exact, and of one decision alone: the lead's input is the one that was
 * stored, with the calendars, loads and credits of then. What a first other decision would have changed for the next one is a simulation's business.
 */
import { decide } from './decide.ts';
import type { Decision, DecisionInput, DecisionOutcome } from './decide.ts';
import type { RoutingPolicy } from './policy.schema.ts';
import type { Roster } from './roster.schema.ts';

export interface DecisionDocuments {
  readonly policy: RoutingPolicy;
  readonly roster: Roster;
}

/** What became of a decision, the first of these that fits; `other-way`: the same person by another rule, pool, service level or reason. */
export const DECISION_CHANGES = [
  'same',
  'other-person',
  'other-way',
  'now-escalated',
  'no-longer-escalated',
  'now-excluded',
  'no-longer-excluded',
] as const;
export type DecisionChange = (typeof DECISION_CHANGES)[number];

export interface Redecision {
  readonly change: DecisionChange;
  readonly decision: Decision;
  /** Candidates of whom nothing was read then: they could not have been chosen, and might have been. */
  readonly unread: readonly string[];
}

/** Whether the stored input still gives the stored decision by the documents of then. Total. */
export function isFaithful({ policy, roster }: DecisionDocuments, input: DecisionInput, stored: Decision): boolean {
  return isSame(decide(policy, roster, input), stored);
}

/** Whether two values are the same JSON, whatever the order of keys: what equal hashes of their canonical form would say, for a fraction of the time. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  let members = 0;
  for (const key of Object.keys(one)) {
    // JSON has no members that are undefined.
    if (one[key] === undefined) continue;
    if (!isSame(one[key], other[key])) return false;
    members += 1;
  }
  return members === Object.keys(other).length;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Total: the input is plain JSON, as it was stored. */
export function redecide({ policy, roster }: DecisionDocuments, input: DecisionInput, before: Decision): Redecision {
  const decision = decide(policy, roster, input);
  const unread = decision.candidates.flatMap(({ memberId }) => (input.members[memberId] === undefined ? [memberId] : []));
  return { change: changeOf(before, decision), decision, unread: [...new Set(unread)] };
}

type Kind = DecisionOutcome['kind'];

/** What differs by how both ended; `sameKind` looks further. */
const CHANGES: Readonly<Record<Kind, Readonly<Record<Kind, DecisionChange | 'sameKind'>>>> = {
  assigned: { assigned: 'sameKind', escalated: 'now-escalated', excluded: 'now-excluded' },
  escalated: { assigned: 'no-longer-escalated', escalated: 'sameKind', excluded: 'now-excluded' },
  excluded: { assigned: 'no-longer-excluded', escalated: 'no-longer-excluded', excluded: 'sameKind' },
};

/** What differs between two decisions about one lead. */
export function changeOf(before: Decision, after: Decision): DecisionChange {
  const change = CHANGES[before.outcome.kind][after.outcome.kind];
  if (change !== 'sameKind') return change;
  if (personOf(before.outcome) !== personOf(after.outcome)) return 'other-person';
  return wayOf(before) === wayOf(after) ? 'same' : 'other-way';
}

/** Who hears of the lead; null for nobody. */
export function personOf(outcome: DecisionOutcome): string | null {
  if (outcome.kind === 'assigned') return outcome.memberId;
  return outcome.kind === 'escalated' ? outcome.personId : null;
}

/** How it comes to them. Shares and credit do not count. */
function wayOf({ territoryId, motion, ruleId, play, slaId, outcome }: Decision): string {
  return JSON.stringify([territoryId, motion, ruleId, play, slaId, outcome.kind === 'assigned' ? outcome.poolId : outcome.reason]);
}
