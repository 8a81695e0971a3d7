/** What hangs on issues: links, properties, comments. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { userOf } from './access.ts';
import { normaliseDocument } from './adf.ts';
import { bodyOf, choiceParameter, entityPropertySchema, numberParameter } from './body.ts';
import { badRequest, fieldErrors, JiraError } from './errors.ts';
import { setProperty } from './issue-routes.ts';
import type { Comment, Issue, IssueLink, User } from './model.ts';
import type { Rendering } from './rendering.ts';
import { LINK_TYPES } from './scenario.ts';
import type { Site } from './site.ts';

const MOST_LINKS = 2_000;
const issueReference = z.strictObject({ id: z.union([z.string(), z.number()]).optional(), key: z.string().optional() });
const linkSchema = z.strictObject({
  type: z.strictObject({
    id: z.string().optional(),
    name: z.string().optional(),
    inward: z.string().optional(),
    outward: z.string().optional(),
  }),
  inwardIssue: issueReference,
  outwardIssue: issueReference,
  comment: z.looseObject({}).optional(),
});
const commentSchema = z.strictObject({
  body: z.unknown(),
  visibility: z
    .looseObject({ type: z.enum(['group', 'role']).optional(), value: z.string().optional(), identifier: z.string().nullish() })
    .optional(),
  properties: z.array(entityPropertySchema).optional(),
});

export function relationRoutes(app: Hono<VendorEnv>, site: Site, rendering: Rendering): void {
  linkRoutes(app, site, rendering);
  propertyRoutes(app, site);
  commentRoutes(app, site, rendering);
}

function linkRoutes(app: Hono<VendorEnv>, site: Site, rendering: Rendering): void {
  app.post('/rest/api/3/issueLink', async (c) => {
    const user = userOf(c);
    const body = await bodyOf(c, linkSchema);
    const type = LINK_TYPES.find((candidate) => candidate.id === body.type.id || candidate.name === body.type.name);
    if (type === undefined) throw new JiraError(404, [`No issue link type with name '${body.type.name ?? body.type.id ?? ''}' found.`]);
    const inward = site.issue(user, String(body.inwardIssue.id ?? body.inwardIssue.key ?? ''));
    const outward = site.issue(user, String(body.outwardIssue.id ?? body.outwardIssue.key ?? ''));
    Object.assign(c.env.trace, { operation: 'create issue link', effect: 'update', records: 1 });
    addLink(site, user, { type: type.id, inward, outward });
    return c.body(null, 201);
  });
  app.get('/rest/api/3/issueLink/:id', (c) => {
    const link = linkOf(site, userOf(c), c.req.param('id'));
    Object.assign(c.env.trace, { operation: 'get issue link', effect: 'read', records: 1 });
    return c.json(rendering.wholeLink(link) as object);
  });
  app.delete('/rest/api/3/issueLink/:id', (c) => {
    const user = userOf(c);
    const link = linkOf(site, user, c.req.param('id'));
    Object.assign(c.env.trace, { operation: 'delete issue link', effect: 'update', records: 1 });
    removeLink(site, user, link);
    return c.body(null, 204);
  });
}

function linkOf(site: Site, user: User, id: string): IssueLink {
  const link = site.links.get(id);
  if (link === undefined || !user.isMember) throw new JiraError(404, [`No issue link with id '${id}' exists.`]);
  return link;
}

/** "A blocks B" has A as the inward and B as the outward issue. The same link twice is one link. */
export function addLink(site: Site, user: User, parts: { type: string; inward: Issue; outward: Issue }): void {
  const { type, inward, outward } = parts;
  if (inward.id === outward.id) throw badRequest('You cannot link an issue to itself.');
  const existing = site.linksOf(inward.id);
  if (existing.some((link) => link.typeId === type && link.inwardId === inward.id && link.outwardId === outward.id)) return;
  if (Math.max(existing.length, site.linksOf(outward.id).length) >= MOST_LINKS)
    throw new JiraError(413, ['The number of issue links exceeds the limit of 2000.']);
  const link: IssueLink = { id: String(site.next('link')), typeId: type, inwardId: inward.id, outwardId: outward.id };
  site.transaction(() => {
    site.addLink(link);
    noteLink(site, user, link, true);
  });
  site.emit({ name: 'issuelink_created', issue: null, user, change: null, link });
}

export function removeLink(site: Site, user: User, link: IssueLink): void {
  site.transaction(() => {
    site.removeLink(link);
    noteLink(site, user, link, false);
  });
  site.emit({ name: 'issuelink_deleted', issue: null, user, change: null, link });
}

/** Both ends of a link are updated issues. */
function noteLink(site: Site, user: User, link: IssueLink, isAdded: boolean): void {
  const type = LINK_TYPES.find((candidate) => candidate.id === link.typeId);
  for (const [mine, other, words] of [
    [link.inwardId, link.outwardId, type?.outward],
    [link.outwardId, link.inwardId, type?.inward],
  ] as const) {
    const issue = site.issues.get(mine);
    const key = site.issues.get(other)?.key ?? other;
    if (issue === undefined) continue;
    const side = { id: key, words: `This issue ${words ?? ''} ${key}` };
    site.touch(issue);
    site.note(user, issue, [
      {
        field: 'Link',
        fieldId: 'issuelinks',
        fieldtype: 'jira',
        from: isAdded ? null : side.id,
        fromString: isAdded ? null : side.words,
        to: isAdded ? side.id : null,
        toString: isAdded ? side.words : null,
      },
    ]);
  }
}

function propertyRoutes(app: Hono<VendorEnv>, site: Site): void {
  const path = '/rest/api/3/issue/:id/properties';
  app.get(path, (c) => {
    const issue = site.issue(userOf(c), c.req.param('id'));
    Object.assign(c.env.trace, { operation: 'get property keys', effect: 'read', records: 1 });
    return c.json({ keys: Object.keys(issue.properties).map((key) => ({ self: `${c.req.url}/${key}`, key })) });
  });
  app.get(`${path}/:key`, (c) => {
    const issue = site.issue(userOf(c), c.req.param('id'));
    const key = c.req.param('key');
    if (!(key in issue.properties)) throw new JiraError(404, [`The property with key '${key}' does not exist.`]);
    Object.assign(c.env.trace, { operation: 'get property', effect: 'read', records: 1 });
    return c.json({ key, value: issue.properties[key] });
  });
  app.put(`${path}/:key`, async (c) => {
    const issue = site.issue(userOf(c), c.req.param('id'));
    const isNew = setProperty(site, issue, c.req.param('key'), await bodyOf(c, z.unknown()));
    Object.assign(c.env.trace, { operation: 'set property', effect: 'update', records: 1 });
    return c.json({}, isNew ? 201 : 200);
  });
  app.delete(`${path}/:key`, (c) => {
    const issue = site.issue(userOf(c), c.req.param('id'));
    const { [c.req.param('key')]: removed, ...rest } = issue.properties;
    if (removed === undefined) throw new JiraError(404, [`The property with key '${c.req.param('key')}' does not exist.`]);
    issue.properties = rest;
    site.save(issue);
    Object.assign(c.env.trace, { operation: 'delete property', effect: 'update', records: 1 });
    return c.body(null, 204);
  });
}

function commentRoutes(app: Hono<VendorEnv>, site: Site, rendering: Rendering): void {
  const path = '/rest/api/3/issue/:id/comment';
  const commentOf = (issue: Issue, id: string): Comment => {
    const comment = issue.comments.find((candidate) => candidate.id === id);
    if (comment === undefined) throw new JiraError(404, [`Can not find a comment for the id: ${id}.`]);
    return comment;
  };
  const document = (body: unknown): unknown => {
    const normalised = normaliseDocument(body, 'comment');
    if (normalised === null) throw fieldErrors({ comment: 'Comment body can not be empty!' });
    return normalised;
  };
  app.get(path, (c) => {
    const user = userOf(c);
    const issue = site.issue(user, c.req.param('id'));
    const startAt = numberParameter(c, 'startAt', 0);
    const maxResults = Math.min(numberParameter(c, 'maxResults', 5_000), 5_000);
    const isNewestFirst = choiceParameter(c, 'orderBy', ['created', '+created', '-created']) === '-created';
    const comments = isNewestFirst ? issue.comments.toReversed() : issue.comments;
    Object.assign(c.env.trace, { operation: 'get comments', effect: 'read', records: issue.comments.length });
    return c.json({
      startAt,
      maxResults,
      total: issue.comments.length,
      comments: comments.slice(startAt, startAt + maxResults).map((comment) => rendering.comment(comment, issue, user)),
    });
  });
  app.post(path, async (c) => {
    const user = userOf(c);
    const issue = site.issue(user, c.req.param('id'));
    const { body } = await bodyOf(c, commentSchema);
    const comment: Comment = {
      id: String(site.next('comment')),
      author: user.accountId,
      body: document(body),
      createdMs: site.nowMs(),
      updatedMs: site.nowMs(),
    };
    site.touch(issue);
    issue.comments.push(comment);
    site.save(issue);
    site.emit({ name: 'comment_created', issue, user, change: null, link: null, comment });
    Object.assign(c.env.trace, { operation: 'add comment', effect: 'create', records: 1 });
    return c.json(rendering.comment(comment, issue, user) as object, 201);
  });
  app.get(`${path}/:comment`, (c) => {
    const user = userOf(c);
    const issue = site.issue(user, c.req.param('id'));
    Object.assign(c.env.trace, { operation: 'get comment', effect: 'read', records: 1 });
    return c.json(rendering.comment(commentOf(issue, c.req.param('comment')), issue, user) as object);
  });
  app.put(`${path}/:comment`, async (c) => {
    const user = userOf(c);
    const issue = site.issue(user, c.req.param('id'));
    const comment = commentOf(issue, c.req.param('comment'));
    const { body } = await bodyOf(c, commentSchema);
    comment.body = document(body);
    comment.updatedMs = site.nowMs();
    site.touch(issue);
    site.save(issue);
    site.emit({ name: 'comment_updated', issue, user, change: null, link: null, comment });
    Object.assign(c.env.trace, { operation: 'update comment', effect: 'update', records: 1 });
    return c.json(rendering.comment(comment, issue, user) as object);
  });
  app.delete(`${path}/:comment`, (c) => {
    const user = userOf(c);
    const issue = site.issue(user, c.req.param('id'));
    const comment = commentOf(issue, c.req.param('comment'));
    site.touch(issue);
    issue.comments.splice(issue.comments.indexOf(comment), 1);
    site.save(issue);
    site.emit({ name: 'comment_deleted', issue, user, change: null, link: null, comment });
    Object.assign(c.env.trace, { operation: 'delete comment', effect: 'delete', records: 1 });
    return c.body(null, 204);
  });
}
