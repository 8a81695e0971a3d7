/**
 * Who has set a field when: rows of the object's history object, for the fields that an administrator has tracked there. Longer texts are only said to have
 * changed: their versions are null. Source: Object Reference, "StandardObjectNameHistory", "CustomObject__History".
 */
import type { CrmValue } from '@lockstep/domain/crm/change-set.ts';
import type { FieldVersion, HistoryRequest } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { instant, isRecordId, listed } from '../soql.ts';
import type { Row } from '../wire.ts';
import { keyOf, pieces } from './client.ts';
import type { Parts } from './connector.ts';
import { BATCH } from './reading.ts';
import type { Schema } from './schema.ts';
import { textOf } from './wire.ts';

interface HistoryObject {
  readonly object: string;
  /** The lookup to the record that a row is of. */
  readonly parent: string;
}

/** Activities have no field history. */
const NONE = new Set(['Task', 'Event']);

function historyOf(object: string): HistoryObject | null {
  if (NONE.has(object)) return null;
  if (object.endsWith('__c')) return { object: `${object.slice(0, -1)}History`, parent: 'ParentId' };
  return { object: object === 'Opportunity' ? 'OpportunityFieldHistory' : `${object}History`, parent: `${object}Id` };
}

/** Versions since the second of the instant, newest first; null where the object has no history. */
export async function readHistory(
  { client, schemas }: Parts,
  { object, recordIds, fields, sinceIso }: HistoryRequest,
): Promise<ReadonlyMap<string, readonly FieldVersion[]> | null> {
  const schema = await schemas.known(object);
  const history = historyOf(schema.name);
  if (history === null) return null;
  const userId = await client.userId();
  const names = namesOf(schema, fields);
  const versions = new Map<string, FieldVersion[]>();
  const ids = [...new Set(recordIds)];
  for (const id of ids) versions.set(id, []);
  if (names.size === 0) return versions;
  const since = instant(new Date(Math.floor(Date.parse(sinceIso) / 1_000) * 1_000).toISOString());
  for (const some of pieces(ids.filter(isRecordId), BATCH)) {
    const soql = [
      `SELECT Id, ${history.parent}, Field, DataType, NewValue, CreatedById, CreatedDate FROM ${history.object}`,
      `WHERE ${history.parent} IN ${listed(some)} AND Field IN ${listed([...names.keys()])} AND CreatedDate >= ${since}`,
      // Within a second, later rows have higher ids.
      'ORDER BY CreatedDate DESC, Id DESC',
    ].join(' ');
    const rows = await rowsOf(client.query(soql));
    if (rows === null) return null;
    for (const row of rows) {
      const version = versionOf(row, names, userId);
      const parent = keyOf(textOf(row[history.parent]) ?? '');
      const recordId = some.find((id) => keyOf(id) === parent);
      if (version !== null && recordId !== undefined) versions.get(recordId)?.push(version);
    }
  }
  return versions;
}

/** Null where there is no such history object, or none that our user may see. */
async function rowsOf(asking: Promise<{ readonly rows: readonly Row[] }>): Promise<readonly Row[] | null> {
  try {
    return (await asking).rows;
  } catch (error) {
    if (error instanceof ConnectorError && (error.code === 'Forbidden' || error.code === 'NotFound')) return null;
    throw error;
  }
}

interface Asked {
  readonly name: string;
  readonly isLookup: boolean;
}

/** What rows call a field → what was asked for. Standard lookups go by their relationship's name. */
function namesOf(schema: Schema, fields: readonly string[]): ReadonlyMap<string, Asked> {
  return new Map(
    fields.flatMap((name) => {
      const field = schema.field(name);
      if (field === null) return [];
      const isLookup = field.type === 'reference';
      return [[isLookup && !field.name.endsWith('__c') ? (field.relationshipName ?? field.name) : field.name, { name, isLookup }] as const];
    }),
  );
}

/** A change of a lookup has two rows, of the other record's name (`Text`) and of its id: the one of the id counts. */
function versionOf(row: Row, names: ReadonlyMap<string, Asked>, userId: string): FieldVersion | null {
  const asked = names.get(textOf(row['Field']) ?? '');
  const at = textOf(row['CreatedDate']);
  if (asked === undefined || at === null || (asked.isLookup && row['DataType'] === 'Text')) return null;
  const by = textOf(row['CreatedById']);
  return { field: asked.name, value: valueOf(row['NewValue']), at: instant(at), isOurs: by !== null && keyOf(by) === keyOf(userId), by };
}

const valueOf = (value: unknown): CrmValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
