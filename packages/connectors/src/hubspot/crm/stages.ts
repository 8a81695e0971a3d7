/**
 * Stages of a sale in HubSpot: the lifecycle stage of contacts, with the instant of every change from its history, and the making of deals. Changes come from
 * the search by windows of modification time that overlap, because it lags behind. Source: knowledge base, "Use contact and company lifecycle stages".
 */
import type { RecordRef } from '@lockstep/domain/crm/change-set.ts';
import type { StagePage, StageSighting } from '@lockstep/domain/routing/routing-crm.port.ts';
import { stageShownBy } from '@lockstep/domain/routing/stage.ts';
import type { StageEntry, StageValues } from '@lockstep/domain/routing/stage.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { z } from 'zod';
import { inPieces, SEARCH_PAGE } from './client.ts';
import type { CrmClient, SearchGroup } from './client.ts';
import type { WireRecord } from './wire.ts';
import { jsonOf } from '../../http/json.ts';

export interface StagesRequest {
  readonly client: CrmClient;
  readonly connectionId: string;
  readonly values: StageValues;
  readonly cursor: string | null;
  readonly nowMs: number;
}

const STAGE = 'lifecyclestage';
const OWNER = 'hubspot_owner_id';
/** Contacts differ from the other objects. */
const MODIFIED = { contacts: 'lastmodifieddate', deals: 'hs_lastmodifieddate' } as const;
type Watched = keyof typeof MODIFIED;
/** HubSpot says "a few moments" until a change can be found; what is younger than this is read again. */
const INDEX_LAG_MS = 60_000;
const FIRST_LOOK_MS = 86_400_000;
/** Records of a call that reads histories. */
const HISTORY_BATCH = 50;

/** `tie`: more records than a page share `sinceMs` (an import), and are read by id from here. */
const windowSchema = z.strictObject({ sinceMs: z.number(), newestMs: z.number(), tie: z.string().nullable() });
const cursorSchema = z.strictObject({ version: z.literal(1), contacts: windowSchema, deals: windowSchema });
type Window = z.infer<typeof windowSchema>;

/** One page of contacts and one of deals. */
export async function readStages(request: StagesRequest): Promise<StagePage> {
  const cursor = cursorOf(request);
  const contacts = await changed(request, 'contacts', cursor.contacts, ['email', STAGE, OWNER]);
  const deals = await changed(request, 'deals', cursor.deals, ['createdate', OWNER]);
  const sightings = [...(await contactSightings(request, contacts.records)), ...(await dealSightings(request, deals.records))];
  const next: z.infer<typeof cursorSchema> = { version: 1, contacts: contacts.next, deals: deals.next };
  return { sightings, cursor: JSON.stringify(next), more: contacts.more || deals.more };
}

function cursorOf({ cursor, nowMs }: StagesRequest): z.infer<typeof cursorSchema> {
  const beginning: Window = { sinceMs: nowMs - FIRST_LOOK_MS, newestMs: 0, tie: null };
  if (cursor === null) return { version: 1, contacts: beginning, deals: beginning };
  const result = cursorSchema.safeParse(jsonOf(cursor));
  if (result.success) return result.data;
  throw new ConnectorError('CursorInvalid', 'HubSpot cursor of stages: expected one of version 1, got another');
}

interface Changed {
  readonly records: readonly WireRecord[];
  readonly next: Window;
  readonly more: boolean;
}

async function changed({ client }: StagesRequest, object: Watched, window: Window, properties: readonly string[]): Promise<Changed> {
  const modified = MODIFIED[object];
  const { sinceMs, tie } = window;
  const group: SearchGroup =
    tie === null
      ? [{ propertyName: modified, operator: 'GTE', value: String(sinceMs) }]
      : [
          { propertyName: modified, operator: 'EQ', value: String(sinceMs) },
          { propertyName: 'hs_object_id', operator: 'GT', value: tie },
        ];
  const sortBy = tie === null ? modified : 'hs_object_id';
  const { answer, at } = await client.search({ object, groups: [group], properties: [...properties, modified], sortBy });
  return { records: answer.results, ...following(window, answer.results, modified, Date.parse(at)) };
}

/**
 * The next window. A full page is followed from its last modification time, not by an offset: records that change meanwhile move to the end and would shift
 * others past it. At the end the window stays behind what the index may not show yet, by HubSpot's own clock.
 */
function following(window: Window, records: readonly WireRecord[], modified: string, atMs: number): Pick<Changed, 'next' | 'more'> {
  const isFull = records.length >= SEARCH_PAGE;
  const lastMs = records.reduce((latest, { properties }) => Math.max(latest, instantMs(properties[modified])), 0);
  const newestMs = Math.max(window.newestMs, lastMs);
  const { sinceMs } = window;
  if (window.tie !== null) {
    const next = isFull ? { sinceMs, newestMs, tie: records.at(-1)?.id ?? window.tie } : { sinceMs: sinceMs + 1, newestMs, tie: null };
    return { next, more: true };
  }
  if (isFull) return { next: lastMs > sinceMs ? { sinceMs: lastMs, newestMs, tie: null } : { sinceMs, newestMs, tie: '0' }, more: true };
  return { next: { sinceMs: Math.max(sinceMs, Math.min(newestMs + 1, atMs - INDEX_LAG_MS)), newestMs, tie: null }, more: false };
}

/** HubSpot writes instants as ISO, and in searches at times as milliseconds. */
function instantMs(value: string | null | undefined): number {
  const atMs = /^\d+$/.test(value ?? '') ? Number(value) : Date.parse(value ?? '');
  return Number.isNaN(atMs) ? 0 : atMs;
}

/** Those that have been in a stage that counts. */
async function contactSightings(
  { client, connectionId, values }: StagesRequest,
  contacts: readonly WireRecord[],
): Promise<readonly StageSighting[]> {
  const entries = new Map<string, readonly StageEntry[]>();
  const ids = contacts.map(({ id }) => id);
  await inPieces(ids, HISTORY_BATCH, async (some) => {
    const { answer } = await client.read({ object: 'contacts', ids: some, properties: [STAGE], history: [STAGE] });
    for (const { id, propertiesWithHistory } of answer.results) {
      const versions = propertiesWithHistory?.[STAGE] ?? [];
      const all = versions.map(({ value, timestamp }) => ({ stage: stageShownBy(values, value), at: new Date(timestamp).toISOString() }));
      if (all.some(({ stage }) => stage !== null)) entries.set(id, all.toReversed());
    }
  });
  const staged = contacts.filter(({ id }) => entries.has(id));
  const companies = await relatedTo({ client, connectionId }, 'contacts', 'companies', staged);
  return staged.map(({ id, properties }) => ({
    record: { connectionId, object: 'contacts', recordId: id },
    related: companies.get(id) ?? [],
    email: properties['email'] || null,
    ownerId: properties[OWNER] || null,
    entries: entries.get(id) ?? [],
  }));
}

/** A deal is an opportunity from its making on, whatever becomes of it. */
async function dealSightings({ client, connectionId }: StagesRequest, deals: readonly WireRecord[]): Promise<readonly StageSighting[]> {
  const made = deals.filter(({ properties }) => instantMs(properties['createdate']) > 0);
  const companies = await relatedTo({ client, connectionId }, 'deals', 'companies', made);
  const contacts = await relatedTo({ client, connectionId }, 'deals', 'contacts', made);
  return made.map(({ id, properties }) => ({
    record: { connectionId, object: 'deals', recordId: id },
    related: [...(companies.get(id) ?? []), ...(contacts.get(id) ?? [])],
    email: null,
    ownerId: properties[OWNER] || null,
    entries: [{ stage: 'opportunity', at: new Date(instantMs(properties['createdate'])).toISOString() }],
  }));
}

async function relatedTo(
  { client, connectionId }: Pick<StagesRequest, 'client' | 'connectionId'>,
  from: Watched,
  to: 'companies' | 'contacts',
  records: readonly WireRecord[],
): Promise<ReadonlyMap<string, readonly RecordRef[]>> {
  if (records.length === 0) return new Map();
  const found = await client.associated(
    from,
    to,
    records.map(({ id }) => ({ id })),
  );
  return new Map(
    found.map(({ from: { id }, to: others }) => [id, others.map(({ toObjectId }) => ({ connectionId, object: to, recordId: toObjectId }))]),
  );
}
