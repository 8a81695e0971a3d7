/** Reads by id from the primary store: what is there, in the bin, gone into another record, or nowhere; and who has set a property when. */
import type { CrmFields } from '@lockstep/domain/crm/change-set.ts';
import type { FieldVersion, HistoryRequest, ReadRequest, Reading } from '@lockstep/domain/crm/crm.port.ts';
import { isAssociated } from './associations.ts';
import { inPieces } from './client.ts';
import type { Parts } from './connector.ts';
import { recordsWithHumanContent } from './human-content.ts';
import { authorOf, isVersionOf } from './identity.ts';
import { MERGED_PROPERTY } from './schema.ts';
import type { WireRecord, WireRecordVersion } from './wire.ts';

/** Records of one call, and where past values are asked for. */
export const BATCH = 100;
const HISTORY_BATCH = 50;

interface Found {
  readonly record: WireRecord;
  readonly at: string;
}

/** One answer an id, in order. A field that the object does not have (any more) is missing in the image; an empty one is null (case 50). */
export async function readRecords(parts: Parts, request: ReadRequest): Promise<readonly Reading[]> {
  const { object, recordIds, fields } = request;
  const schema = await parts.schemas.known(object);
  const ids = [...new Set(recordIds)];
  const properties = [...new Set([...fields, ...(schema.fields.has(MERGED_PROPERTY) ? [MERGED_PROPERTY] : [])])];
  const find = (wanted: readonly string[], archived: boolean) => findAll(parts, { object, ids: wanted, properties, archived });
  const live = await find(ids, false);
  const lacking = ids.filter((id) => !live.byId.has(id));
  const binned = lacking.length === 0 ? live : await find(lacking, true);
  const [associated, human] = await Promise.all([
    associationsOf(parts, request),
    request.humanContent === true ? recordsWithHumanContent(parts, object, ids) : null,
  ]);
  const readingOf = (recordId: string, index: number): Reading => {
    const found = live.byId.get(recordId) ?? binned.byId.get(recordId);
    const mergedInto = found !== undefined && found.record.id !== recordId ? found.record.id : null;
    const presence = found === undefined ? 'absent' : mergedInto !== null ? 'merged' : live.byId.has(recordId) ? 'present' : 'archived';
    const stands = associated?.[index];
    return {
      recordId,
      image: {
        presence,
        fields: found === undefined ? {} : imageFields(found.record, fields),
        ...(stands == null ? {} : { isAssociated: stands }),
        revision: found?.record.updatedAt ?? null,
        readAt: found?.at ?? live.at ?? parts.now(),
      },
      mergedInto,
      ...(human === null ? {} : { hasHumanContent: human.has(recordId) }),
    };
  };
  return recordIds.map(readingOf);
}

/** The named fields as HubSpot keeps them: strings, null where empty; missing where the record does not show them. */
export function imageFields({ properties }: WireRecord, fields: readonly string[]): CrmFields {
  return Object.fromEntries(fields.filter((name) => properties[name] !== undefined).map((name) => [name, kept(properties[name])]));
}

/** HubSpot shows a cleared value as null in records and as an empty text in histories. */
export const kept = (value: string | null | undefined): string | null => (value === undefined || value === '' ? null : value);

interface Wanted {
  readonly object: string;
  readonly ids: readonly string[];
  readonly properties: readonly string[];
  readonly archived: boolean;
}

/** Records by the id that was asked for: a merged one answers under the id of the record that it went into, whose merged ids name it. */
async function findAll(parts: Parts, wanted: Wanted): Promise<{ readonly byId: ReadonlyMap<string, Found>; readonly at: string | null }> {
  const byId = new Map<string, Found>();
  let at: string | null = null;
  await inPieces(wanted.ids, BATCH, async (ids) => {
    const { answer, at: answeredAt } = await parts.client.read({ ...wanted, ids });
    at ??= answeredAt;
    for (const record of answer.results) {
      const former = (record.properties[MERGED_PROPERTY] ?? '').split(';');
      for (const id of [record.id, ...former]) if (ids.includes(id)) byId.set(id, { record, at: answeredAt });
    }
  });
  return { byId, at };
}

/** For each record in order whether the association asked for stands; null where none is asked for. */
async function associationsOf(parts: Parts, { object, recordIds, associations }: ReadRequest): Promise<readonly (boolean | null)[] | null> {
  if (associations === undefined) return null;
  const asked = recordIds.flatMap((recordId, index) => {
    const association = associations[index];
    return association == null ? [] : [{ index, pair: { recordId, association } }];
  });
  const stands = await isAssociated(
    parts,
    object,
    asked.map(({ pair }) => pair),
  );
  const answers = new Map(asked.map(({ index }, place) => [index, stands[place] ?? false]));
  return recordIds.map((_, index) => answers.get(index) ?? null);
}

/** Versions since the instant, newest first, of all records that are there or in the bin. */
export async function readHistory(parts: Parts, request: HistoryRequest): Promise<ReadonlyMap<string, readonly FieldVersion[]>> {
  const appId = await parts.identity.appId();
  const sinceMs = Date.parse(request.sinceIso);
  const versions = new Map<string, readonly FieldVersion[]>();
  const read = (ids: readonly string[], archived: boolean) =>
    inPieces(ids, HISTORY_BATCH, async (piece) => {
      const { answer } = await parts.client.read({
        object: request.object,
        ids: piece,
        // What the record shows comes with its history, so that a write is verified by one look (`FieldVersion.isShown`).
        properties: [MERGED_PROPERTY, ...request.fields],
        history: request.fields,
        archived,
        isAfterWrite: true,
      });
      for (const record of answer.results) versions.set(record.id, versionsOf(record, request.fields, { appId, sinceMs }));
    });
  const ids = [...new Set(request.recordIds)];
  await read(ids, false);
  const lacking = ids.filter((id) => !versions.has(id));
  if (lacking.length > 0) await read(lacking, true);
  return new Map(ids.flatMap((id) => (versions.has(id) ? [[id, versions.get(id) ?? []] as const] : [])));
}

function isShown({ properties }: WireRecord, field: string, { value }: WireRecordVersion): boolean {
  return properties[field] !== undefined && kept(properties[field]) === kept(value);
}

function versionsOf(
  record: WireRecord,
  fields: readonly string[],
  { appId, sinceMs }: { readonly appId: string; readonly sinceMs: number },
): readonly FieldVersion[] {
  const all = fields.flatMap((field) =>
    (record.propertiesWithHistory?.[field] ?? []).map((version, index) => ({
      field,
      value: kept(version.value),
      at: version.timestamp,
      isOurs: isVersionOf(appId, version),
      by: authorOf(version),
      ...(index === 0 && isShown(record, field, version) ? { isShown: true as const } : {}),
    })),
  );
  // Within a field HubSpot's order stands: two versions may have one instant.
  return all.filter(({ at }) => Date.parse(at) >= sinceMs).sort((left, right) => Date.parse(right.at) - Date.parse(left.at));
}
