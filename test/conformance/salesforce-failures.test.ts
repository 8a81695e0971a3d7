/** The Salesforce connector against the simulator, through jsforce: sessions, limits, time-outs, and what `lockstep doctor` says. */
import { generateKeyPairSync } from 'node:crypto';
import type { Finding } from '@lockstep/domain/sync/connector.port.ts';
import { describe, expect, test } from 'vitest';
import { salesforceAccount } from './salesforce-account.ts';
import type { SalesforceAccount } from './salesforce-account.ts';
import { create, failureOf, newMarker, pass, tryUpdate } from './subject.ts';

const LIST = { mode: 'full', cursor: null, recentlyWrittenIds: [] } as const;
const draft = (title = 'One') => ({ marker: newMarker(), kind: 'task' as const, fields: { title } });
const HOUR_MS = 3_600_000;
const tokens = (account: SalesforceAccount): number =>
  account.served.log.list({ tool: 'salesforce' }, 10_000).filter(({ path }) => path.includes('/oauth2/token')).length;
const field = (account: SalesforceAccount, name: string, traits: Readonly<Record<string, unknown>>) =>
  account.admin('POST', '/ui/settings/fields', { object: 'Lockstep_Item__c', name, ...traits });

/** A key whose public half the app knows. */
async function keyed(account: SalesforceAccount): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  await account.admin('POST', '/ui/settings/certificate', { publicKey: publicKey.export({ type: 'spki', format: 'pem' }) });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

const jwt = (privateKey: string, username = 'lockstep@growth.example', audience = 'https://login.salesforce.com') =>
  ({ flow: 'jwt-bearer', clientId: 'lockstep-client', username, privateKey, audience }) as const;

describe('Salesforce, sessions', () => {
  test('J06: a session that has ended is renewed once, however many calls meet its end, and what was refused is sent again', async () => {
    const account = await salesforceAccount();
    const { connector } = account;
    const record = await create(connector, { title: 'Pilot' });
    expect(tokens(account)).toBe(1);
    account.served.clock.advance(3 * HOUR_MS);
    const work = [
      ...Array.from({ length: 6 }, () => connector.pulls.fetch([record.remoteId])),
      connector.pushes.create([draft('Two')]),
      connector.pulls.pull(LIST),
    ];
    expect((await Promise.allSettled(work)).map(({ status }) => status)).toEqual(work.map(() => 'fulfilled'));
    expect(tokens(account)).toBe(2);
    expect((await pass(account.connect, 'full')).records).toHaveLength(2);
    expect(account.served.log.counts({ account: 'lockstep' }).creates).toBe(2);
  });

  test('J06: a session that is refused again and again is old, not gone: no call is made more than twice', async () => {
    const account = await salesforceAccount();
    await create(account.connector, { title: 'Pilot' });
    account.fault({ path: '/services/data' }, { kind: 'unauthorized', cause: 'revoked' }, { times: 50 });
    const before = account.requests().length;
    expect(await failureOf(() => account.connector.pushes.create([draft()]))).toMatchObject({ code: 'AuthExpired' });
    expect(account.requests().length - before).toBe(2);
  });

  test('a signed assertion opens a session like a secret does', async () => {
    const account = await salesforceAccount();
    const connector = account.connect({ auth: jwt(await keyed(account)) });
    expect((await create(connector, { title: 'Pilot' })).fields.title).toBe('Pilot');
    account.served.clock.advance(3 * HOUR_MS);
    // The assertion is dated by our clock, which is right.
    const later = account.connect({ auth: jwt(await keyed(account)), clock: () => new Date(account.served.clock.nowMs()) });
    expect((await pass(() => later, 'full')).records).toHaveLength(1);
  });

  test('J07: another key, user, audience or secret is a consent that is gone, and the message holds none of them', async () => {
    const account = await salesforceAccount();
    const key = await keyed(account);
    const { privateKey: stranger } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    for (const auth of [
      jwt(stranger.export({ type: 'pkcs8', format: 'pem' }) as string),
      jwt(key, 'nobody@growth.example'),
      jwt(key, undefined, 'https://elsewhere.example'),
      jwt('not a key at all'),
      { flow: 'client-credentials', clientId: 'lockstep-client', clientSecret: 'very-secret' } as const,
    ]) {
      const failure = await failureOf(() => account.connect({ auth }).pulls.pull(LIST));
      expect(failure).toMatchObject({ code: 'AuthRevoked' });
      expect(String((failure as Error | null)?.message)).not.toMatch(/very-secret|BEGIN|not a key|nobody@/);
    }
  });

  test('J02: a login that is throttled or not answered is waited for, and consent is not taken for gone', async () => {
    const account = await salesforceAccount();
    account.fault({ path: '/oauth2/token' }, { kind: 'answer', status: 503, headers: {}, body: {} });
    expect(await failureOf(() => account.connect().pulls.pull(LIST))).toMatchObject({ code: 'Transient' });
    account.fault({ path: '/oauth2/token' }, { kind: 'answer', status: 429, headers: { 'retry-after': '20' }, body: {} });
    expect(await failureOf(() => account.connect().pulls.pull(LIST))).toMatchObject({ code: 'Throttled', retryAfterMs: 20_000 });
    account.fault({ path: '/oauth2/token' }, { kind: 'lose-answer' });
    expect(await failureOf(() => account.connect().pulls.pull(LIST))).toMatchObject({ code: 'Transient' });
  });
});

describe('Salesforce, limits', () => {
  test('J09: the calls of 24 hours used up are no short wait; nothing is sent for an hour', async () => {
    const account = await salesforceAccount();
    let offMs = 0;
    const connector = account.connect({ clock: () => new Date(Date.now() + offMs) });
    await create(connector, { title: 'Pilot' });
    account.fault({ path: '/composite$' }, { kind: 'throttle', status: 429, retryAfterSeconds: null });
    expect(await failureOf(() => connector.pushes.create([draft()]))).toMatchObject({ code: 'QuotaExhausted', retryAfterMs: HOUR_MS });
    const before = account.requests().length;
    expect(await failureOf(() => connector.pulls.pull(LIST))).toMatchObject({ code: 'Throttled' });
    expect(account.requests().length).toBe(before);
    offMs = HOUR_MS;
    expect(await failureOf(() => connector.pushes.create([draft()]))).toBeNull();
  });

  test('J09: from nine tenths on, what is left is for people’s edits; when calls come back it is ample', async () => {
    const account = await salesforceAccount();
    const quota = (): string | undefined => account.connector.quota?.();
    const answered = async (used: number): Promise<void> => {
      const headers = { 'sforce-limit-info': `api-usage=${used}/15000` };
      account.fault({ path: '/queryAll' }, { kind: 'answer', status: 200, headers, body: { totalSize: 0, done: true, records: [] } });
      await account.connector.pulls.fetch(['a005g0000000001AAA']);
    };
    await answered(13_499);
    expect(quota()).toBe('ample');
    await answered(13_500);
    expect(quota()).toBe('reserved');
    await answered(100);
    expect(quota()).toBe('ample');
  });

  test('jsforce sends nothing a second time: a read that fails with 503 is one request', async () => {
    const account = await salesforceAccount();
    await create(account.connector, { title: 'Pilot' });
    account.fault({ path: '/queryAll' }, { kind: 'answer', status: 503, headers: {}, body: [] }, { times: 20 });
    const before = account.requests(/queryAll/).length;
    expect(await failureOf(() => account.connector.pulls.pull(LIST))).toMatchObject({ code: 'Transient' });
    expect(account.requests(/queryAll/).length - before).toBe(1);
  });

  test('J10: a composite that is answered in part is unknown where it has no answer, and known where it has', async () => {
    const account = await salesforceAccount();
    const record = await create(account.connector, { title: 'Pilot' });
    const part = (referenceId: string, httpStatusCode: number, body: unknown) => ({ referenceId, httpStatusCode, body, httpHeaders: {} });
    const empty = { totalSize: 0, done: true, records: [] };
    const answer = (parts: object[]) =>
      account.fault({ path: '/composite$' }, { kind: 'answer', status: 200, headers: {}, body: { compositeResponse: parts } });
    answer([part('before', 200, empty), part('after', 200, empty)]);
    expect(await tryUpdate(account.connector, record, { owner: 'CFO' })).toMatchObject({ ok: false, error: { code: 'OutcomeUnknown' } });
    answer([
      part('before', 200, empty),
      part('write0', 500, [{ errorCode: 'UNKNOWN_EXCEPTION', message: 'x' }]),
      part('after', 200, empty),
    ]);
    expect(await tryUpdate(account.connector, record, { owner: 'CFO' })).toMatchObject({ ok: false, error: { code: 'OutcomeUnknown' } });
    // Written, and neither read could be made: the record is what was compared and what was sent.
    answer([part('before', 500, []), part('write0', 204, null), part('after', 500, [])]);
    expect(await tryUpdate(account.connector, record, { owner: 'CFO' })).toMatchObject({
      ok: true,
      overwritten: [],
      record: { marker: record.marker, kind: 'task', fields: { title: 'Pilot', owner: 'CFO' } },
    });
  });
});

describe('Salesforce, doctor', () => {
  const levels = (findings: readonly Finding[]): readonly string[] => findings.map(({ level, subject }) => `${level} ${subject}`);

  test('the shipped mapping fits the object of the runbook', async () => {
    const { connector } = await salesforceAccount();
    expect(levels(await connector.check())).toEqual(['ok login', 'ok object Lockstep_Item__c', 'ok API calls']);
  });

  test('what is missing, of another type, short, not unique, or without its values is named, with what to do', async () => {
    const account = await salesforceAccount();
    await field(account, 'Lockstep_Id__c', { unique: false });
    await field(account, 'Owner__c', { type: 'int' });
    await field(account, 'Metric__c', { length: 100 });
    await field(account, 'Status__c', { options: ['To Do', 'Done'] });
    await account.admin('POST', '/ui/settings/fields/remove', { object: 'Lockstep_Item__c', name: 'Section__c' });
    const findings = await account.connect().check();
    expect(levels(findings).toSorted()).toEqual(
      [
        'ok login',
        'error field Lockstep_Id__c',
        'error field owner',
        'error field section',
        'error status in_progress',
        'error status blocked',
        'error status cancelled',
        'warning field metric',
        'ok API calls',
      ].toSorted(),
    );
    for (const finding of findings.filter(({ level }) => level !== 'ok')) expect(finding.remedy).toMatch(/\w/);
    expect(findings.find(({ subject }) => subject === 'status blocked')?.message).toMatch(/"Blocked".*To Do, Done/);
  });

  test('an object that is not there, a marker that is not there, and an org that does not answer are findings', async () => {
    const account = await salesforceAccount();
    const { target } = account.mapping;
    const other = account.connect({ mapping: { target: { ...target, object: 'No_Such__c' } } });
    expect(levels(await other.check())).toEqual(['ok login', 'error object No_Such__c', 'ok API calls']);
    const unmarked = account.connect({ mapping: { target: { ...target, markerField: 'No_Such__c' } } });
    expect(levels(await unmarked.check())).toContain('error field No_Such__c');
    // Without the field that makes a record ours nothing is made, and nothing is read.
    expect(await failureOf(() => unmarked.pushes.create([draft()]))).toMatchObject({ code: 'Invalid' });
    expect(await failureOf(() => unmarked.pulls.pull(LIST))).toMatchObject({ code: 'Invalid' });
    // Nobody listens on the discard port.
    expect(await account.connect({ baseUrl: 'http://127.0.0.1:9' }).check()).toMatchObject([
      { level: 'error', subject: 'login', remedy: expect.stringMatching(/My Domain/) as unknown },
    ]);
  });

  test('J08: a user who may only read is told so by doctor, and each write by its refusal; reading goes on', async () => {
    const account = await salesforceAccount();
    const record = await create(account.connector, { title: 'Pilot' });
    const guest = account.connect({ auth: jwt(await keyed(account), 'guest@growth.example') });
    expect(await guest.pulls.fetch([record.remoteId])).toMatchObject([{ found: true }]);
    expect(await failureOf(() => guest.pushes.create([draft()]))).toMatchObject({ code: 'Forbidden' });
    expect(await failureOf(async () => tryUpdate(guest, record, { owner: 'CFO' }))).toMatchObject({ code: 'Forbidden' });
    const removal = { remoteId: record.remoteId, marker: record.marker ?? '', kind: 'task' } as const;
    expect(await failureOf(() => guest.pushes.remove([removal]))).toMatchObject({ code: 'Forbidden' });
  });
});
