/** The API's routes of replays over the real engine and PostgreSQL, with workflows on paper: who may do what, and what people are shown. */
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { ReplayAnswer, ReplayDetail } from '@lockstep/api/replay-schemas.ts';
import type { Problem } from '@lockstep/api/schemas.ts';
import type { Principal } from '@lockstep/domain/crm/policy.schema.ts';
import { BadSelection } from '@lockstep/domain/replay/runtime.port.ts';
import { decideReplay } from '@lockstep/engine/replay/deciding.ts';
import { holdReplay } from '@lockstep/engine/replay/moving.ts';
import { openReplay } from '@lockstep/engine/replay/starting.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { createApi } from '@lockstep/worker/http/api.ts';
import { benchOf } from '../engine/bench-of-remotes.ts';
import { openBench } from '../engine/crm/bench.ts';
import { NOW, openDesk, PEOPLE } from '../engine/replay/desk.ts';

const database = useTestStore();
const QUERY = {
  selection: { by: 'query', query: 'ExecutionStatus = "Failed"' },
  point: { at: 'failing-activity' },
  reason: 'a bad deploy',
};
const EVENTS = { pause: 'paused', resume: 'resumed', stop: 'stopped' } as const;

/** Whatever a route answers; a test looks at what its answer has. */
type Body = ReplayAnswer & ReplayDetail & Problem & { readonly replays: readonly unknown[] };

async function desk(policy: Parameters<typeof openDesk>[2] = { approvalAbove: 1 }) {
  const paper = openDesk(database, 2, policy);
  const { engine } = paper;
  let ids = 0;
  const accounts = PEOPLE.map((principal: Principal) => ({ principal, token: `token-${principal.id}` }));
  const bench = await openBench(database);
  const app = createApi({
    workspace: (await benchOf(database.store(), ['jira'])).workspace,
    ...{ workspaceId: 'desk', token: 'token-of-nobody-here', wakes: { wake: async () => undefined }, command: async () => undefined },
    ...{ engines: { temporal: '1.32.0', postgres: '18.4' }, log: pino({ level: 'silent' }) },
    changeSets: {
      ...{ engine: bench.engine, accounts, now: () => NOW, newId: () => 'never' },
      workflows: {
        start: async () => undefined,
        decide: async () => ({ kind: 'decided', outcome: 'refused', code: null }),
        cancel: async () => undefined,
        takeOver: async () => undefined,
      },
    },
    replays: {
      engine,
      workflows: {
        start: async (id) => void (await openReplay(engine, id, NOW)),
        decide: (id, decision, { approver, planHash, accepts }) => decideReplay(engine, id, { approver, decision, planHash, accepts }, NOW),
        hold: async (id, command, by) => {
          await holdReplay(engine, id, EVENTS[command], by, NOW);
          return true;
        },
      },
      now: () => NOW,
      newId: () => String((ids += 1)),
    },
  });
  const call = async (who: string, method: string, path: string, body?: unknown) => {
    const response = await app.request(path, {
      method,
      headers: { authorization: `Bearer token-${who}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  };
  return { ...paper, call };
}

describe('replays over HTTP', () => {
  test('81 a dry run is what a request is by default: the plan, and nothing on record or set back', async () => {
    const { call, runtime } = await desk();
    const { status, body } = await call('ops', 'POST', '/v1/replays', QUERY);
    expect([status, body.started, body.plan.targets.length, body.plan.verdict]).toEqual([
      ...[200, null, 2],
      { decision: 'review', reasons: ['MANY_TARGETS'] },
    ]);
    expect([(await call('ops', 'GET', '/v1/replays')).body.replays, runtime.resets]).toEqual([[], []]);
  });

  test('81 a live one starts as the plan that was seen, waits for a yes of somebody else, and answers by which rule one does not count', async () => {
    const { call } = await desk();
    const planHash = (await call('ops', 'POST', '/v1/replays', QUERY)).body.plan.hash;
    expect((await call('ops', 'POST', '/v1/replays', { ...QUERY, dryRun: false, planHash: 'another' })).status).toBe(409);
    const { body } = await call('ops', 'POST', '/v1/replays', { ...QUERY, dryRun: false, planHash });
    expect(body.started).toMatchObject({
      replay: { replayId: 'rp-2', state: 'awaiting-approval', requestedBy: 'ops' },
      counts: { planned: 2 },
    });
    const own = await call('ops', 'POST', '/v1/replays/rp-2/approve', { planHash });
    expect([own.status, own.body.message]).toEqual([409, expect.stringContaining('(REQUESTER); another person has to answer')]);
    expect((await call('lead', 'POST', '/v1/replays/rp-2/approve', { planHash: 'another' })).body.message).toContain('OTHER_PLAN');
    expect((await call('lead', 'POST', '/v1/replays/rp-2/approve', { planHash })).body.replay).toMatchObject({
      ...{ state: 'running', approver: 'lead', decidedAt: NOW },
    });
  });

  test('81 a viewer sees; an operator runs, pauses, resumes and stops; nobody does without a known token', async () => {
    const { call } = await desk({ approvalAbove: 10 });
    const started = await call('ops', 'POST', '/v1/replays', { ...QUERY, dryRun: false });
    const id = started.body.started?.replay.replayId ?? '';
    const routes: readonly [string, unknown][] = [
      ['/v1/replays', QUERY],
      [`/v1/replays/${id}/pause`, {}],
      [`/v1/replays/${id}/resume`, {}],
      [`/v1/replays/${id}/stop`, {}],
    ];
    for (const [path, body] of routes) {
      expect((await call('viewer', 'POST', path, body)).body.code, path).toBe('forbidden');
      expect((await call('stranger', 'POST', path, body)).status, path).toBe(401);
    }
    for (const path of ['/v1/replays', `/v1/replays/${id}`]) {
      expect((await call('viewer', 'GET', path)).status, path).toBe(200);
      expect((await call('stranger', 'GET', path)).status, path).toBe(401);
    }
    const command = async (name: string) => (await call('ops', 'POST', `/v1/replays/${id}/${name}`, {})).body;
    expect((await command('pause')).replay.state).toBe('paused');
    expect((await command('resume')).replay.state).toBe('running');
    expect((await command('stop')).replay.end).toBe('stopped');
    expect((await command('resume')).message).toContain('expected a replay that can be resumed, got one that is stopped');
  });

  test('81 what an agent asks for waits for a person, however little it is', async () => {
    const { call } = await desk({ approvalAbove: 10 });
    const one = { ...QUERY, selection: { by: 'ids', workflowIds: ['sync/w/c0'] } };
    const verdictOf = async (who: string) => (await call(who, 'POST', '/v1/replays', one)).body.plan.verdict;
    expect(await verdictOf('ops')).toEqual({ decision: 'go', reasons: [] });
    expect(await verdictOf('agent')).toEqual({ decision: 'review', reasons: ['AGENT_ASKS'] });
  });

  test('a page of targets goes on where it ended; what is not there, or is not understood, says so', async () => {
    const { call, runtime } = await desk();
    await call('ops', 'POST', '/v1/replays', { ...QUERY, dryRun: false });
    const first = (await call('viewer', 'GET', '/v1/replays/rp-1?limit=1')).body;
    expect([first.targets.map(({ ordinal }) => ordinal), first.next]).toEqual([[0], 1]);
    const rest = (await call('viewer', 'GET', '/v1/replays/rp-1?from=1')).body;
    expect([rest.targets.map(({ ordinal }) => ordinal), rest.next]).toEqual([[1], null]);
    expect((await call('viewer', 'GET', '/v1/replays/rp-none')).body.code).toBe('not_found');
    expect((await call('ops', 'POST', '/v1/replays', { ...QUERY, point: { at: 'noon' } })).body.code).toBe('bad_request');
    Object.assign(runtime, { find: () => Promise.reject(new BadSelection('query: expected one that Temporal understands, got: x')) });
    expect((await call('ops', 'POST', '/v1/replays', QUERY)).body).toMatchObject({
      code: 'refused',
      message: expect.stringContaining('got: x') as string,
    });
  });
});
