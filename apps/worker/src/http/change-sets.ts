/** The API's routes of change sets: planning and looking go to the engine, everything that runs to the set's workflow. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import * as routes from '@lockstep/api/change-set-routes.ts';
import type { FieldValue } from '@lockstep/domain/backlog/item.ts';
import type { Finding } from '@lockstep/domain/sync/connector.port.ts';
import type { RequestedStep } from '@lockstep/domain/crm/requested.ts';
import { createSet } from '@lockstep/engine/crm/create.ts';
import { setOf } from '@lockstep/engine/crm/environment.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import { resolveRequest } from '@lockstep/engine/crm/requested.ts';
import { planRollback, RollbackTooLarge } from '@lockstep/engine/crm/rollback.ts';
import { undoRun } from '@lockstep/engine/crm/undo-run.ts';
import { CommandRefused } from '@lockstep/engine/commands.ts';
import type { Decided } from '@lockstep/workflows/contracts.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import type { Wakes } from '../wakes.ts';
import type { RunningChangeSets } from '../change-sets.ts';
import { actorKindOf } from './identity.ts';
import type { Account, Caller } from './identity.ts';
import { detailOf, setRow } from './change-set-detail.ts';

/** The backlog, whose runs can be undone too. */
export interface Backlog {
  readonly workspace: Workspace;
  readonly wakes: Wakes;
}

export interface ChangeSetParts {
  readonly engine: CrmEngine;
  readonly workflows: Pick<RunningChangeSets, 'start' | 'decide' | 'cancel' | 'takeOver'>;
  readonly accounts: readonly Account[];
  /** What the doctor says of the channel by which people are told; left out where they have none of their own. */
  readonly doctor?: (() => Promise<readonly Finding[]>) | undefined;
  readonly now: () => string;
  readonly newId: () => string;
}

/** Rows of the diff in an answer that was not asked for a page. */
const FIRST_PAGE = { from: 0, limit: 200 };

export function addChangeSetRoutes(
  app: OpenAPIHono,
  parts: ChangeSetParts,
  backlog: Backlog,
  callerOf: (header: string | undefined) => Caller,
): void {
  const { engine, now, newId } = parts;
  const detail = (changeSetId: string) => detailOf(engine, changeSetId, { ...FIRST_PAGE, now: now() });

  app.openapi(routes.planChangeSetRoute, async (c) => {
    const caller = callerOf(c.req.header('authorization'));
    const { reason, confidence, steps } = c.req.valid('json');
    const resolved = await resolveRequest(engine.crms, steps satisfies readonly RequestedStep[]);
    if (resolved.operations === null) {
      const problems = [...resolved.problems];
      const places = new Set(problems.map(({ place }) => place));
      return c.json({ code: 'bad_steps' as const, message: `${places.size} of ${steps.length} steps cannot be planned`, problems }, 422);
    }
    const changeSetId = `cs-${newId()}`;
    const asked = { changeSetId, kind: 'bulk', requestedBy: caller.accountId, actorKind: actorKindOf(caller), reason, confidence } as const;
    await createSet(engine, { ...asked, operations: resolved.operations }, now());
    return c.json(await detail(changeSetId), 200);
  });
  app.openapi(routes.rollbackRoute, async (c) => {
    const caller = callerOf(c.req.header('authorization'));
    const { reason, ...selection } = c.req.valid('json');
    const changeSetId = `cs-${newId()}`;
    await planned(
      planRollback(
        engine,
        { changeSetId, selection: given(selection), requestedBy: caller.accountId, actorKind: actorKindOf(caller), reason },
        now(),
      ),
    );
    return c.json(await detail(changeSetId), 200);
  });
  app.openapi(routes.changeSetsRoute, async (c) => {
    const sets = await engine.store.snapshot((reader) => reader.changeSets(given(c.req.valid('query'))));
    return c.json({ changeSets: sets.map(setRow) }, 200);
  });
  app.openapi(routes.changeSetRoute, async (c) =>
    c.json(await detailOf(engine, c.req.valid('param').changeSetId, { ...c.req.valid('query'), now: now() }), 200),
  );
  addUndo(app, backlog);
  addRuns(app, parts, callerOf, detail);
}

/** Of a run of the sync. */
function addUndo(app: OpenAPIHono, { workspace, wakes }: Backlog): void {
  app.openapi(routes.undoRunRoute, async (c) => {
    const { runId, dryRun } = c.req.valid('json');
    const { restored, skipped, owing } = await undoRun(workspace, runId, { dryRun });
    await wakes.wake(owing);
    return c.json(
      {
        restored: restored.map(({ itemId, title, field }) => ({ itemId, title, field })),
        skipped: skipped.map(({ itemId, title, field, message, before, ours, now: shown }) => ({
          ...{ itemId, title, field: field ?? 'item', message },
          ...{ before: copied(before), ours: copied(ours), now: copied(shown) },
        })),
        dryRun,
      },
      200,
    );
  });
}

/** The engine's values are read-only, those of the API are not. */
function copied(value: FieldValue): string | string[] | null {
  return typeof value === 'string' || value === null ? value : [...value];
}

function addRuns(
  app: OpenAPIHono,
  { engine, workflows }: ChangeSetParts,
  callerOf: (header: string | undefined) => Caller,
  detail: (changeSetId: string) => ReturnType<typeof detailOf>,
): void {
  app.openapi(routes.applyChangeSetRoute, async (c) => {
    const { changeSetId } = c.req.valid('param');
    const set = await engine.store.snapshot((reader) => setOf(reader, changeSetId));
    if (set.state !== 'planned')
      throw new CommandRefused(`${changeSetId}: expected a set that is planned, got one that is ${set.end ?? set.state}`);
    if (set.diffHash !== c.req.valid('json').diffHash)
      throw new CommandRefused(
        `${changeSetId}: expected the hash of its present diff, got another; look at it again with \`lockstep crm show\``,
      );
    await workflows.start(changeSetId);
    return c.json(await detail(changeSetId), 200);
  });
  for (const [route, decision] of [
    [routes.approveChangeSetRoute, 'approve'],
    [routes.rejectChangeSetRoute, 'reject'],
  ] as const)
    app.openapi(route, async (c) => {
      const { accountId } = callerOf(c.req.header('authorization'));
      const { changeSetId } = c.req.valid('param');
      await engine.store.snapshot((reader) => setOf(reader, changeSetId));
      const refused = await refusalOf(
        workflows.decide(changeSetId, decision, { approver: accountId, diffHash: c.req.valid('json').diffHash }),
      );
      if (refused !== null)
        throw new CommandRefused(
          `${changeSetId}: the answer of ${accountId} does not count (${refused}); ${REMEDIES[refused] ?? 'see `lockstep crm show`'}`,
        );
      return c.json(await detail(changeSetId), 200);
    });
  app.openapi(routes.cancelChangeSetRoute, async (c) => {
    const { accountId } = callerOf(c.req.header('authorization'));
    const { changeSetId } = c.req.valid('param');
    const { end } = await engine.store.snapshot((reader) => setOf(reader, changeSetId));
    // Nothing is left to stop: the operator has put it right by hand, and the records are free again.
    if (end === 'needs-operator') await workflows.takeOver(changeSetId, accountId);
    else await workflows.cancel(changeSetId);
    return c.json(await detail(changeSetId), 200);
  });
}

async function planned(planning: Promise<void>): Promise<void> {
  try {
    await planning;
  } catch (error) {
    if (error instanceof RollbackTooLarge) throw new CommandRefused(error.message);
    throw error;
  }
}

/** By which rule an answer does not count; null where it does. The workflow's own validator refuses what comes at the wrong time. */
async function refusalOf(deciding: Promise<Decided>): Promise<string | null> {
  try {
    const { code } = await deciding;
    return code;
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    return error.cause instanceof ApplicationFailure ? (error.cause.type ?? 'NOT_WAITING') : 'NOT_WAITING';
  }
}

/** What to do about a refused answer. */
const REMEDIES: Readonly<Record<string, string>> = {
  NOT_WAITING: 'the set does not wait for an approval now',
  OTHER_DIFF: 'a record has moved: look at the new diff with `lockstep crm show`',
  EXPIRED: 'its time is up: plan it again',
  REQUESTER: 'another person has to answer',
  SAME_PERSON: 'another person has to answer',
  NOT_A_PERSON: 'a person has to answer, with an account of their own',
  NO_ROLE: 'the account needs the role approver (changeSets.principals of the configuration)',
  UNKNOWN: 'list the account in changeSets.principals of the configuration',
  REQUESTER_UNKNOWN: 'list the account that asked in changeSets.principals of the configuration, so that it can be told who that is',
};

/** An account may not say this, or not for whom it is said. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden';
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the members that are undefined. */
function given<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Given<T>;
}
