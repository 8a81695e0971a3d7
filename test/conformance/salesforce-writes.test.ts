/** The Salesforce connector against the simulator, through jsforce: what it writes. */
import type { RemoteDraft } from '@lockstep/domain/sync/connector.port.ts';
import { describe, expect, test } from 'vitest';
import { ITEMS, salesforceAccount } from './salesforce-account.ts';
import type { SalesforceAccount } from './salesforce-account.ts';
import { create, fetched, newMarker, pass, tryUpdate, update, writtenRecord } from './subject.ts';

const drafts = (count: number): RemoteDraft[] =>
  Array.from({ length: count }, (_, index) => ({ marker: newMarker(), kind: 'task', fields: { title: `Task ${index}`, owner: 'CRO' } }));
const codes = (outcomes: readonly { ok: boolean; error?: { code: string } }[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.ok ? 'ok' : (outcome.error?.code ?? '?')));
const rule = (account: SalesforceAccount, given: Readonly<Record<string, unknown>>) =>
  account.admin('POST', '/ui/settings/rules', { object: 'Lockstep_Item__c', ...given });
/** Work by us, with the calls that it took. */
async function counted<T>(
  account: SalesforceAccount,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly calls: readonly string[] }> {
  const before = account.requests().length;
  const result = await work();
  return {
    result,
    calls: account
      .requests()
      .slice(before)
      .map(({ method, path }) => `${method} ${path.replace(/^.*\/v67\.0([^?]*).*$/, '$1')}`),
  };
}

describe('Salesforce, batches', () => {
  test('a page of 200 creates is one call, 23 updates are one, 200 removals are one, and 200 reads are one', async () => {
    const account = await salesforceAccount();
    const { connector } = account;
    await connector.pulls.findByMarker([newMarker()]);
    expect(connector.limits).toEqual({ create: 200, update: 23, remove: 200, fetch: 200 });
    const made = await counted(account, () => connector.pushes.create(drafts(200)));
    expect(made.calls).toEqual(['POST /composite']);
    const records = made.result.map(writtenRecord);
    const read = await counted(account, () => connector.pulls.fetch(records.map(({ remoteId }) => remoteId)));
    expect(read.calls).toEqual(['GET /queryAll/']);
    expect(read.result.map((outcome) => outcome.found && outcome.record.marker)).toEqual(records.map(({ marker }) => marker));
    const changes = records.slice(0, 23).map((before, index) => ({
      ...{ remoteId: before.remoteId, marker: before.marker ?? '', kind: 'task' as const, before },
      fields: { owner: `Owner ${index}` },
    }));
    const changed = await counted(account, () => connector.pushes.update(changes));
    expect(changed.calls).toEqual(['POST /composite']);
    expect(changed.result.map((outcome) => writtenRecord(outcome).fields.owner)).toEqual(changes.map(({ fields }) => fields.owner));
    const removals = records.map(({ remoteId, marker }) => ({ remoteId, marker: marker ?? '', kind: 'task' as const }));
    const removed = await counted(account, () => connector.pushes.remove(removals));
    expect(removed.calls).toEqual(['DELETE /composite/sobjects']);
    expect(new Set(codes(removed.result))).toEqual(new Set(['ok']));
    expect((await pass(account.connect, 'full')).records.filter(({ deleted }) => !deleted)).toEqual([]);
  });

  test('J04: one record that is refused fails alone, each outcome in its place', async () => {
    const account = await salesforceAccount();
    await rule(account, { message: 'Not today', times: 1 });
    const outcomes = await account.connector.pushes.create(drafts(8));
    expect(codes(outcomes)).toEqual(['Invalid', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok']);
    expect(outcomes.slice(1).map((outcome) => writtenRecord(outcome).fields.title)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((index) => `Task ${index}`),
    );
    expect(outcomes[0]).toMatchObject({ ok: false, error: { message: expect.stringContaining('Not today') as unknown } });
  });

  test('J08: a field that is refused is left out with a notice, the other fields are written; new and standing', async () => {
    const account = await salesforceAccount();
    await rule(account, { field: 'Owner__c', message: 'Owners are set elsewhere' });
    const [made, other] = await account.connector.pushes.create([
      { marker: newMarker(), kind: 'task', fields: { title: 'Pilot', owner: 'CRO', metric: 'Ten' } },
      { marker: newMarker(), kind: 'task', fields: { title: 'Other' } },
    ]);
    expect(writtenRecord(made).fields).toMatchObject({ title: 'Pilot', owner: null, metric: 'Ten' });
    expect(made).toMatchObject({
      refused: [{ field: 'owner', cause: 'unwritable', message: expect.stringContaining('Owners are set elsewhere') as unknown }],
    });
    expect(other).toMatchObject({ ok: true, refused: [] });
    const changed = await update(account.connector, writtenRecord(made), { owner: 'CFO', metric: 'Twelve' });
    expect(changed.refused.map(({ field }) => field)).toEqual(['owner']);
    expect(changed.record.fields).toMatchObject({ owner: null, metric: 'Twelve' });
  });

  test('J04: a record that somebody has locked is tried again later; the others of the batch are written', async () => {
    const account = await salesforceAccount();
    const { connector } = account;
    const [one, two] = [await create(connector, { title: 'One' }), await create(connector, { title: 'Two' })];
    await rule(account, {
      recordId: one.remoteId,
      errorCode: 'UNABLE_TO_LOCK_ROW',
      message: 'unable to obtain exclusive access',
      times: 1,
    });
    const change = (before: typeof one) => ({
      remoteId: before.remoteId,
      marker: before.marker ?? '',
      kind: 'task' as const,
      before,
      fields: { owner: 'CFO' },
    });
    expect(codes(await connector.pushes.update([change(one), change(two)]))).toEqual(['Transient', 'ok']);
    expect(codes(await connector.pushes.update([change(one)]))).toEqual(['ok']);
  });
});

describe('Salesforce, one record', () => {
  test('S4 E04: a create that is sent twice, and by two processes at once, makes one record', async () => {
    const account = await salesforceAccount();
    const [draft] = drafts(1) as [RemoteDraft];
    await Promise.all([account.connect().pushes.create([draft]), account.connect().pushes.create([draft])]);
    const again = writtenRecord((await account.connect().pushes.create([draft]))[0]);
    expect((await pass(account.connect, 'full')).records.map(({ remoteId, marker }) => [remoteId, marker])).toEqual([
      [again.remoteId, draft.marker],
    ]);
    expect(account.served.log.counts({ account: 'lockstep' }).creates).toBe(1);
  });

  test('E06: a batch whose answer is lost is unknown as a whole; sent again, it makes nothing twice', async () => {
    const account = await salesforceAccount();
    const batch = drafts(50);
    account.fault({ path: '/composite$' }, { kind: 'cut' });
    expect(new Set(codes(await account.connector.pushes.create(batch)))).toEqual(new Set(['OutcomeUnknown']));
    const markers = batch.map(({ marker }) => marker);
    expect((await account.connect().pulls.findByMarker(markers)).map(({ marker }) => marker ?? '').toSorted()).toEqual(markers.toSorted());
    expect(new Set(codes(await account.connector.pushes.create(batch)))).toEqual(new Set(['ok']));
    expect((await pass(account.connect, 'full')).records).toHaveLength(50);
  });

  test('S2: an edit of the very second that we compared passes the guard, and is reported; ours stands', async () => {
    const account = await salesforceAccount();
    account.served.clock.freeze(Date.parse('2026-11-25T10:00:02.300Z'));
    const before = await create(account.connector, { title: 'Pilot', owner: 'CRO', metric: 'Ten' });
    await account.maria.edit(before.remoteId, { Owner__c: 'Maria', Metric__c: 'Eleven' });
    const outcome = await update(account.connector, before, { owner: 'CFO' });
    expect(outcome.overwritten).toEqual([{ field: 'owner', value: 'Maria' }]);
    // What we did not write is as she left it.
    expect(outcome.record.fields).toMatchObject({ owner: 'CFO', metric: 'Eleven' });
  });

  test('S2: an edit right after our write is no part of what we wrote, and the next pass shows it', async () => {
    const account = await salesforceAccount();
    const before = await create(account.connector, { title: 'Pilot', owner: 'CRO' });
    const { cursor } = await pass(account.connect, 'changes');
    const headers = { authorization: 'Bearer sf_maria', 'content-type': 'application/json' };
    const request = { method: 'PATCH', path: `${ITEMS}/${before.remoteId}`, headers, body: { Owner__c: 'Maria' } } as const;
    account.fault({ path: '/composite$' }, { kind: 'edit-between', request });
    const outcome = await update(account.connector, before, { owner: 'CFO' });
    expect(outcome).toMatchObject({ overwritten: [], record: { fields: { owner: 'CFO' } } });
    const { records } = await pass(account.connect, 'changes', cursor);
    expect(records.map(({ fields, revision }) => [fields.owner, revision === outcome.record.revision])).toEqual([['Maria', false]]);
  });

  test('an update that changes nothing makes no call, and one that is refused as stale leaves the others of its batch alone', async () => {
    const account = await salesforceAccount();
    const { connector } = account;
    const [one, two] = [await create(connector, { title: 'One' }), await create(connector, { title: 'Two' })];
    const quiet = await counted(account, () => update(connector, one, { title: 'One', owner: null }));
    expect(quiet.calls).toEqual([]);
    account.served.clock.advance(2_000);
    await account.person.edit(one.remoteId, { title: 'One, edited' });
    const change = (before: typeof one) => ({
      remoteId: before.remoteId,
      marker: before.marker ?? '',
      kind: 'task' as const,
      before,
      fields: { owner: 'CFO' },
    });
    expect(codes(await connector.pushes.update([change(one), change(two)]))).toEqual(['Conflict', 'ok']);
    expect(await account.maria.read(one.remoteId)).toMatchObject({ Title__c: 'One, edited', Owner__c: null });
  });

  test('H01: a child whose parent is deleted stands without one, and is written to as before', async () => {
    const account = await salesforceAccount();
    const { connector } = account;
    const parent = await create(connector, { title: 'Phase 1' }, 'phase');
    const child = await create(connector, { title: 'Pilot', parent: `id:${parent.remoteId}` });
    account.served.clock.advance(2_000);
    await account.maria.remove(parent.remoteId);
    const now = await fetched(connector, child.remoteId);
    expect(now.fields.parent).toBeNull();
    expect(now.revision).not.toBe(child.revision);
    expect((await update(connector, now, { owner: 'CFO' })).overwritten).toEqual([]);
    // A parent that is gone is refused by field; the rest is written.
    const outcome = await tryUpdate(connector, await fetched(connector, child.remoteId), {
      parent: `id:${parent.remoteId}`,
      metric: 'Ten',
    });
    expect(outcome).toMatchObject({ ok: true, record: { fields: { parent: null, metric: 'Ten' } }, refused: [{ field: 'parent' }] });
  });
});

describe('Salesforce, what the object is like', () => {
  test('G07: a field that is removed while we know it is left out with a notice, and the others are written', async () => {
    const account = await salesforceAccount();
    const { connector } = account;
    const before = await create(connector, { title: 'Pilot', owner: 'CRO' });
    await account.admin('POST', '/ui/settings/fields/remove', { object: 'Lockstep_Item__c', name: 'Metric__c' });
    const outcome = await update(connector, before, { metric: 'Ten', owner: 'CFO' });
    expect(outcome.refused.map(({ field, cause }) => [field, cause])).toEqual([['metric', 'unwritable']]);
    expect(outcome.record.fields.owner).toBe('CFO');
    expect('metric' in outcome.record.fields).toBe(false);
    expect((await fetched(connector, before.remoteId)).notices.map(({ field, cause }) => [field, cause])).toEqual([['metric', 'retyped']]);
    expect(writtenRecord((await connector.pushes.create(drafts(1)))[0]).fields.title).toBe('Task 0');
  });

  test('G07: a field that is removed is read around by whoever knew it, and written again when it is back', async () => {
    const account = await salesforceAccount();
    const { connector } = account;
    const record = await create(connector, { title: 'Pilot', metric: 'Ten' });
    await account.admin('POST', '/ui/settings/fields/remove', { object: 'Lockstep_Item__c', name: 'Metric__c' });
    const { records } = await pass(() => connector, 'full');
    expect(records.map(({ fields, notices }) => ['metric' in fields, notices.map(({ cause }) => cause)])).toEqual([[false, ['retyped']]]);
    await account.admin('POST', '/ui/settings/fields', { object: 'Lockstep_Item__c', name: 'Metric__c', type: 'textarea', length: 1_000 });
    const outcome = await update(account.connect(), await fetched(account.connect(), record.remoteId), { metric: 'Twelve' });
    expect(outcome).toMatchObject({ refused: [], record: { fields: { metric: 'Twelve' } } });
  });

  test('G08: a status that the picklist does not have is refused by field, and flows when it is there', async () => {
    const account = await salesforceAccount();
    const options = ['To Do', 'In Progress', 'Done'];
    const status = { object: 'Lockstep_Item__c', name: 'Status__c', restricted: true };
    await account.admin('POST', '/ui/settings/fields', { ...status, options });
    const before = await create(account.connector, { title: 'Pilot' });
    const outcome = await update(account.connector, before, { status: 'blocked', owner: 'CFO' });
    expect(outcome.refused.map(({ field }) => field)).toEqual(['status']);
    expect(outcome.record.fields).toMatchObject({ status: 'todo', owner: 'CFO' });
    await account.admin('POST', '/ui/settings/fields', { ...status, options: [...options, 'Blocked'] });
    expect((await update(account.connect(), outcome.record, { status: 'blocked' })).record.fields.status).toBe('blocked');
  });

  test('I03: a text is cut to the length that Salesforce tells, and a list that is too long is not written', async () => {
    const account = await salesforceAccount();
    const field = (name: string, length: number) =>
      account.admin('POST', '/ui/settings/fields', { object: 'Lockstep_Item__c', name, type: 'textarea', length });
    await field('Metric__c', 20);
    await field('Labels__c', 20);
    const before = await create(account.connector, { title: 'Pilot' });
    const outcome = await update(account.connector, before, {
      metric: 'Ten accounts, and then some',
      labels: ['growth', 'a label that is too long'],
    });
    expect(outcome.record.fields).toMatchObject({ metric: 'Ten accounts, and th', labels: [] });
    expect(Object.fromEntries(outcome.refused.map(({ field: name, cause }) => [name, cause]))).toEqual({
      metric: 'clipped',
      labels: 'unwritable',
    });
  });
});
