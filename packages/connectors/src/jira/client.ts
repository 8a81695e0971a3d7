/**
 * Jira's REST v3 through jira.js, over a transport of ours: requests and paths are the SDK's; time-outs, budget, errors and the check of answers are
 * ours. jira.js itself has no time-out, and its errors lose the rate headers.
 */
import {
  addComment,
  bulkFetchIssues,
  createIssues,
  deleteComment,
  deleteIssue,
  deleteIssueLink,
  doTransition,
  editIssue,
  getAllStatuses,
  getBulkChangelogs,
  getComments,
  getCreateIssueMetaIssueTypeId,
  getCreateIssueMetaIssueTypes,
  getCurrentUser,
  getDynamicWebhooksForApp,
  getFields,
  getIssueLinkTypes,
  getMyPermissions,
  getServerInfo,
  getTransitions,
  linkIssues,
  refreshWebhooks,
  searchAndReconsileIssuesUsingJqlPost,
  searchPriorities,
  updateComment,
} from 'jira.js/cloud';
import type { Client } from 'jira.js/core';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { z } from 'zod';
import { transportClient } from './sender.ts';
import type { JiraClientOptions } from './sender.ts';
import { instantOf } from './time.ts';
import * as wire from './wire.ts';

/** A field's change in an issue's history. */
export interface HistoryEntry {
  readonly atMs: number;
  readonly accountId: string | null;
  readonly items: readonly {
    readonly fieldId: string;
    readonly from: string | null;
    readonly fromString: string | null;
    readonly to: string | null;
  }[];
}

export interface IssueWrite {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly properties?: readonly { readonly key: string; readonly value: unknown }[];
}

export interface IssueEdit {
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly update?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

/** The calls that the connector makes. All reject with `ConnectorError` only. */
export type JiraClient = ReturnType<typeof createJiraClient>;

export function createJiraClient(options: JiraClientOptions) {
  const client = transportClient(options);
  return { ...readingCalls(client), ...writingCalls(client), ...commentCalls(client), ...siteCalls(client) };
}

function readingCalls(client: Client) {
  return {
    search: async (request: {
      jql: string;
      nextPageToken: string | null;
      fields: readonly string[];
      properties: readonly string[];
      maxResults: number;
      reconcileIssues: readonly string[];
    }) =>
      parsed(
        wire.searchSchema,
        await searchAndReconsileIssuesUsingJqlPost(client, {
          jql: request.jql,
          fields: [...request.fields],
          properties: [...request.properties],
          maxResults: request.maxResults,
          ...(request.nextPageToken === null ? {} : { nextPageToken: request.nextPageToken }),
          ...(request.reconcileIssues.length === 0 ? {} : { reconcileIssues: request.reconcileIssues.map(Number) }),
        }),
        'search/jql',
      ),
    bulkFetch: async (idsOrKeys: readonly string[], fields: readonly string[], properties: readonly string[]) =>
      parsed(
        wire.bulkFetchSchema,
        await bulkFetchIssues(client, { issueIdsOrKeys: [...idsOrKeys], fields: [...fields], properties: [...properties] }),
        'issue/bulkfetch',
      ).issues,
    transitions: async (id: string) =>
      parsed(wire.transitionsSchema, await getTransitions(client, { issueIdOrKey: id, expand: 'transitions.fields' }), 'transitions')
        .transitions,
    history: (ids: readonly string[], fieldIds: readonly string[]) => history(client, ids, fieldIds),
  };
}

function writingCalls(client: Client) {
  return {
    bulkCreate: async (writes: readonly IssueWrite[]) =>
      parsed(
        wire.bulkCreateSchema,
        await createIssues(client, {
          issueUpdates: writes.map(({ fields, properties }) => ({ fields: { ...fields }, properties: [...(properties ?? [])] })),
        }),
        'issue/bulk',
      ),
    edit: async (id: string, change: IssueEdit) => {
      await editIssue(client, {
        issueIdOrKey: id,
        ...(change.fields === undefined ? {} : { fields: { ...change.fields } }),
        ...(change.update === undefined
          ? {}
          : { update: Object.fromEntries(Object.entries(change.update).map(([field, steps]) => [field, [...steps]])) }),
      });
    },
    /** Refused while it has subtasks: what we did not make is not ours to delete. */
    remove: async (id: string) => {
      await deleteIssue(client, { issueIdOrKey: id, deleteSubtasks: 'false' });
    },
    transition: async (id: string, transitionId: string) => {
      await doTransition(client, { issueIdOrKey: id, transition: { id: transitionId } });
    },
    link: async (typeName: string, inwardId: string, outwardId: string) => {
      await linkIssues(client, { type: { name: typeName }, inwardIssue: { id: inwardId }, outwardIssue: { id: outwardId } });
    },
    unlink: async (linkId: string) => {
      await deleteIssueLink(client, { linkId });
    },
  };
}

type CommentBody = NonNullable<Parameters<typeof addComment>[1]['body']>;

function commentCalls(client: Client) {
  return {
    comments: async (id: string, startAt: number) =>
      parsed(wire.commentPageSchema, await getComments(client, { issueIdOrKey: id, startAt, maxResults: 1_000 }), 'comment'),
    addComment: async (id: string, body: unknown) =>
      parsed(wire.commentSchema, await addComment(client, { issueIdOrKey: id, body: body as CommentBody }), 'comment'),
    updateComment: async (id: string, commentId: string, body: unknown) =>
      parsed(
        wire.commentSchema,
        await updateComment(client, { issueIdOrKey: id, id: commentId, body: { body: body as CommentBody } }),
        'comment',
      ),
    removeComment: async (id: string, commentId: string) => {
      await deleteComment(client, { issueIdOrKey: id, id: commentId });
    },
  };
}

/** What the site is and calls things. */
function siteCalls(client: Client) {
  return {
    fields: async () => parsed(wire.fieldListSchema, await getFields(client), 'field'),
    issueTypes: async (project: string) =>
      parsed(
        wire.issueTypePageSchema,
        await getCreateIssueMetaIssueTypes(client, { projectIdOrKey: project, maxResults: 200 }),
        'createmeta',
      ).issueTypes,
    /** Fields that a new issue of the type can have. */
    createFields: async (project: string, issueTypeId: string) =>
      parsed(
        wire.createFieldsSchema,
        await getCreateIssueMetaIssueTypeId(client, { projectIdOrKey: project, issueTypeId, maxResults: 200 }),
        'createmeta',
      ).fields,
    statuses: async (project: string) =>
      parsed(wire.statusesSchema, await getAllStatuses(client, { projectIdOrKey: project }), 'project statuses'),
    priorities: async () => parsed(wire.namedPageSchema, await searchPriorities(client, { maxResults: '200' }), 'priority/search').values,
    linkTypes: async () => parsed(wire.linkTypesSchema, await getIssueLinkTypes(client), 'issueLinkType').issueLinkTypes,
    /** The site's own clock: cursors are never held against ours (D05). */
    serverTime: async () => {
      const at = instantOf(parsed(wire.serverInfoSchema, await getServerInfo(client), 'serverInfo').serverTime);
      if (at === null) throw new ConnectorError('Invalid', 'Jira serverInfo: expected a time in serverTime, got none');
      return at;
    },
    /** Webhooks that run out, of the account's app; none where Jira says that the account has no app. */
    dynamicWebhooks: async () => {
      const answer: unknown = await getDynamicWebhooksForApp(client, { maxResults: 100 }).catch((error: unknown) => {
        if (error instanceof ConnectorError && error.code === 'Forbidden') return { values: [] };
        throw error;
      });
      return parsed(wire.dynamicWebhooksSchema, answer, 'webhook').values;
    },
    /** Gives them thirty days more. */
    refreshWebhooks: async (webhookIds: readonly number[]) => {
      await refreshWebhooks(client, { webhookIds: [...webhookIds] });
    },
    myself: async () => parsed(wire.myselfSchema, await getCurrentUser(client), 'myself'),
    permissions: async (project: string, keys: readonly string[]) =>
      parsed(wire.permissionsSchema, await getMyPermissions(client, { projectKey: project, permissions: keys.join(',') }), 'mypermissions')
        .permissions,
  };
}

/** Every change of these fields of these issues, oldest first. */
async function history(
  client: Client,
  ids: readonly string[],
  fieldIds: readonly string[],
): Promise<ReadonlyMap<string, readonly HistoryEntry[]>> {
  const found = new Map<string, HistoryEntry[]>();
  let nextPageToken: string | null = null;
  do {
    const answer: unknown = await getBulkChangelogs(client, {
      issueIdsOrKeys: [...ids],
      fieldIds: [...fieldIds],
      maxResults: 1_000,
      ...(nextPageToken === null ? {} : { nextPageToken }),
    });
    const page = parsed(wire.changelogSchema, answer, 'changelog/bulkfetch');
    for (const { issueId, changeHistories } of page.issueChangeLogs) {
      const entries = found.get(issueId) ?? [];
      for (const change of changeHistories) {
        const atMs = typeof change.created === 'number' ? change.created : Date.parse(change.created);
        const items = change.items.flatMap(({ fieldId, from, fromString, to }) =>
          fieldId ? [{ fieldId, from: from ?? null, fromString: fromString ?? null, to: to ?? null }] : [],
        );
        entries.push({ atMs, accountId: change.author?.accountId ?? null, items });
      }
      found.set(issueId, entries);
    }
    const { nextPageToken: next } = answer as { nextPageToken?: string | null };
    nextPageToken = next ?? null;
  } while (nextPageToken !== null);
  return found;
}

function parsed<S extends z.ZodType>(schema: S, value: unknown, place: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ConnectorError(
    'Invalid',
    `Jira ${place}: expected the documented shape, got another at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  );
}
