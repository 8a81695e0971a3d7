/** What Maria does with customers in HubSpot (objects of 2026-03). */
import { ask } from './person.ts';

interface Contact {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
}

export interface ContactsInHubSpot {
  /** New contacts of this owner; their ids, in order. */
  create(emails: readonly string[], ownerId: string, properties?: Readonly<Record<string, string>>): Promise<readonly string[]>;
  /** What contacts show of a property, in order; `gone` for one that is not there. */
  values(ids: readonly string[], property: string): Promise<readonly string[]>;
  /** Owner ids of contacts, in order. */
  owners(ids: readonly string[]): Promise<readonly string[]>;
  assign(id: string, ownerId: string): Promise<void>;
  /** The owner id of a user. */
  ownerId(email: string): Promise<string>;
}

/** Records that HubSpot takes at a time. */
const BATCH = 100;

export function contactsInHubSpot(baseUrl: string): ContactsInHubSpot {
  const headers = { authorization: 'Bearer pat-na1-maria' };
  const contacts = `${baseUrl}/crm/objects/2026-03/contacts`;
  const batches = async (what: 'create' | 'read', inputs: readonly object[], rest: object = {}): Promise<readonly Contact[]> => {
    const found: Contact[] = [];
    for (let from = 0; from < inputs.length; from += BATCH) {
      const body = { inputs: inputs.slice(from, from + BATCH), ...rest };
      const { results }: { results: Contact[] } = await ask(`${contacts}/batch/${what}`, { method: 'POST', headers, body });
      found.push(...results);
    }
    return found;
  };
  const values = async (ids: readonly string[], property: string): Promise<readonly string[]> => {
    const inputs = ids.map((id) => ({ id }));
    const read = await batches('read', inputs, { properties: [property], propertiesWithHistory: [] });
    const valueOf = new Map(read.map(({ id, properties }) => [id, properties[property] ?? '']));
    return ids.map((id) => valueOf.get(id) ?? 'gone');
  };
  return {
    async create(emails, ownerId, more = {}) {
      const inputs = emails.map((email) => ({ properties: { email, hubspot_owner_id: ownerId, ...more }, associations: [] }));
      const idOf = new Map((await batches('create', inputs)).map(({ id, properties }) => [properties['email'], id]));
      return emails.map((email) => idOf.get(email) ?? '');
    },
    values,
    owners: (ids) => values(ids, 'hubspot_owner_id'),
    assign: async (id, ownerId) =>
      void (await ask(`${contacts}/${id}`, { method: 'PATCH', headers, body: { properties: { hubspot_owner_id: ownerId } } })),
    async ownerId(email) {
      const { results }: { results: { id: string }[] } = await ask(
        `${baseUrl}/crm/v3/owners?${new URLSearchParams({ email }).toString()}`,
        {
          headers,
        },
      );
      const [owner] = results;
      if (owner === undefined) throw new Error('HubSpot: expected an owner by e-mail, found none');
      return owner.id;
    },
  };
}
