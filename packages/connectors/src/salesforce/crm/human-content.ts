/** Tasks, events, e-mails, notes and files that hang on a record and were not made by us (case 47). */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { listed } from '../soql.ts';
import type { CrmClient } from './client.ts';
import { keyOf, pieces } from './client.ts';
import type { Parts } from './connector.ts';
import { textOf } from './wire.ts';

const BATCH = 200;

/** Objects of content, and their lookups to what it hangs on. */
const CONTENT: readonly { readonly object: string; readonly lookups: readonly string[] }[] = [
  { object: 'Task', lookups: ['WhoId', 'WhatId'] },
  { object: 'Event', lookups: ['WhoId', 'WhatId'] },
  { object: 'EmailMessage', lookups: ['RelatedToId'] },
  { object: 'Note', lookups: ['ParentId'] },
  { object: 'Attachment', lookups: ['ParentId'] },
];

/** Which of the records have such content, by the first characters of their ids. An object that our user may not see cannot be looked at. */
export async function recordsWithHumanContent({ client, schemas }: Parts, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const userId = await client.userId();
  const found = new Set<string>();
  for (const { object, lookups } of CONTENT) {
    const isThere = await schemas.known(object).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ConnectorError && error.code === 'NotFound') return false;
        throw error;
      },
    );
    if (!isThere) continue;
    for (const some of pieces(ids, BATCH)) for (const id of await hangingOn(client, { object, lookups, ids: some, userId })) found.add(id);
  }
  return found;
}

interface Hanging {
  readonly object: string;
  readonly lookups: readonly string[];
  readonly ids: readonly string[];
  readonly userId: string;
}

async function hangingOn(client: CrmClient, { object, lookups, ids, userId }: Hanging): Promise<readonly string[]> {
  const places = lookups.map((lookup) => `${lookup} IN ${listed(ids)}`).join(' OR ');
  const { rows } = await client.query(`SELECT Id, CreatedById, ${lookups.join(', ')} FROM ${object} WHERE ${places}`);
  const theirs = rows.filter((row) => keyOf(textOf(row['CreatedById']) ?? '') !== keyOf(userId));
  return theirs.flatMap((row) => lookups.flatMap((lookup) => textOf(row[lookup]) ?? [])).map(keyOf);
}
