/** The Notion connector against the simulator: refusals, throttling, lost answers. */
import type { Fault } from '@lockstep/simulator/kernel/faults.ts';
import type { RemoteDraft } from '@lockstep/domain/sync/connector.port.ts';
import { describe, expect, test } from 'vitest';
import { notionAccount } from './notion-account.ts';
import { create, fetched, tryUpdate, writtenRecord } from './subject.ts';

const fault = (match: Fault['match'], action: Fault['action'], more: Partial<Fault> = {}): Fault => ({
  tool: 'notion',
  match,
  action,
  skip: 0,
  times: 1,
  ...more,
});
const drafts = (count: number): RemoteDraft[] =>
  Array.from({ length: count }, (_, index) => ({
    marker: `01k${index}`.padEnd(26, '0'),
    kind: 'task',
    fields: { title: `Task ${index}` },
  }));
const codes = (outcomes: readonly { ok: boolean; error?: { code: string } }[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.ok ? 'ok' : (outcome.error?.code ?? '?')));
const CREATE = { method: 'POST', path: '^/v1/pages$' };

describe('Notion, failures', () => {
  test('J04: one bad row of a batch fails alone, and each outcome stands in its place', async () => {
    const { connector, served } = await notionAccount();
    await connector.pulls.pull({ mode: 'full', cursor: null, recentlyWrittenIds: [] });
    served.faults.add(
      fault(CREATE, {
        kind: 'answer',
        status: 409,
        headers: {},
        body: { object: 'error', status: 409, code: 'conflict_error', message: 'busy' },
      }),
    );
    const outcomes = await connector.pushes.create(drafts(8));
    expect(codes(outcomes).filter((code) => code !== 'ok')).toEqual(['Conflict']);
    const titles = outcomes.flatMap((outcome, index) => (outcome.ok ? [[outcome.record?.fields.title, `Task ${index}`]] : []));
    expect(titles).toHaveLength(7);
    for (const [got, wanted] of titles) expect(got).toBe(wanted);
  });

  test('J01: Retry-After holds the account to the second, and nothing more is sent', async () => {
    const { connector, served } = await notionAccount();
    const record = await create(connector, { title: 'Pilot' });
    served.faults.add(
      fault(
        {},
        {
          kind: 'answer',
          status: 429,
          headers: { 'retry-after': '30' },
          body: { object: 'error', status: 429, code: 'rate_limited', message: 'slow down' },
        },
      ),
    );
    const [first] = await connector.pushes.update([
      { remoteId: record.remoteId, marker: record.marker ?? '', kind: 'task', fields: { owner: 'Maria' }, before: record },
    ]);
    expect(first).toMatchObject({ ok: false, error: { code: 'Throttled', retryAfterMs: 30_000 } });
    const { calls } = served.log.counts({});
    expect(codes(await connector.pushes.create(drafts(5)))).toEqual(Array.from({ length: 5 }, () => 'Throttled'));
    expect(served.log.counts({}).calls).toBe(calls);
  });

  test('E01: a create whose answer is lost is unknown, was made once, and is found by its marker', async () => {
    const { connector, served } = await notionAccount();
    served.faults.add(fault(CREATE, { kind: 'lose-answer' }));
    const [draft] = drafts(1);
    if (draft === undefined) throw new Error('no draft');
    expect(codes(await connector.pushes.create([draft]))).toEqual(['OutcomeUnknown']);
    expect((await connector.pulls.findByMarker([draft.marker])).map((record) => record.marker)).toEqual([draft.marker]);
    expect(served.log.counts({}).creates).toBe(1);
  });

  test.each([500, 503, 504])('J10: HTTP %i on a write is an unknown outcome, on a read a passing failure', async (status) => {
    const { connector, served } = await notionAccount();
    const record = await create(connector, { title: 'Pilot' });
    served.faults.add(
      fault(
        { method: 'PATCH' },
        { kind: 'answer', status, headers: {}, body: { object: 'error', status, code: 'internal_server_error', message: 'x' } },
      ),
    );
    expect(await tryUpdate(connector, record, { owner: 'Maria' })).toMatchObject({ ok: false, error: { code: 'OutcomeUnknown' } });
    served.faults.add(
      fault(
        { method: 'GET' },
        { kind: 'answer', status, headers: {}, body: { object: 'error', status, code: 'internal_server_error', message: 'x' } },
      ),
    );
    await expect(fetched(connector, record.remoteId)).rejects.toMatchObject({ code: 'Transient', status });
  });

  test('J08: a value that Notion does not take is refused by field; the others are written, on a new page and on one that stands', async () => {
    const { connector, omar } = await notionAccount();
    const page = await omar.pages.create({ parent: { type: 'workspace', workspace: true }, properties: { title: { title: [] } } });
    const fields = { title: 'Pilot', owner: 'Maria', dependsOn: [`id:${page.id}`] };
    const [created] = await connector.pushes.create([{ marker: '01k00000000000000000000000', kind: 'task', fields }]);
    expect(writtenRecord(created).fields).toMatchObject({ title: 'Pilot', owner: 'Maria', dependsOn: [] });
    expect(created).toMatchObject({ refused: [{ field: 'dependsOn', cause: 'unwritable' }] });
    const updated = await tryUpdate(connector, writtenRecord(created), { ...fields, owner: 'Omar' });
    expect(writtenRecord(updated).fields).toMatchObject({ owner: 'Omar', dependsOn: [] });
    expect(updated).toMatchObject({ refused: [{ field: 'dependsOn' }] });
  });

  test('J07: a token that is not accepted is a revoked consent, and doctor says what to do', async () => {
    const { served, connect } = await notionAccount();
    const revoked = {
      kind: 'answer' as const,
      status: 401,
      headers: {},
      body: { object: 'error', status: 401, code: 'unauthorized', message: 'API token is invalid.' },
    };
    served.faults.add(fault({}, revoked, { times: 2 }));
    const connector = connect();
    await expect(connector.pulls.fetch(['x'])).rejects.toMatchObject({ code: 'AuthRevoked' });
    expect(await connector.check()).toContainEqual(expect.objectContaining({ level: 'error', subject: 'token' }));
  });

  test('S12: an update of a page that was put into the trash meanwhile is a conflict, so that it is read again', async () => {
    const { connector, omar } = await notionAccount();
    const record = await create(connector, { title: 'Pilot' });
    await omar.pages.update({ page_id: record.remoteId, in_trash: true });
    expect(await tryUpdate(connector, record, { owner: 'Maria' })).toMatchObject({ ok: false, error: { code: 'Conflict' } });
  });

  test('K10: what Notion quotes of a refused value is in no message of ours', async () => {
    const { connector, omar } = await notionAccount();
    const page = await omar.pages.create({ parent: { type: 'workspace', workspace: true }, properties: { title: { title: [] } } });
    const record = await create(connector, { title: 'Pilot' });
    const outcome = await tryUpdate(connector, record, { owner: 'Maria Sommer', dependsOn: [`id:${page.id}`], dueDate: '2026-13-45' });
    expect(outcome).toMatchObject({ ok: true, refused: [{ field: 'dueDate' }, { field: 'dependsOn' }] });
    expect(JSON.stringify(outcome)).not.toContain('2026-13-45');
  });

  test('S4: a page that was made but could not be read back is an unknown outcome, never a failure that is sent again', async () => {
    const { connector, served, omar } = await notionAccount();
    const other = await omar.pages.create({ parent: { type: 'workspace', workspace: true }, properties: { title: { title: [] } } });
    served.faults.add(fault({ method: 'PATCH' }, { kind: 'lose-request' }));
    const fields = { title: 'Pilot', dependsOn: [`id:${other.id}`] };
    const marker = '01k00000000000000000000003';
    expect(codes(await connector.pushes.create([{ marker, kind: 'task', fields }]))).toEqual(['OutcomeUnknown']);
    expect(await connector.pulls.findByMarker([marker])).toHaveLength(1);
  });
});
