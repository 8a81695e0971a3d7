/** Answers to a press: five within thirty minutes, with no token. Source: https://docs.slack.dev/interactivity/handling-user-interaction (response_url). */
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import { argumentsOf, booleanAt } from './arguments.ts';
import { edited } from './chat-routes.ts';
import { SlackError } from './errors.ts';
import { contentAt, refuseEmpty } from './writing.ts';
import type { Workspace } from './workspace.ts';

export function responseRoutes(app: Hono<VendorEnv>, workspace: Workspace): void {
  app.post('/actions/:team/:number/:secret', async (c) => {
    c.env.trace.operation = 'response_url';
    const response = workspace.responses.get(c.req.param('secret'));
    const by = workspace.apps.get(response?.app ?? '');
    if (response === undefined || by === undefined) throw new SlackError('invalid_url');
    c.env.trace.account = by.account;
    if (response.untilMs < workspace.nowMs()) throw new SlackError('expired_url');
    if (response.left === 0) throw new SlackError('used_url');
    const args = await argumentsOf(c);
    const known = workspace.message(response.conversation, response.ts);
    workspace.put('response', { ...response, left: response.left - 1 });
    if (booleanAt(args, 'delete_original') === true) {
      if (known !== undefined) workspace.removeMessage(known);
      Object.assign(c.env.trace, { effect: 'delete', records: 1 });
      return c.json({ ok: true });
    }
    const content = contentAt(args);
    refuseEmpty(content);
    if (booleanAt(args, 'replace_original') === true && known !== undefined) {
      workspace.keepMessage(edited(workspace, by, known, content));
      Object.assign(c.env.trace, { effect: 'update', records: 1 });
      return c.json({ ok: true });
    }
    const isForAll = args['response_type'] === 'in_channel';
    workspace.keepMessage({
      ...{ conversation: response.conversation, ts: workspace.nextTs(), user: by.userId, botId: by.botId, threadTs: null, edited: null },
      ...{ text: content.text ?? '', blocks: content.blocks ?? null, attachments: content.attachments ?? null, metadata: null },
      onlyFor: isForAll ? null : response.user,
    });
    Object.assign(c.env.trace, { effect: 'create', records: 1 });
    return c.json({ ok: true });
  });
}
