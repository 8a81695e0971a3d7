/** Replays by the engine: what is planned, who says yes, and what a crash or somebody else in between makes of it. */
import { expect, test } from 'vitest';
import type { HistoryOutline } from '@lockstep/domain/replay/outline.ts';
import { decideReplay } from '@lockstep/engine/replay/deciding.ts';
import type { ReplayEngine } from '@lockstep/engine/replay/environment.ts';
import { holdReplay } from '@lockstep/engine/replay/moving.ts';
import { planReplay } from '@lockstep/engine/replay/planning.ts';
import { runBatch } from '@lockstep/engine/replay/running.ts';
import { startReplay } from '@lockstep/engine/replay/starting.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { ALL, NOW, openDesk } from './desk.ts';
import type { ReplayDesk } from './desk.ts';

const database = useTestStore();
const LATER = '2026-11-24T13:00:00.000Z';
const PLAN = { selection: ALL, point: { at: 'failing-activity' }, actorKind: 'human' } as const;

async function runAll(engine: ReplayEngine, replayId: string): Promise<void> {
  for (let more = true; more;) more = (await runBatch(engine, replayId, NOW)).outcome === 'more';
}

const rows = (desk: ReplayDesk) => desk.engine.store.snapshot((reader) => reader.replays({ limit: 10 }));

test('81 a dry run tells targets, points and effects, and nothing is on record, set back or in the log', async () => {
  const desk = openDesk(database, 2);
  const open = desk.runtime.workflows.get('sync/w/c1');
  if (open !== undefined) open.status = 'running';
  const plan = await planReplay(desk.engine, PLAN);
  expect(plan.targets).toEqual([
    {
      ...{ workflowId: 'sync/w/c0', workflowType: 'backlogSync', runId: 'run-0', resetEventId: 10 },
      effects: [{ activity: 'pushPage', shown: 1, doneByKey: 0, willRun: 0, unsafe: 0 }],
    },
  ]);
  expect(plan.skipped).toEqual([{ workflowId: 'sync/w/c1', code: 'OPEN' }]);
  expect([await rows(desk), desk.runtime.resets, await desk.audited()]).toEqual([[], [], []]);
});

test.each([
  ['running', 'OPEN'],
  ['completed', 'DONE'],
  ['cancelled', 'CANCELLED'],
  ['continued', 'CONTINUED'],
] as const)('81 a run that is %s is left alone: %s', async (status, code) => {
  const desk = openDesk(database, 1);
  for (const workflow of desk.runtime.workflows.values()) workflow.status = status;
  expect((await planReplay(desk.engine, PLAN)).skipped).toEqual([{ workflowId: 'sync/w/c0', code }]);
  await expect(desk.begin('rp-1')).rejects.toThrow('expected workflows that failed, got none among 1');
  expect(await rows(desk)).toEqual([]);
});

test('81 a plan that is not the one that was seen is refused, and nothing is on record', async () => {
  const desk = openDesk(database, 2);
  const { hash } = await planReplay(desk.engine, PLAN);
  desk.runtime.workflows.delete('sync/w/c1');
  await expect(desk.begin('rp-1', { expectedHash: hash })).rejects.toThrow('expected the plan that was seen');
  expect(await rows(desk)).toEqual([]);
});

test('81 a second replay of the same plans nothing, and a second start under the same id changes nothing that was done', async () => {
  const desk = openDesk(database, 3);
  await runAll(desk.engine, await desk.begin('rp-1'));
  expect(await desk.states('rp-1')).toEqual(['reset', 'reset', 'reset']);
  expect((await planReplay(desk.engine, PLAN)).targets).toEqual([]);
  expect(await runBatch(desk.engine, 'rp-1', NOW)).toEqual({ outcome: 'ended', settled: 0 });
  expect(desk.runtime.resets.map(({ workflowId }) => workflowId)).toEqual(['sync/w/c0', 'sync/w/c1', 'sync/w/c2']);
});

test('81 a run that somebody has set back, or that has moved, since it was planned is skipped and says so', async () => {
  const desk = openDesk(database, 4);
  await desk.begin('rp-1');
  const { runtime } = desk;
  await runtime.reset({ workflowId: 'sync/w/c0', runId: 'run-0', eventId: 4, requestId: 'by hand', reason: 'by hand' });
  runtime.workflows.get('sync/w/c1')?.runs.push('another');
  runtime.workflows.delete('sync/w/c2');
  runtime.refused.add('sync/w/c3');
  await runAll(desk.engine, 'rp-1');
  expect(await desk.states('rp-1')).toEqual(['RESET_BEFORE', 'MOVED', 'GONE', 'NOT_RESETTABLE']);
  expect(runtime.resets.map(({ requestId }) => requestId)).toEqual(['by hand']);
});

test('81 too many targets need a yes, of another person, to exactly this plan, in time', async () => {
  const desk = openDesk(database, 3, { approvalAbove: 2 });
  await desk.begin('rp-1');
  const [replay] = await rows(desk);
  expect(replay).toMatchObject({ state: 'awaiting-approval', reasons: ['MANY_TARGETS'], approvalExpiresAt: LATER });
  expect(await runBatch(desk.engine, 'rp-1', NOW)).toEqual({ outcome: 'held', settled: 0 });
  const answer = (approver: string, planHash = replay?.planHash ?? '', now = NOW) =>
    decideReplay(desk.engine, 'rp-1', { approver, decision: 'approve', planHash, accepts: [] }, now);
  expect((await answer('ops')).code).toBe('REQUESTER');
  expect((await answer('ops-2')).code).toBe('SAME_PERSON');
  expect((await answer('viewer')).code).toBe('NO_ROLE');
  expect((await answer('stranger')).code).toBe('UNKNOWN');
  expect((await answer('lead', 'another')).code).toBe('OTHER_PLAN');
  expect((await answer('lead', undefined, LATER)).code).toBe('EXPIRED');
  expect(desk.runtime.resets).toEqual([]);
  expect(await answer('lead')).toEqual({ outcome: 'approved', code: null });
  expect(await answer('lead')).toEqual({ outcome: 'approved', code: null });
  await runAll(desk.engine, 'rp-1');
  expect(desk.runtime.resets).toHaveLength(3);
  const audited = await desk.audited();
  expect(audited.filter((entry) => entry === 'approve refused')).toHaveLength(6);
  expect(audited.filter((entry) => entry === 'approve done')).toHaveLength(1);
});

test('81 an approval that runs out in mid-way ends the replay, and nothing more is set back', async () => {
  const desk = openDesk(database, 3, { approvalAbove: 2, batchSize: 1 });
  await desk.begin('rp-1');
  const planHash = (await rows(desk))[0]?.planHash ?? '';
  await decideReplay(desk.engine, 'rp-1', { approver: 'lead', decision: 'approve', planHash, accepts: [] }, NOW);
  await runBatch(desk.engine, 'rp-1', NOW);
  expect(await runBatch(desk.engine, 'rp-1', LATER)).toEqual({ outcome: 'ended', settled: 0 });
  expect([(await rows(desk))[0]?.end, await desk.states('rp-1')]).toEqual(['expired', ['reset', 'planned', 'planned']]);
});

test('81 paused, nothing more is set back; resumed, it goes on; stopped, the rest is left alone', async () => {
  const desk = openDesk(database, 3, { batchSize: 1 });
  await desk.begin('rp-1');
  await runBatch(desk.engine, 'rp-1', NOW);
  await holdReplay(desk.engine, 'rp-1', 'paused', 'lead', NOW);
  expect((await runBatch(desk.engine, 'rp-1', NOW)).outcome).toBe('held');
  await holdReplay(desk.engine, 'rp-1', 'resumed', 'lead', NOW);
  await runBatch(desk.engine, 'rp-1', NOW);
  await holdReplay(desk.engine, 'rp-1', 'stopped', 'lead', NOW);
  await holdReplay(desk.engine, 'rp-1', 'resumed', 'lead', NOW);
  expect((await runBatch(desk.engine, 'rp-1', NOW)).outcome).toBe('ended');
  expect(await desk.states('rp-1')).toEqual(['reset', 'reset', 'planned']);
  expect((await desk.audited()).filter((entry) => /pause|resume|stop/.test(entry))).toEqual(['pause done', 'resume done', 'stop done']);
});

test('81 paused, or stopped, while a batch is being looked at: nothing of it is set back', async () => {
  for (const event of ['paused', 'stopped'] as const) {
    const desk = openDesk(database, 2);
    await desk.begin('rp-1');
    const { runtime } = desk.engine;
    const meanwhile: ReplayEngine = {
      ...desk.engine,
      runtime: {
        ...runtime,
        async latest(workflowId) {
          await holdReplay(desk.engine, 'rp-1', event, 'lead', NOW);
          return runtime.latest(workflowId);
        },
      },
    };
    expect(await runBatch(meanwhile, 'rp-1', NOW)).toEqual({ outcome: 'held', settled: 0 });
    expect([desk.runtime.resets, await desk.states('rp-1')]).toEqual([[], ['planned', 'planned']]);
  }
});

test('81 two workers at the same batch, as where one was held for dead: the run is set back once, under one request id', async () => {
  const desk = openDesk(database, 1);
  await desk.begin('rp-1');
  const { runtime } = desk.engine;
  const both = Promise.withResolvers<void>();
  let arrived = 0;
  const met: ReplayEngine = {
    ...desk.engine,
    runtime: {
      ...runtime,
      async reset(request) {
        if ((arrived += 1) === 2) both.resolve();
        await both.promise;
        return runtime.reset(request);
      },
    },
  };
  await Promise.all([runBatch(met, 'rp-1', NOW), runBatch(met, 'rp-1', NOW)]);
  expect(desk.runtime.resets).toHaveLength(1);
  expect(await desk.states('rp-1')).toEqual(['reset']);
});

test('81 what is not safe needs a yes that names it, and every name that is unsafe', async () => {
  const desk = openDesk(database, 1);
  Object.assign(desk.engine.runtime, {
    outline: async (): Promise<HistoryOutline> => [
      { id: 4, kind: 'task-completed' },
      { id: 5, kind: 'activity-scheduled', activity: 'ofAnotherVersion', taskId: 4 },
      { id: 6, kind: 'activity-scheduled', activity: 'ofYetAnother', taskId: 4 },
      { id: 8, kind: 'activity-failed', scheduledId: 6 },
    ],
  });
  await desk.begin('rp-1');
  const [replay] = await rows(desk);
  expect(replay).toMatchObject({ state: 'awaiting-approval', reasons: ['UNSAFE_EFFECTS'] });
  const planHash = replay?.planHash ?? '';
  const answer = async (decision: 'approve' | 'reject', ...accepts: readonly string[]) =>
    (await decideReplay(desk.engine, 'rp-1', { approver: 'lead', decision, planHash, accepts }, NOW)).code;
  expect([await answer('approve'), await answer('approve', 'ofAnotherVersion')]).toEqual(['UNSAFE_NOT_NAMED', 'UNSAFE_NOT_NAMED']);
  expect(await answer('approve', 'ofYetAnother', 'ofAnotherVersion')).toBeNull();
  expect((await rows(desk))[0]).toMatchObject({ state: 'running', approver: 'lead', acceptedUnsafe: ['ofAnotherVersion', 'ofYetAnother'] });
  expect(await answer('reject')).toBe('NOT_WAITING');
});

test('81 a no ends it, and nothing is set back', async () => {
  const desk = openDesk(database, 2, { approvalAbove: 0 });
  await desk.begin('rp-1');
  const planHash = (await rows(desk))[0]?.planHash ?? '';
  const no = { approver: 'lead', decision: 'reject', planHash, accepts: [] } as const;
  expect(await decideReplay(desk.engine, 'rp-1', no, NOW)).toEqual({ outcome: 'rejected', code: null });
  expect(await decideReplay(desk.engine, 'rp-1', no, NOW)).toEqual({ outcome: 'rejected', code: null });
  expect((await decideReplay(desk.engine, 'rp-1', { ...no, decision: 'approve' }, NOW)).code).toBe('NOT_WAITING');
  expect([(await runBatch(desk.engine, 'rp-1', NOW)).outcome, desk.runtime.resets]).toEqual(['ended', []]);
});

test('81 no entry, no reset: where the log takes none, nothing is set back', async () => {
  const desk = openDesk(database, 2);
  await desk.begin('rp-1');
  const { store } = desk.engine;
  const deaf: ReplayEngine = {
    ...desk.engine,
    store: {
      ...store,
      transaction: (work) => store.transaction((tx) => work({ ...tx, appendAudit: () => Promise.reject(new Error('the log is full')) })),
    },
  };
  await expect(runBatch(deaf, 'rp-1', NOW)).rejects.toThrow('audit log');
  expect([desk.runtime.resets, await desk.states('rp-1')]).toEqual([[], ['planned', 'planned']]);
});

/** Every call that a process can die at: before it, or after it was done and before its answer came. */
function mortal(engine: ReplayEngine, deathAt: number): ReplayEngine {
  let calls = 0;
  const meet = async <A>(work: () => Promise<A>): Promise<A> => {
    if (calls++ === deathAt) throw new Error('died');
    const answer = await work();
    if (calls++ === deathAt) throw new Error('died');
    return answer;
  };
  const { store, runtime } = engine;
  return {
    ...engine,
    store: { snapshot: (work) => meet(() => store.snapshot(work)), transaction: (work) => meet(() => store.transaction(work)) },
    runtime: {
      ...runtime,
      latest: (workflowId) => meet(() => runtime.latest(workflowId)),
      resetInto: (run) => meet(() => runtime.resetInto(run)),
      reset: (request) => meet(() => runtime.reset(request)),
    },
  };
}

test('81 a process dies at each of its calls in a batch of three: the next one goes on, each run is set back once, with its entry before', async () => {
  let deaths = 0;
  for (let deathAt = 0; ; deathAt += 1) {
    const desk = openDesk(database, 3, { batchSize: 2 });
    await desk.begin('rp-1');
    const doomed = mortal(desk.engine, deathAt);
    const died = await runAll(doomed, 'rp-1').then(
      () => false,
      () => true,
    );
    if (died) await runAll(desk.engine, 'rp-1');
    expect(desk.runtime.resets.map(({ workflowId }) => workflowId).toSorted(), `death ${deathAt}`).toEqual([
      'sync/w/c0',
      'sync/w/c1',
      'sync/w/c2',
    ]);
    expect(await desk.states('rp-1')).toEqual(['reset', 'reset', 'reset']);
    const audited = await desk.audited();
    for (const ordinal of [0, 1, 2]) {
      const [intended, done] = ['intended', 'done'].map((outcome) => audited.indexOf(`reset ${outcome} rp-1/${ordinal}`));
      expect([intended === -1, (done ?? -1) > (intended ?? -1)], `death ${deathAt}`).toEqual([false, true]);
      expect(audited.filter((entry) => entry === `reset done rp-1/${ordinal}`)).toHaveLength(1);
    }
    if (!died) break;
    deaths += 1;
  }
  expect(deaths).toBeGreaterThan(20);
});

test('81 at most 5,000 workflows at a time', async () => {
  const desk = openDesk(database, 1);
  const many = {
    ...desk.engine,
    runtime: { ...desk.runtime, find: async () => Array.from({ length: 5_001 }, (_, index) => `sync/w/c${index}`) },
  };
  await expect(startReplay(many, { ...PLAN, replayId: 'rp-1', requestedBy: 'ops', reason: 'x', expectedHash: null }, NOW)).rejects.toThrow(
    'expected at most 5000 workflows',
  );
});
