/** Leads, clocks and problems for people. */
import type {
  ApiClock,
  ApiDecision,
  ApiLead,
  ExplainedAccount,
  ExplainedLead,
  RoutingProblem,
  SlaReport,
} from '@lockstep/api/routing-schemas.ts';
import { columns, counted, visible } from './output.ts';

const MINUTE_MS = 60_000;

/** `2 h 05 min`, `40 s`. */
export function spanText(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  if (minutes === 0) return `${Math.floor(ms / 1_000)} s`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return hours === 0 ? `${rest} min` : `${hours} h ${String(rest).padStart(2, '0')} min`;
}

/** `policy.yaml:14: rules[2].then.sla: expected …, got …; …`. */
export function problemText({ severity, file, line, path, expected, got, remedy }: RoutingProblem): string {
  const place = [file === null ? null : line === null ? file : `${file}:${line}`, path === '' ? null : path].filter(
    (part) => part !== null,
  );
  const head = place.length === 0 ? '' : `${place.join(': ')}: `;
  return visible(`${head}${severity === 'warning' ? 'warning: ' : ''}expected ${expected}, got ${got}; ${remedy}`);
}

export function leadsText(leads: readonly ApiLead[]): string {
  if (leads.length === 0) return 'No leads.';
  return columns(
    ['lead', 'state', 'owner', 'tier', 'score', 'opened', 'deadline'],
    leads.map(({ leadId, state, ownerId, escalatedTo, tier, score, openedAt, deadline }) => [
      ...[visible(leadId), state, visible(ownerId ?? (escalatedTo === null ? '-' : `${escalatedTo} (escalated)`))],
      ...[tier, String(Math.round(score)), openedAt, deadline ?? '-'],
    ]),
  );
}

export function accountText(account: ExplainedAccount): string {
  const { accountKey, accountId, record, match, score, events, leads } = account;
  const lines = [`${visible(accountKey)} (${visible(accountId)})`];
  if (record !== null) lines.push(`In the CRM: ${visible(`${record.connectionId} ${record.object} ${record.recordId}`)}`);
  if (match !== null)
    lines.push(`Match: ${match.kind}, ${match.reason}${match.candidates.length > 1 ? ` of ${match.candidates.length} candidates` : ''}`);
  if (score !== null) {
    const verdict = score.crossed ? 'at or above' : 'below';
    lines.push(
      '',
      `Score ${score.total} of ${score.threshold} (${score.tier}): ${verdict} the threshold, spec ${visible(score.specVersion)}`,
    );
    for (const { id, points, uncapped, evidence } of score.parts)
      lines.push(
        `  ${visible(id)}: ${points} points from ${counted(evidence.length, 'event')}${uncapped > points ? `, capped from ${uncapped}` : ''}`,
      );
    for (const { id, points } of score.fit.met) lines.push(`  fits ${visible(id)}: ${points} points`);
    if (score.nextCrossing !== null) lines.push(`  falls below the threshold at ${score.nextCrossing} if nothing more happens`);
  }
  lines.push('', `${counted(events.length, 'event')}, the newest:`);
  for (const { occurredAt, type, name, isBackfill } of events.slice(0, 10))
    lines.push(`  ${occurredAt}  ${type} ${visible(name ?? '')}${isBackfill ? ' (imported)' : ''}`);
  for (const lead of leads) lines.push('', ...leadLines(lead));
  return lines.join('\n');
}

function leadLines({ lead, decisions, offers, clocks, notices, writes }: ExplainedLead): readonly string[] {
  const follower = lead.followedBy === null ? '' : ` by ${visible(lead.followedBy)}`;
  const owner = lead.ownerId === null ? follower : ` with ${visible(lead.ownerId)}${lead.isChosen ? ', by a person' : ''}`;
  return [
    `Lead ${visible(lead.leadId)}: ${lead.state}${owner}${endOf(lead)}`,
    ...decisions.flatMap(decisionLines),
    ...offers.map(({ offerId, memberId, state, offeredAt, answeredAt }) =>
      visible(`  offer ${offerId} to ${memberId}: ${state}, ${offeredAt}${answeredAt === null ? '' : ` to ${answeredAt}`}`),
    ),
    ...clocks.map((clock) => `  ${clockLine(clock)}`),
    ...notices.map(({ purpose, memberId, deliveredAt, channel }) =>
      visible(`  told ${memberId}: ${purpose}${deliveredAt === null ? ', on its way' : ` by ${channel ?? 'a task'} at ${deliveredAt}`}`),
    ),
    ...writes.map(({ changeSetId, startedAt }) => visible(`  change set ${changeSetId}${startedAt === null ? ', to be started' : ''}`)),
  ];
}

function endOf({ closeReason, closedBy, closedAt }: ExplainedLead['lead']): string {
  if (closeReason === null) return '';
  return visible(`, ${closeReason}, ${closedBy === null ? '' : `by ${closedBy} `}at ${closedAt ?? 'no time'}`);
}

function decisionLines({
  ordinal,
  decidedAt,
  ruleId,
  motion,
  territoryId,
  policyHash,
  candidates,
  outcome,
}: ApiDecision): readonly string[] {
  const end = `${outcome.kind}${outcome.personId === null ? '' : ` ${outcome.personId}`}${outcome.reason === null ? '' : ` (${outcome.reason})`}`;
  const way = `rule ${ruleId ?? 'none'}, motion ${motion ?? 'none'}, territory ${territoryId ?? 'none'}, policy ${policyHash.slice(0, 12)}`;
  return [
    visible(`  decision ${ordinal}, ${decidedAt}: ${end}; ${way}`),
    ...candidates.map(({ memberId, poolId, reason }) => visible(`    ${memberId} of ${poolId}: ${reason ?? 'could have it'}`)),
  ];
}

function clockLine({ slaId, standing, deadline, usedMs, budgetMs, wallMs, uncoveredMs, outcome, tzVersion }: ApiClock): string {
  const spent = `${spanText(usedMs)} of ${spanText(budgetMs)} used, ${spanText(wallMs)} by the wall, ${spanText(uncoveredMs)} uncovered`;
  return visible(
    `clock ${slaId}: ${outcome ?? standing}, ${deadline === null ? 'no hours in sight' : `deadline ${deadline}`}; ${spent} (tz ${tzVersion})`,
  );
}

export function slaText(report: SlaReport): string {
  const row = (
    name: string,
    { open, atRisk, escalated, breached, uncovered, met, withdrawn }: Omit<SlaReport['slas'][number], 'slaId'>,
  ) => [
    ...[visible(name), String(open), String(atRisk), String(escalated), String(breached)],
    ...[String(uncovered), String(met), String(withdrawn)],
  ];
  const urgent = report.clocks.filter(({ standing }) => standing !== 'on-time');
  return [
    columns(
      ['service level', 'open', 'at risk', 'escalated', 'breached', 'uncovered', 'met', 'withdrawn'],
      [...report.slas.map(({ slaId, ...counts }) => row(slaId, counts)), row('all', report.totals)],
    ),
    '',
    `Ends are counted since ${report.since}. Uncovered is neither met nor breached.`,
    ...(urgent.length === 0
      ? []
      : ['', ...urgent.map((clock) => visible(`${clock.leadId} ${clock.ownerId ?? 'nobody'}: ${clockLine(clock)}`))]),
  ].join('\n');
}
