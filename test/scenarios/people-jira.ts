/** Maria at Jira's own API, for fields and acts beyond those of the story. */
import { ask } from '@lockstep/launcher/people/person.ts';
import type { World } from './world.ts';

const MARIA = { authorization: `Basic ${Buffer.from('maria@growth.example:jira-token-maria').toString('base64')}` };

const TASK = { project: { key: 'GROW' }, issuetype: { name: 'Task' } };

export interface JiraHands {
  /** Makes an issue of the project and returns its id. */
  make(fields: Readonly<Record<string, unknown>>): Promise<string>;
  /** Makes tasks of these titles, 50 in a call, and returns their ids. */
  makeMany(titles: readonly string[], fields?: Readonly<Record<string, unknown>>): Promise<readonly string[]>;
  /** What the dialog of "Move" does: another project's key, another type, a parent. */
  move(id: string, to: { readonly key?: string; readonly issuetype?: string; readonly parent?: string }): Promise<void>;
  /** Ids of the issues with exactly this title, as the search shows them. */
  idsOf(title: string): Promise<readonly string[]>;
  set(id: string, fields: Readonly<Record<string, unknown>>): Promise<void>;
  field(id: string, field: string): Promise<unknown>;
  labels(id: string, steps: readonly { readonly add?: string; readonly remove?: string }[]): Promise<void>;
  /** Says that `blocker` must be done before `id`. */
  block(id: string, blocker: string): Promise<void>;
  /** Ids of the issues that must be done before this one. */
  blockers(id: string): Promise<readonly string[]>;
  unblock(id: string, blocker: string): Promise<void>;
}

interface Link {
  readonly id: string;
  readonly inwardIssue?: { readonly id: string };
}

export function jiraHands(world: World): JiraHands {
  const api = <T>(method: string, path: string, body?: unknown): Promise<T> =>
    ask<T>(`${world.simulator.urls.jira}/rest/api/3${path}`, { method, headers: MARIA, ...(body === undefined ? {} : { body }) });
  const field = async (id: string, name: string): Promise<unknown> =>
    (await api<{ fields: Record<string, unknown> }>('GET', `/issue/${id}?fields=${name}`)).fields[name];
  const links = async (id: string): Promise<readonly Link[]> => (await field(id, 'issuelinks')) as readonly Link[];
  return {
    field,
    async make(fields) {
      const whole = { ...TASK, ...fields };
      return (await api<{ id: string }>('POST', '/issue', { fields: whole })).id;
    },
    async makeMany(titles, fields = {}) {
      const ids: string[] = [];
      for (let start = 0; start < titles.length; start += 50) {
        const batch = titles.slice(start, start + 50).map((summary) => ({ ...TASK, ...fields, summary }));
        const issueUpdates = batch.map((values) => ({ fields: values }));
        ids.push(...(await api<{ issues: readonly { id: string }[] }>('POST', '/issue/bulk', { issueUpdates })).issues.map(({ id }) => id));
      }
      return ids;
    },
    move: (id, to) => ask(`${world.simulator.urls.jira}/ui/issues/${id}/move`, { method: 'POST', headers: MARIA, body: to }),
    idsOf: async (title) => (await world.people.jira.find(title)).map(({ id }) => id),
    set: (id, fields) => api('PUT', `/issue/${id}`, { fields }),
    labels: (id, steps) => api('PUT', `/issue/${id}`, { update: { labels: steps } }),
    block: (id, blocker) => api('POST', '/issueLink', { type: { name: 'Blocks' }, inwardIssue: { id: blocker }, outwardIssue: { id } }),
    blockers: async (id) => (await links(id)).flatMap(({ inwardIssue }) => inwardIssue?.id ?? []),
    async unblock(id, blocker) {
      const link = (await links(id)).find(({ inwardIssue }) => inwardIssue?.id === blocker);
      if (link === undefined) throw new Error(`Jira: expected ${blocker} to block ${id}, it does not`);
      await api('DELETE', `/issueLink/${link.id}`);
    },
  };
}
