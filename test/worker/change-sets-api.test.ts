/** The API's routes of change sets over the real engine, PostgreSQL and the simulator's HubSpot: who may do what, and what people are shown. */
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { ChangeSetDetail, RequestProblems } from '@lockstep/api/change-set-schemas.ts';
import type { Problem } from '@lockstep/api/schemas.ts';
import { policySchema } from '@lockstep/domain/crm/policy.schema.ts';
import type { Principal } from '@lockstep/domain/crm/policy.schema.ts';
import { decide, judgeSet } from '@lockstep/engine/crm/judging.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { createApi } from '@lockstep/worker/http/api.ts';
import { benchOf } from '../engine/bench-of-remotes.ts';
import { openBench } from '../engine/crm/bench.ts';

const database = useTestStore();
const TOKENS = { operator: 'token-operator', lena: 'token-lena', agent: 'token-agent' };
const person = (id: string, roles: Principal['roles']): Principal => ({ id, kind: 'human', person: id, members: [], roles });
const PRINCIPALS = {
  operator: person('operator', ['operator', 'approver']),
  lena: person('lena', ['approver']),
  agent: { id: 'agent', kind: 'agent', person: null, members: [], roles: ['operator'] } satisfies Principal,
};
const ASKING = policySchema.parse({
  version: 'asks-1',
  rules: [
    { name: 'people', actors: ['human'], kinds: ['bulk'], approvers: 1 },
    { name: 'rollbacks', actors: ['human'], kinds: ['rollback'] },
  ],
});

/** Whatever a route answers; a test looks at what its answer has. */
type Body = ChangeSetDetail & RequestProblems & Problem & { readonly changeSets: readonly unknown[] };

async function desk() {
  const bench = await openBench(database);
  Object.assign(bench.governing, { policy: ASKING, principals: Object.values(PRINCIPALS) });
  const { engine } = bench;
  const now = (): string => bench.now();
  const started: string[] = [];
  const cancelled: string[] = [];
  let ids = 0;
  const app = createApi({
    workspace: (await benchOf(database.store(), ['jira'])).workspace,
    ...{ workspaceId: 'desk', token: TOKENS.operator, wakes: { wake: async () => undefined }, command: async () => undefined },
    ...{ engines: { temporal: '1.32.0', postgres: '18.4' }, log: pino({ level: 'silent' }) },
    changeSets: {
      engine,
      workflows: {
        async start(id) {
          started.push(id);
          await judgeSet(engine, id, now());
        },
        async decide(id, decision, by) {
          return { kind: 'decided', ...(await decide(engine, id, { ...by, decision }, now())) };
        },
        cancel: async (id) => void cancelled.push(id),
        takeOver: async (id, operator) => void cancelled.push(`${id} taken over by ${operator}`),
      },
      accounts: [
        { principal: PRINCIPALS.operator, token: null },
        { principal: PRINCIPALS.lena, token: TOKENS.lena },
        { principal: PRINCIPALS.agent, token: TOKENS.agent },
      ],
      now,
      newId: () => `${database.workspaceId()}-${(ids += 1)}`,
    },
  });
  const call = async (who: keyof typeof TOKENS | 'stranger', method: string, path: string, body?: unknown) => {
    const token = who === 'stranger' ? 'token-of-nobody' : TOKENS[who];
    const response = await app.request(path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  };
  const request = (ids_: readonly string[], fields = { jobtitle: 'Head' }) => ({
    reason: 'a test',
    steps: ids_.map((id) => ({ place: id, operation: 'set-fields', connectionId: 'hubspot', object: 'contacts', record: { id }, fields })),
  });
  const planned = async (count: number) => {
    const made = await bench.contacts(count, { jobtitle: 'CEO' });
    const { body } = await call('operator', 'POST', '/v1/change-sets', request(made));
    return { made, id: body.set.changeSetId, hash: body.set.diffHash, detail: body };
  };
  return { bench, call, request, planned, started, cancelled };
}

describe('change sets over HTTP', () => {
  test('C6 a plan shows the exact diff, its class, and what policy asks for; nothing is written, nothing is started', async () => {
    const { planned, started, bench } = await desk();
    const writes = bench.requests('batch/update');
    const { detail, made } = await planned(2);
    expect(detail).toMatchObject({
      set: { kind: 'bulk', requestedBy: 'operator', state: 'planned', steps: 2, end: null },
      verdict: { decision: 'review', approvers: 1 },
      counts: { planned: 2 },
      rows: made.map((recordId, ordinal) => ({
        ...{ ordinal, recordId, operation: 'set-fields', reversibility: 'A' },
        changes: [{ field: 'jobtitle', before: 'CEO', after: 'Head' }],
      })),
      next: null,
    });
    expect([started, bench.requests('batch/update')]).toEqual([[], writes]);
  });

  test('C6 a set is started with the hash of the diff that was seen, once', async () => {
    const { planned, call, started } = await desk();
    const { id, hash } = await planned(1);
    expect(await call('operator', 'POST', `/v1/change-sets/${id}/apply`, { diffHash: 'another' })).toMatchObject({ status: 409 });
    expect(await call('operator', 'POST', `/v1/change-sets/${id}/apply`, { diffHash: hash })).toMatchObject({
      status: 200,
      body: { set: { state: 'awaiting-approval' } },
    });
    expect(await call('operator', 'POST', `/v1/change-sets/${id}/apply`, { diffHash: hash })).toMatchObject({ status: 409 });
    expect(started).toEqual([id]);
  });

  test('case 59 the one who asked cannot approve, another person can; the answer says by which rule', async () => {
    const { planned, call } = await desk();
    const { id, hash } = await planned(1);
    await call('operator', 'POST', `/v1/change-sets/${id}/apply`, { diffHash: hash });
    const own = await call('operator', 'POST', `/v1/change-sets/${id}/approve`, { diffHash: hash });
    expect([own.status, own.body.message]).toEqual([409, expect.stringContaining('REQUESTER')]);
    expect(await call('lena', 'POST', `/v1/change-sets/${id}/approve`, { diffHash: hash })).toMatchObject({
      status: 200,
      body: { approvals: [{ approver: 'lena', decision: 'approve', voidedAt: null }], set: { state: 'waiting-for-records' } },
    });
  });

  test('case 64: without a known token nothing is told or counted, forged or of yesterday; an approver plans, starts, rolls back and cancels nothing', async () => {
    const { planned, call, request, cancelled } = await desk();
    const { id, hash, made } = await planned(1);
    const routes: readonly [string, string, unknown][] = [
      ['POST', '/v1/change-sets', request(made)],
      ['POST', `/v1/change-sets/${id}/apply`, { diffHash: hash }],
      ['POST', `/v1/change-sets/${id}/cancel`, {}],
      ['POST', '/v1/rollbacks', { reason: 'r', changeSetIds: [id] }],
    ];
    for (const [method, path, body] of routes) {
      expect((await call('stranger', method, path, body)).status, path).toBe(401);
      expect((await call('lena', method, path, body)).body.code, path).toBe('forbidden');
    }
    expect(cancelled).toEqual([]);
    expect((await call('operator', 'POST', `/v1/change-sets/${id}/cancel`, {})).status).toBe(200);
    expect(cancelled).toEqual([id]);
  });

  test('C7 a set that needs an operator is taken over by the one who has put it right', async () => {
    const { bench, planned, call, cancelled } = await desk();
    const { id } = await planned(1);
    await bench.store.transaction(async (tx) => {
      const set = await tx.lockChangeSet(id);
      if (set !== null) await tx.saveChangeSet({ ...set, state: 'ended', end: 'needs-operator', cause: 'stuck' });
    });
    expect((await call('operator', 'POST', `/v1/change-sets/${id}/cancel`, {})).status).toBe(200);
    expect(cancelled).toEqual([`${id} taken over by operator`]);
  });

  test('what an agent asks for stands under its own account, and policy judges it as an agent', async () => {
    const { bench, call, request } = await desk();
    const { body } = await call('agent', 'POST', '/v1/change-sets', request(await bench.contacts(1)));
    expect(body).toMatchObject({ set: { requestedBy: 'agent' }, verdict: { decision: 'deny', reasons: ['NO_RULE'] } });
  });

  test('steps that cannot be planned are told by place, all at once, and nothing is on record', async () => {
    const { call, request } = await desk();
    const asked = request(['1', '2'], { jobtitle: 'x', ...{ no_such_field: 'y' } });
    const answer = await call('operator', 'POST', '/v1/change-sets', asked);
    expect([answer.status, answer.body.problems.map(({ place }) => place)]).toEqual([422, ['1', '2']]);
    const { body } = await call('operator', 'GET', '/v1/change-sets');
    expect(body.changeSets).toEqual([]);
  });

  test('a long diff comes by the page; an unknown set is 404', async () => {
    const { planned, call } = await desk();
    const { id } = await planned(5);
    const first = await call('operator', 'GET', `/v1/change-sets/${id}?limit=3`);
    expect([first.body.rows.map(({ ordinal }) => ordinal), first.body.next]).toEqual([[0, 1, 2], 3]);
    const rest = await call('operator', 'GET', `/v1/change-sets/${id}?from=3&limit=3`);
    expect([rest.body.rows.map(({ ordinal }) => ordinal), rest.body.next]).toEqual([[3, 4], null]);
    for (const path of ['/v1/change-sets/cs-none', '/v1/change-sets/cs-none/apply'])
      expect(
        (await call('operator', path.endsWith('apply') ? 'POST' : 'GET', path, path.endsWith('apply') ? { diffHash: 'x' } : undefined)).body
          .code,
      ).toBe('not_found');
  });

  test('K07 undoing a run of the sync that is not on record is 404, and not for approvers', async () => {
    const { call } = await desk();
    expect((await call('operator', 'POST', '/v1/undo-runs', { runId: 'run-none' })).body.code).toBe('not_found');
    expect((await call('lena', 'POST', '/v1/undo-runs', { runId: 'run-none' })).body.code).toBe('forbidden');
  });

  test('C4 C9 case 33 a rollback is planned as a set of its own, and shows the three values of what it leaves alone', async () => {
    const { bench, planned, call } = await desk();
    bench.governing.policy = policySchema.parse({ version: 'free', rules: [{ name: 'all', actors: ['human'] }] });
    const { id, made } = await planned(2);
    expect(await bench.run(id)).toBe('committed');
    await bench.person.edit('contacts', made[0] ?? '', { jobtitle: 'CFO' });
    const { body } = await call('operator', 'POST', '/v1/rollbacks', { reason: 'she stays', changeSetIds: [id] });
    expect(body).toMatchObject({
      set: { kind: 'rollback', rollsBack: [id], steps: 1 },
      rows: [{ recordId: made[1], changes: [{ field: 'jobtitle', before: 'Head', after: 'CEO' }] }],
      skipped: [{ recordId: made[0], object: 'contacts', code: 'CONFLICT_HUMAN', before: 'CEO', ours: 'Head', now: 'CFO' }],
    });
  });
});
