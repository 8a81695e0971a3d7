/** Territories: places that nobody takes, places that two take, and pools that a rule will ask for. */
import { listText, reporter } from './check-request.ts';
import type { CheckRequest } from './check-request.ts';
import { allCountries, countryOf } from './country.ts';
import type { RoutingRule } from './policy.schema.ts';
import type { Problem } from './problem.ts';
import { fallbackChain, membersFor, poolOf } from './roster.ts';
import type { Territory } from './roster.schema.ts';
import { takes } from './territory.ts';
import { TIERS } from './tier.ts';
import type { Tier } from './tier.ts';

export function territoryProblems(request: CheckRequest): readonly Problem[] {
  return [...places(request), ...gaps(request), ...overlaps(request), ...poolsAskedFor(request)];
}

function places(request: CheckRequest): readonly Problem[] {
  const report = reporter(request);
  return request.roster.territories.flatMap(({ places: list, pools }, index) => [
    ...list.flatMap((place, at) =>
      place === '*' || countryOf(place.slice(0, 2)) === place.slice(0, 2)
        ? []
        : [
            report('error', 'roster', ['territories', index, 'places', at], {
              expected: 'a code of ISO 3166-1 (GB, GR), or XK',
              got: place,
              remedy: `write ${countryOf(place) ?? 'another code'}: leads are looked up by that`,
            }),
          ],
    ),
    ...Object.entries(pools).flatMap(([role, id]) => {
      const pool = poolOf(request.roster, id);
      if (pool?.role === role) return [];
      const got = pool === null ? `${id}, which is no pool` : `${id}, a pool of ${pool.role}`;
      return [
        report('error', 'roster', ['territories', index, 'pools', role], {
          expected: `a pool of ${role}`,
          got,
          remedy: 'name another pool',
        }),
      ];
    }),
  ]);
}

/** By tier, the countries of ISO 3166-1 that no territory takes. They have a named human, so that it may be meant. */
function gaps(request: CheckRequest): readonly Problem[] {
  const { territories, territoryGap } = request.roster;
  return TIERS.flatMap((tier) => {
    const taken = new Set(territories.filter((one) => takes(one, tier)).flatMap(({ places: list }) => list));
    if (taken.has('*')) return [];
    const open = [...allCountries()].filter((country) => !taken.has(country)).sort();
    return open.length === 0
      ? []
      : [
          reporter(request)('warning', 'roster', ['territories'], {
            expected: `a territory for every country and tier ${tier}`,
            got: `none for ${listText(open)}`,
            remedy: `add one with the place *, or leave them to ${territoryGap}`,
          }),
        ];
  });
}

function overlaps(request: CheckRequest): readonly Problem[] {
  const { territories } = request.roster;
  return territories.flatMap((territory, index) =>
    territories.slice(0, index).flatMap((other) => {
      const shared = territory.places.filter((place) => other.places.includes(place));
      const tiers = TIERS.filter((tier) => takes(territory, tier) && takes(other, tier));
      return shared.length === 0 || tiers.length === 0
        ? []
        : [
            reporter(request)('error', 'roster', ['territories', index, 'places'], {
              expected: 'every place and tier in one territory',
              got: `${listText(shared)} for ${tiers.join(', ')} in ${other.id} too, which comes first`,
              remedy: 'take it out of one of them',
            }),
          ];
    }),
  );
}

/** Per rule and territory that it may be for: there is a pool, somebody of it takes such leads, and its chain ends in a named human. */
function poolsAskedFor(request: CheckRequest): readonly Problem[] {
  const { policy, roster } = request;
  return policy.rules.flatMap((rule, index) => {
    const tiers = rule.when.tiers ?? TIERS;
    const territories = roster.territories.filter(
      (one) => (rule.when.territories?.includes(one.id) ?? true) && tiers.some((tier) => takes(one, tier)),
    );
    const asked = rule.way.pool === undefined ? territories : [null];
    return asked.flatMap((territory) => poolProblems(request, rule, index, territory, tiers));
  });
}

function poolProblems(
  request: CheckRequest,
  rule: RoutingRule,
  index: number,
  territory: Territory | null,
  tiers: readonly Tier[],
): readonly Problem[] {
  const { roster, at } = request;
  const { role, fallback } = rule.way;
  const report = reporter(request);
  const id = rule.way.pool ?? territory?.pools[role];
  const where = territory === null ? '' : ` in ${territory.id}`;
  const path = ['rules', index, 'way', rule.way.pool === undefined ? 'role' : 'pool'];
  const pool = id === undefined ? null : poolOf(roster, id);
  if (pool === null || (rule.way.pool !== undefined && pool.role !== role)) {
    // An unknown pool of a territory is told at the territory.
    if (id !== undefined && territory !== null) return [];
    const got = pool === null ? (id ?? 'none') : `${pool.id}, a pool of ${pool.role}`;
    return [
      report('error', 'policy', path, {
        expected: `a pool of ${role}${where} for rule ${rule.id}`,
        got,
        remedy: 'add one to the roster, or name another',
      }),
    ];
  }
  const idle = rule.when.motions.flatMap((motion) =>
    tiers
      .filter((tier) => territory === null || takes(territory, tier))
      .filter((tier) => !membersFor(roster, pool.id, { tier, motion }, at).some(({ refused }) => refused === null))
      .map((tier) => `${motion} × ${tier}`),
  );
  const last = fallbackChain(roster, pool.id, fallback).at(-1);
  return [
    ...(idle.length === 0
      ? []
      : [
          report('error', 'policy', path, {
            expected: `somebody of pool ${pool.id} who takes what rule ${rule.id} sends${where}`,
            got: `nobody for ${listText(idle)}`,
            remedy: "mend the members' tiers and motions, or the rule",
          }),
        ]),
    ...(last?.kind === 'person'
      ? []
      : [
          report('error', 'policy', ['rules', index, 'way', 'fallback'], {
            expected: `a chain that ends in a named human${where}`,
            got: last === undefined ? 'an empty one' : `one that ends in pool ${last.poolId}`,
            remedy: 'end it with human, or person:<id>',
          }),
        ]),
  ];
}
