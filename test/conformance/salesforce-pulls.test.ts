/** The Salesforce connector against the simulator, through jsforce: what it reads. */
import { describe, expect, test } from 'vitest';
import { salesforceAccount } from './salesforce-account.ts';
import type { SalesforceAccount } from './salesforce-account.ts';
import { create, fetched, newMarker, pass } from './subject.ts';

const AT = Date.parse('2026-11-24T10:00:20.000Z');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const COLLECTION = '/services/data/v67.0/composite/sobjects';

/** Records made by Maria two hundred a call, all in the second that the clock shows. */
async function makeMany({ maria }: SalesforceAccount, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let start = 0; start < count; start += 200) {
    const records = Array.from({ length: Math.min(200, count - start) }, (_, index) => ({
      attributes: { type: 'Lockstep_Item__c' },
      ...{ Title__c: `Task ${start + index}`, Kind__c: 'Task' },
    }));
    ids.push(...((await maria.ask('POST', COLLECTION, { records })) as { id: string }[]).map(({ id }) => id));
  }
  return ids;
}

async function editMany({ maria }: SalesforceAccount, ids: readonly string[], owner: string): Promise<void> {
  for (let start = 0; start < ids.length; start += 200) {
    const records = ids.slice(start, start + 200).map((Id) => ({ attributes: { type: 'Lockstep_Item__c' }, Id, Owner__c: owner }));
    await maria.ask('PATCH', COLLECTION, { records });
  }
}

const distinct = (records: readonly { remoteId: string }[]): readonly string[] =>
  [...new Set(records.map(({ remoteId }) => remoteId))].sort();

describe('Salesforce, changes', () => {
  test('C04: what Maria makes and edits is in the next pass, decoded', async () => {
    const account = await salesforceAccount();
    const phase = await account.maria.create({ Title__c: 'Roots', Kind__c: 'Phase' });
    const { cursor } = await pass(account.connect, 'changes');
    const id = await account.maria.create({
      ...{ Title__c: 'Call ten accounts', Kind__c: 'Task', Owner__c: 'VP Sales + CGO', Due__c: '2026-12-01', Priority__c: 'High' },
      ...{ Parent__c: phase, Labels__c: 'growth;calls', Description__c: 'One\r\nTwo' },
    });
    const { records } = await pass(account.connect, 'changes', cursor);
    expect(records.find(({ remoteId }) => remoteId === id)).toMatchObject({
      ...{ remoteKey: expect.stringMatching(/^LI-\d{5}$/) as unknown, marker: null, kind: 'task', deleted: false, notices: [] },
      fields: {
        ...{ title: 'Call ten accounts', owner: 'VP Sales + CGO', dueDate: '2026-12-01', priority: 'high', status: 'todo' },
        ...{ parent: `id:${phase}`, labels: ['calls', 'growth'], description: 'One\nTwo', metric: null },
      },
    });
  });

  test('a quiet pass is one call, and shows nothing', async () => {
    const account = await salesforceAccount();
    await create(account.connector, { title: 'Pilot' });
    const { cursor } = await pass(() => account.connector, 'changes');
    account.served.clock.advance(10 * MINUTE_MS);
    const quiet = await pass(() => account.connector, 'changes', cursor);
    const before = account.requests().length;
    expect((await pass(() => account.connector, 'changes', quiet.cursor)).records).toEqual([]);
    expect(account.requests().slice(before)).toMatchObject([{ method: 'POST', path: expect.stringMatching(/\/composite$/) as unknown }]);
  });

  test('D01 D06: 1,200 records of one second are all read, in the first pass and when they change, page after page', async () => {
    const account = await salesforceAccount();
    account.served.clock.freeze(AT);
    const ids = await makeMany(account, 1_200);
    const first = await pass(account.connect, 'changes');
    expect(first.records.map(({ remoteId }) => remoteId).toSorted()).toEqual([...ids].sort());
    expect(first.pages).toBe(3);
    account.served.clock.advance(10 * MINUTE_MS);
    await editMany(account, ids, 'Maria');
    const second = await pass(account.connect, 'changes', first.cursor);
    expect(second.records.map(({ remoteId }) => remoteId).toSorted()).toEqual([...ids].sort());
    expect(new Set(second.records.map(({ fields }) => fields.owner))).toEqual(new Set(['Maria']));
    account.served.clock.advance(10 * MINUTE_MS);
    const third = await pass(account.connect, 'changes', second.cursor);
    account.served.clock.advance(10 * MINUTE_MS);
    expect((await pass(account.connect, 'changes', third.cursor)).records).toEqual([]);
  });

  test('D06: records that change while pages are read shift nobody past the reader, and their last edit is shown', async () => {
    const account = await salesforceAccount();
    account.served.clock.freeze(AT);
    const ids = await makeMany(account, 1_200);
    const shown = new Map<string, unknown>();
    const show = (records: Awaited<ReturnType<typeof pass>>['records']): void => {
      for (const { remoteId, fields } of records) shown.set(remoteId, fields.owner);
    };
    let cursor: Awaited<ReturnType<typeof pass>>['cursor'] = null;
    for (let page = 0, more = true; more; page += 1) {
      const read = await account.connect().pulls.pull({ mode: 'changes', cursor, recentlyWrittenIds: [] });
      show(read.records);
      ({ more, nextCursor: cursor } = read);
      account.served.clock.advance(1_000);
      if (page < 3) await editMany(account, ids.slice(page * 100, page * 100 + 100), `Maria ${page}`);
    }
    show((await pass(account.connect, 'changes', cursor)).records);
    expect([...shown.keys()].sort()).toEqual([...ids].sort());
    expect(ids.slice(0, 300).map((id) => shown.get(id))).toEqual(ids.slice(0, 300).map((_, index) => `Maria ${Math.floor(index / 100)}`));
  });

  test('D04: a record that a long transaction shows late, with an older stamp, is found: the cursor waits where the log does', async () => {
    const account = await salesforceAccount();
    account.served.clock.freeze(AT);
    const { cursor } = await pass(account.connect, 'changes');
    const late = await account.maria.create({ Title__c: 'Late', Kind__c: 'Task' });
    account.served.clock.advance(60 * MINUTE_MS);
    // The transaction is open: its record is not in the log, which is complete up to its beginning only.
    const covered = new Date(AT - 20_000).toISOString();
    const log = (referenceId: string, body: object) => ({ referenceId, httpStatusCode: 200, httpHeaders: {}, body });
    const compositeResponse = [
      log('updated', { ids: [], latestDateCovered: covered }),
      log('deleted', {
        deletedRecords: [],
        earliestDateAvailable: '2026-11-10T00:00:00.000+0000',
        latestDateCovered: new Date(AT + DAY_MS).toISOString(),
      }),
    ];
    account.fault({ path: '/composite$' }, { kind: 'answer', status: 200, headers: {}, body: { compositeResponse } });
    const blind = await pass(account.connect, 'changes', cursor);
    expect(blind.records).toEqual([]);
    expect(distinct((await pass(account.connect, 'changes', blind.cursor)).records)).toEqual([late]);
  });

  test('D04: a log that calls itself complete up to the end of the window, which is to come, is believed up to the present only', async () => {
    const account = await salesforceAccount();
    account.served.clock.freeze(AT);
    const { cursor } = await pass(account.connect, 'changes');
    account.served.clock.advance(10 * MINUTE_MS);
    const latestDateCovered = new Date(AT + 60 * MINUTE_MS).toISOString();
    const log = (referenceId: string, body: object) => ({ referenceId, httpStatusCode: 200, httpHeaders: {}, body });
    const compositeResponse = [
      log('updated', { ids: [], latestDateCovered }),
      log('deleted', { deletedRecords: [], earliestDateAvailable: '2026-11-10T00:00:00.000+0000', latestDateCovered }),
    ];
    account.fault({ path: '/composite$' }, { kind: 'answer', status: 200, headers: {}, body: { compositeResponse } });
    const early = await pass(account.connect, 'changes', cursor);
    account.served.clock.advance(10 * MINUTE_MS);
    const id = await account.maria.create({ Title__c: 'x', Kind__c: 'Task' });
    account.served.clock.advance(60 * MINUTE_MS);
    expect(distinct((await pass(account.connect, 'changes', early.cursor)).records)).toEqual([id]);
  });

  test('D05: our clock may be an hour off either way; changes are found by Salesforce’s', async () => {
    for (const offMs of [-60 * MINUTE_MS, 60 * MINUTE_MS]) {
      const account = await salesforceAccount();
      const connect = () => account.connect({ clock: () => new Date(Date.now() + offMs) });
      const { cursor } = await pass(connect, 'changes');
      account.served.clock.advance(5 * MINUTE_MS);
      const id = await account.maria.create({ Title__c: 'x', Kind__c: 'Task' });
      expect(distinct((await pass(connect, 'changes', cursor)).records)).toEqual([id]);
    }
  });

  test('C10 D06: a cursor older than the logs reach back is a gap, and is refused, so that everything is read and nothing is deleted for it', async () => {
    const account = await salesforceAccount();
    const { cursor } = await pass(account.connect, 'changes');
    account.served.clock.advance(16 * DAY_MS);
    await expect(account.connect().pulls.pull({ mode: 'changes', cursor, recentlyWrittenIds: [] })).rejects.toMatchObject({
      code: 'CursorInvalid',
    });
    expect(await account.connect().pulls.pull({ mode: 'changes', cursor: null, recentlyWrittenIds: [] })).toMatchObject({ more: false });
  });

  test('C10 D06: a log of deletes that was purged below the cursor is a gap, and is refused like it', async () => {
    const account = await salesforceAccount();
    const { cursor } = await pass(account.connect, 'changes');
    const log = (referenceId: string, body: object) => ({ referenceId, httpStatusCode: 200, httpHeaders: {}, body });
    const latestDateCovered = new Date(Date.now() + 10 * MINUTE_MS).toISOString();
    const compositeResponse = [
      log('updated', { ids: [], latestDateCovered }),
      log('deleted', { deletedRecords: [], earliestDateAvailable: new Date(Date.now() + 5 * MINUTE_MS).toISOString(), latestDateCovered }),
    ];
    account.fault({ path: '/composite$' }, { kind: 'answer', status: 200, headers: {}, body: { compositeResponse } });
    await expect(account.connect().pulls.pull({ mode: 'changes', cursor, recentlyWrittenIds: [] })).rejects.toMatchObject({
      code: 'CursorInvalid',
    });
  });
});

describe('Salesforce, deletes and the full scan', () => {
  test('S12: a record in the recycle bin says that it is deleted, in the changes, by id and in a full scan; undeleted, it lives', async () => {
    const account = await salesforceAccount();
    const record = await create(account.connector, { title: 'Pilot', owner: 'CMO' });
    const other = await create(account.connector, { title: 'Other' });
    const { cursor } = await pass(account.connect, 'changes');
    await account.maria.remove(record.remoteId);
    const gone = { remoteId: record.remoteId, deleted: true, marker: record.marker, fields: { title: 'Pilot' } };
    const changes = await pass(account.connect, 'changes', cursor);
    expect(changes.records.find(({ remoteId }) => remoteId === record.remoteId)).toMatchObject(gone);
    expect(await fetched(account.connect(), record.remoteId)).toMatchObject(gone);
    const { records } = await pass(account.connect, 'full');
    expect(records.map(({ remoteId, deleted }) => [remoteId, deleted])).toEqual([
      [other.remoteId, false],
      [record.remoteId, true],
    ]);
    expect(await account.connect().pulls.findByMarker([record.marker ?? ''])).toEqual([]);
    await undelete(account, record.remoteId);
    const back = await pass(account.connect, 'changes', changes.cursor);
    expect(back.records.find(({ remoteId }) => remoteId === record.remoteId)).toMatchObject({ deleted: false, revision: record.revision });
  });

  test('S12: a record that the log of deletes names and that is purged is deleted, though there is nothing left to show', async () => {
    const account = await salesforceAccount();
    const record = await create(account.connector, { title: 'Pilot' });
    account.served.clock.advance(10 * MINUTE_MS);
    const { cursor } = await pass(account.connect, 'changes');
    await account.maria.remove(record.remoteId);
    // Somebody has emptied the recycle bin.
    account.fault({ path: '/queryAll' }, { kind: 'answer', status: 200, headers: {}, body: { totalSize: 0, done: true, records: [] } });
    const page = await account.connect().pulls.pull({ mode: 'changes', cursor, recentlyWrittenIds: [] });
    expect(page).toMatchObject({ records: [], deletedIds: [record.remoteId] });
  });

  test('F03: an object that may not be seen any more is a refusal, and no record of it is absent', async () => {
    const account = await salesforceAccount();
    const record = await create(account.connector, { title: 'Pilot' });
    const body = [{ errorCode: 'INVALID_TYPE', message: "sObject type 'Lockstep_Item__c' is not supported." }];
    account.fault({ path: '/queryAll' }, { kind: 'answer', status: 400, headers: {}, body }, { times: 2 });
    await expect(account.connector.pulls.fetch([record.remoteId])).rejects.toMatchObject({ code: 'Forbidden' });
    await expect(pass(() => account.connector, 'full')).rejects.toMatchObject({ code: 'Forbidden' });
  });

  test('D07: the full scan shows a record as the changes do, and a large answer that comes in parts is read on', async () => {
    const account = await salesforceAccount();
    const ids = await makeMany(account, 3);
    const [changes, full] = [await pass(account.connect, 'changes'), await pass(account.connect, 'full')];
    expect(full.records.toSorted(byId)).toEqual(changes.records.toSorted(byId));
    const { records } = (await account.maria.ask('GET', `/services/data/v67.0/queryAll?q=${encodeURIComponent(EVERYTHING)}`)) as {
      records: object[];
    };
    const part = { totalSize: 3, done: false, nextRecordsUrl: '/services/data/v67.0/query/01gx-1', records: records.slice(0, 1) };
    account.fault({ path: '/queryAll' }, { kind: 'answer', status: 200, headers: {}, body: part });
    expect(distinct((await pass(account.connect, 'full')).records)).toEqual([...ids].sort());
    account.fault({ path: '/queryAll' }, { kind: 'answer', status: 200, headers: {}, body: part });
    expect((await account.connect().pulls.fetch(ids)).map(({ found }) => found)).toEqual([true, true, true]);
  });
});

const byId = (left: { remoteId: string }, right: { remoteId: string }): number => (left.remoteId < right.remoteId ? -1 : 1);
const EVERYTHING =
  'SELECT Id,IsDeleted,SystemModstamp,LastModifiedById,Name,Lockstep_Id__c,Kind__c,Title__c,Description__c,Owner__c,Status__c,Priority__c,Due__c,Labels__c,Parent__c,Section__c,Dependencies__c,Definition_Of_Done__c,Metric__c FROM Lockstep_Item__c ORDER BY Id';

async function undelete(account: SalesforceAccount, id: string): Promise<void> {
  const xml = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><SessionHeader><sessionId>sf_maria</sessionId></SessionHeader></e:Header><e:Body><undelete><ids>${id}</ids></undelete></e:Body></e:Envelope>`;
  const answer = await fetch(`${account.served.url}/services/Soap/u/67.0`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    body: xml,
  });
  expect(await answer.text()).toContain('<success>true');
}

describe('Salesforce, scope', () => {
  test('a record without a kind, or of a kind that the mapping does not have, is shown with none, for a person to look at', async () => {
    const account = await salesforceAccount();
    const ids = [await account.maria.create({ Title__c: 'x' }), await account.maria.create({ Title__c: 'y', Kind__c: 'Saga' })];
    for (const id of ids) expect(await fetched(account.connector, id)).toMatchObject({ kind: null, fields: {} });
    const kinds = { task: { remote: 'Task' } };
    expect(await fetched(account.connect({ mapping: { kinds } }), ids[0] ?? '')).toMatchObject({ kind: 'task', fields: { title: 'x' } });
  });

  test('I05: whatever stands in a marker or an id is a value of the query, never a part of it', async () => {
    const account = await salesforceAccount();
    await create(account.connector, { title: 'Pilot' });
    const hostile = ["x') OR Title__c != ('", "a\\' OR Id != null --", '\u0000', "'", newMarker()];
    expect(await account.connector.pulls.findByMarker(hostile)).toEqual([]);
    const outcomes = await account.connector.pulls.fetch(["a00' OR Id != '", 'x'.repeat(18), 'a'.repeat(15)]);
    expect(outcomes.map((outcome) => !outcome.found && outcome.reason)).toEqual(['absent', 'absent', 'absent']);
    expect(() => account.connect({ mapping: { target: { object: 'Lockstep_Item__c WHERE Id' } } })).toThrow(
      expect.objectContaining({ code: 'Invalid' }) as Error,
    );
  });
});
