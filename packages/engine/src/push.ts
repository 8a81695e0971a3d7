/**
 * Writing to a remote: claim a page of the outbox, probe what a crash left uncertain, compare, send in batches, put the outcome on record.
 *
 * No transaction is open while the remote is called. Each batch's outcome commits by itself while the next is sent, so that a crash loses at most two
 * batches' answers, and those are probed by marker or read and compared before anything is sent again (laws S4, E01–E06).
 */
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { LANES } from '@lockstep/domain/sync/store.port.ts';
import type { Lane, OutboxRow } from '@lockstep/domain/sync/store.port.ts';
import { compareBeforeWrite } from './compare.ts';
import { recordOutcomes } from './outcomes.ts';
import type { Sent } from './outcomes.ts';
import { mergePage } from './page.ts';
import { pullChanges } from './pull.ts';
import { lanesOf } from './quota.ts';
import type { Run } from './run.ts';
import { sendBatch } from './send.ts';
import { holdUnlinks, releaseHarmless } from './unlinks.ts';
import { mayPush } from './workspace.ts';
import { planWrites } from './writes.ts';
import type { PlannedWrites, Write } from './writes.ts';

export interface PushOutcome {
  /** Records written at the remote. */
  readonly written: number;
  readonly parked: number;
  /** Connections that are owed writes because of edits found while comparing. */
  readonly owing: readonly string[];
  /** Call again at once. */
  readonly more: boolean;
  /** The remote asked to be left alone; null where it did not. Rows are back in the outbox. */
  readonly failure: ConnectorError | null;
}

export const IDLE: PushOutcome = { written: 0, parked: 0, owing: [], more: false, failure: null };

/**
 * Sends one page of owed writes. One page of a connection at a time: a write that another pass has under way looks like one that a crash left behind, and
 * is not at the remote yet when it is probed (law S4, E03).
 */
export async function pushPage(run: Run): Promise<PushOutcome> {
  const { connectionId } = run.connection;
  const outcome = await run.workspace.store.exclusively(`push ${connectionId}`, () => pushAlone(run));
  return (
    outcome ?? { ...IDLE, failure: new ConnectorError('Conflict', `${connectionId}: expected to write alone, another pass is writing`) }
  );
}

async function pushAlone(run: Run): Promise<PushOutcome> {
  const claimed = await claim(run);
  if (claimed.length === 0) return IDLE;
  const progress = new Progress(claimed);
  try {
    await probeUncertain(run, claimed, progress);
    // A level of the tree at a time: children need their parents' ids.
    for (let level = 0; level < claimed.length && progress.open.size > 0; level += 1) {
      const planned = await planOpen(run, progress);
      if (!(await pushLevel(run, planned, progress))) break;
    }
    const isFull = progress.moved && claimed.length >= run.workspace.limits.pushPage;
    const isLeft = progress.open.size > 0 && (run.stopping?.() === true || progress.isInterrupted);
    return { ...progress.outcome(), more: isFull || isLeft };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { ...progress.outcome(), failure: error };
  } finally {
    await giveBack(run, progress);
  }
}

/** What is still in our hands of a claimed page. */
class Progress {
  readonly open: Map<string, OutboxRow>;
  /** Rows whose write may have been sent with no outcome on record: they stay `sending`. */
  readonly uncertain = new Set<string>();
  readonly owing = new Set<string>();
  written = 0;
  parked = 0;
  moved = false;
  /** Something more urgent is owed. */
  isInterrupted = false;

  constructor(rows: readonly OutboxRow[]) {
    this.open = new Map(rows.map((row) => [row.itemId, row]));
  }

  outcome(): PushOutcome {
    return { written: this.written, parked: this.parked, owing: [...this.owing], more: false, failure: null };
  }

  /** The lane of what can wait longest; routine and backfill do not give way to each other. */
  leastUrgent(): Lane {
    const lanes = [...this.open.values()].map(({ lane }) => LANES.indexOf(lane));
    return LANES[Math.min(Math.max(0, ...lanes), LANES.indexOf('routine'))] ?? 'routine';
  }

  close(itemIds: readonly string[]): void {
    for (const itemId of itemIds) {
      this.open.delete(itemId);
      this.uncertain.delete(itemId);
    }
    if (itemIds.length > 0) this.moved = true;
  }
}

async function claim(run: Run): Promise<readonly OutboxRow[]> {
  return run.workspace.store.transaction(async (tx) => {
    const row = await tx.connection(run.connection.connectionId);
    if (row?.breaker?.cause === 'mass-unlink') await releaseHarmless(tx, run);
    return row === null || !mayPush(row)
      ? []
      : tx.claimWrites(run.connection.connectionId, run.workspace.limits.pushPage, run.now, lanesOf(run.connection));
  });
}

/** Creates that a crash or a time-out left without an outcome: found by our marker, they are linked instead of sent again (E01). */
async function probeUncertain(run: Run, claimed: readonly OutboxRow[], progress: Progress): Promise<void> {
  const { connectionId, connector } = run.connection;
  const doubtful = claimed.filter((row) => row.state === 'sending').map((row) => row.itemId);
  if (doubtful.length === 0) return;
  for (const itemId of doubtful) progress.uncertain.add(itemId);
  const { linked, changes } = await run.workspace.store.snapshot(async (reader) => ({
    linked: await reader.linksByItem(doubtful, connectionId),
    changes: await reader.checkpoint(connectionId, 'changes'),
  }));
  const known = new Set(linked.filter((link) => link.state !== 'removed').map((link) => link.itemId));
  const unlinked = doubtful.filter((itemId) => !known.has(itemId));
  const found = unlinked.length === 0 ? [] : await connector.pulls.findByMarker(unlinked, changes.cursor);
  if (found.length > 0) await adoptFound(run, found, progress);
  // Probed: what was not found was never made, and an update is compared before it is sent again.
  for (const itemId of doubtful) progress.uncertain.delete(itemId);
}

async function adoptFound(run: Run, found: readonly RemoteRecord[], progress: Progress): Promise<void> {
  const outcome = await run.workspace.store.transaction((tx) => mergePage(tx, run, { records: found, lane: 'live', keepUnknown: true }));
  for (const connectionId of outcome.owing) progress.owing.add(connectionId);
}

async function planOpen(run: Run, progress: Progress): Promise<PlannedWrites> {
  return run.workspace.store.snapshot((reader) => planWrites(reader, run.connection, [...progress.open.values()]));
}

/** Sends what can be sent now. False when nothing moved: the rest waits for something else. */
async function pushLevel(run: Run, planned: PlannedWrites, progress: Progress): Promise<boolean> {
  const idle = planned.writes.filter((write) => write.operation === 'nothing');
  const gone = [...progress.open.keys()].filter((itemId) => !planned.writes.some((write) => write.item.itemId === itemId));
  await settle(run, [...idle.map((write) => write.item.itemId), ...gone], progress);
  const due = planned.writes.filter((write) => write.operation !== 'nothing' && write.operation !== 'wait');
  const held = new Set(await holdUnlinks(run, due));
  progress.parked += held.size;
  progress.close([...held]);
  const ready = due.filter((write) => !held.has(write.item.itemId));
  if (ready.length === 0) return false;
  const compared = await compareBeforeWrite(run, ready, planned.references);
  for (const connectionId of compared.owing) progress.owing.add(connectionId);
  await settle(run, compared.settled, progress);
  const before = progress.open.size;
  const mayGoOn = await sendAll(run, compared.ready, compared.before, progress);
  return mayGoOn && (progress.open.size < before || compared.settled.length > 0);
}

async function settle(run: Run, itemIds: readonly string[], progress: Progress): Promise<void> {
  if (itemIds.length === 0) return;
  const rows = itemIds.flatMap((itemId) => progress.open.get(itemId) ?? []);
  await run.workspace.store.transaction((tx) => tx.settleWrites(rows));
  progress.close(itemIds);
}

/**
 * False when the rest must not be sent now: somebody has paused the connection meanwhile, something more urgent is owed, or the process is to stop. While
 * the outcomes of a batch are put on record the next one is on its way.
 */
async function sendAll(run: Run, planned: PlannedWrites, before: ReadonlyMap<string, RemoteRecord>, progress: Progress): Promise<boolean> {
  const isStaged = run.connection.connector.pushes.stage !== undefined;
  let recorded: Promise<boolean> = Promise.resolve(true);
  try {
    for await (const sent of sendBatch(run, planned, before, (writes) => doubt(writes, progress))) {
      const mayGoOn = await recorded;
      recorded = record(run, sent, progress);
      // Its failure is thrown where it is awaited.
      recorded.catch(() => undefined);
      const failure = firstFailure(sent);
      if (failure !== null) {
        await recorded;
        throw failure;
      }
      // What is staged is written to its end: to stop in between would look like a crash.
      if (isStaged) await recorded;
      else if (!mayGoOn || run.stopping?.() === true || !(await isOpen(run))) return false;
    }
    const mayGoOn = await recorded;
    await readStaged(run, progress);
    return mayGoOn || isStaged;
  } finally {
    await recorded.catch(() => undefined);
  }
}

/** Asked before each batch, so that none leaves after a pause is on record. */
async function isOpen(run: Run): Promise<boolean> {
  const row = await run.workspace.store.snapshot((reader) => reader.connection(run.connection.connectionId));
  return row !== null && mayPush(row);
}

/** Puts a batch's outcomes on record; false when no other batch must follow. */
async function record(run: Run, sent: Sent, progress: Progress): Promise<boolean> {
  const { connectionId } = run.connection;
  const lane = progress.leastUrgent();
  const { result, row, isUrgent } = await run.workspace.store.transaction(async (tx) => ({
    result: await recordOutcomes(tx, run, sent),
    row: await tx.connection(connectionId),
    isUrgent: await tx.hasMoreUrgent(connectionId, lane, run.now),
  }));
  progress.written += result.written;
  progress.parked += result.parked;
  for (const owing of result.owing) progress.owing.add(owing);
  progress.close(result.closed);
  for (const itemId of result.certain) progress.uncertain.delete(itemId);
  progress.isInterrupted ||= isUrgent;
  return row !== null && mayPush(row) && !isUrgent;
}

/**
 * After a staged batch is on record, the staged state becomes the agreed one, and rows whose meaning our own write has changed (a dependency on a row
 * that it renamed or removed) are read like anybody's edit.
 */
async function readStaged(run: Run, progress: Progress): Promise<void> {
  if (run.connection.connector.pushes.stage === undefined) return;
  const { owing } = await pullChanges(run);
  for (const connectionId of owing) progress.owing.add(connectionId);
}

/** From here on, until an outcome is on record, these writes may have taken place. */
function doubt(writes: readonly Write[], progress: Progress): void {
  for (const write of writes) progress.uncertain.add(write.item.itemId);
}

/** A row's failure that concerns the whole connection: go on later. */
function firstFailure(sent: Sent): ConnectorError | null {
  const codes = new Set(['Throttled', 'QuotaExhausted', 'AuthExpired', 'AuthRevoked', 'Transient']);
  for (const { outcome } of sent.outcomes) if (!outcome.ok && codes.has(outcome.error.code)) return outcome.error;
  return null;
}

/** Rows that were not settled go back: `owed` where nothing was sent, `sending` where something may have been. */
async function giveBack(run: Run, progress: Progress): Promise<void> {
  if (progress.open.size === 0) return;
  await run.workspace.store.transaction((tx) =>
    tx.returnWrites(
      [...progress.open.values()].map((row) => ({
        connectionId: row.connectionId,
        itemId: row.itemId,
        state: progress.uncertain.has(row.itemId) ? ('sending' as const) : ('owed' as const),
        notBefore: null,
        countAttempt: false,
        error: null,
      })),
    ),
  );
}
