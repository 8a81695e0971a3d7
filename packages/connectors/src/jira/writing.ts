/** What creating, updating and removing share: status and links of one issue, fields that Jira refuses, the outcome after the read-back. */
import type { FieldName, FieldValue } from '@lockstep/domain/backlog/item.ts';
import type { FieldNotice, RemoteRecord, WriteOutcome } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { inParallel } from '../http/pool.ts';
import { refusedFields } from './failures.ts';
import { blockersOf } from './decode.ts';
import type { EncodedIssue } from './encode.ts';
import { settle } from './history.ts';
import { statusIdOf, typeIdOf } from './mapping.ts';
import type { JiraSite } from './site.ts';
import { instantOf } from './time.ts';
import type { WireIssue } from './wire.ts';
import type { Workflow } from './workflow.ts';

/** Calls at a time: well below Jira's burst limits of 50 and 100 a second. */
const WIDTH = 4;
/** Fields that a history can be asked for at once. */
const MOST_HISTORY_FIELDS = 10;
/** What concerns the whole account: no use in sending the rest. */
const FOR_ALL = new Set(['Throttled', 'QuotaExhausted', 'AuthExpired', 'AuthRevoked']);

export interface WriteParts {
  readonly site: JiraSite;
  readonly workflow: Workflow;
}

export type Result<T> = { readonly value: T } | { readonly error: ConnectorError };

/** Runs the work for each, four at a time. After a failure that concerns all, the rest is not tried and has the same error. */
export async function each<T, R>(values: readonly T[], work: (value: T) => Promise<R>): Promise<readonly Result<R>[]> {
  let forAll: ConnectorError | null = null;
  return inParallel(values, WIDTH, async (value): Promise<Result<R>> => {
    if (forAll !== null) return { error: forAll };
    try {
      return { value: await work(value) };
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (FOR_ALL.has(error.code)) forAll = error;
      return { error };
    }
  });
}

/** Writes fields, without those that Jira refuses by name (J08). Their notices are the answer. */
export async function writeFields(site: JiraSite, id: string, encoded: EncodedIssue): Promise<readonly FieldNotice[]> {
  if (Object.keys(encoded.fields).length === 0) return [];
  try {
    await site.client.edit(id, { fields: encoded.fields });
    return [];
  } catch (error) {
    const { rest, notices } = withoutRefused(encoded, encoded.fields, refusedFields(error));
    if (notices.length === 0) throw error;
    if (Object.keys(rest).length > 0) await site.client.edit(id, { fields: rest });
    return notices;
  }
}

/** The fields that are left when those are taken out that Jira has named, and a notice for each of them. */
export function withoutRefused(
  { names }: EncodedIssue,
  fields: Readonly<Record<string, unknown>>,
  errors: Readonly<Record<string, string>>,
): { readonly rest: Record<string, unknown>; readonly notices: readonly FieldNotice[] } {
  const refused = Object.entries(errors).filter(([id]) => id in fields && names.has(id));
  const notices = refused.flatMap(([id, words]): FieldNotice[] => {
    const field = names.get(id);
    return field === undefined ? [] : [{ field, cause: 'unwritable', message: `${field}: Jira refuses it: ${words}` }];
  });
  const rest = Object.fromEntries(Object.entries(fields).filter(([id]) => !(id in errors)));
  return { rest, notices };
}

/** Where an issue stands before its status and links are written. */
export interface Standing {
  readonly issueId: string;
  readonly typeId: string;
  readonly statusId: string;
  /** Links that block it now. */
  readonly blockers: readonly { readonly linkId: string; readonly issueId: string }[];
}

export function standingOf(issue: WireIssue, encoded: EncodedIssue): Standing {
  const blockers = encoded.blockers === null ? [] : blockersOf(issue, encoded.blockers.typeName);
  return { issueId: issue.id, typeId: typeIdOf(issue), statusId: statusIdOf(issue), blockers };
}

/** Writes status and links, what cannot be is a notice. Rejects with what may go better later. */
export async function writeRest(
  { site, workflow }: WriteParts,
  standing: Standing,
  encoded: EncodedIssue,
): Promise<readonly FieldNotice[]> {
  const notices: FieldNotice[] = [];
  const { statusId, blockers } = encoded;
  if (statusId !== null && statusId !== standing.statusId) {
    const move = { issueId: standing.issueId, typeId: standing.typeId, fromStatusId: standing.statusId, toStatusId: statusId };
    await noticed('status', notices, () => workflow.move(move));
  }
  if (blockers === null) return notices;
  const wanted = new Set(blockers.issueIds);
  const there = new Set(standing.blockers.map((blocker) => blocker.issueId));
  for (const issueId of [...wanted].filter((id) => !there.has(id)))
    await noticed('dependsOn', notices, () => site.client.link(blockers.typeName, issueId, standing.issueId));
  for (const { linkId, issueId } of standing.blockers) {
    // One that somebody else has taken away is gone as well.
    if (!wanted.has(issueId)) await site.client.unlink(linkId).catch(unless('NotFound'));
  }
  return notices;
}

async function noticed(field: FieldName, notices: FieldNotice[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ConnectorError) || !['Invalid', 'Forbidden', 'NotFound'].includes(error.code)) throw error;
    notices.push({ field, cause: 'unwritable', message: error.message.startsWith(field) ? error.message : `${field}: ${error.message}` });
  }
}

/** Passes over a failure of this kind. */
export function unless(code: ConnectorError['code']): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof ConnectorError) || error.code !== code) throw error;
  };
}

/** A write whose calls have all been answered. */
export interface Done {
  readonly issueId: string;
  readonly encoded: EncodedIssue;
  readonly sent: Readonly<Partial<Record<FieldName, FieldValue>>>;
  readonly refused: readonly FieldNotice[];
  readonly before: RemoteRecord | null;
  /** Whether its history has to be looked at: somebody may have edited it since `before`. */
  readonly mayBeMet: (issue: WireIssue) => boolean;
}

/**
 * Reads the issues back, all in one call, and their histories in another, and says what became of each write. Never rejects: where the read-back fails
 * the outcome is unknown, for the write has taken place.
 */
export async function outcomes({ site }: WriteParts, done: readonly Done[]): Promise<readonly WriteOutcome[]> {
  if (done.length === 0) return [];
  try {
    const catalogue = await site.catalogue();
    const issues = await site.read(done.map(({ issueId }) => issueId));
    const met = done.filter((entry) => issues.has(entry.issueId) && entry.mayBeMet(issues.get(entry.issueId) as WireIssue));
    const fieldIds = [
      ...new Set(met.flatMap(({ encoded }) => [...encoded.names.keys(), ...(encoded.statusId === null ? [] : ['status'])])),
    ];
    const asked = fieldIds.length > MOST_HISTORY_FIELDS ? [] : fieldIds;
    const histories =
      met.length === 0
        ? new Map()
        : await site.client.history(
            met.map(({ issueId }) => issueId),
            asked,
          );
    return done.map((entry): WriteOutcome => {
      const issue = issues.get(entry.issueId);
      if (issue === undefined)
        return { ok: false, error: new ConnectorError('NotFound', `Jira issue ${entry.issueId}: expected it after the write, found none`) };
      const { record, overwritten } = settle({ mapping: site.mapping, catalogue, baseUrl: site.baseUrl }, catalogue.accountId, {
        before: entry.before,
        sinceMs: instantOf(entry.before?.revision)?.getTime() ?? instantOf(issue.fields['created'])?.getTime() ?? 0,
        sent: entry.sent,
        refused: entry.refused,
        readBack: site.record(catalogue, issue),
        history: histories.get(entry.issueId) ?? [],
      });
      return { ok: true, record, overwritten, refused: entry.refused };
    });
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return done.map((): WriteOutcome => ({ ok: false, error: unknownOutcome(error) }));
  }
}

/** Something has been written, and what came after it failed: it has to be looked up before anything is sent again. */
export function unknownOutcome(error: ConnectorError): ConnectorError {
  return new ConnectorError('OutcomeUnknown', `written, then ${error.message}`, { cause: error });
}
