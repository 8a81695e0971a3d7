/**
 * Who gets a lead, and why (R6). A pure function of documents and of what was read under the pools' lock: stored with its input, it is replayed bit for bit, and
 * against another policy or roster it gives what would have been.
 */
import { assign, enrol } from './assign.ts';
import type { Assignment, PoolCredit } from './assign.ts';
import type { OffReason } from './calendar.ts';
import type { Traits } from './condition.ts';
import type { Match } from './match.ts';
import { agentMayGoOn, motionOf } from './motion.ts';
import type { Motion } from './motion.ts';
import { ruleFor } from './policy.ts';
import type { Play, RoutingPolicy, RoutingRule } from './policy.schema.ts';
import { fallbackChain, membersFor, personOf, sharesOf } from './roster.ts';
import type { MemberRefusal } from './roster.ts';
import type { Roster } from './roster.schema.ts';
import { poolIn, territoryOf } from './territory.ts';
import type { Tier } from './tier.ts';

/** What a decision depends on besides policy and roster. Plain JSON. */
export interface DecisionInput {
  /** The instant of the decision, ISO. */
  readonly at: string;
  readonly tier: Tier;
  readonly score: number;
  readonly source: string;
  readonly isBackfill: boolean;
  readonly traits: Traits;
  readonly match: Match;
  readonly country: string | null;
  readonly subdivision: string | null;
  /** Of an agent's qualification; null where none was made. */
  readonly confidence: number | null;
  /** Who has had this lead and has not kept it: they are not asked again. */
  readonly passed: readonly string[];
  /** Of everybody who could be asked. */
  readonly members: Readonly<Record<string, MemberReading>>;
  /** By pool; one that is missing has no credit yet. */
  readonly credits: Readonly<Record<string, PoolCredit>>;
}

export interface MemberReading {
  /** Leads in their hands. */
  readonly openLeads: number;
  /** Null while they work. */
  readonly off: OffReason | null;
  /** The CRM says that this owner is inactive, or has none for them (case 18). */
  readonly hasOwner: boolean;
}

export type CandidateReason = MemberRefusal | OffReason | 'AT_CAPACITY' | 'PASSED' | 'NO_CRM_OWNER';

/** Somebody who was looked at. */
export interface CandidateReading {
  readonly memberId: string;
  readonly poolId: string;
  /** Null for those who were kept. */
  readonly reason: CandidateReason | null;
}

export type EscalationReason =
  | 'TERRITORY_GAP'
  | 'NO_MOTION'
  | 'NO_RULE'
  | 'NO_POOL'
  | 'NOBODY_AVAILABLE'
  | 'LOW_CONFIDENCE'
  | `MATCH_${'AMBIGUOUS' | 'CONTRADICTORY' | 'NAME_ONLY' | 'FREE_MAIL' | 'SHARED_HOST' | 'NO_DOMAIN'}`;

export type DecisionOutcome =
  | {
      readonly kind: 'assigned';
      readonly memberId: string;
      readonly poolId: string;
      readonly assignment: Assignment;
      /** The pool's row from now on. */
      readonly credit: PoolCredit;
    }
  /** To a named human; never to a group, never to "admin" (case 14). */
  | { readonly kind: 'escalated'; readonly personId: string; readonly reason: EscalationReason }
  /** Not routed at all (case 31). */
  | { readonly kind: 'excluded'; readonly reason: 'COMPETITOR' | 'DISPOSABLE' | 'TEST_DOMAIN' };

export interface Decision {
  readonly territoryId: string | null;
  readonly motion: Motion | null;
  readonly ruleId: string | null;
  readonly play: Play | null;
  /** Null where no rule takes it: the shipped one for leads that people have to look at counts. */
  readonly slaId: string | null;
  readonly candidates: readonly CandidateReading[];
  readonly outcome: DecisionOutcome;
}

/** Total: every lead has one end, with a reason. */
export function decide(policy: RoutingPolicy, roster: Roster, input: DecisionInput): Decision {
  const { match } = input;
  const nobody = { territoryId: null, motion: null, ruleId: null, play: null, slaId: null, candidates: [] };
  if (match.kind === 'excluded') return { ...nobody, outcome: { kind: 'excluded', reason: match.reason } };
  const toPeople = (reason: EscalationReason): DecisionOutcome => ({ kind: 'escalated', personId: roster.territoryGap, reason });
  if (match.kind === 'people') return { ...nobody, outcome: toPeople(`MATCH_${match.reason}`) };
  const territory = territoryOf(roster, input);
  if (territory.kind === 'gap') return { ...nobody, outcome: toPeople('TERRITORY_GAP') };
  const { territoryId } = territory;
  const motion = motionOf(policy, input);
  if (motion === null) return { ...nobody, territoryId, outcome: toPeople('NO_MOTION') };
  const rule = ruleFor(policy, { ...input, motion, territoryId });
  if (rule === null) return { ...nobody, territoryId, motion, outcome: toPeople('NO_RULE') };
  const { play, sla, role, leastConfidence } = rule.way;
  const found = { territoryId, motion, ruleId: rule.id, play, slaId: sla };
  const poolId = rule.way.pool ?? poolIn(roster, territoryId, role);
  if (poolId === null) return { ...found, candidates: [], outcome: toPeople('NO_POOL') };
  if (play === 'agent-qualification' && !agentMayGoOn(input.confidence, leastConfidence))
    return { ...found, candidates: [], outcome: escalated(roster, poolId, rule, 'LOW_CONFIDENCE') };
  return { ...found, ...choose(roster, poolId, rule, { ...input, motion }) };
}

type Choice = Pick<Decision, 'candidates' | 'outcome'>;

/**
 * Whoever works now: of the pool, then of what it overflows into. Else whoever is out of hours: the clock begins with their next hour, and where that is too far
 * off it tells a named person. In the end a person.
 */
function choose(roster: Roster, poolId: string, rule: RoutingRule, input: DecisionInput & { readonly motion: Motion }): Choice {
  const chain = fallbackChain(roster, poolId, rule.way.fallback);
  const pools = [poolId, ...chain.flatMap((step) => (step.kind === 'pool' ? [step.poolId] : []))];
  const looked: CandidateReading[] = [];
  for (const id of pools) {
    looked.push(...readingsOf(roster, id, input));
    const chosen = chosenFrom(roster, id, looked, input);
    if (chosen !== null) return { candidates: looked, outcome: chosen };
  }
  for (const id of pools) {
    const candidates = looked.map((one) => (one.poolId === id && one.reason === 'OFF_HOURS' ? { ...one, reason: null } : one));
    const chosen = chosenFrom(roster, id, candidates, input);
    if (chosen !== null) return { candidates, outcome: chosen };
  }
  return { candidates: looked, outcome: escalated(roster, poolId, rule, 'NOBODY_AVAILABLE') };
}

function readingsOf(roster: Roster, poolId: string, input: DecisionInput & { readonly motion: Motion }): readonly CandidateReading[] {
  return membersFor(roster, poolId, input, input.at).map(({ person, refused }) => {
    return { memberId: person.id, poolId, reason: refused ?? reasonAgainst(person.capacity, person.id, input) };
  });
}

/** One of those of a pool who were kept; null where nobody was. */
function chosenFrom(
  roster: Roster,
  poolId: string,
  candidates: readonly CandidateReading[],
  { at, credits }: DecisionInput,
): DecisionOutcome | null {
  const eligible = candidates.flatMap((one) => (one.poolId === poolId && one.reason === null ? [one.memberId] : []));
  const assigned = assign(enrol(credits[poolId] ?? null, sharesOf(roster, poolId, at)), eligible);
  if (assigned === null) return null;
  const { credit, assignment } = assigned;
  return { kind: 'assigned', memberId: assignment.memberId, poolId, assignment, credit };
}

/** Being out of hours is the last of the reasons: it may not count. */
function reasonAgainst(capacity: number, memberId: string, { passed, members }: DecisionInput): CandidateReason | null {
  if (passed.includes(memberId)) return 'PASSED';
  const reading = members[memberId];
  if (reading?.hasOwner !== true) return 'NO_CRM_OWNER';
  if (reading.off !== null && reading.off !== 'OFF_HOURS') return reading.off;
  return reading.openLeads >= capacity ? 'AT_CAPACITY' : reading.off;
}

/** The first person of the rule's chain who is on the roster; the roster's own for what nobody takes where there is none. */
function escalated(roster: Roster, poolId: string, rule: RoutingRule, reason: EscalationReason): DecisionOutcome {
  const person = fallbackChain(roster, poolId, rule.way.fallback).find((step) => step.kind === 'person');
  const personId = person?.kind === 'person' && personOf(roster, person.personId) !== null ? person.personId : roster.territoryGap;
  return { kind: 'escalated', personId, reason };
}
