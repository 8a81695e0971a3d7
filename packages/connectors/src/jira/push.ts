/** Writing issues that exist: update, archive, delete. */
import type { Pushes, RemoteChange, RemoteRemoval, WriteOutcome } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { entryOf, projectOf } from './catalogue.ts';
import { createAll } from './create.ts';
import { encodeIssue } from './encode.ts';
import type { EncodedIssue } from './encode.ts';
import { ARCHIVED_LABEL, statusIdOf } from './mapping.ts';
import type { JiraSite } from './site.ts';
import { issueSchema } from './wire.ts';
import { createWorkflow } from './workflow.ts';
import { each, outcomes, standingOf, unless, writeFields, writeRest } from './writing.ts';
import type { Done, Result, WriteParts } from './writing.ts';

/** The writing half of the connector. */
export function jiraPushes(site: JiraSite): Pushes {
  const statusOf = async (issueId: string): Promise<string | null> => {
    const issue = (await site.read([issueId])).get(issueId);
    return issue === undefined ? null : statusIdOf(issue);
  };
  const peerOf = async (typeId: string, statusId: string): Promise<string | null> => {
    const jql = `project = ${JSON.stringify(projectOf(site.mapping))} AND issuetype = ${typeId} AND status = ${statusId} ORDER BY key ASC`;
    const page = await site.client.search({ jql, nextPageToken: null, fields: ['id'], properties: [], maxResults: 1, reconcileIssues: [] });
    const [peer] = page.issues;
    // The index may show it as it was.
    return peer !== undefined && (await statusOf(peer.id)) === statusId ? peer.id : null;
  };
  const parts: WriteParts = { site, workflow: createWorkflow({ client: site.client, statusOf, peerOf }) };
  const firstStatus = new Map<string, string>();
  return {
    create: (drafts) => createAll(parts, firstStatus, drafts),
    update: (changes) => updateAll(parts, changes),
    remove: (removals) => (site.mapping.onDelete === 'delete' ? destroyAll(parts, removals) : archiveAll(parts, removals)),
  };
}

async function updateAll(parts: WriteParts, changes: readonly RemoteChange[]): Promise<readonly WriteOutcome[]> {
  const { site } = parts;
  const catalogue = await site.catalogue();
  const results = await each(changes, async (change): Promise<Done> => {
    const before = issueSchema.parse(change.before.raw);
    const encoded = encodeIssue({ ...change, mapping: site.mapping, catalogue, before });
    const refusedByJira = await writeFields(site, change.remoteId, encoded);
    const notices = await writeRest(parts, standingOf(before, encoded), encoded);
    const refused = [...encoded.refused, ...refusedByJira, ...notices];
    return { issueId: change.remoteId, encoded, sent: change.fields, refused, before: change.before, mayBeMet: () => true };
  });
  return collected(parts, results);
}

/** Cancelled, and labelled so that it reads as deleted. The label comes last: it says that all of it is done. */
async function archiveAll(parts: WriteParts, removals: readonly RemoteRemoval[]): Promise<readonly WriteOutcome[]> {
  const { site } = parts;
  const catalogue = await site.catalogue();
  const cancelled = entryOf(catalogue.statuses, site.mapping.status.cancelled ?? '');
  const issues = await site.read(removals.map(({ remoteId }) => remoteId));
  const encoded: EncodedIssue = { fields: {}, names: new Map(), statusId: cancelled?.id ?? null, blockers: null, refused: [] };
  const results = await each(removals, async ({ remoteId }): Promise<Done | null> => {
    const issue = issues.get(remoteId);
    if (issue === undefined) return null;
    const refused = await writeRest(parts, standingOf(issue, encoded), encoded);
    await site.client.edit(remoteId, { update: { labels: [{ add: ARCHIVED_LABEL }] } });
    return { issueId: remoteId, encoded, sent: {}, refused, before: null, mayBeMet: () => false };
  });
  return collected(parts, results);
}

/** Deleted for good. An issue that is gone already is as it should be. */
async function destroyAll(parts: WriteParts, removals: readonly RemoteRemoval[]): Promise<readonly WriteOutcome[]> {
  const results = await each(removals, async ({ remoteId }): Promise<null> => {
    await parts.site.client.remove(remoteId).catch(unless('NotFound'));
    return null;
  });
  return collected(parts, results);
}

/** One outcome for each result; null is a record of which nothing is left. */
async function collected(parts: WriteParts, results: readonly Result<Done | null>[]): Promise<readonly WriteOutcome[]> {
  const done = results.flatMap((result) => ('value' in result && result.value !== null ? [result.value] : []));
  const read = (await outcomes(parts, done)).values();
  return results.map((result): WriteOutcome => {
    if ('error' in result) return { ok: false, error: result.error };
    if (result.value === null) return { ok: true, record: null, overwritten: [], refused: [] };
    return (
      read.next().value ?? { ok: false, error: new ConnectorError('OutcomeUnknown', 'Jira: expected an outcome for each write, got fewer') }
    );
  });
}
