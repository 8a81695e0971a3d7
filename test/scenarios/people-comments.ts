/** Maria in Jira and Omar in Notion, who leave comments and files on records. */
import { ask } from '@lockstep/launcher/people/person.ts';
import type { World } from './world.ts';

const MARIA = { authorization: `Basic ${Buffer.from('maria@growth.example:jira-token-maria').toString('base64')}` };
const OMAR = { authorization: 'Bearer ntn_omar', 'notion-version': '2026-03-11' };

export interface Said {
  readonly id: string;
  readonly text: string;
}

export interface Talker {
  /** What the record shows, oldest first. */
  comments(recordId: string): Promise<readonly Said[]>;
  /** Returns the comment's id. */
  say(recordId: string, text: string): Promise<string>;
  correct(recordId: string, commentId: string, text: string): Promise<void>;
  takeBack(recordId: string, commentId: string): Promise<void>;
}

interface Node {
  readonly text?: string;
  readonly content?: readonly Node[];
}

const words = ({ text, content }: Node): string => text ?? (content ?? []).map(words).join('');
const lines = (document: Node): string => (document.content ?? []).map(words).join('\n');
const paragraph = (text: string): unknown => ({
  body: { version: 1, type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] },
});

export function mariaInJira(
  world: World,
): Talker & { attach(recordId: string, name: string, bytes: number): Promise<string>; detach(id: string): Promise<void> } {
  const base = `${world.simulator.urls.jira}/rest/api/3`;
  const at = (recordId: string): string => `${base}/issue/${recordId}/comment`;
  return {
    async comments(recordId) {
      const { comments } = await ask<{ comments: readonly { id: string; body: Node }[] }>(at(recordId), { headers: MARIA });
      return comments.map(({ id, body }) => ({ id, text: lines(body) }));
    },
    say: async (recordId, text) => (await ask<{ id: string }>(at(recordId), { method: 'POST', headers: MARIA, body: paragraph(text) })).id,
    correct: (recordId, id, text) => ask(`${at(recordId)}/${id}`, { method: 'PUT', headers: MARIA, body: paragraph(text) }),
    takeBack: (recordId, id) => ask(`${at(recordId)}/${id}`, { method: 'DELETE', headers: MARIA }),
    async attach(recordId, name, bytes) {
      const form = new FormData();
      form.append('file', new File([new Uint8Array(bytes)], name, { type: 'application/pdf' }));
      const answer = await fetch(`${base}/issue/${recordId}/attachments`, {
        method: 'POST',
        headers: { ...MARIA, 'x-atlassian-token': 'no-check' },
        body: form,
      });
      const [file] = (await answer.json()) as readonly { readonly id: string }[];
      if (file === undefined) throw new Error(`Jira: expected to take the file, got HTTP ${answer.status}`);
      return file.id;
    },
    detach: (id) => ask(`${base}/attachment/${id}`, { method: 'DELETE', headers: MARIA }),
  };
}

export function omarInNotion(world: World): Talker {
  const base = `${world.simulator.urls.notion}/v1/comments`;
  const rich = (text: string): unknown => [{ type: 'text', text: { content: text } }];
  return {
    async comments(recordId) {
      const { results } = await ask<{ results: readonly { id: string; rich_text: readonly { plain_text: string }[] }[] }>(
        `${base}?block_id=${recordId}`,
        { headers: OMAR },
      );
      return results.map(({ id, rich_text: runs }) => ({ id, text: runs.map(({ plain_text: text }) => text).join('') }));
    },
    say: async (recordId, text) =>
      (await ask<{ id: string }>(base, { method: 'POST', headers: OMAR, body: { parent: { page_id: recordId }, rich_text: rich(text) } }))
        .id,
    correct: async (_recordId, id, text) =>
      void (await ask(`${base}/${id}`, { method: 'PATCH', headers: OMAR, body: { rich_text: rich(text) } })),
    takeBack: async (_recordId, id) => void (await ask(`${base}/${id}`, { method: 'DELETE', headers: OMAR })),
  };
}
