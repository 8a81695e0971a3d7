/**
 * Driving again what waits for a person, once its cause is gone: a command on the store like resolve and resync (decision 0021). What is driven is owed or
 * marked in one transaction, with its audit entry before any effect; the connections' own workflows do the rest. Twice changes nothing.
 */
import { depthOf } from '@lockstep/domain/backlog/depth.ts';
import type { AuditOutcome, NewAuditEntry } from '@lockstep/domain/audit/entry.ts';
import { causeKey, drivenOf, HELD_BY_BREAKER, PARKED_KINDS, tallyCauses } from '@lockstep/domain/sync/parked.ts';
import type { LeftReason, ParkedCause, ParkedKind, ParkedThing } from '@lockstep/domain/sync/parked.ts';
import { REDRIVEN } from '@lockstep/domain/sync/redrive.port.ts';
import type { ParkedCursor } from '@lockstep/domain/sync/redrive.port.ts';
import type { Base } from '@lockstep/domain/sync/link.ts';
import type { Gate, StoreReader, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { COMMENT_NOT_MIRRORED, NOT_WRITTEN } from './conflict-rows.ts';
import { mayPull, mayPush } from './workspace.ts';
import type { Workspace } from './workspace.ts';

/** What is meant; several together narrow it. Nothing means everything. */
export interface ParkedSelection {
  readonly connectionId?: string;
  /** Of writes, fields and comments. */
  readonly itemId?: string;
  /** Of records that could not be taken in. */
  readonly remoteId?: string;
  /** As `listParked` gives it; of any connection. */
  readonly causeId?: string;
}

/** Who says so. */
export interface Redriver {
  readonly accountId: string;
  readonly actorKind: NewAuditEntry['actorKind'];
}

export interface Redriven {
  readonly redriveId: string;
  /** The instant by which `redriveStanding` knows this redrive. */
  readonly at: string;
  /** By connection and cause, with what is left alone. */
  readonly causes: readonly ParkedCause[];
  readonly driven: number;
  /** The first of what is driven; `driven` says how many there are. */
  readonly things: readonly ParkedThing[];
  /** Connections to wake. */
  readonly owing: readonly string[];
  /** Of these, those at which a person has to open something first. */
  readonly closed: readonly ClosedConnection[];
}

export interface ClosedConnection {
  readonly connectionId: string;
  readonly gate: Gate;
  /** Whether a breaker stops it (credentials). */
  readonly isBroken: boolean;
}

export interface RedriveStanding {
  readonly underWay: readonly { readonly connectionId: string; readonly count: number }[];
  /** What has been parked again, by its new cause. */
  readonly again: readonly ParkedCause[];
}

const PAGE = 1_000;
const MOST_THINGS = 1_000;
/** Digits of a cause's id: people type it. */
const ID_LENGTH = 10;
/** Reasons of an audit entry, of which the first is the count. */
const MOST_CAUSES = 31;

/** By connection and cause; read a page at a time, however much waits. */
export async function listParked(workspace: Workspace, selection: ParkedSelection): Promise<readonly ParkedCause[]> {
  return workspace.store.snapshot(async (reader) => {
    const tally = tallyCauses(causeIdOf(workspace));
    for await (const page of parkedPages(reader, workspace, selection))
      for (const thing of page) tally.add(thing, leftReason(workspace, thing));
    return tally.causes();
  });
}

/** What `redrive` would drive now. Reads only. */
export async function previewRedrive(workspace: Workspace, selection: ParkedSelection): Promise<Redriven> {
  return workspace.store.snapshot(async (reader) => (await collect(reader, workspace, selection, async () => undefined)).redriven);
}

/**
 * Owes writes and comments again, and marks records and fields to be read again. What a breaker holds, is under way or belongs to no connection of the
 * configuration is left alone and told. Nothing is appended to the audit log where nothing is driven.
 */
export async function redrive(workspace: Workspace, selection: ParkedSelection, by: Redriver): Promise<Redriven> {
  return workspace.store.transaction(async (tx) => {
    const { redriven, counts } = await collect(tx, workspace, selection, (things, at) => drive(tx, workspace, things, at));
    if (redriven.driven > 0) await tx.appendAudit(entriesOf(redriven, counts, by));
    return redriven;
  });
}

/** How far a redrive has come, by its instant. */
export async function redriveStanding(workspace: Workspace, at: string): Promise<RedriveStanding> {
  return workspace.store.snapshot(async (reader) => {
    const tally = tallyCauses(causeIdOf(workspace));
    for await (const page of parkedPages(reader, workspace, {}, at))
      for (const thing of page) tally.add(thing, leftReason(workspace, thing));
    return { underWay: await reader.redrivenUnderWay(at), again: tally.causes() };
  });
}

function causeIdOf({ hash }: Workspace): (thing: ParkedThing) => string {
  return (thing) => hash(causeKey(thing)).slice(0, ID_LENGTH);
}

/** Null for what is driven. */
function leftReason({ connections }: Workspace, thing: ParkedThing): LeftReason | null {
  if (thing.code === HELD_BY_BREAKER) return 'held';
  if (!connections.some(({ connectionId }) => connectionId === thing.connectionId)) return 'not-configured';
  return thing.isUnderWay ? 'under-way' : null;
}

type Counts = ReadonlyMap<string, number>;
const countKey = ({ connectionId, kind }: Pick<ParkedThing, 'connectionId' | 'kind'>): string => `${kind} ${connectionId}`;

async function collect(
  reader: StoreReader,
  workspace: Workspace,
  selection: ParkedSelection,
  work: (things: readonly ParkedThing[], at: string) => Promise<void>,
): Promise<{ readonly redriven: Redriven; readonly counts: Counts }> {
  const [at, tally, things, counts] = [workspace.now(), tallyCauses(causeIdOf(workspace)), [] as ParkedThing[], new Map<string, number>()];
  for await (const page of parkedPages(reader, workspace, selection)) {
    const driven = page.filter((thing) => {
      const left = leftReason(workspace, thing);
      tally.add(thing, left);
      return left === null;
    });
    for (const thing of driven) counts.set(countKey(thing), (counts.get(countKey(thing)) ?? 0) + 1);
    things.push(...driven.slice(0, MOST_THINGS - things.length));
    await work(driven, at);
  }
  const causes = tally.causes();
  const owing = [...new Set(causes.flatMap((cause) => (drivenOf(cause) > 0 ? [cause.connectionId] : [])))];
  const closed = (await reader.connections()).flatMap((row) =>
    owing.includes(row.connectionId) && !(mayPull(row) && mayPush(row))
      ? [{ connectionId: row.connectionId, gate: row.gate, isBroken: row.breaker?.cause === 'auth' }]
      : [],
  );
  const driven = causes.reduce((sum, cause) => sum + drivenOf(cause), 0);
  return { redriven: { redriveId: `redrive-${workspace.newId()}`, at, causes, driven, things, owing, closed }, counts };
}

async function* parkedPages(
  reader: StoreReader,
  workspace: Workspace,
  { causeId, ...where }: ParkedSelection,
  redrivenAt?: string,
): AsyncGenerator<readonly ParkedThing[]> {
  const idOf = causeIdOf(workspace);
  for (const kind of PARKED_KINDS) {
    if (!isMeant(kind, where)) continue;
    for (let after: ParkedCursor | null = null; ;) {
      const page: readonly ParkedThing[] = await reader.parkedPage({
        ...{ kind, ...where, after, limit: PAGE },
        ...(redrivenAt === undefined ? {} : { redrivenAt }),
      });
      yield causeId === undefined ? page : page.filter((thing) => idOf(thing) === causeId);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) break;
      after = { connectionId: last.connectionId, id: last.id };
    }
  }
}

/** Records have no item yet, and nothing else is named by its record. */
function isMeant(kind: ParkedKind, { itemId, remoteId }: ParkedSelection): boolean {
  return kind === 'record' ? itemId === undefined : remoteId === undefined;
}

async function drive(tx: StoreTransaction, workspace: Workspace, things: readonly ParkedThing[], at: string): Promise<void> {
  for (const [connectionId, here] of Map.groupBy(things, (thing) => thing.connectionId)) {
    // A page is of one kind.
    const kind = here[0]?.kind;
    const [ids, itemIds] = [here.map(({ id }) => id), here.flatMap(({ itemId }) => itemId ?? [])];
    if (kind === 'write') await driveWrites(tx, connectionId, itemIds, at);
    if (kind === 'field') await driveFields(tx, connectionId, here, at);
    if (kind === 'record') {
      await tx.redriveRecords(connectionId, ids, at);
      await tx.markDirty(connectionId, hintsOf(ids), at);
    }
    if (kind === 'comment') {
      await tx.redriveComments(connectionId, ids, at);
      await tx.closeNotices(connectionId, itemIds, COMMENT_NOT_MIRRORED, at);
    }
  }
}

/** Not in the lane of persons: the breaker on removed relations looks at them as at any other write (H05). */
async function driveWrites(tx: StoreTransaction, connectionId: string, itemIds: readonly string[], at: string): Promise<void> {
  const rows = await tx.outbox({ connectionId, itemIds, state: 'parked', limit: itemIds.length });
  await tx.oweWrites(
    rows.map(({ itemId, operation, depth }) => ({ connectionId, itemId, operation, depth, lane: 'live' })),
    at,
  );
  await tx.closeNotices(connectionId, itemIds, NOT_WRITTEN, at);
}

/**
 * A field that was left out counts as agreed, so that it is not tried for ever: what the tool shows takes the place of that, and the value is owed again. The
 * record is read before it is written, as the field may have been left out in reading.
 */
async function driveFields(tx: StoreTransaction, connectionId: string, things: readonly ParkedThing[], at: string): Promise<void> {
  const itemIds = [...new Set(things.flatMap(({ itemId }) => itemId ?? []))];
  const items = await tx.lockItems(itemIds);
  // One that is out of reach is looked for; what was deleted on both sides stays so.
  const links = (await tx.linksByItem(itemIds, connectionId)).filter(({ state }) => state !== 'removed');
  const fields = Map.groupBy(things, ({ itemId }) => itemId);
  await tx.saveLinks(
    links.map((link) => {
      const bases = { ...link.bases };
      for (const { field } of fields.get(link.itemId) ?? []) {
        const base: Base | undefined = field === null ? undefined : bases[field];
        if (field !== null && base !== undefined) bases[field] = { ...base, agreed: base.remote };
      }
      return { ...link, bases, revision: null };
    }),
    at,
  );
  await tx.markDirty(connectionId, hintsOf(links.map(({ remoteId }) => remoteId)), at);
  const living = new Set(links.map(({ itemId }) => itemId));
  await tx.oweWrites(
    items
      .filter(({ itemId, deletedAt }) => living.has(itemId) && deletedAt === null)
      .map(({ itemId, kind }) => ({ connectionId, itemId, operation: 'write', depth: depthOf(kind), lane: 'live' })),
    at,
  );
  await tx.resolveConflicts(
    things.map(({ id }) => id),
    REDRIVEN,
    at,
  );
}

const hintsOf = (remoteIds: readonly string[]) => remoteIds.map((remoteId) => ({ remoteId, deleted: false }));

/** One entry for each connection and kind: how many, and of which causes. */
function entriesOf({ redriveId, at, causes }: Redriven, counts: Counts, by: Redriver): readonly NewAuditEntry[] {
  const driven = Map.groupBy(
    causes.filter((cause) => drivenOf(cause) > 0),
    countKey,
  );
  const outcome: AuditOutcome = 'intended';
  return [...driven].flatMap(([key, here]): readonly NewAuditEntry[] => {
    const [first] = here;
    if (first === undefined) return [];
    const { connectionId, kind } = first;
    return [
      {
        ...{ at, actor: by.accountId, actorKind: by.actorKind, intent: 'redrive', action: `redrive-${kind}`, connectionId, outcome },
        ...{ subject: null, segment: null, changeSetId: null, stepId: null, policyVersion: null, confidence: null, approval: null },
        ...{ reviewer: null, beforeHash: null, afterHash: null, content: null, correlationId: redriveId },
        reasons: [`count-${counts.get(key) ?? 0}`, ...here.slice(0, MOST_CAUSES).map(({ causeId }) => `cause-${causeId}`)],
      },
    ];
  });
}
