/** What scores were worth, and what that says of the thresholds in force. Changes nothing: a proposal is a file. */
import { readFileSync } from 'node:fs';
import { calibrate, outcomeRowsOf, withinHorizon } from '@lockstep/api/routing-calibration.ts';
import type { Calibration, LeadScore, OutcomeRow, Stage, Tier, TierCalibration } from '@lockstep/api/routing-calibration.ts';
import { ApiError } from '@lockstep/api/client.ts';
import { isScalar, parseDocument, stringify } from 'yaml';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';
import { readOutcomeFile } from './outcome-file.ts';
import { counted } from './output.ts';
import { documentIn, documentOf, documentText } from './routing-documents.ts';
import type { RoutingFile } from './routing-documents.ts';
import { problemText } from './routing-text.ts';
import type { Session } from './session.ts';

type Spec = RoutingFile<'scoring'>;

export interface CalibrationOptions {
  readonly outcomes: string;
  readonly scoring?: string;
  /** ISO. */
  readonly since?: string;
  readonly horizonDays?: number;
  /** In per cent. */
  readonly target: number;
  readonly hit: Stage;
}

export interface CalibrationReport {
  readonly spec: string;
  readonly rows: number;
  /** Accounts of the file that never became a lead, or of which nothing is stored. */
  readonly unknown: readonly string[];
  /** Scores are those of leads: of accounts below the thresholds of then nothing is known. */
  readonly isOfLeads: boolean;
  readonly target: number;
  readonly splitAt: string;
  readonly caveats: readonly string[];
  readonly tiers: readonly TierReport[];
}

export interface TierReport {
  readonly tier: Tier;
  readonly inForce: number;
  /** The threshold in force on the later part of the rows. */
  readonly judged: Pick<TierCalibration, 'claimedOn' | 'claim'>;
  /** The one that the earlier part offers, on the later. Null where it offers none. */
  readonly offered: (Pick<TierCalibration, 'claimedOn' | 'claim'> & { readonly threshold: number }) | null;
  /** One that the later part proves where that in force is not proven, or that is lower and proven, too; null where there is none. */
  readonly proposal: number | null;
  readonly curve: TierCalibration['curve'];
}

export interface Calibrated {
  readonly report: CalibrationReport;
  /** The spec with the proposed thresholds, as YAML; comments stay where it was read from a file; null where nothing is proposed. */
  readonly proposed: string | null;
}

export async function calibrated(session: Session, options: CalibrationOptions): Promise<Calibrated> {
  const file = readOutcomeFile(textOf(options.outcomes), options.outcomes);
  const source = await specOf(session, options);
  const scores =
    file.kind === 'stages'
      ? await scoresOf(
          session,
          file.rows.map(({ account }) => account),
        )
      : new Map<string, LeadScore>();
  const scored = file.kind === 'scored' ? file.rows : outcomeRowsOf(file.rows, scores, options.hit);
  const since = scored.filter(({ scoredAt }) => options.since === undefined || scoredAt >= options.since);
  const rows = options.horizonDays === undefined ? since : withinHorizon(since, options.horizonDays, new Date().toISOString());
  const unknown =
    file.kind === 'stages' ? [...new Set(file.rows.map(({ account }) => account))].filter((account) => !scores.has(account)) : [];
  const { caveats, splitAt, tiers } = tiersOf(rows, source.spec, options);
  const report: CalibrationReport = {
    ...{
      spec: source.spec.version,
      rows: rows.length,
      unknown,
      isOfLeads: file.kind === 'stages',
      target: options.target / 100,
      splitAt,
      caveats,
      tiers,
    },
  };
  return { report, proposed: tiers.some(({ proposal }) => proposal !== null) ? proposedText(source, tiers) : null };
}

type Done = Extract<Calibration, { readonly kind: 'calibrated' }>;

function tiersOf(
  rows: readonly OutcomeRow[],
  spec: Spec,
  { outcomes, target }: CalibrationOptions,
): Pick<Done, 'caveats' | 'splitAt'> & { tiers: readonly TierReport[] } {
  const run = (thresholds?: Readonly<Partial<Record<Tier, number>>>): Done => {
    const result = calibrate(rows, { target: target / 100, ...(thresholds === undefined ? {} : { thresholds }) });
    if (result.kind === 'calibrated') return result;
    throw new CommandFailure(
      EXIT.failed,
      'bad_rows',
      result.problems
        .slice(0, 20)
        .map((problem) => problemText({ ...problem, file: outcomes }))
        .join('\n  '),
    );
  };
  const { prosumer, smb, enterprise } = spec.tiers;
  const inForce = { prosumer: prosumer.threshold, smb: smb.threshold, enterprise: enterprise.threshold };
  const free = run();
  const chosen = free.tiers.flatMap(({ tier, chosenOn }) => (chosenOn === null ? [] : [[tier, hundredths(chosenOn.threshold)] as const]));
  const judged = run(inForce);
  // As it would be in force, with its two decimals: what is proposed was judged so.
  const offered = run(Object.fromEntries(chosen));
  const tiers = free.tiers.map(({ tier, curve }): TierReport => {
    const of = ({ tiers: all }: Done): Pick<TierCalibration, 'claimedOn' | 'claim'> => {
      const found = all.find((one) => one.tier === tier);
      if (found === undefined) throw new RangeError(`tiers: expected ${tier}, got none`);
      return { claimedOn: found.claimedOn, claim: found.claim };
    };
    const threshold = chosen.find(([name]) => name === tier)?.[1];
    const other = threshold === undefined ? null : { threshold, ...of(offered) };
    const now = of(judged);
    // What is proven stays, unless a lower one that is proven too keeps more leads.
    const isBetter =
      other?.claim.kind === 'proven' &&
      other.threshold > 0 &&
      (now.claim.kind === 'refused' ? other.threshold !== inForce[tier] : other.threshold < inForce[tier]);
    return { tier, inForce: inForce[tier], judged: now, offered: other, proposal: isBetter ? other.threshold : null, curve };
  });
  return { caveats: free.caveats, splitAt: free.splitAt, tiers };
}

/** A spec takes two decimals; upwards, so that no row comes in that the figures do not have. */
const hundredths = (score: number): number => Math.ceil(Math.round(score * 1e6) / 1e4) / 100;

interface SpecSource {
  readonly spec: Spec;
  /** As it was written. */
  readonly text: string;
}

async function specOf({ api }: Session, { scoring }: CalibrationOptions): Promise<SpecSource> {
  if (scoring !== undefined) {
    const { name, text } = documentText(scoring);
    return { spec: documentIn('scoring', { name, text }), text };
  }
  const now = new Date().toISOString();
  const { documents } = await api().routingContext({ from: now, to: now });
  const spec = documentOf('scoring', documents.scoring, { file: 'the scoring in force' });
  return { spec, text: stringify(documents.scoring) };
}

/** The text with other thresholds and another version, and not a byte besides. */
function proposedText({ spec, text }: SpecSource, tiers: readonly TierReport[]): string {
  const document = parseDocument(text);
  const changes = [
    { path: ['version'], value: JSON.stringify(`${spec.version}-calibrated`) },
    ...tiers.flatMap(({ tier, proposal }) => (proposal === null ? [] : [{ path: ['tiers', tier, 'threshold'], value: String(proposal) }])),
  ];
  const places = changes.flatMap(({ path, value }) => {
    const node = document.getIn(path, true);
    return isScalar(node) && node.range ? [{ from: node.range[0], to: node.range[1], value }] : [];
  });
  return places
    .toSorted((one, other) => other.from - one.from)
    .reduce((changed, { from, to, value }) => changed.slice(0, from) + value + changed.slice(to), text);
}

/** What made these accounts leads first, by the account as the file has it. One question an account: nobody else's are read. */
async function scoresOf({ api, output }: Session, accounts: readonly string[]): Promise<ReadonlyMap<string, LeadScore>> {
  const scores = new Map<string, LeadScore>();
  const names = [...new Set(accounts)];
  for (const [index, account] of names.entries()) {
    const lead = await firstLead(api, account);
    if (lead !== null) scores.set(account, lead);
    if ((index + 1) % 100 === 0) output.note(`${index + 1} of ${counted(names.length, 'account')} looked up`);
  }
  return scores;
}

async function firstLead(api: Session['api'], account: string): Promise<LeadScore | null> {
  try {
    const { leads, accountId } = await api().explainAccount(account);
    const lead = leads.at(-1)?.lead;
    return lead === undefined ? null : { accountId, scoredAt: lead.openedAt, score: lead.score, tier: lead.tier };
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_found') return null;
    throw error;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new CommandFailure(EXIT.failed, 'bad_file', `${file}: expected a readable file, got none`);
  }
}
