/** B. Echo and loops: what we have written comes back, and is known by its value. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { hooksOf } from './hooks.ts';
import { conflictsOf, expectLaws, itemTitled, linksOf } from './laws.ts';
import { jiraHands } from './people-jira.ts';
import { notionHands, words } from './people-notion.ts';
import { createWorld, TOOLS } from './world.ts';
import type { World } from './world.ts';

const database = useTestStore();
const DIG = 'Dig the trenches';
const ORDER = 'Order the saplings';
const PLANT = 'Plant the saplings';
const PICK = 'Pick the apples';
const WEEK_MS = 7 * 86_400_000;

describe('B. echo', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ store: database.store(), keep: true });
    await world.rest();
  });
  afterAll(() => world.close());
  const writesOf = async (): Promise<Readonly<Record<string, number>>> =>
    Object.fromEntries(await Promise.all(TOOLS.map(async (tool) => [tool, await world.writes(tool)] as const)));

  it.each([
    { when: 'at once', laterMs: 0 },
    { when: 'a week late', laterMs: WEEK_MS },
  ])('B01 the webhook of our own write is nobody’s edit when it comes $when, and a hand in the same moment is', async ({ laterMs }) => {
    const hooks = await hooksOf(world, 'jira');
    const owner = `Dora ${laterMs}`;
    await world.people.notion.edit((await world.one('notion', DIG)).id, { owner });
    await world.pass('notion');
    await world.pass('jira');
    const ours = await hooks.arrived(1);
    await world.rest();
    await world.advance(laterMs);
    const before = [await writesOf(), (await itemTitled(world, DIG)).stamps];
    expect(await hooks.handOver(ours)).toBeGreaterThan(0);
    await world.rest();
    expect([await writesOf(), (await itemTitled(world, DIG)).stamps]).toEqual(before);
    // The next event of the same record, with no time in between, is Maria's.
    await world.people.jira.edit((await world.one('jira', DIG)).id, { metric: `${laterMs} metres` });
    await hooks.handOver(
      ours.map((delivery, index) => ({
        ...delivery,
        headers: { ...delivery.headers, 'x-atlassian-webhook-identifier': `again-${laterMs}-${index}` },
      })),
    );
    await world.pass('jira');
    expect((await itemTitled(world, DIG)).fields).toMatchObject({ owner, metric: `${laterMs} metres` });
    await expectLaws(world, [{ title: DIG, field: 'owner', value: owner }]);
    expect(await conflictsOf(world)).toEqual([]);
  });

  it('B02 of one Notion event for our write and a hand’s edit, only the hand’s field goes on', async () => {
    const hooks = await hooksOf(world, 'notion');
    const [jiraId, notionId] = [(await world.one('jira', ORDER)).id, (await world.one('notion', ORDER)).id];
    await world.people.jira.edit(jiraId, { owner: 'Emil' });
    await world.advance(5_000);
    await world.pass('jira');
    await world.pass('notion');
    await (await notionHands(world)).set(notionId, { Metric: words('61 saplings') });
    const [, merged] = await hooks.arrived(2);
    const before = await writesOf();
    const stamps = (await itemTitled(world, ORDER)).stamps;
    await hooks.handOver(merged === undefined ? [] : [merged]);
    await world.pass('notion');
    expect((await itemTitled(world, ORDER)).stamps).toEqual({ ...stamps, metric: { version: 2, source: 'notion' } });
    await expectLaws(world, [
      { title: ORDER, field: 'owner', value: 'Emil' },
      { title: ORDER, field: 'metric', value: '61 saplings' },
    ]);
    const after = await writesOf();
    expect({ jira: (after['jira'] ?? 0) - (before['jira'] ?? 0), notion: (after['notion'] ?? 0) - (before['notion'] ?? 0) }).toEqual({
      jira: 1,
      notion: 0,
    });
    expect(world.text()).toContain(`| ${ORDER} | Emil |`);
    expect(world.text()).toContain('61 saplings');
  });

  it('B04 a value that Jira stores in a form of its own is the base, and is written once', async () => {
    const notionId = (await world.one('notion', PLANT)).id;
    // Jira takes the blanks off a summary; it joins runs of text and drops empty ones.
    await (
      await notionHands(world)
    ).set(notionId, {
      Name: { title: [{ text: { content: `${PLANT} well ` } }] },
      Metric: {
        rich_text: [
          { text: { content: '58 of ' } },
          { text: { content: '60' }, annotations: { bold: true } },
          { text: { content: ' alive' } },
        ],
      },
    });
    const before = await world.writes('jira');
    await world.rest();
    const afterOnce = await world.writes('jira');
    expect(afterOnce).toBeGreaterThan(before);
    await expectLaws(world);
    expect(await world.writes('jira')).toBe(afterOnce);
    const shown = await world.one('jira', `${PLANT} well`);
    const link = (await linksOf(world, 'jira')).find(({ remoteId }) => remoteId === shown.id);
    expect(link?.bases.title?.remote).toBe(`${PLANT} well`);
    expect(await jiraHands(world).field(shown.id, 'summary')).toBe(`${PLANT} well`);
    // Its author's blank is not taken away in Notion, for nobody has edited it.
    expect(await (await notionHands(world)).property(notionId, 'Name')).toMatchObject([{ plain_text: `${PLANT} well ` }]);
    expect(await conflictsOf(world)).toEqual([]);
  });

  it('B06 an edit of a field that four connections hold costs three writes, and then nothing', async () => {
    const before = await writesOf();
    const text = world.text();
    await world.people.hubspot.edit((await world.one('hubspot', PICK)).id, { owner: 'Fay' });
    await expectLaws(world, [{ title: PICK, field: 'owner', value: 'Fay' }]);
    const after = await writesOf();
    expect(Object.fromEntries(TOOLS.map((tool) => [tool, (after[tool] ?? 0) - (before[tool] ?? 0)]))).toEqual({
      jira: 1,
      notion: 1,
      hubspot: 0,
    });
    expect(world.text()).toBe(text.replace(`| ${PICK} | Ann |`, `| ${PICK} | Fay |`));
    const { itemId } = await itemTitled(world, PICK);
    const ledger = await world.workspace.store.snapshot((reader) => reader.ledger({ itemId, limit: 100 }));
    expect(
      ledger
        .filter(({ after: values }) => values.owner === 'Fay')
        .map(({ target }) => target)
        .toSorted(),
    ).toEqual(['canonical', 'document', 'jira', 'notion']);
  });
});
