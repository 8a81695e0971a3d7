/** People's hands in the tools, record by record over each vendor's API, with credentials of their own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { ask } from '@lockstep/launcher/people/person.ts';
import { createPlanReader } from './plan-rows.ts';
import type { ConnectionId, World } from './world.ts';

/** The fields of the histories: one that is settled by order, one that is merged by words. */
export type HandField = 'owner' | 'metric';

export interface Hands {
  /** What the tool shows of a record's field now. */
  read(connectionId: ConnectionId, remoteId: string, field: HandField): Promise<string>;
  edit(connectionId: ConnectionId, remoteId: string, field: HandField, value: string): Promise<void>;
}

const JIRA = { authorization: `Basic ${Buffer.from('maria@growth.example:jira-token-maria').toString('base64')}` };
const JIRA_FIELDS = { owner: 'customfield_10201', metric: 'customfield_10203' } as const;
const NOTION = { authorization: 'Bearer ntn_omar', 'notion-version': '2026-03-11' };
const NOTION_FIELDS = { owner: 'Owner', metric: 'Metric' } as const;
const HUBSPOT = { authorization: 'Bearer pat-na1-maria' };
const SALESFORCE = { authorization: 'Bearer sf_maria' };
const SALESFORCE_FIELDS = { owner: 'Owner__c', metric: 'Metric__c' } as const;
const HUBSPOT_FIELDS = { owner: 'lockstep_owner', metric: 'lockstep_metric' } as const;

export function handsOf(world: World): Hands {
  const { urls } = world.simulator;
  const rows = createPlanReader();
  const salesforceItem = (id: string): string => `${urls.salesforce}/services/data/v67.0/sobjects/Lockstep_Item__c/${id}`;
  const tools: Record<ConnectionId, Hands['read']> = {
    async document(_connection, title, field) {
      return rows.cell(readFileSync(world.file, 'utf8'), title, field);
    },
    async jira(_connection, id, field) {
      const issue = await ask<{ fields: Record<string, unknown> }>(`${urls.jira}/rest/api/3/issue/${id}`, { headers: JIRA });
      return words(issue.fields[JIRA_FIELDS[field]]);
    },
    async notion(_connection, id, field) {
      const page = await ask<NotionPage>(`${urls.notion}/v1/pages/${id}`, { headers: NOTION });
      return (page.properties[NOTION_FIELDS[field]]?.rich_text ?? []).map((part) => part.plain_text).join('');
    },
    async hubspot(_connection, id, field) {
      const url = `${urls.hubspot}/crm/objects/2026-03/tasks/${id}?properties=${HUBSPOT_FIELDS[field]}`;
      const task = await ask<{ properties: Record<string, string | null> }>(url, { headers: HUBSPOT });
      return task.properties[HUBSPOT_FIELDS[field]] ?? '';
    },
    async salesforce(_connection, id, field) {
      const item = await ask<Record<string, string | null>>(salesforceItem(id), { headers: SALESFORCE });
      return item[SALESFORCE_FIELDS[field]] ?? '';
    },
  };
  const edits: Record<ConnectionId, (id: string, field: HandField, value: string) => Promise<unknown>> = {
    async document(title, field, value) {
      writeFileSync(world.file, rows.withCell(readFileSync(world.file, 'utf8'), title, field, value));
    },
    jira: (id, field, value) => {
      const fields = { [JIRA_FIELDS[field]]: field === 'owner' ? value : paragraph(value) };
      return ask(`${urls.jira}/rest/api/3/issue/${id}`, { method: 'PUT', headers: JIRA, body: { fields } });
    },
    notion: (id, field, value) => {
      const properties = { [NOTION_FIELDS[field]]: { rich_text: [{ text: { content: value } }] } };
      return ask(`${urls.notion}/v1/pages/${id}`, { method: 'PATCH', headers: NOTION, body: { properties } });
    },
    hubspot: (id, field, value) => {
      const properties = { [HUBSPOT_FIELDS[field]]: value };
      return ask(`${urls.hubspot}/crm/objects/2026-03/tasks/${id}`, { method: 'PATCH', headers: HUBSPOT, body: { properties } });
    },
    salesforce: (id, field, value) =>
      ask(salesforceItem(id), { method: 'PATCH', headers: SALESFORCE, body: { [SALESFORCE_FIELDS[field]]: value } }),
  };
  return {
    read: (connectionId, id, field) => tools[connectionId](connectionId, id, field),
    edit: async (connectionId, id, field, value) => void (await edits[connectionId](id, field, value)),
  };
}

interface NotionPage {
  readonly properties: Readonly<Record<string, { readonly rich_text?: readonly { readonly plain_text: string }[] }>>;
}

function paragraph(text: string): unknown {
  return { version: 1, type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] };
}

/** The words of a text field, or of a one-paragraph document. */
function words(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  const node = value as { readonly text?: string; readonly content?: readonly unknown[] };
  return node.text ?? (node.content ?? []).map(words).join('');
}
