/** Issues: create, read, edit, delete, transitions; one by one and in bulk. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { userOf } from './access.ts';
import { bodyOf, choiceParameter, listParameter, writeBodySchema } from './body.ts';
import { newValues, unsettable, writtenValues } from './editing.ts';
import { badRequest, fieldErrors, JiraError } from './errors.ts';
import type { Issue, Transition, User } from './model.ts';
import { issueView } from './rendering.ts';
import type { Rendering } from './rendering.ts';
import { DONE_RESOLUTION } from './scenario.ts';
import type { Site } from './site.ts';

const MOST_BULK_CREATES = 50;
const MOST_BULK_FETCHES = 100;
const MOST_PROPERTY_BYTES = 32_768;

const bulkCreateSchema = z.strictObject({ issueUpdates: z.array(writeBodySchema).min(1) });
const bulkFetchSchema = z.strictObject({
  issueIdsOrKeys: z.array(z.string()).min(1),
  fields: z.array(z.string()).optional(),
  properties: z.array(z.string()).optional(),
  expand: z.array(z.string()).optional(),
  fieldsByKeys: z.boolean().optional(),
});
const transitionSchema = writeBodySchema.extend({ transition: z.looseObject({ id: z.string() }) });

export function issueRoutes(app: Hono<VendorEnv>, site: Site, rendering: Rendering, baseUrl: () => string): void {
  const created = (issue: Issue): unknown => ({ id: issue.id, key: issue.key, self: `${baseUrl()}/rest/api/3/issue/${issue.id}` });

  app.post('/rest/api/3/issue', async (c) => {
    const user = userOf(c);
    const body = await bodyOf(c, writeBodySchema);
    const issue = createIssue(site, user, body);
    Object.assign(c.env.trace, { operation: 'create issue', effect: 'create', records: 1 });
    return c.json(created(issue), 201);
  });

  app.post('/rest/api/3/issue/bulk', async (c) => {
    const user = userOf(c);
    const { issueUpdates } = await bodyOf(c, bulkCreateSchema);
    if (issueUpdates.length > MOST_BULK_CREATES)
      throw badRequest(`The maximum number of issues that can be created in bulk is ${MOST_BULK_CREATES}.`);
    const issues: Issue[] = [];
    const errors: unknown[] = [];
    site.transaction(() => {
      for (const [failedElementNumber, update] of issueUpdates.entries()) {
        try {
          issues.push(createIssue(site, user, update));
        } catch (error) {
          if (!(error instanceof JiraError)) throw error;
          errors.push({ status: error.status, elementErrors: error.body(), failedElementNumber });
        }
      }
    });
    Object.assign(c.env.trace, { operation: 'bulk create issues', effect: 'create', records: issues.length });
    return c.json({ issues: issues.map(created), errors }, issues.length === 0 ? 400 : 201);
  });

  app.post('/rest/api/3/issue/bulkfetch', async (c) => {
    const user = userOf(c);
    const body = await bodyOf(c, bulkFetchSchema);
    if (body.issueIdsOrKeys.length > MOST_BULK_FETCHES)
      throw badRequest(`The maximum number of issues that can be fetched in bulk is ${MOST_BULK_FETCHES}.`);
    const view = issueView(body.fields ?? ['*navigable'], body.properties ?? [], (body.expand ?? []).join(','));
    const found = [...new Set(body.issueIdsOrKeys.map((id) => (user.isMember ? site.find(id) : undefined)))].filter(
      (issue): issue is Issue => issue !== undefined,
    );
    const missing = body.issueIdsOrKeys.filter((id) => !user.isMember || site.find(id) === undefined);
    Object.assign(c.env.trace, { operation: 'bulk fetch issues', effect: 'read', records: found.length });
    // As the contract says: in the order of their ids, not of the request.
    const issues = found.sort((a, b) => Number(a.id) - Number(b.id)).map((issue) => rendering.issue(issue, user, view));
    return c.json({
      expand: 'schema,names',
      issues,
      issueErrors: missing.map((id) => ({ id, errorMessage: 'Issue does not exist or you do not have permission to see it.' })),
    });
  });

  app.get('/rest/api/3/issue/:id', (c) => {
    const user = userOf(c);
    const issue = site.issue(user, c.req.param('id'));
    const fields = listParameter(c, 'fields');
    Object.assign(c.env.trace, { operation: 'get issue', effect: 'read', records: 1 });
    return c.json(
      rendering.issue(
        issue,
        user,
        issueView(fields.length === 0 ? ['*all'] : fields, listParameter(c, 'properties'), c.req.query('expand') ?? ''),
      ) as object,
    );
  });

  app.put('/rest/api/3/issue/:id', async (c) => {
    const user = userOf(c);
    const issue = site.issue(user, c.req.param('id'));
    const body = await bodyOf(c, writeBodySchema);
    Object.assign(c.env.trace, { operation: 'edit issue', effect: 'update', records: 1 });
    // Everything is checked before anything changes: a refused edit leaves no trace. A transition in the body is ignored, as the contract says.
    const values = writtenValues(site, issue, body);
    for (const { value } of body.properties ?? []) checkedProperty(value);
    site.transaction(() => {
      site.change(user, issue, values);
      for (const { key, value } of body.properties ?? []) setProperty(site, issue, key, value);
    });
    return c.req.query('returnIssue') === 'true'
      ? c.json(rendering.issue(issue, user, issueView(['*all'], [], '')) as object)
      : c.body(null, 204);
  });

  app.delete('/rest/api/3/issue/:id', (c) => {
    const user = userOf(c);
    const issue = site.issue(user, c.req.param('id'));
    const children = site.childrenOf(issue.id).filter((child) => child.values['issuetype'] === '10005');
    const deletesSubtasks = choiceParameter(c, 'deleteSubtasks', ['true', 'false']) === 'true';
    if (children.length > 0 && !deletesSubtasks)
      throw badRequest(
        `The issue '${issue.key}' has subtasks. You must specify the 'deleteSubtasks' parameter to delete this issue and all its subtasks.`,
      );
    Object.assign(c.env.trace, { operation: 'delete issue', effect: 'delete', records: 1 + children.length });
    site.transaction(() => {
      for (const child of children) site.delete(user, child);
      site.delete(user, issue);
    });
    return c.body(null, 204);
  });

  app.get('/rest/api/3/issue/:id/transitions', (c) => {
    const user = userOf(c);
    const issue = site.issue(user, c.req.param('id'));
    Object.assign(c.env.trace, { operation: 'get transitions', effect: 'read', records: 1 });
    const transitions = allowed(site, issue).map((transition) => ({
      id: transition.id,
      name: transition.name,
      to: rendering.status(transition.to),
      hasScreen: (transition.requires ?? []).length > 0,
      isGlobal: transition.from === null,
      isInitial: false,
      isAvailable: true,
      isConditional: false,
      looped: false,
      ...(c.req.query('expand')?.split(',').includes('transitions.fields') === true ? { fields: screenOf(transition) } : {}),
    }));
    return c.json({ expand: 'transitions', transitions });
  });

  app.post('/rest/api/3/issue/:id/transitions', async (c) => {
    const user = userOf(c);
    const issue = site.issue(user, c.req.param('id'));
    const { transition, fields, update } = await bodyOf(c, transitionSchema);
    const taken = transitionOf(site, issue, transition.id);
    // Only what its screen asks for can be set on the way.
    const given = Object.keys({ ...fields, ...update });
    const alien = given.filter((fieldId) => taken.requires?.includes(fieldId) !== true);
    if (alien.length > 0) throw fieldErrors(Object.fromEntries(alien.map((fieldId) => [fieldId, unsettable(fieldId)])));
    const lacking = (taken.requires ?? []).filter((fieldId) => !given.includes(fieldId));
    if (lacking.length > 0) throw fieldErrors(Object.fromEntries(lacking.map((fieldId) => [fieldId, `${fieldId} is required.`])));
    Object.assign(c.env.trace, { operation: 'transition issue', effect: 'update', records: 1 });
    transitionIssue(site, user, issue, taken);
    return c.body(null, 204);
  });
}

function screenOf({ requires = [] }: Transition): object {
  const field = (id: string): object => ({ required: true, hasDefaultValue: false, name: id, key: id, operations: ['set'] });
  return Object.fromEntries(requires.map((id) => [id, field(id)]));
}

/** Makes an issue from a create body. Throws Jira's errors. */
export function createIssue(site: Site, user: User, body: z.infer<typeof writeBodySchema>): Issue {
  if (!user.isMember) throw fieldErrors({ project: 'valid project is required' });
  if (body.transition !== undefined) throw badRequest('This site cannot apply a transition while it creates an issue.');
  const properties: Record<string, unknown> = {};
  for (const { key, value } of body.properties ?? []) properties[key] = checkedProperty(value);
  return site.create(user, newValues(site, user, body), properties);
}

/** The transitions that leave the issue's status. */
export function allowed(site: Site, issue: Issue): readonly Transition[] {
  const status = String(issue.values['status']);
  return site.workflow.transitions.filter(
    (transition) => transition.to !== status && (transition.from === null || transition.from.includes(status)),
  );
}

/** A transition that leaves the issue's status, or Jira's 400. */
export function transitionOf(site: Site, issue: Issue, transitionId: string): Transition {
  const transition = allowed(site, issue).find((candidate) => candidate.id === transitionId);
  if (transition === undefined) throw badRequest(`Transition id '${transitionId}' is not valid for this issue.`);
  return transition;
}

export function transitionIssue(site: Site, user: User, issue: Issue, transition: Transition): void {
  const category = site.workflow.statuses.find((status) => status.id === transition.to)?.category;
  site.change(user, issue, { status: transition.to, resolution: category === 'done' ? DONE_RESOLUTION.id : null });
}

export function setProperty(site: Site, issue: Issue, key: string, value: unknown): boolean {
  const isNew = !(key in issue.properties);
  issue.properties = { ...issue.properties, [key]: checkedProperty(value) };
  site.save(issue);
  return isNew;
}

function checkedProperty(value: unknown): unknown {
  if (JSON.stringify(value).length > MOST_PROPERTY_BYTES)
    throw badRequest(`The value of the entity property is too long, the maximum is ${MOST_PROPERTY_BYTES} characters.`);
  return value;
}
