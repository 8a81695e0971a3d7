/** The Notion connector against the simulator: what the feed of changes and the scan show. */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { describe, expect, test } from 'vitest';
import { delivered, notionAccount, seen } from './notion-account.ts';
import { create, fetched } from './subject.ts';

const words = (content: string): { rich_text: { text: { content: string } }[] } => ({ rich_text: [{ text: { content } }] });

describe('Notion, pulls', () => {
  test('D01: two edits in one minute with a pull between are both found', async () => {
    const { connector, served, edit } = await notionAccount();
    served.clock.freeze(Date.parse('2026-11-24T10:00:10Z'));
    const record = await create(connector, { title: 'Pilot' });
    const first = await seen(connector);
    served.clock.advance(10_000);
    await edit(record.remoteId, { Owner: words('Maria') });
    const second = await seen(connector, 'changes', first.cursor);
    served.clock.advance(10_000);
    await edit(record.remoteId, { Owner: words('Omar') });
    const third = await seen(connector, 'changes', second.cursor);
    expect([second, third].map(({ records }) => records.map((found) => found.fields.owner))).toEqual([['Maria'], ['Omar']]);
    const revisions = [first, second, third].flatMap(({ records }) => records.map((found) => found.revision));
    expect(new Set(revisions).size).toBe(3);
  });

  test('A07: a value that is changed and changed back has the revision that it had, and so has a page of which nothing mapped was changed', async () => {
    const { connector, served, edit, omar } = await notionAccount();
    const record = await create(connector, { title: 'Pilot', owner: 'Maria' });
    served.clock.advance(3_600_000);
    await edit(record.remoteId, { Owner: words('Omar') });
    expect((await fetched(connector, record.remoteId)).revision).not.toBe(record.revision);
    await edit(record.remoteId, { Owner: words('Maria') });
    await omar.pages.update({ page_id: record.remoteId, is_locked: true });
    expect(await fetched(connector, record.remoteId)).toMatchObject({ revision: record.revision });
  });

  test('C04: after a quiet while a pass costs two calls and shows nothing; an edit is shown by the next one', async () => {
    const { connector, served, edit } = await notionAccount();
    const record = await create(connector, { title: 'Pilot' });
    const first = await seen(connector);
    served.clock.advance(600_000);
    const settled = await seen(connector, 'changes', first.cursor);
    const calls = served.log.counts({}).calls;
    const quiet = await seen(connector, 'changes', settled.cursor);
    expect(quiet.records).toEqual([]);
    expect(served.log.counts({}).calls - calls).toBe(2);
    await edit(record.remoteId, { Owner: words('Omar') });
    expect((await seen(connector, 'changes', quiet.cursor)).records.map((found) => found.remoteId)).toEqual([record.remoteId]);
  });

  test('S12: a page in the trash is shown by the changes as deleted, left out of a scan, and read as deleted by id', async () => {
    const { connector, served, omar } = await notionAccount();
    const kept = await create(connector, { title: 'Kept' });
    const gone = await create(connector, { title: 'Gone' });
    const first = await seen(connector);
    served.clock.advance(600_000);
    await omar.pages.update({ page_id: gone.remoteId, in_trash: true });
    const second = await seen(connector, 'changes', first.cursor);
    expect(second.records.map((record) => [record.remoteId, record.deleted])).toContainEqual([gone.remoteId, true]);
    expect((await seen(connector, 'full')).records.map((found) => found.remoteId)).toEqual([kept.remoteId]);
    expect((await fetched(connector, gone.remoteId)).deleted).toBe(true);
  });

  test('D06: a cursor that is none of ours, or that Notion does not take any more, is refused as such', async () => {
    const { connector } = await notionAccount();
    for (let index = 0; index < 101; index += 1) await create(connector, { title: `Task ${index}` });
    const { nextCursor } = await connector.pulls.pull({ mode: 'changes', cursor: null, recentlyWrittenIds: [] });
    const stale = { ...(nextCursor as Record<string, string>), pageCursor: 'expired' };
    for (const cursor of [{ version: 99 }, stale]) {
      const refused = connector.pulls.pull({ mode: 'changes', cursor, recentlyWrittenIds: [] });
      await expect(refused).rejects.toSatisfy((error) => error instanceof ConnectorError && error.code === 'CursorInvalid');
    }
  });

  test('H07: a relation longer than an answer shows is read to its end', async () => {
    const { connector, edit } = await notionAccount();
    const targets: string[] = [];
    for (let index = 0; index < 60; index += 1) targets.push((await create(connector, { title: `Task ${index}` })).remoteId);
    const record = await create(connector, { title: 'Last' });
    await edit(record.remoteId, { 'Depends on': { relation: targets.map((id) => ({ id })) } });
    const wanted = targets.map((id) => `id:${id}`).sort();
    expect((await fetched(connector, record.remoteId)).fields.dependsOn).toEqual(wanted);
    const listed = (await seen(connector)).records.find((found) => found.remoteId === record.remoteId);
    expect(listed?.fields.dependsOn).toEqual(wanted);
  });

  test('F03: a page of another database is absent; one that is not shared may be there still', async () => {
    const { connector, omar } = await notionAccount();
    const page = await omar.pages.create({ parent: { type: 'workspace', workspace: true }, properties: { title: { title: [] } } });
    const none = '00000000-0000-4000-8000-000000000000';
    const outcomes = await connector.pulls.fetch([page.id, none]);
    expect(outcomes).toEqual([
      { found: false, remoteId: page.id, reason: 'absent' },
      { found: false, remoteId: none, reason: 'forbidden' },
    ]);
  });

  test('C02: what the simulator signs and sends is a hint of the page, after the call that carries the token', async () => {
    const account = await notionAccount();
    let remoteId = '';
    const { token, deliveries } = await delivered(account, async () => {
      ({ remoteId } = await create(account.connector, { title: 'Pilot' }));
      await account.person.edit(remoteId, { owner: 'Omar' });
    });
    const { watches } = account.connect({ webhookSecret: token });
    const [first, ...events] = deliveries.map((delivery) => watches?.verify(delivery));
    expect(first).toEqual({ ok: true, handshake: '' });
    expect(events).toMatchObject([1, 2].map(() => ({ ok: true, hints: [{ remoteId, deleted: false }], ignored: 0 })));
  });

  test('E01: records are found by our marker, and only those that carry it', async () => {
    const { connector } = await notionAccount();
    const record = await create(connector, { title: 'Pilot' });
    await create(connector, { title: 'Other' });
    const found = await connector.pulls.findByMarker([record.marker ?? '', '01j9zzzzzzzzzzzzzzzzzzzzzz']);
    expect(found.map(({ remoteId }) => remoteId)).toEqual([record.remoteId]);
  });
});
