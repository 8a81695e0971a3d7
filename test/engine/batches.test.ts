/** What the engine saves in calls, held against what it must not lose: references that go along with creates, hints that come in floods, urgent writes. */
import type { Item } from '@lockstep/domain/backlog/item.ts';
import type { BatchLimits, Connector, PullPage, PullRequest } from '@lockstep/domain/sync/connector.port.ts';
import type { Lane } from '@lockstep/domain/sync/store.port.ts';
import { readPages } from '@lockstep/engine/pass.ts';
import { pushPage } from '@lockstep/engine/push.ts';
import type { Run } from '@lockstep/engine/run.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { describe, expect, test } from 'vitest';
import { benchOf } from './bench-of-remotes.ts';
import type { Bench } from './bench-of-remotes.ts';

const database = useTestStore();

/** A connection with other limits and a field more, and what was asked of it. */
function asked(bench: Bench, limits: Partial<BatchLimits>): { readonly run: () => Run; readonly calls: string[] } {
  const calls: string[] = [];
  const { connection } = bench.run('notion');
  const { connector: paper } = connection;
  const { pulls, pushes } = paper;
  const connector: Connector = {
    ...paper,
    limits: { ...paper.limits, ...limits },
    mappedFields: (kind) => [...paper.mappedFields(kind), { field: 'dependsOn', direction: 'both', refersBy: 'id' }],
    pulls: {
      pull: (request) => (calls.push('pull'), pulls.pull(request)),
      fetch: (ids) => (calls.push(`fetch ${ids.length}`), pulls.fetch(ids)),
      findByMarker: (markers) => (calls.push(`by marker ${markers.length}`), pulls.findByMarker(markers)),
    },
    pushes: { ...pushes, create: (drafts) => (calls.push(`create ${drafts.length}`), pushes.create(drafts)) },
  };
  return { run: () => ({ ...bench.run('notion'), connection: { ...connection, connector } }), calls };
}

const task = (number: number, dependsOn: readonly number[] = []): Item => ({
  itemId: idOf(number),
  kind: 'task',
  fields: { title: `task ${number}`, dependsOn: dependsOn.map(idOf) },
  stamps: {},
  deletedAt: null,
  deletedBy: null,
});
const idOf = (number: number): string => `task-${String(number).padStart(3, '0')}`;

async function owe(bench: Bench, items: readonly Item[], lane: Lane = 'backfill'): Promise<void> {
  await bench.workspace.store.transaction(async (tx) => {
    await tx.saveItems(items, bench.workspace.now());
    await tx.oweWrites(
      items.map(({ itemId }) => ({ connectionId: 'notion', itemId, operation: 'write' as const, depth: 0, lane })),
      bench.workspace.now(),
    );
  });
}

/** Titles → titles that they are shown to depend on. */
function shownDependencies(bench: Bench): Readonly<Record<string, readonly string[]>> {
  const live = bench.remotes['notion']?.live() ?? [];
  const titleOf = new Map(live.map(({ remoteId, fields }) => [`id:${remoteId}`, String(fields.title)]));
  return Object.fromEntries(
    live.flatMap(({ fields }) =>
      Array.isArray(fields.dependsOn) && fields.dependsOn.length > 0
        ? [[String(fields.title), fields.dependsOn.map((reference: string) => titleOf.get(reference) ?? reference)]]
        : [],
    ),
  );
}

describe('references within a page', () => {
  test('S1 S5 a dependency goes along with the create, whichever batch its target is in: no update follows', async () => {
    const bench = await benchOf(database.store(), ['notion']);
    const { run, calls } = asked(bench, { create: 2 });
    await owe(bench, [task(1, [4]), task(2, [1]), task(3), task(4), task(5, [3]), task(6)]);
    while ((await pushPage(run())).more);
    expect(shownDependencies(bench)).toEqual({ 'task 1': ['task 4'], 'task 2': ['task 1'], 'task 5': ['task 3'] });
    expect(bench.remotes['notion']?.writes.map(({ operation }) => operation)).toEqual(Array.from({ length: 6 }, () => 'create'));
    expect(calls).toEqual(['create 2', 'create 2', 'create 2']);
  });

  test('S1 a chain longer than its batches is made in full batches, and what could not go along follows', async () => {
    const bench = await benchOf(database.store(), ['notion']);
    const { run, calls } = asked(bench, { create: 5 });
    await owe(bench, [task(1), ...Array.from({ length: 9 }, (_, index) => task(index + 2, [index + 1]))]);
    for (let passes = 0; passes < 3; passes += 1) await pushPage(run());
    expect(shownDependencies(bench)).toEqual(
      Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`task ${index + 2}`, [`task ${index + 1}`]])),
    );
    expect(calls.filter((call) => call.startsWith('create'))).toEqual(['create 5', 'create 5']);
  });
});

describe('floods of hints', () => {
  const anyTime = (): boolean => false;
  const quiet = async (): Promise<void> => undefined;

  test('C08 the feed answers a flood: what it has shown is not read again by id', async () => {
    const bench = await benchOf(database.store(), ['notion']);
    const { run, calls } = asked(bench, { fetch: 5 });
    const ids = Array.from({ length: 12 }, (_, index) => bench.remotes['notion']?.make({ title: `page ${index}` }) ?? '');
    await mark(bench, ids);
    const outcome = await readPages(run(), { fullScan: false, markedOnly: false }, quiet, anyTime);
    expect(outcome).toEqual({ changedItems: 12, records: 12, more: false, isFeedRead: true });
    expect(calls).toEqual(['pull']);
    expect(await marks(bench)).toBe(0);
  });

  test('S2 C08 a hint that comes while the feed is read, and one of a record that the feed does not show, are read by id', async () => {
    const bench = await benchOf(database.store(), ['notion']);
    const { run, calls } = asked(bench, { fetch: 5 });
    const ids = Array.from({ length: 8 }, (_, index) => bench.remotes['notion']?.make({ title: `page ${index}` }) ?? '');
    const [first = '', second = ''] = ids;
    bench.remotes['notion']?.unlisted.add(second);
    await mark(bench, ids);
    const meeting = run();
    const paper = meeting.connection.connector.pulls;
    const pulls = {
      ...paper,
      pull: async (request: PullRequest) => {
        const page = await paper.pull(request);
        bench.remotes['notion']?.edit(first, { title: 'edited meanwhile' });
        await mark(bench, [first]);
        return page;
      },
    };
    const connection = { ...meeting.connection, connector: { ...meeting.connection.connector, pulls } };
    await readPages({ ...meeting, connection }, { fullScan: false, markedOnly: false }, quiet, anyTime);
    expect(calls).toEqual(['pull', 'fetch 2']);
    expect(await titles(bench)).toContain('edited meanwhile');
    expect(await marks(bench)).toBe(0);
  });

  test('C08 a record that hint after hint names is read once a pass; what comes meanwhile waits for the next', async () => {
    const bench = await benchOf(database.store(), ['notion']);
    const { run } = asked(bench, { fetch: 2 });
    const ids = Array.from({ length: 4 }, (_, index) => bench.remotes['notion']?.make({ title: `page ${index}` }) ?? '');
    await mark(bench, ids);
    const meeting = run();
    const paper = meeting.connection.connector.pulls;
    const reads: string[] = [];
    const fetch: typeof paper.fetch = async (remoteIds, cursor) => {
      reads.push(...remoteIds);
      if (reads.length > 40) throw new Error('expected each page to be read once, got no end of it');
      const found = await paper.fetch(remoteIds, cursor);
      await mark(bench, remoteIds);
      return found;
    };
    const connection = { ...meeting.connection, connector: { ...meeting.connection.connector, pulls: { ...paper, fetch } } };
    await readPages({ ...meeting, connection }, { fullScan: false, markedOnly: true }, quiet, anyTime);
    expect(reads.toSorted()).toEqual(ids.toSorted());
    expect(await marks(bench)).toBe(4);
    await readPages(run(), { fullScan: false, markedOnly: true }, quiet, anyTime);
    expect(await marks(bench)).toBe(0);
  });

  test('S5 B01 echoes are known by value: of many marked records only those that are another are read', async () => {
    const bench = await benchOf(database.store(), ['notion']);
    const { run, calls } = asked(bench, { fetch: 3, byMarker: 100 });
    await owe(
      bench,
      Array.from({ length: 9 }, (_, index) => task(index)),
    );
    await pushPage(run());
    const records = bench.remotes['notion']?.live() ?? [];
    await mark(
      bench,
      records.map(({ remoteId }) => remoteId),
    );
    bench.remotes['notion']?.edit(records[4]?.remoteId ?? '', { title: 'an edit among echoes' });
    calls.length = 0;
    await readPages(run(), { fullScan: false, markedOnly: true }, quiet, anyTime);
    expect(calls).toEqual(['by marker 9', 'fetch 1']);
    expect(await titles(bench)).toContain('an edit among echoes');
    expect(await marks(bench)).toBe(0);
  });
});

test('K09 a scan that goes on in parts reads the feed again where that was not read lately, so that what it shows is nobody’s drift', async () => {
  const bench = await benchOf(database.store(), ['notion']);
  const ids = Array.from({ length: 4 }, (_, index) => bench.remotes['notion']?.make({ title: `page ${index}` }) ?? '');
  await bench.pass('notion', { full: true });
  const { connection } = bench.run('notion');
  const paper = connection.connector.pulls;
  let modes: string[] = [];
  const pull = async (request: PullRequest): Promise<PullPage> => {
    modes.push(request.mode);
    const page = await paper.pull(request);
    if (request.mode === 'changes') return page;
    const at = typeof request.cursor === 'number' ? request.cursor : 0;
    return { ...page, records: page.records.slice(at, at + 1), nextCursor: at + 1, more: at + 1 < page.records.length };
  };
  const inParts = { ...connection, connector: { ...connection.connector, pulls: { ...paper, pull } } };
  const part = async (): Promise<readonly [readonly string[], boolean]> => {
    modes = [];
    const run = { ...bench.run('notion'), connection: inParts };
    const { more } = await readPages(
      run,
      { fullScan: true, markedOnly: false },
      async () => undefined,
      () => modes.at(-1) === 'full',
    );
    return [modes, more];
  };
  expect(await part()).toEqual([['changes', 'full'], true]);
  expect(await part()).toEqual([['full'], true]);
  bench.remotes['notion']?.edit(ids[3] ?? '', { title: 'edited meanwhile' });
  bench.advance(10_000);
  expect(await part()).toEqual([['changes', 'full'], true]);
  expect(await part()).toEqual([['full'], false]);
  expect(await titles(bench)).toContain('edited meanwhile');
  expect(await bench.workspace.store.snapshot((reader) => reader.conflicts({ state: 'recorded', limit: 9 }))).toEqual([]);
});

test('K08 what a person waits for breaks a page of backfill between two batches', async () => {
  const bench = await benchOf(database.store(), ['notion']);
  const { run } = asked(bench, { create: 2 });
  await owe(
    bench,
    Array.from({ length: 12 }, (_, index) => task(index)),
  );
  const page = run();
  const { pushes } = page.connection.connector;
  let calls = 0;
  const create: typeof pushes.create = async (drafts) => {
    calls += 1;
    if (calls === 2) await owe(bench, [task(99)], 'person');
    return pushes.create(drafts);
  };
  const connection = { ...page.connection, connector: { ...page.connection.connector, pushes: { ...pushes, create } } };
  expect((await pushPage({ ...page, connection })).more).toBe(true);
  const made = bench.remotes['notion']?.writes.length ?? 0;
  expect(made).toBeLessThan(12);
  await pushPage(run());
  expect([...(bench.remotes['notion']?.records.values() ?? [])][made]?.fields.title).toBe('task 99');
});

async function mark(bench: Bench, remoteIds: readonly string[]): Promise<void> {
  await bench.workspace.store.transaction((tx) =>
    tx.markDirty(
      'notion',
      remoteIds.map((remoteId) => ({ remoteId, deleted: false })),
      bench.workspace.now(),
    ),
  );
}

async function marks(bench: Bench): Promise<number> {
  return (await bench.workspace.store.passReads.waitingWork('notion', 100)).marked;
}

async function titles(bench: Bench): Promise<readonly unknown[]> {
  const items = await bench.workspace.store.snapshot((reader) => reader.itemsPage({ after: null, limit: 100 }));
  return items.map(({ fields }) => fields.title);
}
