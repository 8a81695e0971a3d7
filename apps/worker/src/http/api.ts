/**
 * The HTTP API: the routes of packages/api over the engine's use cases. Every route but health and the OpenAPI document needs the token.
 */
import { timingSafeEqual } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import * as routes from '@lockstep/api/routes.ts';
import type { Problem } from '@lockstep/api/schemas.ts';
import { applyPlan, makePlan, StalePlan } from '@lockstep/engine/plan.ts';
import { CommandRefused, resolveConflict, resyncItem } from '@lockstep/engine/commands.ts';
import { settleDeletes } from '@lockstep/engine/deletes.ts';
import { importItems } from '@lockstep/engine/import.ts';
import { explain } from '@lockstep/engine/why.ts';
import { UnknownConnection } from '@lockstep/engine/workspace.ts';
import type { Connection, Workspace } from '@lockstep/engine/workspace.ts';
import type { Logger } from 'pino';
import type { Wakes } from '../wakes.ts';
import { readStatus } from './status.ts';

export interface ApiParts {
  readonly workspace: Workspace;
  readonly workspaceId: string;
  readonly token: string;
  readonly wakes: Wakes;
  /** Sends the workflow's Update; resolves when the command is on record. */
  readonly command: (connectionId: string, command: 'pause' | 'resume') => Promise<void>;
  readonly engines: { readonly temporal: string; readonly postgres: string };
  readonly log: Logger;
}

export function createApi(parts: ApiParts): OpenAPIHono {
  const { workspace, wakes } = parts;
  const app = new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const message = result.error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ');
      return c.json({ code: 'bad_request', message } satisfies Problem, 400);
    },
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  app.get('/v1/health', (c) => c.json({ ok: true }));
  app.doc31('/v1/openapi.json', { openapi: '3.1.0', info: { title: 'Lockstep', version: '0.1.0' } });
  app.use('/v1/*', async (c, next) => {
    if (!hasToken(c.req.header('authorization'), parts.token))
      return c.json(
        {
          code: 'unauthorized',
          message: 'authorization: expected Bearer and the API token of the data directory, got none or another',
        } satisfies Problem,
        401,
      );
    return next();
  });
  app.onError((error, c) => {
    const problem = problemOf(error);
    if (problem.status === 500) parts.log.error({ err: error, path: c.req.path }, 'the API failed');
    return c.json(problem.body, problem.status);
  });

  app.openapi(routes.statusRoute, async (c) => c.json(await readStatus(parts), 200));
  app.openapi(routes.planRoute, async (c) => c.json(mutable(await makePlan(workspace, c.req.valid('query').connections ?? [])), 200));
  app.openapi(routes.applyRoute, async (c) => {
    const request = c.req.valid('json');
    const plan = await applyPlan(workspace, request.planId, request.connections);
    if (request.approveDeletes) for (const { connectionId } of plan.heldBack) await approveDeletes(parts, connectionId);
    await wakes.wake(workspace.connections.map((connection) => connection.connectionId));
    return c.json(mutable(plan), 200);
  });
  app.openapi(routes.syncRoute, async (c) => {
    const request = c.req.valid('json');
    const woken = chosen(workspace, request.connections).map((connection) => connection.connectionId);
    await wakes.wake(woken, { fullScan: request.fullScan });
    return c.json({ woken }, 200);
  });
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
    if (explanation === null) throw new NotFound(`item ${itemId}: expected one of the backlog, found none`);
    return c.json(mutable(explanation), 200);
  });
  app.openapi(routes.resyncRoute, async (c) =>
    c.json({ woken: await wakeAll(wakes, await resyncItem(workspace, c.req.valid('param').itemId)) }, 200),
  );
  app.openapi(routes.conflictsRoute, async (c) => {
    const { state, itemId, limit } = c.req.valid('query');
    const conflicts = await workspace.store.snapshot((reader) =>
      reader.conflicts({ limit, ...(state === undefined ? {} : { state }), ...(itemId === undefined ? {} : { itemId }) }),
    );
    return c.json(mutable({ conflicts }), 200);
  });
  app.openapi(routes.resolveRoute, async (c) =>
    c.json({ woken: await wakeAll(wakes, await resolveConflict(workspace, c.req.valid('param').conflictId, c.req.valid('json'))) }, 200),
  );
  app.openapi(routes.pauseRoute, async (c) => c.json({ woken: await commandOne(parts, c.req.valid('param').connectionId, 'pause') }, 200));
  app.openapi(routes.resumeRoute, async (c) =>
    c.json({ woken: await commandOne(parts, c.req.valid('param').connectionId, 'resume') }, 200),
  );
  app.openapi(routes.doctorRoute, async (c) => {
    const findings = await Promise.all(
      workspace.connections.map(async ({ connectionId, connector }) =>
        (await connector.check()).map((finding) => ({
          connectionId,
          level: finding.level,
          subject: finding.subject,
          message: finding.message,
          remedy: finding.remedy ?? null,
        })),
      ),
    );
    return c.json({ findings: findings.flat() }, 200);
  });
  return app;
}

/** There is no such thing. */
class NotFound extends Error {
  override readonly name = 'NotFound';
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

async function approveDeletes(parts: ApiParts, connectionId: string): Promise<void> {
  const [connection] = chosen(parts.workspace, [connectionId]);
  if (connection === undefined) return;
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

function hasToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function problemOf(error: Error): { readonly status: 400 | 404 | 409 | 500; readonly body: Problem } {
  if (error instanceof UnknownConnection || error instanceof NotFound)
    return { status: 404, body: { code: 'not_found', message: error.message } };
  if (error instanceof StalePlan) return { status: 409, body: { code: 'stale_plan', message: error.message } };
  if (error instanceof CommandRefused) return { status: 409, body: { code: 'refused', message: error.message } };
  if (error instanceof SyntaxError)
    return { status: 400, body: { code: 'bad_request', message: 'body: expected JSON, got something else' } };
  return { status: 500, body: { code: 'internal', message: 'the worker failed; its log says why' } };
}

type Mutable<T> = T extends readonly (infer E)[] ? Mutable<E>[] : T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

/** The engine's answers are read-only; the API's schemas infer mutable types for the same JSON. */
function mutable<T>(value: T): Mutable<T> {
  return value as Mutable<T>;
}
