/** People and records by what they are known by: an e-mail, a value of a unique property. */
import type { CrmClient } from './client.ts';
import { inPieces } from './client.ts';
import { BATCH } from './reading.ts';

/** Owner ids by the e-mail that was asked for; case does not matter to HubSpot. */
export async function findOwners(client: CrmClient, emails: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (let after: string | null = null; emails.length > 0;) {
    const { results, paging } = await client.owners(after);
    for (const { id, email } of results) if (email != null) ids.set(email.toLowerCase(), id);
    after = paging?.next?.after ?? null;
    if (after === null) break;
  }
  return found(emails, (email) => ids.get(email.toLowerCase()));
}

export interface KeyRequest {
  readonly object: string;
  /** Throws `Invalid` where its values are not unique. */
  readonly field: string;
  readonly values: readonly string[];
}

/** The further addresses of a contact, by semicolons: HubSpot finds it by them too. */
const FURTHER_EMAILS = 'hs_additional_emails';

/** Ids of live records by the value of a unique property. */
export async function findByKey(client: CrmClient, { object, field, values }: KeyRequest): Promise<ReadonlyMap<string, string>> {
  const formOf = (value: string): string => (field === 'email' ? value.trim().toLowerCase() : value.trim());
  const ids = new Map<string, string>();
  await inPieces([...new Set(values.map(formOf))], BATCH, async (piece) => {
    const properties = field === 'email' ? [field, FURTHER_EMAILS] : [field];
    const { answer } = await client.read({ object, ids: piece, properties, idProperty: field });
    for (const { id, properties: shown } of answer.results)
      for (const value of [shown[field], ...(shown[FURTHER_EMAILS]?.split(';') ?? [])]) if (value != null) ids.set(formOf(value), id);
  });
  return found(values, (value) => ids.get(formOf(value)));
}

function found(asked: readonly string[], idOf: (value: string) => string | undefined): ReadonlyMap<string, string> {
  return new Map(
    asked.flatMap((value) => {
      const id = idOf(value);
      return id === undefined ? [] : [[value, id] as const];
    }),
  );
}
