/** A calibration for people. */
import type { Figures, TierCalibration } from '@lockstep/api/routing-calibration.ts';
import type { CalibrationReport, TierReport } from './calibration.ts';
import { columns, counted, shortened, visible } from './output.ts';

/** Thresholds of a curve that are shown; --out has all. */
const MOST_SHOWN = 8;

export function calibrationText({ spec, rows, unknown, isOfLeads, target, splitAt, caveats, tiers }: CalibrationReport): string {
  return [
    `${counted(rows, 'account')} with a score, spec ${visible(spec)}. Chosen on those scored before ${splitAt}, claimed on those from then on.`,
    `Expected: ${percent(target)} won of those that are closed, with 95 % confidence (Wilson's lower bound).`,
    ...(unknown.length === 0
      ? []
      : [`${counted(unknown.length, 'account')} without a lead, not counted: ${shortened(visible(unknown.join(', ')), 200)}`]),
    ...(isOfLeads
      ? [
          'Scores are those of leads: of accounts that stayed below the thresholds of then nothing is known, so that nothing lower can be proven by them.',
        ]
      : []),
    ...(caveats.length === 0 ? [] : ['Some rows have no lastEventAt: nobody can tell that their scores knew nothing of the future.']),
    ...tiers.flatMap((tier) => ['', ...tierLines(tier)]),
    '',
    ...proposals(tiers),
  ].join('\n');
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
