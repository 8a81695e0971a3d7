/** Faults of the kernel at the stand-in for Salesforce, asked for over the simulator's own API. */
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '@lockstep/simulator/server.ts';
import { ITEM } from './salesforce-org.ts';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

interface Stage {
  ask(method: string, path: string, body?: unknown, account?: string): Promise<Answer>;
  admin(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  fault(action: object, more?: object): Promise<void>;
}

async function stage(rateLimits: 'off' | 'documented' = 'off'): Promise<Stage> {
  const simulator = await startSimulator({ databaseFile: ':memory:', rateLimits });
  onTestFinished(() => simulator.close());
  const send = async (url: string, method: string, body: unknown, headers: Record<string, string>): Promise<Answer> => {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(url, { method, headers: { 'content-type': 'application/json', ...headers }, ...json });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
  };
  const admin: Stage['admin'] = async (method, path, body) =>
    (await send(`${simulator.urls.admin}/_simulator${path}`, method, body, {})).body as Record<string, unknown>;
  return {
    admin,
    ask: (method, path, body, account = 'lockstep') =>
      send(`${simulator.urls.salesforce}/services/data/v67.0${path}`, method, body, { authorization: `Bearer sf_${account}` }),
    fault: async (action, more = {}) => void (await admin('POST', '/faults', { tool: 'salesforce', action, ...more })),
  };
}

const item = (title: string): object => ({ attributes: { type: ITEM }, Title__c: title });
const counts = (of: Stage, account = 'lockstep') => of.admin('GET', `/counts?tool=salesforce&account=${account}`);
const query = `/query?q=${encodeURIComponent(`SELECT Title__c FROM ${ITEM}`)}`;

test('throttle: too many calls is a 403 without a time to wait, overload a 503', async () => {
  const of = await stage();
  await of.fault({ kind: 'throttle' });
  await of.fault({ kind: 'throttle', status: 503 });
  const [limited, overloaded, after] = [await of.ask('GET', query), await of.ask('GET', query), await of.ask('GET', query)];
  expect(limited).toMatchObject({ status: 403, body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED' }] });
  expect(overloaded).toMatchObject({ status: 503, body: [{ errorCode: 'SERVER_UNAVAILABLE' }] });
  expect([limited.headers.get('retry-after'), after.status]).toEqual([null, 200]);
});

test('the day’s calls: beyond the limit 403 with the header, until a day has passed', async () => {
  const of = await stage('documented');
  await of.admin('POST', '/clock', { freeze: '2026-11-24T09:00:00.000Z' });
  await of.admin('POST', '/settings', { dailyCalls: 2 });
  const [first, second, third] = [await of.ask('GET', query), await of.ask('GET', query), await of.ask('GET', query)];
  expect([first, second].map(({ status, headers }) => [status, headers.get('sforce-limit-info')])).toEqual([
    [200, 'api-usage=1/2'],
    [200, 'api-usage=2/2'],
  ]);
  expect(third).toMatchObject({ status: 403, body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED' }] });
  expect(third.headers.get('sforce-limit-info')).toBe('api-usage=2/2');
  await of.admin('POST', '/clock', { advanceMs: 86_400_000 });
  expect((await of.ask('GET', query)).status).toBe(200);
});

test('unauthorized: one account is refused until the fault is ended, and no other', async () => {
  const of = await stage();
  await of.fault({ kind: 'unauthorized', cause: 'expired' }, { match: { account: 'lockstep' }, times: 'always' });
  expect(await of.ask('GET', query)).toMatchObject({ status: 401, body: [{ errorCode: 'INVALID_SESSION_ID' }] });
  expect((await of.ask('GET', query, undefined, 'maria')).status).toBe(200);
  await of.admin('DELETE', '/faults');
  expect((await of.ask('GET', query)).status).toBe(200);
});

test('a lost answer and a cut one have been done, a lost request has not', async () => {
  const of = await stage();
  for (const kind of ['lose-answer', 'cut', 'lose-request']) {
    await of.fault({ kind });
    await expect(of.ask('POST', `/sobjects/${ITEM}`, { Title__c: kind })).rejects.toThrow(/fetch failed|terminated/);
  }
  const { body } = await of.ask('GET', query);
  expect(body).toMatchObject({ records: [{ Title__c: 'lose-answer' }, { Title__c: 'cut' }] });
  expect(await counts(of)).toMatchObject({ creates: 2 });
});

test('partial: the named records of a collection are refused in their places; all or none makes nothing', async () => {
  const of = await stage();
  const records = ['one', 'bad two', 'three'].map(item);
  await of.fault({ kind: 'partial', rows: 'bad', message: 'not today' });
  expect(await of.ask('POST', '/composite/sobjects', { records })).toMatchObject({
    status: 200,
    body: [
      { success: true },
      { success: false, errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'not today' }] },
      { success: true },
    ],
  });
  await of.fault({ kind: 'partial', rows: 'bad' });
  expect(await of.ask('POST', '/composite/sobjects', { allOrNone: true, records })).toMatchObject({
    status: 200,
    body: [
      { errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
      { errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION' }] },
      { errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
    ],
  });
  expect(await counts(of)).toMatchObject({ creates: 2 });
});

test('edit-between: a person’s write stands before the answer to our read has left', async () => {
  const of = await stage();
  const { id } = (await of.ask('POST', `/sobjects/${ITEM}`, { Title__c: 'As compared' })).body as { id: string };
  const path = `/sobjects/${ITEM}/${id}`;
  const request = {
    method: 'PATCH',
    path: `/services/data/v67.0${path}`,
    headers: { authorization: 'Bearer sf_maria' },
    body: { Title__c: 'As she wants it' },
  };
  await of.fault({ kind: 'edit-between', request }, { match: { method: 'GET', path } });
  const title = async (): Promise<unknown> => ((await of.ask('GET', path)).body as Record<string, unknown>)['Title__c'];
  expect([await title(), await title()]).toEqual(['As compared', 'As she wants it']);
  expect(await counts(of, 'maria')).toMatchObject({ updates: 1 });
});
