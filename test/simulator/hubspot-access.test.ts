/** Who may ask the stand-in for HubSpot what, and how often; what it does not have, it says so. */
import { expect, test } from 'vitest';
import { bearer, hubSpotPortal, task, TASKS } from './hubspot-portal.ts';

test('without valid credentials 401, without the scope 403 that names it', async () => {
  const portal = await hubSpotPortal();
  for (const authorization of ['', 'Bearer pat-na1-nobody', 'Basic cGF0LW5hMS1sb2Nrc3RlcDo='])
    expect(await portal.ask('GET', TASKS, undefined, { authorization })).toMatchObject({
      status: 401,
      body: { status: 'error', category: 'INVALID_AUTHENTICATION' },
    });
  expect((await portal.ask('GET', TASKS, undefined, bearer('guest'))).status).toBe(200);
  const refused = await portal.ask('POST', TASKS, { properties: task('x') }, bearer('guest'));
  expect(refused).toMatchObject({ status: 403, body: { category: 'MISSING_SCOPES' } });
  expect(refused.body.errors[0]?.context).toEqual({ requiredGranularScopes: ['crm.objects.contacts.write'] });
  expect((await portal.ask('GET', '/crm/v3/objects/deals', undefined, bearer('guest'))).status).toBe(403);
});

test('a token tells its scopes and its portal', async () => {
  const portal = await hubSpotPortal();
  const path = '/oauth/v2/private-apps/get/access-token-info';
  expect((await portal.ask('POST', path, { tokenKey: 'pat-na1-guest' })).body).toMatchObject({
    hubId: 143_553_137,
    scopes: ['crm.objects.contacts.read'],
  });
  expect((await portal.ask('POST', path, { tokenKey: 'pat-na1-nobody' })).status).toBe(400);
  expect((await portal.ask('GET', '/account-info/2026-03/details')).body).toMatchObject({ portalId: 143_553_137 });
});

test.each([
  ['GET', '/crm/v3/nothing', undefined, 404],
  ['GET', '/crm/objects/2025-01/tasks', undefined, 404],
  ['PUT', TASKS, {}, 404],
  ['GET', '/crm/v3/objects/widgets', undefined, 400],
  ['GET', `${TASKS}/1`, undefined, 404],
  ['DELETE', `${TASKS}/1`, undefined, 404],
  ['GET', `${TASKS}?limit=101`, undefined, 400],
  ['GET', `${TASKS}?limit=51&propertiesWithHistory=hs_task_subject`, undefined, 400],
  ['GET', `${TASKS}?after=x`, undefined, 400],
  ['GET', `${TASKS}?sort=name`, undefined, 400],
  ['GET', `${TASKS}?associations=widgets`, undefined, 400],
  ['POST', TASKS, 'no JSON', 400],
  ['POST', TASKS, { properties: task('x'), archived: true }, 400],
  ['POST', TASKS, { properties: { ...task('x'), hs_task_body: null } }, 400],
  ['POST', `${TASKS}/batch/read`, { inputs: [] }, 400],
  ['POST', `${TASKS}/merge`, { primaryObjectId: '1', objectIdToMerge: '2' }, 400],
  ['POST', `${TASKS}?archived=true`, { properties: task('x') }, 400],
  ['POST', `${TASKS}/batch/create?archived=true`, { inputs: [{ properties: task('x') }] }, 400],
  ['POST', `${TASKS}/search?limit=1`, {}, 400],
  ['DELETE', `${TASKS}/1?hard=true`, undefined, 400],
  ['GET', '/crm/v4/associations/tasks/contacts/labels?limit=1', undefined, 400],
  ['GET', '/crm/v3/properties/tasks/groups?archived=true', undefined, 400],
  ['DELETE', '/crm/v3/properties/tasks/lockstep_owner?hard=true', undefined, 400],
  ['GET', '/crm/v3/owners/1', undefined, 404],
  ['GET', '/crm/v3/properties/tasks/no_such_property', undefined, 404],
])("what is not there is HubSpot's own error, never a silent success: %s %s %o", async (method, path, body, status) => {
  const portal = await hubSpotPortal();
  const answer = await portal.ask(method, path, body);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({
    status: 'error',
    message: expect.stringMatching(/./) as unknown,
    category: expect.stringMatching(/^[A-Z_]+$/) as unknown,
  });
  expect(answer.body.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  expect((await portal.ask('GET', TASKS)).body.results).toEqual([]);
});

test('an app has 190 calls in any ten seconds; the headers count them; the refusal names the policy; another app is free', async () => {
  const portal = await hubSpotPortal({ rateLimits: 'documented' });
  const first = await portal.ask('GET', TASKS);
  expect(Object.fromEntries(first.headers)).toMatchObject({
    'x-hubspot-ratelimit-max': '190',
    'x-hubspot-ratelimit-remaining': '189',
    'x-hubspot-ratelimit-interval-milliseconds': '10000',
    'x-hubspot-ratelimit-daily': '650000',
    'x-hubspot-ratelimit-daily-remaining': '649999',
  });
  for (let call = 1; call < 190; call += 1) expect((await portal.ask('GET', TASKS)).status).toBe(200);
  const refused = await portal.ask('POST', TASKS, { properties: task('x') });
  expect(refused).toMatchObject({ status: 429, body: { status: 'error', errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' } });
  expect(refused.headers.get('x-hubspot-ratelimit-remaining')).toBe('0');
  expect((await portal.ask('GET', TASKS, undefined, bearer('maria'))).status).toBe(200);
  portal.clock.advance(9_999);
  expect((await portal.ask('GET', TASKS)).status).toBe(429);
  portal.clock.advance(1);
  expect((await portal.ask('GET', TASKS)).body.results).toEqual([]);
});

test('searches have a limit of their own, five a second for all apps, and show no rate headers', async () => {
  const portal = await hubSpotPortal({ rateLimits: 'documented' });
  for (let call = 0; call < 5; call += 1) {
    const answer = await portal.ask('POST', `${TASKS}/search`, {}, bearer(call % 2 === 0 ? 'lockstep' : 'maria'));
    expect(answer.status).toBe(200);
    expect(answer.headers.has('x-hubspot-ratelimit-remaining')).toBe(false);
  }
  expect(await portal.ask('POST', `${TASKS}/search`, {})).toMatchObject({
    status: 429,
    body: { policyName: 'SECONDLY', message: 'You have reached your secondly limit.' },
  });
  expect((await portal.ask('GET', TASKS)).headers.get('x-hubspot-ratelimit-remaining')).toBe('189');
  portal.clock.advance(1_000);
  expect((await portal.ask('POST', `${TASKS}/search`, {})).status).toBe(200);
});

test('with limits off the headers stay, say that nothing is used up, and nobody is refused', async () => {
  const portal = await hubSpotPortal();
  const statuses = new Set<number>();
  for (let call = 0; call < 10; call += 1) statuses.add((await portal.ask('POST', `${TASKS}/search`, {})).status);
  for (let call = 0; call < 200; call += 1) statuses.add((await portal.ask('GET', TASKS)).status);
  expect([...statuses]).toEqual([200]);
  expect((await portal.ask('GET', TASKS)).headers.get('x-hubspot-ratelimit-remaining')).toBe('190');
});
