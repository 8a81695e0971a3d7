/**
 * Putting outcomes on record: links, bases, ledger and outbox of one batch, in one transaction.
 */
import { depthOf } from '@lockstep/domain/backlog/depth.ts';
import type { FieldMap, FieldName, FieldValue, Item } from '@lockstep/domain/backlog/item.ts';
import { mergeObserved } from '@lockstep/domain/backlog/merge.ts';
import { basesAfterWrite, owedFields } from '@lockstep/domain/backlog/owed.ts';
import { sameValue } from '@lockstep/domain/backlog/value.ts';
import type { RemoteRecord, WriteOutcome } from '@lockstep/domain/sync/connector.port.ts';
import type { ConnectorError, ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { ConflictRow, LedgerRow, NewOutboxRow, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { conflictRow, NOT_WRITTEN, noticeRow } from './conflict-rows.ts';
import { readable, readableValues } from './readable.ts';
import { itemReferences, remoteReferences } from './references.ts';
import type { Run } from './run.ts';
import type { Write } from './writes.ts';

/** A batch that was sent, with one outcome per write. */
export interface Sent {
  readonly outcomes: readonly { readonly write: Write; readonly outcome: WriteOutcome }[];
}

export interface RecordedOutcomes {
  readonly written: number;
  readonly parked: number;
  /** Items that are out of our hands: settled, parked or put back. */
  readonly closed: readonly string[];
  /** Items of which we know that nothing was written. */
  readonly certain: readonly string[];
  readonly owing: readonly string[];
}

type Success = Extract<WriteOutcome, { ok: true }>;

/** What becomes of a write that failed. `again`: back to the outbox; counted, but for a conflict, which only says that someone is editing. `wait`: back, not counted. `doubt`: stays `sending`. `park`: a person is asked. */
const AFTER_FAILURE: Readonly<Record<ConnectorErrorCode, 'again' | 'wait' | 'doubt' | 'park'>> = {
  Throttled: 'wait',
  Transient: 'wait',
  AuthExpired: 'wait',
  AuthRevoked: 'wait',
  QuotaExhausted: 'wait',
  Conflict: 'again',
  CursorInvalid: 'again',
  NotFound: 'again',
  Forbidden: 'park',
  Invalid: 'park',
  OutcomeUnknown: 'doubt',
};

export async function recordOutcomes(tx: StoreTransaction, run: Run, sent: Sent): Promise<RecordedOutcomes> {
  const successes = sent.outcomes.flatMap(({ write, outcome }) => (outcome.ok ? [{ write, outcome }] : []));
  const failures = sent.outcomes.flatMap(({ write, outcome }) => (outcome.ok ? [] : [{ write, error: outcome.error }]));
  const owing = successes.length === 0 ? [] : await recordSuccesses(tx, run, successes);
  const failed = await recordFailures(tx, run, failures);
  return {
    written: successes.length,
    parked: failed.parked,
    closed: [...successes.map(({ write }) => write.item.itemId), ...failed.closed],
    certain: failed.certain,
    owing,
  };
}

async function recordSuccesses(
  tx: StoreTransaction,
  run: Run,
  successes: readonly { write: Write; outcome: Success }[],
): Promise<readonly string[]> {
  const { connectionId } = run.connection;
  const records = successes.flatMap(({ outcome }) => (outcome.record === null ? [] : [readable(outcome.record)]));
  const created = new Map(
    successes.flatMap(({ write, outcome }) => (outcome.record === null ? [] : [[outcome.record.remoteId, write.item.itemId]])),
  );
  const translated = await remoteReferences({ reader: tx, connectionId, records, assigned: created, keepUnknown: true });
  const items = new Map((await tx.lockItems(successes.map(({ write }) => write.item.itemId))).map((item) => [item.itemId, item]));
  const rows: Rows = { links: [], items: [], conflicts: [], ledger: [], outbox: [] };
  for (const { write, outcome } of successes) {
    const readBack = outcome.record === null ? {} : translated.translate(readable(outcome.record)).fields;
    recordSuccess(run, write, outcome, items.get(write.item.itemId) ?? write.item, readBack, rows);
  }
  await tx.saveLinks(rows.links, run.now);
  if (rows.items.length > 0) await tx.saveItems(rows.items, run.now);
  if (rows.conflicts.length > 0) await tx.raiseConflicts(rows.conflicts);
  await tx.appendLedger(rows.ledger);
  await tx.settleWrites(successes.map(({ write }) => write.row));
  for (const item of rows.items) {
    for (const connection of run.workspace.connections) {
      if (connection.connector.mappedFields(item.kind).length > 0)
        rows.outbox.push({
          connectionId: connection.connectionId,
          itemId: item.itemId,
          operation: 'write',
          depth: depthOf(item.kind),
          lane: 'live',
        });
    }
  }
  const newlyLinked = successes.filter(({ write }) => write.operation === 'create').map(({ write }) => write.item.itemId);
  rows.outbox.push(...(await dependents(tx, run, newlyLinked)));
  if (rows.outbox.length > 0) await tx.oweWrites(rows.outbox, run.now);
  await tx.touchPushed(
    connectionId,
    rows.links.map((link) => link.itemId),
    run.now,
  );
  return [...new Set(rows.outbox.map((owed) => owed.connectionId))];
}

interface Rows {
  readonly links: Link[];
  readonly items: Item[];
  readonly conflicts: ConflictRow[];
  readonly ledger: LedgerRow[];
  readonly outbox: NewOutboxRow[];
}

function recordSuccess(run: Run, write: Write, outcome: Success, stored: Item, readBack: FieldMap, rows: Rows): void {
  const { connectionId, connector } = run.connection;
  const { item } = write;
  rows.ledger.push(ledgerOf(run, write, outcome.record));
  for (const notice of outcome.refused) {
    rows.conflicts.push(
      noticeRow(run, {
        kind: 'notice',
        itemId: item.itemId,
        field: notice.field,
        remoteId: outcome.record?.remoteId ?? null,
        message: notice.message,
        recorded: notice.cause === 'clipped',
      }),
    );
  }
  if (write.operation === 'remove') {
    if (write.link !== null)
      rows.links.push({ ...write.link, state: 'removed', revision: outcome.record?.revision ?? write.link.revision });
    return;
  }
  const record = outcome.record;
  if (record === null) return;
  const mapped = connector.mappedFields(item.kind);
  const before: Link = write.link ?? emptyLink(connectionId, item.itemId, record);
  let current = stored;
  const overwritten = readableValues(outcome.overwritten);
  if (overwritten.length > 0) {
    // An edit that our write replaced after we had compared: the same merge as if it had been seen in time.
    const observed = Object.fromEntries(overwritten.map(({ field, value }) => [field, value])) as {
      readonly [F in FieldName]?: FieldValue;
    };
    const merged = mergeObserved({ item: stored, link: before, observed, mapped, policy: run.workspace.policy });
    current = merged.item;
    if (merged.changed.length > 0) {
      rows.items.push(current);
      rows.ledger.push(foundRow(run, stored, current, record.remoteId));
    }
    for (const conflict of merged.conflicts)
      rows.conflicts.push({ ...conflictRow(run, item.itemId, record.remoteId, conflict), kind: 'overwritten' });
  }
  const bases = basesAfterWrite({ bases: before.bases, mapped, sent: write.fields, canonical: item.fields, readBack });
  // A person's edit of a field that we did not write may be in what was read back: the next pull must not pass the record over.
  const isAsKnown = mapped.every(({ field }) => {
    const [seen, base] = [readBack[field], before.bases[field]];
    return field in write.fields || seen === undefined || base === undefined || sameValue(seen, base.remote);
  });
  rows.links.push({
    ...before,
    remoteId: record.remoteId,
    remoteKey: record.remoteKey,
    url: record.url,
    state: 'linked',
    bases,
    revision: isAsKnown ? record.revision : null,
    missedScans: 0,
  });
}

function emptyLink(connectionId: string, itemId: string, record: RemoteRecord): Link {
  return {
    itemId,
    connectionId,
    remoteId: record.remoteId,
    remoteKey: record.remoteKey,
    url: record.url,
    state: 'linked',
    bases: {},
    revision: null,
    missedScans: 0,
  };
}

function ledgerOf(run: Run, write: Write, record: RemoteRecord | null): LedgerRow {
  const before: Partial<Record<FieldName, FieldValue>> = {};
  for (const field of Object.keys(write.fields) as FieldName[]) {
    const base = write.link?.bases[field];
    if (base !== undefined) before[field] = base.remote;
  }
  const operation = write.operation === 'create' ? 'create' : write.operation === 'remove' ? 'remove' : 'update';
  const source = Object.keys(write.fields).map((field) => write.item.stamps[field as FieldName]?.source ?? 'lockstep')[0];
  return {
    at: run.now,
    runId: run.runId,
    target: run.connection.connectionId,
    operation,
    itemId: write.item.itemId,
    actor: operation === 'remove' ? (write.item.deletedBy ?? 'lockstep') : (source ?? 'lockstep'),
    cause: operation === 'create' ? 'has no record here yet' : operation === 'remove' ? 'deleted elsewhere' : 'changed elsewhere',
    before,
    after: write.fields,
    remoteId: record?.remoteId ?? write.link?.remoteId ?? null,
  };
}

/** The backlog's change by an edit that was found after we had written over it. */
function foundRow(run: Run, before: Item, after: Item, remoteId: string): LedgerRow {
  const { connectionId } = run.connection;
  const changed = (Object.keys(after.fields) as FieldName[]).filter((field) => !sameValue(after.fields[field], before.fields[field]));
  const pick = ({ fields }: Item): FieldMap => Object.fromEntries(changed.map((field) => [field, fields[field] ?? null]));
  return {
    ...{ at: run.now, runId: run.runId, target: 'canonical', operation: 'update', itemId: after.itemId, actor: connectionId },
    ...{ cause: 'found after our write', before: pick(before), after: pick(after), remoteId },
  };
}

/** Items here that point at records which exist since this batch: they can show the reference now. */
async function dependents(tx: StoreTransaction, run: Run, newlyLinked: readonly string[]): Promise<readonly NewOutboxRow[]> {
  if (newlyLinked.length === 0) return [];
  const { connectionId, connector } = run.connection;
  const pointing = await tx.itemsReferencing(newlyLinked);
  if (pointing.length === 0) return [];
  const links = new Map(
    (
      await tx.linksByItem(
        pointing.map((item) => item.itemId),
        connectionId,
      )
    ).map((link) => [link.itemId, link]),
  );
  const targets = [
    ...new Set(pointing.flatMap((item) => [item.fields.parent, ...(Array.isArray(item.fields.dependsOn) ? item.fields.dependsOn : [])])),
  ].filter((id): id is string => typeof id === 'string');
  const references = itemReferences(connectionId, await tx.linksByItem(targets, connectionId), await tx.items(targets), (kind) =>
    connector.mappedFields(kind),
  );
  return pointing.flatMap((item) => {
    const link = links.get(item.itemId);
    if (link === undefined || link.state !== 'linked') return [];
    const owed = owedFields(item, link, connector.mappedFields(item.kind), references.projection(item.kind));
    return Object.keys(owed).length === 0
      ? []
      : [{ connectionId, itemId: item.itemId, operation: 'write' as const, depth: depthOf(item.kind), lane: 'routine' as const }];
  });
}

async function recordFailures(
  tx: StoreTransaction,
  run: Run,
  failures: readonly { readonly write: Write; readonly error: ConnectorError }[],
): Promise<{ readonly parked: number; readonly closed: readonly string[]; readonly certain: readonly string[] }> {
  const parked: Write[] = [];
  const closed: string[] = [];
  const certain: string[] = [];
  const conflicts: ConflictRow[] = [];
  const returned: Parameters<StoreTransaction['returnWrites']>[0][number][] = [];
  for (const { write, error } of failures) {
    const verdict = AFTER_FAILURE[error.code];
    if (verdict === 'doubt') continue;
    certain.push(write.item.itemId);
    if (verdict === 'wait') continue;
    const counted = error.code !== 'Conflict';
    const park = verdict === 'park' || (counted && write.row.attempts + 1 >= run.workspace.limits.mostAttempts);
    closed.push(write.item.itemId);
    returned.push({
      connectionId: write.row.connectionId,
      itemId: write.item.itemId,
      state: park ? 'parked' : 'owed',
      notBefore: null,
      countAttempt: counted,
      error: { code: error.code, message: error.message },
    });
    if (!park) continue;
    parked.push(write);
    conflicts.push(
      noticeRow(run, {
        kind: 'notice',
        itemId: write.item.itemId,
        remoteId: write.link?.remoteId ?? null,
        message: `${NOT_WRITTEN}${error.message}`,
      }),
    );
  }
  if (returned.length > 0) await tx.returnWrites(returned);
  if (conflicts.length > 0) await tx.raiseConflicts(conflicts);
  return { parked: parked.length, closed, certain };
}
