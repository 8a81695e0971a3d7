/** I. Content, formats, limits: what people write reaches every tool as far as the tool can show it, and comes back unharmed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain } from '@lockstep/engine/why.ts';
import { ask } from '@lockstep/launcher/people/person.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, everyRecord, expectLaws, itemTitled } from './laws.ts';
import { jiraHands } from './people-jira.ts';
import { notionHands } from './people-notion.ts';
import { createWorld, TOOLS } from './world.ts';
import type { Tool, World } from './world.ts';

const database = useTestStore();
const DIG = 'Dig the trenches';
const ORDER = 'Order the saplings';
const PLANT = 'Plant the saplings';
const PICK = 'Pick the apples';
const MARIA = { authorization: 'Bearer pat-na1-maria' };
const OMAR = { authorization: 'Bearer ntn_omar', 'notion-version': '2026-03-11' };

const idOf = async (world: World, tool: Tool, title: string): Promise<string> => (await world.one(tool, title)).id;

interface Run {
  readonly type: string;
  readonly plain_text: string;
}

async function runsOf(world: World, title: string, property: string): Promise<readonly Run[]> {
  return (await (await notionHands(world)).property(await idOf(world, 'notion', title), property)) as readonly Run[];
}

async function inHubSpot(world: World, title: string, property: string): Promise<string> {
  const url = `${world.simulator.urls.hubspot}/crm/objects/2026-03/tasks/${await idOf(world, 'hubspot', title)}?properties=${property}`;
  return (await ask<{ properties: Record<string, string> }>(url, { headers: MARIA })).properties[property] ?? '';
}

async function writeInHubSpot(world: World, title: string, properties: Readonly<Record<string, string>>): Promise<void> {
  const url = `${world.simulator.urls.hubspot}/crm/objects/2026-03/tasks/${await idOf(world, 'hubspot', title)}`;
  await ask(url, { method: 'PATCH', headers: MARIA, body: { properties } });
}

/** So many characters; graphemes of several units lie across the borders of 2,000. */
const longText = (length: number, word = '👩‍👩‍👧‍👦 word '): string => word.repeat(Math.floor((length - 1) / word.length)).padEnd(length, 'x');

describe('I. content in four tools', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ store: database.store(), keep: true });
    await world.rest();
  });
  afterAll(() => world.close());

  it('I04 joined emoji, combining marks and right-to-left text survive four tools, and an edit in each, equal in NFC', async () => {
    const odd = '👩‍👩‍👧‍👦 🏳️‍🌈 Åe\u0301 שלום عربى \u200f\u202e 𝒳';
    world.editText((plan) => plan.replace('58 of 60 alive', odd));
    await expectLaws(world, [{ title: PLANT, field: 'metric', value: odd }]);
    let expected = odd.normalize('NFC');
    for (const tool of TOOLS) {
      const { fields } = await world.one(tool, PLANT);
      expect(fields.metric?.normalize('NFC'), tool).toBe(expected);
      expected = `${expected} ${tool} 👨🏽‍🚀`;
      await world.people[tool].edit(await idOf(world, tool, PLANT), { metric: expected });
      await expectLaws(world, [{ title: PLANT, field: 'metric', value: expected }]);
    }
    expect(world.text().normalize('NFC')).toContain(`| ${expected} |`);
  });

  it.for([
    ['NUL', 'a\0b'],
    ['half a surrogate pair', 'a\ud83db'],
  ] as const)('I04 %s is refused with the field that it stands in: a person is told, and all else goes on', async ([, bad]) => {
    await writeInHubSpot(world, ORDER, { lockstep_owner: bad, lockstep_metric: `61 ${bad.codePointAt(1)}` });
    await world.people.hubspot.edit(await idOf(world, 'hubspot', PICK), { metric: `121 ${bad.codePointAt(1)}` });
    await world.rest();
    const { fields, itemId } = await itemTitled(world, ORDER);
    expect([fields.owner, fields.metric]).toEqual(['Bo', `61 ${bad.codePointAt(1)}`]);
    expect((await itemTitled(world, PICK)).fields.metric).toBe(`121 ${bad.codePointAt(1)}`);
    expect(await conflictsOf(world, 'open')).toContainEqual(
      expect.objectContaining({ connectionId: 'hubspot', itemId, field: 'owner', message: expect.stringContaining('NUL') }),
    );
    await writeInHubSpot(world, ORDER, { lockstep_owner: 'Bo' });
    await expectLaws(world);
  });

  it('I05 markup in a title and in a body is inert text in HubSpot', async () => {
    const hostile = '<script>alert(1)</script> <img src=x onerror=alert(2)> <a href="javascript:alert(3)">x</a> [y](javascript:alert(4))';
    const jira = jiraHands(world);
    const paragraph = { type: 'paragraph', content: [{ type: 'text', text: hostile }] };
    await jira.set(await idOf(world, 'jira', DIG), {
      description: { version: 1, type: 'doc', content: [paragraph] },
      summary: `Dig ${hostile}`,
    });
    await expectLaws(world, [{ title: `Dig ${hostile}`, field: 'description', value: hostile }]);
    const body = await inHubSpot(world, `Dig ${hostile}`, 'hs_task_body');
    expect(body.match(/<\/?[a-z][^>]*>/gi)).toEqual(['<p>', '</p>']);
    expect(await inHubSpot(world, `Dig ${hostile}`, 'hs_task_subject')).toBe(`Dig ${hostile}`);
    await jira.set(await idOf(world, 'jira', `Dig ${hostile}`), { description: null, summary: DIG });
    await expectLaws(world);
  });

  it("I07 a page's blocks, and runs that text cannot express, are carried unchanged through edits in every tool", async () => {
    const id = await idOf(world, 'notion', PICK);
    const blocks = `${world.simulator.urls.notion}/v1/blocks/${id}/children`;
    const text = (content: string): unknown => [{ type: 'text', text: { content } }];
    await ask(blocks, {
      method: 'PATCH',
      headers: OMAR,
      body: {
        children: [
          {
            type: 'toggle',
            toggle: { rich_text: text('How'), children: [{ type: 'to_do', to_do: { rich_text: text('a'), checked: true } }] },
          },
          { type: 'equation', equation: { expression: 'e=mc^2' } },
          { type: 'bookmark', bookmark: { url: 'https://example.com' } },
          { type: 'table_of_contents', table_of_contents: {} },
        ],
      },
    });
    const mention = { type: 'mention', mention: { page: { id: await idOf(world, 'notion', DIG) } } };
    const rich = [...(text('See ') as []), mention, ...(text(' before ') as []), { type: 'equation', equation: { expression: 'x^2' } }];
    await (await notionHands(world)).set(id, { Description: { rich_text: rich } });
    await expectLaws(world);
    const before = await ask<{ results: unknown }>(blocks, { headers: OMAR });
    await world.people.jira.edit(await idOf(world, 'jira', PICK), { owner: 'Dora' });
    const body = await inHubSpot(world, PICK, 'hs_task_body');
    await writeInHubSpot(world, PICK, { hs_task_body: body.replace('before', 'long before') });
    await expectLaws(world);
    expect((await ask<{ results: unknown }>(blocks, { headers: OMAR })).results).toEqual(before.results);
    const runs = await runsOf(world, PICK, 'Description');
    expect(runs.map(({ type }) => type)).toEqual(['text', 'mention', 'text', 'equation']);
    expect(runs[2]?.plain_text).toBe(' long before ');
  });
});

describe('I. long text', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ store: database.store(), connections: ['document', 'notion', 'hubspot'], keep: true });
    await world.rest();
  });
  afterAll(() => world.close());

  it('I03 65,537 characters are clipped for HubSpot, on record with a link to the whole; the clip is not imported, its edit keeps the unseen end', async () => {
    const whole = `${'word '.repeat(13_106)}the end`;
    expect(whole).toHaveLength(65_537);
    const content = (whole.match(/.{1,2000}/gs) ?? []).map((part) => ({ text: { content: part } }));
    await (await notionHands(world)).set(await idOf(world, 'notion', PICK), { Dependencies: { rich_text: content } });
    await expectLaws(world, [{ title: PICK, field: 'dependencies', value: whole }]);
    const shown = await inHubSpot(world, PICK, 'lockstep_dependencies');
    expect([whole.startsWith(shown), shown.length]).toEqual([true, 65_533]);
    const { itemId } = await itemTitled(world, PICK);
    const why = await explain(world.workspace, itemId);
    expect(why?.conflicts).toContainEqual(
      expect.objectContaining({
        connectionId: 'hubspot',
        field: 'dependencies',
        state: 'recorded',
        message: expect.stringContaining('65537'),
      }),
    );
    expect(why?.links.find(({ connectionId }) => connectionId === 'notion')?.url).toMatch(/^https?:/);
    expect(why?.ledger).toContainEqual(
      expect.objectContaining({ target: 'hubspot', after: expect.objectContaining({ dependencies: whole }) }),
    );
    await writeInHubSpot(world, PICK, { lockstep_dependencies: shown.replace('word', 'First') });
    await expectLaws(world);
    expect((await itemTitled(world, PICK)).fields.dependencies).toBe(whole.replace('word', 'First'));
  });

  it.for([
    ['2,001', DIG, longText(2_001)],
    ['4,000', ORDER, longText(4_000)],
    // As many as Notion takes: no run to spare.
    ['200,000', PLANT, longText(200_000, 'wörd ')],
  ] as const)('I01 %s characters are split between graphemes in Notion and rejoin exactly', async ([, title, text]) => {
    const { definitionOfDone } = (await itemTitled(world, title)).fields;
    world.editText((plan) => plan.replace(String(definitionOfDone), text));
    await expectLaws(world, [{ title, field: 'definitionOfDone', value: text }]);
    const runs = (await runsOf(world, title, 'Definition of done')).map(({ plain_text }) => plain_text);
    expect(runs.join('')).toBe(text);
    expect(Math.max(...runs.map(({ length }) => length))).toBeLessThanOrEqual(2_000);
    const graphemes = new Set([...new Intl.Segmenter().segment(text), { index: text.length }].map(({ index }) => index));
    let border = 0;
    expect(runs.filter(({ length }) => !graphemes.has((border += length)))).toEqual([]);
  });
});

describe('I. the document', () => {
  const PLAN = `---
title: Orchard
tags: [a, "b"]
---

# Orchard: plan

1. First
   - nested
     * deeper
       1) deepest
2. Second

\`\`\`md
- [ ] not an item
| Phase | Task | Owner |
|---|---|---|
| **Phase 1** | Not a task | Nobody |
\`\`\`

~~~
## Not a heading
~~~

| A | B \\| C |
|:--|--:|
| 1 | \`x \\| y\` |

## Phases

### Phase 1: Roots
**Objective:** The ground is ready.\x20\x20

## Backlog

| Phase | Task | Owner | Dependencies | Definition of Done | Metric |
|-------|------|-------|--------------|--------------------|--------|
| **Phase 1** | Dig the trenches | Ann + Bo |  | A spade **deep** | 40 metres |
`;

  it('I08 nested lists, fences that hold lists and tables, tables and front matter keep every byte; an edit changes its own bytes alone', async () => {
    const world = await createWorld({ store: database.store(), plan: PLAN, connections: ['document', 'notion'] });
    await expectLaws(world);
    expect(world.text()).toBe(PLAN);
    expect((await everyRecord(world, 'notion')).map(({ fields }) => fields.title)).not.toContain('Not a task');
    await world.people.notion.edit(await idOf(world, 'notion', DIG), { metric: '55 metres' });
    await expectLaws(world, [{ title: DIG, field: 'metric', value: '55 metres' }]);
    expect(world.text()).toBe(PLAN.replace('40 metres', '55 metres'));
  });
});
