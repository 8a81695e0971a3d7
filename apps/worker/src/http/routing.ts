/** The API's routes of routing: looking goes to the store, whatever people say to the account's workflow. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { redecideRoute } from '@lockstep/api/replay-decide-routes.ts';
import type { RedecideRequest } from '@lockstep/api/replay-decide-schemas.ts';
import * as routes from '@lockstep/api/routing-routes.ts';
import type { RoutingCheck, RoutingCheckRequest } from '@lockstep/api/routing-schemas.ts';
import type { CloseReason } from '@lockstep/domain/routing/close-reason.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { CommandRefused, NotOnRecord } from '@lockstep/engine/commands.ts';
import type { FigureSources } from '@lockstep/engine/figures.ts';
import type { RedecidedPage } from '@lockstep/engine/routing/redeciding.ts';
import type { AnswerKind } from '@lockstep/workflows/contracts.ts';
import type { AttemptCount } from '../notice-attempts.ts';
import type { RoutingCases } from '../routing-cases.ts';
import type { RunningRouting } from '../routing.ts';
import { Forbidden } from './change-sets.ts';
import type { Finding } from '@lockstep/domain/sync/connector.port.ts';
import type { Caller } from './identity.ts';
import { contextView, pastLeadView } from './past-view.ts';
import { accountView, leadView, redecidedView, slaView } from './routing-view.ts';

export interface RoutingApiParts {
  readonly cases: Pick<RoutingCases, 'explainAccount' | 'slaReport' | 'leads' | 'lead' | 'pastLeads' | 'context' | 'scores'>;
  /** For the operating figures. */
  readonly store: NonNullable<FigureSources['routing']>;
  /** What came of attempts to tell people, for the metrics. */
  readonly attempts: () => readonly AttemptCount[];
  readonly workflows: Pick<RunningRouting, 'answer'>;
  /** `lockstep routing check`, over what is given and, for the rest, what is in force. */
  readonly check: (request: RoutingCheckRequest) => Promise<RoutingCheck>;
  /** `lockstep replay decide`: a page of past decisions by what is given. Throws `UnusableDocument`. */
  readonly redecide: (request: RedecideRequest) => Promise<RedecidedPage>;
  /** What the doctor says of the channels to people. */
  readonly doctor: () => Promise<readonly Finding[]>;
  readonly now: () => string;
}

/** An account is found by its id, by its key, or by what stands behind the colon of a key. */
const KEYS = ['', 'domain:', 'group:', 'person:', 'person:user:'];

export function addRoutingRoutes(app: OpenAPIHono, parts: RoutingApiParts, callerOf: (header: string | undefined) => Caller): void {
  const { cases, now } = parts;
  app.openapi(routes.explainRoute, async (c) => {
    const { key } = c.req.valid('param');
    const at = now();
    for (const prefix of KEYS) {
      const reading = await cases.explainAccount(prefix + key, at);
      if (reading !== null) return c.json(accountView(reading, at), 200);
    }
    throw new NotOnRecord(
      `account ${key}: expected one with product events, by its id, its domain, its group or its person, found none; see \`lockstep pql leads\``,
    );
  });
  app.openapi(routes.slaRoute, async (c) => {
    const at = now();
    return c.json(slaView(await cases.slaReport(at), at), 200);
  });
  app.openapi(routes.leadsRoute, async (c) => {
    const { state, limit } = c.req.valid('query');
    const states = state === undefined ? (['followed', 'deciding', 'offered', 'escalated', 'accepted'] as const) : [state];
    return c.json({ leads: (await cases.leads({ states, limit })).map(leadView) }, 200);
  });
  app.openapi(routes.checkRoute, async (c) => c.json(await parts.check(c.req.valid('json')), 200));
  addPast(app, parts);
  app.openapi(redecideRoute, async (c) => c.json(redecidedView(await parts.redecide(c.req.valid('json'))), 200));
  addAnswers(app, parts, callerOf);
}

function addPast(app: OpenAPIHono, { cases }: RoutingApiParts): void {
  app.openapi(routes.pastLeadsRoute, async (c) => {
    const { from, to, after, limit } = c.req.valid('query');
    const { leads, credits } = await cases.pastLeads({ from, to, after: after ?? null, limit });
    const next = leads.length < limit ? null : (leads.at(-1)?.decisionId ?? null);
    return c.json({ leads: leads.map(pastLeadView), next, credits }, 200);
  });
  app.openapi(routes.scoresRoute, async (c) => {
    const questions = c.req.valid('json').accounts.map(({ account, before }) => ({
      names: KEYS.map((prefix) => prefix + account),
      before: new Date(before).toISOString(),
    }));
    const found = await cases.scores(questions);
    return c.json({ scores: found.map((score) => (score === null ? null : { ...score, fired: [...score.fired] })) }, 200);
  });
  app.openapi(routes.contextRoute, async (c) => {
    const { from, to, regions, members } = c.req.valid('json');
    try {
      return c.json(contextView(await cases.context({ from, to, regions, members })), 200);
    } catch (error) {
      if (error instanceof ConnectorError && error.code === 'Invalid') throw new CommandRefused(error.message);
      throw error;
    }
  });
}

function addAnswers(app: OpenAPIHono, { workflows }: RoutingApiParts, callerOf: (header: string | undefined) => Caller): void {
  const said = async (header: string | undefined, kind: AnswerKind, leadId: string, { by, offerId, ...more }: Said) => {
    const speaker = speakerOf(callerOf(header), by);
    const { outcome, code } = await workflows.answer({ ...more, kind, leadId, offerId: offerId ?? null, by: speaker });
    if (outcome !== 'refused') return { outcome, leadId };
    if (code === 'NO_SUCH_LEAD')
      throw new NotOnRecord(`lead ${leadId}: expected one of the workspace, found none; see \`lockstep pql leads\``);
    throw new CommandRefused(
      `lead ${leadId}: ${kind} does not count (${code ?? 'REFUSED'}); \`lockstep pql explain\` shows who has it and why`,
    );
  };
  for (const [route, kind] of [
    [routes.acceptLeadRoute, 'accept'],
    [routes.declineLeadRoute, 'decline'],
    [routes.releaseLeadRoute, 'release'],
  ] as const)
    app.openapi(route, async (c) =>
      c.json(await said(c.req.header('authorization'), kind, c.req.valid('param').leadId, c.req.valid('json')), 200),
    );
  app.openapi(routes.snoozeLeadRoute, async (c) =>
    c.json(await said(c.req.header('authorization'), 'snooze', c.req.valid('param').leadId, c.req.valid('json')), 200),
  );
  app.openapi(routes.closeLeadRoute, async (c) =>
    c.json(await said(c.req.header('authorization'), 'close', c.req.valid('param').leadId, c.req.valid('json')), 200),
  );
  app.openapi(routes.reassignLeadRoute, async (c) =>
    c.json(await said(c.req.header('authorization'), 'reassign', c.req.valid('param').leadId, c.req.valid('json')), 200),
  );
}

interface Said {
  readonly by?: string | undefined;
  readonly offerId?: string | undefined;
  readonly until?: string;
  readonly to?: string;
  readonly reason?: CloseReason;
}

/** An acknowledgement is a person's; for somebody else an operator speaks. */
function speakerOf({ accountId, kind, roles }: Caller, by: string | undefined): string {
  if (kind !== 'human') throw new Forbidden(`${accountId}: expected a person to answer, got an account of kind ${kind}`);
  if (by === undefined || by === accountId || roles.includes('operator')) return by ?? accountId;
  throw new Forbidden(`${accountId}: expected the role operator to answer for ${by}, got ${roles.join(', ') || 'none'}`);
}
