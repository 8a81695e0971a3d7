/** Faults of the whole simulator, asked for over its own API: by account, by rate, for a while; what each does at each tool; the log of them. */
import { onTestFinished, expect, test } from 'vitest';
import { startSimulator } from '@lockstep/simulator/server.ts';

const PEOPLE = {
  jira: (account: string) => `Basic ${Buffer.from(`${account}@growth.example:jira-token-${account}`).toString('base64')}`,
  notion: (account: string) => `Bearer ntn_${account}`,
  hubspot: (account: string) => `Bearer pat-na1-${account}`,
} as const;
type Tool = keyof typeof PEOPLE;
const TOOLS = Object.keys(PEOPLE) as readonly Tool[];
/** A read that each tool answers to anybody with credentials. */
const READ: Readonly<Record<Tool, string>> = {
  jira: '/rest/api/3/myself',
  notion: '/v1/users/me',
  hubspot: '/account-info/2026-09/details',
};

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

interface Stage {
  readonly ask: (tool: Tool, method: string, path: string, body?: unknown, account?: string) => Promise<Answer>;
  readonly admin: (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;
  readonly fault: (tool: Tool, action: object, more?: object) => Promise<void>;
}

async function stage(): Promise<Stage> {
  const simulator = await startSimulator({ databaseFile: ':memory:', rateLimits: 'off' });
  onTestFinished(() => simulator.close());
  const send = async (url: string, method: string, body: unknown, headers: Record<string, string>): Promise<Answer> => {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(url, { method, headers: { 'content-type': 'application/json', ...headers }, ...json });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  };
  const admin: Stage['admin'] = async (method, path, body) => {
    const answer = await send(`${simulator.urls.admin}/_simulator${path}`, method, body, {});
    if (answer.status !== 200) throw new Error(`admin ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return {
    admin,
    ask: (tool, method, path, body, account = 'lockstep') =>
      send(`${simulator.urls[tool]}${path}`, method, body, {
        authorization: PEOPLE[tool](account),
        ...(tool === 'notion' ? { 'notion-version': '2026-03-11' } : {}),
      }),
    fault: async (tool, action, more = {}) => void (await admin('POST', '/faults', { tool, action, ...more })),
  };
}

const issue = (summary: string): object => ({ fields: { project: { key: 'GROW' }, issuetype: { name: 'Task' }, summary } });
const task = (subject: string): object => ({
  properties: { hs_task_subject: subject, hs_timestamp: '2026-11-24T09:00:00Z' },
  objectWriteTraceId: subject,
});

test.for(TOOLS)('throttle: %s refuses in its own words, with and without a time to wait', async (tool) => {
  const { ask, fault } = await stage();
  await fault(tool, { kind: 'throttle', retryAfterSeconds: 30 });
  await fault(tool, { kind: 'throttle', status: 529 });
  const [named, unnamed, after] = [
    await ask(tool, 'GET', READ[tool]),
    await ask(tool, 'GET', READ[tool]),
    await ask(tool, 'GET', READ[tool]),
  ];
  expect([named.status, named.headers.get('retry-after')]).toEqual([429, '30']);
  expect([unnamed.status, unnamed.headers.get('retry-after')]).toEqual([529, null]);
  expect(JSON.stringify(named.body)).toMatch(/rate|limit/i);
  expect(after.status).toBe(200);
});

test('a storm lasts as long as it is told to, by the simulator’s clock', async () => {
  const { ask, admin, fault } = await stage();
  await fault('hubspot', { kind: 'throttle' }, { forMs: 60_000 });
  const statuses: number[] = [];
  for (const advanceMs of [0, 30_000, 31_000]) {
    await admin('POST', '/clock', { advanceMs });
    statuses.push((await ask('hubspot', 'GET', READ.hubspot)).status);
  }
  expect(statuses).toEqual([429, 429, 200]);
  expect(await admin('GET', '/faults')).toEqual({ waiting: 0, holding: 0 });
});

test('by rate: the same seed meets the same requests', async () => {
  const round = async (seed: number): Promise<string> => {
    const { ask, fault } = await stage();
    await fault('jira', { kind: 'answer', status: 503 }, { rate: 0.3, seed });
    let statuses = '';
    for (let call = 0; call < 40; call += 1) statuses += (await ask('jira', 'GET', READ.jira)).status === 503 ? 'x' : '.';
    return statuses;
  };
  const [one, again, other] = [await round(5), await round(5), await round(6)];
  expect(one).toBe(again);
  expect(one).not.toBe(other);
  expect(one).toMatch(/^(?=.*x)(?=.*\.)/);
});

test.for(TOOLS)('unauthorized: %s refuses one account until the fault is ended, and no other', async (tool) => {
  const { ask, admin, fault } = await stage();
  await fault(tool, { kind: 'unauthorized', cause: 'expired' }, { match: { account: 'lockstep' }, times: 'always' });
  const asked = async (account: string): Promise<number> => (await ask(tool, 'GET', READ[tool], undefined, account)).status;
  expect([await asked('lockstep'), await asked('maria'), await asked('lockstep')]).toEqual([401, 200, 401]);
  await admin('DELETE', '/faults');
  expect(await asked('lockstep')).toBe(200);
});

test('cut: the work is done, and half of the answer comes', async () => {
  const { ask, admin, fault } = await stage();
  await fault('jira', { kind: 'cut' }, { match: { method: 'POST' } });
  await expect(ask('jira', 'POST', '/rest/api/3/issue', issue('Half heard'))).rejects.toThrow('terminated');
  expect(await admin('GET', '/counts?tool=jira')).toMatchObject({ creates: 1 });
});

test('partial: the named rows of a Jira batch are refused at their places, the others are made', async () => {
  const { ask, fault } = await stage();
  await fault('jira', { kind: 'partial', rows: 'bad', message: 'not today' });
  const { status, body } = await ask('jira', 'POST', '/rest/api/3/issue/bulk', { issueUpdates: ['one', 'bad two', 'three'].map(issue) });
  expect(status).toBe(201);
  expect(body['issues']).toHaveLength(2);
  expect(body['errors']).toMatchObject([{ failedElementNumber: 1, elementErrors: { errorMessages: ['not today'] } }]);
  await fault('jira', { kind: 'partial', rows: 'bad' });
  expect((await ask('jira', 'POST', '/rest/api/3/issue/bulk', { issueUpdates: [issue('all bad')] })).status).toBe(400);
});

test('partial: the named rows of a HubSpot batch are told in a 207, the others are made', async () => {
  const { ask, admin, fault } = await stage();
  await fault('hubspot', { kind: 'partial', rows: 'bad' });
  const path = '/crm/objects/2026-09/tasks/batch/create';
  const { status, body } = await ask('hubspot', 'POST', path, { inputs: ['one', 'bad two', 'three'].map(task) });
  expect([status, body['numErrors']]).toEqual([207, 1]);
  expect(body['results']).toHaveLength(2);
  expect(body['errors']).toMatchObject([{ category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['bad two'] } }]);
  expect(await admin('GET', '/counts?tool=hubspot&account=lockstep')).toMatchObject({ creates: 2 });
});

test('edit-between: a person’s write stands before the answer to ours has left', async () => {
  const { ask, admin, fault } = await stage();
  const { body: made } = await ask('jira', 'POST', '/rest/api/3/issue', issue('As compared'));
  const path = `/rest/api/3/issue/${String(made['id'])}`;
  const edit = { method: 'PUT', path, headers: { authorization: PEOPLE.jira('maria') }, body: { fields: { summary: 'As she wants it' } } };
  await fault('jira', { kind: 'edit-between', request: edit }, { match: { method: 'GET', path: path } });
  const summary = async (): Promise<unknown> => ((await ask('jira', 'GET', path)).body['fields'] as Record<string, unknown>)['summary'];
  expect([await summary(), await summary()]).toEqual(['As compared', 'As she wants it']);
  expect(await admin('GET', '/counts?tool=jira&account=maria')).toMatchObject({ updates: 1 });
});

test('the search index lags as long as it is told to, and a query stops where it is told to', async () => {
  const { ask, admin } = await stage();
  await admin('POST', '/settings', { indexLagMs: 60_000, mostResults: 5 });
  await ask('hubspot', 'POST', '/crm/objects/2026-09/tasks', {
    properties: { hs_task_subject: 'Late', hs_timestamp: '2026-11-24T09:00:00Z' },
  });
  await ask('jira', 'POST', '/rest/api/3/issue', issue('Late'));
  const found = async (): Promise<unknown[]> => [
    (await ask('hubspot', 'POST', '/crm/objects/2026-09/tasks/search', { limit: 5 })).body['total'],
    ((await ask('jira', 'POST', '/rest/api/3/search/jql', { jql: 'project = GROW' })).body['issues'] as unknown[]).length,
  ];
  expect(await found()).toEqual([0, 0]);
  await admin('POST', '/clock', { advanceMs: 59_000 });
  expect(await found()).toEqual([0, 0]);
  await admin('POST', '/clock', { advanceMs: 1_000 });
  expect(await found()).toEqual([1, 1]);
  const beyond = await ask('hubspot', 'POST', '/crm/objects/2026-09/tasks/search', { limit: 5, after: '5' });
  expect([beyond.status, beyond.body['message']]).toEqual([400, expect.stringContaining('paging stops at 5 results')]);
});

test('the fault log names every fault that met a request and every setting', async () => {
  const { ask, admin, fault } = await stage();
  await fault('notion', { kind: 'throttle' }, { match: { path: '/v1/users' } });
  await ask('notion', 'POST', '/v1/search', {});
  await ask('notion', 'GET', READ.notion);
  await admin('POST', '/settings', { latencyMs: 0 });
  expect((await admin('GET', '/faults/log'))['faults']).toMatchObject([
    { seq: 1, tool: 'notion', fault: 'throttle', method: 'GET', path: '/v1/users/me' },
    { seq: 2, tool: null, fault: 'setting', path: '{"latencyMs":0}' },
  ]);
  expect((await admin('GET', '/faults/log?after=1'))['faults']).toHaveLength(1);
});
