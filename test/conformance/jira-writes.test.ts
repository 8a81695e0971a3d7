/** What is special to writing issues: batches, fields that Jira refuses, links, parents, labels, documents, races. */
import { describe, expect, test } from 'vitest';
import type { RemoteDraft } from '@lockstep/domain/sync/connector.port.ts';
import { documentOf, jiraAccount, METRIC, OWNER, paragraph } from './jira-account.ts';
import { create, fetched, inject, newMarker, tryUpdate, update, writtenRecord } from './subject.ts';

const drafts = (count: number): readonly RemoteDraft[] =>
  Array.from({ length: count }, (_, index) => ({ marker: newMarker(), kind: 'task', fields: { title: `Task ${index}` } }));
const bold = (text: string): unknown => ({ type: 'text', text, marks: [{ type: 'strong' }] });
const ISSUE = '/rest/api/3/issue';

describe('Jira: batches', () => {
  test('50 creates are one call and one read-back', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    await connector.pulls.findByMarker([newMarker()]);
    const after = account.served.log.lastSeq();
    const outcomes = await connector.pushes.create(drafts(50));
    expect(outcomes.map((outcome) => writtenRecord(outcome).fields.title)).toEqual(drafts(50).map(({ fields }) => fields.title));
    expect(account.served.log.list({ after }, 10).map(({ operation, records }) => [operation, records])).toEqual([
      ['bulk create issues', 50],
      ['bulk fetch issues', 50],
    ]);
  });

  test('60 updates are 60 edits, one read-back and one look into the histories', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const made = [...(await connector.pushes.create(drafts(50))), ...(await connector.pushes.create(drafts(10)))].map(writtenRecord);
    const after = account.served.log.lastSeq();
    const changes = made.map((before) => ({
      remoteId: before.remoteId,
      marker: before.marker ?? '',
      kind: 'task' as const,
      fields: { owner: 'CRO' },
      before,
    }));
    const outcomes = await connector.pushes.update(changes);
    expect(outcomes.map((outcome) => [writtenRecord(outcome).remoteId, writtenRecord(outcome).fields.owner])).toEqual(
      made.map(({ remoteId }) => [remoteId, 'CRO']),
    );
    const operations = account.served.log.list({ after }, 100).map(({ operation }) => operation);
    expect(operations.filter((operation) => operation !== 'edit issue')).toEqual(['bulk fetch issues', 'bulk fetch changelogs']);
    expect(operations).toHaveLength(62);
  });

  test('J04 J08: of a bulk create the bad row alone fails, and a bad field alone is left out', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const rows = drafts(5).map((draft, index) =>
      index === 1
        ? { ...draft, fields: {} }
        : index === 3
          ? { ...draft, fields: { ...draft.fields, owner: 'CRO', parent: 'id:999999' } }
          : draft,
    );
    const outcomes = await connector.pushes.create(rows);
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.record?.marker : outcome.error.code))).toEqual(
      rows.map(({ marker }, index) => (index === 1 ? 'Invalid' : marker)),
    );
    expect(outcomes[3]).toMatchObject({
      ok: true,
      refused: [{ field: 'parent', cause: 'unwritable' }],
      record: { fields: { title: 'Task 3', owner: 'CRO', parent: null } },
    });
    expect(account.served.log.counts({}).creates).toBe(4);
  });

  test('J04: a bulk create of which nothing was made answers for each row', async () => {
    const connector = (await jiraAccount()).connect();
    const outcomes = await connector.pushes.create(drafts(2).map((draft) => ({ ...draft, fields: { owner: 'CRO' } })));
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual(['Invalid', 'Invalid']);
  });

  test('E01: what fails after an issue was made leaves its outcome unknown, never free to be made again', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    inject(account, {
      tool: 'jira',
      match: { method: 'POST', path: '/transitions$' },
      action: { kind: 'answer', status: 429, headers: { 'retry-after': '1' } },
    });
    const [draft] = drafts(1);
    const [outcome] = await connector.pushes.create([
      { marker: draft?.marker ?? '', kind: 'task', fields: { title: 'Pilot', status: 'in_progress' } },
    ]);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'OutcomeUnknown' } });
    expect((await account.connect().pulls.findByMarker([draft?.marker ?? ''])).map((record) => record.fields.title)).toEqual(['Pilot']);
  });
});

describe('Jira: fields', () => {
  test('S9: nodes of a document that text cannot express stay when another line, or another field, is written', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot' });
    const mention = { type: 'mention', attrs: { id: 'x', text: '@Maria' } };
    const media = { type: 'mediaSingle', content: [{ type: 'media', attrs: { id: 'm', type: 'file', collection: 'c' } }] };
    const blocks = [
      paragraph(bold('Why'), { type: 'text', text: ' now: ' }, mention),
      media,
      paragraph({ type: 'text', text: 'Ask the CRO.' }),
    ];
    await account.ask('PUT', `${ISSUE}/${record.remoteId}`, { fields: { description: documentOf(...blocks) } });
    const seen = await fetched(connector, record.remoteId);
    expect(seen.fields.description).toBe('Why now: @Maria\n[mediaSingle]\nAsk the CRO.');
    const renamed = await update(connector, seen, { title: 'Pilot, renamed' });
    await update(connector, renamed.record, { description: 'Why now: @Maria\n[mediaSingle]\nAsk the CFO.' });
    const { fields } = await account.ask<{ fields: { description: { content: unknown[] } } }>('GET', `${ISSUE}/${record.remoteId}`);
    expect(fields.description.content).toEqual([...blocks.slice(0, 2), paragraph({ type: 'text', text: 'Ask the CFO.' })]);
  });

  test('labels with blanks are refused by field, ours and the kind stay', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const record = await create(connector, { title: 'Exit gate', labels: ['alpha'] }, 'gate');
    const outcome = await update(connector, record, { labels: ['two words'], owner: 'CRO' });
    expect(outcome.refused.map(({ field, cause }) => [field, cause])).toEqual([['labels', 'unwritable']]);
    expect(outcome.record).toMatchObject({ kind: 'gate', marker: record.marker, fields: { labels: ['alpha'], owner: 'CRO' } });
    const cleared = await update(connector, outcome.record, { labels: [] });
    expect(cleared.record).toMatchObject({ kind: 'gate', marker: record.marker, fields: { labels: [] } });
  });

  test('kinds are types and labels: a person who labels a task as a gate makes it one', async () => {
    const account = await jiraAccount();
    const remoteId = await account.person.create('Made by hand');
    await account.ask('PUT', `${ISSUE}/${remoteId}`, { fields: { labels: ['gate'] } });
    expect(await fetched(account.connect(), remoteId)).toMatchObject({ kind: 'gate', fields: { labels: [] } });
    const { id } = await account.ask<{ id: string }>('POST', ISSUE, {
      fields: { project: { key: 'GROW' }, issuetype: { name: 'Bug' }, summary: 'A problem' },
    });
    expect((await fetched(account.connect(), id)).kind).toBeNull();
  });

  test('J08: a parent of the wrong level is refused by field, the others are written', async () => {
    const connector = (await jiraAccount()).connect();
    const [epic, task, other] = [
      await create(connector, { title: 'Phase 1' }, 'phase'),
      await create(connector, { title: 'One' }),
      await create(connector, { title: 'Two' }),
    ];
    const outcome = await update(connector, task, { parent: `id:${other.remoteId}`, owner: 'CRO' });
    expect(outcome.refused.map(({ field }) => field)).toEqual(['parent']);
    expect(outcome.record.fields).toMatchObject({ parent: null, owner: 'CRO' });
    expect((await update(connector, outcome.record, { parent: `id:${epic.remoteId}` })).record.fields.parent).toBe(`id:${epic.remoteId}`);
  });

  test('a marker is the issue\u2019s own: a label that was taken away or copied with a clone does not count against it', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot' });
    const labels = [`lockstep-${record.marker ?? ''}`];
    await account.ask('POST', ISSUE, {
      fields: { project: { key: 'GROW' }, issuetype: { name: 'Task' }, summary: 'CLONE - Pilot', labels },
    });
    account.served.clock.advance(60_000);
    const found = await connector.pulls.findByMarker([record.marker ?? '']);
    expect(found[0]?.remoteId).toBe(record.remoteId);
    await account.ask('PUT', `${ISSUE}/${record.remoteId}`, { fields: { labels: [] } });
    expect((await fetched(connector, record.remoteId)).marker).toBe(record.marker);
  });
});

describe('Jira: links', () => {
  test('H06 H07: links are added and taken away one by one; other types, other directions and links that stay are not touched', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const [a, b, c, d] = (await connector.pushes.create(drafts(4))).map(writtenRecord);
    const link = (type: string, inward?: string, outward?: string) =>
      account.ask('POST', '/rest/api/3/issueLink', { type: { name: type }, inwardIssue: { id: inward }, outwardIssue: { id: outward } });
    await link('Blocks', a?.remoteId, d?.remoteId);
    await link('Relates', b?.remoteId, d?.remoteId);
    await link('Blocks', d?.remoteId, c?.remoteId);
    const seen = await fetched(connector, d?.remoteId ?? '');
    expect(seen.fields.dependsOn).toEqual([`id:${a?.remoteId}`]);
    const first = await update(connector, seen, { dependsOn: [`id:${a?.remoteId}`, `id:${b?.remoteId}`] });
    expect(first.record.fields.dependsOn).toEqual([`id:${a?.remoteId}`, `id:${b?.remoteId}`]);
    const second = await update(connector, first.record, { dependsOn: [`id:${b?.remoteId}`] });
    expect(second.record.fields.dependsOn).toEqual([`id:${b?.remoteId}`]);
    expect(account.requests(/issueLink\b(?!Type)/)).toHaveLength(2);
    const { fields } = await account.ask<{ fields: { issuelinks: { type: { name: string } }[] } }>('GET', `${ISSUE}/${d?.remoteId}`);
    expect(fields.issuelinks.map(({ type }) => type.name).toSorted()).toEqual(['Blocks', 'Blocks', 'Relates']);
  });

  test('a link to an issue that is gone is refused by field', async () => {
    const connector = (await jiraAccount()).connect();
    const record = await create(connector, { title: 'Pilot' });
    const outcome = await update(connector, record, { dependsOn: ['id:999999'], owner: 'CRO' });
    expect(outcome.refused.map(({ field }) => field)).toEqual(['dependsOn']);
    expect(outcome.record.fields).toMatchObject({ dependsOn: [], owner: 'CRO' });
  });

  test('S2: a link that a person adds between compare and write is not hidden by the read-back', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const [a, b, c] = (await connector.pushes.create(drafts(3))).map(writtenRecord);
    if (c === undefined) throw new Error('expected three issues');
    await account.ask('POST', '/rest/api/3/issueLink', {
      type: { name: 'Blocks' },
      inwardIssue: { id: a?.remoteId },
      outwardIssue: { id: c.remoteId },
    });
    const outcome = await update(connector, c, { dependsOn: [`id:${b?.remoteId}`] });
    expect(outcome.record.fields.dependsOn).toEqual([`id:${b?.remoteId}`]);
    const seen = await fetched(connector, c.remoteId);
    expect(seen.fields.dependsOn).toEqual([`id:${a?.remoteId}`, `id:${b?.remoteId}`]);
    expect(seen.revision).not.toBe(outcome.record.revision);
  });
});

describe('Jira: edits between compare and write', () => {
  test.each([
    ['title', 'summary', 'Maria’s', 'Maria’s', 'Ours'],
    ['owner', OWNER, 'Maria', 'Maria', 'CRO'],
    ['metric', METRIC, documentOf(paragraph({ type: 'text', text: 'Maria’s' })), 'Maria’s', 'Ours'],
    ['dueDate', 'duedate', '2027-01-31', '2027-01-31', '2027-02-01'],
    ['priority', 'priority', { name: 'Low' }, 'low', 'high'],
    ['labels', 'labels', ['maria'], ['maria'], ['ours']],
  ] as const)('S2: %s that was overwritten is reported', async (field, remote, value, decoded, ours) => {
    const account = await jiraAccount();
    const connector = account.connect();
    const before = await create(connector, { title: 'Pilot' });
    await account.ask('PUT', `${ISSUE}/${before.remoteId}`, { fields: { [remote]: value } });
    const outcome = await update(connector, before, { [field]: ours });
    expect(outcome.overwritten).toEqual([{ field, value: decoded }]);
    expect(outcome.record.fields[field]).toEqual(ours);
  });

  test('A04: somebody who has set the same value was not overwritten', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const before = await create(connector, { title: 'Pilot' });
    await account.person.edit(before.remoteId, { owner: 'CRO' });
    expect((await update(connector, before, { owner: 'CRO' })).overwritten).toEqual([]);
  });

  test('B02: a neighbour that was edited meanwhile is read by the next pull', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const before = await create(connector, { title: 'Pilot' });
    await account.person.edit(before.remoteId, { title: 'Maria’s' });
    const outcome = await update(connector, before, { owner: 'CRO' });
    expect(outcome.overwritten).toEqual([]);
    const seen = await fetched(connector, before.remoteId);
    expect(seen.fields).toMatchObject({ title: 'Maria’s', owner: 'CRO' });
    expect(seen.revision).not.toBe(outcome.record.revision);
    expect((await update(connector, seen, { owner: 'CFO' })).record.revision).toBe((await fetched(connector, before.remoteId)).revision);
  });

  test('S2: an edit between write and read-back is left for the next pull', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const before = await create(connector, { title: 'Pilot' });
    // Our write is held back until a person has written over it.
    inject(account, { tool: 'jira', match: { method: 'PUT' }, action: { kind: 'hold' } });
    const write = update(connector, before, { owner: 'CRO' });
    await expect.poll(() => account.served.faults.status().holding).toBe(1);
    await account.person.edit(before.remoteId, { owner: 'Maria' });
    account.served.faults.clear();
    const outcome = await write;
    expect(outcome.record.fields.owner).toBe('CRO');
    expect(outcome.overwritten).toEqual([]);
    const seen = await fetched(connector, before.remoteId);
    expect(seen.fields.owner).toBe('Maria');
    expect(seen.revision).not.toBe(outcome.record.revision);
  });

  test('an issue that was deleted meanwhile is not found, and the others are written', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const gone = await create(connector, { title: 'Gone' });
    await account.person.remove(gone.remoteId);
    expect(await tryUpdate(connector, gone, { owner: 'CRO' })).toMatchObject({ ok: false, error: { code: 'NotFound' } });
  });
});
