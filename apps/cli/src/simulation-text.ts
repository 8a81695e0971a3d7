/** A simulation for people: the service levels side by side, who would have got what, and what all of it rests on. */
import type { FateSums, LeadFate } from '@lockstep/api/routing-simulation.ts';
import { columns, counted, visible } from './output.ts';
import { spanText } from './routing-text.ts';
import type { SimulatedFates, SimulationReport } from './simulation.ts';

/** Leads that are listed; --out has all. */
const MOST_LISTED = 20;

export function simulationText(report: SimulationReport): string {
  const { since, until, decidedBy, sums, leads } = report;
  if (leads.length === 0) return `No leads were decided from ${since} to ${until}.`;
  return [
    `${counted(leads.length, 'lead')} decided from ${since} to ${until}, by ${counted(decidedBy.policies, 'policy').replace(/policys$/, 'policies')} and ${counted(decidedBy.rosters, 'roster')}.`,
    '',
    columns(['', ...headsOf(report)], sumRows(sums)),
    '',
    columns(['first asked', ...headsOf(report)], peopleRows(report)),
    '',
    ...differences(report),
    '',
    ...trust(report),
    ...report.assumptions.map((line) => `  - ${line}`),
  ].join('\n');
}

function headsOf({ given }: SimulationReport): readonly string[] {
  const names = Object.entries(given).map(([kind, version]) => visible(`${kind} ${version}`));
  return ['as it was', 'played: in force', ...(names.length === 0 ? [] : [`played: ${names.join(', ')}`])];
}

const SHOWN: readonly (readonly [string, (sums: FateSums) => string])[] = [
  ['met', ({ met }) => String(met)],
  ['breached', ({ breached }) => String(breached)],
  ['uncovered', ({ uncovered }) => String(uncovered)],
  ['still open', ({ open }) => String(open)],
  ['withdrawn', ({ withdrawn }) => String(withdrawn)],
  ['excluded', ({ excluded }) => String(excluded)],
  ['escalated', ({ escalated }) => String(escalated)],
  ['taken back', ({ reassigned }) => String(reassigned)],
  ['acknowledged', ({ acknowledged }) => String(acknowledged)],
  ['  median time', ({ medianMs }) => (medianMs === null ? '-' : spanText(medianMs))],
  ['  90 % within', ({ p90Ms }) => (p90Ms === null ? '-' : spanText(p90Ms))],
];

function sumRows({ asItWas, inForce, given }: SimulationReport['sums']): readonly (readonly string[])[] {
  return SHOWN.map(([name, show]) => [name, show(asItWas), show(inForce), ...(given === null ? [] : [show(given)])]);
}

function peopleRows({ leads, given }: SimulationReport): readonly (readonly string[])[] {
  const hasGiven = Object.keys(given).length > 0;
  const sides: readonly ((lead: SimulatedFates) => LeadFate | null)[] = [
    (lead) => lead.asItWas,
    (lead) => lead.inForce,
    ...(hasGiven ? [(lead: SimulatedFates) => lead.given] : []),
  ];
  const counts = sides.map((side) => Map.groupBy(leads, (lead) => side(lead)?.firstOwnerId ?? 'nobody'));
  const people = [...new Set(counts.flatMap((count) => [...count.keys()]))].toSorted();
  return people.map((id) => [visible(id), ...counts.map((count) => String(count.get(id)?.length ?? 0))]);
}

/** Against what was; where documents were given, only what is not the model's doing: leads that the two that were played treat in different ways. */
function differences({ leads, same }: SimulationReport): readonly string[] {
  const isOther = (one: LeadFate, other: LeadFate): boolean => one.firstOwnerId !== other.firstOwnerId || one.outcome !== other.outcome;
  const found = leads.filter(({ asItWas, inForce, given }) => (given === null ? isOther(asItWas, inForce) : isOther(inForce, given)));
  const title =
    same === null
      ? `${counted(found.length, 'lead')} played in another way than it was`
      : `${counted(found.length, 'lead')} that the given documents treat in another way: ${leads.length - same.firstOwner} with another first owner, ${leads.length - same.outcome} with another outcome`;
  if (found.length === 0) return [`${title}.`];
  const told = ({ firstOwnerId, outcome }: LeadFate): string => visible(`${firstOwnerId ?? 'nobody'}: ${outcome}`);
  const heads = same === null ? ['as it was', 'played'] : ['as it was', 'played: in force', 'played: given'];
  const rows = found
    .slice(0, MOST_LISTED)
    .map(({ leadId, decidedAt, asItWas, inForce, given }) => [
      visible(leadId),
      decidedAt,
      ...[asItWas, inForce, ...(given === null ? [] : [given])].map(told),
    ]);
  const more = found.length > MOST_LISTED ? [`… and ${found.length - MOST_LISTED} more; --out writes all of them.`] : [];
  return [`${title}:`, columns(['lead', 'decided', ...heads], rows), ...more];
}

function trust({ leads, likeness, known }: SimulationReport): readonly string[] {
  const asked = known.known + known.own + known.others + known.none;
  const percent = (count: number): string => `${Math.floor((count / leads.length) * 100)} %`;
  return [
    `How far to trust it: played by the documents in force, ${percent(likeness.firstOwner)} of the leads have the first owner that they had, ${percent(likeness.outcome)} the outcome.`,
    `Of ${counted(asked, 'question')} to people ${known.known} were asked then too; ${known.own} answers are drawn from the same person’s, ${known.others} from everybody’s, and ${known.none} are none.`,
    'It rests on this:',
  ];
}
