/** What is special to reading issues: an index that lags, times to the minute in somebody's zone, pages that move, keys that change; and doctor. */
import { describe, expect, test } from 'vitest';
import type { PullRequest } from '@lockstep/domain/sync/connector.port.ts';
import { delivered, jira, jiraAccount, signedDelivery } from './jira-account.ts';
import { create, failureOf, fetched, inject, newMarker, pass, writtenRecord } from './subject.ts';

const drafts = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ marker: newMarker(), kind: 'task' as const, fields: { title: `Task ${index}` } }));

describe('Jira: pulls', () => {
  test('D04: what we wrote is shown before the index has it, and the cursor does not pass what it lacks', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    // A minute ends between the write and the pull, and searches have the precision of one.
    account.served.clock.freeze(Date.parse('2026-11-25T10:00:59.500Z'));
    const [ours] = (await connector.pushes.create(drafts(1))).map(writtenRecord);
    const theirs = await account.person.create('Made by hand');
    account.served.clock.advance(600);
    const first = await connector.pulls.pull({ mode: 'changes', cursor: null, recentlyWrittenIds: [ours?.remoteId ?? ''] });
    expect(first.records.map(({ remoteId }) => remoteId)).toEqual([ours?.remoteId]);
    account.served.clock.advance(90_000);
    const second = await connector.pulls.pull({ mode: 'changes', cursor: first.nextCursor, recentlyWrittenIds: [] });
    expect(second.records.map(({ remoteId }) => remoteId)).toContain(theirs);
  });

  test.each(['omar@growth.example', 'maria@growth.example'])(
    'D01: an edit is found by %s, whose times are of another zone',
    async (email) => {
      const account = await jiraAccount();
      const connect = () => account.connect({ email });
      await create(connect(), { title: 'Before' });
      account.served.clock.advance(600_000);
      const { cursor } = await pass(connect, 'changes');
      account.served.clock.advance(3_600_000);
      const later = await create(connect(), { title: 'Pilot' });
      account.served.clock.advance(60_000);
      expect((await pass(connect, 'changes', cursor)).records.map(({ remoteId }) => remoteId)).toEqual([later.remoteId]);
    },
  );

  test.each(['first', 'later'])('an edit while the %s scan pages hides no issue, and is shown by the next one', async (which) => {
    const account = await jiraAccount();
    const connector = account.connect();
    const begin = which === 'first' ? null : (await pass(account.connect, 'changes')).cursor;
    const made = [];
    for (let batch = 0; batch < 3; batch += 1) made.push(...(await connector.pushes.create(drafts(50))).map(writtenRecord));
    account.served.clock.advance(60_000);
    const request = { mode: 'changes', recentlyWrittenIds: [] } as const satisfies Omit<PullRequest, 'cursor'>;
    const first = await connector.pulls.pull({ ...request, cursor: begin });
    expect(first.more).toBe(true);
    // The last page shows an edit that is much newer than the one behind it.
    await account.person.edit(made[0]?.remoteId ?? '', { title: 'Edited' });
    account.served.clock.advance(600_000);
    await account.person.edit(made[140]?.remoteId ?? '', { title: 'Edited as well' });
    account.served.clock.advance(600_000);
    const second = await connector.pulls.pull({ ...request, cursor: first.nextCursor });
    expect(second.more).toBe(false);
    const shown = new Set([...first.records, ...second.records].map(({ remoteId }) => remoteId));
    expect(made.filter(({ remoteId }) => !shown.has(remoteId))).toEqual([]);
    const next = await pass(account.connect, 'changes', second.nextCursor);
    expect(next.records.map(({ fields }) => fields.title)).toContain('Edited');
  });

  test('a quiet project is one call a pass, and a busy one is not read over and over', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    for (let batch = 0; batch < 3; batch += 1) await connector.pushes.create(drafts(50));
    account.served.clock.advance(60_000);
    let { cursor } = await pass(() => connector, 'changes');
    account.served.clock.advance(600_000);
    ({ cursor } = await pass(() => connector, 'changes', cursor));
    account.served.clock.advance(600_000);
    const { calls } = account.served.log.counts({});
    expect((await pass(() => connector, 'changes', cursor)).records).toEqual([]);
    expect(account.served.log.counts({}).calls).toBe(calls + 1);
  });

  test('D05: our clock has no part in it', async () => {
    const account = await jiraAccount();
    const connect = () => account.connect({ clock: () => new Date('2031-01-01T00:00:00Z') });
    await create(connect(), { title: 'Before' });
    account.served.clock.advance(600_000);
    const { cursor } = await pass(connect, 'changes');
    account.served.clock.advance(3_600_000);
    const remoteId = await account.person.create('Made by hand');
    account.served.clock.advance(60_000);
    expect((await pass(connect, 'changes', cursor)).records.map((record) => record.remoteId)).toEqual([remoteId]);
  });

  test('D06: a page token that Jira does not take any more is a cursor that is not', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    for (let batch = 0; batch < 3; batch += 1) await connector.pushes.create(drafts(50));
    account.served.clock.advance(60_000);
    const { nextCursor: cursor } = await connector.pulls.pull({ mode: 'full', cursor: null, recentlyWrittenIds: [] });
    account.served.clock.advance(8 * 86_400_000);
    expect(await failureOf(() => connector.pulls.pull({ mode: 'full', cursor, recentlyWrittenIds: [] }))).toMatchObject({
      code: 'CursorInvalid',
    });
  });

  test('F06: an issue that has moved to another project is the same record under another key', async () => {
    const account = await jiraAccount();
    const record = await create(account.connect(), { title: 'Pilot' });
    const { fields } = await account.ask<{ fields: object }>('GET', `/rest/api/3/issue/${record.remoteId}`);
    const body = { issues: [{ id: record.remoteId, key: 'OPS-7', fields, properties: { lockstep: { itemId: record.marker } } }] };
    inject(account, {
      tool: 'jira',
      match: { path: '/bulkfetch$' },
      action: { kind: 'answer', status: 200, headers: {}, body },
    });
    const moved = await fetched(account.connect(), record.remoteId);
    expect(moved).toMatchObject({ remoteId: record.remoteId, remoteKey: 'OPS-7', marker: record.marker });
  });

  test('K02: markers are found page by page, however many are asked for', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const all = [...drafts(50), ...drafts(50), ...drafts(50)];
    for (let start = 0; start < all.length; start += 50) await connector.pushes.create(all.slice(start, start + 50));
    account.served.clock.advance(60_000);
    const found = await connector.pulls.findByMarker(all.map(({ marker }) => marker));
    expect(found.map(({ marker }) => marker)).toEqual(all.map(({ marker }) => marker));
  });
});

const secret = jira.webhook?.secret ?? '';

describe('Jira: webhooks', () => {
  test('C02: a delete is a hint that says so, a link hints at both ends, a comment at its issue, a sprint at nobody', async () => {
    const account = await jiraAccount();
    const connector = account.connect({ webhookSecret: secret });
    const [a, b] = (await connector.pushes.create(drafts(2))).map(writtenRecord);
    const link = { type: { name: 'Blocks' }, inwardIssue: { id: a?.remoteId }, outwardIssue: { id: b?.remoteId } };
    const linked = await delivered(account, ['issuelink_created'], () => account.ask('POST', '/rest/api/3/issueLink', link));
    expect(connector.watches?.verify(linked)).toMatchObject({
      hints: [
        { remoteId: a?.remoteId, deleted: false },
        { remoteId: b?.remoteId, deleted: false },
      ],
    });
    const gone = await delivered(account, ['jira:issue_deleted'], () => account.person.remove(a?.remoteId ?? ''));
    expect(connector.watches?.verify(gone)).toMatchObject({ hints: [{ remoteId: a?.remoteId, deleted: true }], ignored: 0 });
    const comment = signedDelivery(gone, { webhookEvent: 'comment_created', issue: { id: b?.remoteId }, comment: {} });
    expect(connector.watches?.verify(comment)).toMatchObject({ ok: true, hints: [{ remoteId: b?.remoteId, deleted: false }], ignored: 0 });
    const sprint = signedDelivery(gone, { webhookEvent: 'sprint_started', issue: { id: b?.remoteId } });
    expect(connector.watches?.verify(sprint)).toMatchObject({ ok: true, hints: [], ignored: 1 });
  });

  test.each(['', 'no json', '[]', '{"issue":{"id":5}}'])('a signed body that is not an event is malformed: %j', async (body) => {
    const account = await jiraAccount();
    const { watches } = account.connect({ webhookSecret: secret });
    const delivery = { method: 'POST', url: '', headers: {}, body: new Uint8Array(), receivedAt: '' };
    expect(watches?.verify(signedDelivery(delivery, body, secret))).toEqual({ ok: false, reason: 'malformed' });
  });
});

describe('Jira: doctor', () => {
  test('names every type, field, status and priority of the mapping that the project does not have', async () => {
    const account = await jiraAccount();
    const { mapping } = account;
    const findings = await account
      .connect({
        mapping: {
          kinds: { ...mapping.kinds, phase: { remote: 'Initiative' } },
          fields: { ...mapping.fields, cadence: { remote: 'Cadence', direction: 'in' }, tools: { remote: 'assignee', direction: 'in' } },
          status: { ...mapping.status, blocked: 'On hold' },
          priority: { ...mapping.priority, high: 'Urgent' },
        },
      })
      .check();
    const errors = findings.filter(({ level }) => level === 'error');
    expect(errors.map(({ subject }) => subject)).toEqual(['kind phase', 'field cadence', 'field tools', 'status blocked', 'priority high']);
    expect(errors.every(({ remedy }) => remedy !== undefined)).toBe(true);
  });

  test('J07 F03: an account that may not see the project gets an error with a remedy, and finds nothing deleted', async () => {
    const account = await jiraAccount();
    const guest = account.connect({ email: 'guest@growth.example' });
    const errors = (await guest.check()).filter(({ level }) => level === 'error');
    expect(errors.map(({ subject }) => subject)).toEqual(['project GROW']);
    expect(errors[0]?.remedy).toContain('browse');
    expect(await failureOf(() => guest.pulls.pull({ mode: 'full', cursor: null, recentlyWrittenIds: [] }))).toMatchObject({
      code: 'NotFound',
    });
  });

  test('J08: warns of fields that are not on a type’s screen, and says what a type asks for that is not given', async () => {
    const account = await jiraAccount();
    const screen = ['summary', 'description', 'labels', 'priority', 'duedate', 'parent', 'issuetype', 'project'].map((fieldId) => ({
      fieldId,
      name: fieldId,
      required: false,
    }));
    const body = { fields: [...screen, { fieldId: 'customfield_1', name: 'Cost centre', required: true, hasDefaultValue: false }] };
    inject(account, {
      tool: 'jira',
      match: { path: '/createmeta/GROW/issuetypes/10002' },
      action: { kind: 'answer', status: 200, headers: {}, body },
    });
    const findings = (await account.connect({ webhookSecret: secret }).check()).filter(({ level }) => level !== 'ok');
    expect(findings.map(({ level, subject }) => [level, subject])).toEqual([
      ['warning', 'screen of Story'],
      ['error', 'screen of Story'],
    ]);
    expect(findings[0]?.message).toContain('Plan owner, Plan dependencies');
    expect(findings[1]?.message).toContain('Cost centre');
  });

  test('warns where no webhook secret is configured', async () => {
    const account = await jiraAccount();
    const level = async (webhookSecret?: string) =>
      (await account.connect(webhookSecret === undefined ? {} : { webhookSecret }).check()).find(({ subject }) => subject === 'webhook')
        ?.level;
    expect([await level(), await level('a secret')]).toEqual(['warning', 'ok']);
  });
});
