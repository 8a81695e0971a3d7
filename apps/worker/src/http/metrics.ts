/**
 * `GET /metrics`, for Prometheus. Clocks are those of `lockstep sla`, from the same query and the same view of it; leads, notices and writes are counted in the
 * store, attempts by this process. Labels are ids of service levels, states, channels and codes: never a person, an account or a lead.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { SlaReport } from '@lockstep/api/routing-schemas.ts';
import type { Problem } from '@lockstep/api/schemas.ts';
import type { RoutingStanding } from '@lockstep/domain/routing/routing-store.port.ts';
import type { AttemptCount } from '../notice-attempts.ts';
import type { RoutingCases } from '../routing-cases.ts';
import { exposition, EXPOSITION_TYPE } from './exposition.ts';
import type { MetricFamily } from './exposition.ts';
import { slaView } from './routing-view.ts';

export interface MetricsParts {
  readonly cases: Pick<RoutingCases, 'slaReport' | 'standing'>;
  readonly attempts: () => readonly AttemptCount[];
  readonly now: () => string;
}

/** `isKnown`: whether a header bears a token of the API. */
export function addMetrics(
  app: OpenAPIHono,
  { cases, attempts, now }: MetricsParts,
  isKnown: (authorization: string | undefined) => boolean,
): void {
  app.get('/metrics', async (c) => {
    if (!isKnown(c.req.header('authorization'))) {
      const message = 'authorization: expected Bearer and a token of the API, got none or another; see `authorization` of a scrape_config';
      return c.json({ code: 'unauthorized', message } satisfies Problem, 401);
    }
    const at = now();
    const report = slaView(await cases.slaReport(at), at);
    const standing = await cases.standing();
    const page = exposition([...clockFamilies(report), ...standingFamilies(standing, at), attemptFamily(attempts())]);
    return c.body(page, 200, { 'content-type': EXPOSITION_TYPE });
  });
}

type ClockFigure = Exclude<keyof SlaReport['slas'][number], 'slaId'>;

/** Separate families: a clock that is open may be at risk too, so that they do not add up. */
const CLOCK_FIGURES: Readonly<Record<ClockFigure, readonly [name: string, help: string]>> = {
  open: ['open', 'Clocks that have not ended.'],
  atRisk: ['at_risk', 'Open clocks of which a warning or a rung of the ladder has fallen due.'],
  escalated: ['escalated', 'Open clocks whose lead a named person knows of.'],
  breached: ['breached', 'Clocks whose deadline has passed: open ones, and those that have ended within 7 days.'],
  uncovered: ['uncovered', 'Clocks that nobody covers: open ones, and those that have ended so within 7 days. Neither met nor breached.'],
  met: ['met', 'Clocks that were met and ended within 7 days.'],
  withdrawn: ['withdrawn', 'Clocks whose lead went away within 7 days.'],
};

function clockFamilies({ slas }: SlaReport): readonly MetricFamily[] {
  return (Object.keys(CLOCK_FIGURES) as ClockFigure[]).map((figure) => {
    const [word, help] = CLOCK_FIGURES[figure];
    const samples = slas.map((sla) => ({ labels: { sla: sla.slaId }, value: sla[figure] }));
    return gauge(`lockstep_sla_${word}_clocks`, help, samples);
  });
}

const MS_PER_SECOND = 1_000;

function standingFamilies({ leads, owedNotices, oldestOwedAt, openWrites }: RoutingStanding, at: string): readonly MetricFamily[] {
  const ageMs = oldestOwedAt === null ? 0 : Math.max(0, Date.parse(at) - Date.parse(oldestOwedAt));
  const byState = Object.entries(leads).map(([state, value]) => ({ labels: { state }, value }));
  return [
    gauge('lockstep_leads', 'Leads that are not closed, by state.', byState),
    gauge('lockstep_notices_owed', 'Notices to people that no channel has delivered yet.', [{ value: owedNotices }]),
    gauge('lockstep_notices_oldest_owed_seconds', 'Age of the oldest notice that is owed; 0 where none is.', [
      { value: ageMs / MS_PER_SECOND },
    ]),
    gauge('lockstep_lead_writes_open', 'Change sets of leads that have not ended.', [{ value: openWrites }]),
  ];
}

function gauge(name: string, help: string, samples: MetricFamily['samples']): MetricFamily {
  return { name, help, type: 'gauge', samples };
}

function attemptFamily(attempts: readonly AttemptCount[]): MetricFamily {
  return {
    name: 'lockstep_notice_attempts_total',
    help: 'Attempts to deliver a notice since the worker began, by channel and by what came of them.',
    type: 'counter',
    samples: attempts.map(({ channel, outcome, count }) => ({ labels: { channel, outcome }, value: count })),
  };
}
