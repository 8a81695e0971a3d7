/** The growth scenario of Salesforce: one org, its people with fixed tokens, two queues, a few customers. The backlog is empty. */
import { idOf } from './ids.ts';
import type { Scalar } from './model.ts';
import type { Org } from './org.ts';

/** The connected app of Lockstep, for client credentials and (with a certificate, `/ui/settings/certificate`) JWT bearer. */
export const APP = { clientId: 'lockstep-client', clientSecret: 'lockstep-secret', account: 'lockstep' } as const;
/** Calls that the org may make in a rolling day (Developer Edition). */
export const DAILY_CALLS = 15_000;

export interface Account {
  /** The name in the request log; the fixed token is `sf_<account>`. */
  readonly account: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly title: string;
  readonly isReadOnly: boolean;
  readonly isActive: boolean;
}

const person = (name: string, first: string, last: string, title: string, more: Partial<Account> = {}): Account => ({
  ...{ account: name, firstName: first, lastName: last, title, isReadOnly: false, isActive: true },
  ...more,
});

export const ACCOUNTS: readonly Account[] = [
  person('admin', 'Ada', 'Winter', 'Salesforce administrator'),
  person('lockstep', 'Lockstep', 'Integration', 'Integration user'),
  person('maria', 'Maria', 'Sommer', 'Head of Growth'),
  person('omar', 'Omar', 'Haddad', 'Account executive'),
  /** May read and not write. */
  person('guest', 'Gil', 'Gast', 'Auditor', { isReadOnly: true }),
  /** Has left: owns nothing new. */
  person('lena', 'Lena', 'Fort', 'Account executive', { isActive: false }),
];

export const usernameOf = ({ account: name }: Account): string => `${name}@growth.example`;

/** Users are the first that is made. */
export const userIdOf = (account: Account): string => idOf('005', ACCOUNTS.indexOf(account) + 1);

/** Fills an empty org. Ids are the same in every one. */
export function seed(org: Org): void {
  const make = (object: string, values: Readonly<Record<string, Scalar>>, by?: string): string =>
    org.create(by ?? '', org.schema.object(object), values).id;
  org.transaction(() => {
    const ids = new Map<string, string>();
    for (const one of ACCOUNTS) ids.set(one.account, make('User', userValues(one)));
    const admin = ids.get('admin') ?? '';
    const [maria, omar] = [ids.get('maria') ?? '', ids.get('omar') ?? ''];
    // Nobody was there to make the users.
    for (const record of org.list(org.schema.object('User'))) org.change(admin, org.schema.object('User'), record, { CreatedById: admin });
    make(
      'Organization',
      { Name: 'Growth Example', OrganizationType: 'Developer Edition', InstanceName: 'SIM1', TimeZoneSidKey: 'GMT' },
      admin,
    );
    for (const [name, developerName] of [
      ['Inbound Leads', 'Inbound_Leads'],
      ['Growth Desk', 'Growth_Desk'],
    ] as const) {
      const queue = make('Group', { Name: name, DeveloperName: developerName, Type: 'Queue' }, admin);
      for (const type of ['Lead', 'Task', 'Lockstep_Item__c']) make('QueueSobject', { QueueId: queue, SobjectType: type }, admin);
      for (const member of [maria, omar]) make('GroupMember', { GroupId: queue, UserOrGroupId: member }, admin);
    }
    customers(make, maria, omar);
  });
}

function userValues(one: Account): Readonly<Record<string, Scalar>> {
  return {
    ...{ FirstName: one.firstName, LastName: one.lastName, Title: one.title, Alias: one.account, IsActive: one.isActive },
    ...{ Username: usernameOf(one), Email: usernameOf(one), TimeZoneSidKey: 'GMT', LocaleSidKey: 'en_GB' },
    ...{ LanguageLocaleKey: 'en_US', EmailEncodingKey: 'UTF-8' },
  };
}

type Make = (object: string, values: Readonly<Record<string, Scalar>>, by?: string) => string;

function customers(make: Make, maria: string, omar: string): void {
  const northwind = make(
    'Account',
    { Name: 'Northwind Bikes', Website: 'northwind.example', Industry: 'Manufacturing', Rating: 'Hot' },
    maria,
  );
  const harbour = make('Account', { Name: 'Harbour Foods', Website: 'harbour.example', Industry: 'Food & Beverage' }, omar);
  make(
    'Contact',
    { FirstName: 'Ines', LastName: 'Keller', Email: 'ines@northwind.example', Title: 'Head of Growth', AccountId: northwind },
    maria,
  );
  make('Contact', { FirstName: 'Tomas', LastName: 'Berg', Email: 'tomas@harbour.example', Title: 'RevOps', AccountId: harbour }, omar);
  const opportunity = { StageName: 'Qualification', CloseDate: '2027-03-31', Amount: 24_000, AccountId: northwind };
  make('Opportunity', { Name: 'Northwind rollout', ...opportunity }, maria);
  make('Opportunity', { Name: 'Harbour pilot', ...opportunity, StageName: 'Prospecting', Amount: 6_000, AccountId: harbour }, omar);
  make(
    'Lead',
    { FirstName: 'Ravi', LastName: 'Menon', Company: 'Cedar Labs', Email: 'ravi@cedar.example', LeadSource: 'Web', Rating: 'Warm' },
    maria,
  );
  make('Lead', { FirstName: 'Julia', LastName: 'Stern', Company: 'Alto Media', Email: 'julia@alto.example', LeadSource: 'Web' }, omar);
}
