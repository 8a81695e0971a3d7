/** The growth scenario of HubSpot: one portal, three apps with static tokens, five owners, a few customers. It holds no tasks. */
import type { Account, ObjectType, Owner } from './model.ts';

export const PORTAL_ID = 143_553_137;
/** The secret with which the app's webhooks are signed; a real one stands in the app's settings. */
export const CLIENT_SECRET = 'hubspot-client-secret';
/** The app that holds the webhook subscriptions. */
export const WEBHOOK_APP_ID = 2_633_736;
/** How long a search does not show a write yet. HubSpot says "a few moments". */
export const INDEX_LAG_MS = 1_000;

const ALL_SCOPES = [
  'crm.objects.contacts.read',
  'crm.objects.contacts.write',
  'crm.objects.companies.read',
  'crm.objects.companies.write',
  'crm.objects.deals.read',
  'crm.objects.deals.write',
  'crm.objects.leads.read',
  'crm.objects.leads.write',
  'crm.schemas.contacts.read',
  'crm.schemas.contacts.write',
  'crm.schemas.companies.read',
  'crm.schemas.companies.write',
  'crm.schemas.deals.read',
  'crm.schemas.deals.write',
  'crm.schemas.leads.read',
  'crm.schemas.leads.write',
  'crm.objects.owners.read',
  'developer.webhooks_journal.read',
];

const account = (name: string, number: number, scopes: readonly string[] = ALL_SCOPES): Account => ({
  account: name,
  token: `pat-na1-${name}`,
  appId: 2_633_736 + number,
  userId: 51_430_431 + number,
  scopes,
});

export const ACCOUNTS: readonly Account[] = [
  account('lockstep', 0),
  account('maria', 1),
  account('omar', 2),
  /** May read contacts and nothing else. */
  account('guest', 3, ['crm.objects.contacts.read']),
];

const owner = (id: string, userId: number, firstName: string, lastName: string): Owner => ({
  id,
  userId,
  email: `${firstName.toLowerCase()}@growth.example`,
  firstName,
  lastName,
});

export const OWNERS: readonly Owner[] = [
  owner('77405866', 51_430_432, 'Maria', 'Sommer'),
  owner('77405867', 51_430_433, 'Omar', 'Haddad'),
  owner('77405868', 51_430_434, 'Lena', 'Vogt'),
  owner('77405869', 51_430_435, 'Tom', 'Reyes'),
  owner('77405870', 51_430_436, 'Priya', 'Nair'),
];

/** Customers that are there from the first day. */
export const CUSTOMERS: readonly { readonly objectType: ObjectType; readonly values: Readonly<Record<string, string>> }[] = [
  { objectType: 'companies', values: { name: 'Northwind Bikes', domain: 'northwind.example', industry: 'Sporting goods' } },
  { objectType: 'companies', values: { name: 'Harbour Foods', domain: 'harbour.example', industry: 'Food' } },
  {
    objectType: 'contacts',
    values: { email: 'ines@northwind.example', firstname: 'Ines', lastname: 'Keller', jobtitle: 'Head of Growth' },
  },
  { objectType: 'contacts', values: { email: 'tomas@harbour.example', firstname: 'Tomas', lastname: 'Berg', jobtitle: 'RevOps' } },
  {
    objectType: 'deals',
    values: {
      dealname: 'Northwind rollout',
      amount: '24000',
      dealstage: 'qualifiedtobuy',
      pipeline: 'default',
      hubspot_owner_id: '77405866',
    },
  },
];
