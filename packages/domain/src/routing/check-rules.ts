/**
 * Motions and rules: leads that none takes, entries that no lead reaches, rules that overlap by chance. Exact, not sampled: rules look at few values, so that all leads fall
 * into finitely many kinds that every rule treats alike (motion × tier × territory × source × back-fill or not × band of scores); each kind is asked.
 */
import { listText, reporter } from './check-request.ts';
import type { CheckRequest } from './check-request.ts';
import { admits, MOTIONS } from './motion.ts';
import type { Motion } from './motion.ts';
import { matches } from './policy.ts';
import type { RoutedLead } from './policy.ts';
import type { RoutingRule } from './policy.schema.ts';
import type { Problem } from './problem.ts';
import { takes } from './territory.ts';
import { TIERS } from './tier.ts';
import type { Tier } from './tier.ts';

/** A source that no file names. */
const OTHER_SOURCE = 'any other source';

/** Motion entries that take nothing that an earlier one without traits has not taken, and leads that no entry is sure to take. */
export function motionProblems(request: CheckRequest): readonly Problem[] {
  const { motions } = request.policy;
  const report = reporter(request);
  const kinds = TIERS.flatMap((tier) => sourcesOf(request).map((source) => ({ tier, source })));
  const isSure = (index: number, kind: { readonly tier: Tier; readonly source: string }): boolean => {
    const when = motions[index]?.when;
    return when !== undefined && admits(when, kind) && Object.keys(when.traits ?? {}).length === 0;
  };
  const open = kinds.filter((kind) => !motions.some((_, index) => isSure(index, kind)));
  return [
    ...motions.flatMap((entry, index) => {
      const mine = kinds.filter((kind) => admits(entry.when, kind));
      const isReached = mine.some((kind) => !motions.slice(0, index).some((_, earlier) => isSure(earlier, kind)));
      return isReached
        ? []
        : [
            report('error', 'policy', ['motions', index], {
              expected: 'an entry that some lead reaches',
              got: 'one that earlier entries leave nothing to',
              remedy: 'move it up, or take it out',
            }),
          ];
    }),
    ...(open.length === 0
      ? []
      : [
          report('error', 'policy', ['motions'], {
            expected: 'a motion for every tier and source, whatever the traits',
            got: `none for ${listText(open.map(({ tier, source }) => `${tier} from ${source}`))}`,
            remedy: 'end the list with an entry without `when`',
          }),
        ]),
  ];
}

export function ruleProblems(request: CheckRequest): readonly Problem[] {
  const { policy, slas, roster } = request;
  const report = reporter(request);
  const leads = possibleLeads(request);
  const taken = policy.rules.map((rule) => new Set(leads.flatMap((lead, index) => (matches(rule, lead) ? [index] : []))));
  return policy.rules.flatMap((rule, index) => [
    ...(slas.some(({ id }) => id === rule.way.sla)
      ? []
      : [
          report('error', 'policy', ['rules', index, 'way', 'sla'], {
            expected: `a service level: ${listText(slas.map(({ id }) => id))}`,
            got: rule.way.sla,
            remedy: 'name another, or add it',
          }),
        ]),
    ...(rule.when.territories ?? []).flatMap((id, at) =>
      roster.territories.some((territory) => territory.id === id)
        ? []
        : [
            report('error', 'policy', ['rules', index, 'when', 'territories', at], {
              expected: 'the id of a territory of the roster',
              got: id,
              remedy: 'name another, or add it',
            }),
          ],
    ),
    ...reachProblems(request, taken, index),
    ...overlapProblems(request, taken, index),
  ]);
}

function reachProblems(request: CheckRequest, taken: readonly ReadonlySet<number>[], index: number): readonly Problem[] {
  const mine = taken[index] ?? new Set<number>();
  const earlier = request.policy.rules.slice(0, index).filter((_, other) => meets(mine, taken[other] ?? new Set()));
  if ([...mine].some((lead) => !taken.slice(0, index).some((other) => other.has(lead)))) return [];
  const got = mine.size === 0 ? 'one that no lead can match' : `one whose leads ${listText(earlier.map(({ id }) => id))} take before`;
  return [
    reporter(request)('error', 'policy', ['rules', index], {
      expected: 'a rule that some lead reaches',
      got,
      remedy: mine.size === 0 ? 'mend `when`: motion, tier, territory and score never meet so' : 'move it up, or take it out',
    }),
  ];
}

/** A special rule before a general one is meant. Two of which each takes leads that the other does not are told: their order decides, and nobody sees it. */
function overlapProblems(request: CheckRequest, taken: readonly ReadonlySet<number>[], index: number): readonly Problem[] {
  const { rules } = request.policy;
  const mine = taken[index] ?? new Set<number>();
  return taken.slice(0, index).flatMap((other, at) => {
    const earlier = rules[at];
    const isMeant = !meets(mine, other) || isWithin(mine, other) || isWithin(other, mine);
    if (isMeant || earlier === undefined || isSame(earlier.way, rules[index]?.way)) return [];
    return [
      reporter(request)('warning', 'policy', ['rules', index, 'when'], {
        expected: 'rules apart, or one within the other',
        got: `leads that ${earlier.id} takes too; it comes first`,
        remedy: 'narrow one of them, if that is not meant',
      }),
    ];
  });
}

const meets = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean => [...a].some((one) => b.has(one));
const isWithin = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean => [...a].every((one) => b.has(one));
const isSame = (a: RoutingRule['way'], b: RoutingRule['way'] | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Leads that have a motion and a territory and that no rule takes, told by motion and tier. */
export function leadGaps(request: CheckRequest): readonly Problem[] {
  const leads = possibleLeads(request);
  const open = leads.filter((lead) => !request.policy.rules.some((rule) => matches(rule, lead)));
  return MOTIONS.flatMap((motion) =>
    TIERS.flatMap((tier) => {
      const mine = open.filter((lead) => lead.motion === motion && lead.tier === tier);
      return mine.length === 0
        ? []
        : [
            reporter(request)('error', 'policy', ['rules'], {
              expected: `a rule for every lead of ${motion} × ${tier}`,
              got: `none for ${described(
                mine,
                leads.filter((lead) => lead.motion === motion && lead.tier === tier),
              )}`,
              remedy: 'add a rule, or widen one',
            }),
          ];
    }),
  );
}

/** What tells the open leads from the others: the dimensions of which not everything is open. */
function described(open: readonly RoutedLead[], all: readonly RoutedLead[]): string {
  const values = (leads: readonly RoutedLead[], show: (lead: RoutedLead) => string): readonly string[] => [...new Set(leads.map(show))];
  const dimensions: readonly (readonly [string, (lead: RoutedLead) => string])[] = [
    ['territory', ({ territoryId }) => territoryId],
    ['source', ({ source }) => source],
    ['scores from', ({ score }) => `${score}`],
    ['back-fill', ({ isBackfill }) => (isBackfill ? 'yes' : 'no')],
  ];
  const parts = dimensions.flatMap(([name, show]) => {
    const [some, every] = [values(open, show), values(all, show)];
    return some.length === every.length ? [] : [`${name} ${listText(some)}`];
  });
  return parts.length === 0 ? 'any' : parts.join('; ');
}

/** One lead of every kind that the rules can tell apart and that can come. */
export function possibleLeads(request: CheckRequest): readonly RoutedLead[] {
  const { policy, roster } = request;
  return TIERS.flatMap((tier) =>
    sourcesOf(request).flatMap((source) =>
      motionsFor(policy, tier, source).flatMap((motion) =>
        roster.territories
          .filter((territory) => takes(territory, tier))
          .flatMap(({ id: territoryId }) =>
            bandsOf(request, tier).flatMap((score) =>
              [false, true].map((isBackfill) => ({ motion, tier, territoryId, source, score, isBackfill })),
            ),
          ),
      ),
    ),
  );
}

/** Motions that a lead of the tier and source can have: every entry up to the first that asks for no traits. */
function motionsFor({ motions }: CheckRequest['policy'], tier: Tier, source: string): readonly Motion[] {
  const admitted = motions.filter(({ when }) => admits(when, { tier, source }));
  const sure = admitted.findIndex(({ when }) => Object.keys(when.traits ?? {}).length === 0);
  return [...new Set((sure === -1 ? admitted : admitted.slice(0, sure + 1)).map(({ motion }) => motion))];
}

function sourcesOf({ policy }: CheckRequest): readonly string[] {
  const named = [...policy.motions, ...policy.rules].flatMap(({ when }) => when.sources ?? []);
  return [...new Set(named), OTHER_SOURCE];
}

/** The lowest score of every band that rules tell apart, from the tier's threshold up: bands begin where a rule begins or ends. */
function bandsOf({ policy, scoring }: CheckRequest, tier: Tier): readonly number[] {
  const limits = policy.rules.flatMap(({ when }) => [when.score?.from ?? [], when.score?.below ?? []].flat());
  const lowest = scoring === null ? Math.min(0, ...limits) - 1 : scoring.tiers[tier].threshold;
  return [...new Set([lowest, ...limits.filter((limit) => limit > lowest)])].sort((a, b) => a - b);
}
