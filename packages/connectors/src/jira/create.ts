/** Making issues, up to 50 in a call; what cannot stand in the body of a new issue (status, links) is written after it. */
import type { FieldNotice, RemoteDraft, WriteOutcome } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { entryOf } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import { elementWords, jiraFailure } from './failures.ts';
import { encodeIssue } from './encode.ts';
import type { EncodedIssue } from './encode.ts';
import { MARKER_PROPERTY, statusIdOf, typeIdOf } from './mapping.ts';
import type { JiraSite } from './site.ts';
import { each, outcomes, unknownOutcome, withoutRefused, writeRest } from './writing.ts';
import type { Done, WriteParts } from './writing.ts';

/** One draft on its way. */
interface Creation {
  readonly draft: RemoteDraft;
  readonly encoded: EncodedIssue;
  /** What is sent: shrinks by what Jira refuses by name. */
  fields: Record<string, unknown>;
  refused: readonly FieldNotice[];
  issueId: string | null;
  error: ConnectorError | null;
}

/** Makes issues. Each type's first status is remembered in `firstStatus`: a new issue need not be read before it is moved. */
export async function createAll(
  parts: WriteParts,
  firstStatus: Map<string, string>,
  drafts: readonly RemoteDraft[],
): Promise<readonly WriteOutcome[]> {
  const catalogue = await parts.site.catalogue();
  const creations = drafts.map((draft) => creationOf(parts.site, catalogue, draft));
  await make(parts.site, creations);
  const made = creations.filter((creation) => creation.issueId !== null);
  const results = await finish(parts, firstStatus, made);
  const done = results.flatMap((result) => ('value' in result ? [result.value] : []));
  const read = new Map((await outcomes(parts, done)).map((outcome, index) => [done[index]?.issueId, outcome]));
  const failed = new Map(results.flatMap((result, index) => ('error' in result ? [[made[index]?.issueId, result.error]] : [])));
  return creations.map((creation): WriteOutcome => {
    if (creation.issueId === null) return { ok: false, error: creation.error ?? unanswered() };
    const error = failed.get(creation.issueId);
    return error === undefined
      ? (read.get(creation.issueId) ?? { ok: false, error: unanswered() })
      : { ok: false, error: unknownOutcome(error) };
  });
}

function unanswered(): ConnectorError {
  return new ConnectorError('OutcomeUnknown', 'Jira POST /issue/bulk: expected an issue or an error for each element, got neither');
}

function creationOf(site: JiraSite, catalogue: Catalogue, draft: RemoteDraft): Creation {
  const encoded = encodeIssue({ ...draft, mapping: site.mapping, catalogue, before: null });
  const type = site.mapping.kinds[draft.kind]?.remote;
  const isKnown = type !== undefined && entryOf(catalogue.issueTypes, type) !== null;
  const error = isKnown
    ? null
    : new ConnectorError('Invalid', `${draft.kind}: expected an issue type "${type ?? 'in the mapping'}" in the project, found none`);
  return { draft, encoded, fields: encoded.fields, refused: encoded.refused, issueId: null, error };
}

/**
 * One bulk create. Rows that Jira refuses for fields that it names are sent again without these (J08); a failure of the first call concerns all rows and
 * is thrown, one of a later call only those that it held.
 */
async function make(site: JiraSite, creations: readonly Creation[]): Promise<void> {
  const rows = creations.filter((creation) => creation.error === null);
  if (rows.length === 0) return;
  const answer = await site.client.bulkCreate(
    rows.map(({ fields, draft }) => ({ fields, properties: [{ key: MARKER_PROPERTY, value: { itemId: draft.marker } }] })),
  );
  // The answer holds the successes alone, in order; the failed ones are named by their place in the request.
  const failures = new Map(answer.errors.map((error) => [error.failedElementNumber, error]));
  const made = answer.issues.values();
  const again: Creation[] = [];
  for (const [index, creation] of rows.entries()) {
    const failure = failures.get(index);
    if (failure === undefined) creation.issueId = made.next().value?.id ?? null;
    else if (!withoutNamed(creation, failure.elementErrors?.errors ?? {}))
      creation.error = jiraFailure(failure.status ?? 400, JSON.stringify({ errorMessages: [elementWords(failure.elementErrors ?? {})] }), {
        place: 'POST /issue/bulk',
        isReading: false,
        waitMs: null,
      });
    else again.push(creation);
  }
  try {
    await make(site, again);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    for (const creation of again) creation.error = error;
  }
}

/** Takes the named fields out of what is sent; false where an issue cannot be without one of them. */
function withoutNamed(creation: Creation, errors: Readonly<Record<string, string>>): boolean {
  const { rest, notices } = withoutRefused(creation.encoded, creation.fields, errors);
  if (notices.length === 0 || notices.length < Object.keys(errors).length || 'summary' in errors || 'labels' in errors) return false;
  creation.fields = rest;
  creation.refused = [...creation.refused, ...notices];
  return true;
}

/** Status and links of new issues. */
async function finish(
  parts: WriteParts,
  firstStatus: Map<string, string>,
  made: readonly Creation[],
): Promise<ReturnType<typeof each<Creation, Done>>> {
  const typeOf = ({ encoded }: Creation): string => (encoded.fields['issuetype'] as { id: string }).id;
  const unknown = made.filter((creation) => creation.encoded.statusId !== null && !firstStatus.has(typeOf(creation)));
  try {
    const issues = await parts.site.read([...new Map(unknown.map((creation) => [typeOf(creation), creation.issueId ?? ''])).values()]);
    for (const issue of issues.values()) firstStatus.set(typeIdOf(issue), statusIdOf(issue));
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return made.map(() => ({ error }));
  }
  return each(made, async (creation): Promise<Done> => {
    const issueId = creation.issueId ?? '';
    const typeId = typeOf(creation);
    const statusId = firstStatus.get(typeId) ?? '';
    const notices = await writeRest(parts, { issueId, typeId, statusId, blockers: [] }, creation.encoded);
    return {
      issueId,
      encoded: creation.encoded,
      sent: creation.draft.fields,
      refused: [...creation.refused, ...notices],
      before: null,
      mayBeMet: (issue) => issue.fields['updated'] !== issue.fields['created'],
    };
  });
}
