/**
 * `GET /metrics`, for Prometheus: the operating figures, the same ones as `GET /v1/status` and `lockstep status` show, and what this process has counted. Labels
 * never name a person, an account, a record or a lead.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Problem } from '@lockstep/api/schemas.ts';
import { figuresOf, readStanding } from '@lockstep/engine/figures.ts';
import type { FigureSources } from '@lockstep/engine/figures.ts';
import type { AttemptCount } from '../notice-attempts.ts';
import { exposition, EXPOSITION_TYPE } from './exposition.ts';
import type { MetricFamily } from './exposition.ts';
import { figureFamilies } from './metric-families.ts';

export interface MetricsParts {
  readonly sources: FigureSources;
  /** Of notices to people; left out where nothing is routed. */
  readonly attempts: (() => readonly AttemptCount[]) | undefined;
  readonly now: () => string;
}

/** `isKnown`: whether a header bears a token of the API. */
export function addMetrics(
  app: OpenAPIHono,
  { sources, attempts, now }: MetricsParts,
  isKnown: (authorization: string | undefined) => boolean,
): void {
  app.get('/metrics', async (c) => {
    if (!isKnown(c.req.header('authorization'))) {
      const message = 'authorization: expected Bearer and a token of the API, got none or another; see `authorization` of a scrape_config';
      return c.json({ code: 'unauthorized', message } satisfies Problem, 401);
    }
    const figures = figuresOf(await readStanding(sources, now()));
    const page = exposition([...figureFamilies(figures), ...(attempts === undefined ? [] : [attemptFamily(attempts())])]);
    return c.body(page, 200, { 'content-type': EXPOSITION_TYPE });
  });
}

function attemptFamily(attempts: readonly AttemptCount[]): MetricFamily {
  return {
    name: 'lockstep_notice_attempts_total',
    help: 'Attempts to deliver a notice since the worker began, by channel and by what came of them.',
    type: 'counter',
    samples: attempts.map(({ channel, outcome, count }) => ({ labels: { channel, outcome }, value: count })),
  };
}
