/**
 * Who of a pool gets the next lead: R. Tijdeman, "The chairman assignment problem", Discrete Mathematics 32 (1980) 323–330, on whole numbers.
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
 *
 * **Numbers.** A lead is divided into `unitsPerLead` equal units, so many that every member's share is a whole number of them when all are eligible, and a unit
 * is 10⁻¹² of a lead or less. Shares among fewer are rounded to whole units and sum to a lead to the unit. Nothing else rounds. Fractions of any denominator
 * instead would be exact there too, and grow without end: each new set of eligible members multiplies the denominator.
 */
import { leastCommonMultiple, rational, rationalText, readRational } from './rational.ts';
import type { Rational } from './rational.ts';

/** A member's share of the pool, as text: '1', '0.25', '1/3'; above 0. */
export interface PoolMember {
  readonly memberId: string;
  readonly weight: string;
}

/** Of one member since the epoch began. Units are whole numbers as text: they may be larger than a double holds. */
export interface MemberCredit {
  /** In lowest terms. */
  readonly weight: string;
  /** Of each lead for which all are eligible. */
  readonly units: string;
  readonly assigned: number;
  readonly entitledUnits: string;
}

/** A pool's row. An epoch is the time in which members and weights stay the same. */
export interface PoolCredit {
  /** Counted from 1. */
  readonly epoch: number;
  readonly unitsPerLead: string;
  readonly members: Readonly<Record<string, MemberCredit>>;
}

/** What one lead has moved: enough to take it back. */
export interface Assignment {
  readonly epoch: number;
  readonly memberId: string;
  /** The eligible members' units of this lead; they sum to `unitsPerLead`. */
  readonly shares: Readonly<Record<string, string>>;
}

/** So many units a part of the weights at least. */
const FINENESS = 1_000_000_000_000n;

/**
 * The pool's credit for these members: `credit` itself where members and weights are the same, whatever their order, else a new epoch in which everybody starts
 * at 0. Old credits (less than a lead each, as a rule) are dropped on purpose: a new member's share holds at every prefix only if all start level (case 20).
 * Throws `RangeError` for a weight that is no fraction above 0, and for a member that is named twice.
 */
export function enrol(credit: PoolCredit | null, members: readonly PoolMember[]): PoolCredit {
  const weights = new Map<string, Rational>();
  for (const { memberId, weight } of members) {
    if (weights.has(memberId)) throw new RangeError(`pool: expected every member once, got ${memberId} twice`);
    weights.set(memberId, weightOf(memberId, weight));
  }
  const isSame =
    credit !== null &&
    Object.keys(credit.members).length === weights.size &&
    [...weights].every(([id, weight]) => Object.hasOwn(credit.members, id) && credit.members[id]?.weight === rationalText(weight));
  if (isSame) return credit;
  const scale = FINENESS * [...weights.values()].reduce((multiple, { denominator }) => leastCommonMultiple(multiple, denominator), 1n);
  const units = [...weights].map(([id, weight]) => ({ id, weight, units: (weight.numerator * scale) / weight.denominator }));
  return {
    epoch: (credit?.epoch ?? 0) + 1,
    unitsPerLead: `${sumOf(units.map((member) => member.units))}`,
    members: Object.fromEntries(
      units.map((member) => [
        member.id,
        { weight: rationalText(member.weight), units: `${member.units}`, assigned: 0, entitledUnits: '0' },
      ]),
    ),
  };
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
  const chosen = choose(claims, BigInt(credit.unitsPerLead));
  if (chosen === null) return null;
  const shares = Object.fromEntries(claims.map(({ memberId, share }) => [memberId, `${share}`]));
  const assignment = { epoch: credit.epoch, memberId: chosen.memberId, shares };
  return { credit: moved(credit, assignment, 1), assignment };
}

/**
 * The credit as if the lead had never come to the pool: for a decision that is void (case 18: the owner was inactive at the CRM) or taken back.
 * An assignment of an earlier epoch changes nothing: that account is closed.
 */
export function takeBack(credit: PoolCredit, assignment: Assignment): PoolCredit {
  return assignment.epoch === credit.epoch ? moved(credit, assignment, -1) : credit;
}

/** entitled − assigned in leads, as a fraction in lowest terms ('-3/4'): above 0, leads are owed to the member. '0' for who is no member. */
export function creditOf({ unitsPerLead, members }: PoolCredit, memberId: string): string {
  const member = Object.hasOwn(members, memberId) ? members[memberId] : undefined;
  if (member === undefined) return '0';
  const perLead = BigInt(unitsPerLead);
  return rationalText(rational(BigInt(member.entitledUnits) - BigInt(member.assigned) * perLead, perLead));
}

/** One member's claim to this lead, in units; the credit counts the lead's share already. */
interface Claim {
  readonly memberId: string;
  readonly share: bigint;
  readonly credit: bigint;
}

function claimsOf({ unitsPerLead, members }: PoolCredit, ids: readonly string[]): readonly Claim[] {
  const eligible = ids.map((memberId) => {
    const member = Object.hasOwn(members, memberId) ? members[memberId] : undefined;
    if (member === undefined) throw new RangeError(`pool: expected members of it, got ${memberId}; enrol the pool's members first`);
    return { memberId, member, units: BigInt(member.units) };
  });
  const perLead = BigInt(unitsPerLead);
  const total = sumOf(eligible.map(({ units }) => units));
  const whole = eligible.map(({ units }) => (units * perLead) / total);
  // What rounding down has left, less than a unit a member, goes to the first of them a unit each: the same for the same set.
  const left = perLead - sumOf(whole);
  return eligible.map(({ memberId, member }, index) => {
    const share = (whole[index] ?? 0n) + (BigInt(index) < left ? 1n : 0n);
    return { memberId, share, credit: BigInt(member.entitledUnits) + share - BigInt(member.assigned) * perLead };
  });
}

/** Everything times 2k − 2, so that δ and 1 − δ are whole. */
function choose(claims: readonly Claim[], perLead: bigint): Claim | null {
  const times = BigInt(Math.max(1, 2 * claims.length - 2));
  const least = claims.length > 1 ? perLead : 0n;
  const most = times * perLead - least;
  const overdue = claims.filter(({ credit }) => credit * times > most);
  const due = claims.filter(({ credit }) => credit * times >= least);
  if (overdue.length > 0) return first(overdue, owedMore);
  if (due.length === 0) return first(claims, owedMore);
  return first(due, (a, b) => (most - a.credit * times) * b.share < (most - b.credit * times) * a.share);
}

const owedMore = (a: Claim, b: Claim): boolean => a.credit > b.credit;

/** The first that no other comes before; claims come in the order of their ids. */
function first(claims: readonly Claim[], isBefore: (a: Claim, b: Claim) => boolean): Claim | null {
  return claims.reduce<Claim | null>((best, claim) => (best === null || isBefore(claim, best) ? claim : best), null);
}

function moved(credit: PoolCredit, { memberId, shares }: Assignment, times: 1 | -1): PoolCredit {
  const members = Object.entries(credit.members).map(([id, member]): [string, MemberCredit] => {
    const share = Object.hasOwn(shares, id) ? shares[id] : undefined;
    if (share === undefined) return [id, member];
    const entitledUnits = `${BigInt(member.entitledUnits) + BigInt(times) * BigInt(share)}`;
    return [id, { ...member, assigned: member.assigned + (id === memberId ? times : 0), entitledUnits }];
  });
  return { ...credit, members: Object.fromEntries(members) };
}

const sumOf = (numbers: readonly bigint[]): bigint => numbers.reduce((sum, one) => sum + one, 0n);

function weightOf(memberId: string, text: string): Rational {
  const weight = readRational(text);
  if (weight === null || weight.numerator <= 0n)
    throw new RangeError(`weight of ${memberId}: expected a fraction above 0 such as 1, 0.25 or 1/3, got ${text}`);
  return weight;
}
