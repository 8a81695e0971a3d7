/**
 * The yardstick of the first load, a process of its own: sends the batches that Lockstep sends, with the SDKs that Lockstep uses, into a simulator of its
 * own, and keeps nothing but the ids that children and dependents need. It reads nothing back, compares nothing, and could not go on after a crash.
 */
import { Client as HubSpotClient } from '@hubspot/api-client';
import { WIDTH } from '@lockstep/connectors/notion/reading.ts';
import { ask } from '@lockstep/launcher/people/person.ts';
import { Client as NotionClient } from '@notionhq/client';
import type { CreatePageParameters } from '@notionhq/client';
import { createIssues, getCreateIssueMetaIssueTypes, linkIssues, searchPriorities } from 'jira.js/cloud';
import type { Client as JiraClient } from 'jira.js/core';
import { generateItems } from './generated-plan.ts';
import type { GeneratedItem } from './generated-plan.ts';

const JIRA_BATCH = 50;
const HUBSPOT_BATCH = 100;

interface Order {
  readonly urls: { readonly jira: string; readonly notion: string; readonly hubspot: string };
  readonly items: number;
}

process.once('message', (order: Order) => {
  run(order).then(
    (seconds) => process.send?.({ seconds }, () => process.disconnect()),
    (error: unknown) => process.send?.({ error: String(error) }, () => process.disconnect()),
  );
});

async function run({ urls, items }: Order): Promise<Readonly<Record<string, number>>> {
  const levels = [...Map.groupBy(generateItems(items), ({ kind }) => kind).values()];
  const loops = { jira: await jira(urls.jira), notion: await notion(urls.notion), hubspot: hubspot(urls.hubspot) };
  const startedMs = performance.now();
  const timed = Object.entries(loops).map(async ([tool, load]): Promise<[string, number]> => {
    for (const level of levels) await load(level);
    return [tool, (performance.now() - startedMs) / 1_000];
  });
  const seconds = Object.fromEntries(await Promise.all(timed));
  return { ...seconds, all: (performance.now() - startedMs) / 1_000 };
}

type Load = (level: readonly GeneratedItem[]) => Promise<void>;

const markerOf = ({ fields }: GeneratedItem): string => `bare-${(fields['title'] ?? '').replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()}`;

async function inParallel<T>(values: readonly T[], width: number, work: (value: T) => Promise<void>): Promise<void> {
  const left = values.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const value of left) await work(value);
    }),
  );
}

function* chunks<T>(values: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < values.length; start += size) yield values.slice(start, start + size);
}

const JIRA_TYPES = { phase: 'Epic', deliverable: 'Story', task: 'Task' } as const;
const JIRA_FIELDS = {
  owner: 'Plan owner',
  definitionOfDone: 'Definition of done',
  metric: 'Verification metric',
  entryCriteria: 'Entry criteria',
  exitCriteria: 'Exit criteria',
  dependencies: 'Plan dependencies',
} as const;

async function jira(baseUrl: string): Promise<Load> {
  const authorization = `Basic ${Buffer.from('lockstep@growth.example:jira-token-lockstep').toString('base64')}`;
  const client: JiraClient = {
    async sendRequest<T>({ url, method, body, searchParams }: Parameters<JiraClient['sendRequest']>[0]): Promise<T> {
      const query = Object.entries(searchParams ?? {}).flatMap(([name, value]) =>
        value === undefined || value === null
          ? []
          : [`${name}=${encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value))}`],
      );
      const address = `${baseUrl}${url}${query.length === 0 ? '' : `?${query.join('&')}`}`;
      return ask<T>(address, { method: method ?? 'GET', headers: { authorization }, ...(body === undefined ? {} : { body }) });
    },
  };
  const types = new Map(
    ((await getCreateIssueMetaIssueTypes(client, { projectIdOrKey: 'GROW', maxResults: 200 })).issueTypes ?? []).map((type) => [
      type.name,
      type.id,
    ]),
  );
  const priorities = new Map(
    ((await searchPriorities(client, { maxResults: '200' })).values ?? []).map(({ name, id }) => [name?.toLowerCase(), id]),
  );
  const named = await ask<readonly { id: string; name: string }[]>(`${baseUrl}/rest/api/3/field`, { headers: { authorization } });
  const fieldIds = new Map(named.map(({ name, id }) => [name, id]));
  const ids = new Map<string, string>();
  const fieldsOf = (item: GeneratedItem): Record<string, unknown> => ({
    project: { key: 'GROW' },
    issuetype: { id: types.get(JIRA_TYPES[item.kind]) },
    summary: item.fields['title'],
    labels: [`lockstep-${markerOf(item)}`],
    ...(item.parent === null ? {} : { parent: { id: ids.get(item.parent) } }),
    ...(item.fields['description'] === undefined ? {} : { description: paragraph(item.fields['description']) }),
    ...(item.fields['priority'] === undefined ? {} : { priority: { id: priorities.get(item.fields['priority']) } }),
    ...(item.fields['dueDate'] === undefined ? {} : { duedate: item.fields['dueDate'] }),
    ...Object.fromEntries(
      Object.entries(JIRA_FIELDS).flatMap(([field, name]) => {
        const value = item.fields[field];
        return value === undefined ? [] : [[fieldIds.get(name), field === 'owner' ? value : paragraph(value)]];
      }),
    ),
  });
  return async (level) => {
    for (const batch of chunks(level, JIRA_BATCH)) {
      const issueUpdates = batch.map((item) => ({
        fields: fieldsOf(item),
        properties: [{ key: 'lockstep', value: { itemId: markerOf(item) } }],
      }));
      const { issues = [] } = await createIssues(client, { issueUpdates });
      for (const [index, item] of batch.entries()) ids.set(item.fields['title'] ?? '', issues[index]?.id ?? '');
      const dependents = batch.filter(({ dependsOn }) => dependsOn !== null);
      await inParallel(dependents, WIDTH, async ({ fields, dependsOn }) => {
        const [inward, outward] = [ids.get(dependsOn ?? ''), ids.get(fields['title'] ?? '')];
        await linkIssues(client, {
          type: { name: 'Blocks' },
          inwardIssue: { id: inward ?? '' },
          outwardIssue: { id: outward ?? '' },
        });
      });
    }
  };
}

function paragraph(words: string): unknown {
  return { version: 1, type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text: words }] }] };
}

const NOTION_KINDS = { phase: 'Phase', deliverable: 'Deliverable', task: 'Task' } as const;
const NOTION_TEXTS = {
  owner: 'Owner',
  description: 'Description',
  dependencies: 'Dependencies',
  definitionOfDone: 'Definition of done',
  metric: 'Metric',
  entryCriteria: 'Entry criteria',
  exitCriteria: 'Exit criteria',
} as const;

async function notion(baseUrl: string): Promise<Load> {
  const client = new BareNotion(baseUrl);
  const source = await client.source();
  /** Title → its page's id: a dependent that is quicker than what it depends on waits for it. */
  const ids = new Map<string, PromiseWithResolvers<string>>();
  const idOf = (title: string): PromiseWithResolvers<string> => {
    const known = ids.get(title) ?? Promise.withResolvers<string>();
    ids.set(title, known);
    return known;
  };
  return (level) =>
    inParallel(level, WIDTH, async (item) => {
      const { title = '', priority, dueDate } = item.fields;
      const relation = async (other: string | null): Promise<unknown> => ({ relation: [{ id: await idOf(other ?? '').promise }] });
      const properties = {
        Name: { title: textOf(title) },
        Kind: { select: { name: NOTION_KINDS[item.kind] } },
        'Lockstep ID': { rich_text: textOf(markerOf(item)) },
        ...(priority === undefined ? {} : { Priority: { select: { name: `${priority[0]?.toUpperCase() ?? ''}${priority.slice(1)}` } } }),
        ...(dueDate === undefined ? {} : { Due: { date: { start: dueDate } } }),
        ...Object.fromEntries(
          Object.entries(NOTION_TEXTS).flatMap(([field, name]) =>
            item.fields[field] === undefined ? [] : [[name, { rich_text: textOf(item.fields[field]) }]],
          ),
        ),
        ...(item.parent === null ? {} : { Parent: await relation(item.parent) }),
        ...(item.dependsOn === null ? {} : { 'Depends on': await relation(item.dependsOn) }),
      };
      idOf(title).resolve(await client.create(source, properties));
    });
}

/** Notion's SDK as Lockstep uses it: no retries, no logging. */
class BareNotion {
  readonly #sdk: NotionClient;

  constructor(baseUrl: string) {
    this.#sdk = new NotionClient({ auth: 'ntn_lockstep', baseUrl, notionVersion: '2026-03-11', retry: false, logger: () => undefined });
  }

  async source(): Promise<string> {
    const { results } = await this.#sdk.search({ query: 'Growth OS', filter: { property: 'object', value: 'data_source' } });
    return results[0]?.id ?? '';
  }

  async create(source: string, properties: Readonly<Record<string, unknown>>): Promise<string> {
    const page = { parent: { type: 'data_source_id', data_source_id: source }, properties } as CreatePageParameters;
    return (await this.#sdk.pages.create(page)).id;
  }
}

function textOf(content: string): unknown[] {
  return [{ type: 'text', text: { content } }];
}

function hubspot(baseUrl: string): Load {
  const client = new HubSpotClient({ accessToken: 'pat-na1-lockstep', basePath: baseUrl });
  return async (level) => {
    // The mapping shows tasks alone in HubSpot.
    for (const batch of chunks(
      level.filter(({ kind }) => kind === 'task'),
      HUBSPOT_BATCH,
    )) {
      const inputs = batch.map((item) => ({ id: markerOf(item), idProperty: 'lockstep_id', properties: taskProperties(item) }));
      const answer = await client.apiRequest({ method: 'POST', path: '/crm/objects/2026-09/tasks/batch/upsert', body: { inputs } });
      if (!answer.ok) throw new Error(`HubSpot batch/upsert: expected success, got HTTP ${answer.status}: ${await answer.text()}`);
      await answer.json();
    }
  };
}

const HUBSPOT_PRIORITIES: Readonly<Record<string, string>> = { highest: 'HIGH', high: 'HIGH', medium: 'MEDIUM', low: 'LOW', lowest: 'LOW' };

function taskProperties(item: GeneratedItem): Record<string, string> {
  const { fields } = item;
  return {
    hs_task_subject: fields['title'] ?? '',
    hs_timestamp: `${fields['dueDate'] ?? '2027-01-01'}T12:00:00.000Z`,
    hs_task_priority: HUBSPOT_PRIORITIES[fields['priority'] ?? ''] ?? 'NONE',
    lockstep_owner: fields['owner'] ?? '',
    lockstep_phase: (item.parent ?? '').split(':')[0] ?? '',
    lockstep_dependencies: fields['dependencies'] ?? '',
    lockstep_definition_of_done: fields['definitionOfDone'] ?? '',
    lockstep_metric: fields['metric'] ?? '',
    lockstep_id: markerOf(item),
    lockstep_kind: 'task',
  };
}
