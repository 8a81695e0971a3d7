/** What plausibly stands in requests to the Jira of the scenario. */
import fc from 'fast-check';
import { ABSENT, absent } from './arbitrary.ts';
import type { Vocabulary } from './generated.ts';
import { attach, paragraph } from './jira-tour.ts';
import type { Stage } from './stage.ts';
import { call } from './tour.ts';

const text = fc.string({ minLength: 1, maxLength: 20 }).map((value) => `x${value}`);
const document = text.map((content) => ({
  type: 'doc',
  version: 1,
  content: [{ type: 'paragraph', content: [{ type: 'text', text: content }] }],
}));
const day = fc.integer({ min: 1, max: 28 }).map((of) => `2027-02-${String(of).padStart(2, '0')}`);
const label = fc.constantFrom('alpha', 'beta', 'gamma');

interface Pool {
  readonly issues: readonly string[];
  readonly comments: readonly string[];
  readonly links: readonly string[];
  readonly attachments: readonly string[];
  readonly webhooks: readonly number[];
  readonly accountId: string;
}

const API = '/rest/api/3';
/** More than are deleted in a run. */
const MANY = 12;

/** Makes what requests can speak of. */
async function fill(stage: Stage): Promise<Pool> {
  const made = {
    issues: [] as string[],
    comments: [] as string[],
    links: [] as string[],
    attachments: [] as string[],
    webhooks: [] as number[],
  };
  const fields = { project: { key: 'GROW' }, issuetype: { name: 'Task' }, summary: 'For generated requests' };
  for (let each = 0; each < MANY; each += 1) made.issues.push((await call(stage, 'POST', `${API}/issue`, { body: { fields } })).id);
  const [first = ''] = made.issues;
  // Not of the pool, so that what hangs on them does not go with them.
  const kept = (await call(stage, 'POST', `${API}/issue`, { body: { fields } })).id;
  const other = (await call(stage, 'POST', `${API}/issue`, { body: { fields } })).id;
  for (let each = 0; each < MANY; each += 1) {
    made.comments.push((await call(stage, 'POST', `${API}/issue/${first}/comment`, { body: { body: paragraph('Said') } })).id);
    await call(stage, 'PUT', `${API}/issue/${made.issues[each] ?? first}/properties/plan`, { body: { at: each } });
  }
  const link = { type: { name: 'Blocks' }, inwardIssue: { id: kept }, outwardIssue: { id: other } };
  await call(stage, 'POST', `${API}/issueLink`, { body: link });
  const linked = await call(stage, 'GET', `${API}/issue/${kept}?fields=issuelinks`);
  made.links.push(...(linked['fields'] as { issuelinks: readonly { id: string }[] }).issuelinks.map(({ id }) => id));
  const files = (await attach(stage, kept)) as unknown as readonly { id: string }[];
  made.attachments.push(...files.map(({ id }) => id));
  const hook = { events: ['jira:issue_updated'], jqlFilter: 'project = GROW' };
  const body = { url: 'http://127.0.0.1:9/hook', webhooks: [hook, hook, hook] };
  const { webhookRegistrationResult } = await call(stage, 'POST', `${API}/webhook`, { body });
  made.webhooks.push(...(webhookRegistrationResult as readonly { createdWebhookId: number }[]).map((each) => each.createdWebhookId));
  await stage.advance(60_000);
  return { ...made, accountId: String((await call(stage, 'GET', `${API}/myself`))['accountId']) };
}

export async function jiraWords(stage: Stage): Promise<Vocabulary> {
  const pool = await fill(stage);
  const issue = fc.constantFrom(...pool.issues);
  const own = {
    summary: text,
    description: document,
    labels: fc.array(label),
    duedate: day,
    priority: fc.constant({ name: 'High' }),
    customfield_10201: text,
    customfield_10203: document,
  };
  const created = fc.record(
    { ...own, project: fc.constant({ key: 'GROW' }), issuetype: fc.constantFrom({ name: 'Task' }, { name: 'Story' }, { id: '10001' }) },
    { requiredKeys: ['project', 'issuetype', 'summary'] },
  );
  const jql = fc.constantFrom(
    'project = GROW',
    'project = GROW AND updated >= "2026-11-01 00:00" ORDER BY updated ASC',
    'labels = alpha',
    'summary ~ "x"',
    'status != Done order by key',
  );
  const fieldNames = fc.array(fc.constantFrom('summary', 'status', 'updated', '*all', '-description', 'labels'), { maxLength: 3 });
  const at = (pattern: string): RegExp => new RegExp(pattern);
  return {
    params: [
      [at('/comment/.* issueIdOrKey$'), fc.constant(pool.issues[0] ?? '')],
      [at('issueIdOrKey$'), issue],
      [at('projectIdOrKey$'), fc.constantFrom('GROW', '10000')],
      [at('issueTypeId$'), fc.constantFrom('10001', '10003')],
      [at('propertyKey$'), fc.constantFrom('plan', 'plan', 'lockstep')],
      [at('/comment/.* id$'), fc.constantFrom(...pool.comments)],
      [at('/attachment/.* id$'), fc.constantFrom(...pool.attachments)],
      [at('linkId$'), fc.constantFrom(...pool.links)],
    ],
    words: [
      [at('^POST /rest/api/3/issue(/bulk)?$'), at(String.raw`^IssueUpdateDetails\.fields$`), created],
      [at('^PUT '), at(String.raw`^IssueUpdateDetails\.fields$`), fc.record(own, { requiredKeys: [] })],
      [
        at('bulk$'),
        at('^IssuesUpdateBean$'),
        fc.array(created, { minLength: 1, maxLength: 3 }).map((all) => ({ issueUpdates: all.map((fields) => ({ fields })) })),
      ],
      [at('transitions$'), at('^IssueUpdateDetails$'), fc.constantFrom('11', '51', '61').map((id) => ({ transition: { id } }))],
      [at('^POST'), at(String.raw`^IssueUpdateDetails\.update$`), absent],
      [at(''), at(String.raw`^IssueUpdateDetails\.update$`), fc.constantFrom<unknown>(ABSENT, { labels: [{ add: 'delta' }] })],
      [at(''), at(String.raw`^IssueUpdateDetails\.(transition|historyMetadata)$`), absent],
      [at(''), at('^EntityProperty$'), fc.record({ key: fc.constantFrom('plan', 'lockstep'), value: fc.jsonValue({ maxDepth: 1 }) })],
      [at(''), at(String.raw`^Comment\.body$`), document],
      [at(''), at(String.raw`^Comment\.(visibility|properties)$`), absent],
      [at(''), at(String.raw`issueIdsOrKeys\.\[\]$`), issue],
      [at(''), at(String.raw`^BulkChangelogRequestBean\.fieldIds\.\[\]$`), fc.constantFrom('status', 'summary', 'labels', 'duedate')],
      [at(''), at('^LinkedIssue$'), issue.map((id) => ({ id }))],
      [at(''), at(String.raw`^ContainerForWebhookIDs\.webhookIds\.\[\]$`), fc.constantFrom(...pool.webhooks)],
      [at('comment'), at('^Comment$'), document.map((body) => ({ body }))],
      [at(''), at('^IssueLinkType$'), fc.constantFrom({ name: 'Blocks' }, { name: 'Relates' }, { id: '10000' })],
      [at(''), at(String.raw`^LinkIssueRequestJsonBean\.comment$`), absent],
      [at(''), at(String.raw`(\.|^query\.)jql(Filter)?$`), jql],
      [at(''), at(String.raw`(\.|^query\.)nextPageToken$`), absent],
      [at(''), at(String.raw`\.reconcileIssues\.\[\]$`), issue.map(Number)],
      [at(''), at(String.raw`(^query|RequestBean)\.fields$`), fieldNames],
      [at(''), at(String.raw`(^query\.|\.)maxResults$`), fc.integer({ min: 1, max: 100 })],
      [at(''), at(String.raw`^query\.startAt$`), fc.nat(5)],
      [at(''), at(String.raw`^query\.(expand|properties|propertyQuery)$`), absent],
      [at(''), at(String.raw`^query\.accountId$`), fc.constant(pool.accountId)],
      [at(''), at(String.raw`^query\.permissions$`), fc.constantFrom('BROWSE_PROJECTS', 'EDIT_ISSUES,ADMINISTER')],
      [at(''), at(String.raw`^WebhookRegistrationDetails\.url$`), fc.constant('http://127.0.0.1:9/hook')],
      [
        at(''),
        at(String.raw`^WebhookDetails\.events$`),
        fc.constantFrom(['jira:issue_updated'], ['jira:issue_created', 'comment_created']),
      ],
      [at(''), at(String.raw`^WebhookDetails\.(fieldIdsFilter|issuePropertyKeysFilter)$`), absent],
    ],
    refusesUnknownQuery: false,
    taken: [
      {
        operation: /^/,
        violation: /^query \w+: must be boolean/,
        why: 'Jira reads any text but true as false there (Java); none is asked of ours',
      },
      {
        operation: /^GET .*(search|project|webhook|label|priority)/,
        violation: /^query (orderBy|action|status|accountId|projectIds|type|id|keys|properties)\b.*must/,
        why: 'the simulator has one project and one page of each: it neither orders nor chooses there (DIFFERENCES.md)',
      },
    ],
  };
}
