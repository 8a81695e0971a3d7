/**
 * Who of a pool gets the next lead: R. Tijdeman, "The chairman assignment problem", Discrete Mathematics 32 (1980) 323–330, on exact fractions.
 *
 * At each lead every *eligible* member is entitled to its share of that lead, weight ÷ sum of the eligible members' weights. **Credit** is entitled − assigned.
 * Who is not eligible (away, at capacity, not for this tier) is entitled to nothing of it: the credit is frozen, nobody comes back to a flood.
 * With k eligible members and δ = 1/(2k − 2), the lead goes to
 *   1. whoever is *overdue* (credit > 1 − δ with this lead's share counted): the one who is owed most;
 *   2. else, of those who are *due* (credit ≥ δ), the one whose next lead has the earliest deadline, (1 − δ − credit) ÷ share;
 *   3. else the one who is owed most.
 * Ties fall to the smaller id, by code unit, so that a decision is replayed from its state alone.
 *
 * **Guaranteed.** While the same members are eligible from the start of an epoch on, |assigned − ideal share| ≤ 1 − 1/(2k − 2) < 1 for each of them at every
 * prefix: rule 2 is Tijdeman's, 1 then concerns one member at most, who has the earliest deadline anyway, and 3 never comes up. (R4, case 20. One member: 0.)
 * For any sequence of eligible sets: all credits of a pool sum to 0, and a frozen credit does not move.
 * **Not guaranteed**, by anybody: below 1 when the eligible set differs from lead to lead and is not known before. That is the carpool problem; on n members
 * a sequence of sets drives any online rule to a deviation that grows with n (Fagin and Williams 1983; Ajtai et al., "Fairness in scheduling", 1998), and there
 * owing most first is the best that one can do online (Coppersmith et al., ACM TALG 7(3):37, 2011). Hence 1 and 3: they take over exactly where the past has
 * left credits that Tijdeman's rule cannot have made. Earliest deadlines alone drift to 2.7 leads in shifts of zones, these three rules stay below 1.6.
 */
import { compare, dividedBy, minus, ONE, plus, rational, rationalText, readRational, ZERO } from './rational.ts';
import type { Rational } from './rational.ts';

/** A member's share of the pool, as text: '1', '0.25', '1/3'; above 0. */
export interface PoolMember {
  readonly memberId: string;
  readonly weight: string;
}

/** Of one member since the epoch began. Fractions as text, in lowest terms. */
export interface MemberCredit {
  readonly weight: string;
  readonly assigned: number;
  readonly entitled: string;
}

/** A pool's row. An epoch is the time in which members and weights stay the same. */
export interface PoolCredit {
  /** Counted from 1. */
  readonly epoch: number;
  readonly members: Readonly<Record<string, MemberCredit>>;
}

/** What one lead has moved: enough to take it back. */
export interface Assignment {
  readonly epoch: number;
  readonly memberId: string;
  /** The members' shares of this lead; they sum to 1. */
  readonly shares: Readonly<Record<string, string>>;
}

/**
 * The pool's credit for these members: `credit` itself where members and weights are the same, whatever their order, else a new epoch in which everybody starts
 * at 0. Old credits (less than a lead each, as a rule) are dropped on purpose: a new member's share holds at every prefix only if all start level (case 20).
 * Throws `RangeError` for a weight that is no fraction above 0, and for a member that is named twice.
 */
export function enrol(credit: PoolCredit | null, members: readonly PoolMember[]): PoolCredit {
  const fresh: Record<string, MemberCredit> = {};
  for (const { memberId, weight } of members) {
    if (Object.hasOwn(fresh, memberId)) throw new RangeError(`pool: expected every member once, got ${memberId} twice`);
    fresh[memberId] = { weight: rationalText(weightOf(memberId, weight)), assigned: 0, entitled: '0' };
  }
  const ids = Object.keys(fresh);
  const isSame =
    credit !== null &&
    Object.keys(credit.members).length === ids.length &&
    ids.every((id) => Object.hasOwn(credit.members, id) && credit.members[id]?.weight === fresh[id]?.weight);
  return isSame ? credit : { epoch: (credit?.epoch ?? 0) + 1, members: fresh };
}

/**
 * Gives the next lead to one of `eligible`. Null where nobody is. Total and deterministic: the order of `eligible` does not count.
 * Throws `RangeError` for an eligible id that the pool does not have: `enrol` first.
 */
export function assign(
  credit: PoolCredit,
  eligible: Iterable<string>,
): { readonly credit: PoolCredit; readonly assignment: Assignment } | null {
  const claims = claimsOf(credit, [...new Set(eligible)].sort());
  const chosen = choose(claims);
  if (chosen === null) return null;
  const shares = Object.fromEntries(claims.map(({ memberId, share }) => [memberId, rationalText(share)]));
  const assignment = { epoch: credit.epoch, memberId: chosen.memberId, shares };
  return { credit: moved(credit, assignment, 1), assignment };
}

/**
 * The credit as if the lead had never come to the pool: for a decision that is void (case 18: the owner was inactive at the CRM) or taken back.
 * An assignment of an earlier epoch changes nothing: that account is closed. Members who have gone since are left out.
 */
export function takeBack(credit: PoolCredit, assignment: Assignment): PoolCredit {
  return assignment.epoch === credit.epoch ? moved(credit, assignment, -1) : credit;
}

/** entitled − assigned, as text: above 0, leads are owed to the member. */
export function creditOf({ assigned, entitled }: MemberCredit): string {
  return rationalText(minus(fraction(entitled), rational(BigInt(assigned))));
}

/** One member's claim to this lead; the credit counts the lead's share already. */
interface Claim {
  readonly memberId: string;
  readonly share: Rational;
  readonly credit: Rational;
}

function claimsOf({ members }: PoolCredit, ids: readonly string[]): readonly Claim[] {
  const weighted = ids.map((memberId) => {
    const member = Object.hasOwn(members, memberId) ? members[memberId] : undefined;
    if (member === undefined) throw new RangeError(`pool: expected members of it, got ${memberId}; enrol the pool's members first`);
    return { memberId, member, weight: weightOf(memberId, member.weight) };
  });
  const total = weighted.reduce((sum, { weight }) => plus(sum, weight), ZERO);
  return weighted.map(({ memberId, member, weight }) => {
    const share = dividedBy(weight, total);
    return { memberId, share, credit: minus(plus(fraction(member.entitled), share), rational(BigInt(member.assigned))) };
  });
}

function choose(claims: readonly Claim[]): Claim | null {
  const least = claims.length > 1 ? rational(1n, BigInt(2 * claims.length - 2)) : ZERO;
  const most = minus(ONE, least);
  const overdue = claims.filter(({ credit }) => compare(credit, most) > 0);
  const due = claims.filter(({ credit }) => compare(credit, least) >= 0);
  if (overdue.length > 0 || due.length === 0) return first(overdue.length > 0 ? overdue : claims, (a, b) => compare(b.credit, a.credit));
  const deadline = ({ credit, share }: Claim): Rational => dividedBy(minus(most, credit), share);
  const timed = due.map((claim) => ({ claim, deadline: deadline(claim) }));
  return first(timed, (a, b) => compare(a.deadline, b.deadline))?.claim ?? null;
}

/** The first of the smallest; claims come in the order of their ids. */
function first<Item>(items: readonly Item[], order: (a: Item, b: Item) => number): Item | null {
  return items.reduce<Item | null>((best, item) => (best === null || order(item, best) < 0 ? item : best), null);
}

function moved(credit: PoolCredit, { memberId, shares }: Assignment, times: 1 | -1): PoolCredit {
  const members = Object.entries(credit.members).map(([id, member]): [string, MemberCredit] => {
    const share = Object.hasOwn(shares, id) ? fraction(shares[id] ?? '0') : null;
    if (share === null) return [id, member];
    const entitled = times === 1 ? plus(fraction(member.entitled), share) : minus(fraction(member.entitled), share);
    return [id, { ...member, assigned: member.assigned + (id === memberId ? times : 0), entitled: rationalText(entitled) }];
  });
  return { ...credit, members: Object.fromEntries(members) };
}

function weightOf(memberId: string, text: string): Rational {
  const weight = readRational(text);
  if (weight === null || compare(weight, ZERO) <= 0)
    throw new RangeError(`weight of ${memberId}: expected a fraction above 0 such as 1, 0.25 or 1/3, got ${text}`);
  return weight;
}

function fraction(text: string): Rational {
  const value = readRational(text);
  if (value === null) throw new RangeError(`credit: expected a fraction such as 7/4, got ${text}; the pool's row is damaged`);
  return value;
}
