/**
 * A lead becomes an account, a contact and, if wanted, an opportunity; it keeps its id and names them. SOAP's and Apex's `convertLead` at the vendor, which REST
 * does not have. Source: Object Reference, "Lead"; SOAP API Developer Guide, "convertLead()".
 */
import type { SalesforceRecord } from './model.ts';
import type { Org } from './org.ts';

/** The one converted status that a Developer Edition org begins with. */
const CONVERTED = 'Closed - Converted';
/** The default of an opportunity that is made so: the end of the quarter; here a day far enough off. */
const CLOSE_AFTER_MS = 90 * 86_400_000;

export interface Conversion {
  readonly lead: SalesforceRecord;
  /** Null: one is made of the lead's company. */
  readonly account: SalesforceRecord | null;
  /** Its name. */
  readonly opportunity: string | null;
}

export interface Converted {
  readonly accountId: string;
  readonly contactId: string;
  readonly opportunityId: string | null;
}

export function convertLead(org: Org, userId: string, { lead, account, opportunity }: Conversion): Converted {
  const value = (name: string) => lead.values[name] ?? null;
  const make = (object: string, values: SalesforceRecord['values']): string => org.create(userId, org.schema.object(object), values).id;
  const owner = { OwnerId: value('OwnerId') };
  const accountId = account?.id ?? make('Account', { Name: value('Company'), Website: value('Website'), Phone: value('Phone'), ...owner });
  const person = { LastName: value('LastName'), FirstName: value('FirstName'), Email: value('Email'), Title: value('Title') };
  const contactId = make('Contact', { ...person, AccountId: accountId, ...owner });
  const today = (afterMs: number): string => new Date(org.nowMs() + afterMs).toISOString().slice(0, 10);
  const opportunityId =
    opportunity === null
      ? null
      : make('Opportunity', {
          ...{ Name: opportunity, StageName: 'Prospecting', CloseDate: today(CLOSE_AFTER_MS), AccountId: accountId, ContactId: contactId },
          ...owner,
        });
  org.change(userId, org.schema.object('Lead'), lead, {
    ...{ Status: CONVERTED, IsConverted: true, ConvertedDate: today(0) },
    ...{ ConvertedAccountId: accountId, ConvertedContactId: contactId, ConvertedOpportunityId: opportunityId },
  });
  return { accountId, contactId, opportunityId };
}
