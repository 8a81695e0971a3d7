/** What the use cases of routing work on: one workspace's store, documents, calendars, CRM and channels. Wired by apps/worker; in tests by hand. */
import type { RecordRef } from '@lockstep/domain/crm/change-set.ts';
import type { CrmWriteEnd } from '@lockstep/domain/routing/lead.ts';
import type { HolidaySource } from '@lockstep/domain/routing/calendar.port.ts';
import type { Messenger } from '@lockstep/domain/routing/messenger.port.ts';
import { routingHash } from '@lockstep/domain/routing/policy.ts';
import type { RoutingPolicy } from '@lockstep/domain/routing/policy.schema.ts';
import { personOf } from '@lockstep/domain/routing/roster.ts';
import type { Roster } from '@lockstep/domain/routing/roster.schema.ts';
import type { RoutingCrm } from '@lockstep/domain/routing/routing-crm.port.ts';
import type { RoutingStore } from '@lockstep/domain/routing/routing-store.port.ts';
import type { ScoringSpec } from '@lockstep/domain/routing/score.schema.ts';
import type { SlaSpec } from '@lockstep/domain/routing/sla.schema.ts';

export interface RoutingEngine {
  readonly store: RoutingStore;
  readonly documents: RoutingDocuments;
  readonly holidays: HolidaySource;
  /** Null: nothing is written to a CRM, and every account is new. */
  readonly crm: RoutingCrm | null;
  /** By channel; one that is missing reaches nobody. */
  readonly messengers: Readonly<Partial<Record<Messenger['channel'], Messenger>>>;
  /** Plans and starts a change set of these operations; asked again under the same id it does nothing. */
  readonly changeSets: {
    begin(request: RoutingSet, now: string): Promise<void>;
    /** Null while it has not ended. */
    endOf(changeSetId: string): Promise<CrmWriteEnd | null>;
    /** The record that it has made; null where it has made none. */
    createdBy(changeSetId: string): Promise<RecordRef | null>;
  };
  /** A digest of an account's key that may stand in ids. */
  readonly accountIdOf: (accountKey: string) => string;
  /** The version of the time-zone data that the platform calculates with. */
  readonly tzVersion: string;
}

export interface RoutingSet {
  readonly changeSetId: string;
  readonly reason: string;
  readonly operations: ReturnType<RoutingCrm['operationsFor']>;
}

/** The documents that are in force. */
export interface RoutingDocuments {
  /** Null where there are none or one does not load: leads are not routed, and that is told (case 65). */
  current(): Documents | null;
}

export interface Documents {
  readonly scoring: ScoringSpec;
  readonly roster: Roster;
  readonly policy: RoutingPolicy;
  readonly slas: readonly SlaSpec[];
}

/** No documents are in force, or the lead's own are not. */
export class NotConfigured extends Error {
  override readonly name = 'NotConfigured';
}

export function documentsOf({ documents }: RoutingEngine): Documents {
  const found = documents.current();
  if (found === null)
    throw new NotConfigured(
      'routing: expected scoring, roster, policy and service levels, got none that load; run `lockstep routing check`',
    );
  return found;
}

export const hashesOf = ({ policy, roster }: Documents): { readonly policyHash: string; readonly rosterHash: string } => ({
  policyHash: routingHash(policy),
  rosterHash: routingHash(roster),
});

/** The CRM's id of a member as an owner; null without a CRM, and for who has none there. */
export function ownerIdOf({ crm }: RoutingEngine, roster: Roster, memberId: string): string | null {
  if (crm === null) return null;
  return personOf(roster, memberId)?.owners[crm.connectionId] ?? null;
}
