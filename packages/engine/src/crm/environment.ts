/** What the use cases of change sets work on: one workspace's store and CRMs, its policy and its people. Wired by apps/worker; in tests by hand. */
import type { Pseudonyms } from '@lockstep/domain/audit/pseudonym.ts';
import type { ChangeSet, RecordRef, Step } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSetReader, ChangeSetStore } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { Crm } from '@lockstep/domain/crm/crm.port.ts';
import type { ApprovalPolicy, Principal } from '@lockstep/domain/crm/policy.schema.ts';

export interface CrmEngine {
  readonly store: ChangeSetStore;
  /** By connection id. */
  readonly crms: ReadonlyMap<string, Crm>;
  readonly policies: Policies;
  readonly pseudonyms: Pseudonyms;
}

/** The policy that is in force, and the people and agents that it knows. */
export interface Policies {
  /** Null where there is none or it cannot be read: nothing is written then (C6, case 65). */
  current(): ApprovalPolicy | null;
  principals(): readonly Principal[];
  /** The kill switch is pressed: agents write nothing (case 70). */
  isStopped?(): boolean;
}

/** Nothing is on record under this id. */
export class SetNotOnRecord extends Error {
  override readonly name = 'SetNotOnRecord';
}

/** The set is not where it can do this: an end that has come, or a step that was not gone through. */
export class SetElsewhere extends Error {
  override readonly name = 'SetElsewhere';
}

/** The configuration has no such CRM. */
export class UnknownCrm extends Error {
  override readonly name = 'UnknownCrm';
}

export function crmOf(engine: CrmEngine, connectionId: string): Crm {
  const crm = engine.crms.get(connectionId);
  if (crm !== undefined) return crm;
  const known = [...engine.crms.keys()].join(', ');
  throw new UnknownCrm(`connection: expected a CRM (${known || 'none is configured'}), got ${connectionId}; add it to the configuration`);
}

export async function setOf(reader: Pick<ChangeSetReader, 'changeSet'>, changeSetId: string): Promise<ChangeSet> {
  const set = await reader.changeSet(changeSetId);
  if (set === null)
    throw new SetNotOnRecord(`change set ${changeSetId}: expected one on record, found none; list them with \`lockstep crm list\``);
  return set;
}

/** Steps that are read or put on record at a time. */
export const PAGE = 1_000;

/** All steps, a page at a time. */
export async function allSteps(reader: Pick<ChangeSetReader, 'steps'>, changeSetId: string): Promise<readonly Step[]> {
  const all: Step[] = [];
  for (let from = 0; ; from += PAGE) {
    const page = await reader.steps(changeSetId, { from, limit: PAGE });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

/** Key of a write: from business identity, never from an attempt (C5). */
export function writeKey({ changeSetId, ordinal }: Pick<Step, 'changeSetId' | 'ordinal'>): string {
  return `${changeSetId}/${ordinal}`;
}

export function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));
}

export type ObjectRef = Pick<RecordRef, 'connectionId' | 'object'>;
