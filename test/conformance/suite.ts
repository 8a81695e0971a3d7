/**
 * What every connector must do, through the vendor's SDK against the simulator. A connector brings a `Subject` (subject.ts) and passes all of it; what is
 * special to a vendor stands in tests of its own.
 */
import { describe, expect, test } from 'vitest';
import type { Subject } from './subject.ts';
import { create, fetched, inject, newMarker, pass, tryUpdate, update, writtenRecord } from './subject.ts';
import { failureLaws } from './suite-failures.ts';
import { fieldLaws } from './suite-fields.ts';
import { webhookLaws } from './suite-webhooks.ts';

/** Longer than any search index of the simulator lags. */
const INDEXED_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Registers the suite's tests for one connector. */
export function conformance(subject: Subject): void {
  describe(`${subject.name}: conformance`, () => {
    creationLaws(subject);
    removalLaws(subject);
    raceLaws(subject);
    pullLaws(subject);
    cursorLaws(subject);
    fieldLaws(subject);
    failureLaws(subject);
    if (subject.webhook !== undefined) webhookLaws(subject, subject.webhook);
  });
}

function creationLaws(subject: Subject): void {
  test('a create returns the record as the remote holds it: ids, marker, kind, fields', async () => {
    const account = await subject.open();
    const marker = newMarker();
    const [outcome] = await account
      .connect()
      .pushes.create([{ marker, kind: 'task', fields: { title: 'Pilot', owner: 'VP Sales + CGO' } }]);
    const record = writtenRecord(outcome);
    expect(record).toMatchObject({
      marker,
      kind: 'task',
      deleted: false,
      fields: { title: 'Pilot', owner: 'VP Sales + CGO' },
      notices: [],
    });
    expect(record.url).toMatch(/^https?:/);
    const again = await fetched(account.connect(), record.remoteId);
    expect({ ...again, raw: null }).toEqual({ ...record, raw: null });
  });

  test('E01: a create whose answer is lost is unknown, and is found by its marker before any index shows it', async () => {
    const account = await subject.open();
    const connector = account.connect();
    await create(connector, { title: 'Before' });
    account.served.clock.freeze(account.served.clock.nowMs());
    inject(account, { tool: subject.tool, match: subject.wire.create, action: { kind: 'lose-answer' } });
    const marker = newMarker();
    const unknown = await connector.pushes
      .create([{ marker, kind: 'task', fields: { title: 'Pilot' } }])
      .then(([outcome]) => (outcome?.ok === false ? outcome.error.code : 'ok'))
      .catch((error: { code: string }) => error.code);
    expect(unknown).toBe('OutcomeUnknown');
    const found = await account.connect().pulls.findByMarker([marker, newMarker()]);
    expect(found.map((record) => [record.marker, record.fields.title])).toEqual([[marker, 'Pilot']]);
    expect(account.served.log.counts({ account: 'lockstep' }).creates).toBe(2);
  });
}

function removalLaws(subject: Subject): void {
  test('E08: a record that a person made has no marker, and is read like any other', async () => {
    const account = await subject.open();
    const remoteId = await account.person.create('Made by hand');
    expect(await fetched(account.connect(), remoteId)).toMatchObject({ marker: null, kind: 'task', fields: { title: 'Made by hand' } });
    account.served.clock.advance(INDEXED_MS);
    const { records } = await pass(account.connect, 'full');
    expect(records.map((record) => [record.remoteId, record.marker])).toEqual([[remoteId, null]]);
  });

  test('F01: what a person deletes is not there, or says that it is deleted', async () => {
    const account = await subject.open();
    const record = await create(account.connect(), { title: 'Pilot' });
    await account.person.remove(record.remoteId);
    const [outcome] = await account.connect().pulls.fetch([record.remoteId]);
    expect(outcome?.found === true ? outcome.record.deleted : outcome?.reason).toBe(outcome?.found === true ? true : 'absent');
  });

  test('F01: what we remove is not there, or says that it is deleted; removing it twice is no failure', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const [gone, stays] = [await create(connector, { title: 'Goes' }), await create(connector, { title: 'Stays' })];
    const removal = { remoteId: gone.remoteId, marker: gone.marker ?? '', kind: 'task' } as const;
    for (let time = 1; time <= 2; time += 1) {
      const [outcome] = await connector.pushes.remove([removal]);
      expect(outcome).toMatchObject({ ok: true });
      expect(outcome?.ok === true && (outcome.record === null || outcome.record.deleted)).toBe(true);
    }
    account.served.clock.advance(INDEXED_MS);
    const { records } = await pass(account.connect, 'full');
    expect(records.filter((record) => !record.deleted).map((record) => record.remoteId)).toEqual([stays.remoteId]);
  });
}

function raceLaws(subject: Subject): void {
  test('an unknown id is not found, and the others of the request are', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot' });
    const gone = await create(connector, { title: 'Gone' });
    await account.person.remove(gone.remoteId);
    const unknown = subject.tool === 'notion' ? '00000000-0000-4000-8000-000000000000' : '99999999';
    const outcomes = await connector.pulls.fetch([unknown, record.remoteId]);
    expect(outcomes).toMatchObject([
      { found: false, remoteId: unknown, reason: subject.showsDeleted ? 'forbidden' : 'absent' },
      { found: true, record: { remoteId: record.remoteId } },
    ]);
  });

  test('S2: an edit between compare and write is reported where the vendor has a history, or the write is refused', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot', owner: 'CRO' });
    const before = await fetched(connector, record.remoteId);
    account.served.clock.advance(1_000);
    await account.person.edit(record.remoteId, { owner: 'Maria' });
    account.served.clock.advance(1_000);
    const outcome = await tryUpdate(connector, before, { owner: 'CFO' });
    const happened =
      outcome?.ok === true ? { owner: outcome.record?.fields.owner, overwritten: outcome.overwritten } : { refused: outcome?.error.code };
    const written = { owner: 'CFO', overwritten: subject.seesOverwritten ? [{ field: 'owner', value: 'Maria' }] : [] };
    expect(happened).toEqual(subject.refusesStale === true ? { refused: 'Conflict' } : written);
    expect((await fetched(connector, record.remoteId)).fields.owner).toBe(subject.refusesStale === true ? 'Maria' : 'CFO');
    const quiet = await update(connector, await fetched(connector, record.remoteId), { owner: 'CEO' });
    expect(quiet.overwritten).toEqual([]);
  });
}

function pullLaws(subject: Subject): void {
  test('a full scan pages to the end and shows each record once, whoever reads the next page', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const drafts = Array.from({ length: 130 }, (_, index) => ({
      marker: newMarker(),
      kind: 'task' as const,
      fields: { title: `Task ${index}` },
    }));
    for (let start = 0; start < drafts.length; start += connector.limits.create) {
      const outcomes = await connector.pushes.create(drafts.slice(start, start + connector.limits.create));
      expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
    }
    account.served.clock.advance(INDEXED_MS);
    const { records, pages } = await pass(account.connect, 'full');
    expect(pages).toBeGreaterThan(1);
    expect(records.map((record) => record.marker ?? '').toSorted()).toEqual(drafts.map((draft) => draft.marker).toSorted());
  });

  test('C04: a pass of changes shows what a person edited and nothing that has long been shown', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const records = [
      await create(connector, { title: 'One' }),
      await create(connector, { title: 'Two' }),
      await create(connector, { title: 'Three' }),
    ];
    account.served.clock.advance(INDEXED_MS);
    const first = await pass(account.connect, 'changes');
    expect(first.records.map((record) => record.remoteId).toSorted()).toEqual(records.map((record) => record.remoteId).toSorted());
    account.served.clock.advance(HOUR_MS);
    const quiet = await pass(account.connect, 'changes', first.cursor);
    account.served.clock.advance(HOUR_MS);
    const [, two] = records;
    await account.person.edit(two?.remoteId ?? '', { title: 'Two, edited' });
    account.served.clock.advance(INDEXED_MS);
    const third = await pass(account.connect, 'changes', quiet.cursor);
    expect(third.records.map((record) => [record.remoteId, record.fields.title])).toEqual([[two?.remoteId, 'Two, edited']]);
    expect(third.records[0]?.revision).not.toBe(two?.revision);
    account.served.clock.advance(HOUR_MS);
    const fourth = await pass(account.connect, 'changes', third.cursor);
    account.served.clock.advance(HOUR_MS);
    const fifth = await pass(account.connect, 'changes', fourth.cursor);
    expect(fifth.records).toEqual([]);
  });
}

function cursorLaws(subject: Subject): void {
  test('D01: two edits in one minute with a pass between them are both seen', async () => {
    const account = await subject.open();
    const record = await create(account.connect(), { title: 'Pilot' });
    account.served.clock.freeze(Date.parse('2026-11-25T10:00:02Z'));
    let { cursor } = await pass(account.connect, 'changes');
    for (const title of ['Pilot, once', 'Pilot, twice']) {
      account.served.clock.advance(3_000);
      await account.person.edit(record.remoteId, { title });
      account.served.clock.advance(5_000);
      const seen = await pass(account.connect, 'changes', cursor);
      expect(seen.records.map((found) => found.fields.title)).toContain(title);
      cursor = seen.cursor;
    }
  });

  test('D06: a cursor that is not ours is refused, so that the scan begins anew', async () => {
    const account = await subject.open();
    const code = await account
      .connect()
      .pulls.pull({ mode: 'changes', cursor: { version: 99, of: 'something else' }, recentlyWrittenIds: [] })
      .then(() => 'taken')
      .catch((error: { code: string }) => error.code);
    expect(code).toBe('CursorInvalid');
  });
}
