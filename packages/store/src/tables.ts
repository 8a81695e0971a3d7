/** The tables of migrations/ as Kysely sees them, and what every query needs: where to run it, and for whom. */
import type { FieldName, FieldValue, ItemKind, Item } from '@lockstep/domain/backlog/item.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import type { Link, LinkState } from '@lockstep/domain/sync/link.ts';
import type {
  Breaker,
  CheckpointName,
  ConflictKind,
  ConflictRow,
  Gate,
  Lane,
  LedgerRow,
  OutboxOperation,
  OutboxRow,
} from '@lockstep/domain/sync/store.port.ts';
import type { Generated, Kysely } from 'kysely';

/** A database handle (the pool's, or one transaction's) and the workspace that every statement is confined to. */
export interface Scope {
  readonly db: Kysely<Database>;
  readonly workspaceId: string;
}

/** Instants are ISO strings by the parsers of pool.ts. */
type Instant = string;

export interface Database {
  'lockstep.workspaces': { workspace_id: string };
  'lockstep.connections': {
    workspace_id: string;
    connection_id: string;
    connector: string;
    rank: number;
    gate: Gate;
    gate_before_pause: Gate | null;
    mapping_hash: string;
    breaker: Breaker | null;
    last_pulled_at: Instant | null;
    last_pushed_at: Instant | null;
    last_full_scan_at: Instant | null;
  };
  'lockstep.items': {
    workspace_id: string;
    item_id: string;
    kind: ItemKind;
    fields: Item['fields'];
    stamps: Item['stamps'];
    deleted_at: Instant | null;
    deleted_by: string | null;
    created_at: Instant;
    updated_at: Instant;
    title_key: Generated<string | null>;
    parent_id: Generated<string | null>;
  };
  'lockstep.links': {
    workspace_id: string;
    connection_id: string;
    item_id: string;
    remote_id: string;
    remote_key: string | null;
    url: string | null;
    state: LinkState;
    bases: Link['bases'];
    revision: string | null;
    missed_scans: number;
    missed_by: string | null;
    pushed_at: Instant | null;
    updated_at: Instant;
  };
  'lockstep.outbox': {
    workspace_id: string;
    connection_id: string;
    item_id: string;
    operation: OutboxOperation;
    version: Generated<number>;
    depth: number;
    lane: Lane;
    state: OutboxRow['state'];
    attempts: number;
    not_before: Instant | null;
    error: OutboxRow['error'];
    owed_since: Instant;
  };
  'lockstep.conflicts': {
    workspace_id: string;
    conflict_id: string;
    kind: ConflictKind;
    state: ConflictRow['state'];
    item_id: string | null;
    field: FieldName | null;
    connection_id: string;
    remote_id: string | null;
    canonical_value: FieldValue;
    remote_value: FieldValue;
    base_value: FieldValue;
    message: string;
    raised_at: Instant;
    resolved_at: Instant | null;
    resolution: string | null;
  };
  'lockstep.ledger': {
    workspace_id: string;
    ledger_id: Generated<number>;
    at: Instant;
    run_id: string;
    target: string;
    operation: LedgerRow['operation'];
    item_id: string;
    actor: string;
    cause: string;
    before: LedgerRow['before'];
    after: LedgerRow['after'];
    remote_id: string | null;
  };
  'lockstep.checkpoints': { workspace_id: string; connection_id: string; name: CheckpointName; cursor: Json | null; version: number };
  'lockstep.dirty': {
    workspace_id: string;
    connection_id: string;
    remote_id: string;
    deleted: boolean;
    version: Generated<number>;
    marked_at: Instant;
  };
  'lockstep.parked': {
    workspace_id: string;
    connection_id: string;
    remote_id: string;
    cause: string;
    message: string;
    attempts: number;
    first_seen_at: Instant;
  };
}
