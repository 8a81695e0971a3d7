/** The laws that need a store: S4, S7, S10, S11, S12, and the crash cases, on a real PostgreSQL. */
import { expect, test } from 'vitest';
import type { RemoteChange, WriteOutcome } from '@lockstep/domain/sync/connector.port.ts';
import { applyPlan, makePlan, StalePlan } from '@lockstep/engine/plan.ts';
import { pullChanges } from '@lockstep/engine/pull.ts';
import { pushPage } from '@lockstep/engine/push.ts';
import { latch, useTestStore } from '@lockstep/store/testing.ts';
import { benchOf, remoteOf, untilDeath } from './bench-of-remotes.ts';
import type { Bench } from './bench-of-remotes.ts';
import type { PaperRemote, Trouble } from './paper-remote.ts';

const database = useTestStore();

async function twoRemotes(): Promise<{ bench: Bench; jira: PaperRemote; notion: PaperRemote }> {
  const bench = await benchOf(database.store(), ['jira', 'notion']);
  return { bench, jira: remoteOf(bench.remotes, 'jira'), notion: remoteOf(bench.remotes, 'notion') };
}

const titles = (remote: PaperRemote): string[] =>
  remote
    .live()
    .map((paper) => String(paper.fields.title))
    .sort();

test('S1 S3 an item of one remote gets one twin in the other, and a second round writes nothing', async () => {
  const { bench, jira, notion } = await twoRemotes();
  jira.make({ title: 'Write the brief', owner: 'Ada', status: 'todo', labels: ['a'], parent: null });
  await bench.rest();
  expect(notion.live().map((paper) => paper.fields)).toEqual([{ title: 'Write the brief', owner: 'Ada', status: 'todo', labels: ['a'] }]);
  const before = [jira.writes.length, notion.writes.length];
  await bench.rest();
  expect([jira.writes.length, notion.writes.length]).toEqual(before);
});

test.for<Trouble['how']>(['lose-answer', 'lose-request', 'die-before', 'die-after', 'throttled'])(
  'S4 E01 E05 E06 a create that meets "%s" leaves one twin and loses nothing',
  async (how) => {
    const { bench, jira, notion } = await twoRemotes();
    for (let index = 0; index < 5; index += 1) jira.make({ title: `task ${index}`, owner: null, status: 'todo', labels: [], parent: null });
    await bench.pass('jira');
    notion.troubles.push({ call: 'create', how });
    expect(await untilDeath(() => bench.pass('notion'))).toBe(how.startsWith('die'));
    await bench.rest();
    expect(titles(notion)).toEqual(titles(jira));
    expect(notion.writes.filter((write) => write.operation === 'create')).toHaveLength(5);
  },
);

test('S2 B02 an edit of another field that lands between compare and write is read, not taken for ours', async () => {
  const { bench, jira, notion } = await twoRemotes();
  const remoteId = jira.make({ title: 'one', owner: 'Ada', status: 'todo', labels: [], parent: null });
  await bench.rest();
  const [page] = notion.live();
  const { pushes } = notion.connector;
  const honest = { ...pushes };
  const raced = async (changes: readonly RemoteChange[]): Promise<readonly WriteOutcome[]> => {
    notion.edit(page?.remoteId ?? '', { status: 'done' });
    return honest.update(changes);
  };
  Object.assign(pushes, { update: raced });
  jira.edit(remoteId, { owner: 'Grace' });
  await bench.pass('jira');
  await bench.pass('notion');
  Object.assign(pushes, honest);
  await bench.rest();
  expect(jira.live().map(({ fields }) => [fields.owner, fields.status])).toEqual([['Grace', 'done']]);
});

test.for<Trouble['how']>(['lose-answer', 'die-after', 'die-before'])('E04 J10 an update that meets "%s" takes place once', async (how) => {
  const { bench, jira, notion } = await twoRemotes();
  const remoteId = jira.make({ title: 'one', owner: 'Ada', status: 'todo', labels: [], parent: null });
  await bench.rest();
  jira.edit(remoteId, { owner: 'Grace' });
  await bench.pass('jira');
  notion.troubles.push({ call: 'update', how });
  await untilDeath(() => bench.pass('notion'));
  await bench.rest();
  expect(notion.live().map((paper) => paper.fields.owner)).toEqual(['Grace']);
  expect(notion.writes.filter((write) => write.operation === 'update')).toHaveLength(1);
});

test('E03 two passes at once over one connection create one twin', async () => {
  const { bench, jira, notion } = await twoRemotes();
  for (let index = 0; index < 20; index += 1) jira.make({ title: `task ${index}`, owner: null, status: 'todo', labels: [], parent: null });
  await bench.pass('jira');
  // The one that comes late finds its checkpoint moved or nothing left to claim.
  await Promise.allSettled([bench.pass('notion'), bench.pass('notion'), pushPage(bench.run('notion')), pushPage(bench.run('notion'))]);
  await bench.rest();
  expect(titles(notion)).toEqual(titles(jira));
});

test('E03 while one pass has a write under way, another writes nothing and comes back later', async () => {
  const { bench, jira, notion } = await twoRemotes();
  jira.make({ title: 'one', owner: null, status: 'todo', labels: [], parent: null });
  await bench.pass('jira');
  const [isSent, mayArrive] = [latch(), latch()];
  const { pushes } = notion.connector;
  const create = pushes.create.bind(pushes);
  Object.assign(pushes, {
    create: async (...args: Parameters<typeof create>) => {
      isSent.open();
      await mayArrive.opened;
      return create(...args);
    },
  });
  const first = bench.pass('notion');
  await isSent.opened;
  expect(await pushPage(bench.run('notion'))).toMatchObject({ written: 0, more: false, failure: { code: 'Conflict' } });
  mayArrive.open();
  expect(await first).toMatchObject({ written: 1, failure: null });
  await bench.rest();
  expect(titles(notion)).toEqual(['one']);
});

test('S5 B06 an edit is mirrored to the other three remotes with three writes', async () => {
  const names = ['jira', 'notion', 'hubspot', 'document'];
  const bench = await benchOf(database.store(), names);
  const jira = remoteOf(bench.remotes, 'jira');
  const remoteId = jira.make({ title: 'one', owner: 'Ada', status: 'todo', labels: [], parent: null });
  await bench.rest();
  const before = names.map((name) => remoteOf(bench.remotes, name).writes.length);
  jira.edit(remoteId, { owner: 'Grace' });
  await bench.rest();
  expect(names.map((name, index) => remoteOf(bench.remotes, name).writes.length - (before[index] ?? 0))).toEqual([0, 1, 1, 1]);
});

test('S7 a page that fails in its transaction leaves neither effects nor a checkpoint', async () => {
  const { bench, jira, notion } = await twoRemotes();
  jira.make({ title: 'one', owner: null, status: 'todo', labels: [], parent: null });
  const { store } = bench.workspace;
  const broken = {
    ...store,
    transaction: (work: Parameters<typeof store.transaction>[0]) =>
      store.transaction(async (tx) => {
        await work(tx);
        throw new Error('power cut');
      }),
  } as typeof store;
  const run = bench.run('jira');
  await expect(pullChanges({ ...run, workspace: { ...run.workspace, store: broken } })).rejects.toThrow('power cut');
  const state = await store.snapshot(async (reader) => ({
    items: (await reader.itemsPage({ after: null, limit: 10 })).length,
    cursor: (await reader.checkpoint('jira', 'changes')).cursor,
    owed: (await reader.outbox({ connectionId: 'notion', limit: 10 })).length,
  }));
  expect(state).toEqual({ items: 0, cursor: null, owed: 0 });
  await bench.rest();
  expect(titles(notion)).toEqual(['one']);
});

test('S10 a poison item is parked with its reason, and its neighbours in the batch are written', async () => {
  const { bench, jira, notion } = await twoRemotes();
  notion.poison.add('task 3');
  for (let index = 0; index < 6; index += 1) jira.make({ title: `task ${index}`, owner: null, status: 'todo', labels: [], parent: null });
  await bench.rest();
  expect(titles(notion)).toEqual(['task 0', 'task 1', 'task 2', 'task 4', 'task 5']);
  const conflicts = await bench.workspace.store.snapshot((reader) => reader.conflicts({ state: 'open', limit: 10 }));
  expect(conflicts.map((conflict) => conflict.message)).toEqual([expect.stringContaining('poison')]);
});

test('S10 a dead connection delays no other, and catches up when it is back (K11)', async () => {
  const bench = await benchOf(database.store(), ['jira', 'notion', 'hubspot']);
  const [jira, notion, hubspot] = ['jira', 'notion', 'hubspot'].map((name) => remoteOf(bench.remotes, name)) as [
    PaperRemote,
    PaperRemote,
    PaperRemote,
  ];
  jira.make({ title: 'one', owner: null, status: 'todo', labels: [], parent: null });
  await bench.pass('jira');
  hubspot.troubles.push({ call: 'pull', how: 'lose-request' });
  await expect(bench.pass('hubspot')).rejects.toThrow('no answer');
  await bench.pass('notion');
  expect([titles(notion), titles(hubspot)]).toEqual([['one'], []]);
  await bench.rest();
  expect(titles(hubspot)).toEqual(['one']);
});

test('S11 the plan lists exactly the writes that apply makes, and a stale plan is refused', async () => {
  const bench = await benchOf(database.store(), ['jira', 'notion'], 'plan-first');
  const [jira, notion] = [remoteOf(bench.remotes, 'jira'), remoteOf(bench.remotes, 'notion')];
  const first = jira.make({ title: 'one', owner: 'Ada', status: 'todo', labels: [], parent: null });
  notion.make({ title: 'two', owner: null, status: 'done', labels: [], parent: null });
  await bench.rest();
  expect([...jira.writes, ...notion.writes]).toEqual([]);
  const stale = await makePlan(bench.workspace);
  jira.edit(first, { owner: 'Grace' });
  await bench.rest();
  await expect(applyPlan(bench.workspace, stale.planId)).rejects.toBeInstanceOf(StalePlan);
  const plan = await applyPlan(bench.workspace, (await makePlan(bench.workspace)).planId);
  await bench.rest();
  const planned = plan.writes.map(({ connectionId, operation }) => `${connectionId} ${operation}`).sort();
  const made = [
    ...jira.writes.map(({ operation }) => `jira ${operation}`),
    ...notion.writes.map(({ operation }) => `notion ${operation}`),
  ].sort();
  expect(made).toEqual(planned);
  expect(planned).toEqual(['jira create', 'notion create']);
});

test('S12 F01 an explicit delete counts at once', async () => {
  const { bench, jira, notion } = await twoRemotes();
  const remoteId = jira.make({ title: 'one', owner: null, status: 'todo', labels: [], parent: null });
  await bench.rest();
  jira.trash(remoteId);
  await bench.rest();
  expect(titles(notion)).toEqual([]);
});

test('S12 absence counts only after two complete scans and a read by id', async () => {
  const { bench, jira, notion } = await twoRemotes();
  const gone = jira.make({ title: 'gone', owner: null, status: 'todo', labels: [], parent: null });
  jira.make({ title: 'unlisted', owner: null, status: 'todo', labels: [], parent: null });
  await bench.rest();
  jira.vanish(gone);
  jira.unlisted.add([...jira.records.keys()][0] ?? '');
  await bench.pass('jira', { full: true });
  await bench.rest();
  expect(titles(notion)).toEqual(['gone', 'unlisted']);
  await bench.pass('jira', { full: true });
  await bench.rest();
  expect(titles(notion)).toEqual(['unlisted']);
});

test('S12 F04 an empty listing deletes nothing, and too many deletes stop and ask', async () => {
  const { bench, jira, notion } = await twoRemotes();
  const ids = Array.from({ length: 30 }, (_, index) =>
    jira.make({ title: `task ${index}`, owner: null, status: 'todo', labels: [], parent: null }),
  );
  await bench.rest();
  jira.blind = true;
  for (let scan = 0; scan < 3; scan += 1) await bench.pass('jira', { full: true });
  jira.blind = false;
  await bench.rest();
  expect(notion.live()).toHaveLength(30);
  for (const remoteId of ids.slice(0, 20)) jira.trash(remoteId);
  await bench.rest();
  expect(notion.live()).toHaveLength(30);
  const row = await bench.workspace.store.snapshot((reader) => reader.connection('jira'));
  expect(row?.breaker).toMatchObject({ cause: 'mass-delete', count: 20 });
});

test('H01 a child that is read before its parent is attached, never orphaned', async () => {
  const { bench, jira, notion } = await twoRemotes();
  const child = jira.make({ title: 'child', owner: null, status: 'todo', labels: [], parent: 'id:jira-2' });
  jira.make({ title: 'parent', owner: null, status: 'todo', labels: [], parent: null }, 'phase');
  await bench.rest();
  const parent = notion.live().find((paper) => paper.fields.title === 'parent');
  expect(notion.live().find((paper) => paper.fields.title === 'child')?.fields.parent).toBe(`id:${parent?.remoteId}`);
  expect(child).toBe('jira-1');
});

test('D04 a stale listing of what we wrote is not taken for an edit', async () => {
  const { bench, jira, notion } = await twoRemotes();
  const remoteId = jira.make({ title: 'one', owner: 'Ada', status: 'todo', labels: [], parent: null });
  await bench.rest();
  jira.edit(remoteId, { owner: 'Grace' });
  await bench.rest();
  const { connector } = notion;
  const real = connector.pulls.pull.bind(connector.pulls);
  Object.assign(connector.pulls, {
    pull: async (request: Parameters<typeof real>[0]) => {
      const page = await real({ ...request, cursor: null });
      return {
        ...page,
        records: page.records.map((record) => ({ ...record, revision: 'old', fields: { ...record.fields, owner: 'Ada' } })),
      };
    },
  });
  await bench.pass('notion');
  await bench.rest();
  expect(jira.live().map((paper) => paper.fields.owner)).toEqual(['Grace']);
});
