/** Searching the stand-in for Jira: the JQL that integrations use, pages, the index that lags, windows of time, and the history of issues. */
import { describe, expect, test } from 'vitest';
import { basic, jiraSite, NOW, paragraph } from './jira-site.ts';
import type { JiraSite } from './jira-site.ts';

const search = (site: JiraSite, request: object) => site.ask('POST', '/rest/api/3/search/jql', request);

async function keys(site: JiraSite, jql: string, options: object = {}): Promise<readonly string[]> {
  const { status, body } = await search(site, { jql, fields: ['summary'], ...options });
  return status === 200 ? body.issues.map(({ key }) => key) : [...body.errorMessages];
}

/** A phase with two tasks (GROW-2 blocked and labelled, GROW-3 done) and a bug. */
async function growth(): Promise<JiraSite> {
  const site = await jiraSite();
  const epic = await site.issue({ issuetype: { name: 'Epic' }, summary: 'Foundation' });
  const blocked = await site.issue({
    summary: 'Build the ladder',
    parent: { id: epic },
    labels: ['plan', 'lockstep-7'],
    priority: { name: 'High' },
  });
  const done = await site.issue({
    summary: 'Ladder review',
    parent: { id: epic },
    labels: ['plan'],
    duedate: '2026-12-01',
    customfield_10201: 'CGO',
  });
  await site.issue({ issuetype: { name: 'Bug' }, summary: 'A hole', description: paragraph('in the fence'), assignee: await maria(site) });
  for (const [id, steps] of [
    [blocked, ['11', '21']],
    [done, ['11', '31']],
  ] as const)
    for (const step of steps) await site.ask('POST', `/rest/api/3/issue/${id}/transitions`, { transition: { id: step } });
  site.index();
  return site;
}

const maria = async (site: JiraSite): Promise<unknown> => ({ accountId: (await site.sdk('maria').myself.getCurrentUser()).accountId });

describe('JQL', () => {
  test('conditions, sets, words, functions and order', async () => {
    const site = await growth();
    const expected: Readonly<Record<string, readonly string[]>> = {
      'project = GROW ORDER BY key ASC': ['GROW-1', 'GROW-2', 'GROW-3', 'GROW-4'],
      'project = "Growth OS" AND issuetype = Epic': ['GROW-1'],
      'type IN (Epic, Bug) order by created, key desc': ['GROW-4', 'GROW-1'],
      'parent = GROW-1 ORDER BY key': ['GROW-2', 'GROW-3'],
      'labels = plan AND NOT status = Done': ['GROW-2'],
      'labels IN (lockstep-7, lockstep-8)': ['GROW-2'],
      'labels IS EMPTY ORDER BY key': ['GROW-1', 'GROW-4'],
      'labels != plan': [],
      "status = 'Blocked' OR statusCategory = Done ORDER BY key": ['GROW-2', 'GROW-3'],
      'status NOT IN ("To Do", 10103)': ['GROW-2'],
      '(project = GROW) AND (priority = High OR duedate <= "2026-12-31") ORDER BY key DESC': ['GROW-3', 'GROW-2'],
      'summary ~ "ladder review"': ['GROW-3'],
      'text ~ fence': ['GROW-4'],
      '"Plan owner" ~ CGO': ['GROW-3'],
      'cf[10201] IS NOT EMPTY': ['GROW-3'],
      'key > GROW-2 ORDER BY key': ['GROW-3', 'GROW-4'],
      'id IN (10001, GROW-3) ORDER BY key': ['GROW-1', 'GROW-3'],
      'due = 2026-12-01': ['GROW-3'],
      'due IS EMPTY AND issuetype = Task': ['GROW-2'],
    };
    for (const [jql, found] of Object.entries(expected)) expect([jql, await keys(site, jql)]).toEqual([jql, found]);
    const mine = await site.ask('POST', '/rest/api/3/search/jql', { jql: 'assignee = currentUser()' }, { authorization: basic('maria') });
    expect(mine.body.issues).toEqual([{ id: '10004' }]);
  });

  test.for([
    ['', 'Unbounded'],
    ['ORDER BY created', 'Unbounded'],
    ['colour = red', "Field 'colour' does not exist"],
    ['project = NOPE', "The value 'NOPE' does not exist for the field 'project'"],
    ['status = Gone', "The value 'Gone' does not exist for the field 'status'"],
    ['key = GROW-99', "An issue with key 'GROW-99' does not exist"],
    ['updated >= yesterday', "Date value 'yesterday' for field 'updated' is invalid"],
    ['updated >= "2026-11-24 09:30:20"', 'is invalid'],
    ['project ~ GROW', 'is not supported by the'],
    ['project = GROW colour', "Expecting either 'OR' or 'AND'"],
    ['project = ', 'got end of query'],
    ['project IN (GROW', "Expecting ')'"],
    ['project == GROW', 'Error in the JQL Query'],
    ['issue.property[lockstep].item = "1"', 'does not exist'],
    ['project = GROW ORDER BY colour', "Field 'colour' does not exist"],
    [`project = GROW ORDER BY ${Array.from({ length: 8 }, () => 'key').join(', ')}`, 'maximum number of order by fields is 7'],
  ] as const)('%s is 400', async ([jql, message]) => {
    const site = await jiraSite();
    const answer = await search(site, { jql });
    expect([answer.status, answer.body.errorMessages.join(' ')]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe('pages', () => {
  test('each issue comes exactly once, whatever the size of the page; the last page has no token', async () => {
    const site = await jiraSite();
    for (let index = 0; index < 23; index += 1) await site.issue({ summary: `task ${index}` });
    site.index();
    for (const maxResults of [1, 7, 23, 50]) {
      const seen: string[] = [];
      let nextPageToken: string | undefined;
      do {
        const { body } = await search(site, {
          jql: 'project = GROW ORDER BY updated ASC',
          maxResults,
          ...(nextPageToken && { nextPageToken }),
        });
        seen.push(...body.issues.map(({ id }) => id));
        expect(body.isLast).toBe(body.nextPageToken === undefined);
        nextPageToken = body.nextPageToken;
      } while (nextPageToken !== undefined);
      expect([seen.length, new Set(seen).size]).toEqual([23, 23]);
    }
  });

  test('ids alone come by up to 5,000; with fields a page is smaller than what was asked for', async () => {
    const site = await jiraSite();
    for (let index = 0; index < 3; index += 1)
      await site.ask('POST', '/rest/api/3/issue/bulk', {
        issueUpdates: Array.from({ length: 50 }, () => ({
          fields: { project: { key: 'GROW' }, issuetype: { name: 'Task' }, summary: 'x' },
        })),
      });
    site.index();
    expect((await search(site, { jql: 'project = GROW', maxResults: 5_000 })).body.issues).toHaveLength(150);
    const withFields = await search(site, { jql: 'project = GROW', maxResults: 5_000, fields: ['summary'] });
    expect([withFields.body.issues.length, withFields.body.isLast]).toEqual([100, false]);
    expect((await search(site, { jql: 'project = GROW', maxResults: 5_001 })).status).toBe(400);
  });

  test.each(['maxResults=', 'maxResults=many', 'startAt=1.5', 'reconcileIssues=1,x'])(
    '%s in a query is no number and is refused',
    async (query) => {
      const site = await jiraSite();
      for (const path of ['/users/search?', '/priority/search?', '/search/jql?jql=project=GROW&'])
        expect((await site.ask('GET', `/rest/api/3${path}${query}`)).status, path).toBe(400);
    },
  );

  test('D06 a token of another query, one that is none and one of eight days ago are refused', async () => {
    const site = await growth();
    const { nextPageToken } = (await search(site, { jql: 'project = GROW', maxResults: 1 })).body;
    expect((await search(site, { jql: 'labels = plan', nextPageToken })).status).toBe(400);
    expect((await search(site, { jql: 'project = GROW', nextPageToken: 'nonsense' })).status).toBe(400);
    site.clock.advance(8 * 86_400_000);
    expect((await search(site, { jql: 'project = GROW', nextPageToken })).status).toBe(400);
  });

  test('without fields there are ids only; the SDK knows every answer', async () => {
    const site = await growth();
    expect((await search(site, { jql: 'key = GROW-1' })).body.issues).toEqual([{ id: '10001' }]);
    const page = await site
      .sdk()
      .issueSearch.searchAndReconsileIssuesUsingJqlPost({ jql: 'key = GROW-2', fields: ['*all'], expand: 'changelog' });
    expect(page.issues?.[0]?.changelog?.histories).toHaveLength(2);
    const read = await site.sdk().issueSearch.searchAndReconsileIssuesUsingJql({ jql: 'key = GROW-2', fields: ['summary', 'labels'] });
    expect(read.issues?.[0]?.fields).toEqual({ summary: 'Build the ladder', labels: ['lockstep-7', 'plan'] });
    expect(await site.sdk().issueSearch.countIssues({ jql: 'project = GROW' })).toEqual({ count: 4 });
  });
});

describe('the index lags behind the issues', () => {
  test('D04 E01 a new issue is not found for a while; by reconcileIssues, and by id, at once', async () => {
    const site = await jiraSite();
    const id = await site.issue({ labels: ['lockstep-1'] });
    const jql = 'labels = lockstep-1';
    expect(await keys(site, jql)).toEqual([]);
    expect(await keys(site, jql, { reconcileIssues: [Number(id)] })).toEqual(['GROW-1']);
    expect((await site.ask('POST', '/rest/api/3/issue/bulkfetch', { issueIdsOrKeys: [id] })).body.issues).toHaveLength(1);
    site.index();
    expect(await keys(site, jql)).toEqual(['GROW-1']);
    const tooMany = await search(site, { jql, reconcileIssues: Array.from({ length: 51 }, (_, index) => index) });
    expect(tooMany.status).toBe(400);
  });

  test('D04 a change is searched by its old value for a while, but the issue is shown as it is', async () => {
    const site = await jiraSite();
    const id = await site.issue({ labels: ['old'] });
    site.index();
    await site.ask('PUT', `/rest/api/3/issue/${id}`, { fields: { labels: ['new'] } });
    const { body } = await search(site, { jql: 'labels = old', fields: ['labels'] });
    expect(body.issues.map(({ fields }) => fields['labels'])).toEqual([['new']]);
    expect(await keys(site, 'labels = new')).toEqual([]);
    expect(await keys(site, 'labels = new', { reconcileIssues: [Number(id)] })).toEqual(['GROW-1']);
    site.index();
    expect([await keys(site, 'labels = old'), await keys(site, 'labels = new')]).toEqual([[], ['GROW-1']]);
  });
});

describe('windows of time', () => {
  test('D01 times in JQL are whole minutes in the zone of the one who asks', async () => {
    const site = await jiraSite();
    await site.issue();
    site.index();
    const asked = async (account: 'lockstep' | 'maria' | 'omar', jql: string): Promise<number> =>
      (await site.ask('POST', '/rest/api/3/search/jql', { jql }, { authorization: basic(account) })).body.issues.length;
    // 09:30:20.5 UTC is 10:30 in Berlin and 04:30 in New York.
    expect(await asked('lockstep', 'updated >= "2026-11-24 09:30"')).toBe(1);
    expect(await asked('lockstep', 'updated >= "2026-11-24 09:31"')).toBe(0);
    expect(await asked('maria', 'updated >= "2026-11-24 10:30" AND updated < "2026-11-24 10:31"')).toBe(1);
    expect(await asked('maria', 'updated >= "2026/11/24 10:31"')).toBe(0);
    expect(await asked('omar', 'updated >= "2026-11-24 04:30" AND created < "2026-11-24 04:31"')).toBe(1);
    expect(await asked('lockstep', `updated >= ${NOW}`)).toBe(1);
    expect(await asked('lockstep', `updated > ${NOW}`)).toBe(0);
    expect(await asked('lockstep', 'updated >= -2m')).toBe(1);
    site.clock.advance(3_600_000);
    expect(await asked('lockstep', 'updated >= -1h')).toBe(0);
  });

  test('around the change of clocks a minute of the local day is the right instant', async () => {
    const site = await jiraSite();
    site.clock.freeze(Date.parse('2026-10-25T01:30:00Z'));
    await site.issue();
    site.index();
    const asked = async (jql: string): Promise<number> =>
      (await site.ask('POST', '/rest/api/3/search/jql', { jql }, { authorization: basic('maria') })).body.issues.length;
    // Berlin: clocks went from 03:00 back to 02:00 at 01:00 UTC; 00:30 UTC was 02:30, 02:30 UTC is 03:30.
    expect(await asked('updated < "2026-10-25 03:30" AND updated >= "2026-10-25 00:30"')).toBe(1);
    expect(await asked('updated >= "2026-10-25 03:00"')).toBe(0);
  });
});

describe('history', () => {
  test('the changelog says who changed what and when, oldest first, in pages', async () => {
    const site = await jiraSite();
    const id = await site.issue({ labels: ['a'] });
    const edit = (fields: object, account: 'maria' | 'omar') =>
      site.ask('PUT', `/rest/api/3/issue/${id}`, { fields }, { authorization: basic(account) });
    await edit({ labels: ['a', 'b'], customfield_10201: 'CGO' }, 'maria');
    site.clock.advance(1_000);
    await edit({ duedate: '2026-12-01' }, 'omar');
    // A write is newer than the one before, be it by a millisecond of its own.
    const { values } = await site.sdk('maria').issues.getChangeLogs({ issueIdOrKey: id });
    expect(
      values?.map(({ author, created, items }) => [
        author?.displayName,
        created,
        items?.map((item) => [item.fieldId, item.fromString, item.toString]),
      ]),
    ).toEqual([
      [
        'Maria Sommer',
        new Date(NOW + 1),
        [
          ['labels', 'a', 'a b'],
          ['customfield_10201', null, 'CGO'],
        ],
      ],
      ['Omar Haddad', new Date(NOW + 1_000), [['duedate', null, '2026-12-01']]],
    ]);
    const second = await site.ask('GET', `/rest/api/3/issue/${id}/changelog?startAt=1&maxResults=1`);
    expect([second.body.values.length, second.body.total, second.body.isLast]).toEqual([1, 2, true]);
  });

  test('in bulk: by date over all issues, filtered by field, each change exactly once over pages', async () => {
    const site = await jiraSite();
    const ids = [await site.issue(), await site.issue()];
    for (const owner of ['a', 'b', 'c'])
      for (const id of ids) {
        site.clock.advance(10);
        await site.ask('PUT', `/rest/api/3/issue/${id}`, { fields: { customfield_10201: owner } });
      }
    await site.ask('PUT', `/rest/api/3/issue/${ids[0]}`, { fields: { summary: 'other' } });
    const seen: (string | undefined)[] = [];
    let nextPageToken: string | undefined;
    do {
      const page = await site.sdk().issues.getBulkChangelogs({
        issueIdsOrKeys: [...ids, 'GROW-1', '99999'],
        fieldIds: ['customfield_10201'],
        maxResults: 2,
        ...(nextPageToken === undefined ? {} : { nextPageToken }),
      });
      for (const { changeHistories } of page.issueChangeLogs ?? []) seen.push(...(changeHistories ?? []).map(({ id }) => id));
      nextPageToken = page.nextPageToken ?? undefined;
    } while (nextPageToken !== undefined);
    expect(seen).toEqual([...seen].sort((a, b) => Number(a) - Number(b)));
    expect([seen.length, new Set(seen).size]).toEqual([6, 6]);
    const refused = { issueIdsOrKeys: [ids[0]], fieldIds: Array.from({ length: 11 }, (_, index) => `customfield_${index}`) };
    expect((await site.ask('POST', '/rest/api/3/changelog/bulkfetch', refused)).status).toBe(400);
  });
});
