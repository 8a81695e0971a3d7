/**
 * What people and administrators do, as JSON or as a form of the page: press a button, write, leave; the app's settings. And what nobody should do: a forged
 * press, a stale one, the same again.
 */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import type { WebhookQueue } from '../kernel/webhooks.ts';
import type { SlackContext } from './arguments.ts';
import { SlackError } from './errors.ts';
import { buttonsOf, pressed, resigned, send } from './interactivity.ts';
import type { Workspace } from './workspace.ts';

const count = z.coerce.number().int().min(0);
const pressSchema = z.strictObject({
  user: z.string(),
  channel: z.string(),
  ts: z.string(),
  actionId: z.string(),
  forged: z.enum(['signature', 'body', 'unsigned']).optional(),
  ageSeconds: z.coerce.number().int().optional(),
  /** How often it is delivered; 0: kept, to be sent later. */
  copies: count.max(10).default(1),
});
const resendSchema = z.strictObject({ fresh: z.boolean().default(false), retry: count.default(0) });
const messageSchema = z.strictObject({ user: z.string(), channel: z.string(), text: z.string().min(1) });
const userSchema = z.strictObject({ isDeleted: z.boolean().optional(), tz: z.string().optional(), locale: z.string().optional() });
const appSchema = z.strictObject({
  interactivityUrl: z.url().nullable().optional(),
  isRevoked: z.boolean().optional(),
  scopes: z.array(z.string()).optional(),
  hasMessagesTab: z.boolean().optional(),
});
const conversationSchema = z.strictObject({ isArchived: z.boolean().optional(), members: z.array(z.string()).optional() });
const settingsSchema = z.strictObject({ editWindowMinutes: z.number().min(0).nullable() });

export function personRoutes(app: Hono<VendorEnv>, workspace: Workspace, queue: WebhookQueue, baseUrl: () => string): void {
  pressRoutes(app, workspace, queue, baseUrl);
  app.post('/ui/messages', async (c) => {
    const { user, channel, text } = await givenAt(c, messageSchema, 'page: write');
    const conversation = workspace.conversations.get(channel);
    if (conversation?.members.includes(user) !== true) throw new SlackError('channel_not_found');
    const message = {
      ...{ conversation: channel, ts: workspace.nextTs(), user, botId: null, text, blocks: null, attachments: null },
      ...{ metadata: null, threadTs: null, edited: null, onlyFor: null },
    };
    workspace.keepMessage(message);
    Object.assign(c.env.trace, { effect: 'create', records: 1 });
    return c.json({ ok: true, ts: message.ts }, 201);
  });
  /** What somebody sees: the messages to them, the oldest first, with what can be pressed. */
  app.get('/ui/people/:id/messages', (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: messages' });
    const theirs = [...workspace.conversations.values()].filter(({ members }) => members.includes(c.req.param('id')));
    const messages = theirs.flatMap(({ id: channel }) =>
      workspace.messagesOf(channel).map((message) => ({
        channel,
        ts: message.ts,
        text: message.text,
        actions: buttonsOf(message.blocks ?? []).map((button) => button['action_id']),
      })),
    );
    return c.json({ ok: true, messages: messages.toSorted((a, b) => (a.ts < b.ts ? -1 : 1)) });
  });
  app.post('/ui/users/:id', async (c) => {
    const user = workspace.users.get(c.req.param('id'));
    if (user === undefined) throw new SlackError('user_not_found');
    const given = present(await givenAt(c, userSchema, 'settings: a user'));
    workspace.put('user', { ...user, ...given, updatedMs: workspace.nowMs() });
    return c.json({ ok: true });
  });
  app.post('/ui/apps/:account', async (c) => {
    const found = [...workspace.apps.values()].find(({ account }) => account === c.req.param('account'));
    if (found === undefined) throw new SlackError('app_not_found');
    workspace.put('app', { ...found, ...present(await givenAt(c, appSchema, 'settings: an app')) });
    return c.json({ ok: true });
  });
  app.post('/ui/conversations/:id', async (c) => {
    const found = workspace.conversations.get(c.req.param('id'));
    if (found === undefined) throw new SlackError('channel_not_found');
    workspace.put('conversation', { ...found, ...present(await givenAt(c, conversationSchema, 'settings: a conversation')) });
    return c.json({ ok: true });
  });
  app.post('/ui/settings', async (c) => {
    workspace.keepSettings(await givenAt(c, settingsSchema, 'settings: the workspace'));
    return c.json({ ok: true });
  });
}

function pressRoutes(app: Hono<VendorEnv>, workspace: Workspace, queue: WebhookQueue, baseUrl: () => string): void {
  app.post('/ui/press', async (c) => {
    const { copies, ...request } = await givenAt(c, pressSchema, 'page: press');
    const press = pressed(workspace, request, baseUrl());
    for (let copy = 0; copy < copies; copy += 1) send(queue, press);
    return isJson(c) ? c.json({ ok: true, press: press.id }, 201) : c.redirect(`/ui/${request.channel}`);
  });
  /** Sends what was sent, or kept, again: as it was (a replay), or signed anew and numbered (as Slack repeats). */
  app.post('/ui/presses/:id/send', async (c) => {
    const press = workspace.presses.get(c.req.param('id'));
    if (press === undefined) throw new SlackError('press_not_found');
    const { fresh, retry } = await givenAt(c, resendSchema, 'page: press again');
    send(queue, fresh ? resigned(workspace, press) : press, retry);
    return c.json({ ok: true });
  });
  app.get('/ui/presses', (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: presses' });
    return c.json({ ok: true, presses: [...workspace.presses.values()] });
  });
}

const isJson = (c: SlackContext): boolean => (c.req.header('content-type') ?? '').includes('json');

async function givenAt<S extends z.ZodType>(c: SlackContext, schema: S, operation: string): Promise<z.infer<S>> {
  Object.assign(c.env.trace, { account: 'person', operation });
  const given: unknown = isJson(c) ? await c.req.json() : Object.fromEntries(new URLSearchParams(await c.req.text()));
  const result = schema.safeParse(given);
  if (!result.success) throw new SlackError('invalid_arguments', { response_metadata: { messages: [z.prettifyError(result.error)] } });
  return result.data;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are not given. */
function present<T extends object>(given: T): Present<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Present<T>;
}
