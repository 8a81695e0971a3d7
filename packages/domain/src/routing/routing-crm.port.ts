/** A CRM as routing needs it: its accounts, who has them, and what shows a decision there. A connector translates; it decides and stores nothing. */
import type { Operation, RecordRef } from '../crm/change-set.ts';
import type { AccountKeys, CrmAccount } from './match.ts';

export interface RoutingCrm {
  readonly connectionId: string;
  /** Accounts that share a key with the lead, and their parents. @throws ConnectorError */
  accounts(keys: AccountKeys): Promise<readonly CrmAccount[]>;
  recordOf(accountId: string): RecordRef;
  /** The CRM's owner id; null where nobody has it. @throws ConnectorError */
  ownerOf(record: RecordRef): Promise<string | null>;
  /** The writes that show who has a lead, why, and until when. */
  operationsFor(shown: ShownAssignment): readonly Operation[];
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
