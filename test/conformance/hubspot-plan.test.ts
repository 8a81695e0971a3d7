/** The example plan and HubSpot, kept in step by the engine: the file on disk, the simulator over HTTP, a real PostgreSQL. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDocumentConnector } from '@lockstep/connectors/document/connector.ts';
import { mergePolicy } from '@lockstep/domain/backlog/ownership.ts';
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Run } from '@lockstep/engine/run.ts';
import { connectionOf, DEFAULT_LIMITS } from '@lockstep/engine/workspace.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { expect, onTestFinished, test } from 'vitest';
import { wholePass } from '../engine/whole-pass.ts';
import { hubspotAccount, pass } from './hubspot-account.ts';
import type { HubSpotAccount } from './hubspot-account.ts';

const database = useTestStore();
const EXAMPLE = new URL('../../examples/growth-plan/tasks.md', import.meta.url);
/** Longer than HubSpot's index lags. */
const INDEXED_MS = 2_000;

interface Stage {
  readonly account: HubSpotAccount;
  readonly lines: () => readonly string[];
  /** An edit of the file by hand. */
  readonly replace: (words: string, by: string) => void;
  readonly workspace: Workspace;
  /** Writes at HubSpot by us, as its request log counts them. */
  readonly writes: () => number;
  /** Passes over both connections until a round writes nothing. */
  readonly rest: (options?: { readonly full: boolean }) => Promise<void>;
  /** Live tasks of the plan. */
  readonly tasks: () => Promise<readonly RemoteRecord[]>;
}

async function stage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-hubspot-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tasks.md');
  copyFileSync(EXAMPLE, file);
  const account = await hubspotAccount();
  const workspace = workspaceOf(file, account);
  await registered(workspace);
  const writes = (): number => {
    const { creates, updates, deletes } = account.served.log.counts({ account: 'lockstep' });
    return creates + updates + deletes;
  };
  const rest: Stage['rest'] = async (options) => {
    for (let round = 0, before = ''; round < 20; round += 1) {
      account.served.clock.advance(INDEXED_MS);
      for (const { connectionId } of workspace.connections) await onePass(workspace, connectionId, options);
      const now = `${writes()} ${readFileSync(file, 'utf8')}`;
      if (now === before) return;
      before = now;
    }
    throw new Error('rest: expected within 20 rounds, got none (law S8)');
  };
  const tasks = async () => (await pass(account.connector, { mode: 'full' })).records.filter(({ deleted }) => !deleted);
  const replace = (words: string, by: string): void =>
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(words, () => by),
    );
  return { account, lines: () => readFileSync(file, 'utf8').split('\n'), replace, workspace, writes, rest, tasks };
}

function workspaceOf(file: string, account: HubSpotAccount): Workspace {
  const { policy } = mergePolicy([{ connectionId: 'hubspot', mapping: account.mapping }]);
  let ids = 0;
  return {
    store: database.store(),
    connections: [
      { connectionId: 'plan', connector: createDocumentConnector({ file }), onDelete: 'delete' },
      { connectionId: 'hubspot', connector: account.connector, onDelete: 'archive' },
    ],
    policy: { ...policy, ranks: { plan: 0, hubspot: 1 } },
    now: () => new Date().toISOString(),
    newId: () => `01k${String((ids += 1)).padStart(23, '0')}`,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    limits: DEFAULT_LIMITS,
  };
}

async function registered({ store, connections }: Workspace): Promise<void> {
  const row = { gate: 'open', gateBeforePause: null, mappingHash: 'x', breaker: null, lastPulledAt: null, lastPushedAt: null } as const;
  await store.transaction(async (tx) => {
    for (const [rank, { connectionId }] of connections.entries()) {
      const connector = connectionId === 'plan' ? 'document' : 'hubspot';
      await tx.saveConnection({ ...row, lastFullScanAt: null, connectionId, connector, rank });
    }
  });
}

async function onePass(workspace: Workspace, connectionId: string, options?: { readonly full: boolean }): Promise<void> {
  const run = (): Run => ({ runId: workspace.newId(), workspace, connection: connectionOf(workspace, connectionId), now: workspace.now() });
  await wholePass(run, options);
}

const titleOf = (record: RemoteRecord | undefined): string => {
  if (typeof record?.fields.title !== 'string') throw new Error('expected a task with a title');
  return record.fields.title;
};
const openConflicts = (workspace: Workspace) => workspace.store.snapshot((reader) => reader.conflicts({ state: 'open', limit: 100 }));

test('S1 S3 S4 every task of the plan is one task in HubSpot, the plan keeps its bytes, and another pass or a full scan writes nothing', async () => {
  const { account, lines, workspace, writes, rest, tasks } = await stage();
  await rest();
  const items = await workspace.store.snapshot((reader) => reader.itemsPage({ after: null, limit: 1_000, kind: 'task' }));
  const shown = await tasks();
  expect(items.length).toBeGreaterThan(10);
  expect(new Set(shown.map(({ marker }) => marker))).toEqual(new Set(items.map(({ itemId }) => itemId)));
  expect(shown).toHaveLength(items.length);
  expect(shown.flatMap(({ notices }) => notices)).toEqual([]);
  expect(new Set(shown.map(({ fields }) => typeof fields.parent))).toEqual(new Set(['string']));
  expect(lines().join('\n')).toBe(readFileSync(EXAMPLE, 'utf8'));
  expect(account.requests(/upsert/)).toHaveLength(1);
  const settled = writes();
  await rest();
  await rest({ full: true });
  expect(writes()).toBe(settled);
  expect(await openConflicts(workspace)).toEqual([]);
});

test('S2 S5 an edit in HubSpot changes its cell of the file and nothing else; an edit of the file reaches the task by one write', async () => {
  const { account, lines, replace, writes, rest, tasks } = await stage();
  await rest();
  const edited = (await tasks())[0];
  const [before, settled] = [lines(), writes()];
  await account.maria.edit(edited?.remoteId ?? '', { lockstep_owner: 'Zed' });
  await rest();
  const changed = lines().filter((line, index) => line !== before[index]);
  expect(changed).toHaveLength(1);
  expect(changed[0]).toContain('Zed');
  expect(changed[0]).toContain(titleOf(edited));
  expect(writes()).toBe(settled);
  replace(titleOf(edited), 'Another title');
  await rest();
  const { properties } = await account.maria.read(edited?.remoteId ?? '', ['hs_task_subject', 'lockstep_owner']);
  expect(properties).toMatchObject({ hs_task_subject: 'Another title', lockstep_owner: 'Zed' });
  expect(writes()).toBe(settled + 1);
});

test('S1 a new task in HubSpot becomes the last row of its phase; a call task of a representative does not', async () => {
  const { account, lines, workspace, writes, rest, tasks } = await stage();
  await rest();
  const [before, settled] = [lines(), writes()];
  const phase = String((await tasks())[0]?.fields.parent).slice('text:'.length);
  await account.maria.create({ hs_task_subject: 'Call Ines back', hs_task_type: 'CALL' });
  await account.maria.create({ hs_task_subject: 'Call ten quiet accounts', lockstep_phase: phase, lockstep_owner: 'Maria' });
  await rest();
  const came = lines().filter((line) => !before.includes(line));
  expect(came).toHaveLength(1);
  expect(came[0]).toContain('Call ten quiet accounts');
  expect(writes()).toBe(settled);
  expect(await openConflicts(workspace)).toEqual([]);
});

test.each([
  ['S12 a task that is archived in HubSpot takes its row out of the plan when a webhook names it', true],
  ['S12 and without a webhook when everything is read in full', false],
])('%s', async (_, isHinted) => {
  const { account, lines, workspace, writes, rest, tasks } = await stage();
  await rest();
  const gone = (await tasks())[0];
  const [before, settled] = [lines(), writes()];
  await account.maria.archive(gone?.remoteId ?? '');
  const hint = { remoteId: gone?.remoteId ?? '', deleted: true };
  if (isHinted) await workspace.store.transaction((tx) => tx.markDirty('hubspot', [hint], workspace.now()));
  await rest({ full: !isHinted });
  expect(lines()).toHaveLength(before.length - 1);
  expect(lines().join('\n')).not.toContain(titleOf(gone));
  expect(writes()).toBe(settled);
});
