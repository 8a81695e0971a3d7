/** D. Polling, cursors, clocks. */
import { describe, expect, it } from 'vitest';
import { pullFull } from '@lockstep/engine/pull.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, expectLaws, itemTitled, linksOf } from './laws.ts';
import { jiraHands } from './people-jira.ts';
import { createWorld, TOOLS } from './world.ts';
import type { Tool, World } from './world.ts';

const database = useTestStore();
const DIG = 'Dig the trenches';
const ORDER = 'Order the saplings';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

describe('D. cursors', () => {
  it('D01 of two Notion edits in one minute, with a poll between, the second is found', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'notion'] });
    await world.rest();
    const id = (await world.one('notion', DIG)).id;
    const minute = Math.ceil(Date.parse(world.workspace.now()) / MINUTE_MS) * MINUTE_MS;
    const at = (seconds: number): Promise<unknown> =>
      world.admin('/clock', 'POST', { freeze: new Date(minute + seconds * 1_000).toISOString() });
    await at(10);
    await world.people.notion.edit(id, { owner: 'First' });
    await world.pass('notion');
    await world.pass('notion');
    expect((await itemTitled(world, DIG)).fields.owner).toBe('First');
    await at(40);
    await world.people.notion.edit(id, { owner: 'Second' });
    await world.pass('notion');
    expect((await itemTitled(world, DIG)).fields.owner).toBe('Second');
    await expectLaws(world, [{ title: DIG, field: 'owner', value: 'Second' }]);
  });

  it('D04 what the search index does not show yet is neither passed by the cursor nor taken back', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'hubspot'] });
    await world.rest();
    const ids = { jira: (await world.one('jira', DIG)).id, hubspot: (await world.one('hubspot', ORDER)).id };
    await world.admin('/settings', 'POST', { indexLagMs: 50_000 });
    // A hand's edits, and writes of ours that the next listing shows as they were before.
    await world.people.jira.edit(ids.jira, { metric: '50 metres' });
    await world.people.hubspot.edit(ids.hubspot, { metric: '65 saplings' });
    world.editText((text) => text.replace(`${DIG} | Ann + Bo`, `${DIG} | Dora`).replace(`${ORDER} | Bo`, `${ORDER} | Emil`));
    await world.pass('document');
    for (let poll = 0; poll < 3; poll += 1) {
      for (const tool of ['jira', 'hubspot'] as const) await world.pass(tool);
      expect((await itemTitled(world, DIG)).fields.owner).toBe('Dora');
      expect((await itemTitled(world, ORDER)).fields.owner).toBe('Emil');
      await world.advance(10_000);
    }
    await world.advance(50_000);
    await expectLaws(world, [
      { title: DIG, field: 'owner', value: 'Dora' },
      { title: DIG, field: 'metric', value: '50 metres' },
      { title: ORDER, field: 'owner', value: 'Emil' },
      { title: ORDER, field: 'metric', value: '65 saplings' },
    ]);
    expect((await itemTitled(world, DIG)).fields).toMatchObject({ owner: 'Dora', metric: '50 metres' });
    expect((await itemTitled(world, ORDER)).fields).toMatchObject({ owner: 'Emil', metric: '65 saplings' });
    expect(await conflictsOf(world)).toEqual([]);
  });

  it('D06 a scan whose page token has run out begins anew, and nothing is taken for deleted', async () => {
    const world = await createWorld({ store: database.store(), connections: ['jira', 'hubspot'] });
    const jira = jiraHands(world);
    await jira.makeMany(Array.from({ length: 120 }, (_, index) => `Task ${index}`));
    await world.rest();
    expect((await linksOf(world, 'hubspot')).filter(({ state }) => state === 'linked')).toHaveLength(120);
    for (let scan = 0; scan < 3; scan += 1) {
      expect((await pullFull(world.run('jira'))).more).toBe(true);
      // What lay behind the token moves while nobody looks: it is another listing when the scan goes on.
      await world.people.jira.edit((await jira.idsOf(`Task ${scan}`))[0] ?? '', { owner: `Dora ${scan}` });
      await world.advance(8 * DAY_MS);
      await expect(pullFull(world.run('jira'))).rejects.toMatchObject({ code: 'CursorInvalid' });
    }
    for (const link of await linksOf(world, 'jira')) expect(link).toMatchObject({ state: 'linked', missedScans: 0 });
    await expectLaws(world, [{ title: 'Task 2', field: 'owner', value: 'Dora 2' }]);
    expect((await linksOf(world, 'hubspot')).filter(({ state }) => state === 'linked')).toHaveLength(120);
    const deletes = await world.admin<{ deletes: number }>('/counts?account=lockstep');
    expect(deletes.deletes).toBe(0);
  });

  it('D07 an edit that no time stamp tells of is found by the scan of everything', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'notion'] });
    await world.rest();
    const id = (await world.one('notion', DIG)).id;
    const now = Date.parse(world.workspace.now());
    // The edit bears a time long before the cursor's: no feed of changes will ever show it.
    await world.admin('/clock', 'POST', { freeze: new Date(now - 3 * DAY_MS).toISOString() });
    await world.people.notion.edit(id, { owner: 'Unseen' });
    await world.admin('/clock', 'POST', { freeze: null });
    await world.rest();
    expect((await itemTitled(world, DIG)).fields.owner).toBe('Ann + Bo');
    await world.pass('notion', { full: true });
    expect((await itemTitled(world, DIG)).fields.owner).toBe('Unseen');
    await expectLaws(world, [{ title: DIG, field: 'owner', value: 'Unseen' }]);
    expect(world.text()).toContain(`| ${DIG} | Unseen |`);
  });
});

describe('D. clocks', () => {
  /** The same edits in every world; what stands in the end, and what is on record. */
  async function play(errorsMs: readonly [number, number, number]): Promise<unknown> {
    let errorMs = errorsMs[0];
    const world = await createWorld({ store: database.store(), clockErrorMs: () => errorMs });
    await world.rest();
    const edit = async (tool: Tool, title: string, owner: string): Promise<void> =>
      world.people[tool].edit((await world.one(tool, title)).id, { owner });
    await edit('notion', DIG, 'Notion 1');
    await edit('jira', DIG, 'Jira 1');
    await world.advance(5_000);
    await world.admin('/settings', 'POST', { indexLagMs: 30_000 });
    for (const tool of TOOLS) await world.pass(tool);
    // The clock jumps right after our writes, while listings still show what was there before.
    errorMs = errorsMs[1];
    for (const tool of TOOLS) await world.pass(tool);
    await world.admin('/settings', 'POST', { indexLagMs: null });
    await world.advance(31_000);
    await edit('hubspot', ORDER, 'HubSpot 2');
    await edit('notion', ORDER, 'Notion 2');
    errorMs = errorsMs[2];
    await expectLaws(world);
    return { items: await outcomeOf(world), text: world.text(), conflicts: await lostOf(world) };
  }

  const outcomeOf = async (world: World): Promise<unknown> =>
    Promise.all(
      [DIG, ORDER].map(async (title) => [title, (await itemTitled(world, title)).fields.owner, (await itemTitled(world, title)).stamps]),
    );
  const lostOf = async (world: World): Promise<readonly string[]> =>
    (await conflictsOf(world))
      .map(({ field, canonicalValue, remoteValue }) => `${field}: ${String(canonicalValue)}, not ${String(remoteValue)}`)
      .toSorted();

  it('D05 ten minutes fast, or jumping there and back, our clock changes no result', async () => {
    const right = await play([0, 0, 0]);
    expect(right).toMatchObject({
      items: [
        [DIG, 'Jira 1', expect.anything()],
        [ORDER, 'Notion 2', expect.anything()],
      ],
      conflicts: ['owner: Jira 1, not Notion 1', 'owner: Notion 2, not HubSpot 2'],
    });
    expect(await play([10 * MINUTE_MS, 10 * MINUTE_MS, 10 * MINUTE_MS])).toEqual(right);
    expect(await play([0, 10 * MINUTE_MS, -60 * MINUTE_MS])).toEqual(right);
  });
});
