/** People and records by what they are known by. */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { listed, named } from '../soql.ts';
import type { Row } from '../wire.ts';
import { pieces } from './client.ts';
import type { CrmClient } from './client.ts';
import type { Parts } from './connector.ts';
import { BATCH } from './reading.ts';

/** Ids of active users by the e-mail that was asked for; one that several share is missing. */
export async function findOwners(client: CrmClient, emails: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return found(emails, 'Email', (some) => client.query(`SELECT Id, Email FROM User WHERE IsActive = true AND Email IN ${listed(some)}`));
}

export interface KeyRequest {
  readonly object: string;
  /** Throws `Invalid` for a field that the object does not have. */
  readonly field: string;
  readonly values: readonly string[];
}

/** Ids of live records; a value that several have is missing: Salesforce holds no e-mail address unique. */
export async function findByKey({ client, schemas }: Parts, { object, field, values }: KeyRequest): Promise<ReadonlyMap<string, string>> {
  const schema = await schemas.known(object);
  const name = schema.field(field)?.name;
  if (name === undefined)
    throw new ConnectorError('Invalid', `Salesforce ${schema.name}: expected a field ${named(field, 'field')}, found none`);
  return found(values, name, (some) => client.query(`SELECT Id, ${name} FROM ${schema.name} WHERE ${name} IN ${listed(some)}`));
}

/** SOQL compares texts without their case. */
async function found(
  asked: readonly string[],
  field: string,
  query: (some: readonly string[]) => Promise<{ readonly rows: readonly Row[] }>,
): Promise<ReadonlyMap<string, string>> {
  const formOf = (value: string): string => value.trim().toLowerCase();
  const ids = new Map<string, string[]>();
  for (const some of pieces([...new Set(asked.map(formOf))], BATCH))
    for (const row of (await query(some)).rows) {
      const value = formOf(String(row[field]));
      ids.set(value, [...(ids.get(value) ?? []), row.Id]);
    }
  return new Map(
    asked.flatMap((value) => {
      const [id, ...others] = ids.get(formOf(value)) ?? [];
      return id === undefined || others.length > 0 ? [] : [[value, id] as const];
    }),
  );
}
