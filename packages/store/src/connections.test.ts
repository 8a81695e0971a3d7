import { StaleCheckpoint } from '@lockstep/domain/sync/store.port.ts';
import type { ConnectionRow } from '@lockstep/domain/sync/store.port.ts';
import { describe, expect, test } from 'vitest';
import { anItem, latch, NOW, run, useTestStore } from './testing.ts';
import { ensureWorkspace } from './workspace.ts';

const database = useTestStore();

function connection(connectionId: string, rest: Partial<ConnectionRow> = {}): ConnectionRow {
  return {
    connectionId,
    connector: 'jira',
    rank: 0,
    gate: 'plan-first',
    gateBeforePause: null,
    mappingHash: 'hash',
    breaker: null,
    lastPulledAt: null,
    lastPushedAt: null,
    lastFullScanAt: null,
    ...rest,
  };
}

describe('connections', () => {
  test('are saved whole and listed by rank', async () => {
    const store = database.store();
    const breaker = { cause: 'mass-delete' as const, message: '40 deletes', count: 40, since: NOW };
    const jira = connection('jira', {
      rank: 1,
      gate: 'paused',
      gateBeforePause: 'open',
      breaker,
      lastPulledAt: NOW,
      lastPushedAt: NOW,
      lastFullScanAt: NOW,
    });
    await run(store, (tx) => tx.saveConnection(connection('jira')));
    await run(store, (tx) => tx.saveConnection(jira));
    await run(store, (tx) => tx.saveConnection(connection('document', { connector: 'document' })));
    expect(await store.snapshot((tx) => tx.connections())).toEqual([connection('document', { connector: 'document' }), jira]);
    expect(await store.snapshot((tx) => tx.connection('jira'))).toEqual(jira);
    expect(await store.snapshot((tx) => tx.connection('notion'))).toBeNull();
    await run(store, (tx) => tx.saveConnection({ ...jira, breaker: null }));
    expect(await store.snapshot((tx) => tx.connection('jira'))).toMatchObject({ breaker: null });
  });

  test('what two transactions read and save one after the other holds the changes of both', async () => {
    const store = database.store();
    await run(store, (tx) => tx.saveConnection(connection('jira', { gate: 'open' })));
    const [hasRead, mayGoOn] = [latch(), latch()];
    const page = run(store, async (tx) => {
      const row = await tx.connection('jira');
      hasRead.open();
      await mayGoOn.opened;
      if (row !== null) await tx.saveConnection({ ...row, lastPulledAt: NOW });
    });
    await hasRead.opened;
    const pause = run(store, async (tx) => {
      for (const row of await tx.connections()) await tx.saveConnection({ ...row, gate: 'paused', gateBeforePause: row.gate });
    });
    await database.blocked(1);
    mayGoOn.open();
    await Promise.all([page, pause]);
    expect(await store.snapshot((tx) => tx.connection('jira'))).toMatchObject({ gate: 'paused', lastPulledAt: NOW });
  });

  test('a workspace is put on record once, whoever comes first', async () => {
    const workspaceId = database.workspaceId();
    await Promise.all([ensureWorkspace(database.pool, workspaceId), ensureWorkspace(database.pool, workspaceId)]);
    const { rowCount } = await database.pool.query('select from lockstep.workspaces where workspace_id = $1', [workspaceId]);
    expect(rowCount).toBe(1);
  });
});

describe('checkpoints', () => {
  test('begin at version 0 and hold any JSON', async () => {
    const store = database.store();
    const read = () => store.snapshot((tx) => tx.checkpoint('jira', 'changes'));
    expect(await read()).toEqual({ cursor: null, version: 0 });
    const cursors = [{ since: NOW, seen: ['a', null], page: 2 }, 'token', 0, false, null];
    for (const [version, cursor] of cursors.entries()) {
      await run(store, (tx) => tx.saveCheckpoint('jira', 'changes', cursor, version));
      expect(await read()).toEqual({ cursor, version: version + 1 });
    }
    expect(await store.snapshot((tx) => tx.checkpoint('jira', 'full'))).toEqual({ cursor: null, version: 0 });
  });

  test('S7 a stale checkpoint is refused and takes its whole page with it', async () => {
    const store = database.store();
    await run(store, (tx) => tx.saveCheckpoint('jira', 'changes', 'one', 0));
    for (const expected of [0, 2, 7]) {
      const page = run(store, async (tx) => {
        await tx.saveItems([anItem('a')], NOW);
        await tx.saveCheckpoint('jira', 'changes', 'two', expected);
      });
      await expect(page).rejects.toThrow(StaleCheckpoint);
    }
    await expect(run(store, (tx) => tx.saveCheckpoint('jira', 'full', 'two', 3))).rejects.toThrow(StaleCheckpoint);
    expect(await store.snapshot((tx) => tx.items(['a']))).toEqual([]);
    expect(await store.snapshot((tx) => tx.checkpoint('jira', 'changes'))).toEqual({ cursor: 'one', version: 1 });
  });

  test.each([0, 1])('S7 of two runs that move a checkpoint from version %i at the same time, one is stale', async (version) => {
    const store = database.store();
    if (version > 0) await run(store, (tx) => tx.saveCheckpoint('jira', 'changes', 'begin', 0));
    const [saved, release] = [latch(), latch()];
    const first = run(store, async (tx) => {
      await tx.saveCheckpoint('jira', 'changes', 'first', version);
      saved.open();
      await release.opened;
    });
    await saved.opened;
    const second = run(store, (tx) => tx.saveCheckpoint('jira', 'changes', 'second', version));
    const outcome = second.catch((error: unknown) => error);
    await database.blocked(1);
    release.open();
    await first;
    expect(await outcome).toBeInstanceOf(StaleCheckpoint);
    expect(await store.snapshot((tx) => tx.checkpoint('jira', 'changes'))).toEqual({ cursor: 'first', version: version + 1 });
  });
});
