/** The HubSpot connector against the simulator, through the vendor's SDK: what it reads. */
import { CLIENT_SECRET } from '@lockstep/simulator/hubspot/scenario.ts';
import { describe, expect, test } from 'vitest';
import { delivered, hubspotAccount, pass } from './hubspot-account.ts';
import type { HubSpotAccount } from './hubspot-account.ts';
import { create, fetched, update } from './subject.ts';

const AT = Date.parse('2026-11-24T10:00:00.000Z');
/** Longer than HubSpot's index lags. */
const INDEXED_MS = 10_000;
/** Longer than we allow it to. */
const QUIET_MS = 120_000;

/** Tasks of the plan, made by Maria a hundred a call. */
async function makeMany({ maria }: HubSpotAccount, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let start = 0; start < count; start += 100) {
    const inputs = Array.from({ length: Math.min(100, count - start) }, (_, index) => ({
      properties: { hs_task_subject: `Task ${start + index}`, lockstep_phase: 'Phase 1', hs_timestamp: '2026-12-01T09:00:00Z' },
    }));
    const { results } = (await maria.ask('POST', '/crm/objects/2026-09/tasks/batch/create', { inputs })) as { results: { id: string }[] };
    ids.push(...results.map(({ id }) => id));
  }
  return ids;
}

const distinct = (records: readonly { remoteId: string }[]): readonly string[] =>
  [...new Set(records.map(({ remoteId }) => remoteId))].sort();

describe('HubSpot, changes', () => {
  test('C04: what Maria makes and edits is in the next pass, decoded, and a pass after it shows nothing new', async () => {
    const { connector, maria, served } = await hubspotAccount();
    const id = await maria.create({ hs_task_subject: 'Call ten accounts', lockstep_phase: 'Phase 1', lockstep_owner: 'Maria' });
    served.clock.advance(INDEXED_MS);
    const first = await pass(connector);
    expect(first.records).toMatchObject([
      {
        remoteId: id,
        marker: null,
        kind: 'task',
        deleted: false,
        fields: {
          title: 'Call ten accounts',
          parent: 'text:Phase 1',
          owner: 'Maria',
          dueDate: '2026-12-01',
          status: 'todo',
          priority: null,
        },
      },
    ]);
    await maria.edit(id, { hs_task_priority: 'HIGH', hs_task_status: 'WAITING' });
    served.clock.advance(INDEXED_MS);
    const second = await pass(connector, { cursor: first.cursor });
    expect(second.records).toMatchObject([{ remoteId: id, fields: { priority: 'high', status: 'blocked' } }]);
    const third = await pass(connector, { cursor: second.cursor });
    expect(third.records.every(({ revision }) => revision === second.records[0]?.revision)).toBe(true);
    // Its overlap ends with the index's lag: a quiet account is asked for the newest task only.
    expect(distinct(third.records)).toEqual([id]);
  });

  test('D04: a change that the index does not show yet is found later; the cursor does not pass it', async () => {
    const { connector, maria, served } = await hubspotAccount();
    served.clock.freeze(Date.now());
    const early = await maria.create({ hs_task_subject: 'Early', lockstep_phase: 'Phase 1' });
    served.clock.advance(INDEXED_MS);
    const seen = await pass(connector);
    expect(distinct(seen.records)).toEqual([early]);
    const late = await maria.create({ hs_task_subject: 'Late', lockstep_phase: 'Phase 1' });
    const blind = await pass(connector, { cursor: seen.cursor });
    expect(distinct(blind.records)).toEqual([early]);
    served.clock.advance(INDEXED_MS);
    expect(distinct((await pass(connector, { cursor: blind.cursor })).records)).toEqual([early, late].sort());
  });

  test('D04: what we wrote a moment ago is read from the primary store, once a pass', async () => {
    const { connector, served, requests } = await hubspotAccount();
    served.clock.freeze(Date.now());
    const record = await create(connector, { title: 'Pilot' });
    const { records } = await pass(connector, { recentlyWrittenIds: [record.remoteId] });
    expect(records.map(({ remoteId, revision }) => ({ remoteId, revision }))).toEqual([
      { remoteId: record.remoteId, revision: record.revision },
    ]);
    expect(requests(/batch\/read/).length).toBeLessThanOrEqual(2);
  });

  test('D06: 450 tasks of one millisecond are all read, once each, and the pass ends', async () => {
    const account = await hubspotAccount();
    account.served.clock.freeze(AT);
    const ids = await makeMany(account, 450);
    account.served.clock.advance(INDEXED_MS);
    const { records, pages } = await pass(account.connector);
    expect(distinct(records)).toEqual([...ids].sort());
    expect(pages).toBeLessThanOrEqual(6);
  });

  test('D06: tasks that change while pages are read shift nobody past the reader', async () => {
    const account = await hubspotAccount();
    account.served.clock.freeze(AT);
    const ids: string[] = [];
    for (let batch = 0; batch < 5; batch += 1) {
      ids.push(...(await makeMany(account, 100)));
      account.served.clock.advance(1);
    }
    account.served.clock.advance(INDEXED_MS);
    let next = 0;
    const { records } = await pass(account.connector, {
      // The oldest ones move to the end, and by an offset the next page would begin too late.
      between: async () => {
        for (const id of ids.slice(next, next + 20)) await account.maria.edit(id, { lockstep_owner: `Maria ${next}` });
        next += 20;
        account.served.clock.advance(INDEXED_MS);
      },
    });
    expect(distinct(records)).toEqual([...ids].sort());
  });

  test('the first pass is as many searches as pages; a quiet one is one', async () => {
    const account = await hubspotAccount();
    account.served.clock.freeze(AT);
    for (let batch = 0; batch < 4; batch += 1) {
      await makeMany(account, 100);
      account.served.clock.advance(1);
    }
    account.served.clock.advance(QUIET_MS);
    const { cursor } = await pass(account.connector);
    expect(account.requests(/search$/).length).toBeLessThanOrEqual(4);
    const before = account.requests(/./).length;
    await pass(account.connector, { cursor });
    expect(account.requests(/./).length - before).toBe(1);
  });

  test('D06: a cursor of another version is refused, so that the scan begins anew', async () => {
    const { connector } = await hubspotAccount();
    for (const mode of ['changes', 'full'] as const)
      await expect(connector.pulls.pull({ mode, cursor: { version: 0 }, recentlyWrittenIds: [] })).rejects.toMatchObject({
        code: 'CursorInvalid',
      });
    const cursor = { version: 1, archived: false, after: 'nonsense' };
    await expect(connector.pulls.pull({ mode: 'full', cursor, recentlyWrittenIds: [] })).rejects.toMatchObject({ code: 'CursorInvalid' });
  });
});

describe('HubSpot, scope', () => {
  test('a rep’s call task is in no listing, nothing is made of it by id, and it enters when it is given a phase', async () => {
    const { connector, maria, served } = await hubspotAccount();
    const id = await maria.create({ hs_task_subject: 'Call Ines back', hs_task_type: 'CALL' });
    served.clock.advance(INDEXED_MS);
    const { records, cursor } = await pass(connector);
    expect(records).toEqual([]);
    expect((await pass(connector, { mode: 'full' })).records).toEqual([]);
    expect(await connector.pulls.fetch([id])).toEqual([{ found: false, remoteId: id, reason: 'forbidden' }]);
    await maria.edit(id, { lockstep_phase: 'Phase 1' });
    served.clock.advance(INDEXED_MS);
    expect(distinct((await pass(connector, { cursor })).records)).toEqual([id]);
    expect(await connector.pulls.fetch([id])).toMatchObject([{ found: true }]);
  });

  test('F03: a task of ours stays in scope without its phase; a person’s that loses it is out of reach, not deleted', async () => {
    const { connector, maria } = await hubspotAccount();
    const ours = await create(connector, { title: 'Ours', parent: 'text:Phase 1' });
    const hers = await maria.create({ hs_task_subject: 'Hers', lockstep_phase: 'Phase 1' });
    await maria.edit(ours.remoteId, { lockstep_phase: '' });
    await maria.edit(hers, { lockstep_phase: '' });
    expect(await connector.pulls.fetch([ours.remoteId, hers])).toMatchObject([
      { found: true, record: { fields: { parent: null } } },
      { found: false, reason: 'forbidden' },
    ]);
  });

  test('a task of a kind that the mapping does not have is shown with no kind, for a person to look at', async () => {
    const { connector, maria } = await hubspotAccount();
    const id = await maria.create({ hs_task_subject: 'x', lockstep_kind: 'saga' });
    expect(await fetched(connector, id)).toMatchObject({ kind: null, fields: {} });
  });

  test('G02: a status without a mapping is left out with a notice, the other fields are read', async () => {
    const { connect, mapping, maria } = await hubspotAccount();
    const { blocked: _, ...status } = mapping.status;
    const connector = connect({ mapping: { status } });
    const id = await maria.create({ hs_task_subject: 'x', lockstep_phase: 'Phase 1', hs_task_status: 'WAITING' });
    const record = await fetched(connector, id);
    expect(record.fields.status).toBeUndefined();
    expect(record).toMatchObject({ fields: { title: 'x' }, notices: [{ field: 'status', cause: 'unmapped-value', value: 'WAITING' }] });
  });
});

describe('HubSpot, deletes and the full scan', () => {
  test('S12: an archived task says so when it is read by id; one that never was is absent', async () => {
    const { connector, maria } = await hubspotAccount();
    const record = await create(connector, { title: 'Pilot', owner: 'CMO' });
    await maria.archive(record.remoteId);
    expect(await connector.pulls.fetch([record.remoteId, '424242'])).toMatchObject([
      { found: true, record: { deleted: true, marker: record.marker, fields: { title: 'Pilot' } } },
      { found: false, remoteId: '424242', reason: 'absent' },
    ]);
    expect((await fetched(connector, record.remoteId)).revision).not.toBe(record.revision);
  });

  test('S12: the full scan shows every live task of the plan, and archived ones that are ours as deleted', async () => {
    const account = await hubspotAccount();
    const { connector, maria } = account;
    const ids = await makeMany(account, 150);
    const [kept, gone] = [await create(connector, { title: 'Kept' }), await create(connector, { title: 'Gone' })];
    await maria.archive(gone.remoteId);
    await maria.archive(ids[0] ?? '');
    await maria.create({ hs_task_subject: 'A call' });
    const { records, pages } = await pass(connector, { mode: 'full' });
    expect(distinct(records.filter(({ deleted }) => !deleted))).toEqual([...ids.slice(1), kept.remoteId].sort());
    expect(records.filter(({ deleted }) => deleted)).toMatchObject([{ remoteId: gone.remoteId, marker: gone.marker }]);
    expect(pages).toBe(3);
  });

  test('D07: the full scan shows a task as the changes do', async () => {
    const { connector, served } = await hubspotAccount();
    const record = await create(connector, { title: 'Pilot', description: 'One\nTwo' });
    await update(connector, record, { owner: 'CMO' });
    served.clock.advance(INDEXED_MS);
    const [changes, full] = [await pass(connector), await pass(connector, { mode: 'full' })];
    expect(full.records).toMatchObject(changes.records.map((shown) => ({ ...shown, raw: expect.anything() as unknown })));
  });
});

describe('HubSpot, webhooks', () => {
  test('C05: HubSpot’s deliveries of a new task, an edit and a delete name the task; only the delete says so', async () => {
    const account = await hubspotAccount();
    const { connect, maria } = account;
    let id = '';
    const deliveries = await delivered(account, async () => {
      id = await maria.create({ hs_task_subject: 'x', lockstep_phase: 'Phase 1' });
      await maria.edit(id, { hs_task_subject: 'y', lockstep_owner: 'Maria' });
      await maria.archive(id);
    });
    const { watches } = connect({ webhookSecret: CLIENT_SECRET });
    const verdicts = deliveries.map((delivery) => watches?.verify(delivery));
    expect(verdicts).toMatchObject([false, false, true].map((deleted) => ({ ok: true, hints: [{ remoteId: id, deleted }], ignored: 0 })));
    expect(new Set(verdicts.map((verdict) => JSON.stringify(verdict)))).toHaveProperty('size', 3);
    // Kept and played again after five minutes.
    const late = deliveries.map((delivery) => ({
      ...delivery,
      receivedAt: new Date(Date.parse(delivery.receivedAt) + 301_000).toISOString(),
    }));
    expect(late.map((delivery) => watches?.verify(delivery))).toEqual(late.map(() => ({ ok: false, reason: 'stale' })));
  });
});
