/** Appends to the audit log on a real PostgreSQL: places without gaps, with the caller's transaction or not at all, and nothing is changed afterwards. */
import type { AuditRow, StoredCheckpoint } from '@lockstep/domain/audit/audit.port.ts';
import { anEntry } from '@lockstep/domain/audit/entry.fixture.ts';
import { InvalidEntry } from '@lockstep/domain/audit/entry.schema.ts';
import { hexOf, leafHashOf } from '@lockstep/domain/audit/merkle.ts';
import type { AuditEntry } from '@lockstep/domain/audit/entry.ts';
import type { AuditLog } from '@lockstep/domain/audit/audit.port.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pseudonymKey } from './audit-keys.ts';
import { createAuditLog } from './audit.ts';
import { createChangeSetStore } from './change-set-store.ts';
import { NOW, recordStatements, useTestStore } from './testing.ts';

const database = useTestStore();

const logOf = (workspaceId: string): AuditLog => createAuditLog({ pool: database.pool, workspaceId });
const storeOf = (workspaceId: string) => createChangeSetStore({ pool: database.pool, workspaceId });
const all = (log: AuditLog): Promise<readonly AuditRow[]> => log.page({ from: 0, limit: 100_000 });
const read = ({ canonical }: AuditRow): AuditEntry => JSON.parse(canonical) as AuditEntry;
const many = (count: number, mark: string) => Array.from({ length: count }, (_, place) => anEntry(place, { correlationId: mark }));

test('an entry is stored as its canonical text with its place, its workspace and its leaf hash', async () => {
  const workspaceId = database.workspaceId();
  const log = logOf(workspaceId);
  expect(await log.append([anEntry(0), anEntry(1)])).toEqual({ from: 0, size: 2 });
  expect(await log.append([anEntry(2)])).toEqual({ from: 2, size: 3 });
  expect(await log.append([])).toEqual({ from: 3, size: 3 });
  const rows = await all(log);
  expect(rows.map(read)).toEqual([0, 1, 2].map((seq) => ({ ...anEntry(seq), version: 1, workspaceId, seq })));
  for (const { canonical, leafHash } of rows) {
    expect(canonical.startsWith('{"action":"assign-owner","actor":"outbound-ava-001",')).toBe(true);
    expect(hexOf(leafHash)).toBe(hexOf(leafHashOf(Buffer.from(canonical))));
  }
  expect(await log.size()).toBe(3);
  expect(await log.page({ from: 1, limit: 1 })).toEqual(rows.slice(1, 2));
  expect((await log.leafHashes({ from: 1, to: 3 })).map(hexOf)).toEqual(rows.slice(1).map(({ leafHash }) => hexOf(leafHash)));
});

test('two statements for any number of entries', async () => {
  const recorded = recordStatements(database.pool);
  const log = createAuditLog({ pool: recorded.pool, workspaceId: database.workspaceId() });
  await log.append(many(1, 'one'));
  await log.append(many(2_000, 'many'));
  expect(recorded.statements).toHaveLength(4);
});

test('appends of many transactions at once, some of which fail, leave places without gaps and each batch in one piece', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ count: fc.integer({ min: 0, max: 40 }), fails: fc.boolean() }), { minLength: 2, maxLength: 12 }),
      async (batches) => {
        const workspaceId = database.workspaceId();
        const store = storeOf(workspaceId);
        const appended = batches.map(({ count, fails }, batch) =>
          store.transaction(async (tx) => {
            await tx.appendAudit(many(count, `batch-${batch}`));
            if (fails) throw new Error('the caller has changed its mind');
          }),
        );
        const ended = await Promise.allSettled(appended);
        expect(ended.map(({ status }) => status === 'rejected')).toEqual(batches.map(({ fails }) => fails));
        const rows = (await all(logOf(workspaceId))).map(read);
        expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, place) => place));
        const found = [...Map.groupBy(rows, ({ correlationId }) => correlationId)];
        const wanted = batches.flatMap(({ count, fails }, batch) => (fails || count === 0 ? [] : [[`batch-${batch}`, count] as const]));
        expect(new Map(found.map(([mark, of]) => [mark, of.length]))).toEqual(new Map(wanted));
        for (const [, of] of found) expect(of.map(({ stepId }) => stepId)).toEqual(of.map((_, place) => anEntry(place).stepId));
        for (const [, of] of found) expect((of.at(-1)?.seq ?? 0) - (of[0]?.seq ?? 0)).toBe(of.length - 1);
      },
    ),
    { numRuns: 15 },
  );
});

describe('case 75 an append that fails means that the effect is not on record, and so is not sent', () => {
  /** What a use case does: intends on record, appends, and sends only what has been committed. */
  async function intend(
    workspaceId: string,
    spoil: (tx: Parameters<Parameters<ReturnType<typeof storeOf>['transaction']>[0]>[0]) => Promise<unknown>,
  ) {
    const sent: string[] = [];
    const store = storeOf(workspaceId);
    const intended = store
      .transaction(async (tx) => {
        await tx.acquireLeases('set', [{ connectionId: 'hubspot', object: 'contacts', recordId: '101' }], NOW);
        await spoil(tx);
      })
      .then(() => sent.push('the effect'));
    const failure = await intended.then(
      () => null,
      (error: unknown) => error,
    );
    const holders = await store.snapshot((tx) => tx.leaseHolders());
    return { failure, sent, onRecord: holders.length };
  }
  const invalid = [anEntry(0), anEntry(1, { actor: 'kim.lee@acme.example' })];

  test('an append that succeeds lets it be sent', async () => {
    const workspaceId = database.workspaceId();
    expect(await intend(workspaceId, (tx) => tx.appendAudit(many(3, 'good')))).toEqual({
      failure: null,
      sent: ['the effect'],
      onRecord: 1,
    });
  });

  test('an entry that the log does not take', async () => {
    const workspaceId = database.workspaceId();
    const ended = await intend(workspaceId, (tx) => tx.appendAudit(invalid));
    expect(ended).toEqual({ failure: expect.any(InvalidEntry) as unknown, sent: [], onRecord: 0 });
    expect(await logOf(workspaceId).append([anEntry(0)])).toEqual({ from: 0, size: 1 });
  });

  test('a caller that swallows the refusal', async () => {
    const workspaceId = database.workspaceId();
    const ended = await intend(workspaceId, (tx) => tx.appendAudit(invalid).catch(() => 'never mind'));
    expect(ended).toEqual({ failure: expect.any(InvalidEntry) as unknown, sent: [], onRecord: 0 });
    expect(await logOf(workspaceId).size()).toBe(0);
  });

  test('a database that takes no entry, also when the caller swallows it', async () => {
    const workspaceId = database.workspaceId();
    await database.pool.query(
      `alter table lockstep.audit_entries add constraint audit_store_down check (workspace_id <> '${workspaceId}')`,
    );
    const thrown = await intend(workspaceId, (tx) => tx.appendAudit(many(2, 'down')));
    const swallowed = await intend(workspaceId, (tx) => tx.appendAudit(many(2, 'down')).catch(() => 'never mind'));
    await database.pool.query('alter table lockstep.audit_entries drop constraint audit_store_down');
    for (const ended of [thrown, swallowed])
      expect(ended).toEqual({ failure: expect.objectContaining({ constraint: 'audit_store_down' }) as unknown, sent: [], onRecord: 0 });
    expect(await logOf(workspaceId).append(many(2, 'up-again'))).toEqual({ from: 0, size: 2 });
  });

  test('a session that breaks after the append', async () => {
    const workspaceId = database.workspaceId();
    const ended = await intend(workspaceId, async (tx) => {
      await tx.appendAudit(many(2, 'lost'));
      await database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and state = 'idle in transaction' and query like '%audit_entries%'`,
      );
    });
    expect(ended).toEqual({ failure: expect.any(Error) as unknown, sent: [], onRecord: 0 });
    expect(await logOf(workspaceId).size()).toBe(0);
  });
});

test('nobody changes or takes away an entry or a checkpoint, not even one that is not there', async () => {
  const log = logOf(database.workspaceId());
  await log.append([anEntry(0)]);
  for (const statement of [
    `update lockstep.audit_entries set canonical = '{}'`,
    'delete from lockstep.audit_entries where seq = 0',
    'delete from lockstep.audit_entries where false',
    'truncate lockstep.audit_entries',
    `update lockstep.audit_checkpoints set root = 'x'`,
    'delete from lockstep.audit_checkpoints',
    'truncate lockstep.audit_checkpoints',
    'delete from lockstep.audit_heads',
    'truncate lockstep.audit_heads',
  ])
    await expect(database.pool.query(statement), statement).rejects.toThrow('what is in it is never changed or taken away');
});

test('workspaces have logs, checkpoints and keys of their own', async () => {
  const [one, two] = [database.workspaceId(), database.workspaceId()];
  await logOf(one).append(many(3, 'one'));
  expect(await logOf(two).append(many(1, 'two'))).toEqual({ from: 0, size: 1 });
  const checkpoint: StoredCheckpoint = {
    workspaceId: one,
    size: 3,
    root: 'a'.repeat(64),
    at: '2026-11-24T09:00:00.123Z',
    keyId: 'k1',
    signature: 'c2ln',
    edge: ['b'.repeat(64), 'c'.repeat(64)],
  };
  await logOf(one).saveCheckpoint(checkpoint);
  await logOf(one).saveCheckpoint({ ...checkpoint, root: 'f'.repeat(64) });
  expect(await logOf(one).latestCheckpoint()).toEqual(checkpoint);
  const { edge: _, ...signed } = checkpoint;
  expect(await logOf(one).checkpoints({ after: 2, limit: 10 })).toEqual([signed]);
  expect(await logOf(one).checkpoints({ after: 3, limit: 10 })).toEqual([]);
  expect(await logOf(two).latestCheckpoint()).toBeNull();

  const sealing = {
    seal: (plain: string) => Buffer.from(plain).toReversed(),
    open: (sealed: Uint8Array) => Buffer.from(sealed.toReversed()).toString(),
  };
  const keyOf = (workspaceId: string, byte: number) =>
    pseudonymKey({ pool: database.pool, workspaceId, sealing, fresh: new Uint8Array(32).fill(byte) });
  expect(Uint8Array.from(await keyOf(one, 1))).toEqual(new Uint8Array(32).fill(1));
  expect(Uint8Array.from(await keyOf(one, 2))).toEqual(new Uint8Array(32).fill(1));
  expect(Uint8Array.from(await keyOf(two, 2))).toEqual(new Uint8Array(32).fill(2));
});
