/** Sessions, OAuth, versions, limits and who may what at the stand-in for Salesforce. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { as, NOW, salesforceOrg } from './salesforce-org.ts';
import type { SalesforceOrg } from './salesforce-org.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded', authorization: '' };
const form = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString();
const credentials = (more: Readonly<Record<string, string>> = {}): string =>
  form({ grant_type: 'client_credentials', client_id: 'lockstep-client', client_secret: 'lockstep-secret', ...more });
const token = (org: SalesforceOrg, body: string, headers: Record<string, string> = {}) =>
  org.ask('POST', '/services/oauth2/token', body, { ...FORM, ...headers });

test('client credentials give a session of the integration user for two hours, and a revoked one is none', async () => {
  const org = await salesforceOrg();
  const given = await token(org, credentials());
  expect(given).toMatchObject({ status: 200, body: { token_type: 'Bearer', instance_url: org.url, issued_at: String(NOW) } });
  const { access_token: accessToken, id } = given.body as Record<'access_token' | 'id', string>;
  const session = { authorization: `Bearer ${accessToken}` };
  expect((await org.ask('GET', '/services/oauth2/userinfo', undefined, session)).body).toMatchObject({
    sub: id,
    preferred_username: 'lockstep@growth.example',
  });
  org.clock.advance(7_199_000);
  expect((await org.ask('GET', '/limits', undefined, session)).status).toBe(200);
  org.clock.advance(1_000);
  expect(await org.refusal('GET', '/limits', undefined, session)).toEqual([401, 'INVALID_SESSION_ID']);
  const next = ((await token(org, credentials())).body as { access_token: string }).access_token;
  expect((await org.ask('POST', '/services/oauth2/revoke', form({ token: next }), FORM)).status).toBe(200);
  expect(await org.refusal('GET', '/limits', undefined, { authorization: `Bearer ${next}` })).toEqual([401, 'INVALID_SESSION_ID']);
});

test('client id and secret may stand in a basic header', async () => {
  const org = await salesforceOrg();
  const basic = (secret: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(`lockstep-client:${secret}`).toString('base64')}`,
  });
  const body = form({ grant_type: 'client_credentials' });
  expect((await token(org, body, basic('lockstep-secret'))).status).toBe(200);
  expect(await token(org, body, basic('wrong'))).toMatchObject({ status: 400, body: { error: 'invalid_client' } });
});

test.for([
  [credentials({ client_secret: 'wrong' }), 'invalid_client'],
  [credentials({ client_id: 'stranger' }), 'invalid_client_id'],
  [form({ client_id: 'lockstep-client' }), 'invalid_request'],
  [form({ grant_type: 'password' }), 'unsupported_grant_type'],
  [form({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'a.b.c' }), 'invalid_grant'],
] as const)('the token endpoint refuses %s with %s', async ([body, error]) => {
  const org = await salesforceOrg();
  expect(await token(org, body)).toMatchObject({ status: 400, body: { error } });
});

const KEYS = generateKeyPairSync('rsa', { modulusLength: 2048 });
const CLAIMS = { iss: 'lockstep-client', sub: 'maria@growth.example', aud: 'https://login.salesforce.com', exp: NOW / 1_000 + 120 };

function assertion(claims: object, key = KEYS.privateKey, alg = 'RS256'): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), key).toString('base64url');
  return form({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: `${signed}.${signature}` });
}

test('JWT bearer: an assertion by the registered key is a session of the user that it names', async () => {
  const org = await salesforceOrg();
  expect(await token(org, assertion(CLAIMS))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  const publicKey = KEYS.publicKey.export({ type: 'spki', format: 'pem' });
  expect((await org.ask('POST', '/ui/settings/certificate', { publicKey })).status).toBe(200);
  const given = await token(org, assertion(CLAIMS));
  const { access_token: accessToken } = given.body as { access_token: string };
  const me = await org.ask('GET', '/services/oauth2/userinfo', undefined, { authorization: `Bearer ${accessToken}` });
  expect(me.body).toMatchObject({ username: 'maria@growth.example' });
  expect((await token(org, assertion({ ...CLAIMS, aud: org.url }))).status).toBe(200);
});

test('JWT bearer refuses another key, another algorithm, strangers, other audiences and wrong times', async () => {
  const org = await salesforceOrg();
  await org.ask('POST', '/ui/settings/certificate', { publicKey: KEYS.publicKey.export({ type: 'spki', format: 'pem' }) });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const refused = [
    assertion(CLAIMS, other),
    assertion(CLAIMS, KEYS.privateKey, 'none'),
    assertion({ ...CLAIMS, sub: 'nobody@growth.example' }),
    assertion({ ...CLAIMS, sub: 'lena@growth.example' }),
    assertion({ ...CLAIMS, aud: 'https://example.com' }),
    assertion({ ...CLAIMS, exp: NOW / 1_000 - 1 }),
    assertion({ ...CLAIMS, exp: NOW / 1_000 + 3_600 }),
  ];
  for (const body of refused) expect(await token(org, body)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect(await token(org, assertion({ ...CLAIMS, iss: 'stranger' }))).toMatchObject({ body: { error: 'invalid_client_id' } });
});

test('without a session 401; the guest reads and does not write; each session is one account of the request log', async () => {
  const org = await salesforceOrg();
  for (const authorization of ['', 'Bearer nonsense', 'Bearer sf_lena', 'Bearer sf_nobody'])
    expect(await org.refusal('GET', '/limits', undefined, { authorization })).toEqual([401, 'INVALID_SESSION_ID']);
  expect((await org.ask('GET', '/sobjects/Account', undefined, as('guest'))).status).toBe(200);
  const refused = await org.refusal('POST', '/sobjects/Account', { Name: 'A' }, as('guest'));
  expect(refused).toEqual([403, 'INSUFFICIENT_ACCESS_OR_READONLY']);
  await org.ask('POST', '/sobjects/Account', { Name: 'A' }, { authorization: 'OAuth sf_omar' });
  expect([org.log.counts({ account: 'guest' }).creates, org.log.counts({ account: 'omar' }).creates]).toEqual([0, 1]);
});

test('versions are listed without a session; any of them answers, and one that is none does not', async () => {
  const org = await salesforceOrg();
  const { body } = await org.ask('GET', '/services/data', undefined, { authorization: '' });
  expect(body).toContainEqual({ label: "Summer '26", url: '/services/data/v67.0', version: '67.0' });
  expect(body).toContainEqual({ label: "Winter '26", url: '/services/data/v65.0', version: '65.0' });
  for (const version of ['v31.0', 'v50.0', 'v68.0']) {
    const { body: found } = await org.ask('GET', `/services/data/${version}/`);
    expect(found).toMatchObject({ sobjects: `/services/data/${version}/sobjects` });
  }
  for (const version of ['v99.0', '67', 'v67'])
    expect(await org.refusal('GET', `/services/data/${version}/limits`)).toEqual([404, 'NOT_FOUND']);
});

test('unknown addresses are 404, other methods 405, and a slash at the end is passed over', async () => {
  const org = await salesforceOrg();
  expect(await org.refusal('GET', '/nowhere')).toEqual([404, 'NOT_FOUND']);
  expect(await org.refusal('GET', '/sobjects/Nothing')).toEqual([404, 'NOT_FOUND']);
  expect(await org.refusal('PUT', '/sobjects/Account', {})).toEqual([405, 'METHOD_NOT_ALLOWED']);
  expect((await org.ask('GET', '/sobjects/Account/')).status).toBe(200);
});

test('every answer tells the calls of the rolling day, refusals too; without limits nothing is used up', async () => {
  const org = await salesforceOrg({ rateLimits: 'documented' });
  const first = await org.ask('GET', '/limits');
  expect(first.headers.get('sforce-limit-info')).toBe('api-usage=1/15000');
  expect(first.body).toMatchObject({ DailyApiRequests: { Max: 15_000, Remaining: 14_999 } });
  expect((await org.ask('GET', '/nowhere')).headers.get('sforce-limit-info')).toBe('api-usage=2/15000');
  org.clock.advance(86_400_000);
  expect((await org.ask('GET', '/limits')).headers.get('sforce-limit-info')).toBe('api-usage=1/15000');
});

test('counts of records are told for the objects that are asked for', async () => {
  const org = await salesforceOrg();
  const { body } = await org.ask('GET', '/limits/recordCount?sObjects=Account,Nothing,User');
  expect(body).toEqual({
    sObjects: [
      { count: 2, name: 'Account' },
      { count: 6, name: 'User' },
    ],
  });
});
