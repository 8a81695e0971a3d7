/** What Maria does with customers in HubSpot (objects of 2026-03). */
import { ask } from './person.ts';

interface Contact {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
}

export interface ContactsInHubSpot {
  /** New contacts of this owner; their ids, in order. */
  create(emails: readonly string[], ownerId: string): Promise<readonly string[]>;
  /** Owner ids of contacts, in order. */
  owners(ids: readonly string[]): Promise<readonly string[]>;
  assign(id: string, ownerId: string): Promise<void>;
  /** The owner id of a user. */
  ownerId(email: string): Promise<string>;
}

export function contactsInHubSpot(baseUrl: string): ContactsInHubSpot {
  const headers = { authorization: 'Bearer pat-na1-maria' };
  const contacts = `${baseUrl}/crm/objects/2026-03/contacts`;
  return {
    async create(emails, ownerId) {
      const inputs = emails.map((email) => ({ properties: { email, hubspot_owner_id: ownerId }, associations: [] }));
      const made: { results: Contact[] } = await ask(`${contacts}/batch/create`, { method: 'POST', headers, body: { inputs } });
      const idOf = new Map(made.results.map(({ id, properties }) => [properties['email'], id]));
      return emails.map((email) => idOf.get(email) ?? '');
    },
    async owners(ids) {
      const body = { inputs: ids.map((id) => ({ id })), properties: ['hubspot_owner_id'], propertiesWithHistory: [] };
      const read: { results: Contact[] } = await ask(`${contacts}/batch/read`, { method: 'POST', headers, body });
      const ownerOf = new Map(read.results.map(({ id, properties }) => [id, properties['hubspot_owner_id'] ?? '']));
      return ids.map((id) => ownerOf.get(id) ?? 'gone');
    },
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
