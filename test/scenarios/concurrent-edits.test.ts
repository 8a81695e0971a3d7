/** A. Concurrent edits, on the document and three tools over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { resolveConflict } from '@lockstep/engine/commands.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, expectLaws, itemTitled } from './laws.ts';
import { jiraHands } from './people-jira.ts';
import { notionHands } from './people-notion.ts';
import { createWorld } from './world.ts';
import type { ConnectionId, Tool, World, WorldOptions } from './world.ts';

const database = useTestStore();
const DIG = 'Dig the trenches';
const ORDER = 'Order the saplings';
const PLANT = 'Plant the saplings';

/** Both mappings with another rule for the owner. */
const ownerBy = (rule: 'manual' | 'owner:notion'): NonNullable<WorldOptions['mapping']> => {
  const ruled = (mapping: Mapping): Mapping => {
    const { owner } = mapping.fields;
    if (owner === undefined) throw new Error('mapping: expected an owner');
    return { ...mapping, fields: { ...mapping.fields, owner: { ...owner, rule } } };
  };
  return { jira: ruled, notion: ruled };
};

const idOf = async (world: World, tool: Tool, title: string): Promise<string> => (await world.one(tool, title)).id;

describe('A. concurrent edits in four tools', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ store: database.store(), keep: true });
    await world.rest();
  });
  afterAll(() => world.close());

  it('A01 edits of different fields in two tools reach all tools, with no conflict', async () => {
    await jiraHands(world).set(await idOf(world, 'jira', DIG), { priority: { name: 'High' } });
    await (await notionHands(world)).set(await idOf(world, 'notion', DIG), { Due: { date: { start: '2026-12-01' } } });
    await expectLaws(world, [
      { title: DIG, field: 'priority', value: 'high' },
      { title: DIG, field: 'dueDate', value: '2026-12-01' },
    ]);
    const [jira, notion] = [jiraHands(world), await notionHands(world)];
    expect(await jira.field(await idOf(world, 'jira', DIG), 'duedate')).toBe('2026-12-01');
    expect(await notion.property(await idOf(world, 'notion', DIG), 'Priority')).toMatchObject({ name: 'High' });
    expect(await conflictsOf(world)).toEqual([]);
  });

  it('A04 the same new value on both sides moves the base on, with no write between them and no conflict', async () => {
    await world.people.jira.edit(await idOf(world, 'jira', ORDER), { owner: 'Dora' });
    await world.people.notion.edit(await idOf(world, 'notion', ORDER), { owner: 'Dora' });
    const before = { jira: await world.writes('jira'), notion: await world.writes('notion') };
    await expectLaws(world, [{ title: ORDER, field: 'owner', value: 'Dora' }]);
    expect({ jira: await world.writes('jira'), notion: await world.writes('notion') }).toEqual(before);
    const { itemId } = await itemTitled(world, ORDER);
    const links = await world.workspace.store.snapshot((reader) => reader.linksByItem([itemId]));
    expect(links.map(({ bases }) => bases.owner?.remote)).toEqual(['Dora', 'Dora', 'Dora', 'Dora']);
    expect(await conflictsOf(world)).toEqual([]);
  });

  it('A07 edits there and back again between two polls write nothing', async () => {
    const id = await idOf(world, 'jira', PLANT);
    await world.people.jira.edit(id, { owner: 'Someone else' });
    await world.people.jira.edit(id, { owner: 'Cleo' });
    const state = async (): Promise<unknown> => [world.text(), await world.writes('jira'), await world.writes('notion')];
    const before = await state();
    await expectLaws(world);
    expect(await state()).toEqual(before);
    expect((await itemTitled(world, PLANT)).stamps.owner?.version).toBe(1);
    expect(await conflictsOf(world)).toEqual([]);
  });

  it('A09 a label that one tool adds is there, one that another removes is gone, and the others stay', async () => {
    const [jira, notion] = [jiraHands(world), await notionHands(world)];
    const [jiraId, notionId] = [await idOf(world, 'jira', PLANT), await idOf(world, 'notion', PLANT)];
    await jira.labels(jiraId, [{ add: 'spring' }, { add: 'outdoors' }]);
    await world.rest();
    await jira.labels(jiraId, [{ add: 'urgent' }]);
    await notion.set(notionId, { Labels: { multi_select: [{ name: 'spring' }] } });
    await expectLaws(world);
    expect((await itemTitled(world, PLANT)).fields.labels).toEqual(['spring', 'urgent']);
    expect((await jira.field(jiraId, 'labels')) as string[]).toEqual(expect.arrayContaining(['spring', 'urgent']));
    expect((await jira.field(jiraId, 'labels')) as string[]).not.toContain('outdoors');
    expect(await conflictsOf(world)).toEqual([]);
  });

  it('A08 three edits of one field end as the order says, whichever is read first', async () => {
    const tools = ['jira', 'notion', 'hubspot'] as const;
    const arrivals = tools.flatMap((first) =>
      tools.filter((tool) => tool !== first).map((second) => [first, second, ...tools.filter((tool) => tool !== first && tool !== second)]),
    );
    expect(arrivals).toHaveLength(6);
    const ids = {
      jira: await idOf(world, 'jira', DIG),
      notion: await idOf(world, 'notion', DIG),
      hubspot: await idOf(world, 'hubspot', DIG),
    };
    for (const [round, order] of arrivals.entries()) {
      for (const tool of tools) await world.people[tool].edit(ids[tool], { owner: `${tool} ${round}` });
      await world.advance(5_000);
      for (const tool of order) await world.pass(tool);
      await world.rest();
      expect((await itemTitled(world, DIG)).fields.owner, order.join(', ')).toBe(`jira ${round}`);
      for (const tool of tools) expect((await world.one(tool, DIG)).fields.owner, `${order.join(', ')}: ${tool}`).toBe(`jira ${round}`);
      const lost = (await conflictsOf(world)).filter(({ field }) => field === 'owner').map(({ remoteValue }) => remoteValue);
      expect(lost, order.join(', ')).toEqual(expect.arrayContaining([`notion ${round}`, `hubspot ${round}`]));
    }
    await expectLaws(world);
    expect(world.text()).toContain(`| ${DIG} | jira 5 |`);
  });
});

describe('A. concurrent edits under other rules', () => {
  it.each([
    { first: 'jira', second: 'notion' },
    { first: 'notion', second: 'jira' },
  ] as const)('A02 the value of the tool that owns the field stands everywhere, the other stays on record: $first first', async (order) => {
    const connections = ['document', 'jira', 'notion'] as const;
    const world = await createWorld({ store: database.store(), connections, mapping: ownerBy('owner:notion') });
    await world.rest();
    await world.people.jira.edit(await idOf(world, 'jira', DIG), { owner: 'Jira says' });
    await world.people.notion.edit(await idOf(world, 'notion', DIG), { owner: 'Notion says' });
    await world.advance(5_000);
    await world.pass(order.first);
    await world.pass(order.second);
    await expectLaws(world, [
      { title: DIG, field: 'owner', value: 'Notion says' },
      { title: DIG, field: 'owner', value: 'Jira says' },
    ]);
    expect((await world.one('jira', DIG)).fields.owner).toBe('Notion says');
    expect(world.text()).toContain(`| ${DIG} | Notion says |`);
    const record = { field: 'owner', state: 'recorded', canonicalValue: 'Notion says', remoteValue: 'Jira says' };
    expect(await conflictsOf(world)).toMatchObject([record]);
  });

  it('A03 under "manual" neither side is overwritten, other fields flow, and one question opens that a person answers', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'notion'], mapping: ownerBy('manual') });
    await world.rest();
    await world.people.jira.edit(await idOf(world, 'jira', DIG), { owner: 'Jira says', metric: '50 metres' });
    await world.people.notion.edit(await idOf(world, 'notion', DIG), { owner: 'Notion says' });
    await expectLaws(world, [
      { title: DIG, field: 'owner', value: 'Jira says' },
      { title: DIG, field: 'owner', value: 'Notion says' },
      { title: DIG, field: 'metric', value: '50 metres' },
    ]);
    expect((await world.one('jira', DIG)).fields.owner).toBe('Jira says');
    expect((await world.one('notion', DIG)).fields).toMatchObject({ owner: 'Notion says', metric: '50 metres' });
    const [question, ...others] = await conflictsOf(world, 'open');
    expect([question, ...others]).toMatchObject([{ kind: 'manual', field: 'owner', connectionId: 'notion', remoteValue: 'Notion says' }]);
    await resolveConflict(world.workspace, question?.conflictId ?? '', { choice: 'remote' });
    await expectLaws(world);
    expect((await world.one('jira', DIG)).fields.owner).toBe('Notion says');
    expect(await conflictsOf(world, 'open')).toEqual([]);
  });
});

describe('A. concurrent edits and writes under way', () => {
  /** Runs `work` once, in the next update of the connection after it has been armed, before or after the tool has taken it. */
  const duringUpdate = (connector: Connector, moment: 'before' | 'after', armed: () => (() => Promise<void>) | null): Connector => {
    let isDone = false;
    const once = async (now: 'before' | 'after'): Promise<void> => {
      const work = armed();
      if (isDone || work === null || now !== moment) return;
      isDone = true;
      await work();
    };
    const update: Connector['pushes']['update'] = async (changes) => {
      await once('before');
      const outcomes = await connector.pushes.update(changes);
      await once('after');
      return outcomes;
    };
    return { ...connector, pushes: { ...connector.pushes, update } };
  };
  const armedWorld = async (watched: ConnectionId, connections: readonly ConnectionId[], moment: 'before' | 'after') => {
    let work: (() => Promise<void>) | null = null;
    const world = await createWorld({
      store: database.store(),
      connections,
      wrap: (connectionId, connector) => (connectionId === watched ? duringUpdate(connector, moment, () => work) : connector),
    });
    await world.rest();
    return { world, arm: (next: () => Promise<void>): void => void (work = next) };
  };

  it('A06 a value that changes while the one before is being sent is the last one in the tool, and the one before does not come back', async () => {
    const { world, arm } = await armedWorld('jira', ['document', 'jira', 'notion'], 'after');
    const notionId = await idOf(world, 'notion', DIG);
    await world.people.notion.edit(notionId, { owner: 'First' });
    let isSecond = false;
    // Jira has taken the first value; its answer is not on record yet.
    arm(async () => {
      isSecond = true;
      await world.people.notion.edit(notionId, { owner: 'Second' });
      await world.pass('notion');
    });
    await expectLaws(world, [{ title: DIG, field: 'owner', value: 'Second' }]);
    expect(isSecond).toBe(true);
    for (const tool of ['jira', 'notion'] as const) expect((await world.one(tool, DIG)).fields.owner).toBe('Second');
    const { itemId, stamps } = await itemTitled(world, DIG);
    expect(stamps.owner).toEqual({ version: 3, source: 'notion' });
    const ledger = await world.workspace.store.snapshot((reader) => reader.ledger({ itemId, limit: 100 }));
    const canonical = ledger.filter(({ target, operation }) => target === 'canonical' && operation === 'update');
    expect(canonical.map(({ actor, after }) => `${actor}: ${String(after.owner)}`).toSorted()).toEqual(['notion: First', 'notion: Second']);
    expect(await conflictsOf(world)).toEqual([]);
  });

  it.each(['before', 'after'] as const)('A11 a hand that edits the plan right %s a pass writes it is not clobbered', async (moment) => {
    const { world, arm } = await armedWorld('document', ['document', 'jira'], moment);
    arm(async () => world.editText((text) => text.replace('60 saplings', '75 saplings by hand')));
    await world.people.jira.edit(await idOf(world, 'jira', DIG), { owner: 'Dora' });
    await expectLaws(world, [
      { title: DIG, field: 'owner', value: 'Dora' },
      { title: ORDER, field: 'metric', value: '75 saplings by hand' },
    ]);
    expect(world.text()).toContain(`| ${DIG} | Dora |`);
    expect(world.text()).toContain('75 saplings by hand');
    expect((await world.one('jira', ORDER)).fields.metric).toBe('75 saplings by hand');
  });
});
