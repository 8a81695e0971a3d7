/** The API's routes of replays: planning and looking go to the engine, everything that runs to the replay's workflow. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import * as routes from '@lockstep/api/replay-routes.ts';
import type { ApiReplay, ApiReplayPlan, ApiReplayTarget, ReplayDetail } from '@lockstep/api/replay-schemas.ts';
import { sumOfEffects, unsafeActivities } from '@lockstep/domain/replay/effects.ts';
import { BadSelection } from '@lockstep/domain/replay/runtime.port.ts';
import type { Replay, ReplayTarget } from '@lockstep/domain/replay/replay.ts';
import { CommandRefused } from '@lockstep/engine/commands.ts';
import { allTargets, replayOf } from '@lockstep/engine/replay/environment.ts';
import type { ReplayEngine } from '@lockstep/engine/replay/environment.ts';
import { planReplay } from '@lockstep/engine/replay/planning.ts';
import type { ReplayPlan } from '@lockstep/engine/replay/planning.ts';
import { startReplay } from '@lockstep/engine/replay/starting.ts';
import type { HoldCommand, RunningReplays } from '../replays.ts';
import type { Caller } from './identity.ts';

export interface ReplayApiParts {
  readonly engine: ReplayEngine;
  readonly workflows: Pick<RunningReplays, 'start' | 'decide' | 'hold'>;
  readonly now: () => string;
  readonly newId: () => string;
}

type CallerOf = (header: string | undefined) => Caller;

/** Targets in an answer that was not asked for a page. */
const FIRST_PAGE = { from: 0, limit: 200 };

export function addReplayRoutes(app: OpenAPIHono, parts: ReplayApiParts, callerOf: CallerOf): void {
  const { engine, workflows, now, newId } = parts;
  app.openapi(routes.runReplayRoute, async (c) => {
    const caller = callerOf(c.req.header('authorization'));
    const { dryRun, planHash, reason, selection, point, batchSize, perSecond } = c.req.valid('json');
    const asked = { selection, point, actorKind: actorKindOf(caller) };
    if (dryRun) return c.json({ plan: planRow(await understood(planReplay(engine, asked))), started: null }, 200);
    const replayId = `rp-${newId()}`;
    const pace = { ...(batchSize === undefined ? {} : { batchSize }), ...(perSecond === undefined ? {} : { perSecond }) };
    const request = { ...asked, ...pace, replayId, reason, requestedBy: caller.accountId, expectedHash: planHash };
    const plan = await understood(startReplay(engine, request, now()));
    await workflows.start(replayId);
    return c.json({ plan: planRow(plan), started: await detailOf(engine, replayId, FIRST_PAGE) }, 200);
  });
  app.openapi(routes.replaysRoute, async (c) => {
    const { state, limit, before } = c.req.valid('query');
    const replays = await engine.store.snapshot((reader) =>
      reader.replays({ limit, ...(state === undefined ? {} : { states: [state] }), ...(before === undefined ? {} : { before }) }),
    );
    return c.json({ replays: replays.map(replayRow) }, 200);
  });
  app.openapi(routes.replayRoute, async (c) => c.json(await detailOf(engine, c.req.valid('param').replayId, c.req.valid('query')), 200));
  addCommands(app, parts, callerOf);
}

function addCommands(app: OpenAPIHono, { engine, workflows }: ReplayApiParts, callerOf: CallerOf): void {
  for (const [route, decision] of [
    [routes.approveReplayRoute, 'approve'],
    [routes.rejectReplayRoute, 'reject'],
  ] as const)
    app.openapi(route, async (c) => {
      const { accountId } = callerOf(c.req.header('authorization'));
      const { replayId } = c.req.valid('param');
      await engine.store.snapshot((reader) => replayOf(reader, replayId));
      const { code } = await workflows.decide(replayId, decision, { approver: accountId, ...c.req.valid('json') });
      if (code !== null)
        throw new CommandRefused(
          `${replayId}: the answer of ${accountId} does not count (${code}); ${REMEDIES[code] ?? 'see `lockstep replay show`'}`,
        );
      return c.json(await detailOf(engine, replayId, FIRST_PAGE), 200);
    });
  const hold = async (replayId: string, command: HoldCommand, by: string): Promise<ReplayDetail> => {
    const { state } = await engine.store.snapshot((reader) => replayOf(reader, replayId));
    const isTaken = await workflows.hold(replayId, command, by);
    const after = await detailOf(engine, replayId, FIRST_PAGE);
    if (isTaken && HELD[command](after.replay)) return after;
    throw new CommandRefused(`${replayId}: expected a replay that can be ${WORDS[command]}, got one that is ${after.replay.end ?? state}`);
  };
  for (const [route, command] of [
    [routes.pauseReplayRoute, 'pause'],
    [routes.resumeReplayRoute, 'resume'],
    [routes.stopReplayRoute, 'stop'],
  ] as const)
    app.openapi(route, async (c) => {
      const { accountId } = callerOf(c.req.header('authorization'));
      return c.json(await hold(c.req.valid('param').replayId, command, accountId), 200);
    });
}

const WORDS: Readonly<Record<HoldCommand, string>> = { pause: 'paused', resume: 'resumed', stop: 'stopped' };

/** Whether the command has taken effect: one that was resumed may have ended by the time we look. */
const HELD: Readonly<Record<HoldCommand, (replay: Pick<Replay, 'state' | 'end'>) => boolean>> = {
  pause: ({ state }) => state === 'paused',
  resume: ({ state, end }) => state === 'running' || end === 'done',
  stop: ({ end }) => end === 'stopped',
};

/** What to do about a refused answer. */
const REMEDIES: Readonly<Record<string, string>> = {
  NOT_WAITING: 'the replay does not wait for an approval now',
  OTHER_PLAN: 'look at its plan with `lockstep replay show`',
  EXPIRED: 'its time is up: plan it again',
  UNSAFE_NOT_NAMED: 'name what is not safe with --accept-unsafe; `lockstep replay show` lists it',
  REQUESTER: 'another person has to answer',
  SAME_PERSON: 'another person has to answer',
  NOT_A_PERSON: 'a person has to answer, with an account of their own',
  NO_ROLE: 'the account needs the role approver (changeSets.principals of the configuration)',
  UNKNOWN: 'list the account in changeSets.principals of the configuration',
  REQUESTER_UNKNOWN: 'list the account that asked in changeSets.principals of the configuration, so that it can be told who that is',
};

async function understood<A>(planning: Promise<A>): Promise<A> {
  try {
    return await planning;
  } catch (error) {
    if (error instanceof BadSelection) throw new CommandRefused(error.message);
    throw error;
  }
}

/** The row, how far it is, and a page of its targets. @throws ReplayNotOnRecord */
async function detailOf(
  engine: ReplayEngine,
  replayId: string,
  page: { readonly from: number; readonly limit: number },
): Promise<ReplayDetail> {
  return engine.store.snapshot(async (reader) => {
    const replay = await replayOf(reader, replayId);
    const all = await allTargets(reader, replayId);
    const targets = all.slice(page.from, page.from + page.limit);
    const next = page.from + targets.length;
    return {
      replay: replayRow(replay),
      counts: { ...(await reader.targetCounts(replayId)) },
      effects: [...sumOfEffects(all)],
      unsafe: [...unsafeActivities(all)],
      targets: targets.map(targetRow),
      next: next < all.length ? next : null,
    };
  });
}

function replayRow({ actorKind: _kind, updatedAt: _at, selection, reasons, acceptedUnsafe, ...rest }: Replay): ApiReplay {
  const shown = selection.by === 'ids' ? { by: selection.by, workflowIds: [...selection.workflowIds] } : { ...selection };
  return { ...rest, point: { ...rest.point }, selection: shown, reasons: [...reasons], acceptedUnsafe: [...acceptedUnsafe] };
}

function targetRow({ replayId: _id, effects, ...rest }: ReplayTarget): ApiReplayTarget {
  return { ...rest, effects: [...effects] };
}

function planRow({ targets, skipped, effects, unsafe, verdict, hash, point }: ReplayPlan): ApiReplayPlan {
  return {
    ...{ hash, point: { ...point }, skipped: [...skipped], effects: [...effects], unsafe: [...unsafe] },
    targets: targets.map((target) => ({ ...target, effects: [...target.effects] })),
    verdict: { decision: verdict.decision, reasons: [...verdict.reasons] },
  };
}

function actorKindOf({ kind }: Caller): Replay['actorKind'] {
  if (kind === 'agent') return 'agent';
  return kind === 'bot' ? 'system' : 'human';
}
