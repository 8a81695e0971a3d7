/** What a client reads before it works: the site, itself, the project, its fields, types, statuses, create metadata, permissions. */
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import { userOf } from './access.ts';
import { listParameter, numberParameter } from './body.ts';
import type { JiraContext } from './body.ts';
import { badRequest, JiraError } from './errors.ts';
import type { FieldDefinition } from './model.ts';
import { fieldSchema } from './rendering.ts';
import type { Rendering } from './rendering.ts';
import { DONE_RESOLUTION, FIELDS, ISSUE_TYPES, LINK_TYPES, PRIORITIES, PROJECT, SITE, USERS } from './scenario.ts';
import type { Site } from './site.ts';
import { shownTime } from './time.ts';

const PERMISSIONS = [
  'BROWSE_PROJECTS',
  'CREATE_ISSUES',
  'EDIT_ISSUES',
  'DELETE_ISSUES',
  'TRANSITION_ISSUES',
  'LINK_ISSUES',
  'ADD_COMMENTS',
  'SCHEDULE_ISSUES',
  'ASSIGN_ISSUES',
  'SET_ISSUE_SECURITY',
  'ADMINISTER',
] as const;

export function metaRoutes(app: Hono<VendorEnv>, site: Site, rendering: Rendering, baseUrl: () => string): void {
  const read = (path: string, operation: string, answer: (c: JiraContext) => unknown): void => {
    app.get(`/rest/api/3${path}`, (c) => {
      userOf(c);
      Object.assign(c.env.trace, { operation, effect: 'read', records: 1 });
      return c.json(answer(c) as object);
    });
  };
  app.get('/rest/api/3/serverInfo', (c) =>
    c.json({
      baseUrl: baseUrl(),
      displayUrl: baseUrl(),
      version: SITE.version,
      versionNumbers: [1001, 0, 0],
      deploymentType: 'Cloud',
      buildNumber: SITE.buildNumber,
      serverTime: shownTime(site.nowMs(), 'UTC'),
      serverTitle: SITE.title,
    }),
  );
  read('/myself', 'get myself', (c) => rendering.user(userOf(c)));
  read('/user', 'get user', (c) => {
    const user = USERS.find((candidate) => candidate.accountId === c.req.query('accountId'));
    if (user === undefined) throw new JiraError(404, ['Specified user does not exist or you do not have required permissions']);
    return rendering.user(user);
  });
  read('/user/search', 'search users', (c) => usersLike(c.req.query('query') ?? '').map((user) => rendering.user(user)));
  read('/users/search', 'list users', () => USERS.map((user) => rendering.user(user)));
  read('/field', 'list fields', () => FIELDS.map((field) => rendering.fieldDetails(field)));
  read('/field/search', 'search fields', (c) =>
    paged(
      c,
      FIELDS.map((field) => rendering.fieldDetails(field)),
    ),
  );
  read('/priority', 'list priorities', () => PRIORITIES.map((priority) => rendering.priority(priority.id)));
  read('/priority/search', 'search priorities', (c) =>
    paged(
      c,
      PRIORITIES.map((priority) => rendering.priority(priority.id)),
    ),
  );
  read('/resolution', 'list resolutions', () => [DONE_RESOLUTION]);
  read('/status', 'list statuses', () => site.workflow.statuses.map((status) => rendering.status(status.id)));
  read('/issuetype', 'list issue types', () => ISSUE_TYPES.map((type) => rendering.issueType(type.id)));
  read('/issueLinkType', 'list link types', () => ({ issueLinkTypes: LINK_TYPES }));
  read('/label', 'list labels', (c) =>
    paged(c, [...new Set([...site.issues.values()].flatMap((issue) => (issue.values['labels'] as string[]) ?? []))].sort()),
  );
  read('/mypermissions', 'get my permissions', (c) => permissions(c));
  projectRoutes(read, site, rendering);
}

type Read = (path: string, operation: string, answer: (c: JiraContext) => unknown) => void;

function projectRoutes(read: Read, site: Site, rendering: Rendering): void {
  const known = (c: JiraContext): void => {
    const asked = c.req.param('project') ?? '';
    if (!userOf(c).isMember || (asked !== PROJECT.id && asked.toUpperCase() !== PROJECT.key))
      throw new JiraError(404, [`No project could be found with key '${asked}'.`]);
  };
  read('/project', 'list projects', (c) => (userOf(c).isMember ? [rendering.project()] : []));
  read('/project/search', 'search projects', (c) => paged(c, userOf(c).isMember ? [rendering.project()] : []));
  read('/project/:project', 'get project', (c) => {
    known(c);
    return { ...(rendering.project() as object), issueTypes: ISSUE_TYPES.map((type) => rendering.issueType(type.id)) };
  });
  read('/project/:project/statuses', 'get project statuses', (c) => {
    known(c);
    return ISSUE_TYPES.map((type) => ({
      ...(rendering.issueType(type.id) as object),
      statuses: site.workflow.statuses.map((status) => rendering.status(status.id)),
    }));
  });
  read('/issue/createmeta/:project/issuetypes', 'get create metadata', (c) => {
    known(c);
    const { values, ...rest } = paged(
      c,
      ISSUE_TYPES.map((type) => rendering.issueType(type.id)),
    );
    return { ...rest, issueTypes: values };
  });
  read('/issue/createmeta/:project/issuetypes/:type', 'get create fields', (c) => {
    known(c);
    if (!ISSUE_TYPES.some((type) => type.id === c.req.param('type'))) throw new JiraError(404, ['The issue type was not found.']);
    const { values, ...rest } = paged(
      c,
      FIELDS.filter((field) => field.isEditable).map((field) => createField(field, rendering)),
    );
    return { ...rest, fields: values };
  });
}

function createField(field: FieldDefinition, rendering: Rendering): unknown {
  const allowedValues = field.kind === 'priority' ? PRIORITIES.map((priority) => rendering.priority(priority.id)) : undefined;
  return {
    fieldId: field.id,
    key: field.id,
    name: field.name,
    required: ['summary', 'issuetype', 'project'].includes(field.id),
    hasDefaultValue: field.id === 'priority',
    operations: field.kind === 'labels' ? ['add', 'set', 'remove'] : ['set'],
    schema: fieldSchema(field),
    ...(allowedValues === undefined ? {} : { allowedValues }),
  };
}

function usersLike(query: string): typeof USERS {
  const words = query.toLowerCase();
  return words === '' ? [] : USERS.filter((user) => user.displayName.toLowerCase().includes(words) || user.emailAddress.startsWith(words));
}

function permissions(c: JiraContext): unknown {
  const asked = listParameter(c, 'permissions');
  if (asked.length === 0) throw badRequest('The permissions parameter is required. Provide a list of permission keys.');
  const unknown = asked.find((key) => !(PERMISSIONS as readonly string[]).includes(key));
  if (unknown !== undefined) throw badRequest(`Unrecognized permission: ${unknown}`);
  const { isMember } = userOf(c);
  return {
    permissions: Object.fromEntries(
      asked.map((key, index) => [
        key,
        {
          id: String(index + 1),
          key,
          name: key.toLowerCase().replaceAll('_', ' '),
          type: key === 'ADMINISTER' ? 'GLOBAL' : 'PROJECT',
          description: '',
          havePermission: isMember && key !== 'ADMINISTER',
        },
      ]),
    ),
  };
}

function paged(
  c: JiraContext,
  all: readonly unknown[],
): { startAt: number; maxResults: number; total: number; isLast: boolean; values: readonly unknown[] } {
  const startAt = numberParameter(c, 'startAt', 0);
  const maxResults = Math.min(numberParameter(c, 'maxResults', 50), 200);
  return {
    startAt,
    maxResults,
    total: all.length,
    isLast: startAt + maxResults >= all.length,
    values: all.slice(startAt, startAt + maxResults),
  };
}
