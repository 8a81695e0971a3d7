/** A simulation of past leads from the command line: pages of leads from the worker, played here by the worker's own code. Nothing is written anywhere. */
import { fateOf, likenessOf, playPast, sumsOf } from '@lockstep/api/routing-simulation.ts';
import type { FateSums, LeadFate, PastLead, PastWorld, PlayedLeads, SimulationDocuments } from '@lockstep/api/routing-simulation.ts';
import { counted } from './output.ts';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';
import { problemText } from './routing-text.ts';
import { readPastFile } from './past-file.ts';
import type { Past } from './past-file.ts';
import { documentIn, documentOf, documentText } from './routing-documents.ts';
import type { RoutingFile } from './routing-documents.ts';
import type { Session } from './session.ts';

const SIMULATED_KINDS = ['policy', 'roster', 'slas'] as const;
type Kind = (typeof SIMULATED_KINDS)[number];

export interface SimulationOptions extends Readonly<Partial<Record<Kind, string>>> {
  /** ISO. */
  readonly since: string;
  readonly until: string;
  readonly answers: 'usual' | 'none';
  /** A file of past leads, in the place of those on record. */
  readonly past?: string;
}

/** One lead three times: as it was, played by the documents in force, and by those that were given. */
export interface SimulatedFates {
  readonly leadId: string;
  readonly decidedAt: string;
  readonly asItWas: LeadFate;
  readonly inForce: LeadFate;
  /** Null where no documents were given. */
  readonly given: LeadFate | null;
}

export interface SimulationReport {
  readonly since: string;
  readonly until: string;
  readonly answers: SimulationOptions['answers'];
  /** Versions of the documents that were given. */
  readonly given: Readonly<Partial<Record<Kind, string>>>;
  /** How many policies and rosters the past leads were decided by. */
  readonly decidedBy: { readonly policies: number; readonly rosters: number };
  readonly sums: { readonly asItWas: FateSums; readonly inForce: FateSums; readonly given: FateSums | null };
  /** Leads with the same first owner and the same outcome: played by the documents in force, and as it was. */
  readonly likeness: ReturnType<typeof likenessOf>;
  /** The same of the two that were played; null where no documents were given. */
  readonly same: ReturnType<typeof likenessOf> | null;
  /** How the answers of people are known, of those who were asked in the last column. */
  readonly known: PlayedLeads['answers'];
  readonly assumptions: readonly string[];
  readonly leads: readonly SimulatedFates[];
}

const PAGE = 500;
/** What is held at once; a lead is a kilobyte or two. */
const MOST_LEADS = 200_000;

export async function simulatePast({ api, output }: Session, options: SimulationOptions): Promise<SimulationReport> {
  const { answers } = options;
  const texts = Object.fromEntries(
    SIMULATED_KINDS.flatMap((kind) => (options[kind] === undefined ? [] : [[kind, documentText(options[kind])]])),
  ) as Partial<Record<Kind, ReturnType<typeof documentText>>>;
  const isGiven = Object.keys(texts).length > 0;
  const own = {
    policy: texts.policy === undefined ? null : documentIn('policy', texts.policy),
    roster: texts.roster === undefined ? null : documentIn('roster', texts.roster),
    slas: texts.slas === undefined ? null : documentIn('slas', texts.slas),
  };
  const {
    inForce,
    leads,
    world: known,
  } = options.past === undefined ? await onRecord({ api, output }, options, texts, own.roster) : readPastFile(options.past);
  const given: SimulationDocuments = {
    policy: own.policy ?? inForce.policy,
    roster: own.roster ?? inForce.roster,
    slas: own.slas?.slas ?? inForce.slas,
  };
  const world: PastWorld = { ...known, tzVersion: process.versions['tz'] ?? 'unknown' };
  output.note(`Playing ${counted(leads.length, 'lead')} by the documents in force …`);
  const first = playPast(leads, inForce, world, answers);
  if (isGiven) output.note(`Playing ${counted(leads.length, 'lead')} by the documents that were given …`);
  const second = isGiven ? playPast(leads, given, world, answers) : null;
  const span = options.past === undefined ? options : { since: leads[0]?.decidedAt ?? world.until, until: world.until, answers };
  return reportOf(span, { policy: own.policy?.version, roster: own.roster?.version, slas: own.slas?.version }, leads, first, second);
}

/** What the worker knows: of documents that could be in force, and of nothing else. */
async function onRecord(
  { api, output }: Pick<Session, 'api' | 'output'>,
  { since, until }: SimulationOptions,
  texts: Parameters<ReturnType<Session['api']>['checkRouting']>[0],
  roster: RoutingFile<'roster'> | null,
): Promise<Past> {
  const { problems } = await api().checkRouting(texts);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    throw new CommandFailure(
      EXIT.failed,
      'bad_documents',
      `expected documents that could be in force, got:\n  ${errors.map(problemText).join('\n  ')}`,
    );
  const { leads, credits } = await pastLeads({ api, output }, since, until);
  const now = new Date().toISOString();
  const people = roster?.people ?? [];
  const context = await api().routingContext({
    ...{ from: since, to: now, members: people.map(({ id }) => id) },
    regions: [...new Set(people.flatMap(({ holidays }) => holidays ?? []))],
  });
  const { holidays, absences } = context;
  return { inForce: documentsIn(context.documents), leads, world: { holidays, absences, credits, until: now } };
}

async function pastLeads(
  { api, output }: Pick<Session, 'api' | 'output'>,
  from: string,
  to: string,
): Promise<{ leads: readonly PastLead[]; credits: PastWorld['credits'] }> {
  const leads: PastLead[] = [];
  let credits: PastWorld['credits'] = {};
  for (let after: string | null = null; ;) {
    const page = await api().pastLeads({ from, to, after, limit: PAGE });
    leads.push(...page.leads);
    credits = page.credits ?? credits;
    if (leads.length > 0) output.note(`${counted(leads.length, 'lead')} read, to ${leads.at(-1)?.decidedAt}`);
    if (leads.length > MOST_LEADS)
      throw new CommandFailure(
        EXIT.failed,
        'too_many',
        `leads: expected at most ${MOST_LEADS}, got more since ${from}; narrow it with --since and --until`,
      );
    if (page.next === null) return { leads, credits };
    after = page.next;
  }
}

function documentsIn({
  policy,
  roster,
  slas,
}: {
  readonly policy: unknown;
  readonly roster: unknown;
  readonly slas: unknown;
}): SimulationDocuments {
  return {
    policy: documentOf('policy', policy, { file: 'the policy in force' }),
    roster: documentOf('roster', roster, { file: 'the roster in force' }),
    slas: documentOf('slas', { version: 'in force', slas }, { file: 'the service levels in force' }).slas,
  };
}

function reportOf(
  { since, until, answers }: SimulationOptions,
  versions: Readonly<Record<Kind, string | undefined>>,
  leads: readonly PastLead[],
  inForce: PlayedLeads,
  given: PlayedLeads | null,
): SimulationReport {
  const asItWas = leads.map(fateOf);
  return {
    ...{ since, until, answers },
    given: Object.fromEntries(Object.entries(versions).filter(([, version]) => version !== undefined)),
    decidedBy: {
      policies: new Set(leads.map(({ policyHash }) => policyHash)).size,
      rosters: new Set(leads.map(({ rosterHash }) => rosterHash)).size,
    },
    sums: { asItWas: sumsOf(asItWas), inForce: sumsOf(inForce.fates), given: given === null ? null : sumsOf(given.fates) },
    likeness: likenessOf(asItWas, inForce.fates),
    same: given === null ? null : likenessOf(inForce.fates, given.fates),
    known: (given ?? inForce).answers,
    assumptions: assumptionsOf(answers),
    leads: leads.flatMap(({ leadId, decidedAt }, index) => {
      const [was, played] = [asItWas[index], inForce.fates[index]];
      if (was === undefined || played === undefined) return [];
      return [{ leadId, decidedAt, asItWas: was, inForce: played, given: given?.fates[index] ?? null }];
    }),
  };
}

/** What is not known, and what is taken for it. Every figure rests on these. */
function assumptionsOf(answers: SimulationOptions['answers']): readonly string[] {
  return [
    answers === 'usual'
      ? 'Who was asked about a lead says what they said then, in as much working time; about other leads nobody knows: it is drawn from their other answers, or from everybody’s where they have fewer than five.'
      : 'Who was asked about a lead says what they said then, in as much working time; about other leads nobody knows: nobody answers them, which is the worst that can be.',
    'Who had not answered when a lead was taken from them, or has not by now, never would have.',
    'What people did besides (hand-overs, releases, snoozes) is not played, and neither are outages or owners whom the CRM refused.',
    'Leads, scores, tiers and matches are those of then: no lead comes or stays away because of the documents.',
    'Hours, holidays and absences are those known today, and known from the start.',
    'Pools begin with their credits of then. Leads from before the first one take nobody’s place; accepted ones do until they were closed.',
  ];
}
