/** H. Hierarchy and dependencies. */
import { describe, expect, it } from 'vitest';
import type { Connector, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { makePlan } from '@lockstep/engine/plan.ts';
import { approveUnlinks } from '@lockstep/engine/unlinks.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, everyRecord, expectLaws, itemTitled } from './laws.ts';
import { jiraHands } from './people-jira.ts';
import { notionHands } from './people-notion.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const database = useTestStore();
const DIG = 'Dig the trenches';
const ORDER = 'Order the saplings';
const PLANT = 'Plant the saplings';
const TASK_TYPE = '10003';

const tools = ['jira', 'notion'] as const;
const breakerOf = async (world: World, connectionId: string) =>
  (await world.workspace.store.snapshot((reader) => reader.connection(connectionId)))?.breaker ?? null;

describe('H. the tree', () => {
  it('H01 a child that is read before its parent is made without one and attached when the parent comes', async () => {
    const world = await createWorld({ store: database.store(), connections: tools });
    await world.rest();
    const [jira, notion] = [jiraHands(world), await notionHands(world)];
    // The search does not show the new issues yet; a webhook tells of the child alone.
    await world.admin('/settings', 'POST', { indexLagMs: 60_000 });
    const epic = await jira.make({ summary: 'Phase 7: Rain', issuetype: { name: 'Epic' } });
    const child = await jira.make({ summary: 'Collect water', parent: { id: epic } });
    await world.workspace.store.transaction((tx) => tx.markDirty('jira', [{ remoteId: child, deleted: false }], world.workspace.now()));
    await world.rest();
    expect((await itemTitled(world, 'Collect water')).fields.parent ?? null).toBeNull();
    expect(await conflictsOf(world, 'open')).toMatchObject([{ kind: 'unresolved-reference', field: 'parent', remoteValue: `id:${epic}` }]);
    await world.advance(61_000);
    await expectLaws(world);
    expect((await itemTitled(world, 'Collect water')).fields.parent).toBe((await itemTitled(world, 'Phase 7: Rain')).itemId);
    await world.admin('/settings', 'POST', { indexLagMs: null });
    const [page, parent] = [await world.one('notion', 'Collect water'), await world.one('notion', 'Phase 7: Rain')];
    expect(await notion.related(page.id, 'Parent')).toEqual([parent.id]);
    expect(await conflictsOf(world, 'open')).toEqual([]);
  });

  it('H01 a task that names a phase which is not there yet hangs below it when it comes', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'hubspot'] });
    await world.rest();
    await world.people.hubspot.create({ title: 'Press the cider', parent: 'Phase 3' });
    await world.rest();
    expect((await itemTitled(world, 'Press the cider')).fields.parent ?? null).toBeNull();
    expect(await conflictsOf(world, 'open')).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'unresolved-reference', remoteValue: 'text:Phase 3' })]),
    );
    world.editText((text) =>
      text.replace('## Backlog', '### Phase 3: Cider (Weeks 10–12)\n**Objective:** Bottles are full.\n\n## Backlog'),
    );
    await expectLaws(world);
    expect((await itemTitled(world, 'Press the cider')).fields.parent).toBe(
      (await itemTitled(world, 'Phase 3: Cider (Weeks 10–12)')).itemId,
    );
    expect(world.text()).toContain('| Press the cider |');
  });
});

describe('H. dependencies', () => {
  it('H02 a dependency that would close a cycle is refused wherever it comes from, put back, and on record', async () => {
    const world = await createWorld({ store: database.store(), connections: tools });
    const [jira, notion] = [jiraHands(world), await notionHands(world)];
    const [dig = '', order = '', plant = ''] = await jira.makeMany([DIG, ORDER, PLANT]);
    // Plant waits for Order, which waits for Dig.
    await jira.block(order, dig);
    await jira.block(plant, order);
    await world.rest();
    const [digItem, orderItem, plantItem] = await Promise.all([DIG, ORDER, PLANT].map((title) => itemTitled(world, title)));
    const [digPage, plantPage] = [await world.one('notion', DIG), await world.one('notion', PLANT)];
    await notion.relate(digPage.id, 'Depends on', [plantPage.id]);
    await expectLaws(world);
    expect((await itemTitled(world, DIG)).fields.dependsOn ?? []).toEqual([]);
    expect((await itemTitled(world, ORDER)).fields.dependsOn).toEqual([digItem?.itemId]);
    expect((await itemTitled(world, PLANT)).fields.dependsOn).toEqual([orderItem?.itemId]);
    expect(await notion.related(digPage.id, 'Depends on')).toEqual([]);
    expect(await conflictsOf(world, 'open')).toMatchObject([
      {
        kind: 'cycle',
        field: 'dependsOn',
        itemId: digItem?.itemId,
        connectionId: 'notion',
        canonicalValue: [],
        remoteValue: [plantItem?.itemId],
      },
    ]);
    // The same from the other side is the same refusal.
    await jira.block(dig, plant);
    await expectLaws(world);
    expect((await itemTitled(world, DIG)).fields.dependsOn ?? []).toEqual([]);
    expect(await jira.blockers(dig)).toEqual([]);
    expect((await conflictsOf(world, 'open')).map(({ kind, connectionId }) => `${kind} ${connectionId}`).toSorted()).toEqual([
      'cycle jira',
      'cycle notion',
    ]);
  });

  /** A reading of dependencies that has gone wrong, as an upgrade might: the records look changed, and have none. */
  const forgetful = (connector: Connector, isWrong: () => boolean): Connector => {
    const misread = (record: RemoteRecord): RemoteRecord =>
      isWrong() ? { ...record, revision: `${record.revision} misread`, fields: { ...record.fields, dependsOn: [] } } : record;
    const { pulls } = connector;
    return {
      ...connector,
      pulls: {
        ...pulls,
        pull: async (request) => {
          const page = await pulls.pull(request);
          return { ...page, records: page.records.map(misread) };
        },
        fetch: async (ids, cursor) =>
          (await pulls.fetch(ids, cursor)).map((outcome) => (outcome.found ? { ...outcome, record: misread(outcome.record) } : outcome)),
      },
    };
  };

  it.each(['mended', 'meant'])(
    'H05 dependencies that a mistake would remove are held back, other writes go on, and when it is %s the breaker closes',
    async (end) => {
      let isWrong = false;
      const world = await createWorld({
        store: database.store(),
        connections: tools,
        wrap: (connectionId, connector) => (connectionId === 'jira' ? forgetful(connector, () => isWrong) : connector),
      });
      const [jira, notion] = [jiraHands(world), await notionHands(world)];
      const [first = '', ...rest] = await jira.makeMany(Array.from({ length: 13 }, (_, index) => `Step ${index}`));
      for (const id of rest) await jira.block(id, first);
      await world.rest();
      const pages = await Promise.all(
        Array.from({ length: 12 }, async (_, index) => (await world.people.notion.find(`Step ${index + 1}`))[0]?.id ?? ''),
      );
      const edges = async (): Promise<number> => (await Promise.all(pages.map((id) => notion.related(id, 'Depends on')))).flat().length;
      expect(await edges()).toBe(12);
      isWrong = true;
      await world.people.jira.edit(first, { owner: 'Dora' });
      await world.pass('jira', { full: true });
      await world.rest();
      expect(await edges()).toBe(12);
      expect(await breakerOf(world, 'notion')).toMatchObject({ cause: 'mass-unlink', count: 12 });
      expect((await world.one('notion', 'Step 0')).fields.owner).toBe('Dora');
      expect((await makePlan(world.workspace)).heldBack).toMatchObject([{ connectionId: 'notion', deletes: 0, unlinks: 12 }]);
      // Either the reading is right again, or an operator lets them go.
      isWrong = end === 'meant';
      const released = isWrong ? await approveUnlinks(world.workspace, 'notion') : 0;
      expect(released).toBe(isWrong ? 12 : 0);
      await world.pass('jira', { full: true });
      await world.rest();
      expect(await edges()).toBe(end === 'mended' ? 12 : 0);
      expect([await breakerOf(world, 'notion'), (await makePlan(world.workspace)).heldBack]).toEqual([null, []]);
      await expectLaws(world);
    },
  );

  it('H06 a dependency on something outside the backlog is kept, and becomes one of the backlog when that comes in', async () => {
    const world = await createWorld({ store: database.store(), connections: tools });
    const [jira, notion] = [jiraHands(world), await notionHands(world)];
    const [dig = '', order = ''] = await jira.makeMany([DIG, ORDER]);
    const bug = await jira.make({ summary: 'The pump leaks', issuetype: { name: 'Bug' } });
    await jira.block(dig, bug);
    await world.rest();
    expect((await itemTitled(world, DIG)).fields.dependsOn).toEqual([`remote:jira:${bug}`]);
    const [digPage, orderPage] = [await world.one('notion', DIG), await world.one('notion', ORDER)];
    await notion.relate(digPage.id, 'Depends on', [orderPage.id]);
    await expectLaws(world);
    expect((await jira.blockers(dig)).toSorted()).toEqual([order, bug].toSorted());
    expect((await itemTitled(world, DIG)).fields.dependsOn).toEqual([(await itemTitled(world, ORDER)).itemId, `remote:jira:${bug}`]);
    await jira.move(bug, { issuetype: TASK_TYPE });
    await expectLaws(world);
    const targets = [ORDER, 'The pump leaks'];
    expect((await itemTitled(world, DIG)).fields.dependsOn).toEqual(
      (await Promise.all(targets.map(async (title) => (await itemTitled(world, title)).itemId))).toSorted(),
    );
    expect((await notion.related(digPage.id, 'Depends on')).toSorted()).toEqual(
      [orderPage.id, (await world.one('notion', 'The pump leaks')).id].toSorted(),
    );
    expect((await jira.blockers(dig)).toSorted()).toEqual([order, bug].toSorted());
  });

  it('H07 more relations than a tool takes are refused there with a report, and the rest of the item goes on', async () => {
    const world = await createWorld({ store: database.store(), connections: tools });
    const [jira, notion] = [jiraHands(world), await notionHands(world)];
    const [last = '', ...first] = await jira.makeMany(Array.from({ length: 102 }, (_, index) => `Step ${index}`));
    for (const id of first) await jira.block(last, id);
    // All of it is in the index: what is read at first is the whole.
    await world.advance(5_000);
    await world.rest();
    await world.people.jira.edit(last, { owner: 'Dora' });
    await expectLaws(world, [{ title: 'Step 0', field: 'owner', value: 'Dora' }]);
    const item = await itemTitled(world, 'Step 0');
    expect(item.fields.dependsOn).toHaveLength(101);
    const [page] = await world.people.notion.find('Step 0');
    expect(page?.fields.owner).toBe('Dora');
    expect(await notion.related(page?.id ?? '', 'Depends on')).toEqual([]);
    const open = await conflictsOf(world, 'open');
    expect(open).toMatchObject([{ kind: 'notice', connectionId: 'notion', itemId: item.itemId, field: 'dependsOn' }]);
    expect(open[0]?.message).toContain('expected at most 100 related pages, got 101');
    // One less is a number that Notion takes.
    await jira.unblock(last, first[0] ?? '');
    await expectLaws(world);
    const shown = (await everyRecord(world, 'notion')).find(({ remoteId }) => remoteId === page?.id);
    expect(shown?.fields.dependsOn).toHaveLength(100);
  });

  it('H07 a link that Jira has no room for is refused with a report, and stays a dependency elsewhere', async () => {
    const world = await createWorld({ store: database.store(), connections: tools });
    const [jira, notion] = [jiraHands(world), await notionHands(world)];
    const [dig = ''] = await jira.makeMany([DIG, ORDER]);
    await world.rest();
    const body = { errorMessages: ['The number of issue links exceeds the limit of 2000.'], errors: {} };
    await world.fault({
      tool: 'jira',
      match: { method: 'POST', path: '/issueLink$' },
      times: 1_000,
      action: { kind: 'answer', status: 413, body },
    });
    const [digPage, orderPage] = [await world.one('notion', DIG), await world.one('notion', ORDER)];
    await notion.relate(digPage.id, 'Depends on', [orderPage.id]);
    await notion.set(digPage.id, { Owner: { rich_text: [{ text: { content: 'Dora' } }] } });
    await expectLaws(world, [{ title: DIG, field: 'owner', value: 'Dora' }]);
    const { itemId } = await itemTitled(world, ORDER);
    expect((await itemTitled(world, DIG)).fields.dependsOn).toEqual([itemId]);
    expect(await notion.related(digPage.id, 'Depends on')).toEqual([orderPage.id]);
    expect([await jira.blockers(dig), await jira.field(dig, 'customfield_10201')]).toEqual([[], 'Dora']);
    const open = await conflictsOf(world, 'open');
    expect(open).toMatchObject([{ kind: 'notice', connectionId: 'jira', field: 'dependsOn' }]);
    expect(open[0]?.message).toContain('exceeds the limit of 2000');
  });
});
