/** Who is let in to the stand-in for Jira, what it says of itself, and how it answers to what it does not have. */
import { describe, expect, test } from 'vitest';
import { basic, jiraSite, task } from './jira-site.ts';

describe('accounts', () => {
  test.for([
    ['no credentials', {}],
    ['a wrong token', { authorization: `Basic ${Buffer.from('maria@growth.example:nope').toString('base64')}` }],
    ['another scheme', { authorization: 'Bearer jira-token-maria' }],
  ] as const)('%s is 401 in the shape of Jira', async ([, headers]) => {
    const site = await jiraSite();
    const answer = await site.ask('GET', '/rest/api/3/myself', undefined, { authorization: '', ...headers });
    expect([answer.status, Object.keys(answer.body)]).toEqual([401, ['errorMessages', 'errors']]);
  });

  test('each account is itself, in its own time zone, and the request log says who asked', async () => {
    const site = await jiraSite();
    expect(await site.sdk('maria').myself.getCurrentUser()).toMatchObject({ displayName: 'Maria Sommer', timeZone: 'Europe/Berlin' });
    expect(await site.sdk('omar').myself.getCurrentUser()).toMatchObject({ displayName: 'Omar Haddad', timeZone: 'America/New_York' });
    expect(site.log.list({}, 10).map(({ account, operation, status }) => [account, operation, status])).toEqual([
      ['maria', 'get myself', 200],
      ['omar', 'get myself', 200],
    ]);
  });

  test('one who is no member sees no project, no issue and no link, and is told so as if there were none', async () => {
    const site = await jiraSite();
    const [one, two] = [await site.issue(), await site.issue()];
    await site.ask('POST', '/rest/api/3/issueLink', { type: { name: 'Blocks' }, inwardIssue: { id: one }, outwardIssue: { id: two } });
    site.index();
    const guest = { authorization: basic('guest') };
    const status = async (method: string, path: string, body?: unknown): Promise<number> =>
      (await site.ask(method, path, body, guest)).status;
    expect(await status('GET', `/rest/api/3/issue/${one}`)).toBe(404);
    expect(await status('PUT', `/rest/api/3/issue/${one}`, { fields: { summary: 'Mine' } })).toBe(404);
    expect(await status('DELETE', '/rest/api/3/issueLink/10001')).toBe(404);
    expect(await status('GET', '/rest/api/3/project/GROW')).toBe(404);
    expect(await status('POST', '/rest/api/3/issue', { fields: task('Mine') })).toBe(400);
    expect((await site.ask('POST', '/rest/api/3/search/jql', { jql: 'project = GROW' }, guest)).body.issues).toEqual([]);
    expect((await site.ask('POST', '/rest/api/3/issue/bulkfetch', { issueIdsOrKeys: [one] }, guest)).body.issues).toEqual([]);
  });
});

describe('metadata, as the SDK reads it', () => {
  test('site, project, types, fields, statuses, priorities, link types, permissions', async () => {
    const { serverInfo, projects, issues, issueFields, issuePriorities, issueLinkTypes, permissions } = (await jiraSite()).sdk();
    expect(await serverInfo.getServerInfo()).toMatchObject({ deploymentType: 'Cloud' });
    expect(await projects.getProject({ projectIdOrKey: 'GROW' })).toMatchObject({ key: 'GROW', name: 'Growth OS' });
    const statuses = await projects.getAllStatuses({ projectIdOrKey: 'GROW' });
    expect(statuses[0]?.statuses?.map(({ name }) => name)).toEqual(['To Do', 'In Progress', 'Blocked', 'Done', 'Cancelled']);
    const types = await issues.getCreateIssueMetaIssueTypes({ projectIdOrKey: 'GROW' });
    expect(types.issueTypes?.map(({ name, hierarchyLevel }) => [name, hierarchyLevel])).toEqual([
      ['Epic', 1],
      ['Story', 0],
      ['Task', 0],
      ['Bug', 0],
      ['Subtask', -1],
    ]);
    const { fields } = await issues.getCreateIssueMetaIssueTypeId({ projectIdOrKey: 'GROW', issueTypeId: '10003' });
    expect(fields?.filter(({ required }) => required).map(({ fieldId }) => fieldId)).toEqual(['summary', 'issuetype', 'project']);
    expect(fields?.map(({ fieldId }) => fieldId)).not.toContain('status');
    const custom = (await issueFields.getFields()).filter((field) => field.custom);
    expect(custom.map(({ name }) => name)).toEqual([
      'Plan owner',
      'Definition of done',
      'Verification metric',
      'Entry criteria',
      'Exit criteria',
      'Plan dependencies',
    ]);
    expect((await issuePriorities.searchPriorities()).values?.map(({ name }) => name)).toEqual([
      'Highest',
      'High',
      'Medium',
      'Low',
      'Lowest',
    ]);
    expect((await issueLinkTypes.getIssueLinkTypes()).issueLinkTypes?.map(({ name }) => name)).toEqual(['Blocks', 'Relates']);
    const mine = await permissions.getMyPermissions({ permissions: 'CREATE_ISSUES,ADMINISTER' });
    expect(Object.entries(mine.permissions ?? {}).map(([key, { havePermission }]) => [key, havePermission])).toEqual([
      ['CREATE_ISSUES', true],
      ['ADMINISTER', false],
    ]);
  });
});

describe('what this site does not have', () => {
  test.for([
    ['GET', '/rest/api/3/dashboard', undefined],
    ['POST', '/rest/api/3/issue/10001/worklog', {}],
    ['GET', '/rest/agile/1.0/board', undefined],
    ['GET', '/rest/api/3/webhook/failed', undefined],
    ['GET', '/', undefined],
  ] as const)('%s %s is 404 in the shape of Jira', async ([method, path, body]) => {
    const answer = await (await jiraSite()).ask(method, path, body);
    expect([answer.status, answer.body]).toEqual([404, { errorMessages: [`No endpoint ${method} ${path}.`], errors: {} }]);
  });

  test.for([
    ['a body that is no JSON', '/rest/api/3/issue', '{'],
    ['an unknown part of a body', '/rest/api/3/issue', { fields: {}, colour: 'red' }],
    ['a transition on the way into being', '/rest/api/3/issue', { fields: task('x'), transition: { id: '11' } }],
    ['an unknown option of a search', '/rest/api/3/search/jql', { jql: 'project = GROW', startAt: 0 }],
    [
      'eleven properties',
      '/rest/api/3/issue',
      { fields: task('x'), properties: Array.from({ length: 11 }, (_, index) => ({ key: `k${index}`, value: 1 })) },
    ],
  ] as const)('%s is 400, never dropped in silence', async ([, path, body]) => {
    const answer = await (await jiraSite()).ask('POST', path, body);
    expect([answer.status, Array.isArray(answer.body.errorMessages)]).toEqual([400, true]);
  });

  test('the old search is gone', async () => {
    const site = await jiraSite();
    expect((await site.ask('GET', '/rest/api/3/search?jql=project=GROW')).status).toBe(410);
    expect((await site.ask('POST', '/rest/api/2/search', {})).status).toBe(410);
  });
});
