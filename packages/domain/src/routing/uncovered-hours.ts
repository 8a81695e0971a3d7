/**
 * Hours in which a lead would find nobody at work: for each pool that a rule leads to and each service level under which it does, the time in which neither anybody
 * of the pool nor anybody whom the rule asks after them works. As `decide` looks for somebody: who does not take the tier or the motion, or is not active, does not count.
 */
import { anyOf, hoursOf, spansBetween } from './business-time.ts';
import type { Span } from './calendar.ts';
import type { CheckRequest, HoursAhead } from './check-request.ts';
import { possibleLeads } from './check-rules.ts';
import { ruleFor } from './policy.ts';
import type { RoutedLead } from './policy.ts';
import { membersFor, overflowOf, poolOf, personOf } from './roster.ts';
import type { Roster } from './roster.schema.ts';
import { poolIn } from './territory.ts';
import { TIERS } from './tier.ts';
import type { Tier } from './tier.ts';

export interface UncoveredHours {
  readonly poolId: string;
  readonly slaId: string;
  /** Of the leads that find these people; others of the pool and service level may find others. */
  readonly tiers: readonly Tier[];
  /** In which most of the pool's members work; the first of those that are equal. */
  readonly zone: string;
  /** In order, not touching, cut at the ends of the time that was looked at. */
  readonly spans: readonly Span[];
  readonly totalMs: number;
  /** Spans that are longer than the service level lets a lead wait: a named person hears at once. */
  readonly tooLong: number;
}

/** People whom leads of a pool and a service level find. */
interface Finding {
  readonly poolId: string;
  readonly slaId: string;
  readonly people: readonly string[];
  readonly tiers: Set<Tier>;
}

/** One entry for each pool, service level and set of hours that nobody covers, in the order of the policy's rules. */
export function uncoveredHours(request: CheckRequest, { calendars, fromMs, toMs }: HoursAhead): readonly UncoveredHours[] {
  const { roster, slas } = request;
  const merged = new Map<string, UncoveredHours>();
  for (const { poolId, slaId, people, tiers } of findings(request)) {
    const covered = spansBetween(anyOf(people.flatMap((id) => calendars.get(id) ?? []).map(hoursOf)), fromMs, toMs);
    const spans = between(covered, fromMs, toMs);
    if (spans.length === 0) continue;
    const longestWaitMs = (slas.find(({ id }) => id === slaId)?.longestWaitMinutes ?? Infinity) * 60_000;
    const key = JSON.stringify([poolId, slaId, spans]);
    const known = merged.get(key)?.tiers ?? [];
    merged.set(key, {
      ...{ poolId, slaId, zone: zoneOf(roster, poolId), spans },
      tiers: TIERS.filter((tier) => tiers.has(tier) || known.includes(tier)),
      totalMs: spans.reduce((sum, span) => sum + lengthMs(span), 0),
      tooLong: spans.filter((span) => lengthMs(span) > longestWaitMs).length,
    });
  }
  return [...merged.values()];
}

export const lengthMs = ({ fromMs, toMs }: Span): number => toMs - fromMs;

function findings(request: CheckRequest): readonly Finding[] {
  const { policy, roster, at } = request;
  const byRule = Map.groupBy(possibleLeads(request), (lead) => ruleFor(policy, lead));
  const found = new Map<string, Finding>();
  for (const rule of policy.rules)
    for (const lead of byRule.get(rule) ?? []) {
      const poolId = rule.way.pool ?? poolIn(roster, lead.territoryId, rule.way.role);
      if (poolId === null || poolOf(roster, poolId) === null) continue;
      const pools = [poolId, ...(rule.way.fallback.includes('overflow') ? overflowOf(roster, poolId) : [])];
      const people = [...new Set(pools.flatMap((id) => askedOf(roster, id, lead, at)))].toSorted();
      const key = JSON.stringify([poolId, rule.way.sla, people]);
      const known = found.get(key) ?? { poolId, slaId: rule.way.sla, people, tiers: new Set() };
      known.tiers.add(lead.tier);
      found.set(key, known);
    }
  return [...found.values()];
}

function askedOf(roster: Roster, poolId: string, lead: RoutedLead, at: string): readonly string[] {
  return membersFor(roster, poolId, lead, at).flatMap(({ person, refused }) =>
    refused === null && person.capacity > 0 ? [person.id] : [],
  );
}

/** What spans leave of a stretch of time. */
function between(spans: readonly Span[], fromMs: number, toMs: number): readonly Span[] {
  const ends = [fromMs, ...spans.flatMap((span) => [span.fromMs, span.toMs]), toMs];
  return ends.flatMap((start, index) => {
    const end = ends[index + 1];
    return index % 2 === 0 && end !== undefined && start < end ? [{ fromMs: start, toMs: end }] : [];
  });
}

function zoneOf(roster: Roster, poolId: string): string {
  const zones = (poolOf(roster, poolId)?.members ?? []).flatMap((id) => personOf(roster, id)?.zone ?? []);
  const times = (zone: string): number => zones.filter((one) => one === zone).length;
  return zones.reduce((most, zone) => (times(zone) > times(most) ? zone : most), zones[0] ?? 'UTC');
}
