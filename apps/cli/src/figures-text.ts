/** The operating figures for people: the same numbers as Prometheus reads. What is at rest is said in few words, what asks for somebody in its own line. */
import type { ApiFigures } from '@lockstep/api/figure-schemas.ts';
import { columns, counted } from './output.ts';
import { spanText } from './routing-text.ts';

const MS_PER_SECOND = 1_000;

/** `8 min`; `-` for none. */
function age(seconds: number | null): string {
  return seconds === null ? '-' : spanText(seconds * MS_PER_SECOND);
}

type ConnectionFigures = ApiFigures['connections'][number];

export function figuresText({ connections, changeSets, replays, routing }: ApiFigures): string {
  const table = columns(
    ['connection', 'read ago', 'oldest change', 'to write', 'parked', 'conflicts', 'API calls left', 'held'],
    connections.map((one) => [
      one.connectionId,
      age(one.lagSeconds),
      one.oldestUnsyncedSeconds === 0 ? '-' : age(one.oldestUnsyncedSeconds),
      String(one.owed + one.sending),
      tally(one.parked.map(({ kind, code, count }) => [`${kind} ${code}`, count])),
      tally(one.conflicts.map(({ kind, count }) => [kind, count])),
      callsLeft(one),
      one.api === null || one.api.heldSeconds === 0 ? '-' : age(one.api.heldSeconds),
    ]),
  );
  const lines = [
    ...(changeSets === null ? [] : [`Change sets: ${setsText(changeSets)}`]),
    ...(replays === null ? [] : [`Replays: ${replays.underWay} under way, ${replays.awaitingApproval} waiting for a yes`]),
    ...(routing === null ? [] : [`Leads: ${leadsText(routing)}`]),
  ];
  return [table, ...(lines.length === 0 ? [] : ['', ...lines])].join('\n');
}

/** What a person has to do something about; empty where nobody has. */
export function figureReasons({ connections, changeSets, replays, routing }: ApiFigures): readonly string[] {
  const reasons = connections.flatMap(({ connectionId, parked }) => {
    const others = parked.filter(({ kind }) => kind !== 'write').reduce((sum, { count }) => sum + count, 0);
    return others === 0
      ? []
      : [`${connectionId}: ${counted(others, 'thing')} besides writes parked; \`lockstep redrive list\` says why and what to do`];
  });
  if (changeSets !== null && changeSets.needOperator > 0)
    reasons.push(
      `${counted(changeSets.needOperator, 'change set')} waiting for an operator since ${age(changeSets.oldestNeedSeconds)}; see \`lockstep crm list\``,
    );
  const asked = (changeSets?.awaitingApproval ?? 0) + (replays?.awaitingApproval ?? 0);
  if (asked > 0) reasons.push(`waiting for a yes: ${asked}; see \`lockstep crm list\` and \`lockstep replay list\``);
  if (routing !== null && routing.totals.atRisk + routing.totals.escalated + routing.totals.uncovered > 0)
    reasons.push('clocks of leads are at risk, escalated or covered by nobody; see `lockstep sla`');
  return reasons;
}

function tally(counts: readonly (readonly [name: string, count: number])[]): string {
  return counts.length === 0 ? '0' : counts.map(([name, count]) => `${name} ${count}`).join(', ');
}

function callsLeft({ api }: ConnectionFigures): string {
  if (api === null || api.allowances.length === 0) return '-';
  return api.allowances.map(({ scope, remaining, limit }) => `${remaining}${limit === null ? '' : ` of ${limit}`} (${scope})`).join(', ');
}

function setsText(sets: NonNullable<ApiFigures['changeSets']>): string {
  const notices = sets.owedNotices === 0 ? '' : `; ${counted(sets.owedNotices, 'notice')} owed for ${age(sets.oldestOwedNoticeSeconds)}`;
  return `${sets.underWay} under way, ${sets.awaitingApproval} waiting for a yes, ${sets.needOperator} in need of an operator${notices}`;
}

function leadsText({ leads, totals, owedNotices, oldestOwedNoticeSeconds, overdueSeconds }: NonNullable<ApiFigures['routing']>): string {
  const open = Object.entries(leads).flatMap(([state, count]) => (count === 0 ? [] : [`${count} ${state}`]));
  const clocks = `clocks: ${totals.open} open, ${totals.atRisk} at risk, ${totals.breached} breached, ${totals.uncovered} uncovered`;
  const notices = owedNotices === 0 ? '' : `; ${counted(owedNotices, 'notice')} owed for ${age(oldestOwedNoticeSeconds)}`;
  const late = overdueSeconds === 0 ? '' : `; a clock has waited ${age(overdueSeconds)} for its workflow`;
  return `${open.length === 0 ? 'none open' : open.join(', ')}; ${clocks}${notices}${late}`;
}
