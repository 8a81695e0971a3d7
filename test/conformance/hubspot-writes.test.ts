/** The HubSpot connector against the simulator, through the vendor's SDK: what it writes. */
import type { RemoteDraft } from '@lockstep/domain/sync/connector.port.ts';
import { describe, expect, test } from 'vitest';
import { hubspotAccount, pass } from './hubspot-account.ts';
import { create, fetched, tryUpdate as update, writtenRecord } from './subject.ts';

const UPSERT = '/tasks/batch/upsert';
const UPDATE = '/tasks/batch/update';
const READ = '/tasks/batch/read';

const drafts = (count: number, fields: (index: number) => RemoteDraft['fields'] = () => ({})): RemoteDraft[] =>
  Array.from({ length: count }, (_, index) => ({
    marker: `draft-${index}`,
    kind: 'task',
    fields: { title: `Task ${index}`, ...fields(index) },
  }));
const codes = (outcomes: readonly { ok: boolean; error?: { code: string } }[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.ok ? 'ok' : (outcome.error?.code ?? '?')));

describe('HubSpot, creates', () => {
  test('S9: every mapped field there and back, and the record that was written is the record that is read', async () => {
    const { connector } = await hubspotAccount();
    const fields = {
      title: 'Call <b>everybody</b> & more',
      description: 'One\n\n- two\n\tthree & <script>four</script>',
      owner: 'VP Sales + CGO',
      status: 'blocked',
      priority: 'medium',
      dueDate: '2026-12-01',
      parent: 'text:Phase 1',
      dependencies: 'After "A";\nand B',
      definitionOfDone: 'Ten calls\nlogged',
      metric: '≥ 10 % 👩‍👩‍👧',
    };
    const record = await create(connector, fields);
    expect(record.fields).toEqual(fields);
    expect(record.notices).toEqual([]);
    expect(await fetched(connector, record.remoteId)).toMatchObject({ fields, revision: record.revision, kind: 'task', deleted: false });
  });

  test('S3: HubSpot fills in a status, a priority and a due date of its own; they read as what they mean', async () => {
    const { connector, maria } = await hubspotAccount();
    const record = await create(connector, { title: 'Pilot' });
    expect(record.fields).toMatchObject({ status: 'todo', priority: null, dueDate: null, owner: null, description: null });
    expect((await maria.read(record.remoteId, ['hs_timestamp', 'lockstep_kind'])).properties).toMatchObject({
      hs_timestamp: '2099-12-31T00:00:00.000Z',
      lockstep_kind: 'task',
    });
  });

  test('S4: a hundred tasks are one call, and the same hundred again make none', async () => {
    const { connector, requests, served } = await hubspotAccount();
    const first = await connector.pushes.create(drafts(100));
    const again = await connector.pushes.create(drafts(100));
    expect(again.map((outcome) => writtenRecord(outcome).remoteId)).toEqual(first.map((outcome) => writtenRecord(outcome).remoteId));
    expect(requests(/upsert/)).toHaveLength(2);
    expect(served.log.counts({ account: 'lockstep' }).creates).toBe(100);
  });

  test('E01: an answer that was lost is an unknown outcome, the marker finds the task, and sending again makes no other', async () => {
    const { connector, fault, served } = await hubspotAccount();
    fault(UPSERT, { kind: 'lose-answer' });
    expect(codes(await connector.pushes.create(drafts(3)))).toEqual(['OutcomeUnknown', 'OutcomeUnknown', 'OutcomeUnknown']);
    const found = await connector.pulls.findByMarker(['draft-0', 'draft-1', 'draft-2', 'draft-3']);
    expect(new Set(found.map(({ marker }) => marker))).toEqual(new Set(['draft-0', 'draft-1', 'draft-2']));
    expect(codes(await connector.pushes.create(drafts(3)))).toEqual(['ok', 'ok', 'ok']);
    expect(served.log.counts({ account: 'lockstep' }).creates).toBe(3);
  });

  test('E01: a request that was lost made nothing, and the marker finds nothing', async () => {
    const { connector, fault } = await hubspotAccount();
    fault(UPSERT, { kind: 'lose-request' });
    expect(codes(await connector.pushes.create(drafts(1)))).toEqual(['OutcomeUnknown']);
    expect(await connector.pulls.findByMarker(['draft-0'])).toEqual([]);
  });

  test('J04: of a hundred with three bad rows 97 are made once and three have their reasons', async () => {
    const { connect, mapping, served, requests } = await hubspotAccount();
    // A title that HubSpot holds against a list of three words.
    const title = { remote: 'hs_task_type', direction: 'both', rule: 'order' } as const;
    const connector = connect({ mapping: { fields: { ...mapping.fields, title } } });
    const bad = new Set([3, 50, 99]);
    const outcomes = await connector.pushes.create(drafts(100, (index) => ({ title: bad.has(index) ? 'NONSENSE' : 'CALL' })));
    expect(outcomes.flatMap((outcome, index) => (outcome.ok ? [] : [index]))).toEqual([...bad]);
    expect(outcomes[50]).toMatchObject({
      ok: false,
      error: { code: 'Invalid', message: expect.stringContaining('hs_task_type') as unknown },
    });
    expect(served.log.counts({ account: 'lockstep' }).creates).toBe(97);
    expect(requests(/upsert/).map(({ status }) => status)).toEqual([207]);
  });

  test('J08: a value that HubSpot refuses is left out and named, the other fields are written', async () => {
    const { connect, mapping } = await hubspotAccount();
    const connector = connect({ mapping: { status: { ...mapping.status, done: 'GONE' } } });
    const [outcome] = await connector.pushes.create(drafts(1, () => ({ status: 'done', owner: 'CMO' })));
    expect(writtenRecord(outcome).fields).toMatchObject({ owner: 'CMO', status: 'todo' });
    expect(outcome).toMatchObject({ refused: [{ field: 'status', cause: 'unwritable' }] });
    const changed = await update(connector, writtenRecord(outcome), { status: 'done', owner: 'CGO' });
    expect(changed).toMatchObject({ ok: true, overwritten: [], refused: [{ field: 'status', cause: 'unwritable' }] });
    expect(writtenRecord(changed).fields).toMatchObject({ owner: 'CGO', status: 'todo' });
    expect(await fetched(connector, writtenRecord(changed).remoteId)).toMatchObject({ revision: writtenRecord(changed).revision });
  });

  test('I04: text that would come back as another is refused before it is sent; without a title there is no task', async () => {
    const { connector, served } = await hubspotAccount();
    const [half] = await connector.pushes.create([{ marker: 'half', kind: 'task', fields: { title: 'ok', owner: 'a\ud800' } }]);
    expect(half).toMatchObject({ ok: true, refused: [{ field: 'owner', cause: 'unwritable' }] });
    expect(codes(await connector.pushes.create([{ marker: 'nul', kind: 'task', fields: { title: 'a\0b' } }]))).toEqual(['Invalid']);
    expect(served.log.counts({ account: 'lockstep' }).creates).toBe(1);
  });

  test('I03: 65,537 characters are cut with a notice, and the cut is not taken for an edit', async () => {
    const { connector } = await hubspotAccount();
    const long = `${'word '.repeat(13_107)}ab`;
    const [outcome] = await connector.pushes.create(drafts(1, () => ({ description: long, metric: long })));
    expect(outcome).toMatchObject({
      refused: [
        { field: 'description', cause: 'clipped' },
        { field: 'metric', cause: 'clipped' },
      ],
    });
    const record = writtenRecord(outcome);
    for (const field of ['description', 'metric'] as const) expect(long.startsWith(String(record.fields[field]))).toBe(true);
    expect((await fetched(connector, record.remoteId)).revision).toBe(record.revision);
    // Sent once more by a neighbour's change, it is the same cut.
    const again = await update(connector, record, { description: long, owner: 'CMO' });
    expect(writtenRecord(again).fields.description).toBe(record.fields.description);
  });
});

describe('HubSpot, updates', () => {
  test('B01: our own write, read again, is the record that the write returned', async () => {
    const { connector, served } = await hubspotAccount();
    const record = await create(connector, { title: 'Pilot', owner: 'CMO' });
    const changed = writtenRecord(await update(connector, record, { owner: 'CGO', dueDate: '2026-12-24', description: 'New' }));
    expect(changed.fields).toMatchObject({ title: 'Pilot', owner: 'CGO', dueDate: '2026-12-24', description: 'New' });
    served.clock.advance(10_000);
    expect((await pass(connector)).records.map(({ revision }) => revision)).toEqual([changed.revision]);
  });

  test('B04: HubSpot trims a value; what it keeps is what the write returns', async () => {
    const { connector } = await hubspotAccount();
    const record = await create(connector, { title: '  Pilot  ', metric: 'ten \n' });
    expect(record.fields).toMatchObject({ title: 'Pilot', metric: 'ten' });
    expect((await fetched(connector, record.remoteId)).revision).toBe(record.revision);
  });

  test('S2: an edit between compare and write is reported with its value, and only for fields that were written', async () => {
    const { connector, maria } = await hubspotAccount();
    const before = await create(connector, { title: 'Pilot', owner: 'CMO', metric: 'ten', description: 'One' });
    await maria.edit(before.remoteId, { lockstep_owner: 'Maria', lockstep_metric: 'twelve' });
    await maria.edit(before.remoteId, { lockstep_owner: 'Maria S.' });
    const outcome = await update(connector, before, { owner: 'CGO', description: 'Two' });
    expect(outcome).toMatchObject({ ok: true, overwritten: [{ field: 'owner', value: 'Maria S.' }] });
    // Her other edit is not in the record that we return: the next read must see it.
    expect(writtenRecord(outcome).fields).toMatchObject({ owner: 'CGO', metric: 'ten' });
    const now = await fetched(connector, before.remoteId);
    expect(now.fields).toMatchObject({ owner: 'CGO', metric: 'twelve', description: 'Two' });
    expect(now.revision).not.toBe(writtenRecord(outcome).revision);
  });

  test('S2: an edit right after our write is not taken for what we wrote', async () => {
    const { connector, maria, fault, served } = await hubspotAccount();
    const before = await create(connector, { title: 'Pilot', owner: 'CMO' });
    fault(UPDATE, { kind: 'hold' });
    const writing = update(connector, before, { owner: 'CGO' });
    while (served.faults.status().holding === 0) await new Promise(setImmediate);
    await maria.edit(before.remoteId, { lockstep_owner: 'Maria' });
    served.faults.clear();
    const outcome = await writing;
    expect(outcome).toMatchObject({ ok: true, overwritten: [] });
    expect(writtenRecord(outcome).fields.owner).toBe('CGO');
    const now = await fetched(connector, before.remoteId);
    expect(now.fields.owner).toBe('Maria');
    expect(now.revision).not.toBe(writtenRecord(outcome).revision);
  });

  test('S2: nobody else wrote: nothing is overwritten, also where our value was there before', async () => {
    const { connector } = await hubspotAccount();
    const first = await create(connector, { title: 'Pilot', owner: 'A', dueDate: '2026-12-01', description: 'x' });
    const second = writtenRecord(await update(connector, first, { owner: 'B', dueDate: null, description: null }));
    expect(second.fields).toMatchObject({ owner: 'B', dueDate: null, description: null });
    expect(await update(connector, second, { owner: 'A', dueDate: '2026-12-01' })).toMatchObject({ ok: true, overwritten: [] });
  });

  test('S6: where the history cannot be read after a write, the write stands and a person is told what was not seen', async () => {
    const { connector, fault } = await hubspotAccount();
    const before = await create(connector, { title: 'Pilot', owner: 'CMO' });
    fault(READ, { kind: 'answer', status: 503, headers: {} });
    const outcome = await update(connector, before, { owner: 'CGO' });
    expect(outcome).toMatchObject({ ok: true, refused: [{ field: null, cause: 'unreadable' }] });
    expect((await fetched(connector, before.remoteId)).revision).toBe(writtenRecord(outcome).revision);
  });

  test('S9: what people formatted stays when a neighbour changes, in the body and in the time of day', async () => {
    const { connector, maria } = await hubspotAccount();
    const id = await maria.create({
      hs_task_subject: 'Pilot',
      lockstep_phase: 'Phase 1',
      hs_task_body: '<div><p>Call <strong>all</strong> of <a href="https://x.example">them</a></p><p>today</p></div>',
      hs_timestamp: '2026-12-01T07:45:00.000Z',
    });
    const before = await fetched(connector, id);
    expect(before.fields).toMatchObject({ description: 'Call all of them\ntoday', dueDate: '2026-12-01' });
    await update(connector, before, { description: 'Call all of them\ntomorrow', dueDate: '2026-12-02' });
    const { properties } = await maria.read(id, ['hs_task_body', 'hs_timestamp']);
    expect(properties['hs_task_body']).toContain('Call <strong>all</strong> of <a href="https://x.example">them</a>');
    expect(properties['hs_task_body']).toContain('tomorrow');
    expect(properties['hs_timestamp']).toBe('2026-12-02T07:45:00.000Z');
  });

  test('J04: a task that is gone fails alone; the others of its batch are written', async () => {
    const { connector, maria } = await hubspotAccount();
    const [one, two] = [await create(connector, { title: 'One' }), await create(connector, { title: 'Two' })];
    await maria.archive(one.remoteId);
    const change = (before: typeof one) => ({
      remoteId: before.remoteId,
      marker: before.marker ?? '',
      kind: 'task' as const,
      fields: { owner: 'CMO' },
      before,
    });
    expect(codes(await connector.pushes.update([change(one), change(two)]))).toEqual(['NotFound', 'ok']);
  });

  test('G07: a property that the account no longer has is left alone, the others are written', async () => {
    const { connector, maria } = await hubspotAccount();
    const record = await create(connector, { title: 'Pilot', metric: 'ten' });
    await maria.ask('DELETE', '/crm/properties/2026-09/tasks/lockstep_metric');
    const before = await fetched(connector, record.remoteId);
    expect(before.fields.metric).toBeUndefined();
    expect(before.notices).toMatchObject([{ field: 'metric', cause: 'retyped' }]);
    const outcome = await update(connector, before, { metric: 'twelve', owner: 'CMO' });
    expect(outcome).toMatchObject({ ok: true, refused: [{ field: 'metric', cause: 'retyped' }] });
    expect((await fetched(connector, record.remoteId)).fields.owner).toBe('CMO');
  });
});

describe('HubSpot, removals', () => {
  test('F01: tasks are archived, a hundred a call, and one that is gone already is as it should be', async () => {
    const { connector, maria, requests } = await hubspotAccount();
    const records = (await connector.pushes.create(drafts(100))).map(writtenRecord);
    await maria.archive(records[7]?.remoteId ?? '');
    const removals = records.map(({ remoteId, marker }) => ({ remoteId, marker: marker ?? '', kind: 'task' as const }));
    expect(new Set(codes(await connector.pushes.remove(removals)))).toEqual(new Set(['ok']));
    expect(codes(await connector.pushes.remove([{ remoteId: '999999', marker: 'x', kind: 'task' }]))).toEqual(['ok']);
    expect(requests(/archive$/)).toHaveLength(2);
    expect(await connector.pulls.findByMarker(['draft-1'])).toEqual([]);
  });
});
