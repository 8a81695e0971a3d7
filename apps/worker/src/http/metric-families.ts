/**
 * The operating figures as Prometheus' families. Labels are ids of the configuration, of service levels, states, kinds and codes from closed lists: never a
 * person, an account, a record or a lead.
 */
import type { ConnectionFigures, OperatingFigures } from '@lockstep/engine/figures.ts';
import type { MetricFamily } from './exposition.ts';

type Samples = MetricFamily['samples'];

export function figureFamilies({ connections, changeSets, replays, routing }: OperatingFigures): readonly MetricFamily[] {
  return [
    ...connectionFamilies(connections),
    ...apiFamilies(connections),
    ...(changeSets === null ? [] : changeSetFamilies(changeSets)),
    ...(replays === null ? [] : replayFamilies(replays)),
    ...(routing === null ? [] : [...clockFamilies(routing), ...leadFamilies(routing)]),
  ];
}

function gauge(name: string, help: string, samples: Samples): MetricFamily {
  return { name, help, type: 'gauge', samples };
}

const one = (value: number): Samples => [{ value }];

function connectionFamilies(connections: readonly ConnectionFigures[]): readonly MetricFamily[] {
  const each = (of: (figures: ConnectionFigures) => number | null): Samples =>
    connections.flatMap((figures) => {
      const value = of(figures);
      return value === null ? [] : [{ labels: { connection: figures.connectionId }, value }];
    });
  const many = (of: (figures: ConnectionFigures) => Samples): Samples =>
    connections.flatMap((figures) =>
      of(figures).map(({ labels, value }) => ({ labels: { connection: figures.connectionId, ...labels }, value })),
    );
  return [
    gauge(
      'lockstep_connection_lag_seconds',
      'Time since a page was read from the connection last. Missing where none was yet.',
      each(({ lagSeconds }) => lagSeconds),
    ),
    gauge(
      'lockstep_connection_full_scan_age_seconds',
      'Time since the connection was read from end to end. Missing where it was not yet.',
      each(({ fullScanAgeSeconds }) => fullScanAgeSeconds),
    ),
    gauge(
      'lockstep_connection_oldest_unsynced_seconds',
      'How long the oldest change waits that is to be read from the connection or written to it; 0 where none is.',
      each(({ oldestUnsyncedSeconds }) => oldestUnsyncedSeconds),
    ),
    gauge(
      'lockstep_owed_writes',
      'Writes that the connection is owed, and those that are under way.',
      many(({ owed, sending }) => [
        { labels: { state: 'owed' }, value: owed },
        { labels: { state: 'sending' }, value: sending },
      ]),
    ),
    gauge(
      'lockstep_marked_records',
      'Records that are marked to be read.',
      each(({ marked }) => marked),
    ),
    gauge(
      'lockstep_parked_things',
      'What waits for a person after it has failed, by kind and code; lockstep redrive list tells why.',
      many(({ parked }) => parked.map(({ kind, code, count }) => ({ labels: { kind, code }, value: count }))),
    ),
    gauge(
      'lockstep_conflicts_open',
      'Conflicts that wait for a person, by kind; a field that was left out is a notice and parked as well.',
      many(({ conflicts }) => conflicts.map(({ kind, count }) => ({ labels: { kind }, value: count }))),
    ),
    gauge(
      'lockstep_connection_stopped',
      '1 for each cause that keeps the connection from being read or written until a person acts.',
      many((figures) => stopsOf(figures).map((cause) => ({ labels: { cause }, value: 1 }))),
    ),
  ];
}

/** The gate, where it is not open, and the breaker. */
function stopsOf({ gate, breaker }: ConnectionFigures): readonly string[] {
  return [...(gate === 'open' ? [] : [gate]), ...(breaker === null ? [] : [breaker])];
}

/** Of this process: other workers of the workspace have seen other answers. */
function apiFamilies(connections: readonly ConnectionFigures[]): readonly MetricFamily[] {
  const known = connections.flatMap(({ connectionId, api }) => (api === null ? [] : [{ connection: connectionId, ...api }]));
  const allowances = known.flatMap(({ connection, allowances: said }) =>
    said.map(({ scope, limit, remaining }) => ({ labels: { connection, scope }, limit, remaining })),
  );
  return [
    gauge(
      'lockstep_api_calls_limit',
      'Calls of a scope that the vendor allows the account, by its last answer. Missing where it does not say.',
      allowances.flatMap(({ labels, limit }) => (limit === null ? [] : [{ labels, value: limit }])),
    ),
    gauge(
      'lockstep_api_calls_remaining',
      'Calls of a scope that the account has left, by its last answer. Missing where the vendor does not say.',
      allowances.map(({ labels, remaining }) => ({ labels, value: remaining })),
    ),
    gauge(
      'lockstep_api_held_seconds',
      'For how long nothing is sent to the account, as the vendor has asked or its calls are used up; 0 where it is free.',
      known.map(({ connection, heldSeconds }) => ({ labels: { connection }, value: heldSeconds })),
    ),
    {
      name: 'lockstep_api_requests_total',
      help: 'Requests to the vendor since the worker began, by what came of them.',
      type: 'counter',
      samples: known.flatMap(({ connection, requests }) =>
        Object.entries(requests).map(([outcome, value]) => ({ labels: { connection, outcome }, value })),
      ),
    },
  ];
}

function changeSetFamilies(sets: NonNullable<OperatingFigures['changeSets']>): readonly MetricFamily[] {
  return [
    gauge('lockstep_change_sets_under_way', 'Change sets that have begun and not ended.', one(sets.underWay)),
    gauge('lockstep_change_sets_awaiting_approval', 'Change sets that wait for the yes of a person.', one(sets.awaitingApproval)),
    gauge(
      'lockstep_change_sets_oldest_awaiting_approval_seconds',
      'Age of the oldest change set that waits for a yes; 0 where none does.',
      one(sets.oldestAwaitingSeconds),
    ),
    gauge(
      'lockstep_change_sets_need_operator',
      'Change sets that could not be taken back by themselves and still hold their records.',
      one(sets.needOperator),
    ),
    gauge(
      'lockstep_change_sets_oldest_need_operator_seconds',
      'How long the oldest change set needs an operator; 0 where none does.',
      one(sets.oldestNeedSeconds),
    ),
    gauge('lockstep_change_set_notices_owed', 'Notices of change sets that no channel has delivered yet.', one(sets.owedNotices)),
    gauge(
      'lockstep_change_set_notices_oldest_owed_seconds',
      'Age of the oldest notice of a change set that is owed; 0 where none is.',
      one(sets.oldestOwedNoticeSeconds),
    ),
  ];
}

function replayFamilies({ underWay, awaitingApproval }: NonNullable<OperatingFigures['replays']>): readonly MetricFamily[] {
  return [
    gauge('lockstep_replays_under_way', 'Replays that run or are paused.', one(underWay)),
    gauge('lockstep_replays_awaiting_approval', 'Replays that wait for the yes of a person.', one(awaitingApproval)),
  ];
}

type RoutingFigures = NonNullable<OperatingFigures['routing']>;
type ClockFigure = keyof RoutingFigures['totals'];

/** Separate families: a clock that is open may be at risk too, so that they do not add up. */
const CLOCK_FIGURES: Readonly<Record<ClockFigure, readonly [name: string, help: string]>> = {
  open: ['open', 'Clocks that have not ended.'],
  atRisk: ['at_risk', 'Open clocks of which a warning or a rung of the ladder has fallen due, or whose buffer is all that is left.'],
  escalated: ['escalated', 'Open clocks whose lead a named person knows of.'],
  breached: ['breached', 'Clocks whose deadline has passed: open ones, and those that have ended within 7 days.'],
  uncovered: ['uncovered', 'Clocks that nobody covers: open ones, and those that have ended so within 7 days. Neither met nor breached.'],
  met: ['met', 'Clocks that were met and ended within 7 days.'],
  withdrawn: ['withdrawn', 'Clocks whose lead went away within 7 days.'],
};

function clockFamilies({ slas, overdueSeconds }: RoutingFigures): readonly MetricFamily[] {
  const counted = (Object.keys(CLOCK_FIGURES) as ClockFigure[]).map((figure) => {
    const [word, help] = CLOCK_FIGURES[figure];
    const samples = slas.map((sla) => ({ labels: { sla: sla.slaId }, value: sla[figure] }));
    return gauge(`lockstep_sla_${word}_clocks`, help, samples);
  });
  const help = 'How late the clock is that has waited longest for something to be done; 0 where none is late. Workers that route are gone.';
  return [...counted, gauge('lockstep_sla_overdue_seconds', help, one(overdueSeconds))];
}

function leadFamilies({ leads, owedNotices, oldestOwedNoticeSeconds, openWrites }: RoutingFigures): readonly MetricFamily[] {
  const byState = Object.entries(leads).map(([state, value]) => ({ labels: { state }, value }));
  return [
    gauge('lockstep_leads', 'Leads that are not closed, by state.', byState),
    gauge('lockstep_notices_owed', 'Notices of leads that no channel has delivered yet.', one(owedNotices)),
    gauge(
      'lockstep_notices_oldest_owed_seconds',
      'Age of the oldest notice of a lead that is owed; 0 where none is.',
      one(oldestOwedNoticeSeconds),
    ),
    gauge('lockstep_lead_writes_open', 'Change sets of leads that have not ended.', one(openWrites)),
  ];
}
