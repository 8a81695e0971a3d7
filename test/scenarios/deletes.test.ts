/** F. Deletes, archives, moves, restores. */
import { describe, expect, it } from 'vitest';
import { settleDeletes } from '@lockstep/engine/deletes.ts';
import { makePlan } from '@lockstep/engine/plan.ts';
import { ask } from '@lockstep/launcher/people/person.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { hooksOf } from './hooks.ts';
import { conflictsOf, everyItem, expectLaws, itemTitled, linksOf } from './laws.ts';
import { jiraHands } from './people-jira.ts';
import { notionHands } from './people-notion.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const database = useTestStore();
const DIG = 'Dig the trenches';
const ORDER = 'Order the saplings';
const PLANT = 'Plant the saplings';

const linkOf = async (world: World, connectionId: string, remoteId: string) =>
  (await linksOf(world, connectionId)).find((link) => link.remoteId === remoteId);
const deletesOf = async (world: World): Promise<number> => (await world.admin<{ deletes: number }>('/counts?account=lockstep')).deletes;

describe('F. deletes', () => {
  it('F01 what is put into Notion’s trash is cancelled, archived and taken out elsewhere, and a tombstone is kept', async () => {
    const world = await createWorld({ store: database.store() });
    await world.rest();
    const ids = { jira: (await world.one('jira', DIG)).id, hubspot: (await world.one('hubspot', DIG)).id };
    const notionId = (await world.one('notion', DIG)).id;
    const { itemId } = await itemTitled(world, DIG);
    await world.people.notion.remove(notionId);
    await expectLaws(world);
    const jira = jiraHands(world);
    expect(await jira.field(ids.jira, 'status')).toMatchObject({ name: 'Cancelled' });
    expect(await jira.field(ids.jira, 'labels')).toContain('lockstep-archived');
    expect((await world.people.hubspot.find(DIG)).filter(({ gone }) => !gone)).toEqual([]);
    expect(world.text()).not.toContain(`| ${DIG} |`);
    const [tombstone] = await world.workspace.store.snapshot((reader) => reader.items([itemId]));
    expect(tombstone).toMatchObject({ deletedBy: 'notion', fields: { title: DIG } });
    const links = await world.workspace.store.snapshot((reader) => reader.linksByItem([itemId]));
    expect(links.map(({ state }) => state)).toEqual(['removed', 'removed', 'removed', 'removed']);
    expect((await linkOf(world, 'hubspot', ids.hubspot))?.state).toBe('removed');
  });

  it('F03 a page that is not shared any more is out of reach, not deleted, and goes on when it is shared again', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'notion'] });
    await world.rest();
    const notion = await notionHands(world);
    const id = (await world.one('notion', DIG)).id;
    await notion.share(id, false);
    for (let scan = 0; scan < 3; scan += 1) await world.pass('notion', { full: true });
    await world.rest();
    expect((await linkOf(world, 'notion', id))?.state).toBe('unreachable');
    expect(await itemTitled(world, DIG)).toMatchObject({ deletedAt: null });
    expect([world.text().includes(`| ${DIG} |`), await deletesOf(world)]).toEqual([true, 0]);
    expect(await conflictsOf(world, 'open')).toMatchObject([{ kind: 'notice', connectionId: 'notion', remoteId: id }]);
    await world.people.jira.edit((await world.one('jira', DIG)).id, { owner: 'Dora' });
    await world.rest();
    await notion.share(id, true);
    await world.pass('notion', { full: true });
    await expectLaws(world, [{ title: DIG, field: 'owner', value: 'Dora' }]);
    expect((await linkOf(world, 'notion', id))?.state).toBe('linked');
    expect((await world.one('notion', DIG)).fields.owner).toBe('Dora');
  });

  it('F03 a project that may not be browsed any more shows nothing, and nothing is deleted', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira'] });
    await world.rest();
    const blind = { tool: 'jira', times: 1_000 } as const;
    const answer = (body: unknown) => ({ kind: 'answer', status: 200, body });
    await world.fault({ ...blind, match: { path: '/search/jql' }, action: answer({ issues: [], isLast: true }) });
    await world.fault({ ...blind, match: { path: '/issue/bulkfetch' }, action: answer({ issues: [], issueErrors: [] }) });
    const none = { permissions: { BROWSE_PROJECTS: { havePermission: false } } };
    await world.fault({ ...blind, match: { path: '/mypermissions' }, action: answer(none) });
    const before = world.text();
    for (let scan = 0; scan < 4; scan += 1) await world.pass('jira', { full: true });
    await world.pass('document');
    expect(world.text()).toBe(before);
    expect(new Set((await linksOf(world, 'jira')).map(({ state }) => state))).toEqual(new Set(['unreachable']));
    await world.admin('/faults', 'DELETE');
    await world.pass('jira', { full: true });
    await expectLaws(world);
    expect(new Set((await linksOf(world, 'jira')).map(({ state }) => state))).toEqual(new Set(['linked']));
    expect(await deletesOf(world)).toBe(0);
  });

  it('F04 empty listings delete nothing; where reads by id fail as well, the breaker stops the deletes, and closes when all are there again', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'notion'], limits: { mostDeletes: 3 } });
    await world.rest();
    const before = world.text();
    const empty = { tool: 'jira', times: 1_000 } as const;
    const answer = (body: unknown) => ({ kind: 'answer', status: 200, body });
    await world.fault({ ...empty, match: { path: '/search/jql' }, action: answer({ issues: [], isLast: true }) });
    for (let scan = 0; scan < 4; scan += 1) await world.pass('jira', { full: true });
    expect(new Set((await linksOf(world, 'jira')).map(({ state }) => state))).toEqual(new Set(['linked']));
    await world.fault({ ...empty, match: { path: '/issue/bulkfetch' }, action: answer({ issues: [], issueErrors: [] }) });
    for (let scan = 0; scan < 4; scan += 1) await world.pass('jira', { full: true });
    for (const tool of ['document', 'notion'] as const) await world.pass(tool);
    const breaker = async () => (await world.workspace.store.snapshot((reader) => reader.connection('jira')))?.breaker;
    expect(await breaker()).toMatchObject({ cause: 'mass-delete', count: 6 });
    expect([world.text(), await deletesOf(world), await world.people.notion.count()]).toEqual([before, 0, 6]);
    await world.admin('/faults', 'DELETE');
    await world.pass('jira', { full: true });
    await expectLaws(world);
    expect([await breaker(), world.text(), await deletesOf(world)]).toEqual([null, before, 0]);
  });
});

describe('F. moves', () => {
  it('F06 an issue that moves to another project keeps its link, by its numeric id', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira'] });
    await world.rest();
    const jira = jiraHands(world);
    const { id } = await world.one('jira', DIG);
    await jira.move(id, { key: 'OPS-7' });
    for (let scan = 0; scan < 3; scan += 1) await world.pass('jira', { full: true });
    expect(await linkOf(world, 'jira', id)).toMatchObject({ state: 'linked', remoteKey: 'OPS-7' });
    expect(await conflictsOf(world, 'open')).toMatchObject([{ kind: 'notice', connectionId: 'jira', remoteId: id }]);
    world.editText((text) => text.replace(`${DIG} | Ann + Bo`, `${DIG} | Dora`));
    await world.rest();
    expect(await jira.field(id, 'customfield_10201')).toBe('Dora');
    await world.people.jira.edit(id, { metric: '50 metres' });
    for (let scan = 0; scan < 3; scan += 1) await world.pass('jira', { full: true });
    await expectLaws(world, [
      { title: DIG, field: 'owner', value: 'Dora' },
      { title: DIG, field: 'metric', value: '50 metres' },
    ]);
    expect(world.text()).toContain('50 metres');
    expect(await deletesOf(world)).toBe(0);
  });

  it('F06 an issue that becomes a subtask keeps its link, goes on, and hangs below its new parent', async () => {
    const world = await createWorld({ store: database.store(), connections: ['jira', 'notion'] });
    const jira = jiraHands(world);
    const [parent = '', child = ''] = await jira.makeMany([ORDER, DIG]);
    await world.rest();
    await jira.move(child, { issuetype: '10005', parent });
    await world.people.jira.edit(child, { owner: 'Dora' });
    await expectLaws(world, [{ title: DIG, field: 'owner', value: 'Dora' }]);
    const item = await itemTitled(world, DIG);
    expect(await linkOf(world, 'jira', child)).toMatchObject({ state: 'linked', itemId: item.itemId });
    expect(item).toMatchObject({ kind: 'task', fields: { owner: 'Dora', parent: (await itemTitled(world, ORDER)).itemId } });
    const notion = await notionHands(world);
    const page = await world.one('notion', DIG);
    expect(await notion.related(page.id, 'Parent')).toEqual([(await world.one('notion', ORDER)).id]);
    await world.people.notion.edit(page.id, { owner: 'Emil' });
    await expectLaws(world, [{ title: DIG, field: 'owner', value: 'Emil' }]);
    expect(await jira.field(child, 'customfield_10201')).toBe('Emil');
    expect(await conflictsOf(world, 'open')).toMatchObject([{ kind: 'notice', connectionId: 'jira', remoteId: child }]);
  });
});

describe('F. merges', () => {
  /** Merges one task of HubSpot into another, and hands the event over. */
  async function merge(world: World, winner: string, loser: string): Promise<void> {
    const hooks = await hooksOf(world, 'hubspot');
    const body = { primaryObjectId: winner, objectIdToMerge: loser };
    await ask(`${world.simulator.urls.hubspot}/ui/merge`, { method: 'POST', headers: {}, body });
    expect(await hooks.handOver(await hooks.arrived(1))).toBeGreaterThan(0);
  }

  it('F07 of two tasks that are merged, what pointed at the one points at the other, whose fields are merged, and the one is gone', async () => {
    const world = await createWorld({ store: database.store(), connections: ['jira', 'notion', 'hubspot'] });
    const jira = jiraHands(world);
    const [dig = '', order = '', plant = ''] = await jira.makeMany([DIG, ORDER, PLANT]);
    await jira.block(plant, order);
    await world.people.jira.edit(order, { metric: '60 saplings' });
    await world.rest();
    const [kept, gone] = [await itemTitled(world, DIG), await itemTitled(world, ORDER)];
    const ids = { kept: (await world.one('hubspot', DIG)).id, gone: (await world.one('hubspot', ORDER)).id };
    await merge(world, ids.kept, ids.gone);
    await expectLaws(world);
    const [tombstone] = await world.workspace.store.snapshot((reader) => reader.items([gone.itemId]));
    expect(tombstone).toMatchObject({ deletedBy: 'hubspot', fields: { title: ORDER } });
    // HubSpot fills what the first lacked from the second, and that goes on.
    expect((await itemTitled(world, DIG)).fields.metric).toBe('60 saplings');
    expect((await world.one('jira', DIG)).fields.metric).toBe('60 saplings');
    expect((await itemTitled(world, PLANT)).fields.dependsOn).toEqual([kept.itemId]);
    expect(await jira.blockers(plant)).toEqual([dig]);
    expect((await world.people.jira.find(ORDER)).map((issue) => issue.gone)).toEqual([true]);
    expect(await linkOf(world, 'hubspot', ids.kept)).toMatchObject({ state: 'linked', itemId: kept.itemId });
    expect((await conflictsOf(world)).map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringContaining(`merged there into ${ids.kept}`)]),
    );
  });

  it('F07 a task that is merged into one of somebody else’s has that one as its record from then on', async () => {
    const world = await createWorld({ store: database.store(), connections: ['jira', 'hubspot'] });
    await jiraHands(world).makeMany([DIG]);
    await world.rest();
    const item = await itemTitled(world, DIG);
    const theirs = await world.people.hubspot.create({ title: 'Trenches, as Maria calls them' });
    await merge(world, theirs, (await world.one('hubspot', DIG)).id);
    await expectLaws(world);
    expect(await linkOf(world, 'hubspot', theirs)).toMatchObject({ state: 'linked', itemId: item.itemId });
    expect((await itemTitled(world, 'Trenches, as Maria calls them')).itemId).toBe(item.itemId);
    expect((await world.one('jira', 'Trenches, as Maria calls them')).gone).toBe(false);
    expect(await deletesOf(world)).toBe(0);
  });
});

describe('F. a parent and its children', () => {
  const CHILDREN = 40;

  async function familyOf(childrenOfDeleted: 'move-up' | 'archive'): Promise<{ readonly world: World; readonly epic: string }> {
    const world = await createWorld({ store: database.store(), connections: ['jira', 'notion'], childrenOfDeleted });
    const jira = jiraHands(world);
    const epic = await jira.make({ summary: 'Phase 9: Autumn', issuetype: { name: 'Epic' } });
    await jira.makeMany(
      Array.from({ length: CHILDREN }, (_, index) => `Leaf ${index}`),
      { parent: { id: epic } },
    );
    await world.rest();
    return { world, epic };
  }

  it.each(['move-up', 'archive'] as const)(
    'F09 a parent that is deleted with 40 children waits for a look, and then they %s in one change',
    async (policy) => {
      const { world, epic } = await familyOf(policy);
      const notion = await notionHands(world);
      const writes = { jira: await world.writes('jira') };
      await world.people.notion.remove((await world.one('notion', 'Phase 9: Autumn')).id);
      await world.rest();
      // Nothing has happened anywhere: the delete and the children are one question.
      expect(await world.writes('jira')).toBe(writes.jira);
      const plan = await makePlan(world.workspace);
      expect(plan).toMatchObject({ writes: [], heldBack: [{ connectionId: 'notion', deletes: 1 + CHILDREN, unlinks: 0 }] });
      expect(plan.heldBack[0]?.message).toContain(
        `1 and ${CHILDREN} children to ${policy === 'archive' ? 'archive with them' : 'move up'}`,
      );
      const run = world.run('notion');
      expect(await settleDeletes(run, true)).toMatchObject({ deleted: policy === 'archive' ? 1 + CHILDREN : 1 });
      await expectLaws(world);
      const changes = await world.workspace.store.snapshot((reader) => reader.ledger({ runId: run.runId, limit: 1_000 }));
      expect(changes.filter(({ target }) => target === 'canonical')).toHaveLength(1 + CHILDREN);
      expect((await makePlan(world.workspace)).heldBack).toEqual([]);
      const jira = jiraHands(world);
      expect(await jira.field(epic, 'status')).toMatchObject({ name: 'Cancelled' });
      const leaves = [...(await everyItem(world)).values()].filter(({ fields }) => String(fields.title).startsWith('Leaf'));
      expect(leaves.map(({ fields }) => fields.parent)).toEqual(policy === 'archive' ? [] : leaves.map(() => null));
      expect(leaves).toHaveLength(policy === 'archive' ? 0 : CHILDREN);
      const [shown] = await world.people.notion.find('Leaf 7');
      const [issue] = await world.people.jira.find('Leaf 7');
      expect([shown?.gone ?? true, issue?.gone]).toEqual(policy === 'archive' ? [true, true] : [false, false]);
      const parents = policy === 'archive' ? null : await notion.related(shown?.id ?? '', 'Parent');
      expect([parents, issue?.fields.parent]).toEqual(policy === 'archive' ? [null, 'Phase 9: Autumn'] : [[], '']);
    },
  );
});
