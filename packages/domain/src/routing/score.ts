/**
 * What an account scores at an instant, with the evidence for it. Pure: the same spec, evidence and instant give the same result, bit for bit, in whatever order
 * the evidence has come (R6, R7).
 *
 * **Decay, then cap.** Each event is worth its points halved every half-life; the sum of a kind of events is cut at its cap at the end. So a cap is a limit on
 * what counts *now*: an account that goes on using the product stays at the cap, and no old event takes the place of a new one. More evidence never lowers a score.
 *
 * **Numbers.** Counted in whole millionths of a point (decay.ts): each event's worth is rounded to them, sums are exact.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import { holds } from './condition.ts';
import type { Traits } from './condition.ts';
import { decayed, MICRO, microPoints } from './decay.ts';
import type { ProductEvent } from './event.ts';
import { mergeEvidence } from './evidence.ts';
import type { ScoredEvent, ScoringSpec } from './score.schema.ts';
import { tierOf } from './tier.ts';
import type { Tier } from './tier.ts';

/** Points of one kind of events. */
export interface ScorePart {
  /** Of the spec's event. */
  readonly id: string;
  /** What counts. */
  readonly points: number;
  /** Before the cap. */
  readonly uncapped: number;
  /** Message ids, the earliest first. Those that are worth nothing any more are left out. */
  readonly evidence: readonly string[];
}

export interface Score {
  readonly specVersion: string;
  readonly specHash: string;
  /** ISO, UTC. */
  readonly at: string;
  /** Points with six decimals at most: all parts and the fit. */
  readonly total: number;
  readonly parts: readonly ScorePart[];
  readonly fit: { readonly points: number; readonly met: readonly { readonly id: string; readonly points: number }[] };
  readonly tier: Tier;
  readonly threshold: number;
  /** total ≥ threshold. */
  readonly crossed: boolean;
  /**
   * When the score falls below the threshold if nothing more happens; ISO, to the millisecond. Null where it is below already, or never falls: fit alone
   * crosses. Without new events a score only falls, so there is no other crossing to foretell.
   */
  readonly nextCrossing: string | null;
  /** `BACKFILL`: the newest event that counts was imported: no 5-minute alarms (case 29). */
  readonly flags: readonly 'BACKFILL'[];
}

/** SHA-256 in hex over the spec's canonical JSON: comments and layout of the YAML do not count. */
export function scoringHash(spec: ScoringSpec): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalize(spec) ?? '')));
}

/**
 * Scores an account. `events` are its evidence, in any order, with duplicates; those that happened after `at` do not count. `traits` are the account's at that
 * instant (`traitsOf`, and what the CRM knows).
 */
export function scoreAccount(spec: ScoringSpec, events: readonly ProductEvent[], traits: Traits, at: string): Score {
  const atMs = Date.parse(at);
  const kinds = kindsOf(spec, mergeEvidence(events), atMs);
  const met = spec.fit.filter(({ when }) => holds(when, traits)).map(({ id, points }) => ({ id, points }));
  const fit = met.reduce((sum, { points }) => sum + microPoints(points), 0);
  const tier = tierOf(spec, traits);
  const threshold = microPoints(spec.tiers[tier].threshold);
  const worths = kinds.map((kind) => worthOf(kind, atMs));
  const total = totalOf(fit, worths);
  const crossed = total >= threshold;
  const falls = crossed
    ? fallsBelow(
        (ms) =>
          totalOf(
            fit,
            kinds.map((kind) => worthOf(kind, ms)),
          ) < threshold,
        fit < threshold,
        atMs,
      )
    : null;
  return {
    specVersion: spec.version,
    specHash: scoringHash(spec),
    at: new Date(atMs).toISOString(),
    total: total / MICRO,
    parts: kinds.map((kind, index) => partOf(kind, worths[index] ?? NOTHING)),
    fit: { points: fit / MICRO, met },
    tier,
    threshold: threshold / MICRO,
    crossed,
    nextCrossing: falls === null ? null : new Date(falls).toISOString(),
    flags: isBackfill(kinds, worths) ? ['BACKFILL'] : [],
  };
}

/** The events of one kind, and what one of them is worth. */
interface Kind {
  readonly scored: ScoredEvent;
  readonly events: readonly { readonly event: ProductEvent; readonly happenedMs: number }[];
}

/** In millionths; `each` in the order of the kind's events. */
interface Worth {
  readonly each: readonly number[];
  readonly uncapped: number;
  readonly capped: number;
}

const NOTHING: Worth = { each: [], uncapped: 0, capped: 0 };
const DAY_MS = 86_400_000;

function kindsOf(spec: ScoringSpec, evidence: readonly ProductEvent[], atMs: number): readonly Kind[] {
  const timed = evidence
    .filter(({ type }) => type === 'track')
    .map((event) => ({ event, happenedMs: Date.parse(event.occurredAt) }))
    .filter(({ happenedMs }) => happenedMs <= atMs);
  return spec.events.map((scored) => ({
    scored,
    events: timed.filter(({ event }) => event.name === scored.event && holds(scored.where, event.values)),
  }));
}

function worthOf({ scored, events }: Kind, ms: number): Worth {
  const points = microPoints(scored.points);
  const each = events.map(({ happenedMs }) => decayed(points, ms - happenedMs, scored.halfLifeDays * DAY_MS));
  const uncapped = each.reduce((sum, one) => sum + one, 0);
  return { each, uncapped, capped: Math.min(uncapped, microPoints(scored.cap)) };
}

const totalOf = (fit: number, worths: readonly Worth[]): number => worths.reduce((sum, { capped }) => sum + capped, fit);

function partOf({ scored, events }: Kind, { each, uncapped, capped }: Worth): ScorePart {
  const evidence = events.filter((_, index) => (each[index] ?? 0) > 0).map(({ event }) => event.messageId);
  return { id: scored.id, points: capped / MICRO, uncapped: uncapped / MICRO, evidence };
}

function isBackfill(kinds: readonly Kind[], worths: readonly Worth[]): boolean {
  const counting = kinds.flatMap(({ events }, kind) => events.filter((_, index) => (worths[kind]?.each[index] ?? 0) > 0));
  const newest = counting.reduce((latest, { happenedMs }) => Math.max(latest, happenedMs), Number.NEGATIVE_INFINITY);
  const last = counting.filter(({ happenedMs }) => happenedMs === newest);
  return last.length > 0 && last.every(({ event }) => event.isBackfill);
}

/** The first millisecond at which a score that only falls is below: doubles the step until it is, then halves it. */
function fallsBelow(isBelow: (ms: number) => boolean, everFalls: boolean, fromMs: number): number | null {
  if (!everFalls) return null;
  let [above, below] = [fromMs, fromMs + DAY_MS];
  while (!isBelow(below)) [above, below] = [below, below + 2 * (below - fromMs)];
  while (below - above > 1) {
    const middle = above + Math.floor((below - above) / 2);
    if (isBelow(middle)) below = middle;
    else above = middle;
  }
  return below;
}
