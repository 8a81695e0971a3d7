/** Who could take a lead, and who comes when nobody of them can. Free capacity, calendars and credit are the decision's business. */
import type { PoolMember } from './assign.ts';
import type { Motion } from './motion.ts';
import type { Fallback } from './policy.schema.ts';
import type { Person, Pool, Roster } from './roster.schema.ts';
import type { Tier } from './tier.ts';

/** Why somebody is not asked, whatever the hour. */
export type MemberRefusal = 'NOT_ACTIVE' | 'TIER_NOT_TAKEN' | 'MOTION_NOT_TAKEN';

export interface Member {
  readonly person: Person;
  /** Null for who may be asked. */
  readonly refused: MemberRefusal | null;
}

export function personOf({ people }: Pick<Roster, 'people'>, id: string): Person | null {
  return people.find((person) => person.id === id) ?? null;
}

export function poolOf({ pools }: Pick<Roster, 'pools'>, id: string): Pool | null {
  return pools.find((pool) => pool.id === id) ?? null;
}

/** These people, and everybody of their role or of a pool of theirs: whose clocks may run in the team's hours, which are theirs too. In the roster's order. */
export function teamsOf(roster: Pick<Roster, 'people' | 'pools'>, memberIds: readonly string[]): readonly string[] {
  const asked = new Set(memberIds);
  const roles = new Set(roster.people.flatMap(({ id, role }) => (asked.has(id) ? [role] : [])));
  const shared = new Set(roster.pools.flatMap(({ members }) => (members.some((id) => asked.has(id)) ? members : [])));
  const team = roster.people.filter(({ id, role }) => asked.has(id) || roles.has(role) || shared.has(id)).map(({ id }) => id);
  // Who has left the roster has leads all the same.
  return [...team, ...memberIds.filter((id) => !team.includes(id))];
}

/** Whether somebody takes leads at an instant: from `active.from` on, until `active.to`. */
export function isActive({ active }: Pick<Person, 'active'>, at: string): boolean {
  const ms = Date.parse(at);
  return (active.from === null || Date.parse(active.from) <= ms) && (active.to === null || ms < Date.parse(active.to));
}

/** Everybody of a pool with why they are not asked for such a lead, in the pool's order. [] for a pool that is not there. */
export function membersFor(
  roster: Roster,
  poolId: string,
  lead: { readonly tier: Tier; readonly motion: Motion },
  at: string,
): readonly Member[] {
  return (poolOf(roster, poolId)?.members ?? []).flatMap((id): Member[] => {
    const person = personOf(roster, id);
    if (person === null) return [];
    if (!isActive(person, at)) return [{ person, refused: 'NOT_ACTIVE' }];
    if (person.tiers?.includes(lead.tier) === false) return [{ person, refused: 'TIER_NOT_TAKEN' }];
    if (person.motions?.includes(lead.motion) === false) return [{ person, refused: 'MOTION_NOT_TAKEN' }];
    return [{ person, refused: null }];
  });
}

/** The members that share the pool's leads at an instant, for `enrol` of assign.ts: who joins or leaves begins an epoch, an absence does not. */
export function sharesOf(roster: Roster, poolId: string, at: string): readonly PoolMember[] {
  return (poolOf(roster, poolId)?.members ?? []).flatMap((id) => {
    const person = personOf(roster, id);
    return person !== null && isActive(person, at) ? [{ memberId: id, weight: person.weight }] : [];
  });
}

/** A person's part of a `WorkCalendar` of calendar.ts; holidays come from the region, and absences from calendars besides. */
export function calendarPart({ zone, week, absences }: Pick<Person, 'zone' | 'week' | 'absences'>): {
  readonly zone: string;
  readonly week: Person['week'];
  readonly absences: readonly { readonly id: string; readonly fromIso: string; readonly toIso: string; readonly reason: string }[];
} {
  return { zone, week, absences: absences.map(({ id, from, to, reason }) => ({ id, fromIso: from, toIso: to, reason })) };
}

/** Who is asked next when nobody of the pool can take a lead. */
export type FallbackStep =
  | { readonly kind: 'pool'; readonly poolId: string }
  | { readonly kind: 'person'; readonly personId: string; readonly as: 'manager' | 'human' };

/**
 * The chain of a rule for a pool (case 14): overflow pools, the manager, a named human, as the rule orders them. Every step is somebody's or some pool's id of
 * this roster; nobody is asked twice, and a circle of overflow pools ends where it closes. A chain that does not end in a person is told by the check.
 */
export function fallbackChain(roster: Roster, poolId: string, fallback: readonly Fallback[]): readonly FallbackStep[] {
  const pool = poolOf(roster, poolId);
  const steps = fallback.flatMap((step): readonly FallbackStep[] => {
    if (step === 'overflow') return overflowOf(roster, poolId).map((id) => ({ kind: 'pool', poolId: id }));
    const personId = step === 'manager' ? pool?.manager : step === 'human' ? pool?.human : step.slice('person:'.length);
    if (personId === undefined || personOf(roster, personId) === null) return [];
    return [{ kind: 'person', personId, as: step === 'manager' ? 'manager' : 'human' }];
  });
  const idOf = (step: FallbackStep): string => (step.kind === 'pool' ? `pool:${step.poolId}` : `person:${step.personId}`);
  // Who stands twice is asked the last time: the manager who is the named human too is the end of the chain.
  return steps.filter((step, index) => steps.findLastIndex((other) => idOf(other) === idOf(step)) === index);
}

/** The pools that a pool overflows into, one into the next. */
export function overflowOf(roster: Pick<Roster, 'pools'>, poolId: string): readonly string[] {
  const found: string[] = [];
  let next = poolOf(roster, poolId)?.overflow ?? null;
  while (next !== null && next !== poolId && !found.includes(next) && poolOf(roster, next) !== null) {
    found.push(next);
    next = poolOf(roster, next)?.overflow ?? null;
  }
  return found;
}
