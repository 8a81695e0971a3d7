/**
 * Stages of a sale in Salesforce: the status of leads, with the instant of every change where its history is tracked, and the making of opportunities. Read by
 * `SystemModstamp` in windows that overlap: a long transaction appears after younger ones. Source: Object Reference, "Lead", "LeadHistory", "Opportunity".
 */
import type { RecordRef } from '@lockstep/domain/crm/change-set.ts';
import type { StagePage, StageSighting } from '@lockstep/domain/routing/routing-crm.port.ts';
import { stageShownBy } from '@lockstep/domain/routing/stage.ts';
import type { Stage, StageEntry, StageValues } from '@lockstep/domain/routing/stage.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { z } from 'zod';
import { instant, listed, quoted } from '../soql.ts';
import type { Row } from '../wire.ts';
import { keyOf } from './client.ts';
import type { CrmClient } from './client.ts';
import { jsonOf } from '../../http/json.ts';
import { textOf } from './wire.ts';

export interface StagesRequest {
  readonly client: CrmClient;
  readonly connectionId: string;
  readonly values: StageValues;
  readonly cursor: string | null;
  readonly nowMs: number;
}

const PAGE = 200;
const LATE_MS = 60_000;
const FIRST_LOOK_MS = 86_400_000;
const LEAD_FIELDS = 'Id, Status, Email, OwnerId, IsConverted, ConvertedAccountId, ConvertedOpportunityId, CreatedDate, SystemModstamp';
const OPPORTUNITY_FIELDS = 'Id, AccountId, OwnerId, CreatedDate, SystemModstamp';

/** Records that were modified after `at`, or at it with a greater id. */
const placeSchema = z.strictObject({ at: z.iso.datetime(), id: z.string().nullable() });
const cursorSchema = z.strictObject({ version: z.literal(1), leads: placeSchema, opportunities: placeSchema });
type Place = z.infer<typeof placeSchema>;

/** One page of leads and one of opportunities. */
export async function readStages(request: StagesRequest): Promise<StagePage> {
  const cursor = cursorOf(request);
  const leads = await changed(request, `SELECT ${LEAD_FIELDS} FROM Lead`, cursor.leads);
  const opportunities = await changed(request, `SELECT ${OPPORTUNITY_FIELDS} FROM Opportunity`, cursor.opportunities);
  const next: z.infer<typeof cursorSchema> = { version: 1, leads: leads.next, opportunities: opportunities.next };
  return {
    sightings: [...(await leadSightings(request, leads.rows)), ...opportunities.rows.map((row) => opportunitySighting(request, row))],
    cursor: JSON.stringify(next),
    more: leads.more || opportunities.more,
  };
}

function cursorOf({ cursor, nowMs }: StagesRequest): z.infer<typeof cursorSchema> {
  const beginning: Place = { at: new Date(nowMs - FIRST_LOOK_MS).toISOString(), id: null };
  if (cursor === null) return { version: 1, leads: beginning, opportunities: beginning };
  const result = cursorSchema.safeParse(jsonOf(cursor));
  if (result.success) return result.data;
  throw new ConnectorError('CursorInvalid', 'Salesforce cursor of stages: expected one of version 1, got another');
}

interface Changed {
  readonly rows: readonly Row[];
  readonly next: Place;
  readonly more: boolean;
}

async function changed({ client }: StagesRequest, select: string, { at, id }: Place): Promise<Changed> {
  const from = instant(at);
  const after =
    id === null ? `SystemModstamp >= ${from}` : `(SystemModstamp > ${from} OR (SystemModstamp = ${from} AND Id > ${quoted(id)}))`;
  const found = await client.query(`${select} WHERE ${after} ORDER BY SystemModstamp, Id LIMIT ${PAGE}`);
  const last = found.rows.at(-1);
  if (last !== undefined && found.rows.length === PAGE)
    return { rows: found.rows, next: { at: instantOf(last, 'SystemModstamp'), id: last.Id }, more: true };
  const newestMs = last === undefined ? Date.parse(at) : Date.parse(instantOf(last, 'SystemModstamp'));
  // By Salesforce's own clock, and never back.
  const settledMs = Math.max(Date.parse(at), Math.min(newestMs, Date.parse(found.at) - LATE_MS));
  return { rows: found.rows, next: { at: new Date(settledMs).toISOString(), id: null }, more: false };
}

function instantOf(row: Row, field: string): string {
  return instant(textOf(row[field]) ?? '');
}

async function leadSightings(request: StagesRequest, leads: readonly Row[]): Promise<readonly StageSighting[]> {
  if (leads.length === 0) return [];
  const { connectionId, values } = request;
  const histories = await historiesOf(request, leads);
  return leads.flatMap((lead) => {
    const entries = entriesOf(values, lead, histories.get(keyOf(lead.Id)) ?? []);
    const account = textOf(lead['ConvertedAccountId']);
    const related: readonly RecordRef[] = account === null ? [] : [{ connectionId, object: 'Account', recordId: account }];
    const record: RecordRef = { connectionId, object: 'Lead', recordId: lead.Id };
    return entries.some(({ stage }) => stage !== null)
      ? [{ record, related, email: textOf(lead['Email']), ownerId: textOf(lead['OwnerId']), entries }]
      : [];
  });
}

/** Changes of the status, the earliest first; none where the organisation keeps no history, or not for us. */
async function historiesOf({ client }: StagesRequest, leads: readonly Row[]): Promise<ReadonlyMap<string, readonly Row[]>> {
  const ids = listed(leads.map(({ Id }) => Id));
  const soql = `SELECT Id, LeadId, OldValue, NewValue, CreatedDate FROM LeadHistory WHERE LeadId IN ${ids} AND Field = 'Status' ORDER BY CreatedDate, Id`;
  const histories = new Map<string, Row[]>();
  try {
    for (const row of (await client.query(soql)).rows) {
      const key = keyOf(textOf(row['LeadId']) ?? '');
      histories.set(key, [...(histories.get(key) ?? []), row]);
    }
  } catch (error) {
    if (!(error instanceof ConnectorError) || (error.code !== 'Forbidden' && error.code !== 'NotFound')) throw error;
  }
  return histories;
}

/** Without a history a lead is in its stage since it was made, if it was not touched since, else since it was last seen to be touched: nobody knows more. */
function entriesOf(values: StageValues, lead: Row, changes: readonly Row[]): readonly StageEntry[] {
  const status = textOf(lead['Status']);
  // A lead that was converted is one that sales has taken, with an opportunity or without.
  const converted: Stage = textOf(lead['ConvertedOpportunityId']) === null ? 'SQL' : 'opportunity';
  const entry = (value: unknown, at: string): StageEntry => {
    const isEnd = lead['IsConverted'] === true && value === status;
    return { stage: isEnd ? converted : stageShownBy(values, value), at };
  };
  const [first] = changes;
  const touched = instantOf(lead, 'SystemModstamp');
  if (first === undefined) return [entry(status, touched)];
  const told = [
    entry(first['OldValue'], instantOf(lead, 'CreatedDate')),
    ...changes.map((change) => entry(change['NewValue'], instantOf(change, 'CreatedDate'))),
  ];
  return changes.at(-1)?.['NewValue'] === status ? told : [...told, entry(status, touched)];
}

/** From its making on, whatever becomes of it. */
function opportunitySighting({ connectionId }: StagesRequest, row: Row): StageSighting {
  const account = textOf(row['AccountId']);
  return {
    record: { connectionId, object: 'Opportunity', recordId: row.Id },
    related: account === null ? [] : [{ connectionId, object: 'Account', recordId: account }],
    email: null,
    ownerId: textOf(row['OwnerId']),
    entries: [{ stage: 'opportunity', at: instantOf(row, 'CreatedDate') }],
  };
}
