/** The HubSpot connector against the simulator, through the vendor's SDK: refusals, throttling, time-outs, and what `lockstep doctor` says. */
import type { Finding } from '@lockstep/domain/sync/connector.port.ts';
import { describe, expect, test } from 'vitest';
import { hubspotAccount } from './hubspot-account.ts';
import { create, tryUpdate } from './subject.ts';

const SEARCH = { mode: 'changes', cursor: null, recentlyWrittenIds: [] } as const;
const LIST = { mode: 'full', cursor: null, recentlyWrittenIds: [] } as const;
const DRAFT = [{ marker: 'one', kind: 'task', fields: { title: 'One' } }] as const;
const limit = (policyName: string, headers: Record<string, string> = {}) => ({
  kind: 'answer' as const,
  status: 429,
  headers,
  body: { status: 'error', message: 'no', errorType: 'RATE_LIMIT', policyName },
});

describe('HubSpot, failures', () => {
  test('J07: a token that HubSpot does not know, and one without the scope', async () => {
    const { connect } = await hubspotAccount();
    await expect(connect({ accessToken: 'pat-na1-nobody' }).pulls.pull(SEARCH)).rejects.toMatchObject({ code: 'AuthRevoked' });
    const guest = connect({ accessToken: 'pat-na1-guest' });
    expect(await guest.pulls.pull(SEARCH)).toMatchObject({ records: [] });
    expect(await guest.pushes.create(DRAFT)).toMatchObject([{ ok: false, error: { code: 'Forbidden' } }]);
  });

  test('J02: a full window without Retry-After is waited for, within bounds, and nothing is sent meanwhile', async () => {
    let now = Date.parse('2026-11-24T10:00:00Z');
    const { connect, fault, requests } = await hubspotAccount();
    const connector = connect({ clock: () => new Date(now) });
    fault('/tasks\\?', limit('TEN_SECONDLY_ROLLING'));
    const refused = await connector.pulls.pull(LIST).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'Throttled' });
    const waitMs = (refused as { retryAfterMs: number }).retryAfterMs;
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(10_000);
    expect(await connector.pushes.create(DRAFT)).toMatchObject([{ ok: false, error: { code: 'Throttled' } }]);
    expect(requests(/upsert/)).toEqual([]);
    now += Math.ceil(waitMs);
    expect(await connector.pushes.create(DRAFT)).toMatchObject([{ ok: true }]);
  });

  test('J01: searches have a limit of their own: while they wait, tasks are written', async () => {
    const { connector, fault, requests } = await hubspotAccount();
    fault('/search$', limit('SECONDLY', { 'retry-after': '30' }));
    await expect(connector.pulls.pull(SEARCH)).rejects.toMatchObject({ code: 'Throttled', retryAfterMs: 30_000 });
    await expect(connector.pulls.pull(SEARCH)).rejects.toMatchObject({ code: 'Throttled' });
    expect(requests(/search$/)).toHaveLength(1);
    expect(await connector.pushes.create(DRAFT)).toMatchObject([{ ok: true }]);
  });

  test('J09: the calls of a day used up are no short wait', async () => {
    const { connector, fault } = await hubspotAccount();
    fault('/upsert$', limit('DAILY'));
    expect(await connector.pushes.create(DRAFT)).toMatchObject([{ ok: false, error: { code: 'QuotaExhausted', retryAfterMs: 3_600_000 } }]);
  });

  test('S2: what is left of a window is for the history after a write', async () => {
    const { connector, maria, fault } = await hubspotAccount();
    const before = await create(connector, { title: 'Pilot', owner: 'CMO' });
    await maria.edit(before.remoteId, { lockstep_owner: 'Maria' });
    const headers = { 'x-hubspot-ratelimit-remaining': '3', 'x-hubspot-ratelimit-interval-milliseconds': '10000' };
    const task = { id: before.remoteId, properties: { lockstep_owner: 'CGO' } };
    await maria.edit(before.remoteId, { lockstep_owner: 'CGO' });
    fault('/batch/update$', { kind: 'answer', status: 200, headers, body: { results: [task] } });
    expect(await tryUpdate(connector, before, { owner: 'CGO' })).toMatchObject({
      ok: true,
      overwritten: [{ field: 'owner', value: 'Maria' }],
    });
    await expect(connector.pulls.fetch([before.remoteId])).rejects.toMatchObject({ code: 'Throttled' });
  });

  test('the last calls of a window are not used up', async () => {
    const { connector, fault, requests } = await hubspotAccount();
    const headers = { 'x-hubspot-ratelimit-remaining': '3', 'x-hubspot-ratelimit-interval-milliseconds': '10000' };
    fault('/tasks\\?', { kind: 'answer', status: 200, headers, body: { results: [] } });
    expect(await connector.pulls.pull(LIST)).toMatchObject({ records: [] });
    await expect(connector.pulls.pull(LIST)).rejects.toMatchObject({ code: 'Throttled' });
    expect(requests(/tasks\?/)).toHaveLength(1);
  });

  test.each([
    [423, 'Transient', 2_000],
    [477, 'Throttled', 60_000],
    [503, 'Transient', null],
  ])('a read that is answered with %i is %s', async (status, code, retryAfterMs) => {
    const { connector, fault } = await hubspotAccount();
    fault('/tasks\\?', { kind: 'answer', status, headers: {} });
    await expect(connector.pulls.pull(LIST)).rejects.toMatchObject({ code, retryAfterMs });
  });

  test('J10: a server error on a write is an unknown outcome; it is sent once, never by itself again', async () => {
    const { connector, fault, requests } = await hubspotAccount();
    fault('/upsert$', { kind: 'answer', status: 502, headers: {}, body: 'gateway' });
    expect(await connector.pushes.create(DRAFT)).toMatchObject([{ ok: false, error: { code: 'OutcomeUnknown', status: 502 } }]);
    expect(requests(/upsert/).length).toBeLessThanOrEqual(1);
  });

  test('a write whose answer cannot be read has an unknown outcome, a read is refused', async () => {
    const { connector, fault } = await hubspotAccount();
    fault('/upsert$', { kind: 'answer', status: 200, headers: {}, body: { results: 'none' } });
    expect(await connector.pushes.create(DRAFT)).toMatchObject([{ ok: false, error: { code: 'OutcomeUnknown' } }]);
    fault('/tasks\\?', { kind: 'answer', status: 200, headers: {}, body: { results: [{ name: 'x' }] } });
    await expect(connector.pulls.pull(LIST)).rejects.toMatchObject({ code: 'Invalid' });
  });

  test('a request that is not answered in time ends: a read can be asked again, a write is looked up', async () => {
    const { connect, fault, served } = await hubspotAccount();
    const connector = connect({ requestTimeoutMs: 150 });
    fault('/tasks\\?', { kind: 'hold' });
    await expect(connector.pulls.pull(LIST)).rejects.toMatchObject({ code: 'Transient' });
    fault('/upsert$', { kind: 'hold' });
    expect(await connector.pushes.create(DRAFT)).toMatchObject([{ ok: false, error: { code: 'OutcomeUnknown' } }]);
    served.faults.clear();
    expect(await connector.pulls.findByMarker(['one'])).toHaveLength(1);
  });

  test('a time zone that does not exist does not load', async () => {
    const { connect, mapping } = await hubspotAccount();
    expect(() => connect({ mapping: { target: { ...mapping.target, timeZone: 'Middle/Earth' } } })).toThrow(
      /target\.timeZone: expected an IANA time zone/,
    );
  });
});

describe('HubSpot, check', () => {
  const levels = (findings: readonly Finding[]): readonly string[] => findings.map(({ level, subject }) => `${level} ${subject}`);

  test('all is well: credentials, properties, a secret', async () => {
    const { connect, served } = await hubspotAccount();
    expect(levels(await connect({ webhookSecret: 'x' }).check())).toEqual([
      'ok credentials',
      'ok scopes',
      'ok time zone',
      'ok properties',
      'ok webhook',
    ]);
    expect(served.log.counts({ account: 'lockstep' })).toMatchObject({ creates: 0, updates: 0, deletes: 0 });
  });

  test('what is missing is named with its remedy: marker, property, type, option, object type', async () => {
    const { connect, mapping } = await hubspotAccount();
    const { fields, status } = mapping;
    const findings = await connect({
      mapping: {
        target: { ...mapping.target, markerProperty: 'lockstep_owner', scopeProperties: 'lockstep_area', timeZone: 'Europe/Berlin' },
        kinds: { task: { remote: 'tickets' } },
        status: { ...status, done: 'FINISHED' },
        fields: {
          ...fields,
          metric: { ...fields.metric, remote: 'lockstep_kpi', direction: 'in' },
          dueDate: { ...fields.dueDate, remote: 'lockstep_kind', direction: 'in' },
          owner: { ...fields.owner, remote: 'hs_body_preview', direction: 'out' },
        },
      },
    }).check();
    expect(levels(findings)).toEqual([
      'ok credentials',
      'ok scopes',
      'warning time zone',
      'error property lockstep_owner',
      'error property lockstep_area',
      'error field owner',
      'error field dueDate',
      'error field metric',
      'error status done',
      'error kind task',
      'warning webhook',
    ]);
    for (const finding of findings.filter(({ level }) => level !== 'ok')) expect(finding.remedy).toMatch(/\w/);
    expect(findings.find(({ subject }) => subject === 'property lockstep_owner')?.remedy).toMatch(/Require unique values/);
    expect(findings.find(({ subject }) => subject === 'status done')?.message).toMatch(/"FINISHED".*COMPLETED/);
  });

  test('J07: a token that is refused, and a portal that does not answer, are findings', async () => {
    const { connect } = await hubspotAccount();
    const remedy = expect.stringMatching(/token/) as unknown;
    expect(await connect({ accessToken: 'pat-na1-nobody' }).check()).toMatchObject([{ level: 'error', subject: 'credentials', remedy }]);
    // Nobody listens on the discard port.
    expect(await connect({ baseUrl: 'http://127.0.0.1:9' }).check()).toMatchObject([{ level: 'error', subject: 'credentials' }]);
  });

  test('scopes that HubSpot shows are held against what is needed', async () => {
    const { connector, fault } = await hubspotAccount();
    fault('access-token-info', { kind: 'answer', status: 200, headers: {}, body: { scopes: ['crm.objects.contacts.read'] } });
    expect(await connector.check()).toContainEqual(
      expect.objectContaining({
        level: 'error',
        subject: 'scopes',
        message: expect.stringMatching(/lacks crm\.objects\.contacts\.write$/) as unknown,
      }),
    );
  });
});
