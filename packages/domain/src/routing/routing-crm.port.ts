/** A CRM as routing needs it: its accounts, who has them, and what shows a decision there. A connector translates; it decides and stores nothing. */
import type { Operation, RecordRef } from '../crm/change-set.ts';
import type { AccountKeys, CrmAccount } from './match.ts';
import type { StageEntry } from './stage.ts';

export interface RoutingCrm {
  readonly connectionId: string;
  /** Accounts that share a key with the lead, and their parents. @throws ConnectorError */
  accounts(keys: AccountKeys): Promise<readonly CrmAccount[]>;
  recordOf(accountId: string): RecordRef;
  /** The CRM's owner id; null where nobody has it. @throws ConnectorError */
  ownerOf(record: RecordRef): Promise<string | null>;
  /** The writes that show who has a lead, why, and until when. */
  operationsFor(shown: ShownAssignment): readonly Operation[];
  /**
   * A page of records that were modified since the cursor was made, with their stages; null: from a day ago. Windows overlap: a record may be seen again, and
   * none is missed. Null where nobody has said which of the CRM's values are which stage. @throws ConnectorError; `CursorInvalid` for a cursor of another kind
   */
  readonly stages: ((cursor: string | null) => Promise<StagePage>) | null;
}

/** A record of the CRM that has a stage: a contact, a lead, an opportunity. */
export interface StageSighting {
  readonly record: RecordRef;
  /** The accounts and people of the CRM that it belongs to. */
  readonly related: readonly RecordRef[];
  /** Of the person, where it is one. Personal data. */
  readonly email: string | null;
  /** The CRM's id of who has it; null for nobody. */
  readonly ownerId: string | null;
  /** All that the CRM knows of its stages. */
  readonly entries: readonly StageEntry[];
}

export interface StagePage {
  readonly sightings: readonly StageSighting[];
  readonly cursor: string;
  /** There is another page now. */
  readonly more: boolean;
}

/** What people see of an assignment in the CRM. */
export interface ShownAssignment {
  /** Null: a company that the CRM does not have; it is created. */
  readonly record: RecordRef | null;
  /** Of the company that is created. */
  readonly domain: string | null;
  readonly companyName: string | null;
  readonly ownerId: string;
  readonly title: string;
  readonly why: readonly string[];
  /** ISO; null where no clock runs. */
  readonly deadlineIso: string | null;
}
