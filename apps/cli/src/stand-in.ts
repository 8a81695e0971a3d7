/**
 * For tests: a real HTTP server with the routes of the API's contract and answers that a test sets, and the real program as a child process.
 * Every answer goes through the contract's zod schema, so that a test cannot invent an API that there is not.
 */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import * as auditRoutes from '@lockstep/api/audit-routes.ts';
import { auditPageSchema, checkpointSchema } from '@lockstep/api/audit-schemas.ts';
import type { AuditCheckpoint, AuditPage } from '@lockstep/api/audit-schemas.ts';
import * as changeSetRoutes from '@lockstep/api/change-set-routes.ts';
import { changeSetDetailSchema, undoRunAnswerSchema } from '@lockstep/api/change-set-schemas.ts';
import type { ChangeSetDetail, RequestProblems, UndoRunAnswer } from '@lockstep/api/change-set-schemas.ts';
import * as redriveRoutes from '@lockstep/api/redrive-routes.ts';
import { parkedListSchema, redriveAnswerSchema, redriveStandingSchema } from '@lockstep/api/redrive-schemas.ts';
import type { ParkedList, RedriveAnswer, RedriveStanding } from '@lockstep/api/redrive-schemas.ts';
import { redecideRoute } from '@lockstep/api/replay-decide-routes.ts';
import { redecidedPageSchema } from '@lockstep/api/replay-decide-schemas.ts';
import type { RedecidedPage } from '@lockstep/api/replay-decide-schemas.ts';
import { scoresSchema } from '@lockstep/api/routing-score-schemas.ts';
import type { AccountScores, AccountScoresRequest } from '@lockstep/api/routing-score-schemas.ts';
import * as routingRoutes from '@lockstep/api/routing-routes.ts';
import type { ApiLead, EventsAnswer, ExplainedAccount, RoutingCheck, SlaReport } from '@lockstep/api/routing-schemas.ts';
import { contextSchema, pastLeadsSchema } from '@lockstep/api/routing-past-schemas.ts';
import type { ApiPastLead, ApiRoutingContext } from '@lockstep/api/routing-past-schemas.ts';
import * as routingSchemas from '@lockstep/api/routing-schemas.ts';
import * as routes from '@lockstep/api/routes.ts';
import * as schemas from '@lockstep/api/schemas.ts';
import type { ApiItem, Conflict, Finding, ImportAnswer, Plan, Problem, Status, Why } from '@lockstep/api/schemas.ts';
import { addReplayAnswers } from './replay-stand-in.ts';
import type { ReplayAnswers } from './replay-stand-in.ts';

export const TOKEN = 'stand-in-token';

/** What the stand-in answers; a test replaces what it is about. */
export interface Answers {
  /** Called for every GET /v1/status, so that it can change while somebody waits. */
  status: () => Status;
  plan: Plan;
  items: ApiItem[];
  why: (itemId: string) => Why | null;
  conflicts: Conflict[];
  findings: Finding[];
  imported: (dryRun: boolean) => ImportAnswer;
  /** The one change set that there is; called for every look at it. */
  changeSet: () => ChangeSetDetail;
  /** What is wrong with the steps of any change set that is planned. */
  stepProblems: RequestProblems['problems'];
  undone: (dryRun: boolean) => UndoRunAnswer;
  replays: ReplayAnswers;
  audit: { readonly entries: AuditPage['entries']; readonly checkpoints: readonly AuditCheckpoint[] };
  parked: ParkedList;
  redriven: (dryRun: boolean) => RedriveAnswer;
  /** Called for every look, so that it can change while somebody waits. */
  standing: () => RedriveStanding;
  /** By the id after which it begins. */
  redecided: (after: string | undefined) => RedecidedPage;
  leads: ApiLead[];
  explained: (key: string) => ExplainedAccount | null;
  scores: (accounts: AccountScoresRequest['accounts']) => AccountScores['scores'];
  sla: SlaReport;
  checked: RoutingCheck;
  /** In the order of their first decisions. */
  past: ApiPastLead[];
  context: ApiRoutingContext;
  /** Of a batch of calls. */
  taken: (batch: readonly unknown[]) => EventsAnswer;
  /** Where set, this request gets this problem. */
  problem: (method: string, path: string) => { status: 400 | 401 | 404 | 409 | 500; body: Problem } | null;
}

export interface StandIn {
  readonly url: string;
  readonly answers: Answers;
  /** Every request that changes something, in order: "POST /v1/sync", and its body. */
  readonly commands: { readonly route: string; readonly body: unknown }[];
  close(): Promise<void>;
}

/** Starts the stand-in on a free port. */
export async function startStandIn(answers: Answers): Promise<StandIn> {
  const commands: StandIn['commands'] = [];
  const app = new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const message = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
      return c.json({ code: 'bad_request', message } satisfies Problem, 400);
    },
  });
  app.use('/v1/*', async (c, next) => {
    if (c.req.header('authorization') !== `Bearer ${TOKEN}`)
      return c.json({ code: 'unauthorized', message: 'authorization: expected the token, got another' } satisfies Problem, 401);
    if (c.req.method !== 'GET') commands.push({ route: `${c.req.method} ${c.req.path}`, body: await c.req.json() });
    const problem = answers.problem(c.req.method, c.req.path);
    return problem === null ? next() : c.json(problem.body, problem.status);
  });
  addReads(app, answers);
  addCommands(app, answers);
  addChangeSets(app, answers);
  addReplayAnswers(app, answers.replays);
  addAudit(app, answers);
  addRouting(app, answers);
  addRedrive(app, answers);
  return new Promise((done) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }: AddressInfo) => {
      done({ url: `http://127.0.0.1:${port}`, answers, commands, close: () => new Promise((closed) => server.close(() => closed())) });
    });
  });
}

const notFound = (message: string): Problem => ({ code: 'not_found', message });

function addReads(app: OpenAPIHono, answers: Answers): void {
  app.openapi(routes.statusRoute, (c) => c.json(schemas.statusSchema.parse(answers.status()), 200));
  app.openapi(routes.planRoute, (c) => {
    const named = c.req.valid('query').connections ?? [];
    const writes = answers.plan.writes.filter((write) => named.length === 0 || named.includes(write.connectionId));
    return c.json(schemas.planSchema.parse({ ...answers.plan, writes }), 200);
  });
  app.openapi(routes.itemsRoute, (c) => {
    const { after, limit, kind } = c.req.valid('query');
    const left = answers.items.filter((item) => (kind === undefined || item.kind === kind) && (after === undefined || item.itemId > after));
    const items = left.slice(0, Math.min(limit, 2)).map((item) => schemas.itemSchema.parse(item));
    return c.json({ items, next: left.length > items.length ? (items.at(-1)?.itemId ?? null) : null }, 200);
  });
  app.openapi(routes.findRoute, (c) => {
    const { text } = c.req.valid('query');
    const byId = answers.items.filter((item) => item.itemId === text).map((item) => ({ item, by: 'id' as const }));
    const byWords = answers.items
      .filter((item) => typeof item.fields.title === 'string' && item.fields.title.includes(text))
      .map((item) => ({ item, by: 'words' as const }));
    return c.json({ items: (byId.length > 0 ? byId : byWords).map((found) => schemas.foundItemSchema.parse(found)) }, 200);
  });
  app.openapi(routes.whyRoute, (c) => {
    const why = answers.why(c.req.valid('param').itemId);
    return why === null
      ? c.json(notFound('item: expected one of the backlog, found none'), 404)
      : c.json(schemas.whySchema.parse(why), 200);
  });
  app.openapi(routes.conflictsRoute, (c) => {
    const { state, itemId } = c.req.valid('query');
    const conflicts = answers.conflicts.filter(
      (conflict) => (state === undefined || conflict.state === state) && (itemId === undefined || conflict.itemId === itemId),
    );
    return c.json({ conflicts: conflicts.map((conflict) => schemas.conflictSchema.parse(conflict)) }, 200);
  });
  app.openapi(routes.conflictRoute, (c) => {
    const conflict = answers.conflicts.find((one) => one.conflictId === c.req.valid('param').conflictId);
    if (conflict === undefined) return c.json(notFound('conflict: expected one of the workspace, found none'), 404);
    return c.json(schemas.conflictSchema.parse(conflict), 200);
  });
  app.openapi(routes.doctorRoute, (c) =>
    c.json({ findings: answers.findings.map((finding) => schemas.findingSchema.parse(finding)) }, 200),
  );
}

function addCommands(app: OpenAPIHono, answers: Answers): void {
  const connections = (): string[] => answers.status().connections.map((connection) => connection.connectionId);
  const unknown = (named: readonly string[]): string | undefined => named.find((one) => !connections().includes(one));
  const refusal = (named: string): Problem => notFound(`connection: expected one of ${connections().join(', ')}, got ${named}`);
  app.openapi(routes.applyRoute, (c) => {
    const { planId } = c.req.valid('json');
    if (planId === answers.plan.planId) return c.json(schemas.planSchema.parse(answers.plan), 200);
    return c.json({ code: 'stale_plan', message: 'plan: something has changed since it was made' } satisfies Problem, 409);
  });
  app.openapi(routes.syncRoute, (c) => {
    const named = c.req.valid('json').connections;
    const stranger = unknown(named);
    if (stranger !== undefined) return c.json(refusal(stranger), 404);
    return c.json({ woken: named.length === 0 ? connections() : named }, 200);
  });
  app.openapi(routes.importRoute, (c) => c.json(schemas.importAnswerSchema.parse(answers.imported(c.req.valid('json').dryRun)), 200));
  app.openapi(routes.resyncRoute, (c) => c.json({ woken: connections() }, 200));
  app.openapi(routes.resolveRoute, (c) => {
    c.req.valid('json');
    return c.json({ woken: connections() }, 200);
  });
  for (const route of [routes.pauseRoute, routes.resumeRoute]) {
    app.openapi(route, (c) => {
      const { connectionId } = c.req.valid('param');
      return unknown([connectionId]) === undefined ? c.json({ woken: [connectionId] }, 200) : c.json(refusal(connectionId), 404);
    });
  }
}

/** Two entries a page, so that there are pages. */
function addAudit(app: OpenAPIHono, answers: Answers): void {
  app.openapi(auditRoutes.auditRoute, (c) => {
    const { from } = c.req.valid('query');
    const all = answers.audit.entries;
    const page = { size: all.length, entries: all.slice(from, from + 2), next: from + 2 < all.length ? from + 2 : null };
    return c.json(auditPageSchema.parse(page), 200);
  });
  app.openapi(auditRoutes.auditCheckpointsRoute, (c) => {
    const { after } = c.req.valid('query');
    const left = answers.audit.checkpoints.filter(({ size }) => size > after).slice(0, 2);
    return c.json({ checkpoints: left.map((checkpoint) => checkpointSchema.parse(checkpoint)) }, 200);
  });
}

function addChangeSets(app: OpenAPIHono, answers: Answers): void {
  const detail = (): ChangeSetDetail => changeSetDetailSchema.parse(answers.changeSet());
  app.openapi(changeSetRoutes.planChangeSetRoute, (c) => {
    const { steps } = c.req.valid('json');
    const { stepProblems: problems } = answers;
    if (problems.length === 0) return c.json(detail(), 200);
    return c.json({ code: 'bad_steps' as const, message: `${problems.length} of ${steps.length} steps cannot be planned`, problems }, 422);
  });
  app.openapi(changeSetRoutes.changeSetsRoute, (c) => c.json({ changeSets: [detail().set] }, 200));
  app.openapi(changeSetRoutes.changeSetRoute, (c) =>
    c.req.valid('param').changeSetId === detail().set.changeSetId
      ? c.json(detail(), 200)
      : c.json(notFound('change set: expected one of the workspace, found none'), 404),
  );
  const { applyChangeSetRoute, approveChangeSetRoute, rejectChangeSetRoute } = changeSetRoutes;
  for (const route of [applyChangeSetRoute, approveChangeSetRoute, rejectChangeSetRoute])
    app.openapi(route, (c) => {
      if (c.req.valid('json').diffHash === detail().set.diffHash) return c.json(detail(), 200);
      return c.json({ code: 'refused', message: 'diff: expected the present one, got another; look at it again' } satisfies Problem, 409);
    });
  app.openapi(changeSetRoutes.cancelChangeSetRoute, (c) => c.json(detail(), 200));
  app.openapi(changeSetRoutes.rollbackRoute, (c) => {
    c.req.valid('json');
    return c.json(detail(), 200);
  });
  app.openapi(changeSetRoutes.undoRunRoute, (c) => c.json(undoRunAnswerSchema.parse(answers.undone(c.req.valid('json').dryRun)), 200));
}

function addRouting(app: OpenAPIHono, answers: Answers): void {
  app.openapi(routingRoutes.eventsRoute, (c) => {
    const { batch } = c.req.valid('json');
    return c.json(routingSchemas.eventsAnswerSchema.parse(answers.taken(Array.isArray(batch) ? batch : [])), 200);
  });
  app.openapi(redecideRoute, (c) => c.json(redecidedPageSchema.parse(answers.redecided(c.req.valid('json').after)), 200));
  app.openapi(routingRoutes.explainRoute, (c) => {
    const found = answers.explained(c.req.valid('param').key);
    if (found === null) return c.json(notFound('account: expected one with product events, found none'), 404);
    return c.json(routingSchemas.explainedAccountSchema.parse(found), 200);
  });
  app.openapi(routingRoutes.slaRoute, (c) => c.json(routingSchemas.slaReportSchema.parse(answers.sla), 200));
  app.openapi(routingRoutes.leadsRoute, (c) => {
    const { state } = c.req.valid('query');
    return c.json({ leads: answers.leads.filter((lead) => state === undefined || lead.state === state) }, 200);
  });
  // Two leads a page, so that there are pages.
  app.openapi(routingRoutes.pastLeadsRoute, (c) => {
    const { after } = c.req.valid('query');
    const left = answers.past.slice(after === undefined ? 0 : answers.past.findIndex(({ decisionId }) => decisionId === after) + 1);
    const next = left.length > 2 ? (left[1]?.decisionId ?? null) : null;
    return c.json(pastLeadsSchema.parse({ leads: left.slice(0, 2), next, credits: after === undefined ? {} : null }), 200);
  });
  app.openapi(routingRoutes.contextRoute, (c) => {
    c.req.valid('json');
    return c.json(contextSchema.parse(answers.context), 200);
  });
  app.openapi(routingRoutes.scoresRoute, (c) => {
    const scores = answers.scores(c.req.valid('json').accounts);
    return c.json(scoresSchema.parse({ scores }), 200);
  });
  app.openapi(routingRoutes.checkRoute, (c) => c.json(routingSchemas.checkAnswerSchema.parse(answers.checked), 200));
  const { acceptLeadRoute, declineLeadRoute, releaseLeadRoute, snoozeLeadRoute, reassignLeadRoute, closeLeadRoute } = routingRoutes;
  for (const route of [acceptLeadRoute, declineLeadRoute, releaseLeadRoute, snoozeLeadRoute, reassignLeadRoute, closeLeadRoute])
    app.openapi(route, (c) => {
      const { leadId } = c.req.valid('param');
      if (answers.leads.some((lead) => lead.leadId === leadId)) return c.json({ outcome: 'taken' as const, leadId }, 200);
      return c.json({ code: 'refused', message: `lead ${leadId}: accept does not count (NOT_CURRENT)` } satisfies Problem, 409);
    });
}

function addRedrive(app: OpenAPIHono, answers: Answers): void {
  app.openapi(redriveRoutes.parkedRoute, (c) => {
    const { connection } = c.req.valid('query');
    const causes = answers.parked.causes.filter((cause) => connection === undefined || cause.connectionId === connection);
    return c.json(parkedListSchema.parse({ ...answers.parked, causes }), 200);
  });
  app.openapi(redriveRoutes.redriveRoute, (c) => c.json(redriveAnswerSchema.parse(answers.redriven(c.req.valid('json').dryRun)), 200));
  app.openapi(redriveRoutes.redriveStandingRoute, (c) => c.json(redriveStandingSchema.parse(answers.standing()), 200));
}
