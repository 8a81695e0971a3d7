/** Reads by id with `queryAll`, which shows a write at once: what is there, in the recycle bin, gone into another record, or nowhere. */
import type { CrmFields, CrmValue } from '@lockstep/domain/crm/change-set.ts';
import type { ReadAssociation, Reading, ReadRequest } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { isRecordId, listed } from '../soql.ts';
import type { Row } from '../wire.ts';
import { keyOf, pieces } from './client.ts';
import type { Parts } from './connector.ts';
import { recordsWithHumanContent } from './human-content.ts';
import { lookupFor } from './lookups.ts';
import type { Schema } from './schema.ts';
import { textOf } from './wire.ts';

/** Records of a collection, and ids of a query. */
export const BATCH = 200;

/** Of a merged record: the one that it went into. */
const MASTER = 'MasterRecordId';

/** One answer an id, in order. A field that the object does not have (any more) is missing in the image; an empty one is null (case 50). */
export async function readRecords(parts: Parts, request: ReadRequest): Promise<readonly Reading[]> {
  const { recordIds, fields, associations } = request;
  const { rows, at, schema } = await findAll(parts, request);
  const lookups = associations?.map((association) => (association === null ? null : lookupName(schema, association)));
  const human =
    request.humanContent === true
      ? await recordsWithHumanContent(
          parts,
          [...rows.values()].map(({ Id }) => Id),
        )
      : null;
  const masters = await mastersOf(parts, schema, [...rows.values()]);
  return recordIds.map((recordId, index): Reading => {
    const row = rows.get(keyOf(recordId));
    const mergedInto = row === undefined ? null : (masters.get(keyOf(row.Id)) ?? null);
    const presence = row === undefined ? 'absent' : mergedInto !== null ? 'merged' : row['IsDeleted'] === true ? 'archived' : 'present';
    const lookup = lookups?.[index] ?? null;
    const association = associations?.[index] ?? null;
    return {
      recordId,
      image: {
        presence,
        fields: row === undefined ? {} : imageFields(schema, row, fields),
        ...(association === null ? {} : { isAssociated: lookup !== null && row !== undefined && refersTo(row, lookup, association) }),
        revision: row === undefined ? null : textOf(row['SystemModstamp']),
        readAt: at,
      },
      mergedInto,
      ...(human === null ? {} : { hasHumanContent: human.has(keyOf(recordId)) }),
    };
  });
}

/** The named fields, as Salesforce tells them; missing where the object does not have them. */
export function imageFields(schema: Schema, row: Row, fields: readonly string[]): CrmFields {
  return Object.fromEntries(
    fields.flatMap((asked) => {
      const name = schema.field(asked)?.name;
      return name === undefined || row[name] === undefined ? [] : [[asked, valueOf(row[name])] as const];
    }),
  );
}

/** Compound values (addresses) are no value of one field. */
function valueOf(value: unknown): CrmValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** Whether a lookup holds the record. */
function refersTo(row: Row, lookup: string, { to }: ReadAssociation): boolean {
  const held = textOf(row[lookup]);
  return held !== null && keyOf(held) === keyOf(to.recordId);
}

/** What of an object a query names: what every reading needs, and those of the fields that there are. */
export function selected(schema: Schema, fields: readonly string[]): string {
  const usual = ['Id', 'IsDeleted', 'SystemModstamp', 'LastModifiedById', MASTER];
  return [...new Set([...usual, ...fields].flatMap((name) => schema.field(name)?.name ?? []))].join(', ');
}

/** Null where there is no such association: it does not stand, and a write of it says why. */
function lookupName(schema: Schema, association: ReadAssociation): string | null {
  try {
    return lookupFor(schema, association).name;
  } catch (error) {
    if (error instanceof ConnectorError) return null;
    throw error;
  }
}

interface Found {
  readonly rows: ReadonlyMap<string, Row>;
  readonly at: string;
  readonly schema: Schema;
}

function findAll({ client, schemas }: Parts, { object, recordIds, fields, associations }: ReadRequest): Promise<Found> {
  return schemas.querying(object, async (schema) => {
    const lookups = (associations ?? []).flatMap((association) => (association === null ? [] : (lookupName(schema, association) ?? [])));
    const rows = new Map<string, Row>();
    const instants: string[] = [];
    // An id that cannot be one is refused with the whole query: it is of no record.
    for (const ids of pieces([...new Set(recordIds.filter(isRecordId))], BATCH)) {
      const soql = `SELECT ${selected(schema, [...fields, ...lookups])} FROM ${schema.name} WHERE Id IN ${listed(ids)}`;
      const found = await client.query(soql, { deleted: true });
      instants.push(found.at);
      for (const row of found.rows) rows.set(keyOf(row.Id), row);
    }
    return { rows, at: instants[0] ?? (await client.query('SELECT Id FROM Organization')).at, schema };
  });
}

/** For records that were merged the ones that there are today, however often they were merged since. */
async function mastersOf({ client }: Parts, schema: Schema, rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
  const next = new Map<string, string>();
  const note = (row: Row): string[] => {
    const master = textOf(row[MASTER]);
    if (master === null) return [];
    next.set(keyOf(row.Id), master);
    return [master];
  };
  let wanted = rows.flatMap(note);
  while (wanted.length > 0) {
    const ids = [...new Set(wanted)];
    wanted = [];
    for (const some of pieces(ids, BATCH)) {
      const { rows: masters } = await client.query(`SELECT Id, ${MASTER} FROM ${schema.name} WHERE Id IN ${listed(some)}`, {
        deleted: true,
      });
      wanted.push(...masters.filter((row) => !next.has(keyOf(row.Id))).flatMap(note));
    }
  }
  const last = (id: string): string => {
    const master = next.get(keyOf(id));
    return master === undefined ? id : last(master);
  };
  return new Map([...next].map(([id, master]) => [id, last(master)]));
}
