/** The API's routes of what waits for a person: the engine's use cases, and the wake after them. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ParkedCause as ApiCause, ParkedThing as ApiThing } from '@lockstep/api/redrive-schemas.ts';
import * as routes from '@lockstep/api/redrive-routes.ts';
import type { ParkedCause, ParkedThing } from '@lockstep/domain/sync/parked.ts';
import { remedyOf } from '@lockstep/domain/sync/parked-remedy.ts';
import { listParked, previewRedrive, redrive, redriveStanding } from '@lockstep/engine/redrive.ts';
import type { ParkedSelection } from '@lockstep/engine/redrive.ts';
import { connectionOf } from '@lockstep/engine/workspace.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import type { Wakes } from '../wakes.ts';
import type { Caller } from './identity.ts';
import { actorKindOf } from './identity.ts';

export interface RedriveParts {
  readonly workspace: Workspace;
  readonly wakes: Wakes;
}

/** Of an answer; how many things there are is told beside them. */
const MOST_CAUSES = 200;

export function addRedriveRoutes(
  app: OpenAPIHono,
  { workspace, wakes }: RedriveParts,
  callerOf: (header: string | undefined) => Caller,
): void {
  app.openapi(routes.parkedRoute, async (c) => {
    const { limit, ...asked } = c.req.valid('query');
    const causes = await listParked(workspace, selectionOf(workspace, asked));
    const [shown, rest] = [causes.slice(0, limit), causes.slice(limit)];
    return c.json(
      {
        causes: await causesView(workspace, shown),
        more: { causes: rest.length, things: countOf(rest) },
        total: countOf(causes),
      },
      200,
    );
  });
  app.openapi(routes.redriveRoute, async (c) => {
    const { dryRun, ...asked } = c.req.valid('json');
    const caller = callerOf(c.req.header('authorization'));
    const selection = selectionOf(workspace, asked);
    const by = { accountId: caller.accountId, actorKind: actorKindOf(caller) };
    const { redriveId, at, driven, causes, things, owing, closed } = await (dryRun
      ? previewRedrive(workspace, selection)
      : redrive(workspace, selection, by));
    if (!dryRun) await wakes.wake(owing);
    return c.json(
      {
        ...{
          dryRun,
          redriveId: dryRun ? null : redriveId,
          at,
          driven,
          woken: dryRun ? [] : [...owing],
          closed: closed.map((one) => ({ ...one })),
        },
        causes: await causesView(workspace, causes.slice(0, MOST_CAUSES)),
        things: await thingsView(workspace, things),
      },
      200,
    );
  });
  app.openapi(routes.redriveStandingRoute, async (c) => {
    const { underWay, again } = await redriveStanding(workspace, c.req.valid('query').at);
    return c.json({ underWay: underWay.map((one) => ({ ...one })), again: await causesView(workspace, again) }, 200);
  });
}

interface Asked {
  readonly connection?: string | undefined;
  readonly item?: string | undefined;
  readonly record?: string | undefined;
  readonly cause?: string | undefined;
}

/** Throws `UnknownConnection` for one that the configuration does not have. */
function selectionOf(workspace: Workspace, { connection, item, record, cause }: Asked): ParkedSelection {
  if (connection !== undefined) connectionOf(workspace, connection);
  return {
    ...(connection === undefined ? {} : { connectionId: connection }),
    ...(item === undefined ? {} : { itemId: item }),
    ...(record === undefined ? {} : { remoteId: record }),
    ...(cause === undefined ? {} : { causeId: cause }),
  };
}

const countOf = (causes: readonly ParkedCause[]): number => causes.reduce((sum, { count }) => sum + count, 0);

async function causesView(workspace: Workspace, causes: readonly ParkedCause[]): Promise<ApiCause[]> {
  const examples = await thingsView(
    workspace,
    causes.map(({ example }) => example),
  );
  return causes.flatMap((cause, index): ApiCause[] => {
    const example = examples[index];
    if (example === undefined) return [];
    const left = { held: 0, 'under-way': 0, 'not-configured': 0, ...cause.left };
    return [{ ...cause, left, example, remedy: remedyOf(cause) }];
  });
}

async function thingsView(workspace: Workspace, things: readonly ParkedThing[]): Promise<ApiThing[]> {
  const itemIds = [...new Set(things.flatMap(({ itemId }) => itemId ?? []))];
  const items = itemIds.length === 0 ? [] : await workspace.store.snapshot((reader) => reader.items(itemIds));
  const titles = new Map(items.map(({ itemId, fields }) => [itemId, typeof fields.title === 'string' ? fields.title : null]));
  return things.map(({ isUnderWay: _marked, ...thing }) => ({ ...thing, title: titles.get(thing.itemId ?? '') ?? null }));
}
