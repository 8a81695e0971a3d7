/** What the stand-in for Jira posts to those who asked: signed, identified, tried again, filtered; and what a test may do to it. */
import { createHmac } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { jiraSite, paragraph } from './jira-site.ts';
import type { JiraSite } from './jira-site.ts';
import { startListener } from './listener.ts';
import type { Listener } from './listener.ts';

const SECRET = 'It is a secret to everybody';

const listeners: Listener[] = [];
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
});

async function listen(): Promise<Listener> {
  const listener = await startListener();
  listeners.push(listener);
  return listener;
}

const events = ['jira:issue_created', 'jira:issue_updated', 'jira:issue_deleted', 'comment_created', 'issuelink_created'];
const administer = (site: JiraSite, url: string, more: object = {}) =>
  site.ask('POST', '/rest/webhooks/1.0/webhook', { name: 'Lockstep', url, events, secret: SECRET, ...more });
const register = (site: JiraSite, url: string, webhook: object = {}) =>
  site.ask('POST', '/rest/api/3/webhook', { url, webhooks: [{ events: ['jira:issue_updated'], jqlFilter: 'project = GROW', ...webhook }] });

interface Workflow {
  readonly statuses: readonly { readonly name: string }[];
  readonly transitions: readonly { readonly name: string }[];
}

test("C05 an administrator's deliveries are signed over the exact bytes and carry an identifier", async () => {
  const [site, listener] = [await jiraSite(), await listen()];
  expect((await administer(site, listener.url)).body).toMatchObject({ enabled: true, isSigned: true });
  const id = await site.issue({ summary: 'Ünïcode ✓' });
  await site.webhooks.settled();
  const [delivery] = listener.received;
  expect(delivery?.headers['x-hub-signature']).toBe(
    `sha256=${createHmac('sha256', SECRET)
      .update(delivery?.body ?? '')
      .digest('hex')}`,
  );
  expect(delivery?.headers['x-atlassian-webhook-identifier']).toMatch(/^[0-9a-f-]{36}$/);
  expect(delivery?.headers).not.toHaveProperty('x-atlassian-webhook-retry');
  expect(JSON.parse(delivery?.body ?? '')).toMatchObject({
    webhookEvent: 'jira:issue_created',
    issue: { id, fields: { summary: 'Ünïcode ✓' } },
    user: { displayName: 'Lockstep' },
  });
});

test('each event says what happened: the changelog of an update, the comment, the link, the issue that is gone', async () => {
  const [site, listener] = [await jiraSite(), await listen()];
  const [a, b] = [await site.issue(), await site.issue()];
  await administer(site, listener.url);
  await site.ask('PUT', `/rest/api/3/issue/${a}`, { fields: { customfield_10201: 'CGO' } });
  await site.ask('POST', `/rest/api/3/issue/${a}/comment`, { body: paragraph('Why?') });
  await site.ask('POST', '/rest/api/3/issueLink', { type: { name: 'Blocks' }, inwardIssue: { id: a }, outwardIssue: { id: b } });
  await site.ask('DELETE', `/rest/api/3/issue/${a}`);
  await site.webhooks.settled();
  const seen = listener.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(seen.map(({ webhookEvent }) => webhookEvent)).toEqual([
    'jira:issue_updated',
    'comment_created',
    'jira:issue_updated',
    'jira:issue_updated',
    'issuelink_created',
    'jira:issue_deleted',
  ]);
  expect(seen[0]).toMatchObject({ changelog: { items: [{ fieldId: 'customfield_10201', from: null, toString: 'CGO' }] } });
  expect(seen[1]).toMatchObject({ comment: { body: paragraph('Why?') }, issue: { id: a } });
  expect(seen[4]).toMatchObject({ issueLink: { sourceIssueId: Number(a), destinationIssueId: Number(b) } });
  expect(seen[5]).toMatchObject({ issue: { id: a } });
});

test('C01 a delivery that failed is tried again under the same identifier; one that was refused is not', async () => {
  const [site, busy, strict] = [await jiraSite(), await listen(), await listen()];
  busy.answers.push(503);
  strict.answers.push(400);
  await administer(site, busy.url);
  await administer(site, strict.url);
  await site.issue();
  await expect.poll(() => busy.received.length).toBe(2);
  const [first, second] = busy.received;
  expect(second?.headers['x-atlassian-webhook-identifier']).toBe(first?.headers['x-atlassian-webhook-identifier']);
  expect(second?.headers['x-atlassian-webhook-retry']).toBe('1');
  await expect.poll(() => site.webhooks.counts).toMatchObject({ delivered: 1, failed: 1 });
  expect(strict.received).toHaveLength(1);
});

test('a filter by JQL and one by fields keep others away', async () => {
  const [site, listener] = [await jiraSite(), await listen()];
  const plan = await site.issue({ labels: ['plan'] });
  const other = await site.issue();
  const { body } = await register(site, listener.url, { jqlFilter: 'labels = plan', fieldIdsFilter: ['summary'] });
  expect(body['webhookRegistrationResult']).toEqual([{ createdWebhookId: 1 }]);
  await site.ask('PUT', `/rest/api/3/issue/${plan}`, { fields: { duedate: '2026-12-01' } });
  await site.ask('PUT', `/rest/api/3/issue/${other}`, { fields: { summary: 'x' } });
  await site.ask('PUT', `/rest/api/3/issue/${plan}`, { fields: { summary: 'y' } });
  await site.webhooks.settled();
  expect(listener.received.map(({ body: text }) => (JSON.parse(text) as { issue: { id: string } }).issue.id)).toEqual([plan]);
  expect(listener.received[0]?.headers).not.toHaveProperty('x-hub-signature');
});

test('G02 a filter that speaks of what the site does not have is refused; one that comes to do so fails no write', async () => {
  const [site, listener] = [await jiraSite(), await listen()];
  const { body } = await register(site, listener.url, { jqlFilter: '"No such field" = x' });
  expect(body['webhookRegistrationResult']).toEqual([{ errors: [expect.stringContaining('No such field')] }]);
  expect((await administer(site, listener.url, { filters: { 'issue-related-events-section': 'status = Nowhere' } })).status).toBe(400);
  await register(site, listener.url, { jqlFilter: 'status != Cancelled' });
  const { statuses, transitions } = (await site.ask('GET', '/ui/settings/workflow')).body as unknown as Workflow;
  const workflow = {
    statuses: statuses.filter(({ name }) => name !== 'Cancelled'),
    transitions: transitions.filter(({ name }) => name !== 'Cancel'),
  };
  expect((await site.ask('PUT', '/ui/settings/workflow', workflow)).status).toBe(200);
  const id = await site.issue();
  expect((await site.ask('PUT', `/rest/api/3/issue/${id}`, { fields: { summary: 'stands' } })).status).toBe(204);
  await site.webhooks.settled();
  expect(listener.received).toEqual([]);
});

test('C07 a dynamic webhook ends after 30 days unless it is refreshed', async () => {
  const [site, listener] = [await jiraSite(), await listen()];
  const id = await site.issue();
  await register(site, listener.url);
  const day = 86_400_000;
  const expiry = async (): Promise<unknown> => (await site.sdk().webhooks.getDynamicWebhooksForApp()).values?.[0]?.expirationDate;
  expect(await expiry()).toBe(site.clock.nowMs() + 30 * day);
  site.clock.advance(29 * day);
  await site.sdk().webhooks.refreshWebhooks({ webhookIds: [1] });
  site.clock.advance(29 * day);
  await site.ask('PUT', `/rest/api/3/issue/${id}`, { fields: { summary: 'still here' } });
  site.clock.advance(2 * day);
  await site.ask('PUT', `/rest/api/3/issue/${id}`, { fields: { summary: 'too late' } });
  await site.webhooks.settled();
  expect(listener.received).toHaveLength(1);
});

test('webhooks are listed and removed by those who made them', async () => {
  const [site, listener] = [await jiraSite(), await listen()];
  await administer(site, listener.url);
  await register(site, listener.url);
  expect((await site.ask('GET', '/rest/webhooks/1.0/webhook')).body).toMatchObject([{ name: 'Lockstep', url: listener.url }]);
  // The dynamic route must not reach an administrator's webhook.
  expect((await site.ask('DELETE', '/rest/api/3/webhook', { webhookIds: [1, 2] })).status).toBe(202);
  expect((await site.ask('GET', '/rest/api/3/webhook')).body.values).toEqual([]);
  expect((await site.ask('DELETE', '/rest/webhooks/1.0/webhook/1')).status).toBe(204);
  expect((await site.ask('DELETE', '/rest/webhooks/1.0/webhook/1')).status).toBe(404);
  await site.issue();
  await site.webhooks.settled();
  expect(listener.received).toEqual([]);
});

test('what is not done here is refused: events and filters of properties, an unknown event, a bad query', async () => {
  const [site, listener] = [await jiraSite(), await listen()];
  expect((await register(site, listener.url, { issuePropertyKeysFilter: ['k'] })).status).toBe(400);
  expect((await register(site, listener.url, { events: ['sprint_created'] })).status).toBe(400);
  expect((await administer(site, listener.url, { excludeBody: true })).status).toBe(400);
  const { body } = await register(site, listener.url, { jqlFilter: 'project = ' });
  expect(body['webhookRegistrationResult']).toEqual([{ errors: [expect.stringContaining('JQL')] }]);
});
