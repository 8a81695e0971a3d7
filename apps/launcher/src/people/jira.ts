/** Maria, who works in Jira (REST v3). */
import { ask } from './person.ts';
import type { Person, Seen, Shown } from './person.ts';

interface Issue {
  readonly id: string;
  readonly key: string;
  readonly fields: Readonly<Record<string, unknown>> & {
    readonly status: { readonly name: string };
    readonly priority?: { readonly name: string } | null;
    readonly parent?: { readonly fields: { readonly summary: string } };
  };
}

const PROJECT = 'GROW';

export async function personInJira(baseUrl: string): Promise<Person> {
  const headers = { authorization: `Basic ${Buffer.from('maria@growth.example:jira-token-maria').toString('base64')}` };
  const fields = await ask<readonly { id: string; name: string }[]>(`${baseUrl}/rest/api/3/field`, { headers });
  const idOf = (name: string): string => {
    const found = fields.find((field) => field.name === name);
    if (found === undefined) throw new Error(`Jira: expected a field "${name}", got none`);
    return found.id;
  };
  const owner = idOf('Plan owner');
  const metric = idOf('Verification metric');
  const definitionOfDone = idOf('Definition of done');
  const issues = async (): Promise<readonly Issue[]> => {
    const found: Issue[] = [];
    let nextPageToken: string | undefined;
    do {
      const page: { issues: Issue[]; nextPageToken?: string } = await ask(`${baseUrl}/rest/api/3/search/jql`, {
        method: 'POST',
        headers,
        body: {
          jql: `project = ${PROJECT} ORDER BY created ASC`,
          maxResults: 100,
          fields: ['summary', 'status', 'parent', 'priority', owner, metric, definitionOfDone],
          ...(nextPageToken === undefined ? {} : { nextPageToken }),
        },
      });
      found.push(...page.issues);
      nextPageToken = page.nextPageToken;
    } while (nextPageToken !== undefined);
    return found;
  };
  const seen = ({ id, key, fields: shown }: Issue): Seen => ({
    id,
    name: key,
    gone: shown.status.name === 'Cancelled',
    fields: {
      title: text(shown['summary']),
      owner: text(shown[owner]),
      metric: text(shown[metric]),
      definitionOfDone: text(shown[definitionOfDone]),
      parent: shown.parent?.fields.summary ?? '',
      priority: shown.priority?.name ?? '',
    },
  });
  const encode = (changes: Shown): Record<string, unknown> => ({
    ...(changes.title === undefined ? {} : { summary: changes.title }),
    ...(changes.owner === undefined ? {} : { [owner]: changes.owner }),
    ...(changes.metric === undefined ? {} : { [metric]: document(changes.metric) }),
    ...(changes.definitionOfDone === undefined ? {} : { [definitionOfDone]: document(changes.definitionOfDone) }),
  });
  return {
    tool: 'jira',
    who: 'Maria in Jira',
    count: async () => (await issues()).filter((issue) => !seen(issue).gone).length,
    find: async (title) => (await issues()).map(seen).filter((issue) => issue.fields.title === title),
    edit: async (id, changes) =>
      void (await ask(`${baseUrl}/rest/api/3/issue/${id}`, { method: 'PUT', headers, body: { fields: encode(changes) } })),
    remove: async (id) => void (await ask(`${baseUrl}/rest/api/3/issue/${id}`, { method: 'DELETE', headers })),
  };
}

/** One paragraph of Atlassian's document format. */
function document(words: string): unknown {
  return { version: 1, type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text: words }] }] };
}

/** The words of a field: plain text, or all the text of a document. */
function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  const node = value as { type?: string; text?: string; content?: readonly unknown[] };
  if (node.type === 'hardBreak') return '\n';
  return node.text ?? (node.content ?? []).map(text).join(node.type === 'doc' ? '\n' : '');
}
