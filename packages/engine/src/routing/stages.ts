/**
 * Stages of a sale in the CRM (MQL → SQL → opportunity): seen again and again, put on record, and clocks that run between them. What was seen twice, late or in
 * another order changes nothing (R7): clocks follow from all that is on record, by the CRM's own instants.
 */
import type { RoutingCrm, StagePage, StageSighting } from '@lockstep/domain/routing/routing-crm.port.ts';
import type { ClockRow, RoutingTransaction, StageRow } from '@lockstep/domain/routing/routing-store.port.ts';
import type { SlaSpec } from '@lockstep/domain/routing/sla.schema.ts';
import { isStageClock, mergeEntries, reachedAfter, stageClockId, stageOf, stageRuns } from '@lockstep/domain/routing/stage.ts';
import type { SeenRecord, StageRecord, StageRun } from '@lockstep/domain/routing/stage.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { accountKeyOfRecord, makeAccounts } from './following.ts';
import { beginAt, happenTo, isRunning } from './clocks.ts';
import { currentOffer } from './desk.ts';
import type { Desk } from './desk.ts';
import { documentsOf } from './environment.ts';
import type { RoutingEngine } from './environment.ts';

export interface PulledStages {
  /** Accounts whose records have moved: their workflows are to be woken. */
  readonly accounts: readonly string[];
  /** There is more to read now. */
  readonly more: boolean;
}

/** A round reads so many pages at most; the next goes on. */
const MOST_PAGES = 50;
/** And in between, while a clock waits for it. */
const FEW_PAGES = 5;
const NOTHING: PulledStages = { accounts: [], more: false };

/**
 * Reads what has moved since it was read last, and puts each page on record with its cursor. May be broken off and repeated at will: windows overlap, and what
 * is on record already wakes nobody. @throws ConnectorError
 */
export async function pullStages(engine: RoutingEngine, now: string, mostPages = MOST_PAGES): Promise<PulledStages> {
  const read = engine.crm?.stages ?? null;
  if (engine.crm === null || read === null) return NOTHING;
  const { connectionId } = engine.crm;
  const accounts = new Set<string>();
  let more = true;
  for (let pages = 0; more && pages < mostPages; pages += 1) {
    const known = await engine.store.snapshot((reader) => reader.stageCursor(connectionId));
    const page = await pageFrom(read, known?.cursor ?? null);
    for (const accountId of await takePage(engine, page, { connectionId, since: known?.since ?? now, now })) accounts.add(accountId);
    ({ more } = page);
  }
  return { accounts: [...accounts], more };
}

/** A cursor of another version, or of a CRM that stood there before, begins anew. */
async function pageFrom(read: NonNullable<RoutingCrm['stages']>, cursor: string | null) {
  try {
    return await read(cursor);
  } catch (error) {
    if (cursor !== null && error instanceof ConnectorError && error.code === 'CursorInvalid') return read(null);
    throw error;
  }
}

async function takePage(
  engine: RoutingEngine,
  { sightings, cursor }: Pick<StagePage, 'sightings' | 'cursor'>,
  { connectionId, since, now }: { readonly connectionId: string; readonly since: string; readonly now: string },
): Promise<readonly string[]> {
  const keys = new Map<string, string>();
  const seen = sightings.map((sighting) => rowOf(engine, sighting, keys));
  return engine.store.transaction(async (tx) => {
    await tx.lockStages();
    const moved = await merged(tx, seen);
    await tx.saveStages(moved);
    await tx.saveStageCursor(connectionId, cursor, now);
    if (moved.length === 0) return [];
    await makeAccounts(engine, tx, moved, { since, keys });
    const accounts = await tx.accountsOfRecords(moved.map(({ record }) => record));
    await tx.markUnseen(accounts);
    return accounts;
  });
}

/** `keys`: by the id of an account of ours, the key behind it. */
function rowOf(engine: RoutingEngine, sighting: StageSighting, keys: Map<string, string>): StageRow {
  const { record, related, ownerId, entries } = sighting;
  const key = accountKeyOfRecord(sighting, documentsOf(engine).policy.excluded);
  const mailAccountId = key === null ? null : engine.accountIdOf(key);
  if (key !== null && mailAccountId !== null) keys.set(mailAccountId, key);
  return { record, related, mailAccountId, ownerId, entries };
}

const keyOf = ({ record: { object, recordId } }: StageRow): string => `${object}/${recordId}`;

/** Those of which something is new, with what was known before. */
async function merged(tx: RoutingTransaction, seen: readonly StageRow[]): Promise<readonly StageRow[]> {
  const known = new Map((await tx.stageRows(seen.map(({ record }) => record))).map((row) => [keyOf(row), row]));
  return seen.flatMap((row) => {
    const before = known.get(keyOf(row));
    const now = { ...row, entries: mergeEntries(before?.entries ?? [], row.entries) };
    return before !== undefined && contentOf(before) === contentOf(now) ? [] : [now];
  });
}

function contentOf({ related, mailAccountId, ownerId, entries }: StageRow): string {
  return JSON.stringify([
    related.map(({ object, recordId }) => `${object}/${recordId}`).toSorted(),
    mailAccountId,
    ownerId,
    entries.map(({ stage, at }) => [stage, at]),
  ]);
}

/** Before a clock between stages says something the CRM is asked once more. One that cannot be asked now holds nothing up (R2). */
export async function lookOnceMore(engine: RoutingEngine, leadId: string, now: string): Promise<void> {
  if (engine.crm === null || engine.crm.stages === null) return;
  const clocks = await engine.store.snapshot((reader) => reader.clocksOf(leadId));
  if (!clocks.some(({ clock, dueAt }) => stageOf(clock.stopsOn) !== null && dueAt !== null && dueAt <= now)) return;
  try {
    await pullTogether(engine, now);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
  }
}

const pulling = new WeakMap<RoutingEngine, Promise<PulledStages>>();

/** One reading for all whose clocks fall due meanwhile. Whose records have moved besides is unseen from then on: the sweeper wakes them. */
function pullTogether(engine: RoutingEngine, now: string): Promise<PulledStages> {
  const running = pulling.get(engine) ?? pullStages(engine, now, FEW_PAGES).finally(() => pulling.delete(engine));
  pulling.set(engine, running);
  return running;
}

/** The CRM's records of the account with their stages. */
export async function stagesShown({ engine, tx, account }: Desk): Promise<readonly SeenRecord[]> {
  return engine.crm === null ? [] : tx.stagesOf(account.accountId);
}

/** Starts and stops the clocks of a lead by the stages of its account. A stage that a record had come into before the lead was there counts from the lead on. */
export async function followStages(desk: Desk, records: readonly StageRecord[]): Promise<void> {
  if (desk.lead.state === 'closed' || records.length === 0) return;
  for (const sla of desk.documents.slas) {
    const from = stageOf(sla.start);
    if (from === null) continue;
    for (const run of stageRuns(records, from, stageOf(sla.stop))) await followRun(desk, sla, run);
  }
  await stopReached(desk, records);
}

/** Where the CRM's clock is ahead, ours decides (case 28): nothing waits for an instant at which nobody would look. */
async function followRun(desk: Desk, sla: SlaSpec, run: StageRun): Promise<void> {
  const nowMs = Date.parse(desk.now);
  const startMs = Math.max(Date.parse(run.startedAt), Date.parse(desk.lead.openedAt));
  const endMs = run.end === null ? Infinity : Date.parse(run.end.at);
  // It was over before the lead.
  if (endMs <= startMs) return;
  const ownId = stageClockId(desk.lead.leadId, sla.id, startMs);
  const known = desk.clocks.find(({ clock }) => clock.clockId === ownId || (clock.slaId === sla.id && isOf(clock, startMs, endMs)));
  const clockId = known?.clock.clockId ?? ownId;
  const poolId = currentOffer(desk)?.poolId ?? null;
  if (known === undefined) await beginAt(desk, sla, { clockId, poolId, startedAtMs: Math.min(startMs, nowMs) });
  if (run.end === null) return;
  const atMs = Math.min(endMs, nowMs);
  if (run.end.kind === 'reached') await happenTo(desk, clockId, { kind: 'happened', what: sla.stop }, atMs);
  else if (isStageClock(clockId)) await happenTo(desk, clockId, { kind: 'withdraw' }, atMs);
}

/** A clock is that of a run with which it shares time: one that runs is not started anew because an earlier entry was seen later. */
function isOf({ startedAtMs, outcome }: ClockRow['clock'], fromMs: number, toMs: number): boolean {
  return startedAtMs < toMs && (outcome?.endedAtMs ?? Infinity) > fromMs;
}

/** Clocks that an offer has started and a stage stops. */
async function stopReached(desk: Desk, records: readonly StageRecord[]): Promise<void> {
  for (const { clock } of desk.clocks.filter(isRunning)) {
    const stage = stageOf(clock.stopsOn);
    const at = stage === null ? null : reachedAfter(records, stage, new Date(clock.startedAtMs).toISOString());
    const atMs = Math.min(Date.parse(at ?? ''), Date.parse(desk.now));
    if (at !== null) await happenTo(desk, clock.clockId, { kind: 'happened', what: clock.stopsOn }, atMs);
  }
}
