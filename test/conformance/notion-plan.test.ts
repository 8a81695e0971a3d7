/** The example plan and Notion, kept in step by the engine: the file on disk, the simulator over HTTP, a real PostgreSQL. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDocumentConnector } from '@lockstep/connectors/document/connector.ts';
import { mergePolicy } from '@lockstep/domain/backlog/ownership.ts';
import type { Run } from '@lockstep/engine/run.ts';
import { connectionOf, DEFAULT_LIMITS } from '@lockstep/engine/workspace.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { expect, onTestFinished, test } from 'vitest';
import { wholePass } from '../engine/whole-pass.ts';
import { notionAccount, seen } from './notion-account.ts';
import type { NotionAccount } from './notion-account.ts';

const database = useTestStore();
const EXAMPLE = new URL('../../examples/growth-plan/tasks.md', import.meta.url);

interface Stage {
  readonly account: NotionAccount;
  readonly file: () => string;
  readonly workspace: Workspace;
  /** Writes at Notion by us, as its request log counts them. */
  readonly writes: () => number;
  /** Passes over both connections until a round writes nothing. */
  readonly rest: (options?: { readonly full: boolean }) => Promise<void>;
}

async function stage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-notion-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tasks.md');
  copyFileSync(EXAMPLE, file);
  const account = await notionAccount();
  const names = ['plan', 'notion'];
  const { policy } = mergePolicy([{ connectionId: 'notion', mapping: account.mapping }]);
  let ids = 0;
  const workspace: Workspace = {
    store: database.store(),
    connections: [
      { connectionId: 'plan', connector: createDocumentConnector({ file }), onDelete: 'delete' },
      { connectionId: 'notion', connector: account.connector, onDelete: 'archive' },
    ],
    policy: { ...policy, ranks: Object.fromEntries(names.map((name, rank) => [name, rank])) },
    now: () => new Date().toISOString(),
    newId: () => `01k${String((ids += 1)).padStart(23, '0')}`,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    limits: DEFAULT_LIMITS,
  };
  const row = {
    gate: 'open',
    gateBeforePause: null,
    mappingHash: 'x',
    breaker: null,
    lastPulledAt: null,
    lastPushedAt: null,
    lastFullScanAt: null,
  } as const;
  await workspace.store.transaction(async (tx) => {
    for (const [rank, connectionId] of names.entries())
      await tx.saveConnection({ ...row, connectionId, connector: connectionId === 'plan' ? 'document' : 'notion', rank });
  });
  const run = (connectionId: string): Run => ({
    runId: workspace.newId(),
    workspace,
    connection: connectionOf(workspace, connectionId),
    now: workspace.now(),
  });
  const writes = (): number => {
    const { creates, updates, deletes } = account.served.log.counts({ account: 'lockstep' });
    return creates + updates + deletes;
  };
  const rest: Stage['rest'] = async (options) => {
    for (let round = 0, before = ''; round < 20; round += 1) {
      for (const name of names) await wholePass(() => run(name), options);
      const now = `${writes()} ${readFileSync(file, 'utf8')}`;
      if (now === before) return;
      before = now;
    }
    throw new Error('rest: expected within 20 rounds, got none (law S8)');
  };
  return { account, file: () => readFileSync(file, 'utf8'), workspace, writes, rest };
}

test('S1 S3 S4 every item of the plan has one page, the plan keeps its bytes, and another pass or a full scan writes nothing', async () => {
  const { account, file, workspace, writes, rest } = await stage();
  await rest();
  const records = (await seen(account.connector, 'full')).records;
  const items = await workspace.store.snapshot((reader) => reader.itemsPage({ after: null, limit: 1_000 }));
  expect(items.length).toBeGreaterThan(50);
  expect(records.map((record) => record.marker ?? 'none').sort()).toEqual(items.map((item) => item.itemId).sort());
  expect(records.flatMap((record) => record.notices)).toEqual([]);
  expect(file()).toBe(readFileSync(EXAMPLE, 'utf8'));
  const settled = writes();
  await rest();
  await rest({ full: true });
  expect(writes()).toBe(settled);
  expect(await workspace.store.snapshot((reader) => reader.conflicts({ state: 'open', limit: 100 }))).toEqual([]);
});

test('S2 S5 S12 an edit in Notion changes its cell of the file and nothing else; a page in the trash takes its row out', async () => {
  const { account, file, writes, rest } = await stage();
  await rest();
  const records = (await seen(account.connector, 'full')).records;
  const tasks = records.filter((record) => record.kind === 'task' && typeof record.fields.owner === 'string' && record.fields.owner !== '');
  const [edited, gone] = tasks;
  if (edited === undefined || gone === undefined) throw new Error('expected two tasks with owners');
  const before = file();
  const settled = writes();
  await account.edit(edited.remoteId, { Owner: { rich_text: [{ text: { content: 'Zed' } }] } });
  await rest();
  const changed = file()
    .split('\n')
    .filter((line, index) => line !== before.split('\n')[index]);
  expect(changed).toHaveLength(1);
  expect(changed[0]).toContain('Zed');
  expect(writes()).toBe(settled);
  await account.omar.pages.update({ page_id: gone.remoteId, in_trash: true });
  await rest();
  expect(file().split('\n')).toHaveLength(before.split('\n').length - 1);
});
