/** Statuses are reached by transitions alone; what is deleted elsewhere is cancelled and labelled. */
import { describe, expect, test } from 'vitest';
import { ARCHIVED_LABEL } from '@lockstep/connectors/jira/mapping.ts';
import { jiraAccount } from './jira-account.ts';
import type { JiraAccount } from './jira-account.ts';
import { create, fetched, inject, pass, tryUpdate, update } from './subject.ts';

const ISSUE = '/rest/api/3/issue';
const [START, CANCEL] = [
  { id: '11', name: 'Start', to: { id: '10101', name: 'In Progress', statusCategory: { key: 'indeterminate' } } },
  { id: '51', name: 'Cancel', to: { id: '10104', name: 'Cancelled', statusCategory: { key: 'done' } } },
];
const FINISH = { id: '31', name: 'Finish', to: { id: '10103', name: 'Done', statusCategory: { key: 'done' } } };

/** What Jira offers next. */
const offer = (account: JiraAccount, transitions: readonly unknown[]): void =>
  inject(account, {
    tool: 'jira',
    match: { method: 'GET', path: '/transitions' },
    action: { kind: 'answer', status: 200, headers: {}, body: { transitions } },
  });
const moves = (account: JiraAccount): number => account.requests(/\/transitions/).filter((request) => request.startsWith('POST')).length;

describe('Jira: status', () => {
  test('G03: a status that is two steps away is reached by the shortest path, and the path is remembered', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const first = await create(connector, { title: 'One', status: 'done' });
    expect(first.fields.status).toBe('done');
    expect(moves(account)).toBe(2);
    const looks = account.requests(/\/transitions/).length - 2;
    expect((await create(connector, { title: 'Two', status: 'done' })).fields.status).toBe('done');
    expect(account.requests(/\/transitions/)).toHaveLength(looks + 4);
  });

  test('G03: without a way the issue stays where it is, the notice has the allowed list, the other fields are written', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot' });
    offer(account, [CANCEL]);
    const outcome = await update(connector, record, { status: 'done', owner: 'CRO' });
    expect(outcome.refused).toMatchObject([{ field: 'status', cause: 'unwritable' }]);
    expect(outcome.refused[0]?.message).toContain('Cancelled (10104)');
    expect(outcome.record.fields).toMatchObject({ status: 'todo', owner: 'CRO' });
    expect(moves(account)).toBe(0);
  });

  test('G03: an issue that was moved to look for a way goes back when there is none', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot' });
    offer(account, [START]);
    offer(account, [{ id: '61', name: 'Back to the list', to: { id: '10100', name: 'To Do', statusCategory: { key: 'new' } } }]);
    const outcome = await update(connector, record, { status: 'done' });
    expect(outcome.refused).toMatchObject([{ field: 'status' }]);
    expect(outcome.record.fields.status).toBe('todo');
    const again = await update(connector, outcome.record, { status: 'done' });
    expect(again.refused).toMatchObject([{ field: 'status' }]);
    expect(moves(account)).toBe(2);
  });

  test('G04: a transition that asks for a field is refused with its name before any step is taken', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot' });
    offer(account, [START, { ...FINISH, fields: { resolution: { required: true, hasDefaultValue: false } } }]);
    const outcome = await update(connector, record, { status: 'done' });
    expect(outcome.refused[0]?.message).toContain('resolution');
    expect(outcome.record.fields.status).toBe('todo');
    expect(moves(account)).toBe(0);
  });

  test('G05: an issue that somebody else has moved is a conflict, and stays where they have put it', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    await create(connector, { title: 'Shows the way', status: 'done' });
    const before = await create(connector, { title: 'Pilot', status: 'in_progress' });
    await account.ask('POST', `${ISSUE}/${before.remoteId}/transitions`, { transition: { id: '51' } });
    expect(await tryUpdate(connector, before, { status: 'done' })).toMatchObject({ ok: false, error: { code: 'Conflict' } });
    const seen = await fetched(connector, before.remoteId);
    expect(seen.fields.status).toBe('cancelled');
    expect((await update(connector, seen, { status: 'done' })).record.fields.status).toBe('done');
  });

  test('S2: a status that was overwritten is reported', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const before = await create(connector, { title: 'Pilot' });
    await account.ask('POST', `${ISSUE}/${before.remoteId}/transitions`, { transition: { id: '51' } });
    await account.ask('POST', `${ISSUE}/${before.remoteId}/transitions`, { transition: { id: '61' } });
    await account.ask('POST', `${ISSUE}/${before.remoteId}/transitions`, { transition: { id: '11' } });
    // "Cancel" is allowed from everywhere.
    const outcome = await update(connector, before, { status: 'cancelled' });
    expect(outcome.overwritten).toEqual([{ field: 'status', value: 'in_progress' }]);
  });

  test('G01: a status that was renamed in Jira counts by its id', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot', status: 'in_progress' });
    const { fields } = await account.ask<{ fields: Record<string, unknown> }>('GET', `${ISSUE}/${record.remoteId}`);
    const issue = { id: record.remoteId, key: record.remoteKey, fields: { ...fields, status: { id: '10101', name: 'Doing' } } };
    inject(account, {
      tool: 'jira',
      match: { path: '/bulkfetch$' },
      action: { kind: 'answer', status: 200, headers: {}, body: { issues: [issue] } },
    });
    expect((await fetched(connector, record.remoteId)).fields.status).toBe('in_progress');
  });
});

describe('Jira: removal', () => {
  test('F01: an archived issue is cancelled, labelled and read as deleted; without the label it is back', async () => {
    const account = await jiraAccount();
    const connector = account.connect();
    const record = await create(connector, { title: 'Pilot', labels: ['alpha'] });
    const removal = { remoteId: record.remoteId, marker: record.marker ?? '', kind: 'task' } as const;
    const [outcome] = await connector.pushes.remove([removal]);
    expect(outcome).toMatchObject({
      ok: true,
      refused: [],
      record: { deleted: true, marker: record.marker, fields: { status: 'cancelled' } },
    });
    account.served.clock.advance(60_000);
    expect((await pass(account.connect, 'full')).records.map(({ remoteId, deleted }) => [remoteId, deleted])).toEqual([
      [record.remoteId, true],
    ]);
    const { fields } = await account.ask<{ fields: { labels: string[] } }>('GET', `${ISSUE}/${record.remoteId}`);
    await account.ask('PUT', `${ISSUE}/${record.remoteId}`, {
      fields: { labels: fields.labels.filter((label) => label !== ARCHIVED_LABEL) },
    });
    expect(await fetched(connector, record.remoteId)).toMatchObject({ deleted: false, fields: { labels: ['alpha'] } });
  });

  test('a task that a person cancels is cancelled, not deleted', async () => {
    const account = await jiraAccount();
    const record = await create(account.connect(), { title: 'Pilot' });
    await account.ask('POST', `${ISSUE}/${record.remoteId}/transitions`, { transition: { id: '51' } });
    expect(await fetched(account.connect(), record.remoteId)).toMatchObject({ deleted: false, fields: { status: 'cancelled' } });
  });

  test('onDelete delete: the issue is gone; one with subtasks that we did not make is refused', async () => {
    const account = await jiraAccount();
    const connector = account.connect({ mapping: { onDelete: 'delete' } });
    const [plain, parent] = [await create(connector, { title: 'Plain' }), await create(connector, { title: 'Parent' })];
    const subtask = { project: { key: 'GROW' }, issuetype: { name: 'Subtask' }, summary: 'Maria’s', parent: { id: parent.remoteId } };
    await account.ask('POST', ISSUE, { fields: subtask });
    const outcomes = await connector.pushes.remove(
      [plain, parent].map(({ remoteId, marker }) => ({ remoteId, marker: marker ?? '', kind: 'task' })),
    );
    expect(outcomes).toMatchObject([
      { ok: true, record: null },
      { ok: false, error: { code: 'Invalid' } },
    ]);
    expect((await connector.pulls.fetch([plain.remoteId, parent.remoteId])).map(({ found }) => found)).toEqual([false, true]);
  });
});
