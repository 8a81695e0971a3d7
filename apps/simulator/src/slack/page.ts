/** The page for people: conversations, their messages, and buttons that can be pressed as whoever is in them. */
import type { Hono } from 'hono';
import { html } from 'hono/html';
import { pageIn } from '../kernel/page.ts';
import type { Html } from '../kernel/page.ts';
import type { VendorEnv } from '../kernel/vendor.ts';
import { SlackError } from './errors.ts';
import { buttonsOf } from './interactivity.ts';
import type { ConversationRecord, Json, MessageRecord } from './model.ts';
import type { Workspace } from './workspace.ts';

const STYLE = `body{font:15px/1.45 system-ui,sans-serif;margin:0;color:#1d1c1d}header{background:#3f0e40;color:#fff;padding:12px 20px}header a{color:#fff}
main{padding:16px 20px;max-width:760px}article{border-bottom:1px solid #e8e8e8;padding:10px 0}.quiet{color:#616061;font-size:13px}p{margin:4px 0;white-space:pre-wrap}
form{display:inline}button{font:inherit;padding:4px 12px;border:1px solid #bbb;border-radius:4px;background:#fff;cursor:pointer}button.primary{background:#007a5a;color:#fff}
button.danger{background:#e01e5a;color:#fff}.error{background:#fde8ee;padding:10px;border-radius:4px}li{margin:4px 0}`;

const layout = pageIn({ tool: 'Slack', style: STYLE, header: html`<a href="/ui">Growth</a> · a stand-in for Slack, not Slack's` });

const MOST_SHOWN = 200;

export function pageRoutes(app: Hono<VendorEnv>, workspace: Workspace): void {
  app.use('/ui/*', async (c, next) => {
    c.env.trace.account = 'person';
    await next();
  });
  app.get('/ui', (c) => c.html(layout('Conversations', list(workspace))));
  app.get('/ui/:id', (c) => {
    const conversation = workspace.conversations.get(c.req.param('id'));
    if (conversation === undefined) throw new SlackError('channel_not_found');
    return c.html(layout(nameOf(workspace, conversation), conversationPage(workspace, conversation)));
  });
}

function nameOf(workspace: Workspace, { name, members }: ConversationRecord): string {
  return name === null ? members.map((id) => workspace.users.get(id)?.realName ?? id).join(' and ') : `#${name}`;
}

function list(workspace: Workspace): Html {
  return html`<ul>
    ${[...workspace.conversations.values()].map(
      (conversation) =>
        html`<li>
          <a href="/ui/${conversation.id}">${nameOf(workspace, conversation)}</a>
          <span class="quiet">${workspace.messagesOf(conversation.id).length} messages${conversation.isArchived ? ', archived' : ''}</span>
        </li>`,
    )}
  </ul>`;
}

function conversationPage(workspace: Workspace, conversation: ConversationRecord): Html {
  const messages = workspace.messagesOf(conversation.id).slice(-MOST_SHOWN);
  const people = conversation.members.filter((id) => workspace.users.get(id)?.isBot === false);
  return html`<h2>${nameOf(workspace, conversation)}</h2>
    ${messages.length === 0 ? html`<p class="quiet">No messages</p>` : messages.map((message) => article(workspace, message, people))}`;
}

function article(workspace: Workspace, message: MessageRecord, people: readonly string[]): Html {
  const author = workspace.users.get(message.user)?.realName ?? message.user;
  const at = new Date(Number(message.ts) * 1_000).toISOString();
  const key = message.metadata?.event_payload['key'];
  const lines = message.blocks === null ? [message.text] : message.blocks.flatMap(textsOf);
  return html`<article>
    <strong>${author}</strong>
    <span class="quiet">${at}${message.edited === null ? '' : ' (edited)'}${message.onlyFor === null ? '' : ' (only visible to one)'}</span>
    ${lines.map((line) => html`<p>${line}</p>`)}
    ${buttonsOf(message.blocks ?? []).map((button) => people.map((user) => press(workspace, message, button, user)))}
    ${typeof key === 'string' ? html`<div class="quiet">key ${key}</div>` : ''}
  </article>`;
}

function press(workspace: Workspace, { conversation, ts }: MessageRecord, button: Json, user: string): Html {
  const label = (button['text'] as { readonly text?: string } | undefined)?.text ?? '';
  return html`<form method="post" action="/ui/press">
    <input type="hidden" name="user" value="${user}" /><input type="hidden" name="channel" value="${conversation}" />
    <input type="hidden" name="ts" value="${ts}" /><input type="hidden" name="actionId" value="${String(button['action_id'])}" />
    <button class="${String(button['style'] ?? '')}">
      ${label} <span class="quiet">as ${workspace.users.get(user)?.name ?? user}</span>
    </button>
  </form>`;
}

/** What of a block is to be read, as it was sent. */
function textsOf(block: Json): readonly string[] {
  const of = (value: unknown): readonly string[] => {
    const text = (value as { readonly text?: unknown } | undefined)?.text;
    return typeof text === 'string' ? [text] : [];
  };
  if (block['type'] === 'actions') return [];
  return [...of(block['text']), ...((block['fields'] ?? block['elements'] ?? []) as readonly unknown[]).flatMap(of)];
}

/** A refusal, on the page as a sentence. */
export function pageError(error: SlackError): Html {
  return layout('Refused', html`<p class="error">${error.code}</p>`);
}
