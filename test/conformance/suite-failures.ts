/** Laws of failure: each is named by what has to be done about it, and nothing is sent that must not be. */
import { describe, expect, test } from 'vitest';
import type { Fault } from '@lockstep/simulator/kernel/faults.ts';
import type { Account, Subject } from './subject.ts';
import { create, failureOf, fetched, inject, newMarker, tryUpdate } from './subject.ts';

const draft = (title: string) => ({ marker: newMarker(), kind: 'task' as const, fields: { title } });

export function failureLaws(subject: Subject): void {
  const put: Inject = (account, match, action) => inject(account, { tool: subject.tool, match, action });
  describe('failures', () => {
    throttled(subject, put);
    lost(subject, put);
    refused(subject, put);
  });
}

type Inject = (account: Account, match: Fault['match'], action: Fault['action']) => void;

function throttled(subject: Subject, put: Inject): void {
  test('J01: after Retry-After no call is made for as long as it says, of any kind', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot' });
    put(account, {}, { kind: 'answer', status: 429, headers: { 'retry-after': '30' }, body: {} });
    expect(await failureOf(() => connector.pulls.fetch([record.remoteId]))).toMatchObject({ code: 'Throttled', retryAfterMs: 30_000 });
    const { calls } = account.served.log.counts({});
    const others = [
      await failureOf(() => connector.pulls.pull({ mode: 'changes', cursor: null, recentlyWrittenIds: [] })),
      await failureOf(() => connector.pushes.create([draft('More')])),
      await failureOf(() => tryUpdate(connector, record, { title: 'Pilot, renamed' })),
    ];
    expect(others.map((failure) => failure?.code)).toEqual(['Throttled', 'Throttled', 'Throttled']);
    expect(others.every((failure) => (failure?.retryAfterMs ?? 0) > 25_000)).toBe(true);
    expect(account.served.log.counts({}).calls).toBe(calls);
  });

  test('J02: a refusal that does not say for how long is waited for within bounds', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot' });
    put(account, {}, { kind: 'answer', status: 429, headers: {}, body: {} });
    const failure = await failureOf(() => connector.pulls.fetch([record.remoteId]));
    expect(failure?.code).toBe('Throttled');
    expect(failure?.retryAfterMs).toBeGreaterThan(0);
    expect(failure?.retryAfterMs).toBeLessThanOrEqual(60_000);
  });
}

function lost(subject: Subject, put: Inject): void {
  test('E01: an answer to a create that does not come in time is an unknown outcome', async () => {
    const account = await subject.open();
    await create(account.connect(), { title: 'Before' });
    const connector = account.connect({ requestTimeoutMs: 400 });
    await connector.pulls.findByMarker([newMarker()]);
    put(account, subject.wire.create, { kind: 'hold' });
    expect(await failureOf(() => connector.pushes.create([draft('Pilot')]))).toMatchObject({ code: 'OutcomeUnknown' });
    account.served.faults.clear();
  });

  test('J10: an answer to an update that is lost is an unknown outcome, and the record can be compared', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot' });
    put(account, subject.wire.update, { kind: 'lose-answer' });
    expect(await failureOf(async () => tryUpdate(connector, record, { title: 'Pilot, renamed' }))).toMatchObject({
      code: 'OutcomeUnknown',
    });
    expect((await fetched(connector, record.remoteId)).fields.title).toBe('Pilot, renamed');
  });

  test('J10: HTTP 500 is a passing failure of a read and an unknown outcome of a write', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot' });
    put(account, {}, { kind: 'answer', status: 500, headers: {}, body: {} });
    expect(await failureOf(() => connector.pulls.fetch([record.remoteId]))).toMatchObject({ code: 'Transient' });
    put(account, subject.wire.update, { kind: 'answer', status: 500, headers: {}, body: {} });
    expect(await failureOf(async () => tryUpdate(connector, record, { title: 'Pilot, renamed' }))).toMatchObject({
      code: 'OutcomeUnknown',
    });
  });

  test('a connection that breaks while reading is a passing failure', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot' });
    put(account, subject.wire.read, { kind: 'lose-request' });
    expect(await failureOf(() => connector.pulls.fetch([record.remoteId]))).toMatchObject({ code: 'Transient' });
    expect((await fetched(connector, record.remoteId)).fields.title).toBe('Pilot');
  });
}

function refused(subject: Subject, put: Inject): void {
  test('J07: a token that is not taken pauses: the failure says that access is gone, not that records are', async () => {
    const account = await subject.open();
    const record = await create(account.connect(), { title: 'Pilot' });
    const stranger = account.connect({ token: 'wrong' });
    for (const call of [
      () => stranger.pulls.fetch([record.remoteId]),
      () => stranger.pulls.pull({ mode: 'full', cursor: null, recentlyWrittenIds: [] }),
      () => stranger.pushes.create([draft('More')]),
    ])
      expect((await failureOf(call))?.code).toMatch(/^Auth(Revoked|Expired)$/);
  });

  test('S6: no failure tells a secret or what people wrote', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const record = await create(connector, { title: 'Private words' });
    put(account, {}, { kind: 'answer', status: 500, headers: {}, body: {} });
    const failure = await failureOf(async () => tryUpdate(connector, record, { title: 'More private words' }));
    expect(String((failure as Error | null)?.message)).not.toMatch(/private words|Basic |Bearer |token/i);
  });

  test('doctor: nothing to mend with our token, and with a wrong one an error that says what to do', async () => {
    const account = await subject.open();
    const healthy = await account.connect().check();
    expect(healthy.filter((finding) => finding.level === 'error')).toEqual([]);
    expect(healthy.some((finding) => finding.level === 'ok')).toBe(true);
    const findings = await account.connect({ token: 'wrong' }).check();
    const errors = findings.filter((finding) => finding.level === 'error');
    expect(errors.length).toBeGreaterThan(0);
    for (const finding of errors) expect(finding.remedy ?? '').not.toBe('');
  });
}
