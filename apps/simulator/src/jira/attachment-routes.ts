/** Attachments: what is known about a file. Its bytes are counted and forgotten, so that there is nothing to download. */
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import { userOf } from './access.ts';
import { badRequest, JiraError } from './errors.ts';
import type { Attachment, Issue, User } from './model.ts';
import type { Rendering } from './rendering.ts';
import type { Site } from './site.ts';

const MOST_ATTACHMENTS = 2_000;
/** Jira's default; an administrator can change it. */
const MOST_BYTES = 1_000_000_000;

export function attachmentRoutes(app: Hono<VendorEnv>, site: Site, rendering: Rendering): void {
  app.post('/rest/api/3/issue/:id/attachments', async (c) => {
    const user = userOf(c);
    const issue = site.issue(user, c.req.param('id'));
    if (c.req.header('x-atlassian-token') !== 'no-check') throw new JiraError(403, ['XSRF check failed']);
    const files = (await formOf(c.req.raw)).getAll('file').filter((part) => typeof part !== 'string');
    if (files.length === 0) throw badRequest("The request has no part named 'file'.");
    if (issue.attachments.length + files.length > MOST_ATTACHMENTS || files.some((file) => file.size > MOST_BYTES))
      throw new JiraError(413, ['The attachments exceed the maximum size or number for issues.']);
    const added = files.map((file) => attachmentOf(site, user, file));
    site.transaction(() => addAll(site, user, issue, added));
    Object.assign(c.env.trace, { operation: 'add attachment', effect: 'update', records: 1 });
    return c.json(added.map((attachment) => rendering.attachment(attachment, user)));
  });
  app.get('/rest/api/3/attachment/:attachment', (c) => {
    const user = userOf(c);
    const { attachment } = found(site, user, c.req.param('attachment'));
    Object.assign(c.env.trace, { operation: 'get attachment', effect: 'read', records: 1 });
    // Alone, an attachment's id is a number; inside an issue it is a string. So says the contract.
    return c.json({ ...rendering.attachment(attachment, user), id: Number(attachment.id) });
  });
  app.delete('/rest/api/3/attachment/:attachment', (c) => {
    const user = userOf(c);
    const { issue, attachment } = found(site, user, c.req.param('attachment'));
    site.transaction(() => {
      site.touch(issue);
      issue.attachments = issue.attachments.filter((other) => other !== attachment);
      site.note(user, issue, [changeOf(attachment, false)]);
    });
    Object.assign(c.env.trace, { operation: 'remove attachment', effect: 'update', records: 1 });
    return c.body(null, 204);
  });
}

async function formOf(request: Request): Promise<FormData> {
  try {
    return await request.formData();
  } catch {
    throw badRequest('The request is not multipart/form-data.');
  }
}

function attachmentOf(site: Site, user: User, file: File): Attachment {
  return {
    id: String(site.next('attachment')),
    filename: file.name,
    mimeType: file.type === '' ? 'application/octet-stream' : file.type,
    size: file.size,
    author: user.accountId,
    createdMs: site.nowMs(),
  };
}

function addAll(site: Site, user: User, issue: Issue, added: readonly Attachment[]): void {
  site.touch(issue);
  issue.attachments = [...issue.attachments, ...added];
  site.note(
    user,
    issue,
    added.map((attachment) => changeOf(attachment, true)),
  );
}

function changeOf({ id, filename }: Attachment, isAdded: boolean): Parameters<Site['note']>[2][number] {
  return {
    field: 'Attachment',
    fieldId: 'attachment',
    fieldtype: 'jira',
    from: isAdded ? null : id,
    fromString: isAdded ? null : filename,
    to: isAdded ? id : null,
    toString: isAdded ? filename : null,
  };
}

function found(site: Site, user: User, id: string): { issue: Issue; attachment: Attachment } {
  for (const issue of user.isMember ? site.issues.values() : []) {
    const attachment = issue.attachments.find((candidate) => candidate.id === id);
    if (attachment !== undefined) return { issue, attachment };
  }
  throw new JiraError(404, [`The attachment with id '${id}' does not exist`]);
}
