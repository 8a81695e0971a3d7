/**
 * One deployment at a time works on a workspace (K03). The lease is the workspace's, its holder the deployment: a worker that is started again under
 * the same name takes it over at once, and the former one, if it still runs, is fenced out by the token.
 *
 * Time is the database's, so that hosts whose clocks differ agree on who holds it. Between renewals the worker counts for itself, from before it asked: one
 * that was asleep for longer than the lease does nothing more, whether or not it can still reach the database.
 */
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import { createLeases } from '@lockstep/store/leases.ts';
import type { Pool } from 'pg';
import type { Logger } from 'pino';

const NAME = 'worker';
/** How long a deployment is waited for that has died without a word. */
const LEASE_MS = 30_000;
const RENEWALS_PER_LEASE = 3;

/** Another deployment works on this workspace. The message says who, since when, until when, and what to do. */
export class WorkspaceTaken extends Error {
  override readonly name = 'WorkspaceTaken';
}

export interface WorkspaceLease {
  /** False from the moment on when another may have taken it: nothing may be sent any more. */
  isHeld(): boolean;
  /** Resolves with the reason when it is lost; never after `release`. */
  readonly lost: Promise<string>;
  /** Gives it up, so that the next start need not wait. */
  release(): Promise<void>;
}

export interface LeaseParts {
  readonly pool: Pool;
  readonly workspaceId: string;
  readonly deployment: string;
  readonly log: Logger;
  readonly ttlMs?: number;
}

/** Takes the workspace's lease and keeps it. Throws `WorkspaceTaken`. */
export async function holdWorkspace(parts: LeaseParts): Promise<WorkspaceLease> {
  const { pool, workspaceId, deployment, log, ttlMs = LEASE_MS } = parts;
  const leases = createLeases({ pool, workspaceId });
  let heldUntilMs = performance.now() + ttlMs;
  const token = await leases.acquire(NAME, deployment, ttlMs, await databaseTime(pool));
  if (token === null) throw await taken(parts);
  log.info({ deployment, token }, 'the workspace is ours');
  const { promise: lost, resolve: lose } = Promise.withResolvers<string>();
  const isHeld = (): boolean => performance.now() < heldUntilMs;
  const giveUp = (reason: string): void => {
    clearInterval(timer);
    heldUntilMs = 0;
    lose(reason);
  };
  const renew = async (): Promise<void> => {
    const askedMs = performance.now();
    try {
      if (await leases.renew(NAME, deployment, token, ttlMs, await databaseTime(pool)))
        heldUntilMs = Math.max(heldUntilMs, askedMs + ttlMs);
      else giveUp((await taken(parts)).message);
    } catch (error) {
      log.warn({ err: error }, 'the lease was not renewed');
      if (!isHeld()) giveUp(`workspace ${workspaceId}: expected the database to renew our lease within ${ttlMs / 1_000} s, it did not`);
    }
  };
  const timer = setInterval(() => void renew(), ttlMs / RENEWALS_PER_LEASE);
  return {
    isHeld,
    lost,
    async release() {
      clearInterval(timer);
      heldUntilMs = 0;
      await leases.release(NAME, deployment, token);
    },
  };
}

/** Throws `WorkspaceTaken` once the lease is lost. */
export function assertHeld(lease: WorkspaceLease): void {
  if (!lease.isHeld()) throw new WorkspaceTaken('transaction: expected the lease of the workspace to be ours, it is not any more');
}

/** A store that commits nothing once the lease is lost: what is claimed, sent and put on record is the holder's alone. */
export function fenced(store: Store, lease: WorkspaceLease): Store {
  return {
    snapshot: (work) => store.snapshot(work),
    exclusively: (name, work) => store.exclusively(name, work),
    passReads: store.passReads,
    async transaction(work) {
      assertHeld(lease);
      return store.transaction(work);
    },
  };
}

async function taken({ pool, workspaceId, deployment }: LeaseParts): Promise<WorkspaceTaken> {
  const found = await createLeases({ pool, workspaceId }).holder(NAME);
  const by = found === null ? 'another one' : `${found.holder} since ${found.since} (until ${found.expiresAt}, and longer while it runs)`;
  return new WorkspaceTaken(
    `workspace ${workspaceId}: expected no other deployment than ${deployment} at work, got ${by}. ` +
      'Stop that one, or give this one a workspace of its own in its configuration; one that has died is waited for until its lease has run out',
  );
}

async function databaseTime(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ now: string }>('select now() as now');
  const now = rows[0]?.now;
  if (now === undefined) throw new Error('database: expected its time, got nothing');
  return now;
}
