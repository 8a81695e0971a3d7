/** What scores were worth, and what that says of the thresholds in force. Changes nothing: a proposal is a file. */
import { readFileSync } from 'node:fs';
import { calibrate, outcomeRowsOf, rateOf, ruleRates, scoredBefore, withinHorizon } from '@lockstep/api/routing-calibration.ts';
import type {
  AccountScore,
  Calibration,
  OutcomeRow,
  Rate,
  RuleRate,
  Stage,
  Tier,
  TierCalibration,
} from '@lockstep/api/routing-calibration.ts';
import { isScalar, parseDocument, stringify } from 'yaml';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';
import { readOutcomeFile } from './outcome-file.ts';
import type { OutcomeFile } from './outcome-file.ts';
import { counted } from './output.ts';
import { documentIn, documentOf, documentText } from './routing-documents.ts';
import type { RoutingFile } from './routing-documents.ts';
import { problemText } from './routing-text.ts';
import type { Session } from './session.ts';

type Spec = RoutingFile<'scoring'>;
type StageRow = Extract<OutcomeFile, { readonly kind: 'stages' }>['rows'][number];

const ACCOUNTS_AT_ONCE = 100;

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
  /** Accounts of the file of which nothing is stored that counts. */
  readonly unknown: readonly string[];
  /** Won of all rows, and of those that never became a lead; null where the file does not say which. They describe these rows and claim nothing. */
  readonly base: { readonly all: Rate; readonly neverLeads: Rate | null };
  /** Of each event and fit of the spec; empty where no row says what fired. */
  readonly rules: readonly RuleRate[];
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
  const scores = file.kind === 'stages' ? await scoresOf(session, file.rows) : new Map<string, AccountScore>();
  const scored = file.kind === 'scored' ? file.rows : outcomeRowsOf(file.rows, scores, options.hit);
  const since = scored.filter(({ scoredAt }) => options.since === undefined || scoredAt >= options.since);
  const rows = options.horizonDays === undefined ? since : withinHorizon(since, options.horizonDays, new Date().toISOString());
  const unknown =
    file.kind === 'stages' ? [...new Set(file.rows.map(({ account }) => account))].filter((account) => !scores.has(account)) : [];
  const never = new Set([...scores.values()].flatMap(({ accountId, isLead }) => (isLead ? [] : [accountId])));
  const { caveats, splitAt, tiers } = tiersOf(rows, source.spec, options);
  const report: CalibrationReport = {
    ...{
      spec: source.spec.version,
      rows: rows.length,
      unknown,
      base: { all: rateOf(rows), neverLeads: file.kind === 'stages' ? rateOf(rows.filter(({ accountId }) => never.has(accountId))) : null },
      rules: rows.some(({ fired }) => fired !== null) ? ruleRates(rows, rulesOf(source.spec)) : [],
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

/** What made these accounts leads first, or what they have scored at most, by the account as the file has it. Nobody else's are read. */
async function scoresOf({ api, output }: Session, rows: readonly StageRow[]): Promise<ReadonlyMap<string, AccountScore>> {
  const scores = new Map<string, AccountScore>();
  const asked = [...Map.groupBy(rows, ({ account }) => account)].map(([account, own]) => ({ account, before: scoredBefore(own) }));
  for (let start = 0; start < asked.length; start += ACCOUNTS_AT_ONCE) {
    const some = asked.slice(start, start + ACCOUNTS_AT_ONCE);
    for (const [index, score] of (await api().accountScores(some)).entries()) {
      const account = some[index]?.account;
      if (score !== null && account !== undefined) scores.set(account, score);
    }
    if (asked.length > ACCOUNTS_AT_ONCE) output.note(`${start + some.length} of ${counted(asked.length, 'account')} looked up`);
  }
  return scores;
}

function rulesOf({ events, fit }: Spec): readonly string[] {
  return [...events, ...fit].map(({ id }) => id);
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new CommandFailure(EXIT.failed, 'bad_file', `${file}: expected a readable file, got none`);
  }
}
