/**
 * What a simulation says of fairness (R4), counted beside the machine: from who could be asked at each lead and their weights, in plain numbers; never from the
 * credits that assign.ts keeps.
 */
import type { PoolMember } from './assign.ts';
import { readRational } from './rational.ts';

export interface PoolFairness {
  readonly poolId: string;
  readonly assigned: number;
  /** Of these: declined, or moved on to somebody else. They stay counted: the member had them. */
  readonly takenBack: number;
  /** Leads that came while, since the members or weights changed last, everybody could always be asked. */
  readonly whileAllAvailable: number;
  /** The largest |assigned − ideal share| after any of those leads: below 1 by R4. */
  readonly farthestWhileAllAvailable: number;
  /** The largest |assigned − fair share| of all leads; a share counts where its member could be asked. Nobody can promise a bound here. */
  readonly farthest: number;
}

/** Somebody is back from time away (case 21). */
export interface Return {
  readonly memberId: string;
  readonly poolId: string;
  readonly atMs: number;
  /** In the 24 hours from then on; what was taken back later is counted: they had it. */
  readonly assigned: number;
  /** The sum of their shares of the pool's leads of these hours for which they could be asked. */
  readonly fair: number;
}

/** A lead that went to somebody of a pool. */
export interface PoolEntry {
  readonly atMs: number;
  readonly memberId: string;
  /** Of everybody who could be asked; they sum to 1. */
  readonly shares: ReadonlyMap<string, number>;
}

interface Account {
  assigned: number;
  fair: number;
}

/** The books of one pool. */
export interface PoolBook {
  readonly poolId: string;
  readonly entries: PoolEntry[];
  /** Members and weights as text: another one begins the accounts anew. */
  team: string;
  accounts: Map<string, Account>;
  isWhole: boolean;
  takenBack: number;
  whileAllAvailable: number;
  farthestWhileAllAvailable: number;
  farthest: number;
}

export function createBook(poolId: string): PoolBook {
  const figures = { takenBack: 0, whileAllAvailable: 0, farthestWhileAllAvailable: 0, farthest: 0 };
  return { poolId, entries: [], team: '', accounts: new Map(), isWhole: true, ...figures };
}

/** Enters a lead: who could be asked, and who got it. */
export function enter(
  book: PoolBook,
  atMs: number,
  {
    memberId,
    eligible,
    members,
  }: { readonly memberId: string; readonly eligible: readonly string[]; readonly members: readonly PoolMember[] },
): PoolEntry {
  const team = members.map((member) => `${member.memberId}=${member.weight}`).join(' ');
  if (book.team !== team) {
    book.team = team;
    book.accounts = new Map(members.map((member) => [member.memberId, { assigned: 0, fair: 0 }]));
    book.isWhole = true;
  }
  const weighted = members.flatMap((member) =>
    eligible.includes(member.memberId) ? [[member.memberId, numberOf(member.weight)] as const] : [],
  );
  const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
  const shares = new Map(weighted.map(([id, weight]) => [id, weight / total]));
  book.isWhole &&= shares.size === members.length;
  post(book, shares, memberId);
  const farthest = Math.max(...[...book.accounts.values()].map(({ assigned, fair }) => Math.abs(assigned - fair)));
  book.farthest = Math.max(book.farthest, farthest);
  if (book.isWhole) {
    book.whileAllAvailable += 1;
    book.farthestWhileAllAvailable = Math.max(book.farthestWhileAllAvailable, farthest);
  }
  const entry = { atMs, memberId, shares };
  book.entries.push(entry);
  return entry;
}

function post(book: PoolBook, shares: ReadonlyMap<string, number>, memberId: string): void {
  for (const [id, share] of shares) {
    const account = book.accounts.get(id);
    if (account === undefined) continue;
    account.fair += share;
    if (id === memberId) account.assigned += 1;
  }
}

export function fairnessOf(book: PoolBook): PoolFairness {
  const { poolId, entries, takenBack, whileAllAvailable, farthestWhileAllAvailable, farthest } = book;
  return { poolId, assigned: entries.length, takenBack, whileAllAvailable, farthestWhileAllAvailable, farthest };
}

const FIRST_HOURS_MS = 24 * 3_600_000;

/** What somebody who is back at an instant got in the first 24 hours. */
export function returnOf(book: PoolBook, memberId: string, atMs: number): Return {
  let [assigned, fair] = [0, 0];
  for (let index = firstFrom(book.entries, atMs); index < book.entries.length; index += 1) {
    const entry = book.entries[index];
    if (entry === undefined || entry.atMs >= atMs + FIRST_HOURS_MS) break;
    fair += entry.shares.get(memberId) ?? 0;
    if (entry.memberId === memberId) assigned += 1;
  }
  return { memberId, poolId: book.poolId, atMs, assigned, fair };
}

/** Entries are in the order of time. */
function firstFrom(entries: readonly PoolEntry[], atMs: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.atMs ?? atMs) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function numberOf(weight: string): number {
  const value = readRational(weight);
  return value === null ? Number.NaN : Number(value.numerator) / Number(value.denominator);
}
