/** E. Creation, crash, exactly once: a process that dies at the worst moments, on real tools over HTTP, whose search indexes lag. */
import { describe, expect, it, test } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, everyItem, everyRecord, expectLaws, itemTitled, linksOf } from './laws.ts';
import type { PersonsEdit } from './laws.ts';
import { Killed, Mortal } from './mortal.ts';
import { jiraHands } from './people-jira.ts';
import { createWorld, TOOLS } from './world.ts';
import type { Tool, World } from './world.ts';

const database = useTestStore();
const TITLE = 'Dig the trenches';

/** The plan and one tool whose index lags for a minute, kept by a process that can be killed. */
async function mortalWorld(tool: Tool): Promise<{ readonly world: World; readonly mortal: Mortal }> {
  const mortal = new Mortal();
  const store = mortal.store(database.store());
  const world = await createWorld({ store, connections: ['document', tool], wrap: mortal.wrap });
  await world.admin('/settings', 'POST', { indexLagMs: 60_000 });
  return { world, mortal };
}

/** The index catches up; then everything is held against the laws. */
async function expectLawsOnceIndexed(world: World, edits: readonly PersonsEdit[] = []): Promise<void> {
  await world.admin('/settings', 'POST', { indexLagMs: null });
  await world.advance(60_000);
  await expectLaws(world, edits);
}

const creates = async (world: World, tool: Tool): Promise<number> =>
  (await world.admin<{ creates: number }>(`/counts?tool=${tool}&account=lockstep`)).creates;

/** What the tool holds for the plan: its tasks, and with Jira and Notion its phases. */
const expected = async (world: World, tool: Tool): Promise<number> => {
  const connector = world.run(tool).connection.connector;
  return [...(await everyItem(world)).values()].filter(({ kind }) => connector.mappedFields(kind).length > 0).length;
};

describe('E. creation', () => {
  test.for(TOOLS)(
    'E01 the process dies after %s has made the records and before their ids are stored: they are found and linked',
    async (tool) => {
      const { world, mortal } = await mortalWorld(tool);
      await world.pass('document');
      mortal.kill(tool, 'create', 'after');
      await expect(world.pass(tool)).rejects.toThrow(Killed);
      const made = await creates(world, tool);
      expect(made).toBeGreaterThan(0);
      mortal.restart();
      expect(await linksOf(world, tool)).toEqual([]);
      // At once: no search shows them yet.
      await world.pass(tool);
      await world.rest();
      await expectLawsOnceIndexed(world);
      expect(await creates(world, tool)).toBe(await expected(world, tool));
    },
  );

  test.for(TOOLS)('E05 the process dies between the state and the sending to %s: it is sent once', async (tool) => {
    const { world, mortal } = await mortalWorld(tool);
    await world.pass('document');
    mortal.kill(tool, 'create', 'before');
    await expect(world.pass(tool)).rejects.toThrow(Killed);
    expect(await creates(world, tool)).toBe(0);
    mortal.restart();
    await world.pass(tool);
    await expectLawsOnceIndexed(world);
    expect(await creates(world, tool)).toBe(await expected(world, tool));
  });

  test.for(TOOLS)('E06 the process dies between the sending to %s and the mark: the write is verified, not sent again', async (tool) => {
    const { world, mortal } = await mortalWorld(tool);
    await world.rest();
    world.editText((text) => text.replace('40 metres', '55 metres'));
    await world.pass('document');
    const before = await world.writes(tool);
    mortal.kill(tool, 'update', 'after');
    await expect(world.pass(tool)).rejects.toThrow(Killed);
    mortal.restart();
    const sent = mortal.calls.update;
    await world.pass(tool);
    await expectLawsOnceIndexed(world, [{ title: TITLE, field: 'metric', value: '55 metres' }]);
    expect([mortal.calls.update - sent, (await world.writes(tool)) - before]).toEqual([0, 1]);
  });

  it.for(['lose-answer', 'cut'])(
    'E01 J10 the answer to a create is lost (%s): what it made is linked, and nothing is made twice',
    async (kind) => {
      const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'notion'] });
      await world.admin('/settings', 'POST', { indexLagMs: 60_000 });
      await world.fault({ tool: 'jira', match: { method: 'POST', path: '/issue/bulk$' }, action: { kind } });
      await world.fault({ tool: 'notion', match: { method: 'POST', path: '/v1/pages$' }, times: 2, action: { kind } });
      await world.rest();
      await expectLawsOnceIndexed(world);
      for (const tool of ['jira', 'notion'] as const) expect(await creates(world, tool)).toBe(await expected(world, tool));
      expect(await world.admin('/faults')).toEqual({ waiting: 0, holding: 0 });
    },
  );

  it('E08 what is on both sides before the first run is matched by title and parent; what is ambiguous is listed, and nothing is doubled', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira'] });
    const maria = jiraHands(world);
    const phase = await maria.make({ summary: 'Phase 1: Roots (Weeks 1–4)', issuetype: { name: 'Epic' } });
    const one = await maria.make({ summary: TITLE, parent: { id: phase } });
    const twins = [await maria.make({ summary: 'Order the saplings', parent: { id: phase } })];
    twins.push(await maria.make({ summary: 'Order the saplings', parent: { id: phase } }));
    await world.advance(2_000);
    await world.rest();
    const links = new Map((await linksOf(world, 'jira')).map((link) => [link.itemId, link.remoteId]));
    expect(links.get((await itemTitled(world, TITLE)).itemId)).toBe(one);
    const titled = async (title: string): Promise<number> =>
      (await everyRecord(world, 'jira')).filter(({ fields }) => fields.title === title).length;
    expect([await titled(TITLE), await titled('Order the saplings')]).toEqual([1, 2]);
    const listed = async (): Promise<readonly (string | null)[]> =>
      (await conflictsOf(world, 'open')).filter(({ kind }) => kind === 'ambiguous-match').map(({ remoteId }) => remoteId);
    expect(new Set(await listed())).toEqual(new Set(twins));
    // She says which is which by giving the other one a name of its own.
    await maria.set(twins[1] ?? '', { summary: 'Order more saplings' });
    await world.advance(2_000);
    await world.rest({ full: true });
    await expectLaws(world);
    expect([await titled('Order the saplings'), await titled('Order more saplings'), await listed()]).toEqual([1, 1, []]);
    expect(world.text().match(/\| Order the saplings \|/g)).toHaveLength(1);
  });
});
