/**
 * The HTTP API: the routes of packages/api over the engine's use cases. Every route but health and the OpenAPI document needs a token, of an account whose role
 * may call it (guard.ts); so does /metrics.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { mayCall } from '@lockstep/api/access.ts';
import * as routes from '@lockstep/api/routes.ts';
import type { AuditLog } from '@lockstep/domain/audit/audit.port.ts';
import { whySchema } from '@lockstep/api/schemas.ts';
import type { Problem } from '@lockstep/api/schemas.ts';
import { applyPlan, makePlan } from '@lockstep/engine/plan.ts';
import type { HeldBack } from '@lockstep/engine/plan.ts';
import { approveUnlinks } from '@lockstep/engine/unlinks.ts';
import { NotOnRecord, resolveConflict, resyncItem } from '@lockstep/engine/commands.ts';
import { settleDeletes } from '@lockstep/engine/deletes.ts';
import type { FigureSources } from '@lockstep/engine/figures.ts';
import { findItems } from '@lockstep/engine/find.ts';
import { importItems } from '@lockstep/engine/import.ts';
import { explain } from '@lockstep/engine/why.ts';
import { UnknownConnection } from '@lockstep/engine/workspace.ts';
import type { Connection, Workspace } from '@lockstep/engine/workspace.ts';
import type { Logger } from 'pino';
import type { Wakes } from '../wakes.ts';
import { addAuditRoutes } from './audit.ts';
import { addChangeSetRoutes } from './change-sets.ts';
import type { ChangeSetParts } from './change-sets.ts';
import { addEvents } from './events.ts';
import type { EventsParts } from './events.ts';
import { addGuard } from './guard.ts';
import { callerOf, knownTokens } from './identity.ts';
import type { Caller } from './identity.ts';
import { addMetrics } from './metrics.ts';
import { problemOf } from './problem.ts';
import { createRateLimit, DEFAULT_RATE_LIMIT } from './rate-limit.ts';
import type { RateLimit } from './rate-limit.ts';
import { withRequestId } from './request-id.ts';
import { addRedriveRoutes } from './redrive.ts';
import { addReplayRoutes } from './replays.ts';
import type { ReplayApiParts } from './replays.ts';
import { addRoutingRoutes } from './routing.ts';
import type { RoutingApiParts } from './routing.ts';
import { figureSources, readStatus } from './status.ts';
import { addTextCheck } from './texts.ts';

export interface ApiParts {
  readonly workspace: Workspace;
  readonly workspaceId: string;
  /** The API's own token. */
  readonly token: string;
  /** Change sets, and the accounts that ask for them and approve them; left out where only the backlog is served. */
  readonly changeSets?: ChangeSetParts;
  /** Product events in, and leads; left out where nothing is routed. */
  readonly routing?: RoutingApiParts & { readonly events: EventsParts };
  /** Replays of failed workflows; left out where there is no Temporal behind the API. */
  readonly replays?: ReplayApiParts;
  /** The audit log; left out where it is not served. */
  readonly audit?: AuditLog;
  readonly wakes: Wakes;
  /** What is known of the calls of each connection; left out where nothing is counted. */
  readonly budgets?: FigureSources['budgets'];
  /** Of each account; the default where it is left out. */
  readonly rateLimit?: RateLimit;
  /** A clock that only goes forward, for the rate limit; the process's own where it is left out. */
  readonly clockMs?: () => number;
  /** Sends the workflow's Update; resolves when the command is on record. */
  readonly command: (connectionId: string, command: 'pause' | 'resume') => Promise<void>;
  readonly engines: { readonly temporal: string; readonly postgres: string };
  readonly log: Logger;
}

export function createApi(parts: ApiParts): OpenAPIHono {
  const tokens = knownTokens(parts.token, parts.changeSets?.accounts ?? []);
  const { now } = parts.workspace;
  // The guard lets nobody else through.
  const caller = (header: string | undefined): Caller => callerOf(header, tokens, now()) ?? nobody();
  const app = new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const message = result.error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ');
      return c.json({ code: 'bad_request', message } satisfies Problem, 400);
    },
  });
  app.use('*', withRequestId);
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  app.get('/v1/health', (c) => c.json({ ok: true }));
  app.doc31('/v1/openapi.json', { openapi: '3.1.0', info: { title: 'Lockstep', version: '0.1.0' } });
  // Whoever sends events has no token of the API: in front of its own authentication.
  if (parts.routing !== undefined) addEvents(app, parts.routing.events, (header) => isOperator(callerOf(header, tokens, now())));
  const take = createRateLimit(parts.rateLimit ?? DEFAULT_RATE_LIMIT, parts.clockMs ?? (() => performance.now()));
  addGuard(app, { tokens, now, take, log: parts.log });
  addTextCheck(app);
  addMetrics(app, { sources: figureSources(parts), now, attempts: parts.routing?.attempts }, (header) =>
    mayCall('viewer', callerOf(header, tokens, now())?.roles ?? []),
  );
  app.notFound((c) =>
    c.json(
      {
        code: 'not_found',
        message: `${c.req.method} ${c.req.path}: expected a route of this API, got none; /v1/openapi.json lists them`,
      } satisfies Problem,
      404,
    ),
  );
  app.onError((error, c) => {
    const problem = problemOf(error);
    if (problem.status === 500) parts.log.error({ err: error, path: c.req.path }, 'the API failed');
    return c.json(problem.body, problem.status);
  });

  addSyncRoutes(app, parts);
  addItemRoutes(app, parts);
  addConflictRoutes(app, parts);
  addConnectionRoutes(app, parts);
  addRedriveRoutes(app, parts, caller);
  if (parts.audit !== undefined) addAuditRoutes(app, parts.audit);
  if (parts.routing !== undefined) addRoutingRoutes(app, parts.routing, caller);
  if (parts.changeSets !== undefined) addChangeSetRoutes(app, parts.changeSets, parts, caller);
  if (parts.replays !== undefined) addReplayRoutes(app, parts.replays, caller);
  return app;
}

/** Status, plan, apply, sync. */
function addSyncRoutes(app: OpenAPIHono, parts: ApiParts): void {
  const { workspace, wakes } = parts;
  app.openapi(routes.statusRoute, async (c) => c.json(await readStatus(parts), 200));
  app.openapi(routes.planRoute, async (c) => {
    const named = c.req.valid('query').connections ?? [];
    chosen(workspace, named);
    return c.json(mutable(await makePlan(workspace, named)), 200);
  });
  app.openapi(routes.applyRoute, async (c) => {
    const request = c.req.valid('json');
    chosen(workspace, request.connections);
    const plan = await applyPlan(workspace, request.planId, request.connections);
    if (request.approveDeletes) for (const held of plan.heldBack) await approveHeldBack(parts, held);
    await wakes.wake(workspace.connections.map((connection) => connection.connectionId));
    return c.json(mutable(plan), 200);
  });
  app.openapi(routes.syncRoute, async (c) => {
    const request = c.req.valid('json');
    const woken = chosen(workspace, request.connections).map((connection) => connection.connectionId);
    await wakes.wake(woken, { fullScan: request.fullScan });
    return c.json({ woken }, 200);
  });
}

function addItemRoutes(app: OpenAPIHono, { workspace, wakes }: ApiParts): void {
  app.openapi(routes.itemsRoute, async (c) => {
    const { after, limit, kind } = c.req.valid('query');
    const items = await workspace.store.snapshot((reader) =>
      reader.itemsPage({ after: after ?? null, limit, ...(kind === undefined ? {} : { kind }) }),
    );
    return c.json(
      mutable({
        items: items.map(({ itemId, kind: itemKind, fields, deletedAt }) => ({ itemId, kind: itemKind, fields, deletedAt })),
        next: items.length < limit ? null : (items.at(-1)?.itemId ?? null),
      }),
      200,
    );
  });
  app.openapi(routes.findRoute, async (c) => {
    const found = await findItems(workspace, c.req.valid('query').text);
    return c.json(
      mutable({
        items: found.map(({ item: { itemId, kind, fields, deletedAt }, by }) => ({ item: { itemId, kind, fields, deletedAt }, by })),
      }),
      200,
    );
  });
  app.openapi(routes.importRoute, async (c) => {
    const request = c.req.valid('json');
    const answer = await importItems(workspace, request.items, request.dryRun);
    await wakes.wake(answer.owing);
    return c.json(
      {
        created: answer.created,
        updated: answer.updated,
        unchanged: answer.unchanged,
        problems: [...answer.problems],
        dryRun: request.dryRun,
      },
      200,
    );
  });
  app.openapi(routes.whyRoute, async (c) => {
    const { itemId } = c.req.valid('param');
    const explanation = await explain(workspace, itemId);
    if (explanation === null) throw new NotOnRecord(`item ${itemId}: expected one of the backlog, found none`);
    // Bases and stamps are the engine's own: the schema leaves them out.
    return c.json(whySchema.parse(explanation), 200);
  });
  app.openapi(routes.resyncRoute, async (c) =>
    c.json({ woken: await wakeAll(wakes, await resyncItem(workspace, c.req.valid('param').itemId)) }, 200),
  );
}

function addConflictRoutes(app: OpenAPIHono, { workspace, wakes }: ApiParts): void {
  app.openapi(routes.conflictsRoute, async (c) => {
    const { state, itemId, limit } = c.req.valid('query');
    const conflicts = await workspace.store.snapshot((reader) =>
      reader.conflicts({ limit, ...(state === undefined ? {} : { state }), ...(itemId === undefined ? {} : { itemId }) }),
    );
    return c.json(mutable({ conflicts }), 200);
  });
  app.openapi(routes.conflictRoute, async (c) => {
    const { conflictId } = c.req.valid('param');
    const conflict = await workspace.store.snapshot((reader) => reader.conflict(conflictId));
    if (conflict === null)
      throw new NotOnRecord(`conflict ${conflictId}: expected one of the workspace, found none; list them with \`lockstep conflicts\``);
    return c.json(mutable(conflict), 200);
  });
  app.openapi(routes.resolveRoute, async (c) =>
    c.json({ woken: await wakeAll(wakes, await resolveConflict(workspace, c.req.valid('param').conflictId, c.req.valid('json'))) }, 200),
  );
}

/** Pause, resume, doctor. */
function addConnectionRoutes(app: OpenAPIHono, parts: ApiParts): void {
  const { workspace } = parts;
  app.openapi(routes.pauseRoute, async (c) => c.json({ woken: await commandOne(parts, c.req.valid('param').connectionId, 'pause') }, 200));
  app.openapi(routes.resumeRoute, async (c) =>
    c.json({ woken: await commandOne(parts, c.req.valid('param').connectionId, 'resume') }, 200),
  );
  app.openapi(routes.doctorRoute, async (c) => {
    const asked = [
      ...workspace.connections.map(({ connectionId, connector }) => ({ connectionId, check: () => connector.check() })),
      ...(parts.routing === undefined ? [] : [{ connectionId: 'slack', check: parts.routing.doctor }]),
      ...(parts.changeSets?.doctor === undefined ? [] : [{ connectionId: 'changeSets.slack', check: parts.changeSets.doctor }]),
    ];
    const findings = await Promise.all(
      asked.map(async ({ connectionId, check }) =>
        (await check()).map(({ level, subject, message, remedy = null }) => ({ connectionId, level, subject, message, remedy })),
      ),
    );
    return c.json({ findings: findings.flat() }, 200);
  });
}

async function wakeAll(wakes: Wakes, connectionIds: readonly string[]): Promise<string[]> {
  await wakes.wake(connectionIds);
  return [...connectionIds];
}

async function commandOne(parts: ApiParts, connectionId: string, command: 'pause' | 'resume'): Promise<string[]> {
  chosen(parts.workspace, [connectionId]);
  await parts.command(connectionId, command);
  return [connectionId];
}

async function approveHeldBack(parts: ApiParts, { connectionId, deletes, unlinks }: HeldBack): Promise<void> {
  const [connection] = chosen(parts.workspace, [connectionId]);
  if (connection === undefined) return;
  if (unlinks > 0) await approveUnlinks(parts.workspace, connectionId);
  if (deletes === 0) return;
  await settleDeletes(
    { runId: `approved-${parts.workspace.newId()}`, workspace: parts.workspace, connection, now: parts.workspace.now() },
    true,
  );
}

function chosen(workspace: Workspace, connectionIds: readonly string[]): readonly Connection[] {
  for (const connectionId of connectionIds) {
    if (!workspace.connections.some((connection) => connection.connectionId === connectionId)) {
      throw new UnknownConnection(
        `connection: expected one of ${workspace.connections.map((connection) => connection.connectionId).join(', ')}, got ${connectionId}`,
      );
    }
  }
  return workspace.connections.filter((connection) => connectionIds.length === 0 || connectionIds.includes(connection.connectionId));
}

const isOperator = (caller: Caller | null): boolean => caller?.roles.includes('operator') === true;

/** Requests without a known token do not get this far. */
function nobody(): never {
  throw new HTTPException(401);
}

type Mutable<T> = T extends readonly (infer E)[] ? Mutable<E>[] : T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

/** The engine's answers are read-only; the API's schemas infer mutable types for the same JSON. */
function mutable<T>(value: T): Mutable<T> {
  return value as Mutable<T>;
}
