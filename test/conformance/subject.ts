/** What a connector brings to the conformance suite, and the small steps that its tests are made of. */
import type { FieldMap, FieldName, FieldValue, ItemKind } from '@lockstep/domain/backlog/item.ts';
import type { Connector, Delivery, PullRequest, RemoteRecord, WriteOutcome } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { faultSchema } from '@lockstep/simulator/kernel/faults.ts';
import type { Fault } from '@lockstep/simulator/kernel/faults.ts';
import type { ServedVendor } from '@lockstep/simulator/kernel/testing.ts';

export interface Connecting {
  /** Entries that replace those of the shipped mapping. */
  readonly mapping?: Partial<Mapping>;
  readonly token?: 'ours' | 'wrong';
  readonly webhookSecret?: string;
  readonly requestTimeoutMs?: number;
}

/** A fresh account at the vendor, with the shipped mapping. It closes itself when the test ends. */
export interface Account {
  readonly served: ServedVendor;
  readonly mapping: Mapping;
  /** A connector, as another process would make it. */
  readonly connect: (options?: Connecting) => Connector;
  /** Somebody who works in the tool, over plain HTTP. */
  readonly person: {
    /** Makes a record of kind task; returns its id. */
    create(title: string): Promise<string>;
    edit(remoteId: string, fields: { readonly title?: string; readonly owner?: string }): Promise<void>;
    /** As people delete in this tool. */
    remove(remoteId: string): Promise<void>;
  };
}

export interface Subject {
  /** "Jira". */
  readonly name: string;
  readonly tool: Fault['tool'];
  open(): Promise<Account>;
  /** The kind of a task's parent, or null where parents are named in words. */
  readonly parentKind: ItemKind | null;
  /** Whether the vendor's history shows an edit that landed between compare and write. */
  readonly seesOverwritten: boolean;
  /** The vendor refuses an update of a record that was edited after it was compared: then nothing is overwritten. */
  readonly refusesStale?: boolean;
  /** Whether what is deleted can still be read, for good: then what cannot be read is out of reach, not deleted. */
  readonly showsDeleted: boolean;
  /** What the calls look like on the wire, for faults. */
  readonly wire: { readonly create: Fault['match']; readonly update: Fault['match']; readonly read: Fault['match'] };
  readonly webhook?: {
    readonly secret: string;
    /** What the vendor sends, signed with the secret, when a person edits the record. */
    genuine(account: Account, remoteId: string): Promise<Delivery>;
    /** An event that the connector does not know, signed. */
    unknown(account: Account, remoteId: string): Promise<Delivery>;
    /** The delivery with the signature of another secret. */
    forged(delivery: Delivery): Delivery;
  };
}

/** Asks the simulator for a fault that meets one request. */
export function inject(account: Pick<Account, 'served'>, fault: Pick<Fault, 'tool' | 'match' | 'action'>): void {
  account.served.faults.add(faultSchema.parse(fault));
}

let count = 0;

/** An item id that was not given before. */
export function newMarker(): string {
  count += 1;
  return `01k0conformance${String(count).padStart(11, '0')}`;
}

/** The record that was written, or the failure of the test. */
export function writtenRecord(outcome: WriteOutcome | undefined): RemoteRecord {
  if (outcome?.ok !== true || outcome.record === null) throw new Error(`expected a written record, got ${JSON.stringify(outcome)}`);
  return outcome.record;
}

export async function create(connector: Connector, fields: FieldMap, kind: ItemKind = 'task'): Promise<RemoteRecord> {
  const [outcome] = await connector.pushes.create([{ marker: newMarker(), kind, fields }]);
  return writtenRecord(outcome);
}

/** An update of a record as it was compared; a success, or the failure of the test. */
export async function update(
  connector: Connector,
  before: RemoteRecord,
  fields: FieldMap,
): Promise<Extract<WriteOutcome, { ok: true }> & { readonly record: RemoteRecord }> {
  const outcome = await tryUpdate(connector, before, fields);
  if (outcome?.ok !== true) throw new Error(`expected a written record, got ${JSON.stringify(outcome)}`);
  return { ...outcome, record: writtenRecord(outcome) };
}

export async function tryUpdate(connector: Connector, before: RemoteRecord, fields: FieldMap): Promise<WriteOutcome | undefined> {
  const { remoteId, marker, kind } = before;
  const [outcome] = await connector.pushes.update([{ remoteId, marker: marker ?? 'none', kind: kind ?? 'task', fields, before }]);
  return outcome;
}

export async function fetched(connector: Connector, remoteId: string): Promise<RemoteRecord> {
  const [outcome] = await connector.pulls.fetch([remoteId]);
  if (outcome?.found !== true) throw new Error(`expected a record, got ${JSON.stringify(outcome)}`);
  return outcome.record;
}

export interface Pass {
  readonly records: readonly RemoteRecord[];
  readonly cursor: PullRequest['cursor'];
  readonly pages: number;
}

/** Everything that a pass shows, and where the next one begins. Each page is read by another process, with the cursor as the store keeps it. */
export async function pass(connect: () => Connector, mode: PullRequest['mode'], from: PullRequest['cursor'] = null): Promise<Pass> {
  const records: RemoteRecord[] = [];
  let cursor = from;
  for (let pages = 1; ; pages += 1) {
    const page = await connect().pulls.pull({ mode, cursor, recentlyWrittenIds: [] });
    records.push(...page.records);
    cursor = JSON.parse(JSON.stringify(page.nextCursor)) as PullRequest['cursor'];
    if (!page.more) return { records, cursor, pages };
  }
}

/** How a call failed, whether it was thrown or is the outcome of a write; null where it did not. */
export async function failureOf(work: () => Promise<unknown>): Promise<{ code: ConnectorErrorCode; retryAfterMs: number | null } | null> {
  try {
    const result = await work();
    for (const outcome of Array.isArray(result) ? (result as readonly unknown[]) : [result])
      if (typeof outcome === 'object' && outcome !== null && 'error' in outcome && outcome.error instanceof ConnectorError)
        return outcome.error;
    return null;
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
}

/** Two values of a field, both other than what a new record has; null where nothing can be written into it. */
export function sampleValues(
  field: FieldName,
  type: string,
  targets: { readonly first: FieldValue; readonly second: FieldValue },
): readonly FieldValue[] {
  switch (type) {
    case 'line':
      return [`${field} & <co>: "VP Sales + CGO"`, `${field}, another`];
    case 'text':
      return ['One *line*\n\n- a list\n- of two\n\tand <b>tags</b> & "quotes"', 'Another text'];
    case 'date':
      return ['2027-02-28', '2028-02-29'];
    case 'set':
      return [['alpha', 'beta'], ['beta']];
    case 'ref':
      return [targets.first, targets.second];
    case 'refSet':
      return [
        [targets.first, targets.second].flatMap((target) => target ?? []).toSorted(),
        [targets.second].flatMap((target) => target ?? []),
      ];
    default:
      return field === 'status' ? ['in_progress', 'done', 'blocked', 'cancelled', 'todo'] : ['high', 'low'];
  }
}
