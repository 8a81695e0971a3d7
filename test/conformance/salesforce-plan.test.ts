/** The example plan and Salesforce, kept in step by the engine: the file on disk, the simulator over HTTP, a real PostgreSQL. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDocumentConnector } from '@lockstep/connectors/document/connector.ts';
import { ITEM_KINDS } from '@lockstep/domain/backlog/item.ts';
import { mergePolicy } from '@lockstep/domain/backlog/ownership.ts';
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Run } from '@lockstep/engine/run.ts';
import { connectionOf, DEFAULT_LIMITS } from '@lockstep/engine/workspace.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { expect, onTestFinished, test } from 'vitest';
import { wholePass } from '../engine/whole-pass.ts';
import { ITEMS, salesforceAccount } from './salesforce-account.ts';
import type { SalesforceAccount } from './salesforce-account.ts';
import { pass } from './subject.ts';

const database = useTestStore();
const EXAMPLE = new URL('../../examples/growth-plan/tasks.md', import.meta.url);
/** So that an edit is of another second than the write before it, as people's are. */
const MOMENT_MS = 2_000;
const QUIET_MS = 600_000;

interface Stage {
  readonly account: SalesforceAccount;
  readonly lines: () => readonly string[];
  /** An edit of the file by hand. */
  readonly replace: (words: string, by: string) => void;
  readonly workspace: Workspace;
  /** Writes at Salesforce by us, as its request log counts them. */
  readonly writes: () => number;
  /** Passes over both connections until a round writes nothing. */
  readonly rest: (options?: { readonly full: boolean }) => Promise<void>;
  /** Live records. */
  readonly records: () => Promise<readonly RemoteRecord[]>;
}

async function stage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-salesforce-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tasks.md');
  copyFileSync(EXAMPLE, file);
  const account = await salesforceAccount();
  const workspace = workspaceOf(file, account);
  await registered(workspace);
  const writes = (): number => {
    const { creates, updates, deletes } = account.served.log.counts({ account: 'lockstep' });
    return creates + updates + deletes;
  };
  const rest: Stage['rest'] = async (options) => {
    for (let round = 0, before = ''; round < 20; round += 1) {
      account.served.clock.advance(MOMENT_MS);
      for (const { connectionId } of workspace.connections) await onePass(workspace, connectionId, options);
      const now = `${writes()} ${readFileSync(file, 'utf8')}`;
      if (now === before) return;
      before = now;
    }
    throw new Error('rest: expected within 20 rounds, got none (law S8)');
  };
  const records = async () => (await pass(account.connect, 'full')).records.filter(({ deleted }) => !deleted);
  const replace = (words: string, by: string): void =>
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(words, () => by),
    );
  return { account, lines: () => readFileSync(file, 'utf8').split('\n'), replace, workspace, writes, rest, records };
}

function workspaceOf(file: string, account: SalesforceAccount): Workspace {
  const { policy } = mergePolicy([{ connectionId: 'salesforce', mapping: account.mapping }]);
  let ids = 0;
  return {
    store: database.store(),
    connections: [
      { connectionId: 'plan', connector: createDocumentConnector({ file }), onDelete: 'delete' },
      { connectionId: 'salesforce', connector: account.connector, onDelete: 'archive' },
    ],
    policy: { ...policy, ranks: { plan: 0, salesforce: 1 } },
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
      const connector = connectionId === 'plan' ? 'document' : 'salesforce';
      await tx.saveConnection({ ...row, lastFullScanAt: null, connectionId, connector, rank });
    }
  });
}

async function onePass(workspace: Workspace, connectionId: string, options?: { readonly full: boolean }): Promise<void> {
  const run = (): Run => ({ runId: workspace.newId(), workspace, connection: connectionOf(workspace, connectionId), now: workspace.now() });
  await wholePass(run, options);
}

const titleOf = (record: RemoteRecord | undefined): string => {
  if (typeof record?.fields.title !== 'string') throw new Error('expected a record with a title');
  return record.fields.title;
};
const openConflicts = (workspace: Workspace) => workspace.store.snapshot((reader) => reader.conflicts({ state: 'open', limit: 100 }));
const itemsOf = (workspace: Workspace) => workspace.store.snapshot((reader) => reader.itemsPage({ after: null, limit: 1_000 }));
const tasksAmong = (records: readonly RemoteRecord[]) => records.filter(({ kind }) => kind === 'task');

test('S1 S3 S4 every item of the plan is one record, children under their parents; the plan keeps its bytes, and another pass or a full scan writes nothing', async () => {
  const { account, lines, workspace, writes, rest, records } = await stage();
  await rest();
  const items = await itemsOf(workspace);
  const shown = await records();
  expect(items.length).toBeGreaterThan(20);
  expect(shown.map(({ marker }) => marker ?? '').toSorted()).toEqual(items.map(({ itemId }) => itemId).toSorted());
  expect(shown.flatMap(({ notices }) => notices)).toEqual([]);
  const idOf = new Map(shown.map(({ marker, remoteId }) => [marker, remoteId]));
  for (const { itemId, kind, fields } of items) {
    const record = shown.find(({ marker }) => marker === itemId);
    const parent = typeof fields.parent === 'string' ? `id:${idOf.get(fields.parent) ?? '?'}` : null;
    expect(record).toMatchObject({ kind, fields: { title: fields.title, parent } });
  }
  expect(lines().join('\n')).toBe(readFileSync(EXAMPLE, 'utf8'));
  const settled = writes();
  expect(settled).toBe(items.length);
  await rest();
  await rest({ full: true });
  expect(writes()).toBe(settled);
  expect(await openConflicts(workspace)).toEqual([]);
  // A level of the tree is a call: no item takes more than one write, and no level more than one batch.
  const batches = account.requests(/\/composite$/).length;
  const levels = ITEM_KINDS.filter((kind) => items.some((item) => item.kind === kind)).length;
  expect(batches).toBeGreaterThan(0);
  expect(
    account.served.log.list({ tool: 'salesforce', account: 'lockstep' }, 10_000).filter(({ effect }) => effect === 'create').length,
  ).toBeLessThanOrEqual(levels);
});

test('S2 S5 an edit in Salesforce changes its cell of the file and nothing else; an edit of the file reaches the record by one write', async () => {
  const { account, lines, replace, writes, rest, records } = await stage();
  await rest();
  const edited = tasksAmong(await records())[0];
  const [before, settled] = [lines(), writes()];
  await account.maria.edit(edited?.remoteId ?? '', { Owner__c: 'Zed' });
  await rest();
  const changed = lines().filter((line, index) => line !== before[index]);
  expect(changed).toHaveLength(1);
  expect(changed[0]).toContain('Zed');
  expect(changed[0]).toContain(titleOf(edited));
  expect(writes()).toBe(settled);
  replace(titleOf(edited), 'Another title');
  await rest();
  expect(await account.maria.read(edited?.remoteId ?? '')).toMatchObject({ Title__c: 'Another title', Owner__c: 'Zed' });
  expect(writes()).toBe(settled + 1);
});

test('S2 two edits of one record, each on its side, both stand: the stale write is refused, merged and sent again', async () => {
  const { account, lines, replace, workspace, rest, records } = await stage();
  await rest();
  const edited = tasksAmong(await records())[0];
  const id = edited?.remoteId ?? '';
  replace(titleOf(edited), 'Another title');
  await onePass(workspace, 'plan');
  // Long enough for nothing to be read again by the pass of changes: the next read of a record is the compare. Maria saves right after it.
  account.served.clock.advance(QUIET_MS);
  const headers = { authorization: 'Bearer sf_maria', 'content-type': 'application/json' };
  const request = { method: 'PATCH', path: `${ITEMS}/${id}`, headers, body: { Owner__c: 'Zed' } } as const;
  account.fault({ path: '/queryAll' }, { kind: 'edit-between', request });
  await rest();
  expect(await account.maria.read(id)).toMatchObject({ Title__c: 'Another title', Owner__c: 'Zed' });
  expect(lines().find((line) => line.includes('Another title'))).toContain('Zed');
  expect(account.served.faultLog.list().map(({ fault }) => fault)).toEqual(['edit-between']);
  expect(await openConflicts(workspace)).toEqual([]);
});

test('S1 a new record in Salesforce becomes the last row of its phase', async () => {
  const { account, lines, workspace, writes, rest, records } = await stage();
  await rest();
  const [before, settled] = [lines(), writes()];
  const phase = (await records()).find(({ kind }) => kind === 'phase');
  await account.maria.create({ Title__c: 'Call ten quiet accounts', Kind__c: 'Task', Parent__c: phase?.remoteId, Owner__c: 'Maria' });
  await rest();
  const came = lines().filter((line) => !before.includes(line));
  expect(came).toHaveLength(1);
  expect(came[0]).toContain('Call ten quiet accounts');
  expect(writes()).toBe(settled);
  expect(await openConflicts(workspace)).toEqual([]);
});

test('S12 F01 a record that is deleted in Salesforce takes its row out of the plan, without a webhook and without a full scan', async () => {
  const { account, lines, writes, rest, records } = await stage();
  await rest();
  const gone = tasksAmong(await records())[0];
  const [before, settled] = [lines(), writes()];
  await account.maria.remove(gone?.remoteId ?? '');
  await rest();
  expect(lines()).toHaveLength(before.length - 1);
  expect(lines().join('\n')).not.toContain(titleOf(gone));
  expect(writes()).toBe(settled);
});

test('F01 a row that is taken out of the plan puts its record into the recycle bin', async () => {
  const { account, lines, rest, records, replace } = await stage();
  await rest();
  const gone = tasksAmong(await records())[0];
  replace(`${lines().find((line) => line.includes(titleOf(gone))) ?? 'no such line'}\n`, '');
  await rest();
  await rest({ full: true });
  expect((await records()).map(({ remoteId }) => remoteId)).not.toContain(gone?.remoteId);
  const [outcome] = await account.connector.pulls.fetch([gone?.remoteId ?? '']);
  expect(outcome).toMatchObject({ found: true, record: { deleted: true } });
});

test('F10 a record that scans miss, as those that are archived by age can be, is found by id: it is not treated as deleted', async () => {
  const { account, lines, workspace, writes, rest, records } = await stage();
  await rest();
  const archived = tasksAmong(await records())[0];
  const [before, settled] = [lines(), writes()];
  // Scans ask queryAll, which shows what is archived. This one leaves a record out all the same, three times over.
  const scan = account.requests(/IsDeleted%20%3D%20false/).at(-1)?.path ?? '';
  expect(scan).toContain('/queryAll/');
  const shown = (await account.maria.ask('GET', scan)) as { readonly records: readonly { readonly Id: string }[] };
  const missed = { ...shown, records: shown.records.filter(({ Id }) => Id !== archived?.remoteId) };
  expect(missed.records).toHaveLength(shown.records.length - 1);
  account.fault({ path: 'IsDeleted%20%3D%20false' }, { kind: 'answer', status: 200, headers: {}, body: missed }, { times: 3 });
  for (let time = 1; time <= 3; time += 1) await onePass(workspace, 'salesforce', { full: true });
  expect(account.served.faultLog.list()).toHaveLength(3);
  await rest();
  expect(lines()).toEqual(before);
  expect(writes()).toBe(settled);
  const links = await workspace.store.snapshot((reader) => reader.linksPage('salesforce', { after: null, limit: 1_000 }));
  expect(links.find(({ remoteId }) => remoteId === archived?.remoteId)?.state).toBe('linked');
});
