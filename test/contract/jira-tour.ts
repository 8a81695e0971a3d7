/** A tour through Jira: every route that the simulator claims, once at least, with requests that the contract has. */
import type { Stage } from './stage.ts';
import { call } from './tour.ts';
import type { Body } from './tour.ts';

const API = '/rest/api/3';

const task = (summary: string): object => ({ fields: { project: { key: 'GROW' }, issuetype: { name: 'Task' }, summary } });
/** A document of one paragraph. */
export const paragraph = (text: string): object => ({
  type: 'doc',
  version: 1,
  content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
});

export async function tourJira(stage: Stage): Promise<void> {
  await site(stage);
  const one = (await call(stage, 'POST', `${API}/issue`, { body: task('One') })).id;
  const two = (await call(stage, 'POST', `${API}/issue`, { body: task('Two') })).id;
  await call(stage, 'POST', `${API}/issue/bulk`, { body: { issueUpdates: [task('Three'), task('Four')] } });
  // One element of a bulk is refused, and a bulk of which all are.
  await call(stage, 'POST', `${API}/issue/bulk`, { body: { issueUpdates: [task('Five'), task('')] } });
  await stage.ask({ method: 'POST', path: `${API}/issue/bulk`, body: { issueUpdates: [task('')] } });
  await issue(stage, one, two);
  await relations(stage, one, two);
  await attachments(stage, one);
  await searches(stage, one);
  await webhooks(stage);
  await call(stage, 'DELETE', `${API}/issue/${two}?deleteSubtasks=true`);
}

async function site(stage: Stage): Promise<void> {
  const { accountId } = await call(stage, 'GET', `${API}/myself`);
  const types = await call(stage, 'GET', `${API}/issue/createmeta/GROW/issuetypes?startAt=0&maxResults=50`);
  const [type] = types['issueTypes'] as readonly { id: string }[];
  const paths = [
    '/serverInfo',
    `/user?accountId=${String(accountId)}`,
    '/user/search?query=maria',
    '/users/search',
    '/field',
    '/field/search?startAt=1&maxResults=3',
    '/priority',
    '/priority/search?maxResults=2',
    '/resolution',
    '/status',
    '/issuetype',
    '/issueLinkType',
    '/label',
    '/mypermissions?projectKey=GROW&permissions=BROWSE_PROJECTS,EDIT_ISSUES',
    '/project',
    '/project/search',
    '/project/GROW',
    '/project/GROW/statuses',
    `/issue/createmeta/GROW/issuetypes/${type?.id ?? ''}`,
  ];
  for (const path of paths) await call(stage, 'GET', API + path);
}

async function issue(stage: Stage, one: string, two: string): Promise<void> {
  const fields = {
    summary: 'One, edited',
    description: paragraph('Words'),
    labels: ['alpha'],
    duedate: '2026-12-24',
    priority: { name: 'High' },
  };
  await call(stage, 'PUT', `${API}/issue/${one}?notifyUsers=false`, { body: { fields } });
  await call(stage, 'PUT', `${API}/issue/${one}`, { body: { update: { labels: [{ add: 'beta' }, { remove: 'alpha' }] } } });
  await call(stage, 'GET', `${API}/issue/${one}?expand=changelog,names,schema,transitions`);
  await call(stage, 'GET', `${API}/issue/${one}?fields=summary,status&properties=*all`);
  const { transitions } = await call(stage, 'GET', `${API}/issue/${one}/transitions?expand=transitions.fields`);
  const [first] = transitions as readonly { id: string }[];
  await call(stage, 'POST', `${API}/issue/${one}/transitions`, { body: { transition: { id: first?.id } } });
  await call(stage, 'GET', `${API}/issue/${one}/changelog?startAt=0&maxResults=5`);
  await call(stage, 'POST', `${API}/changelog/bulkfetch`, { body: { issueIdsOrKeys: [one, two], fieldIds: ['status'], maxResults: 100 } });
  const asked = { issueIdsOrKeys: [one, two, '999999'], fields: ['*all'], properties: ['x'], expand: ['names'] };
  await call(stage, 'POST', `${API}/issue/bulkfetch`, { body: asked });
}

async function relations(stage: Stage, one: string, two: string): Promise<void> {
  const link = { type: { name: 'Blocks' }, inwardIssue: { id: one }, outwardIssue: { id: two } };
  await call(stage, 'POST', `${API}/issueLink`, { body: link });
  const shown = await call(stage, 'GET', `${API}/issue/${one}?fields=issuelinks`);
  const [made] = (shown['fields'] as { issuelinks: readonly { id: string }[] }).issuelinks;
  await call(stage, 'GET', `${API}/issueLink/${made?.id ?? ''}`);
  await call(stage, 'DELETE', `${API}/issueLink/${made?.id ?? ''}`);
  await call(stage, 'PUT', `${API}/issue/${one}/properties/plan`, { body: { at: [1, 'two'] } });
  await call(stage, 'GET', `${API}/issue/${one}/properties`);
  await call(stage, 'GET', `${API}/issue/${one}/properties/plan`);
  await call(stage, 'DELETE', `${API}/issue/${one}/properties/plan`);
  const comment = (await call(stage, 'POST', `${API}/issue/${one}/comment`, { body: { body: paragraph('Said') } })).id;
  await call(stage, 'GET', `${API}/issue/${one}/comment?orderBy=-created&maxResults=10`);
  await call(stage, 'PUT', `${API}/issue/${one}/comment/${comment}`, { body: { body: paragraph('Said again') } });
  await call(stage, 'GET', `${API}/issue/${one}/comment/${comment}`);
  await call(stage, 'DELETE', `${API}/issue/${one}/comment/${comment}`);
}

/** Adds a small file to an issue. */
export function attach(stage: Stage, issueId: string): Promise<Body> {
  const part = ['content-disposition: form-data; name="file"; filename="plan.txt"', 'content-type: text/plain', '', 'Words'];
  const headers = { 'content-type': 'multipart/form-data; boundary=edge', 'x-atlassian-token': 'no-check' };
  return call(stage, 'POST', `${API}/issue/${issueId}/attachments`, { body: ['--edge', ...part, '--edge--', ''].join('\r\n'), headers });
}

async function attachments(stage: Stage, one: string): Promise<void> {
  const [file] = (await attach(stage, one)) as unknown as readonly { id: string }[];
  await call(stage, 'GET', `${API}/issue/${one}?fields=attachment`);
  await call(stage, 'GET', `${API}/attachment/${file?.id ?? ''}`);
  await call(stage, 'DELETE', `${API}/attachment/${file?.id ?? ''}`);
}

async function searches(stage: Stage, one: string): Promise<void> {
  const jql = 'project = GROW ORDER BY updated ASC';
  await stage.advance(60_000);
  const page = await call(stage, 'POST', `${API}/search/jql`, {
    body: { jql, fields: ['summary', 'updated'], maxResults: 1, properties: ['x'], reconcileIssues: [Number(one)] },
  });
  const query = new URLSearchParams({ jql, fields: 'summary', maxResults: '1', nextPageToken: String(page['nextPageToken']) });
  await stage.ask({ method: 'GET', path: `${API}/search/jql?${query.toString()}` });
  await call(stage, 'GET', `${API}/search/jql?${new URLSearchParams({ jql, maxResults: '5' }).toString()}`);
  await call(stage, 'POST', `${API}/search/approximate-count`, { body: { jql: 'project = GROW' } });
  // Gone since 2025.
  for (const path of [`${API}/search`, '/rest/api/2/search'])
    for (const method of ['GET', 'POST']) await stage.ask({ method, path, ...(method === 'GET' ? {} : { body: { jql } }) });
}

const DAY_MS = 86_400_000;

/** A dynamic webhook near its end, and the connector that looks after it. */
export async function keepWebhook(stage: Stage): Promise<void> {
  stage.recorder.by('tour');
  const hook = { events: ['jira:issue_updated'], jqlFilter: 'project = GROW' };
  await call(stage, 'POST', `${API}/webhook`, { body: { url: 'http://127.0.0.1:9/hook', webhooks: [hook] } });
  await stage.advance(25 * DAY_MS);
  stage.recorder.by('connector');
  const notices = await stage.connect({ webhooks: 'dynamic' }).watches?.upkeep?.();
  if (notices?.length !== 0) throw new Error(`upkeep: expected a webhook that lives on, got ${JSON.stringify(notices)}`);
}

async function webhooks(stage: Stage): Promise<void> {
  const hook = { events: ['jira:issue_updated'], jqlFilter: 'project = GROW' };
  const body = { url: 'http://127.0.0.1:9/hook', webhooks: [hook, { ...hook, jqlFilter: 'no jql' }] };
  const { webhookRegistrationResult } = await call(stage, 'POST', `${API}/webhook`, { body });
  const [made] = webhookRegistrationResult as readonly { createdWebhookId: number }[];
  const webhookIds = [made?.createdWebhookId];
  await call(stage, 'GET', `${API}/webhook?startAt=0&maxResults=10`);
  await call(stage, 'PUT', `${API}/webhook/refresh`, { body: { webhookIds } });
  await call(stage, 'DELETE', `${API}/webhook`, { body: { webhookIds } });
  const admin = { name: 'Lockstep', url: 'http://127.0.0.1:9/hook', events: ['jira:issue_created'], secret: 'secret' };
  const { self } = await call(stage, 'POST', '/rest/webhooks/1.0/webhook', { body: admin });
  await call(stage, 'GET', '/rest/webhooks/1.0/webhook');
  await call(stage, 'DELETE', new URL(String(self)).pathname);
}
