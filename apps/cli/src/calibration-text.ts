/** A calibration for people. */
import type { Figures, Rate, RuleRate, TierCalibration } from '@lockstep/api/routing-calibration.ts';
import type { CalibrationReport, TierReport } from './calibration.ts';
import { columns, counted, shortened, visible } from './output.ts';

/** Thresholds of a curve that are shown; --out has all. */
const MOST_SHOWN = 8;

export function calibrationText({ spec, rows, unknown, base, rules, target, splitAt, caveats, tiers }: CalibrationReport): string {
  return [
    `${counted(rows, 'account')} with a score, spec ${visible(spec)}. Chosen on those scored before ${splitAt}, claimed on those from then on.`,
    `Expected: ${percent(target)} won of those that are closed, with 95 % confidence (Wilson's lower bound).`,
    ...(unknown.length === 0
      ? []
      : [
          `${counted(unknown.length, 'account')} of which nothing is stored that counts, not counted: ${shortened(visible(unknown.join(', ')), 200)}`,
        ]),
    `Won of all that are closed: ${rateText(base.all)}${base.neverLeads === null ? '' : `; of those that never became a lead: ${rateText(base.neverLeads)}`}.`,
    ...(caveats.length === 0 ? [] : ['Some rows have no lastEventAt: nobody can tell that their scores knew nothing of the future.']),
    ...tiers.flatMap((tier) => ['', ...tierLines(tier)]),
    ...ruleLines(rules),
    '',
    ...proposals(tiers),
  ].join('\n');
}

function ruleLines(rules: readonly RuleRate[]): readonly string[] {
  if (rules.length === 0) return [];
  const row = ({ rule, fired, quiet, tells }: RuleRate): readonly string[] => [
    ...[visible(rule), rateText(fired), rateText(quiet)],
    tells === null ? 'the rows do not tell' : tells === 'more' ? 'won more often with it' : 'won less often with it',
  ];
  const table = columns(['rule', 'won with it', 'won without it', ''], rules.map(row));
  return [
    '',
    'Each rule alone, on all rows (95 % interval; it describes these rows, one rule may speak for another):',
    ...table.split('\n'),
  ];
}

function rateText({ won, closed, low, high }: Rate): string {
  return closed === 0 ? 'none closed' : `${won} of ${closed}, ${percent(low)} to ${percent(high)}`;
}

function tierLines({ tier, inForce, judged, offered, curve }: TierReport): readonly string[] {
  const lines = [`${tier}: ${inForce} in force: ${claimText(judged)}`];
  if (offered !== null && offered.threshold !== inForce)
    lines.push(`  ${offered.threshold} is offered by the earlier part: ${claimText(offered)}`);
  if (curve.length === 0) return lines;
  const table = columns(
    ['threshold', 'won', 'closed', 'open', 'precision', 'at least', 'recall'],
    sampled(curve).map(({ threshold, won, closed, open, precision, lowerBound, recall }) => [
      ...[String(threshold), String(won), String(closed), String(open), precision === null ? '-' : percent(precision)],
      ...[percent(lowerBound), recall === null ? '-' : percent(recall)],
    ]),
  );
  return [...lines, '  Of the earlier part:', ...table.split('\n').map((line) => `  ${line}`)];
}

function claimText({ claim, claimedOn }: Pick<TierCalibration, 'claim' | 'claimedOn'>): string {
  if (claim.kind === 'refused') return `not proven: ${claim.message.replace(/^[a-z]+: /, '')}`;
  const { won, closed, lowerBound } = claimedOn ?? { won: 0, closed: 0, lowerBound: 0 };
  return `proven: ${won} of ${closed} closed ones won, ${percent(claim.precision)}, at least ${percent(lowerBound)}`;
}

/** The first, the last, and some between them. */
function sampled(curve: readonly Figures[]): readonly Figures[] {
  if (curve.length <= MOST_SHOWN) return curve;
  const step = (curve.length - 1) / (MOST_SHOWN - 1);
  return Array.from({ length: MOST_SHOWN }, (_, index) => curve[Math.round(index * step)]).filter((one) => one !== undefined);
}

function proposals(tiers: readonly TierReport[]): readonly string[] {
  const found = tiers.flatMap(({ tier, inForce, proposal }) => (proposal === null ? [] : [`  ${tier}: ${inForce} → ${proposal}`]));
  if (found.length === 0) return ['Nothing to change: what is in force is proven, or nothing else is.'];
  return ['What the rows support in the place of what is in force (nothing was changed; --write writes the spec):', ...found];
}

const percent = (share: number): string => `${Math.floor(share * 1_000) / 10} %`;
