/** Issues of the stand-in for Jira, by the contract's and the reference's facts: create, read, edit, transitions, delete. */
import { describe, expect, test } from 'vitest';
import { jiraSite, paragraph, task } from './jira-site.ts';

const IN_PROGRESS = '11';

describe('create', () => {
  test('all that is written comes back by id and by key, times in the zone of the one who asks', async () => {
    const site = await jiraSite();
    const epic = await site.issue({ issuetype: { name: 'Epic' }, summary: 'A phase' });
    const { id, key } = await site.sdk().issues.createIssue({
      fields: {
        ...task('  Write the brief '),
        description: paragraph('What and why.'),
        labels: ['plan', 'lockstep-01'],
        priority: { name: 'High' },
        duedate: '2026-12-01',
        parent: { id: epic },
        customfield_10201: 'VP Sales + CGO ',
      },
      properties: [{ key: 'lockstep', value: { item: '01' } }],
    });
    expect(key).toBe('GROW-2');
    const issue = await site.sdk('maria').issues.getIssue({ issueIdOrKey: key ?? '', properties: ['lockstep'] });
    expect(issue.id).toBe(id);
    expect(issue.fields).toMatchObject({
      // Blanks around a text are not kept: what is read back is what counts (B04).
      summary: 'Write the brief',
      customfield_10201: 'VP Sales + CGO',
      description: paragraph('What and why.'),
      labels: ['lockstep-01', 'plan'],
      priority: { name: 'High' },
      status: { name: 'To Do' },
      duedate: '2026-12-01',
      parent: { id: epic, fields: { summary: 'A phase' } },
      created: '2026-11-24T10:30:20.500+0100',
    });
    expect(issue.properties).toEqual({ lockstep: { item: '01' } });
    expect(site.log.counts({ account: 'lockstep' })).toMatchObject({ creates: 2, updates: 0 });
  });

  test.for([
    ['no summary', { summary: undefined }, 'summary'],
    ['a summary of 256', { summary: 'x'.repeat(256) }, 'summary'],
    ['a summary of two lines', { summary: 'one\ntwo' }, 'summary'],
    ['a label with a blank', { labels: ['two words'] }, 'labels'],
    ['a label of 256', { labels: ['x'.repeat(256)] }, 'labels'],
    ['a text where a document belongs', { description: 'plain' }, 'description'],
    ['a document where a text belongs', { customfield_10201: paragraph('x') }, 'customfield_10201'],
    ['a text over 32,767', { description: paragraph('x'.repeat(32_768)) }, 'description'],
    ['an unknown field', { customfield_99999: 'x' }, 'customfield_99999'],
    ['a status', { status: { name: 'Done' } }, 'status'],
    ['an unknown priority', { priority: { name: 'Urgent' } }, 'priority'],
    ['a day that is none', { duedate: '2026-02-30' }, 'duedate'],
    ['a parent that is none', { parent: { key: 'GROW-99' } }, 'parent'],
    ['another project', { project: { key: 'OTHER' } }, 'project'],
  ] as const)('%s is refused under that field, and nothing is made', async ([, fields, fieldId]) => {
    const site = await jiraSite();
    const answer = await site.ask('POST', '/rest/api/3/issue', { fields: { ...task('x'), ...fields } });
    expect([answer.status, answer.body.errorMessages, Object.keys(answer.body.errors)]).toEqual([400, [], [fieldId]]);
    site.index();
    expect((await site.ask('POST', '/rest/api/3/search/jql', { jql: 'project = GROW' })).body.issues).toEqual([]);
    expect(site.log.counts({}).creates).toBe(0);
  });

  test('J04 a bulk create makes what it can and names the others by their place', async () => {
    const site = await jiraSite();
    const answer = await site.ask('POST', '/rest/api/3/issue/bulk', {
      issueUpdates: [{ fields: task('one') }, { fields: { ...task('two'), labels: ['a b'] } }, { fields: task('three') }, { fields: {} }],
    });
    expect(answer.status).toBe(201);
    expect(answer.body.issues.map(({ key }: { key: string }) => key)).toEqual(['GROW-1', 'GROW-2']);
    expect(answer.body.errors).toEqual([
      { status: 400, failedElementNumber: 1, elementErrors: { errorMessages: [], errors: { labels: expect.stringContaining('spaces') } } },
      {
        status: 400,
        failedElementNumber: 3,
        elementErrors: { errorMessages: [], errors: expect.objectContaining({ summary: expect.any(String) }) },
      },
    ]);
    expect(site.log.counts({}).creates).toBe(2);
    const none = await site.ask('POST', '/rest/api/3/issue/bulk', { issueUpdates: [{ fields: {} }] });
    expect([none.status, none.body.issues, none.body.errors.length]).toEqual([400, [], 1]);
  });

  test('a bulk create takes 50, not 51', async () => {
    const site = await jiraSite();
    const updates = (count: number): unknown => ({
      issueUpdates: Array.from({ length: count }, (_, index) => ({ fields: task(`task ${index}`) })),
    });
    expect((await site.ask('POST', '/rest/api/3/issue/bulk', updates(51))).status).toBe(400);
    expect(site.log.counts({}).creates).toBe(0);
    expect((await site.ask('POST', '/rest/api/3/issue/bulk', updates(50))).body.issues).toHaveLength(50);
    expect(site.log.counts({})).toEqual({ calls: 2, creates: 50, updates: 0, deletes: 0 });
  });
});

describe('read by id', () => {
  test('a bulk fetch of up to 100 reads the primary store at once, in the order of ids, and names what is missing', async () => {
    const site = await jiraSite();
    const [one, two] = [await site.issue({ summary: 'one' }), await site.issue({ summary: 'two' })];
    const found = await site.sdk().issues.bulkFetchIssues({ issueIdsOrKeys: [two, 'GROW-1', one, '99999'], fields: ['summary'] });
    expect(found.issues?.map((issue) => [issue.id, issue.fields])).toEqual([
      [one, { summary: 'one' }],
      [two, { summary: 'two' }],
    ]);
    expect(found.issueErrors).toHaveLength(1);
    const many = await site.ask('POST', '/rest/api/3/issue/bulkfetch', {
      issueIdsOrKeys: Array.from({ length: 101 }, (_, index) => `${index}`),
    });
    expect(many.status).toBe(400);
  });
});

describe('edit', () => {
  test('only what is named changes; null empties; sets are added to and taken from', async () => {
    const site = await jiraSite();
    const id = await site.issue({ labels: ['a', 'b'], duedate: '2026-12-01', priority: { name: 'Low' } });
    const edit = { fields: { duedate: null }, update: { labels: [{ add: 'c' }, { remove: 'a' }] } };
    expect((await site.ask('PUT', `/rest/api/3/issue/${id}`, edit)).status).toBe(204);
    const { fields } = await site.sdk().issues.getIssue({ issueIdOrKey: id });
    expect(fields).toMatchObject({ labels: ['b', 'c'], duedate: null, priority: { name: 'Low' }, summary: 'An issue' });
  });

  test('a refused edit leaves nothing changed, and every wrong field is named', async () => {
    const site = await jiraSite();
    const id = await site.issue();
    const answer = await site.ask('PUT', `/rest/api/3/issue/${id}`, {
      fields: { summary: 'New', status: { name: 'Done' }, labels: ['a b'] },
      properties: [{ key: 'k', value: 1 }],
    });
    expect([answer.status, Object.keys(answer.body.errors).sort()]).toEqual([400, ['labels', 'status']]);
    const tooLong = await site.ask('PUT', `/rest/api/3/issue/${id}`, {
      fields: { summary: 'New' },
      properties: [{ key: 'k', value: 'x'.repeat(32_768) }],
    });
    expect(tooLong.status).toBe(400);
    const after = await site.ask('GET', `/rest/api/3/issue/${id}?properties=k`);
    expect([after.body.fields['summary'], after.body.fields.status.name, after.body.properties]).toEqual(['An issue', 'To Do', {}]);
  });

  test('one operation at a time: two in one object are refused', async () => {
    const site = await jiraSite();
    const id = await site.issue({ labels: ['alpha'] });
    const update = { labels: [{ add: 'beta', remove: 'alpha' }] };
    expect((await site.ask('PUT', `/rest/api/3/issue/${id}`, { update })).status).toBe(400);
    expect((await site.ask('GET', `/rest/api/3/issue/${id}`)).body.fields['labels']).toEqual(['alpha']);
  });

  test('an edit that changes nothing is no change: no history, no newer `updated`', async () => {
    const site = await jiraSite();
    const id = await site.issue({ labels: ['a'] });
    const before = await site.ask('GET', `/rest/api/3/issue/${id}`);
    site.clock.advance(5_000);
    await site.ask('PUT', `/rest/api/3/issue/${id}`, { fields: { labels: ['a'], summary: 'An issue' } });
    expect((await site.ask('GET', `/rest/api/3/issue/${id}`)).body).toEqual(before.body);
    expect((await site.ask('GET', `/rest/api/3/issue/${id}/changelog`)).body.total).toBe(0);
  });

  test('a parent is taken away by update.parent.set.none, and no issue is its own ancestor', async () => {
    const site = await jiraSite();
    const epic = await site.issue({ issuetype: { name: 'Epic' } });
    const id = await site.issue({ parent: { id: epic } });
    expect((await site.ask('PUT', `/rest/api/3/issue/${epic}`, { fields: { parent: { id } } })).status).toBe(400);
    await site.ask('PUT', `/rest/api/3/issue/${id}`, { update: { parent: [{ set: { none: true } }] } });
    expect((await site.ask('GET', `/rest/api/3/issue/${id}`)).body.fields).not.toHaveProperty('parent');
  });

  test('S9 an unknown but well-formed node stays in a document; a node that is none is refused', async () => {
    const site = await jiraSite();
    const panel = {
      type: 'doc',
      version: 1,
      content: [{ type: 'panel', attrs: { panelType: 'info' }, content: [{ type: 'paragraph', content: [{ type: 'text', text: 'a' }] }] }],
    };
    const id = await site.issue({ description: panel });
    expect((await site.ask('GET', `/rest/api/3/issue/${id}`)).body.fields['description']).toEqual(panel);
    const invented = { type: 'doc', version: 1, content: [{ type: 'fancy' }] };
    expect((await site.ask('PUT', `/rest/api/3/issue/${id}`, { fields: { description: invented } })).body.errors).toEqual({
      description: 'INVALID_INPUT',
    });
  });
});

describe('status', () => {
  test('G03 a status changes by the workflow only: the allowed transitions are listed, another is refused', async () => {
    const site = await jiraSite();
    const id = await site.issue();
    const names = async (): Promise<(string | undefined)[]> =>
      (await site.sdk().issues.getTransitions({ issueIdOrKey: id, expand: 'transitions.fields' })).transitions?.map(({ name }) => name) ??
      [];
    expect(await names()).toEqual(['Start', 'Cancel']);
    const finish = await site.ask('POST', `/rest/api/3/issue/${id}/transitions`, { transition: { id: '31' } });
    expect([finish.status, finish.body.errorMessages]).toEqual([400, ["Transition id '31' is not valid for this issue."]]);
    await site.sdk().issues.doTransition({ issueIdOrKey: id, transition: { id: IN_PROGRESS } });
    expect(await names()).toEqual(['Block', 'Finish', 'Cancel', 'Back to the list']);
    await site.ask('POST', `/rest/api/3/issue/${id}/transitions`, { transition: { id: '31' } });
    expect((await site.ask('GET', `/rest/api/3/issue/${id}`)).body.fields).toMatchObject({
      status: { name: 'Done' },
      resolution: { name: 'Done' },
    });
  });

  test('a transition in an edit is ignored, as the contract says; a field on the way is refused, for no transition has a screen', async () => {
    const site = await jiraSite();
    const id = await site.issue();
    expect((await site.ask('PUT', `/rest/api/3/issue/${id}`, { transition: { id: IN_PROGRESS } })).status).toBe(204);
    const answer = await site.ask('POST', `/rest/api/3/issue/${id}/transitions`, {
      transition: { id: IN_PROGRESS },
      fields: { summary: 'x' },
    });
    expect([answer.status, Object.keys(answer.body.errors)]).toEqual([400, ['summary']]);
    expect((await site.ask('GET', `/rest/api/3/issue/${id}`)).body.fields.status.name).toBe('To Do');
  });
});

describe('delete', () => {
  test('is final; subtasks go along only where that was asked', async () => {
    const site = await jiraSite();
    const id = await site.issue();
    const child = await site.issue({ issuetype: { name: 'Subtask' }, parent: { id } });
    expect((await site.ask('DELETE', `/rest/api/3/issue/${id}`)).status).toBe(400);
    expect((await site.ask('DELETE', `/rest/api/3/issue/${id}?deleteSubtasks=yes`)).status).toBe(400);
    expect((await site.ask('DELETE', `/rest/api/3/issue/${id}?deleteSubtasks=true`)).status).toBe(204);
    for (const gone of [id, child]) expect((await site.ask('GET', `/rest/api/3/issue/${gone}`)).status).toBe(404);
    expect(site.log.counts({}).deletes).toBe(2);
  });
});
