/** The vendors' limits, each as a request that just keeps to it and one that goes one beyond. Numbers: vendor-apis.md and the contracts. */
import type { Request, Stage } from './stage.ts';
import { call } from './tour.ts';

export interface Limit {
  readonly what: string;
  readonly within: Request;
  readonly beyond: Request;
}

type Of = (count: number) => Request;

/** One limit: the request of a size, at the limit and one above. */
const limit = (what: string, most: number, of: Of): Limit => ({ what: `${most} ${what}`, within: of(most), beyond: of(most + 1) });

const post = (path: string, body: unknown): Request => ({ method: 'POST', path, body });
const many = <T>(count: number, each: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => each(index));

export async function jiraLimits(stage: Stage): Promise<readonly Limit[]> {
  const api = '/rest/api/3';
  const base = { project: { key: 'GROW' }, issuetype: { name: 'Task' }, summary: 'At the limit' };
  const issue = (fields: object): Request => post(`${api}/issue`, { fields: { ...base, ...fields } });
  const { id } = await call(stage, 'POST', `${api}/issue`, { body: { fields: base } });
  const search = (more: object): Request => post(`${api}/search/jql`, { jql: 'project = GROW', ...more });
  return [
    limit('characters of a summary', 255, (count) => issue({ summary: 'x'.repeat(count) })),
    limit('characters of a label', 255, (count) => issue({ labels: ['x'.repeat(count)] })),
    limit('characters of a line', 255, (count) => issue({ customfield_10201: 'x'.repeat(count) })),
    limit('issues of a bulk create', 50, (count) => post(`${api}/issue/bulk`, { issueUpdates: many(count, () => ({ fields: base })) })),
    limit('issues of a bulk fetch', 100, (count) =>
      post(`${api}/issue/bulkfetch`, { issueIdsOrKeys: many(count, (index) => String(50_000 + index)) }),
    ),
    limit('fields of a history', 10, (count) =>
      post(`${api}/changelog/bulkfetch`, { issueIdsOrKeys: [id], fieldIds: many(count, (index) => `customfield_${index}`) }),
    ),
    limit('issues of a history', 1_000, (count) =>
      post(`${api}/changelog/bulkfetch`, { issueIdsOrKeys: many(count, (index) => String(50_000 + index)) }),
    ),
    limit('results of a search', 5_000, (count) => search({ maxResults: count })),
    limit('issues to reconcile', 50, (count) => search({ reconcileIssues: many(count, (index) => 50_000 + index) })),
    limit('properties of an issue in a call', 10, (count) =>
      post(`${api}/issue`, { fields: base, properties: many(count, (index) => ({ key: `p${index}`, value: index })) }),
    ),
    limit('bytes of a property', 32_768, (count) => ({
      method: 'PUT',
      path: `${api}/issue/${id}/properties/plan`,
      body: JSON.stringify('x'.repeat(count - 2)),
    })),
  ];
}

export async function notionLimits(stage: Stage): Promise<readonly Limit[]> {
  const found = await call(stage, 'POST', '/v1/search', {
    body: { query: 'Growth OS', filter: { property: 'object', value: 'data_source' } },
  });
  const source = found.results[0]?.id ?? '';
  const page = (properties: object, more: object = {}): Request =>
    post('/v1/pages', { parent: { data_source_id: source }, properties, ...more });
  const text = (content: string): object => ({ text: { content } });
  const made = await Promise.all(many(101, () => call(stage, 'POST', '/v1/pages', { body: page({}).body })));
  const block = { paragraph: { rich_text: [] } };
  return [
    limit('characters of a text', 2_000, (count) => page({ Name: { title: [text('x'.repeat(count))] } })),
    limit('texts of a value', 100, (count) => page({ Owner: { rich_text: many(count, () => text('x')) } })),
    limit('options of a value', 100, (count) => page({ Labels: { multi_select: many(count, (index) => ({ name: `l${index}` })) } })),
    limit('relations of a value', 100, (count) => page({ 'Depends on': { relation: made.slice(0, count).map(({ id }) => ({ id })) } })),
    limit('blocks of a call', 100, (count) => ({
      method: 'PATCH',
      path: `/v1/blocks/${made[0]?.id ?? ''}/children`,
      body: { children: many(count, () => block) },
    })),
    limit('characters of an address', 2_000, (count) =>
      page({ Name: { title: [{ text: { content: 'x', link: { url: `https://a.example/${'x'.repeat(count - 18)}` } } }] } }),
    ),
    limit('results of a query', 100, (count) => post(`/v1/data_sources/${source}/query`, { page_size: count })),
  ];
}

export async function hubspotLimits(stage: Stage): Promise<readonly Limit[]> {
  const tasks = '/crm/objects/2026-09/tasks';
  const due = { hs_timestamp: '2026-12-01T09:00:00.000Z' };
  const { id } = await call(stage, 'POST', tasks, { body: { properties: due } });
  const filter = { propertyName: 'hs_task_subject', operator: 'HAS_PROPERTY' };
  const read = (inputs: number, more: object = {}): Request =>
    post(`${tasks}/batch/read`, { inputs: many(inputs, () => ({ id })), properties: [], propertiesWithHistory: [], ...more });
  const search = (more: object): Request => post(`${tasks}/search`, more);
  return [
    limit('tasks of a batch create', 100, (count) => post(`${tasks}/batch/create`, { inputs: many(count, () => ({ properties: due })) })),
    limit('tasks of a batch read', 100, (count) => read(count)),
    limit('tasks of a batch read with history', 50, (count) => read(count, { propertiesWithHistory: ['hs_task_subject'] })),
    limit('results of a search', 200, (count) => search({ limit: count })),
    limit('characters of a query', 3_000, (count) => search({ query: 'x'.repeat(count) })),
    limit('groups of filters', 5, (count) => search({ filterGroups: many(count, () => ({ filters: [filter] })) })),
    limit('filters of a group', 6, (count) => search({ filterGroups: [{ filters: many(count, () => filter) }] })),
    limit('characters of notes', 65_536, (count) => post(tasks, { properties: { ...due, hs_task_body: 'x'.repeat(count) } })),
  ];
}
